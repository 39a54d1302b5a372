// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decoder/ops/libtorch_ops_p.h"
#include "core/kernels/table.h"

namespace pissarro::core::inline decoder::inline ops {

// On a CPU by the kernels of one instruction set, rows split among LibTorch's threads: the elementwise work, products of few
// rows, attention of one token. Large products and attention are LibTorch's.
class KernelOps : public LibTorchCpuOps {
public:
    explicit KernelOps(const kernels::Table& table);

    std::string_view name() const override;
    Normed rmsNorm(const at::Tensor& x_ND, const at::Tensor& w_D, double eps,
                   double offset) const override;
    void rmsNormBackward(const at::Tensor& dy_ND, const at::Tensor& x_ND, const at::Tensor& rstd_N,
                         const at::Tensor& w_D, double offset, at::Tensor& dx_ND) const override;
    void rotate(at::Tensor& x_NC, const at::Tensor& positions_N, const RotaryTable& table,
                std::int64_t heads, double direction) const override;
    at::Tensor gated(const at::Tensor& ab_N2F, Activation activation) const override;
    GatedGradient gatedBackward(const at::Tensor& ab_N2F, const at::Tensor& dout_NF,
                                Activation activation) const override;
    double crossEntropyInPlace(at::Tensor& logits_NV, const at::Tensor& labels_N,
                               double scale) const override;
    at::Tensor crossEntropyPerRow(const at::Tensor& logits_NV,
                                  const at::Tensor& labels_N) const override;
    at::Tensor product(const at::Tensor& x_NK, const at::Tensor& w, Side side,
                       const ExtraTerm& extra, const at::Tensor& bias_O,
                       const at::Tensor& add_NO) const override;
    at::Tensor attentionOfOne(const at::Tensor& q_BHD, const at::Tensor& k_BKSD,
                              const at::Tensor& v_BKSD, const std::vector<std::int64_t>& lengths,
                              const AttentionShape& shape) const override;

protected:
    const kernels::Table& table() const { return m_table; }
    // Whether a product is of so few rows that the weight is read as it lies.
    static bool isThin(const at::Tensor& x_NK, const at::Tensor& w, Side side);

private:
    at::Tensor crossEntropyRows(const at::Tensor& logits_NV, const at::Tensor& labels_N,
                                double scale) const;

    const kernels::Table& m_table;
};

} // namespace pissarro::core::inline decoder::inline ops
