// SPDX-License-Identifier: GPL-3.0-or-later
// AdamW (Loshchilov & Hutter, arXiv:1711.05101). Whole masters are updated in one fused call of LibTorch, split ones (see
// Trainable) by our own kernel.
#include "core/kernels/table.h"
#include "core/optim/optimizer_tensors.h"
#include "core/tensor/host_pointer_tensors.h"
#include "core/tensor/parallel_tasks.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

namespace pissarro::core::inline optim {

namespace {

constexpr std::int64_t kTaskElements = 1 << 16;

class AdamW : public Optimizer {
public:
    AdamW(const TrainableSet& set, const OptimizerSettings& settings)
        : Optimizer(set)
        , m_settings(settings)
    {
        for (const Trainable* trainable : set) {
            const auto options = trainable->value.options().dtype(trainable->masterType());
            m_first.push_back(at::zeros(trainable->value.sizes(), options));
            m_second.push_back(at::zeros(trainable->value.sizes(), options));
        }
    }

private:
    void update(double learningRate) override
    {
        updateWhole(learningRate);
        updateSplit(learningRate);
    }
    NamedTensors stateOf(std::size_t i) const override
    {
        return {{"exp_avg", m_first[i]}, {"exp_avg_sq", m_second[i]}};
    }
    void updateWhole(double learningRate); // masters of one piece
    void updateSplit(double learningRate);

    OptimizerSettings m_settings;
    std::vector<at::Tensor> m_first;
    std::vector<at::Tensor> m_second;
};

void AdamW::updateWhole(double learningRate)
{
    std::vector<at::Tensor> values;
    std::vector<at::Tensor> gradients;
    std::vector<at::Tensor> first;
    std::vector<at::Tensor> second;
    std::vector<at::Tensor> counts; // float32 scalars, as the fused kernel wants them
    for (std::size_t i = 0; i < trained().size(); ++i) {
        Trainable& trainable = trained()[i];
        if (trainable.low.defined()) {
            continue;
        }
        values.push_back(trainable.value);
        gradients.push_back(trainable.sum());
        first.push_back(m_first[i]);
        second.push_back(m_second[i]);
        counts.push_back(
            at::full({}, static_cast<double>(steps()), values.back().options().dtype(at::kFloat)));
    }
    if (!values.empty()) {
        at::_fused_adamw_(values, gradients, first, second, {}, counts, learningRate,
                          m_settings.beta1, m_settings.beta2, m_settings.weightDecay,
                          m_settings.epsilon, /*amsgrad=*/false, /*maximize=*/false);
    }
}

void AdamW::updateSplit(double learningRate)
{
    const auto count = static_cast<double>(steps());
    kernels::AdamWStep step;
    step.learningRate = learningRate;
    step.weightDecay = m_settings.weightDecay;
    step.beta1 = m_settings.beta1;
    step.beta2 = m_settings.beta2;
    step.epsilon = m_settings.epsilon;
    step.correction1 = 1.0 - std::pow(m_settings.beta1, count);
    step.correction2 = 1.0 - std::pow(m_settings.beta2, count);
    const kernels::SplitAdamW kernel = kernels::tableOf().splitAdamW;
    for (std::size_t i = 0; i < trained().size(); ++i) {
        Trainable& trainable = trained()[i];
        if (!trainable.low.defined()) {
            continue;
        }
        const kernels::AdamWSlice slice {
            out<std::uint16_t>(trainable.value), out<std::int16_t>(trainable.low),
            in<float>(trainable.sum()), out<float>(m_first[i]), out<float>(m_second[i])};
        const std::int64_t size = trainable.value.numel();
        eachTask(
            (size + kTaskElements - 1) / kTaskElements, [&](std::int64_t begin, std::int64_t end) {
                kernel(slice, step, begin * kTaskElements, std::min(end * kTaskElements, size));
            });
    }
}

std::unique_ptr<Optimizer> makeAdamW(const TrainableSet& trained, const OptimizerSettings& settings)
{
    return std::make_unique<AdamW>(trained, settings);
}

std::int64_t twoMoments(std::int64_t elements)
{
    return 8 * elements;
}

} // namespace

extern const OptimizerKind kAdamW {
    .name = "adamw",
    .title = "AdamW",
    .stateBytes = twoMoments,
    .make = makeAdamW,
};

} // namespace pissarro::core::inline optim
