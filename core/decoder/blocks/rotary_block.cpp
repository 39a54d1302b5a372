// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decoder/blocks/rotary_block_tensors.h"
#include "core/tensor/host_pointer_tensors.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

namespace pissarro::core::inline decoder::inline blocks {

namespace {

// Frequency of each pair of a head, [headDim / 2] on the CPU: transformers' own operations in its own order and in
// float32, since at position p a last bit of the frequency is p last bits of the angle.
at::Tensor rotaryFrequencies(const ModelConfig& config)
{
    const RopeScaling& scaling = config.ropeScaling;
    const at::Tensor pairs = at::arange(0, config.headDim, 2, at::kFloat);
    at::Tensor f = at::pow(config.ropeTheta, pairs / config.headDim).reciprocal();
    if (scaling.kind == RopeScalingKind::Linear) {
        f = f / scaling.factor;
    } else if (scaling.kind == RopeScalingKind::Llama3) {
        const auto trained = static_cast<double>(scaling.originalMaxPositions);
        const double low = scaling.lowFrequencyFactor;
        const double high = scaling.highFrequencyFactor;
        const at::Tensor wavelength = f.reciprocal() * (2.0 * M_PI);
        const at::Tensor isLong = wavelength > trained / low;
        const at::Tensor isShort = wavelength < trained / high;
        const at::Tensor smooth = (wavelength.reciprocal() * trained - low) / (high - low);
        const at::Tensor between = at::rsub(smooth, 1.0) * f / scaling.factor + smooth * f;
        f = at::where(isLong, f / scaling.factor, at::where(isShort, f, between));
    }
    if (!config.ropeFrequencyFactors.empty()) {
        f = f / at::tensor(config.ropeFrequencyFactors, at::kFloat);
    }
    return f.contiguous();
}

RotaryTable makeTable(const at::Tensor& frequencies_H, std::int64_t positions, at::Device device)
{
    const auto* f = in<float>(frequencies_H);
    const std::int64_t half = frequencies_H.size(0);
    at::Tensor cosines = at::empty({positions, half}, at::kFloat);
    at::Tensor sines = at::empty({positions, half}, at::kFloat);
    auto* c = out<float>(cosines);
    auto* s = out<float>(sines);
    for (std::int64_t p = 0; p < positions; ++p) {
        for (std::int64_t i = 0; i < half; ++i) {
            const float angle = static_cast<float>(p) * f[i];
            c[p * half + i] = std::cos(angle);
            s[p * half + i] = std::sin(angle);
        }
    }
    return {cosines.to(device), sines.to(device)};
}

} // namespace

RotaryBlock::RotaryBlock(const ModelConfig& config, at::Device device)
    : m_frequencies_H(rotaryFrequencies(config))
    , m_device(device)
{
}

const RotaryTable& RotaryBlock::upTo(std::int64_t positions)
{
    if (!m_table.cos_TH.defined() || m_table.cos_TH.size(0) < positions) {
        m_table = makeTable(m_frequencies_H, std::max<std::int64_t>(positions, 256), m_device);
    }
    return m_table;
}

} // namespace pissarro::core::inline decoder::inline blocks
