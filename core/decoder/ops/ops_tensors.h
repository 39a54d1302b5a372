// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/kernels/operations.h"
#include "core/model/plan/model_plan.h"

#include <ATen/core/Tensor.h>

#include <cmath>
#include <cstdint>
#include <string_view>
#include <vector>

namespace pissarro::core::inline decoder::inline ops {

// Legend: N tokens, D width, F intermediate, C columns, V vocabulary.

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
    double scale = 0.0; // of scores; 0: 1 / sqrt(headDim)
    double softCap = 0.0; // scores become c tanh(score / c); 0: as they are
    // Of ALiBi's slopes, which are added to the scores times the key's position; 0: none are.
    double alibiScale = 0.0;
    bool causal = true; // a token sees those before it alone; false: all of its segment

    double scoreScale() const
    {
        return scale > 0.0 ? scale : 1.0 / std::sqrt(static_cast<double>(headDim));
    }
    // Scores are scaled products and nothing else: what fused kernels compute.
    bool isPlain() const { return softCap == 0.0 && alibiScale == 0.0; }
};

// What the backward pass needs beside the inputs.
struct AttentionSaved {
    at::Tensor y_NC; // [N, heads * headDim], the output
    // Log-sum-exp: of each segment as LibTorch's flash kernel returns it; one tensor [N, heads] when our own kernel ran;
    // empty off the CPU.
    std::vector<at::Tensor> lse;
    bool own = false;
};

// Cosines and sines of the rotary positions, float32 as transformers computes them. A model's: RotaryBlock.
struct RotaryTable {
    at::Tensor cos_TH; // [positions, turned numbers / 2]
    at::Tensor sin_TH;
    std::int64_t headDim = 0; // of heads of which the first numbers alone turn; 0: all do
    bool pairs = false; // numbers 2i and 2i + 1 turn together, not i and i + half
};

struct Normed {
    at::Tensor y_ND;
    at::Tensor rstd_N; // float32, or float64 for float64
    at::Tensor mean_N = {}; // of a LayerNorm, as rstd_N
};

struct GatedGradient {
    at::Tensor dab_N2F;
    at::Tensor out_NF; // the forward output again
};

enum class Side {
    Rows, // w [O, K]: y = x w^T, the forward direction
    Columns // w [K, O]: y = x w, the backward direction
};

// A second product that is added before y is rounded: the low-rank term. Undefined tensors: none.
struct ExtraTerm {
    at::Tensor x_NR;
    at::Tensor w; // [O, R] or [R, O], the same side as the main weight
};

// In bfloat16 up to so many rows are multiplied by our own kernels on every processor, Side::Rows: the weight is read as it
// lies, packing it would cost more than it saves.
inline constexpr std::int64_t kThinRows = 40;

// What a decoder computes with: one of these for each backend, chosen once for each decoder and asked for nowhere else.
// LibTorch's is every member in ATen; another overrides what it does better and inherits the rest (a class, not a struct of
// function pointers: it holds its instruction set's kernels, and nothing is compiled once for each).
// Shapes: all tensors of a call on the backend's device, contiguous but where strides are said to matter not, of one
// floating dtype. Threads: any; every member is a function of its arguments.
class Ops {
public:
    Ops() = default;
    Ops(const Ops&) = delete;
    Ops& operator=(const Ops&) = delete;
    virtual ~Ops() = default;

    virtual std::string_view name() const = 0; // of PISSARRO_OPS: "libtorch", "plain", ... "amx"

