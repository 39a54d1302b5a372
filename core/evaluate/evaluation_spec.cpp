// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/evaluation_spec.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/evaluate/evaluated_tasks.h"
#include "core/run/spec_fields.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>

namespace pissarro::core::inline evaluate {

namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::int64_t kMany = 1'000'000'000;
constexpr std::int64_t kLongestWindow = 1'048'576; // tokens
constexpr int kMostThreads = 1'024;
constexpr std::size_t kLongestName = 80;
// Names of files that an evaluation writes for itself.
constexpr std::array<std::string_view, 4> kOwnNames {"transcripts", "summary", "evaluation",
                                                     "votes"};

std::string choiceText(const StateChoice& choice)
{
    switch (choice.kind) {
    case StateChoice::Kind::Usual:
        return {};
    case StateChoice::Kind::Best:
        return "best";
    case StateChoice::Kind::Last:
        return "last";
    case StateChoice::Kind::Step:
        return fmt::format("{}", choice.step);
    }
    return {};
}

void require(bool good, const std::string& what)
{
    if (!good) {
        throw Error(ErrorKind::InvalidArgument, what);
    }
}

// A field of evaluation.json.
template <class T>
T fieldOf(const json& object, const char* key)
{
    auto value = object.is_object() ? jsonFieldAs<T>(object, key) : std::nullopt;
    if (!value) {
        throw Error(ErrorKind::Format, "its \"" + std::string(key) + "\" is missing or damaged");
    }
    return *std::move(value);
}

template <class Enum>
Enum namedIn(const json& object, const char* key)
{
    return parseIn(EnumNames<Enum>::all, "its " + std::string(key),
                   fieldOf<std::string>(object, key), ErrorKind::Format);
}

bool isPlain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-'
        || c == '_' || c == '.';
}

// As makeNamesUnique() makes them: files are called by it, so it leads nowhere and is none of the folder's own.
void requireName(const std::string& name, ErrorKind kind)
{
    const bool good = !name.empty() && name.size() <= 2 * kLongestName
        && std::all_of(name.begin(), name.end(), isPlain)
        && name.find_first_not_of('.') != std::string::npos
        && std::find(kOwnNames.begin(), kOwnNames.end(), name) == kOwnNames.end();
    if (!good) {
        throw Error(kind,
                    "the name of a model must be fit for a file (letters, digits, -, _ and .), "
                    "found "
                        + shownText(name));
    }
}

EvaluatedModel modelFrom(const json& object)
{
    EvaluatedModel model {fieldOf<std::string>(object, "name"),
                          textWithoutNul("model", fieldOf<std::string>(object, "model")),
                          textWithoutNul("adapter", fieldOf<std::string>(object, "adapter")),
                          {}};
    requireName(model.name, ErrorKind::Format);
    if (const auto choice = fieldOf<std::string>(object, "checkpoint"); !choice.empty()) {
        model.checkpoint = parseStateChoice(choice);
    }
    return model;
}

std::string valueText(const ordered_json& value)
{
    constexpr std::size_t kLongest = 60;
    const auto text = jsonAs<std::string>(value);
    return text                ? shownText(*text, kLongest)
        : value.is_primitive() ? value.dump()
                               : shownText(value.dump(), kLongest);
}

void checkMachine(const EvaluationSpec& spec)
{
    require(spec.threads >= 0 && spec.threads <= kMostThreads,
            fmt::format("threads must be 0 (as many as this process may use) or from 1 to {}, "
                        "found {}",
                        kMostThreads, spec.threads));
    require(isDeviceName(spec.device),
            "device must be auto, cpu, cuda or cuda:N, found " + shownText(spec.device));
}

} // namespace

InferenceModel EvaluationSpec::inferenceModel(std::size_t model) const
{
    const EvaluatedModel& one = models[model];
    InferenceModel named;
    named.model = one.model;
    named.adapter = one.adapter;
    named.dtype = dtype;
    named.device = device;
    named.threads = threads;
    named.checkpoint = one.checkpoint;
    return named;
}

void checkEvaluation(const EvaluationSpec& spec)
{
    const EvaluatedTask& task = evaluatedTask(spec.task);
    require(!spec.models.empty(), "an evaluation needs a model: a run, a model, or MODEL+ADAPTER");
    require(!spec.data.empty(), "an evaluation needs the questions: a .jsonl file");
    std::set<std::string> names;
    for (const EvaluatedModel& model : spec.models) {
        requireName(model.name, ErrorKind::InvalidArgument);
        require(names.insert(model.name).second,
                "two models of an evaluation are named " + shownText(model.name));
    }
    require(spec.rule.empty() || task.task != nullptr,
            std::string(task.title) + " has no rules to choose from, found "
                + shownText(spec.rule));
    if (task.task != nullptr && !spec.rule.empty()) {
        ruleNamed(*task.task, spec.rule);
    }
    require(spec.rows >= 0 && spec.rows <= kMany,
            fmt::format("rows must be 0 (all) or from 1 to {}, found {}", kMany, spec.rows));
    require(spec.samples >= 1 && spec.samples <= 10'000,
            fmt::format("samples must be from 1 to 10000, found {}", spec.samples));
    require(spec.samples == 1 || !spec.sampling.greedy,
            fmt::format("{} answers to each question are all the same where the likeliest token is "
                        "always taken; set a temperature above 0",
                        spec.samples));
    require(spec.samples == 1 || task.writes,
            std::string(task.title) + " asks each question once; leave samples at 1");
    require(spec.maxNewTokens >= 1 && spec.maxNewTokens <= kMany,
            fmt::format("max_new_tokens must be from 1 to {}, found {}", kMany, spec.maxNewTokens));
    require(spec.batchSize >= 1 && spec.batchSize <= 4096,
            fmt::format("batch_size must be from 1 to 4096, found {}", spec.batchSize));
    checkSampling(spec.sampling);
    checkMachine(spec);
    windowsOf(0, spec.windows);
    require(spec.windows.length <= kLongestWindow,
            fmt::format("window must be at most {} tokens, found {}", kLongestWindow,
                        spec.windows.length));
}

