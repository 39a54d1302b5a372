// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/optim/trainable_tensors.h"
#include "core/tensor/named_tensors.h"

#include <cstdint>
#include <utility>
#include <vector>

namespace pissarro::core::inline optim {

// What trains together, and what is done with its gradients whatever the optimizer. A value of pointers into the decoder,
// which must outlive it; their order is that of checkpoints and of the sum in the gradient norm.
// Threads: one user at a time.
class TrainableSet {
public:
    TrainableSet() = default;
    explicit TrainableSet(std::vector<Trainable*> trainables)
        : m_trainables(std::move(trainables))
    {
    }

    auto begin() const { return m_trainables.begin(); }
    auto end() const { return m_trainables.end(); }
    std::size_t size() const { return m_trainables.size(); }
    Trainable& operator[](std::size_t i) const { return *m_trainables[i]; }

    double gradientNorm() const; // of all gradients together
    void scaleGradients(double factor) const;
    void zeroGradients() const; // those that pass (Trainable::passing) give their memory back
    std::int64_t parameters() const;
    NamedTensors tensors() const; // each value, and what a split one lacks of its master

private:
    std::vector<at::Tensor> gradients() const;

    std::vector<Trainable*> m_trainables;
};

} // namespace pissarro::core::inline optim
