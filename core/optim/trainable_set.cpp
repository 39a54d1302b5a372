// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/optim/trainable_set_tensors.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

namespace pissarro::core::inline optim {

std::vector<at::Tensor> TrainableSet::gradients() const
{
    std::vector<at::Tensor> all;
    for (Trainable* trainable : m_trainables) {
        all.push_back(trainable->sum());
    }
    return all;
}

double TrainableSet::gradientNorm() const
{
    const c10::NoGradGuard noGrad;
    const auto norms = at::_foreach_norm(gradients());
    return at::stack(norms).to(at::kDouble).norm().item<double>();
}

void TrainableSet::scaleGradients(double factor) const
{
    const c10::NoGradGuard noGrad;
    at::_foreach_mul_(gradients(), factor);
}

void TrainableSet::zeroGradients() const
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

std::int64_t TrainableSet::parameters() const
{
    std::int64_t sum = 0;
    for (const Trainable* trainable : m_trainables) {
        sum += trainable->value.numel();
    }
    return sum;
}

NamedTensors TrainableSet::tensors() const
{
    NamedTensors named;
    for (const Trainable* trainable : m_trainables) {
        named.emplace_back(trainable->name, trainable->value);
        if (trainable->low.defined()) {
            named.emplace_back(trainable->name + ".low", trainable->low);
        }
    }
    return named;
}

} // namespace pissarro::core::inline optim
