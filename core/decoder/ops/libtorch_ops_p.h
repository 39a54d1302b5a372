// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decoder/ops/ops_tensors.h"

#include <optional>
#include <tuple>

namespace pissarro::core::inline decoder::inline ops {

// Every operation in ATen, on any device; attention through its SDPA.
class LibTorchOps : public Ops {
public:
    std::string_view name() const override;
    Normed rmsNorm(const at::Tensor& x_ND, const at::Tensor& w_D, double eps,
                   double offset) const override;
    void rmsNormBackward(const at::Tensor& dy_ND, const at::Tensor& x_ND, const at::Tensor& rstd_N,
                         const at::Tensor& w_D, double offset, at::Tensor& dx_ND) const override;
    at::Tensor rmsNormWeightGradient(const at::Tensor& dy_ND, const at::Tensor& x_ND,
                                     const at::Tensor& rstd_N) const override;
    Normed layerNorm(const at::Tensor& x_ND, const at::Tensor& w_D, const at::Tensor& b_D,
                     double eps) const override;
    void layerNormBackward(const at::Tensor& dy_ND, const at::Tensor& x_ND, const Normed& normed,
                           const at::Tensor& w_D, at::Tensor& dx_ND) const override;
    void rotate(at::Tensor& x_NC, const at::Tensor& positions_N, const RotaryTable& table,
                std::int64_t heads, double direction) const override;
    at::Tensor gated(const at::Tensor& ab_N2F, Activation activation) const override;
    GatedGradient gatedBackward(const at::Tensor& ab_N2F, const at::Tensor& dout_NF,
                                Activation activation) const override;
    at::Tensor activated(const at::Tensor& a_NF, Activation activation) const override;
    at::Tensor activatedBackward(const at::Tensor& a_NF, const at::Tensor& dout_NF,
                                 Activation activation) const override;
    double crossEntropyInPlace(at::Tensor& logits_NV, const at::Tensor& labels_N,
                               double scale) const override;
    at::Tensor crossEntropyPerRow(const at::Tensor& logits_NV,
                                  const at::Tensor& labels_N) const override;
    at::Tensor product(const at::Tensor& x_NK, const at::Tensor& w, Side side,
                       const ExtraTerm& extra, const at::Tensor& bias_O,
                       const at::Tensor& add_NO) const override;
    std::int64_t productRows(std::int64_t rows, at::ScalarType type) const override;
    void addOuterProduct(at::Tensor& g_MO, const at::Tensor& a_NM, const at::Tensor& b_NO,
                         double scale) const override;
    AttentionSaved attention(const at::Tensor& qkv_NC, const std::vector<Segment>& segments,
                             const AttentionShape& shape,
                             const at::Tensor& keyMask_T) const override;
    at::Tensor attentionBackward(const at::Tensor& dy_NC, const at::Tensor& qkv_NC,
                                 const AttentionSaved& saved, const std::vector<Segment>& segments,
                                 const AttentionShape& shape) const override;
    at::Tensor attentionCached(const at::Tensor& q_THD, const at::Tensor& k_HSD,
                               const at::Tensor& v_HSD, const AttentionShape& shape) const override;
    at::Tensor attentionOfOne(const at::Tensor& q_BHD, const at::Tensor& k_BKSD,
                              const at::Tensor& v_BKSD, const std::vector<std::int64_t>& lengths,
                              const AttentionShape& shape) const override;

protected:
    struct Heads {
        at::Tensor q; // [1, H, L, D], views of qkv
        at::Tensor k; // [1, H, L, D], repeated for each group
        at::Tensor v;
    };
    using Mask = std::optional<at::Tensor>; // additive
    // What attention computes in, of tensors in the model's dtype.
    virtual at::Tensor widened(const at::Tensor& t) const;
    // What is seen, and by how much products of queries and keys count.
    struct Sight {
        Mask mask;
        bool causal = false;
        double scale = 1.0;
    };
    // softmax(scale q k^T + mask) v and what its backward pass wants of it, undefined where that is nothing.
    virtual std::tuple<at::Tensor, at::Tensor> attend(const Heads& heads, const Sight& sight) const;
    // Gradients of q, k and v.
    virtual Heads attendBackward(const at::Tensor& dy, const Heads& heads, const at::Tensor& y,
                                 const at::Tensor& lse, const Sight& sight) const;

private:
    Heads split(const at::Tensor& qkv_NC, const Segment& segment,
                const AttentionShape& shape) const;
    // attend() of heads that may be narrow, in their type again.
    at::Tensor attendNarrow(const Heads& narrow, const Sight& sight) const;
};

// On a CPU: LibTorch's flash kernels for one.
class LibTorchCpuOps : public LibTorchOps {
public:
    std::int64_t productRows(std::int64_t rows, at::ScalarType type) const override;

protected:
    at::Tensor widened(const at::Tensor& t) const override;
    std::tuple<at::Tensor, at::Tensor> attend(const Heads& heads,
                                              const Sight& sight) const override;
    Heads attendBackward(const at::Tensor& dy, const Heads& heads, const at::Tensor& y,
                         const at::Tensor& lse, const Sight& sight) const override;
};

} // namespace pissarro::core::inline decoder::inline ops
