// SPDX-License-Identifier: GPL-3.0-or-later
// RunSpec to and from JSON: one list of fields serves both ways.
#include "core/base/error.h"
#include "core/file/output_marker.h"
#include "core/run/run_spec.h"
#include "core/run/spec_settings.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"
#include "core/text/number_text.h"
#include "core/text/ordered_json.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace pissarro::core {

namespace {

using nlohmann::ordered_json; // of a rank map the first key counts

constexpr const char* kRunKey =
    "run"; // what a run directory adds to the spec: state, device and so on

std::string_view templateName(PromptTemplate promptTemplate)
{
    switch (promptTemplate) {
    case PromptTemplate::Alpaca:
        return "alpaca";
    case PromptTemplate::Chat:
        return "chat";
    case PromptTemplate::Plain:
        return "plain";
    }
    throw Error(ErrorKind::Internal, "a prompt template without a name");
}

// Calls visit(key, field) for every field, in the order of the struct.
template <class Spec, class Visitor>
void visitFields(Spec& spec, Visitor&& visit)
{
    visit("model", spec.model);
    visit("data", spec.data);
    visit("batches", spec.batches);
    visit("init_adapter", spec.initAdapter);
    visit("prompt_template", spec.promptTemplate);
    visit("method", spec.method);
    visit("rank", spec.rank);
    visit("alpha", spec.alpha);
    visit("rank_pattern", spec.patterns.ranks);
    visit("alpha_pattern", spec.patterns.alphas);
    visit("rslora", spec.rslora);
    visit("slice", spec.slice);
    visit("svd", spec.svd.kind);
    visit("niter", spec.svd.fast.niter);
    visit("oversampling", spec.svd.fast.oversampling);
    visit("iters", spec.iters);
    visit("quant_type", spec.quant.type);
    visit("quant_block", spec.quant.blockSize);
    visit("double_quant", spec.quant.doubleQuant);
    visit("targets", spec.targets);
    visit("learning_rate", spec.learningRate);
    visit("schedule", spec.schedule);
    visit("warmup_ratio", spec.warmupRatio);
    visit("weight_decay", spec.weightDecay);
    visit("clip", spec.clip);
    visit("batch_size", spec.batchSize);
    visit("grad_accum", spec.gradAccum);
    visit("max_length", spec.maxLength);
    visit("steps", spec.steps);
    visit("epochs", spec.epochs);
    visit("dtype", spec.dtype);
    visit("seed", spec.seed);
    visit("threads", spec.threads);
    visit("device", spec.device);
    visit("checkpoint_every", spec.checkpointEvery);
    visit("checkpoint_minutes", spec.checkpointMinutes);
    visit("keep_checkpoints", spec.keepCheckpoints);
    visit("eval_ratio", spec.evalRatio);
    visit("eval_every", spec.evalEvery);
    visit("patience", spec.patience);
    visit("share_base", spec.shareBase);
    visit("gradient_checkpointing", spec.gradientCheckpointing);
}

struct Writer {
    ordered_json& object;
    bool isShown =
        false; // to a person, who may be typing: a number that is none is a text, where a file has no room for it

    void operator()(const char* key, const std::string& value) const { object[key] = value; }
    void operator()(const char* key, const std::vector<std::string>& value) const
    {
        object[key] = value;
    }
    template <class Value>
    void operator()(const char* key, const PatternValues<Value>& values) const
    {
        object[key] = ordered_json::object_t(values.begin(),
                                             values.end()); // its keys differ: none is looked for
    }
    void operator()(const char* key, std::int64_t value) const { object[key] = value; }
    void operator()(const char* key, std::uint64_t value) const { object[key] = value; }
    void operator()(const char* key, int value) const { object[key] = value; }
    void operator()(const char* key, bool value) const { object[key] = value; }
    void operator()(const char* key, double value) const
    {
        if (std::isfinite(value)) {
            object[key] = value;
        } else if (isShown) {
            object[key] = numberText(value);
        } else {
            throw Error(ErrorKind::InvalidArgument,
                        std::string(key) + " must be a finite number to be saved");
        }
    }
    void operator()(const char* key, Method value) const { object[key] = methodName(value); }
    void operator()(const char* key, Schedule value) const { object[key] = scheduleName(value); }
    void operator()(const char* key, BaseDType value) const { object[key] = dtypeTitle(value); }
    void operator()(const char* key, SvdKind value) const
    {
        object[key] = value == SvdKind::Exact ? "exact" : "fast";
    }
    void operator()(const char* key, QuantType value) const { object[key] = quantTypeName(value); }
    void operator()(const char* key, PromptTemplate value) const
    {
        object[key] = templateName(value);
    }
};

// Takes each known key out of `object`; what is left over at the end is unknown.
class Reader {
public:
    explicit Reader(ordered_json object)
        : m_object(std::move(object))
    {
    }

