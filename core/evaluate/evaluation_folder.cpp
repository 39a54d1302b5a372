// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/version.h"
#include "core/evaluate/evaluated_tasks.h"
#include "core/evaluate/evaluation_folder_p.h"
#include "core/file/atomic_file.h"
#include "core/file/fingerprint.h"
#include "core/file/json_file.h"
#include "core/file/output_marker.h"
#include "core/file/regular_file.h"
#include "core/model/base_files.h"
#include "core/model/model_files.h"
#include "core/run/fresh_folders.h"
#include "core/run/run_inputs.h"
#include "core/run/run_log.h"
#include "core/tasks/mt_bench.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <tuple>
#include <utility>

namespace pissarro::core::inline evaluate {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using nlohmann::ordered_json;

OutputRule ruleOf(const EvaluationSpec& spec, const EvaluateOptions& options)
{
    OutputRule rule {{spec.data}, options.overwrite};
    for (const EvaluatedModel& model : spec.models) {
        rule = rule.with(readPlaces(model.model, model.adapter));
    }
    return rule;
}

void makeFolder(const fs::path& folder)
{
    std::error_code failed;
    fs::create_directories(folder, failed);
    if (failed) {
        throw Error(ErrorKind::Io,
                    shownPath(folder) + ": the folder cannot be made: " + failed.message()
                        + "; choose another with -o");
    }
}

// Last, so that a start which was killed leaves either nothing or an evaluation to go on with.
void mark(const fs::path& folder, const EvaluationSpec& spec)
{
    std::vector<std::string> names {kEvaluationFile, std::string(kEvaluationFile) + ".lock",
                                    kTranscriptsFile, kSummaryFile};
    for (const EvaluatedModel& model : spec.models) { // not *.jsonl: a person's may lie there
        names.push_back(model.name + ".jsonl");
        names.push_back("model_answer/" + model.name + ".jsonl");
    }
    markGrowingFolder(folder, names);
}

// A start of an evaluation that came to nothing, or was killed before its first answer.
bool isBareStart(const fs::path& folder)
{
    std::error_code failed;
    const fs::path file = folder / kEvaluationFile;
    return (pathExists(file) || pathExists(file.string() + ".lock")) && isGrowingFolder(folder)
        && !pathExists(folder / kSummaryFile)
        && (!pathExists(folder / kTranscriptsFile)
            || fs::file_size(folder / kTranscriptsFile, failed) == 0)
        && !foreignIn(folder) && !FileLock::isHeld(file);
}

bool holdsEvaluation(const EvaluateOptions& options)
{
    return pathExists(options.folder / kEvaluationFile) && options.overwrite == Overwrite::Never
        && (options.resume || !isBareStart(options.folder));
}

// Takes the lock of an evaluation that is there before any of it goes.
std::unique_ptr<FileLock> lockedFolder(const fs::path& folder)
{
    if (!pathExists(folder / kEvaluationFile)) {
        return nullptr;
    }
    auto lock = FileLock::ifFree(folder / kEvaluationFile);
    if (lock == nullptr) {
        throw Error(ErrorKind::InvalidArgument,
                    shownPath(folder)
                        + ": is in use: a program evaluates into it; end that first, or choose "
                          "another folder");
    }
    return lock;
}

// Whether an earlier output goes. Throws where none may go.
bool mayReplace(const fs::path& folder, const OutputRule& rule)
{
    if (isBareStart(folder)) {
        requireNoInput(folder, rule);
        return false;
    }
    return checkOutputFolder(folder, rule) == ExistingFolder::Replace;
}

std::unique_ptr<FileLock> beginFolder(const Evaluation& evaluation, const EvaluateOptions& options)
{
    const fs::path& folder = options.folder;
    const bool replaces = mayReplace(folder, ruleOf(evaluation.spec, options));
    FreshFolders made;
    made.note(folder);
    std::unique_ptr<FileLock> lock;
    try {
        lock = lockedFolder(folder);
        if (replaces) {
            emptyOurFolder(folder, lock ? std::string(kEvaluationFile) + ".lock" : std::string());
        }
        makeFolder(folder);
        writeEvaluation(evaluation, folder);
        mark(folder, evaluation.spec);
    } catch (...) {
        made.takeBack(/*runs=*/true);
        throw;
    }
    return lock ? std::move(lock) : std::make_unique<FileLock>(folder / kEvaluationFile);
}

std::string textOf(const std::vector<const Transcript*>& answers)
{
    std::string text;
    for (const Transcript* one : answers) {
        text += toLine(*one) + "\n";
    }
    return text;
}

// In the order of questions, whatever the order in which they were answered.
std::vector<const Transcript*> sortedAnswers(const Evaluation& evaluation, const std::string& model)
{
    std::vector<const Transcript*> answers;
    for (const Transcript& one : evaluation.transcripts) {
        if (one.model == model) {
            answers.push_back(&one);
        }
    }
    std::sort(answers.begin(), answers.end(), [](const Transcript* a, const Transcript* b) {
        return std::tie(a->index, a->sample) < std::tie(b->index, b->sample);
    });
    return answers;
}

// FastChat's model_answer/MODEL.jsonl: a line a question, its answers as choices.
std::string fastChatText(const std::vector<const Transcript*>& answers, const std::string& model)
{
    const double now =
        std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
    std::vector<MtBenchAnswer> lines;
    for (const Transcript* one : answers) {
        const auto id = jsonFieldAs<std::int64_t>(one->gold, "question_id").value_or(one->index);
        if (lines.empty() || lines.back().questionId != id) {
            Fingerprint answer;
            answer.add(model);
            answer.add(id);
            answer.add(one->output.dump());
            lines.push_back({id, answer.text(), model, {}, now});
        }
        lines.back().choices.push_back(
            jsonAs<std::vector<std::string>>(one->output).value_or(std::vector<std::string>()));
    }
    std::string text;
    for (const MtBenchAnswer& line : lines) {
        text += mtBenchLine(line);
    }
    return text;
}

} // namespace

