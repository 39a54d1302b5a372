// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/run_directory.h"

#include "core/base/error.h"
#include "core/io/atomic_file.h"
#include "core/io/message_text.h"
#include "core/train/run_lock.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <tuple>

namespace pissarro::core {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::uint64_t kLargestRunFile = 16ull << 20; // a run.json is a few kilobytes
constexpr std::array kGrowing {kRunFile, kMetricsFile};
constexpr std::chrono::minutes kSilence {10}; // of a trainer elsewhere before it counts as gone
constexpr int kSearchDepth = 3; // root / run / twin, and one folder a person sorted by

ordered_json number(double value)
{
    return std::isfinite(value) ? ordered_json(value) : ordered_json(nullptr);
}

double numberAt(const json& object, const char* key)
{
    const auto found = object.find(key);
    return found != object.end() && found->is_number() ? found->get<double>()
                                                       : std::numeric_limits<double>::quiet_NaN();
}

std::int64_t wholeAt(const json& object, const char* key)
{
    const auto found = object.find(key);
    return found != object.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

std::string textAt(const json& object, const char* key)
{
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

bool flagAt(const json& object, const char* key)
{
    const auto found = object.find(key);
    return found != object.end() && found->is_boolean() && found->get<bool>();
}

ordered_json stepZeroToJson(const StepZero& check)
{
    ordered_json object = ordered_json::object();
    object["max_logit_difference"] = number(check.maxLogitDifference);
    object["mean_logit_difference"] = number(check.meanLogitDifference);
    object["base_loss"] = number(check.baseLoss);
    object["adapted_loss"] = number(check.adaptedLoss);
    object["passed"] = check.passed;
    object["verdict"] = check.verdict;
    if (check.parts) {
        object["parts"] = {{"svd", number(check.parts->svd)},
                           {"rounding", number(check.parts->rounding)},
                           {"quantization", number(check.parts->quantization)},
                           {"plain_quantization", number(check.parts->plain)}};
    }
    return object;
}

StepZero stepZeroFromJson(const json& object)
{
    StepZero check;
    check.maxLogitDifference = numberAt(object, "max_logit_difference");
    check.meanLogitDifference = numberAt(object, "mean_logit_difference");
    check.baseLoss = numberAt(object, "base_loss");
    check.adaptedLoss = numberAt(object, "adapted_loss");
    check.passed = flagAt(object, "passed");
    check.verdict = textAt(object, "verdict");
    if (const auto parts = object.find("parts"); parts != object.end() && parts->is_object()) {
        check.parts = {numberAt(*parts, "svd"), numberAt(*parts, "rounding"),
                       numberAt(*parts, "quantization"), numberAt(*parts, "plain_quantization")};
    }
    return check;
}

RunState parseRunState(const std::string& text)
{
    for (const RunState state : {RunState::Running, RunState::Finished, RunState::Stopped,
                                 RunState::Failed, RunState::Interrupted}) {
        if (text == runStateName(state)) {
            return state;
        }
    }
    throw Error(ErrorKind::Format,
                "run.state must be one of running, finished, stopped, failed, interrupted, found "
                    + shownText(text));
}

void readRunObject(const json& run, RunSummary& summary)
{
    summary.state = parseRunState(textAt(run, "state"));
    summary.message = textAt(run, "message");
    summary.device = textAt(run, "device");
    summary.operations = textAt(run, "operations");
    summary.startedAt = textAt(run, "started_at");
    summary.steps = wholeAt(run, "steps");
    summary.trainableParameters = wholeAt(run, "trainable_parameters");
    summary.modelParameters = wholeAt(run, "model_parameters");
    summary.initSeconds = numberAt(run, "init_seconds");
    summary.estimatedMemoryBytes = wholeAt(run, "estimated_memory_bytes");
    summary.bestEvalLoss = numberAt(run, "best_eval_loss");
    summary.bestStep = wholeAt(run, "best_step");
    if (const auto check = run.find("step_zero"); check != run.end() && check->is_object()) {
        summary.stepZero = stepZeroFromJson(*check);
    }
    if (const auto versions = run.find("versions");
        versions != run.end() && versions->is_object()) {
        for (const auto& [name, version] : versions->items()) {
            summary.versions[name] =
                version.is_string() ? version.get<std::string>() : version.dump();
        }
    }
}

void collectRuns(const fs::path& folder, int depth, std::vector<RunSummary>& found)
{
    std::error_code ignored;
    if (fs::is_regular_file(folder / kRunFile, ignored)) {
        try {
            found.push_back(readRun(folder));
        } catch (const Error&) {
            // a broken run is left out; opening it by hand tells what is wrong
        }
        return;
    }
    if (depth == 0) {
        return;
    }
    fs::directory_iterator entry(folder, fs::directory_options::skip_permission_denied, ignored);
    for (; !ignored && entry != fs::directory_iterator(); entry.increment(ignored)) {
        std::error_code unreadable;
        if (entry->is_directory(unreadable) && !unreadable) {
            collectRuns(entry->path(), depth - 1, found);
        }
    }
}

bool wroteLately(const fs::path& directory)
{
    const auto now = fs::file_time_type::clock::now();
    return std::any_of(kGrowing.begin(), kGrowing.end(), [&](const char* name) {
        std::error_code missing;
        const auto written = fs::last_write_time(directory / name, missing);
        return !missing && now - written < kSilence;
    });
}

bool isHeldSomewhere(const fs::path& directory)
{
    if (RunLock::isHeld(directory)) {
        return true;
    }
    const auto holder = lastHolder(directory);
    return holder && !holder->isHere() && wroteLately(directory);
}

} // namespace

std::string StepRecord::toJson() const
{
    ordered_json object = ordered_json::object();
    object["step"] = step;
    object["epoch"] = number(epoch);
    object["loss"] = number(loss);
    object["grad_norm"] = number(gradNorm);
    object["lr"] = number(learningRate);
    object["tokens"] = tokens;
    object["elapsed_s"] = number(elapsedS);
    object["tokens_per_s"] = number(tokensPerS);
    object["memory_bytes"] = memoryBytes;
    object["batch_hash"] = batchHash;
    if (std::isfinite(evalLoss)) {
        object["eval_loss"] = evalLoss;
    }
    return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::optional<StepRecord> stepFromJson(std::string_view line)
{
    const json object = json::parse(line.begin(), line.end(), nullptr, false);
    if (!object.is_object() || wholeAt(object, "step") < 1 || !object.contains("loss")) {
        return std::nullopt;
    }
    StepRecord record;
    record.step = wholeAt(object, "step");
    record.epoch = numberAt(object, "epoch");
    record.loss = numberAt(object, "loss");
    record.gradNorm = numberAt(object, "grad_norm");
    record.learningRate = numberAt(object, "lr");
    record.tokens = wholeAt(object, "tokens");
    record.elapsedS = numberAt(object, "elapsed_s");
    record.tokensPerS = numberAt(object, "tokens_per_s");
    record.memoryBytes = wholeAt(object, "memory_bytes");
    record.batchHash = textAt(object, "batch_hash");
    record.evalLoss = numberAt(object, "eval_loss");
    return record;
}

void appendRecords(std::vector<StepRecord>& records, const std::vector<StepRecord>& newer)
{
    for (const StepRecord& record : newer) {
        while (!records.empty() && records.back().step >= record.step) {
            records.pop_back();
        }
        records.push_back(record);
    }
}

std::string_view runStateName(RunState state)
{
    switch (state) {
    case RunState::Running:
        return "running";
    case RunState::Finished:
        return "finished";
    case RunState::Stopped:
        return "stopped";
    case RunState::Failed:
        return "failed";
    case RunState::Interrupted:
        return "interrupted";
    }
    throw Error(ErrorKind::Internal, "a run state without a name");
}

std::string runToJson(const RunSummary& run)
{
    ordered_json object = ordered_json::parse(specToJson(run.spec));
    ordered_json state = ordered_json::object();
    state["state"] = runStateName(run.state);
    state["message"] = run.message;
    state["device"] = run.device;
    state["operations"] = run.operations;
    state["started_at"] = run.startedAt;
    state["steps"] = run.steps;
    state["trainable_parameters"] = run.trainableParameters;
    state["model_parameters"] = run.modelParameters;
    state["init_seconds"] = number(run.initSeconds);
    state["estimated_memory_bytes"] = run.estimatedMemoryBytes;
    if (run.stepZero) {
        state["step_zero"] = stepZeroToJson(*run.stepZero);
    }
    if (run.bestStep > 0) {
        state["best_eval_loss"] = number(run.bestEvalLoss);
        state["best_step"] = run.bestStep;
    }
    state["versions"] = run.versions;
    object["run"] = std::move(state);
    return object.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

void writeRun(const RunSummary& run)
{
    writeFileAtomically(run.directory / kRunFile, runToJson(run));
}

RunSummary readRun(const fs::path& directory)
{
    const fs::path file = directory / kRunFile;
    // Asked before reading and, when it was not held, after: a run that ends or begins in between is
    // not taken for an interrupted one.
    const bool held = isHeldSomewhere(directory);
    const std::string text = readWholeFile(file, kLargestRunFile);
    RunSummary summary;
    summary.directory = directory;
    try {
        summary.spec = specFromJson(text);
        const json object = json::parse(text, nullptr, false);
        const auto run = object.find("run");
        if (run == object.end() || !run->is_object()) {
            throw Error(ErrorKind::Format,
                        "has no object \"run\" (expected the run.json of a run that was started)");
        }
        readRunObject(*run, summary);
        if (summary.state == RunState::Running && !held && !isHeldSomewhere(directory)) {
            summary.state = RunState::Interrupted;
        }
    } catch (const Error& error) {
        throw Error(ErrorKind::Format, error.what()).within(shownPath(file));
    }
    return summary;
}

fs::path baseOf(const RunSummary& run)
{
    return run.directory / "base";
}

fs::path initialAdapterOf(const RunSummary& run)
{
    return (isFourBit(run.spec.method) ? baseOf(run) : run.directory)
        / (std::string(methodName(run.spec.method)) + "_init");
}

std::vector<RunSummary> runsOfRequest(const fs::path& directory)
{
    const auto isRun = [](const fs::path& folder) {
        std::error_code ignored;
        return fs::is_regular_file(folder / kRunFile, ignored);
    };
    if (isRun(directory)) {
        return {readRun(directory)};
    }
    std::vector<RunSummary> runs;
    for (const Method method : allMethods()) {
        if (const fs::path twin = directory / methodName(method); isRun(twin)) {
            runs.push_back(readRun(twin));
        }
    }
    return runs;
}

std::vector<RunSummary> findRuns(const fs::path& root)
{
    std::vector<RunSummary> found;
    collectRuns(root, kSearchDepth, found);
    std::sort(found.begin(), found.end(), [](const RunSummary& a, const RunSummary& b) {
        if (a.startedAt != b.startedAt) {
            return a.startedAt > b.startedAt;
        }
        const fs::path parentA = a.directory.parent_path();
        const fs::path parentB = b.directory.parent_path();
        return std::tie(parentA, a.spec.method, a.directory)
            < std::tie(parentB, b.spec.method, b.directory);
    });
    return found;
}

MetricsTail::MetricsTail(const fs::path& runDirectory)
    : m_path(runDirectory / kMetricsFile)
{
}

std::vector<StepRecord> MetricsTail::poll()
{
    std::vector<StepRecord> records;
    struct ::stat status { };
    if (::stat(m_path.c_str(), &status) != 0) {
        return records;
    }
    const auto size = static_cast<std::uint64_t>(std::max<off_t>(0, status.st_size));
    if (size < m_offset || (m_inode != 0 && status.st_ino != m_inode)) {
        m_offset = 0;
        m_partial.clear();
    }
    m_inode = status.st_ino;
    if (size == m_offset) {
        return records;
    }
    std::ifstream file(m_path, std::ios::binary);
    file.seekg(static_cast<std::streamoff>(m_offset));
    std::string text(size - m_offset, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(std::max<std::streamsize>(0, file.gcount())));
    m_offset += text.size();
    m_partial += text;

    std::size_t start = 0;
    for (std::size_t end = m_partial.find('\n'); end != std::string::npos;
         end = m_partial.find('\n', start)) {
        if (auto record = stepFromJson(std::string_view(m_partial).substr(start, end - start))) {
            records.push_back(std::move(*record));
        }
        start = end + 1;
    }
    m_partial.erase(0, start);
    return records;
}

double meanLoss(std::span<const StepRecord> records, std::int64_t lastStep, std::int64_t count)
{
    double sum = 0.0;
    std::int64_t taken = 0;
    for (auto record = records.rbegin(); record != records.rend() && taken < count; ++record) {
        if (lastStep == 0 || record->step <= lastStep) {
            sum += record->loss;
            ++taken;
        }
    }
    return taken == 0 ? std::numeric_limits<double>::quiet_NaN() : sum / static_cast<double>(taken);
}

std::vector<double> smoothed(const std::vector<double>& values, double weight)
{
    std::vector<double> result;
    result.reserve(values.size());
    double average = 0.0;
    double share = 1.0; // weight^n: what the start value 0 still holds
    for (const double value : values) {
        if (!std::isfinite(value)) {
            result.push_back(value);
            continue;
        }
        average = average * weight + (1.0 - weight) * value;
        share *= weight;
        result.push_back(average / (1.0 - share));
    }
    return result;
}

} // namespace pissarro::core
