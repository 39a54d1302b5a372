// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/decoder/decoder_tensors.h"
#include "core/decoder/ops/products_tensors.h"

#include <ATen/ATen.h>
#include <ATen/TensorIndexing.h>
#include <c10/core/GradMode.h>

#include <algorithm>

namespace pissarro::core {

namespace {

// The new tokens of a batch on one flat axis, and where they go in the cache.
struct NewTokens {
    NewTokens(const std::vector<std::vector<std::int32_t>>& ids,
              const std::vector<std::int64_t>& before, at::ScalarType type, at::Device device)
    {
        std::vector<std::int64_t> flat;
        std::vector<std::int64_t> rows;
        std::vector<std::int64_t> positions;
        std::vector<std::int64_t> last;
        for (std::size_t row = 0; row < ids.size(); ++row) {
            const auto added = static_cast<std::int64_t>(ids[row].size());
            segments.push_back({static_cast<std::int64_t>(flat.size()), added});
            fresh = fresh && before[row] == 0;
            single = single && added == 1;
            longest = std::max(longest, before[row] + added);
            for (std::int64_t i = 0; i < added; ++i) {
                rows.push_back(static_cast<std::int64_t>(row));
                positions.push_back(before[row] + i);
            }
            flat.insert(flat.end(), ids[row].begin(), ids[row].end());
            last.push_back(static_cast<std::int64_t>(flat.size()) - 1);
        }
        count = static_cast<std::int64_t>(flat.size());
        if (count > kThinRows) { // a shape for each number of tokens would be kept
            padding = productRows(count, type, device) - count;
            flat.resize(static_cast<std::size_t>(count + padding), flat.front());
            positions.resize(flat.size(), 0);
        }
        const auto upload = [&](const std::vector<std::int64_t>& values) {
            return at::tensor(values, at::TensorOptions().dtype(at::kLong)).to(device);
        };
        ids_N = upload(flat);
        rows_R = upload(rows);
        positions_N = upload(positions);
        places_R = positions_N.narrow(0, 0, count);
        last_B = upload(last);
    }

    // What was attended to, with zeros for the padding.
    at::Tensor withPadding(const at::Tensor& y_NC) const
    {
        if (padding == 0) {
            return y_NC;
        }
        return at::constant_pad_nd(y_NC.narrow(0, 0, count), {0, 0, 0, padding});
    }