std::string dataFingerprint(const EvaluationSpec& spec, const JobContext& job)
{
    return fileFingerprint(spec.data, job);
}

std::string modelFingerprint(const ModelFiles& files, const ModelParts& parts,
                             const JobContext& job)
{
    Fingerprint all;
    for (const FileMark& mark : inputsOf(files, {}, job).weights) {
        all.add(mark.fingerprint);
    }
    std::vector<fs::path> more;
    if (!parts.adapter.empty()) {
        more = {parts.adapter / kAdapterConfigFile, parts.adapter / kAdapterTensorsFile};
    } else if (parts.raw) {
        more = {parts.state->directory / kStateTensors};
    }
    for (const fs::path& file : more) {
        all.add(pathExists(file) ? fileFingerprint(file, job) : std::string());
    }
    return all.text();
}

void noteModel(Evaluation& evaluation, const std::string& name, const std::string& fingerprint)
{
    const auto [known, isNew] = evaluation.models.emplace(name, fingerprint);
    if (!isNew && known->second != fingerprint) {
        throw Error(ErrorKind::Format,
                    "the model " + shownText(name)
                        + " has changed since its first answers; put the old one back, or evaluate "
                          "into another folder");
    }
}

bool goesOn(Evaluation& evaluation, const EvaluateOptions& options)
{
    const fs::path& folder = options.folder;
    if (!holdsEvaluation(options)) {
        if (options.resume) {
            throw Error(ErrorKind::InvalidArgument,
                        shownPath(folder)
                            + ": holds no evaluation to go on with; leave out --resume to begin "
                              "one");
        }
        mayReplace(folder, ruleOf(evaluation.spec, options));
        return false;
    }
    const Evaluation before = readEvaluation(folder);
    const std::string difference = differenceOf(before.spec, evaluation.spec);
    if (!difference.empty()) {
        throw Error(ErrorKind::InvalidArgument,
                    shownPath(folder) + ": holds an evaluation with other settings (" + difference
                        + "); choose another folder, or replace it with --force");
    }
    if (before.data != evaluation.data) {
        throw Error(ErrorKind::Format,
                    shownPath(evaluation.spec.data) + ": has changed since the evaluation in "
                        + shownPath(folder)
                        + " began; put the old one back, or evaluate into another folder");
    }
    evaluation.models = before.models;
    evaluation.sandboxes.insert(before.sandboxes.begin(), before.sandboxes.end());
    return true;
}

