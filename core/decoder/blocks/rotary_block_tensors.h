// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decoder/ops/ops_tensors.h"
#include "core/model/plan/layer_plan.h"

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace pissarro::core::inline decoder::inline blocks {

// The rotary positions of a model, or those of its layers with a window where they have their own. What turns by them is Ops::rotate(), forward by 1.0 and backward by -1.0; a token that is
// fed to a cache turns by its own position as any other.
// Memory: the table alone; queries and keys turn in place.
// Threads: one user at a time.
class RotaryBlock {
public:
    RotaryBlock(const ModelConfig& config, at::Device device, Turning turning = Turning::All);

    // Of `positions` at least, as a text of so many turns. The table grows on demand: the reference is good until the next
    // call.
    const RotaryTable& upTo(std::int64_t positions);
    // Which frequencies a text of so many tokens has: the same number, the same ones.
    std::int64_t regimeOf(std::int64_t positions) const;
    // Whether keys of one regime are of no use in another: a base that grows with the text (Dynamic) keeps those it has, as
    // transformers' cache does.
    bool needsOneRegime() const { return m_config.ropeScaling.kind == RopeScalingKind::LongRope; }

private:
    ModelConfig m_config;
    at::Device m_device;
    std::int64_t m_regime = -1;
    RotaryTable m_table;
};

} // namespace pissarro::core::inline decoder::inline blocks
