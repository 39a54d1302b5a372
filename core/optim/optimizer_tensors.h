// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/optim/optimizer_kind.h"
#include "core/optim/trainable_set_tensors.h"
#include "core/tensor/named_tensors.h"

#include <cstddef>
#include <cstdint>

namespace pissarro::core::inline optim {

// Moves masters by their gradients. Which one it is says OptimizerKind, which makes it.
// Threads: one user at a time.
class Optimizer {
public:
    virtual ~Optimizer() = default;
    Optimizer(const Optimizer&) = delete;
    Optimizer& operator=(const Optimizer&) = delete;

    void step(double learningRate); // updates the masters in place; the gradients stay
    // What a checkpoint keeps: of each trainable its own tensors (TrainableSet::tensors()) and then, as
    // "<trainable>.<name>", its state. What is copied into them is gone on from, with setSteps().
    NamedTensors tensors() const;
    std::int64_t steps() const { return m_steps; }
    void setSteps(std::int64_t steps) { m_steps = steps; }

protected:
    explicit Optimizer(TrainableSet trained)
        : m_trained(std::move(trained))
    {
    }
    const TrainableSet& trained() const { return m_trained; }

private:
    virtual void update(double learningRate) = 0; // the steps()-th
    virtual NamedTensors stateOf(std::size_t trainable) const = 0; // by place in trained()

    TrainableSet m_trained;
    std::int64_t m_steps = 0;
};

} // namespace pissarro::core::inline optim
