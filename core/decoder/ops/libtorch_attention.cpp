// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decoder/ops/libtorch_ops_p.h"
#include "core/decoder/ops/shaped_attention_p.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <torch/autograd.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>
#include <utility>

namespace pissarro::core::inline decoder::inline ops {

namespace {

at::Tensor repeatGroups(const at::Tensor& kv_1KLD, std::int64_t groups)
{
    if (groups == 1) {
        return kv_1KLD;
    }
    return kv_1KLD.unsqueeze(2)
        .expand({1, kv_1KLD.size(1), groups, kv_1KLD.size(2), kv_1KLD.size(3)})
        .reshape({1, kv_1KLD.size(1) * groups, kv_1KLD.size(2), kv_1KLD.size(3)});
}

// 0 where `seen`, else the lowest finite number, not -inf: a row that sees nothing stays finite, as in transformers.
at::Tensor additiveMask(const at::Tensor& seen, const at::TensorOptions& options)
{
    at::Tensor mask = at::zeros(seen.sizes(), options);
    mask.masked_fill_(seen.logical_not(),
                      options.dtype() == at::kDouble ? std::numeric_limits<double>::lowest()
                          : options.dtype() == at::kFloat
                          ? static_cast<double>(std::numeric_limits<float>::lowest())
                          : -3.3895313892515355e38);
    return mask;
}

// Additive mask [queries, keys] where plain causality is not enough; the queries are the last of the keys.
std::optional<at::Tensor> maskFor(std::int64_t queries, std::int64_t keys,
                                  const AttentionShape& shape, const at::Tensor& keyMask_T,
                                  const at::TensorOptions& options)
{
    if (!shape.causal) {
        return keyMask_T.defined() ? std::optional(
                   additiveMask((keyMask_T != 0).unsqueeze(0).expand({queries, keys}), options)
                       .unsqueeze(0)
                       .unsqueeze(0))
                                   : std::nullopt;
    }
    const bool windowed = shape.window > 0 && keys > shape.window;
    if (!windowed && !keyMask_T.defined() && (queries == keys || queries == 1)) {
        return std::nullopt;
    }
    const at::Tensor key = at::arange(keys, options.dtype(at::kLong)).unsqueeze(0);
    const at::Tensor query =
        at::arange(keys - queries, keys, options.dtype(at::kLong)).unsqueeze(1);
    at::Tensor seen = key <= query;
    if (windowed) {
        seen = seen & (key > query - shape.window);
    }
    if (keyMask_T.defined()) {
        seen = seen & (keyMask_T != 0).unsqueeze(0);
    }
    return additiveMask(seen, options).unsqueeze(0).unsqueeze(0);
}

bool hasNumbersAlone(const at::Tensor& t)
{
    return std::isfinite(t.sum().item<double>()); // an overflow of the sum takes the slow way too
}

// softmax(scale q k + mask) v and log sum exp by the letter: a row of -inf is NaN. `mask` as additiveMask() makes it.
std::tuple<at::Tensor, at::Tensor> attendByTheLetter(const at::Tensor& q, const at::Tensor& k,
                                                     const at::Tensor& v,
                                                     const std::optional<at::Tensor>& mask,
                                                     bool causal, double scale)
{
    constexpr double kUnseen = -3e38; // float32 ends at -3.4e38, bfloat16 at -3.39e38
    constexpr double kNothing = -std::numeric_limits<double>::infinity();
    at::Tensor scores = at::matmul(q, k.transpose(-2, -1)).mul_(scale);
    if (mask) {
        scores.masked_fill_(*mask <= kUnseen, kNothing);
    } else if (causal) {
        scores.masked_fill_(at::ones({scores.size(-2), scores.size(-1)}, at::kBool).triu(1),
                            kNothing);
    }
    return {at::matmul(at::softmax(scores, -1), v), at::logsumexp(scores, -1)};
}

at::Tensor fold(const at::Tensor& y_1HLD)
{
    return y_1HLD.squeeze(0).transpose(0, 1).flatten(1);
}

// Sums the gradient of repeated key or value heads over their group: [1, H, L, D] -> [L, K * D].
at::Tensor foldGroups(const at::Tensor& d_1HLD, const AttentionShape& shape)
{
    const std::int64_t groups = shape.heads / shape.kvHeads;
    const at::Tensor summed = groups == 1
        ? d_1HLD.squeeze(0)
        : d_1HLD.squeeze(0).unflatten(0, {shape.kvHeads, groups}).sum(1);
    return summed.transpose(0, 1).flatten(1);
}

// What each sequence's last token sees of `keys` kept ones; unset where that is all. [B, 1, 1, keys]
std::optional<at::Tensor> keyMask(const std::vector<std::int64_t>& lengths, std::int64_t keys,
                                  std::int64_t window, const at::TensorOptions& options)
{
    const bool whole = std::all_of(lengths.begin(), lengths.end(),
                                   [keys](std::int64_t length) { return length == keys; });
    if (whole && (window == 0 || keys <= window)) {
        return std::nullopt;
    }
    const at::Tensor lengths_B1 = at::tensor(lengths, at::kLong).to(options.device()).unsqueeze(1);
    const at::Tensor key_S = at::arange(keys, options.dtype(at::kLong));
    at::Tensor seen_BS = key_S < lengths_B1;
    if (window > 0) {
        seen_BS = seen_BS & (key_S >= lengths_B1 - window);
    }
    return additiveMask(seen_BS, options).unsqueeze(1).unsqueeze(1);
}

} // namespace

at::Tensor LibTorchOps::widened(const at::Tensor& t) const
{
    return t;
}

// LibTorch's attention in bfloat16 keeps code that it makes for each length of a row; in float32 it needs none, and rounds less.
at::Tensor LibTorchCpuOps::widened(const at::Tensor& t) const
{
    return t.scalar_type() == at::kBFloat16 ? t.to(at::kFloat) : t;
}

LibTorchOps::Heads LibTorchOps::split(const at::Tensor& qkv_NC, const Segment& segment,
                                      const AttentionShape& shape) const
{
    const at::Tensor rows = widened(qkv_NC.narrow(0, segment.offset, segment.length));
    const std::int64_t qWidth = shape.heads * shape.headDim;
    const std::int64_t kvWidth = shape.kvHeads * shape.headDim;
    const auto headsOf = [&](std::int64_t first, std::int64_t count) {
        return rows.narrow(1, first, count * shape.headDim)
            .unflatten(1, {count, shape.headDim})
            .transpose(0, 1)
            .unsqueeze(0);
    };
    const std::int64_t groups = shape.heads / shape.kvHeads;
    return {headsOf(0, shape.heads), repeatGroups(headsOf(qWidth, shape.kvHeads), groups),
            repeatGroups(headsOf(qWidth + kvWidth, shape.kvHeads), groups)};
}

std::tuple<at::Tensor, at::Tensor> LibTorchOps::attend(const Heads& heads, const Sight& sight) const
{
    return {at::scaled_dot_product_attention(heads.q, heads.k, heads.v, sight.mask, 0.0,
                                             sight.causal, sight.scale),
            {}};
}

// With log sum exp of each row's scores. LibTorch gives 0 for a row all of whose scores are -inf, where softmax has no value:
// what holds more than numbers is computed by the letter.
std::tuple<at::Tensor, at::Tensor> LibTorchCpuOps::attend(const Heads& heads,
                                                          const Sight& sight) const
{
    if (!hasNumbersAlone(heads.q) || !hasNumbersAlone(heads.k)) {
        return attendByTheLetter(heads.q, heads.k, heads.v, sight.mask, sight.causal, sight.scale);
    }
    return at::_scaled_dot_product_flash_attention_for_cpu(heads.q, heads.k, heads.v, 0.0,
                                                           sight.causal, sight.mask, sight.scale);
}

LibTorchOps::Heads LibTorchOps::attendBackward(const at::Tensor& dy, const Heads& heads,
                                               const at::Tensor& /*y*/, const at::Tensor& /*lse*/,
                                               const Sight& sight) const
{
    const c10::AutoGradMode recording(true);
    const Heads leaves {heads.q.detach().requires_grad_(), heads.k.detach().requires_grad_(),
                        heads.v.detach().requires_grad_()};
    const at::Tensor y = at::scaled_dot_product_attention(leaves.q, leaves.k, leaves.v, sight.mask,
                                                          0.0, sight.causal, sight.scale);
    const auto gradients = torch::autograd::grad({y}, {leaves.q, leaves.k, leaves.v}, {dy});
    return {gradients[0], gradients[1], gradients[2]};
}

LibTorchOps::Heads LibTorchCpuOps::attendBackward(const at::Tensor& dy, const Heads& heads,
                                                  const at::Tensor& y, const at::Tensor& lse,
                                                  const Sight& sight) const
{
    const auto [dq, dk, dv] = at::_scaled_dot_product_flash_attention_for_cpu_backward(
        dy, heads.q, heads.k, heads.v, y, lse, 0.0, sight.causal, sight.mask, sight.scale);
    return {dq, dk, dv};
}

at::Tensor LibTorchOps::attendNarrow(const Heads& narrow, const Sight& sight) const
{
    const Heads heads {widened(narrow.q), widened(narrow.k), widened(narrow.v)};
    const Mask mask = sight.mask ? Mask(widened(*sight.mask)) : sight.mask;
    return std::get<0>(attend(heads, {mask, sight.causal, sight.scale})).to(narrow.q.scalar_type());
}

AttentionSaved LibTorchOps::attention(const at::Tensor& qkv_NC,
                                      const std::vector<Segment>& segments,
                                      const AttentionShape& shape,
                                      const at::Tensor& keyMask_T) const
{
    AttentionSaved saved;
    saved.y_NC = at::empty({qkv_NC.size(0), shape.heads * shape.headDim}, qkv_NC.options());
    for (const Segment& segment : segments) {
        const Heads heads = split(qkv_NC, segment, shape);
        if (!shape.isPlain()) {
            saved.y_NC.narrow(0, segment.offset, segment.length)
                .copy_(fold(attendShaped({heads.q, heads.k, heads.v}, shape, keyMask_T)));
            continue;
        }
        const Mask mask =
            maskFor(segment.length, segment.length, shape, keyMask_T, heads.q.options());
        const auto [y, lse] =
            attend(heads, {mask, shape.causal && !mask.has_value(), shape.scoreScale()});
        if (lse.defined()) {
            saved.lse.push_back(lse);
        }
        saved.y_NC.narrow(0, segment.offset, segment.length).copy_(fold(y));
    }
    return saved;
}

at::Tensor LibTorchOps::attentionBackward(const at::Tensor& dy_NC, const at::Tensor& qkv_NC,
                                          const AttentionSaved& saved,
                                          const std::vector<Segment>& segments,
                                          const AttentionShape& shape) const
{
    at::Tensor dqkv_NC = at::empty_like(qkv_NC);
    const std::int64_t qWidth = shape.heads * shape.headDim;
    const std::int64_t kvWidth = shape.kvHeads * shape.headDim;
    for (std::size_t i = 0; i < segments.size(); ++i) {
        const Segment& segment = segments[i];
        const auto headsOf = [&](const at::Tensor& t) {
            return widened(t.narrow(0, segment.offset, segment.length))
                .unflatten(1, {shape.heads, shape.headDim})
                .transpose(0, 1)
                .unsqueeze(0);
        };
        const Heads given = split(qkv_NC, segment, shape);
        Heads d;
        if (shape.isPlain()) {
            const Mask mask = maskFor(segment.length, segment.length, shape, {}, given.q.options());
            d = attendBackward(headsOf(dy_NC), given, headsOf(saved.y_NC),
                               saved.lse.empty() ? at::Tensor() : saved.lse[i],
                               {mask, shape.causal && !mask.has_value(), shape.scoreScale()});
        } else {
            const ShapedHeads shaped = attendShapedBackward(
                headsOf(dy_NC), {given.q, given.k, given.v}, headsOf(saved.y_NC), shape);
            d = {shaped.q, shaped.k, shaped.v};
        }
        at::Tensor rows = dqkv_NC.narrow(0, segment.offset, segment.length);
        rows.narrow(1, 0, qWidth).copy_(fold(d.q));
        rows.narrow(1, qWidth, kvWidth).copy_(foldGroups(d.k, shape));
        rows.narrow(1, qWidth + kvWidth, kvWidth).copy_(foldGroups(d.v, shape));
    }
    return dqkv_NC;
}

at::Tensor LibTorchOps::attentionCached(const at::Tensor& q_THD, const at::Tensor& k_HSD,
                                        const at::Tensor& v_HSD, const AttentionShape& shape) const
{
    const std::int64_t groups = shape.heads / shape.kvHeads;
    if (!shape.isPlain()) {
        return fold(attendShaped({q_THD.transpose(0, 1).unsqueeze(0),
                                  repeatGroups(k_HSD.unsqueeze(0), groups),
                                  repeatGroups(v_HSD.unsqueeze(0), groups)},
                                 shape, {}));
    }
    const auto mask = maskFor(q_THD.size(0), k_HSD.size(1), shape, {}, q_THD.options());
    const bool causal = !mask.has_value() && q_THD.size(0) > 1;
    return fold(
        attendNarrow({q_THD.transpose(0, 1).unsqueeze(0), repeatGroups(k_HSD.unsqueeze(0), groups),
                      repeatGroups(v_HSD.unsqueeze(0), groups)},
                     {mask, causal, shape.scoreScale()}));
}

// The query heads of a group stand as queries of one key head: nothing is repeated.
at::Tensor LibTorchOps::attentionOfOne(const at::Tensor& q_BHD, const at::Tensor& k_BKSD,
                                       const at::Tensor& v_BKSD,
                                       const std::vector<std::int64_t>& lengths,
                                       const AttentionShape& shape) const
{
    if (!shape.isPlain()) {
        at::Tensor y_BC = at::empty({q_BHD.size(0), shape.heads * shape.headDim}, q_BHD.options());
        for (std::size_t row = 0; row < lengths.size(); ++row) {
            const auto b = static_cast<std::int64_t>(row);
            const auto keptOf = [&](const at::Tensor& side) {
                return side[b].narrow(1, 0, lengths[row]);
            };
            y_BC.narrow(0, b, 1).copy_(
                attentionCached(q_BHD.narrow(0, b, 1), keptOf(k_BKSD), keptOf(v_BKSD), shape));
        }
        return y_BC;
    }
    const std::int64_t longest = *std::max_element(lengths.begin(), lengths.end());
    return attendNarrow({q_BHD.unflatten(1, {shape.kvHeads, shape.heads / shape.kvHeads}),
                         k_BKSD.narrow(2, 0, longest), v_BKSD.narrow(2, 0, longest)},
                        {keyMask(lengths, longest, shape.window, q_BHD.options()), false,
                         shape.scoreScale()})
        .flatten(1);
}

} // namespace pissarro::core::inline decoder::inline ops