    template <class Field>
    void operator()(const char* key, Field& field)
    {
        const auto found = m_object.find(key);
        if (found != m_object.end()) {
            read(key, *found, field);
            m_object.erase(found);
        }
    }

    void finish()
    {
        m_object.erase(kRunKey);
        m_object.erase(kMarkKey); // of a spec that the window saved
        if (m_object.empty()) {
            return;
        }
        constexpr std::size_t kMostNamed = 3;
        std::string unknown;
        std::string near;
        std::size_t named = 0;
        for (auto one = m_object.begin(); one != m_object.end() && named < kMostNamed; ++one) {
            unknown += (named++ == 0 ? "" : ", ") + shownText(one.key());
            near = near.empty() ? nearest(one.key()) : near;
        }
        const bool several = m_object.size() > 1;
        throw Error(ErrorKind::InvalidArgument,
                    (several ? "unknown keys " : "unknown key ") + unknown
                        + (m_object.size() > named ? ", …" : "") + " (expected keys such as "
                        + (near.empty() ? "model, data, method" : near) + "); remove or correct "
                        + (several ? "them" : "it"));
    }

private:
    [[noreturn]] static void refuse(const char* key, const char* expected,
                                    const ordered_json& found)
    {
        std::string text = found.is_structured()
            ? std::string(found.type_name())
            : found.dump(-1, ' ', true, ordered_json::error_handler_t::replace);
        if (text.size() > 60) {
            text = text.substr(0, 57) + "...";
        }
        throw Error(ErrorKind::InvalidArgument,
                    std::string(key) + " must be " + expected + ", found " + text);
    }

    // The known keys that begin like `key`; empty: none does.
    static std::string nearest(const std::string& key)
    {
        std::string names;
        RunSpec standard;
        visitFields(standard, [&](const char* known, const auto&) {
            if (key.size() >= 2 && std::string_view(known).starts_with(key.substr(0, 2))) {
                names += (names.empty() ? "" : ", ") + std::string(known);
            }
        });
        return names;
    }

    template <class Value>
    static void take(const char* key, const char* expected, const ordered_json& value, Value& field)
    {
        std::optional<Value> read = jsonAs<Value>(value);
        if (!read) {
            refuse(key, expected, value);
        }
        field = std::move(*read);
    }

    static void read(const char* key, const ordered_json& value, std::string& field)
    {
        take(key, "a text", value, field);
    }

    static void read(const char* key, const ordered_json& value, std::vector<std::string>& field)
    {
        take(key, "a list of texts", value, field);
    }

    template <class Value>
    static void read(const char* key, const ordered_json& value, PatternValues<Value>& field)
    {
        if (!value.is_object()) {
            refuse(key, "an object of numbers by module", value);
        }
        field.clear();
        for (const auto& [module, number] : value.items()) {
            read(key, number, field[module]);
        }
    }

    static void read(const char* key, const ordered_json& value, bool& field)
    {
        take(key, "true or false", value, field);
    }

    static void read(const char* key, const ordered_json& value, double& field)
    {
        take(key, "a number", value, field);
    }

    static void read(const char* key, const ordered_json& value, std::int64_t& field)
    {
        take(key, "a whole number", value, field);
    }

    static void read(const char* key, const ordered_json& value, std::uint64_t& field)
    {
        take(key, "a whole number from 0 on", value, field);
    }

    static void read(const char* key, const ordered_json& value, int& field)
    {
        std::int64_t wide = 0;
        read(key, value, wide);
        take(key, "a whole number of at most 32 bits", value, field);
    }

    static void read(const char* key, const ordered_json& value, Method& field)
    {
        field = methodNamed(text(key, value));
    }
    static void read(const char* key, const ordered_json& value, Schedule& field)
    {
        field = parseSchedule(text(key, value));
    }
    static void read(const char* key, const ordered_json& value, BaseDType& field)
    {
        field = parseBaseDType(text(key, value));
    }
    static void read(const char* key, const ordered_json& value, SvdKind& field)
    {
        const std::string name = text(key, value);
        if (name != "exact" && name != "fast") {
            refuse(key, "one of exact, fast", value);
        }
        field = name == "exact" ? SvdKind::Exact : SvdKind::Fast;
    }
    static void read(const char* key, const ordered_json& value, QuantType& field)
    {
        const std::string name = text(key, value);
        if (name != "nf4" && name != "fp4") {
            refuse(key, "one of nf4, fp4", value);
        }
        field = parseQuantType(name);
    }
    static void read(const char* key, const ordered_json& value, PromptTemplate& field)
    {
        const std::string name = text(key, value);
        for (const PromptTemplate known :
             {PromptTemplate::Alpaca, PromptTemplate::Chat, PromptTemplate::Plain}) {
            if (name == templateName(known)) {
                field = known;
                return;
            }
        }
        refuse(key, "one of alpaca, chat, plain", value);
    }

