// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/fmt.h"
#include "core/model/model_files_p.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace pissarro::core::inline model {

namespace {

using nlohmann::json;

// Both styles: rope_scaling beside rope_theta, or everything in rope_parameters, there perhaps by kind of layer.
const json* ropeObject(const JsonFields& fields, ModelConfig& config)
{
    const json* const scaling = fields.object("rope_scaling");
    const json* const newer = fields.object("rope_parameters");
    const json* const rope = scaling != nullptr && !scaling->empty() ? scaling : newer;
    if (rope == nullptr) {
        return nullptr;
    }
    const JsonFields kinds(*rope);
    const json* const full = kinds.object("full_attention");
    if (full == nullptr) {
        return rope;
    }
    if (const json* const sliding = kinds.object("sliding_attention")) {
        const JsonFields inner(*sliding);
        config.windowRopeTheta = inner.requiredPositive("rope_theta");
        if (inner.text("rope_type").value_or("default") != "default") {
            refuseConfig("rope_parameters of sliding_attention scale the positions, which is not "
                         "supported");
        }
    }
    return full;
}

std::int64_t originalPositions(const JsonFields& fields, const JsonFields& inner,
                               const ModelConfig& config)
{
    constexpr const char* kKey = "original_max_position_embeddings";
    const auto outside = fields.whole(kKey, 1, kPositionLimit);
    const auto inside = inner.whole(kKey, 1, kPositionLimit);
    return outside.value_or(inside.value_or(config.maxPositions));
}

void readLlama3(const JsonFields& inner, RopeScaling& scaling)
{
    scaling.kind = RopeScalingKind::Llama3;
    scaling.factor = inner.requiredPositive("factor");
    scaling.lowFrequencyFactor = inner.requiredPositive("low_freq_factor");
    scaling.highFrequencyFactor = inner.requiredPositive("high_freq_factor");
    if (scaling.highFrequencyFactor <= scaling.lowFrequencyFactor) {
        refuseConfig("high_freq_factor is not above low_freq_factor; correct the rope scaling");
    }
}

void readYarn(const JsonFields& inner, RopeScaling& scaling)
{
    scaling.kind = RopeScalingKind::Yarn;
    scaling.factor = inner.positive("factor").value_or(0.0);
    scaling.attentionFactor = inner.positive("attention_factor").value_or(0.0);
    scaling.betaFast = inner.positive("beta_fast").value_or(32.0);
    scaling.betaSlow = inner.positive("beta_slow").value_or(1.0);
    const auto orNone = [&](const char* key) { // 0 too says that there is none
        const std::vector<double> given = inner.numbers(key);
        return given.empty() ? 0.0 : given.front();
    };
    scaling.mscale = orNone("mscale");
    scaling.mscaleAllDim = orNone("mscale_all_dim");
    scaling.truncate = inner.flag("truncate", true);
}

void readLongRope(const JsonFields& inner, RopeScaling& scaling)
{
    scaling.kind = RopeScalingKind::LongRope;
    scaling.factor = inner.positive("factor").value_or(0.0);
    scaling.attentionFactor = inner.positive("attention_factor").value_or(0.0);
    scaling.shortFactors = inner.numbers("short_factor");
    scaling.longFactors = inner.numbers("long_factor");
}

void readScaling(const std::string& kind, const JsonFields& fields, const JsonFields& inner,
                 ModelConfig& config)
{
    RopeScaling& scaling = config.ropeScaling;
    if (kind == "linear" || kind == "dynamic") {
        scaling.kind = kind == "linear" ? RopeScalingKind::Linear : RopeScalingKind::Dynamic;
        scaling.factor = inner.requiredPositive("factor");
        return;
    }
    if (kind == "llama3") {
        readLlama3(inner, scaling);
    } else if (kind == "yarn") {
        readYarn(inner, scaling);
    } else if (kind == "longrope" || kind == "su") {
        readLongRope(inner, scaling);
    } else if (kind != "default") {
        refuseConfig("rope scaling " + shownText(kind, 40)
                     + " is not supported (expected default, linear, dynamic, yarn, longrope or "
                       "llama3)");
    }
    if (scaling.kind != RopeScalingKind::None) {
        scaling.originalMaxPositions = originalPositions(fields, inner, config);
    }
}

void readPart(double part, ModelConfig& config)
{
    const auto dims = static_cast<std::int64_t>(static_cast<double>(config.headDim) * part);
    if (part > 1.0 || dims < 2 || (dims % 2 != 0 && dims != config.headDim)) {
        refuseConfig(fmt::format("partial_rotary_factor turns {} of the {} numbers of a head "
                                 "(expected an even number of them)",
                                 dims, config.headDim));
    }
    config.rotaryDims = dims == config.headDim ? 0 : dims;
}

} // namespace

void readRope(const JsonFields& fields, const Family& family, ModelConfig& config)
{
    const json* const rope = ropeObject(fields, config);
    const json none = json::object();
    const JsonFields inner(rope == nullptr ? none : *rope);
    const auto outer = [&](const char* key) {
        return key == nullptr ? std::nullopt : fields.positive(key);
    };
    const auto outerTheta = outer(family.keys.ropeTheta);
    config.ropeTheta =
        inner.positive("rope_theta").value_or(outerTheta.value_or(family.defaults.ropeTheta));
    const auto outerPart = outer(family.keys.rotaryPart);
    const double part = inner.positive("partial_rotary_factor")
                            .value_or(outerPart.value_or(family.defaults.rotaryPart));
    if (config.noRotary) {
        return;
    }
    readPart(part, config);
    const std::optional<std::string> newer = inner.text("rope_type");
    const std::optional<std::string> older = inner.text("type");
    readScaling(newer.value_or(older.value_or("default")), fields, inner, config);
    for (const std::string& key : inner.unasked()) {
        config.unreadKeys.push_back(fmt::format("rope_parameters.{}", key));
    }
}

void checkRope(const ModelConfig& config)
{
    const RopeScaling& scaling = config.ropeScaling;
    if (!config.noRotary && config.turnedDims() % 2 != 0) {
        refuseConfig(
            fmt::format("the width of a head is {} (expected an even number, as rotary positions "
                        "need)",
                        config.turnedDims()));
    }
    if (scaling.kind == RopeScalingKind::LongRope) {
        const auto pairs = static_cast<std::size_t>(config.turnedDims() / 2);
        const auto fit = [&](const std::vector<double>& factors) {
            return factors.size() == pairs
                && std::all_of(factors.begin(), factors.end(),
                               [](double one) { return std::isfinite(one) && one > 0.0; });
        };
        if (!fit(scaling.shortFactors) || !fit(scaling.longFactors)) {
            refuseConfig(fmt::format("short_factor and long_factor must be lists of {} numbers "
                                     "above 0, one for each pair that turns",
                                     pairs));
        }
    }
    const bool byLogarithm =
        scaling.kind == RopeScalingKind::LongRope || scaling.kind == RopeScalingKind::Yarn;
    if (byLogarithm && (scaling.originalMaxPositions < 2 || config.ropeTheta <= 1.0)) {
        refuseConfig("rope scaling needs an original_max_position_embeddings and a rope_theta "
                     "above 1");
    }
    if (scaling.kind == RopeScalingKind::Dynamic && config.turnedDims() <= 2) {
        refuseConfig("dynamic rope scaling needs more than two numbers of a head that turn");
    }
}

} // namespace pissarro::core::inline model
