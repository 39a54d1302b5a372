// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compare/update_map.h"
#include "core/text/enum_names.h"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace pissarro::core::inline compare {

// One number of what a matrix changed by, for maps and tables.
enum class UpdateMeasure {
    Norm, // ||Delta W||_F
    RelativeNorm, // of ||W||_F
    EffectiveRank, // exp of the entropy of its singular values
    // Overlap of subspaces (core/stats/subspaces.h), in [0, 1]: of the leading directions of Delta W with those at the start, and
    // with those of W.
    StartOutput,
    StartInput,
    BaseOutput,
    BaseInput,
    StartError, // what four bits took away, of ||W||_F
};

} // namespace pissarro::core::inline compare

namespace pissarro::core {

template <>
struct EnumNames<UpdateMeasure> {
    static constexpr std::array all {
        Named<UpdateMeasure> {UpdateMeasure::Norm, "norm"},
        Named<UpdateMeasure> {UpdateMeasure::RelativeNorm, "relative_norm"},
        Named<UpdateMeasure> {UpdateMeasure::EffectiveRank, "effective_rank"},
        Named<UpdateMeasure> {UpdateMeasure::StartOutput, "start_output_overlap"},
        Named<UpdateMeasure> {UpdateMeasure::StartInput, "start_input_overlap"},
        Named<UpdateMeasure> {UpdateMeasure::BaseOutput, "base_output_overlap"},
        Named<UpdateMeasure> {UpdateMeasure::BaseInput, "base_input_overlap"},
        Named<UpdateMeasure> {UpdateMeasure::StartError, "start_error"},
    };
};

} // namespace pissarro::core

namespace pissarro::core::inline compare {

double measured(const ModuleUpdate& update, UpdateMeasure measure); // NaN: it is not known
double meanOf(const StateUpdate& state,
              UpdateMeasure measure); // over the modules that know it; NaN: none does

// Modules by states: what a heat map over time draws.
struct UpdateTable {
    std::vector<std::string> modules;
    std::vector<std::int64_t> steps;
    std::vector<double> values; // [modules x steps], row by row; NaN: not known

    double at(std::size_t module, std::size_t step) const
    {
        return values[module * steps.size() + step];
    }
};
UpdateTable updateTable(const RunUpdate& update, UpdateMeasure measure);

// Layers by types of one state: the heat map of a model.
struct LayerTable {
    std::vector<std::int64_t> layers; // ascending
    std::vector<std::string> types; // as they come in a layer
    std::vector<double> values; // [layers x types], row by row; NaN: there is none
};
LayerTable layerTable(const StateUpdate& state, UpdateMeasure measure);

} // namespace pissarro::core::inline compare
