// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/optim/trainable_tensors.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace pissarro::core {

// AdamW (Loshchilov & Hutter, arXiv:1711.05101) with torch.optim's defaults: betas 0.9 and 0.999, eps 1e-8, decay
// decoupled and applied to everything that trains. Whole masters are updated in one fused call of
// LibTorch, split ones (see Trainable) by our own kernel.
// Threads: one user at a time.
class AdamW {
public:
    AdamW(std::vector<Trainable*> trainables, double weightDecay);

    double gradientNorm() const; // of all gradients together
    void scaleGradients(double factor);
    void step(double learningRate); // updates the masters in place
    void zeroGradients();

    const std::vector<Trainable*>& trainables() const { return m_trainables; }
    std::int64_t parameters() const;
    std::vector<at::Tensor>& firstMoments() { return m_first; }
    std::vector<at::Tensor>& secondMoments() { return m_second; }
    std::int64_t steps() const { return m_steps; }
    void setSteps(std::int64_t steps) { m_steps = steps; }

private:
    std::vector<at::Tensor> gradients() const;
    void stepWhole(double learningRate); // masters of one piece
    void stepSplit(double learningRate);

    std::vector<Trainable*> m_trainables;
    double m_weightDecay;
    std::vector<at::Tensor> m_first;
    std::vector<at::Tensor> m_second;
    std::int64_t m_steps = 0;
};

} // namespace pissarro::core
