// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/plan/part_plans.h"

#include "core/base/fmt.h"
#include "core/model/plan/part_plans_p.h"

#include <array>

namespace pissarro::core::inline model::inline plan {

namespace {

// gate, up and down of a width of its own, below "<module>.".
FeedForwardPlan gatedPlan(const ModelConfig& c, const std::string& module, std::int64_t ffn,
                          const std::array<std::string, 3>& names, bool bias)
{
    const auto linear = [&](const std::string& name, std::int64_t rows, std::int64_t cols) {
        return LinearPlan {fmt::format("{}.{}", module, name), rows, cols, bias,
                           c.storedTransposed};
    };
    return {c.activation, linear(names[0], ffn, c.width), linear(names[1], ffn, c.width),
            linear(names[2], c.width, ffn)};
}

} // namespace

std::vector<LinearPlan> existing(const std::vector<LinearPlan>& all)
{
    std::vector<LinearPlan> some;
    for (const LinearPlan& linear : all) {
        if (linear.exists()) {
            some.push_back(linear);
        }
    }
    return some;
}

MixturePlan mixturePlan(const ModelConfig& c, const std::string& prefix)
{
    const ModuleNames& names = c.names;
    MixturePlan plan;
    plan.routing = c.mixture;
    plan.router = prefix + names.mixture.router;
    if (c.mixture.correction) {
        plan.correction = fmt::format("{}.{}", plan.router, names.mixture.correction);
    }
    if (c.mixture.sharedGate) {
        plan.sharedGate = prefix + names.mixture.sharedGate;
    }
    if (c.mixture.sharedFfn > 0) {
        plan.shared = gatedPlan(c, prefix + names.mixture.shared, c.mixture.sharedFfn,
                                {"gate_proj", "up_proj", "down_proj"}, c.mlpBias);
    }
    for (std::int64_t expert = 0; expert < c.mixture.experts; ++expert) {
        plan.experts.push_back(gatedPlan(
            c, fmt::format("{}{}.{}", prefix, names.mixture.experts, expert), c.mixture.ffn,
            {names.mixture.gate, names.mixture.up, names.mixture.down}, false));
    }
    return plan;
}

// transformers leaves the epsilon of these norms at its default, whatever the configuration says.
AttentionPlan latentPlan(const ModelConfig& c, const std::string& prefix)
{
    constexpr double kEpsilon = 1e-6;
    const ModuleNames& names = c.names;
    const auto linear = [&](const std::string& name, std::int64_t rows, std::int64_t cols,
                            bool bias) {
        return LinearPlan {prefix + name, rows, cols, bias};
    };
    AttentionPlan plan;
    LatentPlan& latent = plan.latent;
    latent.plainDim = c.latent.plainDim;
    latent.turnedDim = c.headDim;
    latent.valueDim = c.latent.valueDim;
    const std::int64_t queries = c.heads * (latent.plainDim + latent.turnedDim);
    if (c.latent.queryRank > 0) {
        latent.queryDown = linear(names.latent.queryDown, c.latent.queryRank, c.width, c.qkvBias);
        latent.queryNorm = {prefix + names.latent.queryDownNorm, c.latent.queryRank, kEpsilon};
        plan.query = linear(names.latent.queryUp, queries, c.latent.queryRank, false);
    } else {
        plan.query = linear(names.query, queries, c.width, false);
    }
    latent.down = linear(names.latent.down, c.latent.rank + latent.turnedDim, c.width, c.qkvBias);
    latent.norm = {prefix + names.latent.norm, c.latent.rank, kEpsilon};
    latent.up = linear(names.latent.up, c.heads * (latent.plainDim + latent.valueDim),
                       c.latent.rank, false);
    plan.output = linear(names.output, c.width, c.heads * latent.valueDim, c.oBias);
    plan.heads = plan.kvHeads = c.heads;
    plan.headDim = latent.headDim();
    plan.scale = c.attentionScale;
    return plan;
}

std::vector<std::string> NormPlan::modules() const
{
    if (!exists() || (!weight && !bias)) {
        return {};
    }
    if (!apart) {
        return {name};
    }
    std::vector<std::string> each;
    for (std::int64_t group = 0; group < groups; ++group) {
        each.push_back(fmt::format("{}.norms.{}", name, group));
    }
    return each;
}

std::vector<LinearPlan> FeedForwardPlan::inputs() const
{
    return existing({gate, up});
}

std::vector<LinearPlan> FeedForwardPlan::linears() const
{
    return existing({gate, up, down});
}

} // namespace pissarro::core::inline model::inline plan
