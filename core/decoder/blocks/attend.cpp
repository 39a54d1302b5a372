// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decoder/blocks/attend_tensors.h"

#include <ATen/ATen.h>
#include <ATen/TensorIndexing.h>

#include <algorithm>

namespace pissarro::core::inline decoder::inline blocks {

namespace {

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
at::Tensor attentionOfChunks(const Ops& ops, const at::Tensor& q_NHD, const KvLayer& kept,
                             const NewTokens& added, const AttentionShape& shape)
{
    at::Tensor y_NC = at::empty({q_NHD.size(0), shape.heads * shape.headDim}, q_NHD.options());
    for (std::size_t row = 0; row < added.segments.size(); ++row) {
        const Segment& segment = added.segments[row];
        const auto keptOf = [&](const at::Tensor& side) {
            return side[static_cast<std::int64_t>(row)].narrow(1, 0, added.lengths[row]);
        };
        y_NC.narrow(0, segment.offset, segment.length)
            .copy_(ops.attentionCached(q_NHD.narrow(0, segment.offset, segment.length),
                                       keptOf(kept.keys_BKSD), keptOf(kept.values_BKSD), shape));
    }
    return y_NC;
}

// What was attended to, with zeros for the padding.
at::Tensor withPadding(const at::Tensor& y_NC, const NewTokens& added)
{
    if (added.padding == 0) {
        return y_NC;
    }
    return at::constant_pad_nd(y_NC.narrow(0, 0, added.count), {0, 0, 0, added.padding});
}

// What the new tokens see, once they are kept too.
at::Tensor attendKept(const Ops& ops, const at::Tensor& qkv_NC, const Pass& pass, KvLayer& kept,
                      const AttentionShape& shape)
{
    const NewTokens& added = *pass.added;
    const auto headsOf = [&](std::int64_t first, std::int64_t heads) {
        return qkv_NC.narrow(0, 0, added.count)
            .narrow(1, first * shape.headDim, heads * shape.headDim)
            .unflatten(1, {heads, shape.headDim});
    };
    const auto store = [&](at::Tensor& side, std::int64_t first) {
        grow(side, added.longest,
             {static_cast<std::int64_t>(added.lengths.size()), shape.kvHeads, shape.headDim},
             qkv_NC.options());
        side.index_put_({added.rows_R, at::indexing::Slice(), added.places_R},
                        headsOf(first, shape.kvHeads));
    };
    store(kept.keys_BKSD, shape.heads);
    store(kept.values_BKSD, shape.heads + shape.kvHeads);
    if (added.fresh) {
        return ops.attention(qkv_NC, pass.segments, shape).y_NC;
    }
    const at::Tensor q_NHD = headsOf(0, shape.heads);
    return added.single
        ? ops.attentionOfOne(q_NHD, kept.keys_BKSD, kept.values_BKSD, added.lengths, shape)
        : attentionOfChunks(ops, q_NHD, kept, added, shape);
}

} // namespace

AttentionSaved attentionOfPass(const Ops& ops, const at::Tensor& qkv_NC, const Pass& pass,
                               KvLayer* kept, const AttentionShape& shape)
{
    if (pass.added == nullptr) {
        return ops.attention(qkv_NC, pass.segments, shape, pass.keyMask_T);
    }
    AttentionSaved attended;
    attended.y_NC = withPadding(attendKept(ops, qkv_NC, pass, *kept, shape), *pass.added);
    return attended;
}

} // namespace pissarro::core::inline decoder::inline blocks
