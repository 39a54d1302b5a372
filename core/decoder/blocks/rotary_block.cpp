// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decoder/blocks/rotary_block_tensors.h"
#include "core/tensor/host_pointer_tensors.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

namespace pissarro::core::inline decoder::inline blocks {

namespace {

// transformers' own operations in its own order and in float32, since at position p a last bit of the frequency is p last
// bits of the angle.
at::Tensor plainFrequencies(double theta, std::int64_t dims)
{
    return at::pow(theta, at::arange(0, dims, 2, at::kFloat) / dims).reciprocal();
}

at::Tensor llama3Frequencies(const at::Tensor& f, const RopeScaling& scaling)
{
    const auto trained = static_cast<double>(scaling.originalMaxPositions);
    const double low = scaling.lowFrequencyFactor;
    const double high = scaling.highFrequencyFactor;
    const at::Tensor wavelength = f.reciprocal() * (2.0 * M_PI);
    const at::Tensor isLong = wavelength > trained / low;
    const at::Tensor isShort = wavelength < trained / high;
    const at::Tensor smooth = (wavelength.reciprocal() * trained - low) / (high - low);
    const at::Tensor between = at::rsub(smooth, 1.0) * f / scaling.factor + smooth * f;
    return at::where(isLong, f / scaling.factor, at::where(isShort, f, between));
}

double factorOf(const ModelConfig& config)
{
    const RopeScaling& scaling = config.ropeScaling;
    return scaling.factor > 0.0 ? scaling.factor
                                : static_cast<double>(config.maxPositions)
            / static_cast<double>(scaling.originalMaxPositions);
}

// Peng et al. 2023: frequencies that turned often while it was trained stay, slow ones are stretched, a ramp between.
at::Tensor yarnFrequencies(const ModelConfig& config)
{
    const RopeScaling& scaling = config.ropeScaling;
    const auto dims = static_cast<double>(config.turnedDims());
    const auto pairOf = [&](double turns) {
        const auto trained = static_cast<double>(scaling.originalMaxPositions);
        return dims * std::log(trained / (turns * 2.0 * M_PI)) / (2.0 * std::log(config.ropeTheta));
    };
    double low = pairOf(scaling.betaFast);
    double high = pairOf(scaling.betaSlow);
    if (scaling.truncate) {
        low = std::floor(low);
        high = std::ceil(high);
    }
    low = std::max(low, 0.0);
    high = std::min(high, dims - 1.0);
    if (low == high) {
        high += 0.001;
    }
    const at::Tensor powers =
        at::pow(config.ropeTheta, at::arange(0, config.turnedDims(), 2, at::kFloat) / dims);
    const at::Tensor ramp =
        ((at::arange(config.turnedDims() / 2, at::kFloat) - low) / (high - low)).clamp_(0.0, 1.0);
    const at::Tensor keeps = at::rsub(ramp, 1.0);
    return (powers * factorOf(config)).reciprocal() * at::rsub(keeps, 1.0)
        + powers.reciprocal() * keeps;
}

at::Tensor longRopeFrequencies(const ModelConfig& config, bool isLong)
{
    const RopeScaling& scaling = config.ropeScaling;
    const at::Tensor factors =
        at::tensor(isLong ? scaling.longFactors : scaling.shortFactors, at::kFloat);
    return (factors
            * at::pow(config.ropeTheta,
                      at::arange(0, config.turnedDims(), 2, at::kFloat) / config.turnedDims()))
        .reciprocal();
}

at::Tensor dynamicFrequencies(const ModelConfig& config, std::int64_t positions)
{
    const auto dims = static_cast<double>(config.turnedDims());
    const auto trained = static_cast<double>(config.maxPositions);
    const double length = std::max(static_cast<double>(positions), trained);
    const double factor = config.ropeScaling.factor;
    const double grown = std::pow(factor * length / trained - (factor - 1.0), dims / (dims - 2.0));
    return plainFrequencies(config.ropeTheta * grown, config.turnedDims());
}

// Frequency of each pair, [turnedDims / 2] on the CPU, of a text of so many tokens.
at::Tensor rotaryFrequencies(const ModelConfig& config, std::int64_t positions)
{
    const RopeScaling& scaling = config.ropeScaling;
    at::Tensor f = plainFrequencies(config.ropeTheta, config.turnedDims());
    switch (scaling.kind) {
    case RopeScalingKind::None:
        break;
    case RopeScalingKind::Linear:
        f = f / scaling.factor;
        break;
    case RopeScalingKind::Llama3:
        f = llama3Frequencies(f, scaling);
        break;
    case RopeScalingKind::Dynamic:
        f = dynamicFrequencies(config, positions);
        break;
    case RopeScalingKind::Yarn:
        f = yarnFrequencies(config);
        break;
    case RopeScalingKind::LongRope:
        f = longRopeFrequencies(config, positions > scaling.originalMaxPositions);
        break;
    }
    if (!config.ropeFrequencyFactors.empty()) {
        f = f / at::tensor(config.ropeFrequencyFactors, at::kFloat);
    }
    return f.contiguous();
}

// What cosines and sines are multiplied by: both papers stretch the scores so.
float attentionFactor(const ModelConfig& config)
{
    const RopeScaling& scaling = config.ropeScaling;
    const double factor = factorOf(config);
    if (scaling.kind != RopeScalingKind::Yarn && scaling.kind != RopeScalingKind::LongRope) {
        return 1.0F;
    }
    if (scaling.attentionFactor > 0.0) {
        return static_cast<float>(scaling.attentionFactor);
    }
    if (factor <= 1.0) {
        return 1.0F;
    }
    if (scaling.kind == RopeScalingKind::LongRope) {
        return static_cast<float>(std::sqrt(
            1.0 + std::log(factor) / std::log(static_cast<double>(scaling.originalMaxPositions))));
    }
    const auto scaleBy = [&](double mscale) { return 0.1 * mscale * std::log(factor) + 1.0; };
    const bool both = scaling.mscale > 0.0 && scaling.mscaleAllDim > 0.0;
    return static_cast<float>(both ? scaleBy(scaling.mscale) / scaleBy(scaling.mscaleAllDim)
                                   : scaleBy(1.0));
}

// As layers with a window turn: by a base of their own, unscaled.
ModelConfig ofWindows(ModelConfig config)
{
    config.ropeTheta = config.windowRopeTheta;
    config.ropeScaling = {};
    config.ropeFrequencyFactors.clear();
    return config;
}

RotaryTable makeTable(const at::Tensor& frequencies_H, std::int64_t positions, float factor,
                      at::Device device)
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
            c[p * half + i] = std::cos(angle) * factor;
            s[p * half + i] = std::sin(angle) * factor;
        }
    }
    return {cosines.to(device), sines.to(device)};
}

} // namespace

RotaryBlock::RotaryBlock(const ModelConfig& config, at::Device device, Turning turning)
    : m_config(turning == Turning::Window ? ofWindows(config) : config)
    , m_device(device)
{
}

std::int64_t RotaryBlock::regimeOf(std::int64_t positions) const
{
    const RopeScaling& scaling = m_config.ropeScaling;
    if (scaling.kind == RopeScalingKind::LongRope) {
        return positions > scaling.originalMaxPositions ? 1 : 0;
    }
    return scaling.kind == RopeScalingKind::Dynamic ? std::max(positions, m_config.maxPositions)
                                                    : 0;
}

const RotaryTable& RotaryBlock::upTo(std::int64_t positions)
{
    const std::int64_t regime = regimeOf(positions);
    if (!m_table.cos_TH.defined() || m_table.cos_TH.size(0) < positions || regime != m_regime) {
        m_table =
            makeTable(rotaryFrequencies(m_config, positions),
                      std::max<std::int64_t>(positions, 256), attentionFactor(m_config), m_device);
        m_table.headDim = m_config.headDim;
        m_table.pairs = m_config.rotaryPairs;
        m_regime = regime;
    }
    return m_table;
}

} // namespace pissarro::core::inline decoder::inline blocks