    static std::string text(const char* key, const ordered_json& value)
    {
        std::string result;
        read(key, value, result);
        return result;
    }

    ordered_json m_object;
};

// A value for people: texts without quotes, lists with commas.
std::string shortText(const ordered_json& value)
{
    if (value.is_string()) {
        return value.get<std::string>();
    }
    if (value.is_number_float()) {
        return numberText(value.get<double>());
    }
    if (value.is_object()) { // a rank map
        return value.empty() ? "none" : std::to_string(value.size()) + " modules";
    }
    if (!value.is_array()) {
        return value.dump();
    }
    std::string text;
    for (const ordered_json& item : value) {
        text += (text.empty() ? "" : ", ") + shortText(item);
    }
    return text;
}

// Parses an object whose top-level keys are all different.
ordered_json parseObject(std::string_view text)
{
    constexpr std::size_t kDeepest = 64;
    OrderedDocument parsed;
    try {
        parsed = parseOrdered(text, kDeepest);
    } catch (const ordered_json::parse_error& error) {
        throw Error(ErrorKind::Format,
                    "is not JSON (fault at byte " + std::to_string(error.byte)
                        + "); expected an object like the run.json of a run");
    } catch (const ordered_json::exception&) { // a number like 1e999
        throw Error(ErrorKind::Format,
                    "holds a number that no double can hold; expected finite numbers");
    }
    if (parsed.tooDeep) {
        throw Error(ErrorKind::Format,
                    "is JSON nested deeper than " + std::to_string(kDeepest)
                        + " levels; expected an object like the run.json of a run");
    }
    if (!parsed.value.is_object()) {
        throw Error(ErrorKind::Format,
                    std::string("holds a JSON ") + parsed.value.type_name()
                        + " (expected an object with the keys of a run)");
    }
    if (!parsed.repeated.empty()) {
        throw Error(ErrorKind::InvalidArgument,
                    "key " + shownText(parsed.repeated.back()) + " stands twice; keep one");
    }
    return std::move(parsed.value);
}

} // namespace

std::string specToJson(const RunSpec& spec)
{
    ordered_json object = ordered_json::object();
    visitFields(spec, Writer {object});
    return object.dump(2, ' ', false, ordered_json::error_handler_t::replace);
}

RunSpec specFromJson(std::string_view text)
{
    RunSpec spec;
    Reader reader(parseObject(text));
    visitFields(spec, reader);
    reader.finish();
    for (const SpecProblem& problem : checkSpec(spec)) {
        const bool mayComeLater =
            problem.key == "model" || problem.key == "data"; // from flags or the form
        if (!mayComeLater) {
            throw Error(ErrorKind::InvalidArgument, problem.key + " " + problem.message);
        }
    }
    return spec;
}

std::vector<SpecSetting> settingsOf(const RunSpec& spec)
{
    ordered_json own = ordered_json::object();
    ordered_json standard = ordered_json::object();
    visitFields(spec, Writer {own, true});
    const RunSpec defaults;
    visitFields(defaults, Writer {standard});
    std::vector<SpecSetting> settings;
    for (const auto& [key, value] : own.items()) {
        settings.push_back({key, shortText(value), value == standard[key]});
    }
    return settings;
}

std::vector<SpecDifference> specDifferences(const std::vector<RunSpec>& specs)
{
    std::vector<SpecDifference> differences;
    std::vector<ordered_json> objects;
    objects.reserve(specs.size());
    for (const RunSpec& spec : specs) {
        objects.push_back(ordered_json::object());
        visitFields(spec, Writer {objects.back(), true});
    }
    if (objects.size() < 2) {
        return differences;
    }
    for (const auto& [key, first] : objects.front().items()) {
        SpecDifference difference {key, {}};
        bool equal = true;
        for (const ordered_json& object : objects) {
            equal = equal && object[key] == first;
            difference.values.push_back(shortText(object[key]));
        }
        if (!equal) {
            differences.push_back(std::move(difference));
        }
    }
    return differences;
}

} // namespace pissarro::core
