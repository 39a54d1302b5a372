// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/kernels/kernels.h"
#include "core/optim/optimizer_tensors.h"
#include "core/tensor/parallel_tasks.h"
#include "core/tensor/storage.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>

namespace pissarro::core {

namespace {

constexpr double kBeta1 = 0.9;
constexpr double kBeta2 = 0.999;
constexpr double kEpsilon = 1e-8;
constexpr std::int64_t kTaskElements = 1 << 16;

} // namespace

AdamW::AdamW(std::vector<Trainable*> trainables, double weightDecay)
    : m_trainables(std::move(trainables))
    , m_weightDecay(weightDecay)
{
    for (const Trainable* trainable : m_trainables) {
        const auto options = trainable->value.options().dtype(trainable->masterType());
        m_first.push_back(at::zeros(trainable->value.sizes(), options));
        m_second.push_back(at::zeros(trainable->value.sizes(), options));
    }
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
    ++m_steps;
    stepWhole(learningRate);
    stepSplit(learningRate);
}

void AdamW::stepWhole(double learningRate)
{
    std::vector<at::Tensor> values;
    std::vector<at::Tensor> gradients;
    std::vector<at::Tensor> first;
    std::vector<at::Tensor> second;
    std::vector<at::Tensor> steps; // float32 scalars, as the fused kernel wants them
    for (std::size_t i = 0; i < m_trainables.size(); ++i) {
        if (m_trainables[i]->low.defined()) {
            continue;
        }
        values.push_back(m_trainables[i]->value);
        gradients.push_back(m_trainables[i]->sum());
        first.push_back(m_first[i]);
        second.push_back(m_second[i]);
        steps.push_back(
            at::full({}, static_cast<double>(m_steps), values.back().options().dtype(at::kFloat)));
    }
    if (!values.empty()) {
        at::_fused_adamw_(values, gradients, first, second, {}, steps, learningRate, kBeta1, kBeta2,
                          m_weightDecay, kEpsilon, /*amsgrad=*/false, /*maximize=*/false);
    }
}

void AdamW::stepSplit(double learningRate)
{
    const auto steps = static_cast<double>(m_steps);
    kernels::AdamWStep step;
    step.learningRate = learningRate;
    step.weightDecay = m_weightDecay;
    step.beta1 = kBeta1;
    step.beta2 = kBeta2;
    step.epsilon = kEpsilon;
    step.correction1 = 1.0 - std::pow(kBeta1, steps);
    step.correction2 = 1.0 - std::pow(kBeta2, steps);
    for (std::size_t i = 0; i < m_trainables.size(); ++i) {
        Trainable& trainable = *m_trainables[i];
        if (!trainable.low.defined()) {
            continue;
        }
        const kernels::AdamWSlice slice {
            out<std::uint16_t>(trainable.value), out<std::int16_t>(trainable.low),
            in<float>(trainable.sum()), out<float>(m_first[i]), out<float>(m_second[i])};
        const std::int64_t size = trainable.value.numel();
        eachTask((size + kTaskElements - 1) / kTaskElements,
                 [&](std::int64_t begin, std::int64_t end) {
                     kernels::splitAdamW()(slice, step, begin * kTaskElements,
                                           std::min(end * kTaskElements, size));
                 });
    }
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

} // namespace pissarro::core
