// SPDX-License-Identifier: GPL-3.0-or-later
// run.json and the lines of metrics.jsonl to and from what they hold.
#include "core/base/error.h"
#include "core/run/run_json_p.h"
#include "core/text/json_text.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

namespace pissarro::core::inline run {

namespace {

using nlohmann::json;
using nlohmann::ordered_json;

ordered_json number(double value)
{
    return std::isfinite(value) ? ordered_json(value) : ordered_json(nullptr);
}

double numberAt(const json& object, const char* key)
{
    return jsonFieldAs<double>(object, key).value_or(std::numeric_limits<double>::quiet_NaN());
}

std::int64_t wholeAt(const json& object, const char* key)
{
    return jsonFieldAs<std::int64_t>(object, key).value_or(0);
}

std::string textAt(const json& object, const char* key)
{
    return jsonFieldAs<std::string>(object, key).value_or(std::string());
}

bool flagAt(const json& object, const char* key)
{
    return jsonFieldAs<bool>(object, key).value_or(false);
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

std::map<std::string, std::string> versionsFromJson(const json& object)
{
    std::map<std::string, std::string> versions;
    if (const auto found = object.find("versions"); found != object.end() && found->is_object()) {
        for (const auto& [name, version] : found->items()) {
            versions[name] = jsonAs<std::string>(version).value_or(version.dump());
        }
    }
    return versions;
}

ordered_json inputsToJson(const RunInputs& inputs)
{
    ordered_json object = ordered_json::object();
    object["model"] = inputs.model.string();
    object["weights"] = ordered_json::array();
    for (const FileMark& mark : inputs.weights) {
        object["weights"].push_back({{"name", mark.name},
                                     {"fingerprint", mark.fingerprint},
                                     {"bytes", mark.sizeBytes},
                                     {"modified_ns", mark.modifiedNs},
                                     {"changed_ns", mark.changedNs}});
    }
    object["config"] = inputs.config;
    object["tokenizer"] = inputs.tokenizer;
    object["data"] = inputs.data.string();
    object["examples"] = inputs.examples;
    object["example_count"] = inputs.exampleCount;
    object["held_out_count"] = inputs.heldCount;
    if (!inputs.now.empty()) {
        object["now"] = inputs.now;
    }
    return object;
}

RunInputs inputsFromJson(const json& object)
{
    RunInputs inputs;
    inputs.model = textWithoutNul("run.inputs.model", textAt(object, "model"));
    inputs.config = textAt(object, "config");
    inputs.tokenizer = textAt(object, "tokenizer");
    inputs.data = textWithoutNul("run.inputs.data", textAt(object, "data"));
    inputs.examples = textAt(object, "examples");
    inputs.exampleCount = wholeAt(object, "example_count");
    inputs.heldCount = wholeAt(object, "held_out_count");
    inputs.now = textAt(object, "now");
    if (const auto weights = object.find("weights");
        weights != object.end() && weights->is_array()) {
        for (const json& mark : *weights) {
            if (mark.is_object()) {
                inputs.weights.push_back({textAt(mark, "name"), textAt(mark, "fingerprint"),
                                          wholeAt(mark, "bytes"), wholeAt(mark, "modified_ns"),
                                          wholeAt(mark, "changed_ns")});
            }
        }
    }
    return inputs;
}

ordered_json sessionsToJson(const std::vector<RunSession>& sessions)
{
    ordered_json list = ordered_json::array();
    for (const RunSession& session : sessions) {
        list.push_back({{"started_at", session.startedAt},
                        {"from_step", session.fromStep},
                        {"device", session.device},
                        {"versions", session.versions}});
    }
    return list;
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
    summary.bestScore = numberAt(run, "best_score");
    summary.bestStep = wholeAt(run, "best_step");
    if (const auto check = run.find("step_zero"); check != run.end() && check->is_object()) {
        summary.stepZero = stepZeroFromJson(*check);
    }
    summary.versions = versionsFromJson(run);
    summary.adapterStep = wholeAt(run, "adapter_step");
    if (const auto inputs = run.find("inputs"); inputs != run.end() && inputs->is_object()) {
        summary.inputs = inputsFromJson(*inputs);
    }
    if (const auto sessions = run.find("sessions"); sessions != run.end() && sessions->is_array()) {
        for (const json& session : *sessions) {
            if (session.is_object()) {
                summary.sessions.push_back({textAt(session, "started_at"),
                                            textAt(session, "device"), versionsFromJson(session),
                                            wholeAt(session, "from_step")});
            }
        }
    }
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
    if (std::isfinite(evalChoosing) && std::isfinite(evalReported)) {
        object["eval_loss_choosing"] = evalChoosing;
        object["eval_loss_reported"] = evalReported;
    }
    if (std::isfinite(evalScore)) {
        object["eval_score"] = evalScore;
    }
    return object.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::optional<StepRecord> stepFromJson(std::string_view line)
{
    json object;
    try {
        object = parseOwnPlain(line);
    } catch (const Error&) { // torn, or it tells a figure twice
        return std::nullopt;
    }
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
    record.evalChoosing = numberAt(object, "eval_loss_choosing");
    record.evalReported = numberAt(object, "eval_loss_reported");
    record.evalScore = numberAt(object, "eval_score");
    return record;
}

std::string runToJson(const RunSummary& run)
{
    ordered_json object = parseOrderedJson(specToJson(run.spec));
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
        if (std::isfinite(run.bestScore)) {
            state["best_score"] = run.bestScore;
        }
        state["best_step"] = run.bestStep;
    }
    if (run.adapterStep > 0) {
        state["adapter_step"] = run.adapterStep;
    }
    if (run.inputs.isKnown()) {
        state["inputs"] = inputsToJson(run.inputs);
    }
    state["sessions"] = sessionsToJson(run.sessions);
    state["versions"] = run.versions;
    object["run"] = std::move(state);
    return object.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

RunSummary runFromJson(const std::string& text, const JobContext& job)
{
    RunSummary summary;
    summary.spec = specFromJson(text, job);
    const json object = parseJson(text, job);
    const auto run = object.find("run");
    if (run == object.end() || !run->is_object()) {
        throw Error(ErrorKind::Format,
                    "has no object \"run\" (expected the run.json of a run that was started)");
    }
    readRunObject(*run, summary);
    return summary;
}

} // namespace pissarro::core::inline run
