// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/optimizer_tensors.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <cmath>

namespace pissarro::core {

AdamW::AdamW(std::vector<Trainable*> trainables, double weightDecay)
    : m_trainables(std::move(trainables))
    , m_weightDecay(weightDecay)
{
    for (const Trainable* trainable : m_trainables) {
        m_first.push_back(at::zeros_like(trainable->value));
        m_second.push_back(at::zeros_like(trainable->value));
        m_steps.push_back(at::zeros({}, trainable->value.options().dtype(at::kFloat)));
    }
}

std::vector<at::Tensor> AdamW::values() const
{
    std::vector<at::Tensor> all;
    for (const Trainable* trainable : m_trainables) {
        all.push_back(trainable->value);
    }
    return all;
}

std::vector<at::Tensor> AdamW::gradients() const
{
    std::vector<at::Tensor> all;
    for (Trainable* trainable : m_trainables) {
        all.push_back(trainable->sum());
    }
    return all;
}

double AdamW::gradientNorm() const
{
    const c10::NoGradGuard noGrad;
    const auto norms = at::_foreach_norm(gradients());
    return at::stack(norms).to(at::kDouble).norm().item<double>();
}

void AdamW::scaleGradients(double factor)
{
    const c10::NoGradGuard noGrad;
    at::_foreach_mul_(gradients(), factor);
}

void AdamW::step(double learningRate)
{
    const c10::NoGradGuard noGrad;
    at::_foreach_add_(m_steps, 1);
    at::_fused_adamw_(values(), gradients(), m_first, m_second, {}, m_steps, learningRate, 0.9,
                      0.999, m_weightDecay, 1e-8, /*amsgrad=*/false, /*maximize=*/false);
}

void AdamW::zeroGradients()
{
    const c10::NoGradGuard noGrad;
    std::vector<at::Tensor> kept;
    for (Trainable* trainable : m_trainables) {
        if (trainable->passing) {
            trainable->gradient.reset();
        } else {
            kept.push_back(trainable->gradient);
        }
    }
    if (!kept.empty()) {
        at::_foreach_zero_(kept);
    }
}

std::int64_t AdamW::parameters() const
{
    std::int64_t sum = 0;
    for (const Trainable* trainable : m_trainables) {
        sum += trainable->value.numel();
    }
    return sum;
}

std::int64_t AdamW::steps() const
{
    return m_steps.empty() ? 0 : static_cast<std::int64_t>(m_steps.front().item<float>());
}

void AdamW::setSteps(std::int64_t steps)
{
    at::_foreach_zero_(m_steps);
    at::_foreach_add_(m_steps, steps);
}

} // namespace pissarro::core
