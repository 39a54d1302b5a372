// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compare/comparison.h"

#include "core/base/error.h"
#include "core/session/open_model.h"
#include "core/tensor/guarded.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

namespace pissarro::core::inline compare {

namespace {

// The matrices that changed most for their size, or most at all where that is not known.
std::vector<std::string> mostChanged(const StateUpdate& state, std::int64_t count)
{
    std::vector<const ModuleUpdate*> sorted;
    for (const ModuleUpdate& one : state.modules) {
        sorted.push_back(&one);
    }
    const auto change = [](const ModuleUpdate* one) {
        return std::isnan(one->relativeNorm) ? one->norm() : one->relativeNorm;
    };
    std::stable_sort(
        sorted.begin(), sorted.end(),
        [&](const ModuleUpdate* a, const ModuleUpdate* b) { return change(a) > change(b); });
    std::vector<std::string> names;
    for (std::size_t i = 0; i < sorted.size() && static_cast<std::int64_t>(i) < count; ++i) {
        names.push_back(sorted[i]->module.name);
    }
    return names;
}

RunFindings findingsOf(const ComparedRun& one, const CompareOptions& options,
                       std::vector<std::string>& notes, const JobContext& job)
{
    RunFindings findings;
    if (!one.run || !options.withUpdate) {
        return findings;
    }
    try {
        findings.update = updateOfRun(*one.run, options.update, job);
        for (const std::string& note : findings.update->notes) {
            notes.push_back(one.name + ": " + note);
        }
        const StateUpdate& state = findings.update->usual();
        if (hasAdapter(one.run->spec.method)) {
            findings.ranks = ranksByUpdate(state, options.share);
        }
        if (options.spectra > 0) {
            findings.spectra = spectraOf(*one.run, mostChanged(state, options.spectra), job);
        }
    } catch (const Error& e) {
        if (e.kind() == ErrorKind::InvalidArgument) {
            throw; // what was asked for cannot be
        }
        notes.push_back("Where " + one.name + " went is not told: " + e.what());
    }
    return findings;
}

} // namespace

RunComparison compareRuns(const std::vector<std::filesystem::path>& paths,
                          const CompareOptions& options, const JobContext& job)
{
    RunComparison found;
    if (!options.experiment.empty()) {
        found.experiment = &paperExperiment(options.experiment);
    }
    guarded("comparison of runs", [&] {
        found.runs = openCompared(paths, job);
        for (const ComparedRun& one : found.runs) {
            if (!one.edits.empty()) {
                found.notes.push_back(one.edits);
            }
        }
        for (const auto& folder : options.evaluations) {
            std::vector<Scoreboard> some = readScoreboards(folder, job);
            std::move(some.begin(), some.end(), std::back_inserter(found.evaluations));
        }
        for (const auto& file : options.quantErrors) {
            found.quantErrors.push_back(readQuantErrors(file, job));
        }
        found.differences = differencesOf(found.runs, job);
        found.claims = claimsOf(found.runs, found.evaluations);
        for (std::size_t i = 0; i < found.runs.size(); ++i) {
            const auto part = static_cast<double>(found.runs.size());
            const JobContext own(job.stopToken(), [&](double fraction, std::string_view stage) {
                job.checkpoint((static_cast<double>(i) + std::max(0.0, fraction)) / part, stage);
            });
            found.findings.push_back(findingsOf(found.runs[i], options, found.notes, own));
        }
    });
    return found;
}

OutputRule withBases(const OutputRule& rule, const RunComparison& found)
{
    std::vector<std::filesystem::path> places;
    for (const ComparedRun& one : found.runs) {
        places.push_back(one.path);
        if (one.run) {
            const auto more = readPlaces(*one.run);
            places.insert(places.end(), more.begin(), more.end());
        }
    }
    return rule.with(std::move(places));
}

} // namespace pissarro::core::inline compare