ordered_json toJson(const EvaluationSpec& spec)
{
    ordered_json models = ordered_json::array();
    for (const EvaluatedModel& model : spec.models) {
        models.push_back({{"name", model.name},
                          {"model", model.model},
                          {"adapter", model.adapter.string()},
                          {"checkpoint", choiceText(model.checkpoint)}});
    }
    const Sampling& how = spec.sampling;
    return {{"task", spec.task},
            {"rule", spec.rule},
            {"data", spec.data.string()},
            {"models", std::move(models)},
            {"prompt_template", nameIn(EnumNames<PromptTemplate>::all, spec.promptTemplate)},
            {"rows", spec.rows},
            {"samples", spec.samples},
            {"greedy", how.greedy},
            {"temperature", how.temperature},
            {"top_k", how.topK},
            {"top_p", how.topP},
            {"min_p", how.minP},
            {"repetition_penalty", how.repetitionPenalty},
            {"seed", how.seed},
            {"max_new_tokens", spec.maxNewTokens},
            {"stops", spec.stops},
            {"window_rule", nameIn(EnumNames<WindowRule>::all, spec.windows.rule)},
            {"window", spec.windows.length},
            {"stride", spec.windows.stride},
            {"dtype", nameIn(EnumNames<BaseDType>::all, spec.dtype)},
            {"device", spec.device},
            {"batch_size", spec.batchSize},
            {"threads", spec.threads}};
}

EvaluationSpec evaluationFrom(const json& object)
{
    EvaluationSpec spec;
    spec.task = fieldOf<std::string>(object, "task");
    spec.rule = fieldOf<std::string>(object, "rule");
    spec.data = textWithoutNul("data", fieldOf<std::string>(object, "data"));
    if (!object.contains("models") || !object["models"].is_array()) {
        throw Error(ErrorKind::Format, "its \"models\" is missing or damaged");
    }
    for (const json& model : object["models"]) {
        spec.models.push_back(modelFrom(model));
    }
    spec.promptTemplate = namedIn<PromptTemplate>(object, "prompt_template");
    spec.rows = fieldOf<std::int64_t>(object, "rows");
    spec.samples = fieldOf<std::int64_t>(object, "samples");
    Sampling& how = spec.sampling;
    how.greedy = fieldOf<bool>(object, "greedy");
    how.temperature = fieldOf<double>(object, "temperature");
    how.topK = fieldOf<std::int64_t>(object, "top_k");
    how.topP = fieldOf<double>(object, "top_p");
    how.minP = fieldOf<double>(object, "min_p");
    how.repetitionPenalty = fieldOf<double>(object, "repetition_penalty");
    how.seed = fieldOf<std::uint64_t>(object, "seed");
    spec.maxNewTokens = fieldOf<std::int64_t>(object, "max_new_tokens");
    spec.stops = fieldOf<std::vector<std::string>>(object, "stops");
    spec.windows = {namedIn<WindowRule>(object, "window_rule"),
                    fieldOf<std::int64_t>(object, "window"),
                    fieldOf<std::int64_t>(object, "stride")};
    spec.dtype = namedIn<BaseDType>(object, "dtype");
    spec.device = fieldOf<std::string>(object, "device");
    spec.batchSize = fieldOf<std::int64_t>(object, "batch_size");
    spec.threads = fieldOf<int>(object, "threads");
    return spec;
}

std::string differenceOf(const EvaluationSpec& there, const EvaluationSpec& here)
{
    const ordered_json mine = toJson(here);
    const ordered_json other = toJson(there);
    for (const auto& [key, value] : mine.items()) {
        if (key != "batch_size" && key != "threads" && other[key] != value) {
            return fmt::format("{} is {} there and {} here", key, valueText(other[key]),
                               valueText(value));
        }
    }
    return {};
}

EvaluatedModel evaluatedModel(std::string_view what)
{
    std::error_code ignored;
    const std::size_t plus = what.rfind('+');
    EvaluatedModel model;
    model.model = what;
    if (plus != std::string_view::npos && plus > 0 && plus + 1 < what.size()
        && !std::filesystem::exists(what, ignored)) {
        model.model = what.substr(0, plus);
        model.adapter = what.substr(plus + 1);
    }
    std::filesystem::path last =
        model.adapter.empty() ? std::filesystem::path(model.model) : model.adapter;
    last = last.has_filename() ? last : last.parent_path();
    model.name = last.filename().string();
    return model;
}

void makeNamesUnique(std::vector<EvaluatedModel>& models)
{
    std::set<std::string> taken(kOwnNames.begin(), kOwnNames.end());
    for (EvaluatedModel& model : models) {
        std::string name;
        for (const char c : model.name) {
            name += isPlain(c) ? c : '_';
        }
        name.resize(std::min(name.size(), kLongestName));
        if (name.find_first_not_of('.') == std::string::npos) {
            name = "model";
        }
        model.name = name;
        for (int place = 2; !taken.insert(model.name).second; ++place) {
            model.name = fmt::format("{}-{}", name, place);
        }
    }
}

} // namespace pissarro::core::inline evaluate
