// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compare/comparison.h"
#include "core/report/document.h"

#include <string>
#include <vector>

namespace pissarro::core::inline compare {

constexpr std::size_t kMostCurves = 12; // of a plot: more cannot be told apart
constexpr std::size_t kFewRuns = 4; // that have room beside one another, and a line each

// How each run is called and drawn, in their order: a method keeps its colour, a second run of it is dashed, a third dotted.
struct RunLook {
    std::string name; // told apart from all others
    Paint paint;
    Dash dash = Dash::Solid;
};
std::vector<RunLook> looksOf(const std::vector<ComparedRun>& runs);

// Pictures as blocks: those of many curves alone, for their names need the width, the others beside one another.
void addPictures(Section& section, Pictures pictures);

// A sentence as people read it: "-0.0101" has a true minus.
std::string readable(std::string sentence);

// Curves over steps, means and bands over runs that differ in their seed alone.
Pictures lossPictures(const RunComparison& comparison, const std::vector<RunLook>& looks);
// Score against rank at one rate and at each method's best; empty where fewer than two ranks were tried.
Pictures rankPictures(const RunComparison& comparison);

Figures figuresOf(const RunComparison& comparison, const std::vector<RunLook>& looks);
Table runsTable(const RunComparison& comparison, const std::vector<RunLook>& looks);
Section setupSection(const RunComparison& comparison, const std::vector<RunLook>& looks);
Section claimsSection(const RunComparison& comparison);
Section scoresSection(const RunComparison& comparison, const std::vector<RunLook>& looks);
Section updateSection(const RunComparison& comparison, const std::vector<RunLook>& looks);
Section quantizationSection(const RunComparison& comparison, const std::vector<RunLook>& looks);
Section paperSection(const RunComparison& comparison);

// "model.layers.14.self_attn.v_proj" as people read it: "layer 14 · v_proj".
std::string moduleTitle(const LinearModule& module);

} // namespace pissarro::core::inline compare
