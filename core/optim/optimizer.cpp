// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/optim/optimizer_tensors.h"

#include <c10/core/GradMode.h>

#include <utility>

namespace pissarro::core::inline optim {

void Optimizer::step(double learningRate)
{
    const c10::NoGradGuard noGrad;
    ++m_steps;
    update(learningRate);
}

NamedTensors Optimizer::tensors() const
{
    NamedTensors named;
    for (std::size_t i = 0; i < m_trained.size(); ++i) {
        for (auto& own : TrainableSet({&m_trained[i]}).tensors()) {
            named.push_back(std::move(own));
        }
        for (auto& [name, tensor] : stateOf(i)) {
            named.emplace_back(m_trained[i].name + "." + name, std::move(tensor));
        }
    }
    return named;
}

} // namespace pissarro::core::inline optim
