// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/run_checkpoints.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/file/atomic_file.h"
#include "core/format/safetensors.h"
#include "core/text/json_text.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"
#include "core/text/number_text.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace pissarro::core::inline run {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::uint64_t kLargestState = 1U << 20U; // of state.json, a few thousand bytes
constexpr std::size_t kLongestStep = 12; // digits: more than any run takes

// Of "120"; nullopt for anything else.
std::optional<std::int64_t> wholeNumber(std::string_view text)
{
    const auto number = numberIn<std::int64_t>(text);
    return number >= 0 && text.size() <= kLongestStep ? number : std::nullopt;
}

std::optional<std::int64_t> stepOf(const fs::path& directory)
{
    const std::string name = directory.filename().string();
    return name.starts_with("step-") ? wholeNumber(std::string_view(name).substr(5)) : std::nullopt;
}

bool holdsWholeTensors(const fs::path& directory)
{
    try {
        SafetensorsFile::open(directory / kStateTensors);
        return true;
    } catch (const Error&) {
        return false;
    }
}

// "step 40, 20 and best (step 25)"
std::string namesOf(const RunSummary& run, const std::vector<StoredState>& states)
{
    std::string text;
    std::string best;
    for (const StoredState& state : states) {
        if (state.directory != bestDirectory(run.directory)) {
            text += fmt::format("{}{}", text.empty() ? "step " : ", ", state.step);
        }
        if (state.isBest) {
            best = fmt::format("best (step {})", state.step);
        }
    }
    const bool both = !text.empty() && !best.empty();
    return text.empty() && best.empty() ? "none" : text + (both ? " and " : "") + best;
}

} // namespace

std::string stateToJson(const TrainState& state)
{
    json text {{"step", state.step},
               {"epoch", state.cursor.epoch},
               {"position", state.cursor.position},
               {"tokens", state.tokens},
               {"elapsed_s", state.elapsedS}};
    if (state.bestStep > 0) {
        if (std::isfinite(state.bestEvalLoss)) {
            text["best_eval_loss"] = state.bestEvalLoss;
        }
        if (std::isfinite(state.bestScore)) {
            text["best_score"] = state.bestScore;
        }
        text["best_step"] = state.bestStep;
        text["stale"] = state.stale;
    }
    if (!state.unrecorded.empty()) {
        text["unrecorded"] = state.unrecorded;
    }
    if (!state.spec.empty()) {
        text["spec"] = state.spec;
    }
    return text.dump(2) + "\n";
}

std::optional<TrainState> readState(const fs::path& directory)
{
    if (!holdsWholeTensors(directory)) {
        return std::nullopt;
    }
    try {
        const json text = parseOwnPlain(readWholeFile(directory / kStateFile, kLargestState));
        TrainState state;
        const auto read = [&text](const char* key, auto& value) {
            value = jsonFieldAs<std::remove_reference_t<decltype(value)>>(text, key).value();
        };
        const auto readIfThere = [&](const char* key, auto& value) {
            if (text.contains(key)) {
                read(key, value);
            }
        };
        read("step", state.step);
        read("epoch", state.cursor.epoch);
        read("position", state.cursor.position);
        read("tokens", state.tokens);
        read("elapsed_s", state.elapsedS);
        // Checkpoints of versions without evaluation, and of runs before their first one, have none.
        readIfThere("best_eval_loss", state.bestEvalLoss);
        readIfThere("best_score", state.bestScore);
        readIfThere("best_step", state.bestStep);
        readIfThere("stale", state.stale);
        readIfThere("unrecorded", state.unrecorded);
        readIfThere("spec", state.spec);
        return state;
    } catch (const Error&) {
        return std::nullopt;
    } catch (const std::bad_optional_access&) {
        return std::nullopt; // a field is missing, or of another kind
    }
}

fs::path checkpointDirectory(const fs::path& runDirectory, std::int64_t step)
{
    return runDirectory / "checkpoints" / fmt::format("step-{}", step);
}

fs::path bestDirectory(const fs::path& runDirectory)
{
    return runDirectory / "best";
}

std::vector<std::int64_t> checkpointSteps(const fs::path& runDirectory, bool whole)
{
    std::vector<std::int64_t> steps;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(runDirectory / "checkpoints", ignored)) {
        const auto step = stepOf(entry.path());
        if (step && (!whole || readState(entry.path()))) {
            steps.push_back(*step);
        }
    }
    std::sort(steps.begin(), steps.end(), std::greater<>());
    return steps;
}