    at::Tensor ids_N; // `count` of the sequences, then `padding`, so that N suits product()
    at::Tensor positions_N;
    at::Tensor rows_R; // of each that counts, its sequence
    at::Tensor places_R; // and its position there
    at::Tensor last_B; // flat index of each sequence's last token
    std::vector<Segment> segments; // of the sequences
    std::int64_t count = 0;
    std::int64_t padding = 0;
    std::int64_t longest = 0; // tokens of the longest sequence, the new ones included
    bool fresh = true; // nothing is cached yet
    bool single = true; // one new token each
};

// Room for `length` tokens of each sequence, doubled when it is full. [B, kvHeads, capacity, headDim]
void grow(at::Tensor& kept, std::int64_t length, const at::IntArrayRef& shape,
          const at::TensorOptions& options)
{
    if (kept.defined() && kept.size(2) >= length) {
        return;
    }
    // Zeros, not what the memory held: keys behind a sequence's end are masked, but NaN times 0 is NaN.
    at::Tensor larger =
        at::zeros({shape[0], shape[1], std::max<std::int64_t>(2 * length, 64), shape[2]}, options);
    if (kept.defined()) {
        larger.narrow(2, 0, kept.size(2)).copy_(kept);
    }
    kept = larger;
}

// Several new tokens of sequences that have some already: one sequence after the other.
at::Tensor attentionOfChunks(const at::Tensor& q_NHD, const KvCache& cache, std::size_t layer,
                             const std::vector<Segment>& segments, const AttentionShape& shape)
{
    at::Tensor y_NC = at::empty({q_NHD.size(0), shape.heads * shape.headDim}, q_NHD.options());
    for (std::size_t row = 0; row < segments.size(); ++row) {
        const Segment& segment = segments[row];
        const auto keptOf = [&](const std::vector<at::Tensor>& side) {
            return side[layer][static_cast<std::int64_t>(row)].narrow(1, 0, cache.lengths[row]);
        };
        y_NC.narrow(0, segment.offset, segment.length)
            .copy_(attentionCached(q_NHD.narrow(0, segment.offset, segment.length),
                                   keptOf(cache.keys), keptOf(cache.values), shape));
    }
    return y_NC;
}

} // namespace

void KvCache::keep(const std::vector<std::int64_t>& rows)
{
    std::vector<std::int64_t> left;
    for (const std::int64_t row : rows) {
        left.push_back(lengths[static_cast<std::size_t>(row)]);
    }
    lengths = std::move(left);
    for (std::vector<at::Tensor>* side : {&keys, &values}) {
        for (at::Tensor& kept : *side) {
            kept = kept.index_select(
                0, at::tensor(rows, at::TensorOptions().dtype(at::kLong)).to(kept.device()));
        }
    }
}

at::Tensor Decoder::feed(const std::vector<std::vector<std::int32_t>>& ids, KvCache& cache,
                         const JobContext& job) const
{
    const c10::NoGradGuard noGrad;
    const ModelConfig& c = config();
    const auto sequences = static_cast<std::int64_t>(ids.size());
    if (cache.lengths.empty()) {
        cache.lengths.assign(ids.size(), 0);
    }
    if (cache.lengths.size() != ids.size()
        || std::any_of(ids.begin(), ids.end(), [](const auto& one) { return one.empty(); })) {
        throw Error(ErrorKind::Internal, "each sequence of the cache takes at least one token");
    }
    const NewTokens tokens(ids, cache.lengths, m_type, m_device);
    rotary(tokens.longest);
    cache.keys.resize(m_layers.size());
    cache.values.resize(m_layers.size());
    const std::int64_t qWidth = c.heads * c.headDim;
    const std::int64_t kvWidth = c.kvHeads * c.headDim;
    for (std::size_t row = 0; row < ids.size(); ++row) {
        cache.lengths[row] += tokens.segments[row].length;
    }
    at::Tensor x_ND = embed(tokens.ids_N);
    for (std::size_t i = 0; i < m_layers.size(); ++i) {
        job.throwIfCancelled();
        const DecoderLayer& layer = m_layers[i];
        at::Tensor qkv_NC =
            layer.qkv.forward(rmsNorm(x_ND, layer.inputNorm.w_D, c.rmsEpsilon, c.normOffset).y_ND);
        rotate(qkv_NC, tokens.positions_N, m_rotary, c.heads + c.kvHeads, 1.0);
        const auto headsOf = [&](std::int64_t first, std::int64_t heads) {
            return qkv_NC.narrow(0, 0, tokens.count)
                .narrow(1, first, heads * c.headDim)
                .unflatten(1, {heads, c.headDim});
        };
        const auto store = [&](at::Tensor& kept, std::int64_t first) {
            grow(kept, tokens.longest, {sequences, c.kvHeads, c.headDim}, qkv_NC.options());
            kept.index_put_({tokens.rows_R, at::indexing::Slice(), tokens.places_R},
                            headsOf(first, c.kvHeads));
        };
        store(cache.keys[i], qWidth);
        store(cache.values[i], qWidth + kvWidth);
        at::Tensor y_NC;
        if (tokens.fresh) {
            y_NC = attention(qkv_NC, tokens.segments, attentionShape(layer)).y_NC;
        } else if (tokens.single) {
            y_NC = attentionOfOne(headsOf(0, c.heads), cache.keys[i], cache.values[i],
                                  cache.lengths, attentionShape(layer));
        } else {
            y_NC = attentionOfChunks(headsOf(0, c.heads), cache, i, tokens.segments,
                                     attentionShape(layer));
        }
        y_NC = tokens.withPadding(y_NC);
        const at::Tensor middle_ND = layer.o.forward(y_NC, x_ND);
        const at::Tensor normed =
            rmsNorm(middle_ND, layer.mlpNorm.w_D, c.rmsEpsilon, c.normOffset).y_ND;
        x_ND = layer.down.forward(gated(layer.gateUp.forward(normed), layer.plan.feed.activation),
                                  middle_ND);
    }
    const at::Tensor last_BD = tokens.single ? x_ND : x_ND.index_select(0, tokens.last_B);
    return product(finalNorm(last_BD), m_head_VD, Side::Rows).narrow(0, 0, sequences);
}

} // namespace pissarro::core
