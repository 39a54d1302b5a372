// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sweep/sweep_evaluation.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/evaluate/evaluated_tasks.h"
#include "core/file/file_lock.h"
#include "core/tasks/perplexity.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"
#include "core/text/number_text.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <system_error>

namespace pissarro::core::inline sweep {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using nlohmann::ordered_json;

constexpr const char* kModels = "models";

fs::path folderOfAll(const SweepStore& store)
{
    return store.folder() / kEvaluations;
}

// The evaluations that are there, by their number.
std::map<int, fs::path> evaluationsIn(const SweepStore& store)
{
    std::map<int, fs::path> found;
    std::error_code failed;
    for (const auto& entry : fs::directory_iterator(folderOfAll(store), failed)) {
        const auto number = numberIn<int>(entry.path().filename().string());
        if (number && fs::exists(entry.path() / kEvaluationFile, failed)) {
            found.emplace(*number, entry.path());
        }
    }
    return found;
}

// Runs lie where the sweep lies, wherever that was when they were asked.
std::string runOf(const EvaluatedModel& model)
{
    return fs::path(model.model).filename().string();
}

using FirstAnswers = std::map<std::int64_t, const Transcript*>;

RunScore scoreOfAnswers(const FirstAnswers& answers)
{
    std::vector<bool> solved;
    for (const auto& [index, answer] : answers) {
        solved.push_back(answer->isCorrect());
    }
    HalvedAnswers halves = halvesOf(solved);
    return {halves.choosing, halves.score, 0, std::move(halves.solved)};
}

RunScore scoreOfWindows(const FirstAnswers& windows)
{
    const std::vector<bool> chooses = choosingHalf(windows.size());
    TextLoss halves[2];
    std::size_t place = 0;
    for (const auto& [index, window] : windows) {
        halves[chooses[place++] ? 0 : 1] += lossOf(*window);
    }
    const auto perplexity = [](const TextLoss& half) {
        return perplexityOf(half).perplexity.value_or(std::nan(""));
    };
    return {perplexity(halves[0]), perplexity(halves[1]), 0, {}};
}

} // namespace

EvaluationSpec sweepEvaluationFrom(const ordered_json& object, const RunSpec& base)
{
    if (!object.is_object()) {
        throw Error(ErrorKind::Format, "is no object (expected one with task and data)");
    }
    EvaluationSpec spec;
    spec.promptTemplate = base.promptTemplate;
    spec.dtype = base.dtype;
    spec.device = base.device;
    json whole = toJson(spec);
    for (const auto& [key, value] : object.items()) {
        if (key == kModels || !whole.contains(key)) {
            throw Error(ErrorKind::Format,
                        "unknown key " + shownText(key)
                            + " (expected those of evaluation.json, without models); remove or "
                              "correct it");
        }
        whole[key] = value;
    }
    for (const char* key : {"task", "data"}) {
        if (!object.contains(key)) {
            throw Error(ErrorKind::Format,
                        std::string(key) + " is missing (expected task and data)");
        }
    }
    if (object.contains("temperature") && !object.contains("greedy")) { // as on the command line
        const auto temperature = jsonFieldAs<double>(whole, "temperature");
        whole["greedy"] = temperature == 0.0;
        whole["temperature"] = temperature == 0.0 ? json(1.0) : whole["temperature"];
    }
    spec = evaluationFrom(whole);
    std::error_code failed; // from another folder it must mean the same
    if (fs::exists(spec.data, failed)) {
        spec.data = fs::absolute(spec.data);
    }
    const EvaluatedTask& task = evaluatedTask(spec.task);
    if (task.task == nullptr && spec.task != kPerplexity) {
        throw Error(ErrorKind::InvalidArgument,
                    std::string(task.title)
                        + " is judged afterwards and gives no score to compare runs by; give the "
                          "finished runs to pissarro-cli eval");
    }
    EvaluationSpec probe = spec;
    probe.models = {{"run", "run"}};
    checkEvaluation(probe);
    return spec;
}

ordered_json sweepEvaluationJson(const EvaluationSpec& spec)
{
    ordered_json object = toJson(spec);
    object.erase(kModels);
    return object;
}

void evaluateSweep(const SweepStore& store, EvaluateOptions how, const JobContext& job)
{
    const auto lock = FileLock::whenFree(folderOfAll(store), job,
                                         "Waits for another program that evaluates these runs");
    std::set<std::string> asked;
    int last = 0;
    for (const auto& [number, folder] : evaluationsIn(store)) {
        const Evaluation before = readEvaluation(folder, job);
        for (const EvaluatedModel& model : before.spec.models) {
            asked.insert(runOf(model));
        }
        if (!before.isWhole) {
            how.folder = folder;
            runEvaluation(before.spec, how, job);
        }
        last = number;
    }
    EvaluationSpec spec = *store.spec().evaluation;
    for (const SweepRun& run : store.read().runs) {
        if (run.state == SweepRunState::Done && !asked.contains(run.name)) {
            spec.models.push_back({run.name, store.runFolder(run.name).string()});
        }
    }
    if (spec.models.empty()) {
        return;
    }
    makeNamesUnique(spec.models);
    how.folder = folderOfAll(store) / fmt::format("{}", last + 1);
    runEvaluation(spec, how, job);
}

ResultOptions scoredByEvaluation(const SweepStore& store, const JobContext& job)
{
    auto scores = std::make_shared<std::map<std::string, RunScore>>();
    ResultOptions options;
    for (const auto& [number, folder] : evaluationsIn(store)) {
        const Evaluation evaluation = readEvaluation(folder, job);
        if (!evaluation.isWhole) {
            continue;
        }
        const bool isText = evaluation.spec.task == kPerplexity;
        options.measure = evaluation.spec.task;
        options.lowerIsBetter = isText;
        for (const EvaluatedModel& model : evaluation.spec.models) {
            const FirstAnswers first = firstAnswersOf(model.name, evaluation.transcripts);
            if (first.size() > 1) {
                (*scores)[runOf(model)] = isText ? scoreOfWindows(first) : scoreOfAnswers(first);
            }
        }
    }
    if (!scores->empty()) {
        options.scoreOf = [scores](const PlannedRun& run) -> std::optional<RunScore> {
            const auto found = scores->find(run.name);
            return found == scores->end() ? std::nullopt : std::optional(found->second);
        };
    }
    return options;
}

} // namespace pissarro::core::inline sweep
