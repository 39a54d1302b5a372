// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sweep/sweep_plan.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/file/fingerprint.h"
#include "core/run/spec_settings.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

namespace pissarro::core::inline sweep {

namespace {

constexpr std::size_t kLongestLabel = 40;
constexpr std::size_t kLongestName = 200; // a file's name has room for 255
constexpr std::size_t kMarkDigits = 6;

// What makes losses of two runs numbers of different things.
constexpr const char* kAlwaysApart[] = {"model",   "data",  "batches",    "prompt_template",
                                        "columns", "learn", "max_length", "eval_ratio"};

bool meansSomething(const SpecField& field, const RunSpec& spec)
{
    return !field.applies || field.applies(SpecUse {spec, {spec.method}});
}

// -- names

bool isPlain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.'
        || c == '_' || c == '+';
}

std::string markOf(const std::string& text)
{
    return fingerprintOf(text.data(), text.size()).substr(0, kMarkDigits);
}

// As a part of a folder's name: of a path what its file is called.
std::string plainLabel(const std::string& text)
{
    std::string label = text.find('/') == std::string::npos
        ? text
        : std::filesystem::path(text).lexically_normal().stem().string();
    std::replace_if(
        label.begin(), label.end(), [](char c) { return !isPlain(c) && c != '-'; }, '_');
    if (label.empty() || label.front() == '.') { // no folder that file managers hide
        label.insert(label.begin(), '_');
    }
    return label.substr(0, kLongestLabel);
}

// "rank8", "lr2e-5", "pissa", "double-quant", "no-double-quant"
std::string labelOf(const SpecField& field, const FieldValue& value)
{
    const std::string flag = field.flag.substr(std::min<std::size_t>(2, field.flag.size()));
    if (const bool* const isOn = std::get_if<bool>(&value)) {
        return (*isOn ? "" : "no-") + flag;
    }
    if (std::holds_alternative<std::string>(value)) {
        return plainLabel(std::get<std::string>(value));
    }
    const std::string text = fieldText(value, "+");
    const bool isNumber = !std::holds_alternative<std::vector<std::string>>(value)
        && std::all_of(text.begin(), text.end(), [](char c) { return isPlain(c) || c == '-'; });
    return isNumber ? flag + text : plainLabel(text.empty() ? "default" : text);
}

// The labels of all values that a setting takes, told apart where two would be the same.
class Labels {
public:
    void add(const SpecField& field, const FieldValue& value)
    {
        m_values[field.key][labelOf(field, value)].insert(fieldText(value));
    }
    std::string of(const SpecField& field, const FieldValue& value) const
    {
        const std::string label = labelOf(field, value);
        const bool isAlone = m_values.at(field.key).at(label).size() == 1;
        return isAlone ? label : label + "." + markOf(fieldText(value));
    }
    bool isVaried(const std::string& key) const { return m_values.contains(key); }

private:
    std::map<std::string, std::map<std::string, std::set<std::string>>> m_values; // by key, label
};

// -- combinations

void set(RunSpec& spec, const std::string& key, const FieldValue& value)
{
    specField(key).set(spec, value);
}

// The axes with a method's own in the place of the shared ones, in the order of the table.
std::vector<SweepAxis> axesOf(const SweepSpec& sweep, const SweepTwin* twin)
{
    std::map<std::string, SweepAxis> byKey;
    for (const SweepAxis& axis : sweep.axes) {
        byKey[axis.key] = axis;
    }
    for (const SweepAxis& axis : twin == nullptr ? std::vector<SweepAxis>() : twin->own) {
        byKey[axis.key] = axis;
    }
    byKey.erase("method");
    std::vector<SweepAxis> axes;
    for (const SpecField& field : specFields()) {
        if (const auto found = byKey.find(field.key); found != byKey.end()) {
            axes.push_back(found->second);
        }
    }
    return axes;
}

std::vector<Method> methodsOf(const SweepSpec& sweep)
{
    std::vector<Method> methods;
    const auto add = [&](Method method) {
        if (std::find(methods.begin(), methods.end(), method) == methods.end()) {
            methods.push_back(method);
        }
    };
    for (const SweepAxis& axis : sweep.axes) {
        for (const FieldValue& value :
             axis.key == "method" ? axis.values : std::vector<FieldValue>()) {
            add(methodNamed(std::get<std::string>(value)));
        }
    }
    if (methods.empty()) {
        add(sweep.base.method);
    }
    for (const SweepTwin& twin : sweep.twins) {
        add(twin.method);
    }
    return methods;
}

void requireRoom(std::size_t runs)
{
    if (runs > kMostRuns) {
        throw Error(ErrorKind::InvalidArgument,
                    fmt::format("the axes make more than {} runs; name fewer values", kMostRuns));
    }
}

// The last axis fastest.
void addGrid(std::vector<RunSpec>& specs, const RunSpec& base, const std::vector<SweepAxis>& axes)
{
    std::vector<RunSpec> grid {base};
    for (const SweepAxis& axis : axes) {
        requireRoom(specs.size() + grid.size() * axis.values.size());
        std::vector<RunSpec> wider;
        for (const RunSpec& one : grid) {
            for (const FieldValue& value : axis.values) {
                wider.push_back(one);
                set(wider.back(), axis.key, value);
            }
        }
        grid = std::move(wider);
    }
    specs.insert(specs.end(), grid.begin(), grid.end());
}

std::vector<RunSpec> combinations(const SweepSpec& sweep)
{
    std::vector<RunSpec> specs;
    const bool onlySingles = sweep.axes.empty() && sweep.twins.empty() && !sweep.runs.empty();
    for (const Method method : onlySingles ? std::vector<Method>() : methodsOf(sweep)) {
        const auto twin = std::find_if(sweep.twins.begin(), sweep.twins.end(),
                                       [&](const SweepTwin& one) { return one.method == method; });
        RunSpec base = sweep.base;
        base.method = method;
        addGrid(specs, base, axesOf(sweep, twin == sweep.twins.end() ? nullptr : &*twin));
    }
    for (const std::vector<SweepAxis>& run : sweep.runs) {
        specs.push_back(sweep.base);
        for (const SweepAxis& axis : run) {
            set(specs.back(), axis.key, axis.values.front());
        }
    }
    requireRoom(specs.size());
    return specs;
}

std::set<std::string> variedKeys(const SweepSpec& sweep)
{
    std::set<std::string> keys;
    const auto add = [&](const std::vector<SweepAxis>& axes) {
        for (const SweepAxis& axis : axes) {
            keys.insert(axis.key);
        }
    };
    add(sweep.axes);
    for (const SweepTwin& twin : sweep.twins) {
        keys.insert("method");
        add(twin.own);
    }
    for (const std::vector<SweepAxis>& run : sweep.runs) {
        add(run);
    }
    return keys;
}

// What means nothing to the method stays as the base has it, so that equal runs are seen to be equal.
void settle(RunSpec& spec, const SweepSpec& sweep, const std::set<std::string>& varied)
{
    for (const std::string& key : varied) {
        const SpecField& field = specField(key);
        if (!meansSomething(field, spec)) {
            field.set(spec, field.get(sweep.base));
        }
    }
    if (sweep.pairAlphaWithRank) {
        spec.alpha = sweep.base.alpha * static_cast<double>(spec.rank)
            / static_cast<double>(sweep.base.rank);
    }
}

std::string valuesText(const RunSpec& spec, const std::vector<std::string>& keys)
{
    std::string text;
    for (const std::string& key : keys) {
        text += key + "=" + fieldText(specField(key).get(spec)) + "\n";
    }
    return text;
}

std::string groupOf(const RunSpec& spec, const StopRule& stop)
{
    std::vector<std::string> keys(std::begin(kAlwaysApart), std::end(kAlwaysApart));
    keys.insert(keys.end(), stop.within.begin(), stop.within.end());
    return valuesText(spec, keys);
}

void check(const PlannedRun& run, const StopRule& stop)
{
    if (const auto problems = checkSpec(run.spec); !problems.empty()) {
        throw Error(ErrorKind::InvalidArgument,
                    fmt::format("run {}: {} {}", shownText(run.name), problems.front().key,
                                problems.front().message));
    }
    const RunSpec& spec = run.spec;
    const bool evaluated =
        spec.evalRatio > 0.0 && spec.evalEvery > 0 && spec.evalEvery <= stop.first;
    if (stop.kind != StopKind::None && stop.metric == StopMetric::EvalLoss && !evaluated) {
        throw Error(ErrorKind::InvalidArgument,
                    fmt::format("run {}: eval_every is {} with eval_ratio {}, and stop looks at "
                                "eval_loss from step {} on (expected an evaluation up to there); "
                                "set eval_ratio and eval_every, or metric loss",
                                shownText(run.name), spec.evalEvery, spec.evalRatio, stop.first));
    }
}

} // namespace

