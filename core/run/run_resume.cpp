// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/run_resume.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/run/run_checkpoints.h"
#include "core/run/run_inputs.h"
#include "core/run/spec_fields.h"
#include "core/text/message_text.h"
#include "core/text/number_text.h"

#include <cmath>
#include <set>
#include <vector>

namespace pissarro::core::inline run {

namespace {

namespace fs = std::filesystem;

std::string shownValue(const std::string& value)
{
    return value.empty() ? "none" : shownText(value);
}

// NAME.EXTENSION becomes NAME.1.EXTENSION, or the first number that is free.
void keepAside(const fs::path& directory, const std::string& name, const std::string& extension)
{
    const fs::path from = directory / (name + extension);
    std::error_code failed;
    if (!fs::exists(from, failed)) {
        return;
    }
    fs::path aside;
    int number = 0;
    do {
        aside = directory / fmt::format("{}.{}{}", name, ++number, extension);
    } while (fs::exists(aside, failed));
    fs::rename(from, aside, failed);
    if (failed) {
        throw Error(ErrorKind::Io,
                    shownPath(from) + ": cannot be kept aside as " + aside.filename().string()
                        + ": " + failed.message());
    }
}

std::string checkpointText(const TrainState& state)
{
    return fmt::format("the checkpoint of step {}", state.step);
}

// Throws: Error{Format}. Requires: that the state keeps one.
RunSpec trainedSpec(const RunSummary& run, const TrainState& state)
{
    try {
        return specFromJson(state.spec);
    } catch (const Error& e) {
        throw Error(ErrorKind::Format,
                    shownPath(run.directory) + ": the settings in " + checkpointText(state)
                        + " cannot be read (" + e.what() + "); remove that checkpoint");
    }
}

// What decides a run's numbers and is another in run.json than in the state: the trained value first.
std::vector<SpecDifference> editsOf(const RunSummary& run, const RunSpec& trained)
{
    std::vector<SpecDifference> edits = specDifferences({trained, run.spec});
    std::erase_if(edits, [](const SpecDifference& one) {
        return specField(one.key).resume != Resume::Decides;
    });
    return edits;
}

} // namespace

std::vector<std::string> acceptChanges(const RunSummary& before, const RunSpec& asked)
{
    RunSpec then = before.spec;
    makePathsAbsolute(then); // of versions that kept them as they were typed
    std::vector<std::string> changes;
    for (const SpecDifference& difference : specDifferences({then, asked})) {
        const std::string& old = difference.values[0];
        const std::string& now = difference.values[1];
        const Resume resume = specField(difference.key).resume;
        const bool place = resume == Resume::Place;
        if (resume == Resume::Decides || (place && !before.inputs.isKnown())
            || (place && (old.empty() || now.empty()))) { // data instead of batches
            throw Error(ErrorKind::InvalidArgument,
                        shownPath(before.directory) + ": " + difference.key + " is "
                            + shownValue(old) + " in the run and " + shownValue(now)
                            + " is asked for; a run goes on with its own: leave that out, or start "
                              "another run");
        }
        changes.push_back(difference.key + " is " + shownValue(now) + " from here on, it was "
                          + shownValue(old));
    }
    return changes;
}

void requireTrainedWith(const RunSummary& run, const TrainState& state)
{
    if (state.spec.empty()) {
        return;
    }
    const fs::path place = run.directory / kRunFile;
    const std::vector<SpecDifference> edits = editsOf(run, trainedSpec(run, state));
    if (!edits.empty()) {
        const SpecDifference& difference = edits.front();
        throw Error(ErrorKind::Format,
                    shownPath(place) + ": was edited, or the checkpoint is another run's: "
                        + difference.key + " is " + shownValue(difference.values[1]) + " in it and "
                        + shownValue(difference.values[0]) + " in " + checkpointText(state)
                        + "; put the old value back, or start another run");
    }
}

std::string takeTrained(RunSummary& run)
{
    const auto state =
        readState(run.checkpointStep > 0 ? checkpointDirectory(run.directory, run.checkpointStep)
                                         : bestDirectory(run.directory));
    if (!state || state->spec.empty()) {
        return {};
    }
    RunSpec trained;
    try {
        trained = trainedSpec(run, *state);
    } catch (const Error& e) {
        return e.what();
    }
    std::string edits;
    const auto tell = [&](const std::string& key, const std::string& now, const std::string& then) {
        edits += fmt::format("{}{} is {} in it and was {}", edits.empty() ? "" : ", ", key,
                             shownValue(now), shownValue(then));
    };
    for (const SpecDifference& difference : editsOf(run, trained)) {
        tell(difference.key, difference.values[1], difference.values[0]);
        const SpecField& field = specField(difference.key);
        field.set(run.spec, field.get(trained));
    }
    const bool hasBest = run.bestStep > 0 && run.bestStep == state->bestStep;
    if (hasBest && std::isfinite(run.bestEvalLoss) && std::isfinite(state->bestEvalLoss)
        && run.bestEvalLoss != state->bestEvalLoss) {
        tell("best_eval_loss", numberText(run.bestEvalLoss), numberText(state->bestEvalLoss));
        run.bestEvalLoss = state->bestEvalLoss;
    }
    return edits.empty()
        ? edits
        : fmt::format("{}: was edited, or the checkpoint is another run's: {}; what "
                      "{} was trained with is told",
                      shownPath(run.directory / kRunFile), edits, checkpointText(*state));
}

void requireTrainedWith(const RunSummary& run, const StoredState& state)
{
    if (state.directory.empty()) {
        return;
    }
    if (const auto kept = readState(state.directory)) {
        requireTrainedWith(run, *kept);
    }
}

std::string recordGap(const RunSummary& run, const TrainState& state)
{
    const std::int64_t last = state.unrecorded.empty() ? state.step : state.step - 1;
    std::set<std::int64_t> recorded;
    for (const StepRecord& record : MetricsTail(run.directory).poll()) {
        if (record.step >= 1 && record.step <= last) {
            recorded.insert(record.step);
        }
    }
    const std::int64_t missing = last - static_cast<std::int64_t>(recorded.size());
    if (missing <= 0) {
        return {};
    }
    std::int64_t first = 1;
    while (recorded.contains(first)) {
        ++first;
    }
    const auto next = recorded.upper_bound(first);
    const std::int64_t end = next == recorded.end() ? last : *next - 1;
    return fmt::format("{} lacks {} of the {} steps done, {}{}: what was recorded of them is lost, "
                       "and the curves keep that gap",
                       kMetricsFile, missing, last,
                       first == end ? fmt::format("step {}", first)
                                    : fmt::format("steps {} to {}", first, end),
                       missing > end - first + 1 ? " the first" : "");
}

std::string lengthChange(const RunSummary& before, const RunSpec& asked, std::int64_t steps,
                         std::int64_t done)
{
    if (steps == before.steps) {
        return {};
    }
    if (steps < done) {
        throw Error(ErrorKind::InvalidArgument,
                    fmt::format("{}: has done {} steps and {} are asked for (expected at least as "
                                "many); start another run instead",
                                shownPath(before.directory), done, steps));
    }
    const bool flat = asked.schedule == Schedule::Constant && asked.warmupRatio == 0.0;
    return fmt::format("{}{} to {} steps{}",
                       steps > before.steps ? "lengthened from " : "shortened from ", before.steps,
                       steps,
                       flat ? std::string()
                            : "; the " + std::string(scheduleName(asked.schedule))
                               + " schedule is drawn anew over the new length");
}

void keepRecordsAside(const fs::path& runDirectory)
{
    keepAside(runDirectory, fs::path(kMetricsFile).stem().string(), ".jsonl");
    keepAside(runDirectory, bestDirectory(runDirectory).filename().string(), "");
}

} // namespace pissarro::core::inline run
