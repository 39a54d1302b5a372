// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/compared_runs.h"

#include "core/run/spec_settings.h"

namespace pissarro::core::inline run {

namespace {
constexpr const char* kSeed = "seed";
}

double flopsPerToken(const RunSummary& run)
{
    const bool hasFrozen = hasAdapter(run.spec.method);
    const auto frozen = hasFrozen ? static_cast<double>(run.modelParameters) : 0.0;
    return run.modelParameters == 0
        ? 0.0
        : 4.0 * frozen + 6.0 * static_cast<double>(run.trainableParameters);
}

std::string recipeOf(const RunSpec& spec)
{
    std::string recipe;
    for (const SpecSetting& setting : settingsOf(spec)) {
        if (setting.key != kSeed) {
            recipe += setting.key + '=' + setting.value + '\n';
        }
    }
    return recipe;
}

} // namespace pissarro::core::inline run