TakenFolder takeFolder(Evaluation& evaluation, const EvaluateOptions& options,
                       const JobContext& job)
{
    job.throwIfCancelled(); // before anything is made or goes
    if (!goesOn(evaluation, options)) { // asked again: the models took their time to open
        return {false, beginFolder(evaluation, options)};
    }
    auto lock = FileLock::whenFree(options.folder / kEvaluationFile, job,
                                   "Waits for another program that evaluates into this folder");
    mark(options.folder, evaluation.spec);
    return {true, std::move(lock)};
}

void writeEvaluation(const Evaluation& evaluation, const fs::path& folder)
{
    ordered_json object = markedJson(toJson(evaluation.spec));
    object["data_fingerprint"] = evaluation.data;
    object["fingerprints"] = ordered_json::object();
    for (const auto& [name, fingerprint] : evaluation.models) {
        object["fingerprints"][name] = fingerprint;
    }
    if (!evaluation.sandboxes.empty()) {
        object["sandbox"] = evaluation.sandboxes;
    }
    object["pissarro"] = version();
    writeFileAtomically(folder / kEvaluationFile, object.dump(2) + "\n");
}

void writeResults(const Evaluation& evaluation, const fs::path& folder)
{
    for (const EvaluatedModel& model : evaluation.spec.models) {
        const auto answers = sortedAnswers(evaluation, model.name);
        writeFileAtomically(folder / (model.name + ".jsonl"), textOf(answers));
        if (evaluation.spec.task == kMtBench) {
            std::error_code failed; // the file tells
            fs::create_directories(folder / "model_answer", failed);
            writeFileAtomically(folder / "model_answer" / (model.name + ".jsonl"),
                                fastChatText(answers, model.name));
        }
    }
    writeFileAtomically(folder / kSummaryFile,
                        markedJson(toJson(evaluation.summary)).dump(2) + "\n");
}

std::vector<std::string> namesOf(const EvaluationSpec& spec)
{
    std::vector<std::string> names;
    for (const EvaluatedModel& model : spec.models) {
        names.push_back(model.name);
    }
    return names;
}

Evaluation readEvaluation(const fs::path& folder, const JobContext& job)
{
    const fs::path file = folder / kEvaluationFile;
    const json object = readOwnJsonFile(file);
    Evaluation evaluation;
    try {
        evaluation.spec = evaluationFrom(object);
    } catch (const Error& e) {
        throw e.within(shownPath(file));
    }
    evaluation.data = jsonFieldAs<std::string>(object, "data_fingerprint").value_or(std::string());
    const json* const marks = jsonField(object, "fingerprints");
    if (marks != nullptr && marks->is_object()) {
        for (const auto& [name, fingerprint] : marks->items()) {
            evaluation.models.emplace(name,
                                      jsonAs<std::string>(fingerprint).value_or(std::string()));
        }
    }
    const auto sandboxes = jsonFieldAs<std::vector<std::string>>(object, "sandbox");
    if (sandboxes) { // not there where nothing was run, or in an older one
        evaluation.sandboxes.insert(sandboxes->begin(), sandboxes->end());
    }
    evaluation.transcripts = readTranscripts(folder, /*cutTorn=*/false, job);
    evaluation.summary =
        summaryOf(evaluation.spec.task, namesOf(evaluation.spec), evaluation.transcripts);
    evaluation.isWhole = pathExists(folder / kSummaryFile);
    return evaluation;
}

} // namespace pissarro::core::inline evaluate