std::int64_t newestCheckpoint(const fs::path& runDirectory)
{
    const auto steps = checkpointSteps(runDirectory, /*whole=*/false);
    const auto newest = std::find_if(steps.begin(), steps.end(), [&](std::int64_t step) {
        return readState(checkpointDirectory(runDirectory, step)).has_value();
    });
    return newest == steps.end() ? 0 : *newest;
}

void pruneCheckpoints(const fs::path& runDirectory, std::int64_t keep)
{
    const auto steps = checkpointSteps(runDirectory, /*whole=*/false);
    for (std::size_t i = static_cast<std::size_t>(std::max<std::int64_t>(1, keep));
         i < steps.size(); ++i) {
        std::error_code ignored;
        fs::remove_all(checkpointDirectory(runDirectory, steps[i]), ignored);
    }
}

std::vector<std::int64_t> dropCheckpointsAbove(const fs::path& runDirectory, std::int64_t step)
{
    auto steps = checkpointSteps(runDirectory, /*whole=*/false);
    steps.erase(
        std::remove_if(steps.begin(), steps.end(), [&](std::int64_t one) { return one <= step; }),
        steps.end());
    for (const std::int64_t one : steps) {
        std::error_code ignored;
        fs::remove_all(checkpointDirectory(runDirectory, one), ignored);
    }
    return steps;
}

StateChoice parseStateChoice(std::string_view text)
{
    if (text == "best") {
        return {StateChoice::Kind::Best, 0};
    }
    if (text == "last") {
        return {StateChoice::Kind::Last, 0};
    }
    const auto step = wholeNumber(text);
    if (!step || *step < 1) {
        throw Error(ErrorKind::InvalidArgument,
                    "the checkpoint must be best, last or a step, found " + shownText(text));
    }
    return {StateChoice::Kind::Step, *step};
}

std::string StoredState::title() const
{
    return fmt::format("step {}{}", step,
                       isBest       ? isLast ? ", the last one and the best by evaluation"
                                             : ", the best by evaluation"
                           : isLast ? ", the last one"
                                    : "");
}

std::vector<StoredState> storedStates(const RunSummary& run)
{
    const auto best = readState(bestDirectory(run.directory));
    const std::int64_t bestStep = best ? best->step : 0;
    std::vector<StoredState> states;
    for (const std::int64_t step : checkpointSteps(run.directory, /*whole=*/true)) {
        states.push_back({checkpointDirectory(run.directory, step), step, step == bestStep});
    }
    std::erase_if(states, [](const StoredState& state) { return state.step < 1; });
    if (bestStep > 0
        && std::none_of(states.begin(), states.end(), [](const auto& one) { return one.isBest; })) {
        states.push_back({bestDirectory(run.directory), bestStep, true});
    }
    std::sort(states.begin(), states.end(),
              [](const auto& one, const auto& other) { return one.step > other.step; });
    if (!states.empty()) {
        states.front().isLast = true;
    }
    return states;
}

StoredState findState(const RunSummary& run, const StateChoice& choice)
{
    using Kind = StateChoice::Kind;
    const std::vector<StoredState> states = storedStates(run);
    const auto found = [&](auto&& meant) {
        return std::find_if(states.begin(), states.end(), meant);
    };
    auto chosen = states.end();
    if (choice.kind == Kind::Best || choice.kind == Kind::Usual) {
        chosen = found([](const StoredState& state) { return state.isBest; });
    }
    if (choice.kind == Kind::Last || (choice.kind == Kind::Usual && chosen == states.end())) {
        chosen = found([](const StoredState& state) { return state.isLast; });
    }
    if (choice.kind == Kind::Step) {
        chosen = found([&](const StoredState& state) { return state.step == choice.step; });
    }
    if (chosen != states.end()) {
        return *chosen;
    }
    const std::string wanted = choice.kind == Kind::Best ? "best state"
        : choice.kind == Kind::Step ? fmt::format("checkpoint of step {}", choice.step)
                                    : "checkpoint";
    throw Error(ErrorKind::Format,
                shownPath(run.directory) + ": has no " + wanted
                    + " (there are: " + namesOf(run, states) + "); "
                    + (states.empty() ? "train it with --resume, which writes one"
                                      : "choose one of these"));
}

} // namespace pissarro::core::inline run