    virtual Normed rmsNorm(const at::Tensor& x_ND, const at::Tensor& w_D, double eps,
                           double offset) const = 0;
    // Adds the gradient of x to dx_ND in place.
    virtual void rmsNormBackward(const at::Tensor& dy_ND, const at::Tensor& x_ND,
                                 const at::Tensor& rstd_N, const at::Tensor& w_D, double offset,
                                 at::Tensor& dx_ND) const = 0;
    // Gradient of w: sum over tokens of dy xhat, float32 or float64.
    virtual at::Tensor rmsNormWeightGradient(const at::Tensor& dy_ND, const at::Tensor& x_ND,
                                             const at::Tensor& rstd_N) const = 0;
    // LayerNorm; w_D and b_D may be undefined: 1 and 0.
    virtual Normed layerNorm(const at::Tensor& x_ND, const at::Tensor& w_D, const at::Tensor& b_D,
                             double eps) const = 0;
    // Adds the gradient of x to dx_ND in place; of `normed` the mean and rstd_N are read.
    virtual void layerNormBackward(const at::Tensor& dy_ND, const at::Tensor& x_ND,
                                   const Normed& normed, const at::Tensor& w_D,
                                   at::Tensor& dx_ND) const = 0;
    // Rotates the first `heads` heads of each row of x_NC in place; direction -1 is the gradient.
    virtual void rotate(at::Tensor& x_NC, const at::Tensor& positions_N, const RotaryTable& table,
                        std::int64_t heads, double direction) const = 0;
    virtual at::Tensor gated(const at::Tensor& ab_N2F,
                             Activation activation) const = 0; // [N, F]: act(a) b
    virtual GatedGradient gatedBackward(const at::Tensor& ab_N2F, const at::Tensor& dout_NF,
                                        Activation activation) const = 0;
    // Of a feed-forward part without a gate.
    virtual at::Tensor activated(const at::Tensor& a_NF, Activation activation) const = 0;
    virtual at::Tensor activatedBackward(const at::Tensor& a_NF, const at::Tensor& dout_NF,
                                         Activation activation) const = 0;
    // Sum over rows of logsumexp(logits) - logits[label]; with scale != 0 logits_NV becomes scale (softmax - onehot).
    virtual double crossEntropyInPlace(at::Tensor& logits_NV, const at::Tensor& labels_N,
                                       double scale) const = 0;
    virtual at::Tensor crossEntropyPerRow(const at::Tensor& logits_NV,
                                          const at::Tensor& labels_N) const = 0; // float64 [N]

    // y_NO = x_NK w + extra + bias_O + add_NO; bias and add may be undefined. Shapes: 2-D with contiguous rows.
    virtual at::Tensor product(const at::Tensor& x_NK, const at::Tensor& w, Side side,
                               const ExtraTerm& extra = {}, const at::Tensor& bias_O = {},
                               const at::Tensor& add_NO = {}) const = 0;
    // How many rows the products of a batch of `rows` should have, at least as many. LibTorch's products in bfloat16 (oneDNN)
    // generate code for each shape and keep it, megabytes a shape: batches of as many lengths as there are steps would fill
    // the memory with it, and making it takes as long as the rows that are added. Where our own kernels or others run: `rows`.
    virtual std::int64_t productRows(std::int64_t rows, at::ScalarType type) const = 0;
    // g_MO += scale a_NM^T b_NO, in the gradient's own type (float32 for bfloat16 operands).
    virtual void addOuterProduct(at::Tensor& g_MO, const at::Tensor& a_NM, const at::Tensor& b_NO,
                                 double scale) const = 0;

    // Grouped-query attention, causal unless the shape says otherwise, of each segment by itself; queries, keys and values side by side in a row of qkv_NC:
    // heads, then kvHeads, then kvHeads vectors of headDim, already rotated.
    // keyMask_T (may be undefined): one segment only; keys where it is 0 are not seen.
    virtual AttentionSaved attention(const at::Tensor& qkv_NC, const std::vector<Segment>& segments,
                                     const AttentionShape& shape,
                                     const at::Tensor& keyMask_T = {}) const = 0;
    // Gradient with respect to qkv_NC (rotated), of what attention() of the same backend saved. Off the CPU it goes through
    // LibTorch's autograd over the same formula.
    virtual at::Tensor attentionBackward(const at::Tensor& dy_NC, const at::Tensor& qkv_NC,
                                         const AttentionSaved& saved,
                                         const std::vector<Segment>& segments,
                                         const AttentionShape& shape) const = 0;
    // One segment's new tokens against keys and values kept from before.
    // Shapes: q_THD [T, heads, D], k_HSD and v_HSD [kvHeads, S, D] with the new tokens the last T of S. Returns
    // [T, heads * D].
    virtual at::Tensor attentionCached(const at::Tensor& q_THD, const at::Tensor& k_HSD,
                                       const at::Tensor& v_HSD,
                                       const AttentionShape& shape) const = 0;
    // One new token of each of B sequences against the keys and values kept, its own included.
    // Shapes: q_BHD [B, heads, D], rows contiguous; k_BKSD and v_BKSD [B, kvHeads, S, D], contiguous, of which sequence b
    // has lengths[b], finite numbers behind them. Returns [B, heads * D].
    virtual at::Tensor attentionOfOne(const at::Tensor& q_BHD, const at::Tensor& k_BKSD,
                                      const at::Tensor& v_BKSD,
                                      const std::vector<std::int64_t>& lengths,
                                      const AttentionShape& shape) const = 0;
};

// On a CPU what `operations` names, LibTorch's elsewhere. It lives as long as the program.
// Requires: `operations` among kernels::presentOperations().
const Ops& opsFor(at::Device device, kernels::Operations operations = kernels::operations());

} // namespace pissarro::core::inline decoder::inline ops
