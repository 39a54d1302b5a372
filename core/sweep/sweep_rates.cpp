// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sweep/sweep_rates.h"

#include <algorithm>

namespace pissarro::core::inline sweep {

namespace {

// The first run of each method, as the plan has it.
std::vector<const PlannedRun*> oneOfEachMethod(const SweepPlan& plan)
{
    std::vector<const PlannedRun*> runs;
    for (const PlannedRun& run : plan.runs) {
        const bool isThere = std::any_of(runs.begin(), runs.end(), [&](const PlannedRun* one) {
            return one->spec.method == run.spec.method;
        });
        if (!isThere) {
            runs.push_back(&run);
        }
    }
    return runs;
}

// The part of a job that is one of several.
JobContext partOf(const JobContext& job, std::size_t part, std::size_t parts)
{
    return JobContext(job.stopToken(), [&job, part, parts](double done, std::string_view stage) {
        const double share =
            (static_cast<double>(part) + std::clamp(done, 0.0, 1.0)) / static_cast<double>(parts);
        job.checkpoint(share, stage);
    });
}

} // namespace

std::vector<RateRamp> rampsOf(const SweepPlan& plan, const JobContext& job)
{
    const auto runs = oneOfEachMethod(plan);
    std::vector<RateRamp> ramps;
    for (const PlannedRun* run : runs) {
        ramps.push_back(
            rateRamp(run->spec, run->spec.method, {}, partOf(job, ramps.size(), runs.size())));
    }
    return ramps;
}

SweepSpec withRates(SweepSpec spec, const std::vector<RateRamp>& ramps)
{
    const auto isRate = [](const SweepAxis& axis) { return axis.key == "learning_rate"; };
    for (const RateRamp& ramp : ramps) {
        if (ramp.proposal.grid.empty()) {
            continue;
        }
        auto twin = std::find_if(spec.twins.begin(), spec.twins.end(),
                                 [&](const SweepTwin& one) { return one.method == ramp.method; });
        if (twin == spec.twins.end()) {
            twin = spec.twins.insert(twin, SweepTwin {ramp.method, {}});
        }
        std::erase_if(twin->own, isRate);
        twin->own.push_back(
            {"learning_rate", {ramp.proposal.grid.begin(), ramp.proposal.grid.end()}});
    }
    return spec;
}

} // namespace pissarro::core::inline sweep
