// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compare/update_table.h"

#include "core/stats/subspaces.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace pissarro::core::inline compare {

double measured(const ModuleUpdate& update, UpdateMeasure measure)
{
    const auto overlap = [](const std::vector<double>& cosines) {
        return summaryOfCosines(cosines).overlap;
    };
    switch (measure) {
    case UpdateMeasure::Norm:
        return update.norm();
    case UpdateMeasure::RelativeNorm:
        return update.relativeNorm;
    case UpdateMeasure::EffectiveRank:
        return effectiveRank(update.delta);
    case UpdateMeasure::StartOutput:
        return overlap(update.toStart.output);
    case UpdateMeasure::StartInput:
        return overlap(update.toStart.input);
    case UpdateMeasure::BaseOutput:
        return overlap(update.toBase.output);
    case UpdateMeasure::BaseInput:
        return overlap(update.toBase.input);
    case UpdateMeasure::StartError:
        return update.startError;
    }
    return ModuleUpdate::kUnknown;
}

double meanOf(const StateUpdate& state, UpdateMeasure measure)
{
    double sum = 0.0;
    std::int64_t count = 0;
    for (const ModuleUpdate& one : state.modules) {
        const double value = measured(one, measure);
        if (!std::isnan(value)) {
            sum += value;
            ++count;
        }
    }
    return count > 0 ? sum / static_cast<double>(count) : ModuleUpdate::kUnknown;
}

UpdateTable updateTable(const RunUpdate& update, UpdateMeasure measure)
{
    UpdateTable table;
    for (const StateUpdate& state : update.states) {
        table.steps.push_back(state.step);
    }
    const std::size_t modules = update.states.front().modules.size();
    for (std::size_t i = 0; i < modules; ++i) {
        table.modules.push_back(update.states.front().modules[i].module.name);
        for (const StateUpdate& state : update.states) {
            table.values.push_back(measured(state.modules[i], measure));
        }
    }
    return table;
}

LayerTable layerTable(const StateUpdate& state, UpdateMeasure measure)
{
    LayerTable table;
    std::set<std::int64_t> layers;
    for (const ModuleUpdate& one : state.modules) {
        layers.insert(one.module.layer);
        if (std::find(table.types.begin(), table.types.end(), one.module.type)
            == table.types.end()) {
            table.types.push_back(one.module.type);
        }
    }
    table.layers.assign(layers.begin(), layers.end());
    table.values.assign(table.layers.size() * table.types.size(), ModuleUpdate::kUnknown);
    for (const ModuleUpdate& one : state.modules) {
        const auto row = std::distance(layers.begin(), layers.find(one.module.layer));
        const auto column =
            std::distance(table.types.begin(),
                          std::find(table.types.begin(), table.types.end(), one.module.type));
        table.values[static_cast<std::size_t>(row) * table.types.size()
                     + static_cast<std::size_t>(column)] = measured(one, measure);
    }
    return table;
}

} // namespace pissarro::core::inline compare
