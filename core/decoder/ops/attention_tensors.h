// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace pissarro::core {

// A run of tokens of one sequence inside a flat token axis: rows of a batch lie one after the other, without padding.
struct Segment {
    std::int64_t offset = 0; // first token on the flat axis
    std::int64_t length = 0;
};

struct AttentionShape {
    std::int64_t heads = 0;
    std::int64_t kvHeads = 0;
    std::int64_t headDim = 0;
    std::int64_t window = 0; // tokens seen, itself included; 0: all before
};

// What the backward pass needs beside the inputs.
struct AttentionSaved {
    at::Tensor y_NC; // [N, heads * headDim], the output
    // Log-sum-exp: of each segment as LibTorch's flash kernel returns it; one tensor [N, heads] when our own kernel ran;
    // empty off the CPU.
    std::vector<at::Tensor> lse;
    bool own = false;
};

// Causal grouped-query attention of each segment by itself; queries, keys and values side by side in a row of qkv_NC:
// heads, then kvHeads, then kvHeads vectors of headDim, already rotated. Scale 1 / sqrt(headDim).
// keyMask_T (may be undefined): one segment only; keys where it is 0 are not seen.
AttentionSaved attention(const at::Tensor& qkv_NC, const std::vector<Segment>& segments,
                         const AttentionShape& shape, const at::Tensor& keyMask_T = {});

// Gradient with respect to qkv_NC (rotated). Off the CPU it goes through LibTorch's autograd over the same formula.
at::Tensor attentionBackward(const at::Tensor& dy_NC, const at::Tensor& qkv_NC,
                             const AttentionSaved& saved, const std::vector<Segment>& segments,
                             const AttentionShape& shape);

// One segment's new tokens against keys and values kept from before.
// Shapes: q_THD [T, heads, D], k_HSD and v_HSD [kvHeads, S, D] with the new tokens the last T of S. Returns [T, heads * D].
at::Tensor attentionCached(const at::Tensor& q_THD, const at::Tensor& k_HSD,
                           const at::Tensor& v_HSD, const AttentionShape& shape);

// One new token of each of B sequences against the keys and values kept, its own included.
// Shapes: q_BHD [B, heads, D], rows contiguous; k_BKSD and v_BKSD [B, kvHeads, S, D], contiguous, of which sequence b has
// lengths[b], finite numbers behind them. Returns [B, heads * D].
at::Tensor attentionOfOne(const at::Tensor& q_BHD, const at::Tensor& k_BKSD,
                          const at::Tensor& v_BKSD, const std::vector<std::int64_t>& lengths,
                          const AttentionShape& shape);

} // namespace pissarro::core