SweepPlan planSweep(const SweepSpec& sweep)
{
    const std::set<std::string> varied = variedKeys(sweep);
    std::vector<RunSpec> specs = combinations(sweep);
    Labels labels;
    for (RunSpec& spec : specs) {
        settle(spec, sweep, varied);
        for (const std::string& key : varied) {
            labels.add(specField(key), specField(key).get(spec));
        }
    }
    SweepPlan plan;
    std::set<std::string> seen;
    for (const RunSpec& spec : specs) {
        PlannedRun run;
        run.spec = spec;
        for (const SpecField& field : specFields()) {
            if (labels.isVaried(field.key) && meansSomething(field, spec)) {
                const FieldValue value = field.get(spec);
                run.varied.push_back({field.key, settingText(field.key, value), false});
                run.name += (run.name.empty() ? "" : "-") + labels.of(field, value);
            }
        }
        run.name = run.name.empty() ? "run" : run.name;
        if (run.name.size() > kLongestName) {
            const std::string mark = markOf(run.name);
            run.name = run.name.substr(0, kLongestName) + "." + mark;
        }
        if (!seen.insert(specToJson(spec)).second) {
            ++plan.repeated;
            continue;
        }
        run.group = groupOf(spec, sweep.stop);
        RunSpec seedless = spec;
        seedless.seed = 0;
        run.candidate = specToJson(seedless);
        check(run, sweep.stop);
        plan.runs.push_back(std::move(run));
    }
    return plan;
}

} // namespace pissarro::core::inline sweep
