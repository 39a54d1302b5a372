// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/run_spec.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/kernels/operations.h"
#include "core/run/spec_fields.h"
#include "core/text/enum_names.h"
#include "core/text/message_text.h"
#include "core/text/shell_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numbers>
#include <utility>

namespace pissarro::core::inline run {

namespace {

std::int64_t warmupSteps(const RunSpec& spec, std::int64_t steps)
{
    return static_cast<std::int64_t>(std::ceil(static_cast<double>(steps) * spec.warmupRatio));
}

// The value of a flag on the copied command; nothing where the flag stands alone or is left out.
std::vector<std::string> wordsOf(const SpecField& field, const RunSpec& spec)
{
    const FieldValue value = field.get(spec);
    if (const auto* texts = std::get_if<std::vector<std::string>>(&value)) {
        return *texts;
    }
    if (std::holds_alternative<PatternValues<std::int64_t>>(value)) {
        return {"RANK_MAP.json"}; // too long for a line: the file that `advise -o` wrote
    }
    return {fieldText(value)};
}

// What the command says though it is the default, and what it leaves out though it is not.
bool isOnCommand(const SpecField& field, const RunSpec& spec, const RunSpec& standard)
{
    const std::string& key = field.key;
    if (key == "model" || key == "method") {
        return true;
    }
    if (key == "rank" || key == "alpha") { // a line without --alpha might take the rank for it
        return spec.rank != standard.rank || spec.alpha != standard.alpha;
    }
    if (key == "rank_pattern" || key == "alpha_pattern") { // one file
        return key == "rank_pattern" && !spec.patterns.empty();
    }
    if (key == "niter" || key == "oversampling") {
        if (spec.svd.kind != SvdKind::Fast) {
            return false;
        }
    } else if (key == "epochs" && spec.steps > 0) {
        return false;
    }
    return !sameValue(field.get(spec), field.get(standard));
}

} // namespace

LabelSet parseLabels(const std::string& text)
{
    constexpr std::int64_t kMost = 1 << 16;
    LabelSet labels;
    if (text.empty()) {
        return labels;
    }
    const bool isCount = text.find_first_not_of("0123456789") == std::string::npos;
    if (isCount) {
        const char* const end = text.data() + text.size();
        const auto [last, error] = std::from_chars(text.data(), end, labels.count);
        if (error != std::errc() || labels.count < 1 || labels.count > kMost) {
            throw Error(ErrorKind::InvalidArgument,
                        fmt::format("must be 1 to {} classes, found {}", kMost, text));
        }
        return labels;
    }
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(',', begin), text.size());
        const std::string name = text.substr(begin, end - begin);
        const bool twice =
            std::find(labels.names.begin(), labels.names.end(), name) != labels.names.end();
        if (name.empty() || twice) {
            throw Error(ErrorKind::InvalidArgument,
                        fmt::format("must be names of classes with commas between, each once, "
                                    "found {}",
                                    shownText(text, 60)));
        }
        labels.names.push_back(name);
        begin = end + 1;
    }
    labels.count = static_cast<std::int64_t>(labels.names.size());
    if (labels.count < 2 || labels.count > kMost) {
        throw Error(ErrorKind::InvalidArgument,
                    fmt::format("must be 2 to {} names of classes, found {}", kMost, labels.count));
    }
    return labels;
}

NewHead newHeadOf(const RunSpec& spec)
{
    LabelSet labels = parseLabels(spec.labels);
    return {labels.count, spec.seed, std::move(labels.names)};
}

DataOptions dataOptionsOf(const RunSpec& spec)
{
    DataOptions options;
    options.promptTemplate = spec.promptTemplate;
    options.columns = parseColumnMap(spec.columns);
    options.learned = spec.learned;
    options.strict = spec.strict;
    return options;
}

std::string_view scheduleName(Schedule schedule)
{
    return nameIn(EnumNames<Schedule>::all, schedule);
}
Schedule parseSchedule(std::string_view text)
{
    return parseIn(EnumNames<Schedule>::all, "schedule", text);
}
std::string_view dtypeTitle(BaseDType dtype)
{
    return nameIn(EnumNames<BaseDType>::all, dtype);
}
BaseDType parseBaseDType(std::string_view text)
{
    return parseIn(EnumNames<BaseDType>::all, "dtype", text);
}

BaseDType resolvedDType(BaseDType dtype, std::string_view device)
{
    if (dtype != BaseDType::Auto) {
        return dtype;
    }
    const bool fast =
        device.starts_with("cuda") || kernels::operations() >= kernels::Operations::Avx512Bf16;
    return fast ? BaseDType::BFloat16 : BaseDType::Float32;
}

std::string autoDTypeNote(BaseDType dtype, std::string_view device)
{
    if (dtype != BaseDType::Auto) {
        return {};
    }
    return device.starts_with("cuda") ? "precision of the base: bfloat16, as the device is a GPU"
        : resolvedDType(dtype, device) == BaseDType::BFloat16
        ? "precision of the base: bfloat16, as this processor has instructions for it"
        : "precision of the base: float32, as this processor has no instructions for bfloat16, "
          "which would be slower";
}

std::vector<SpecProblem> checkSpec(const RunSpec& spec)
{
    std::vector<SpecProblem> problems;
    for (const SpecField& field : specFields()) {
        std::string problem = rangeProblem(field, field.get(spec));
        if (problem.empty() && field.problem) {
            problem = field.problem(spec);
        }
        if (!problem.empty()) {
            problems.push_back({field.key, std::move(problem)});
        }
    }
    return problems;
}

std::string specToCommand(const RunSpec& spec, const std::vector<Method>& twins,
                          const std::string& runDirectory)
{
    const RunSpec standard;
    std::string line = "pissarro-cli train";
    const auto add = [&line](const std::string& flag, const std::string& value) {
        line += " " + flag + " " + shellQuoted(value);
    };
    for (const SpecField& field : specFields()) {
        if (!isOnCommand(field, spec, standard)) {
            continue;
        }
        if (std::holds_alternative<bool>(field.get(spec))) {
            line += " " + field.flag;
            continue;
        }
        for (const std::string& word : wordsOf(field, spec)) {
            add(field.flag, word);
        }
        if (field.key == "method") {
            for (const Method twin : twins) {
                add("--twin", std::string(methodName(twin)));
            }
        }
    }
    if (!runDirectory.empty()) {
        add("-o", runDirectory);
    }
    return line;
}

namespace {

// A form asks while 0 stands in the field of the accumulation.
std::int64_t stepsOfEpoch(const RunSpec& spec, std::int64_t batchesPerEpoch)
{
    const std::int64_t accumulated = std::max<std::int64_t>(1, spec.gradAccum);
    return (batchesPerEpoch + accumulated - 1) / accumulated;
}

} // namespace

std::int64_t totalSteps(const RunSpec& spec, std::int64_t batchesPerEpoch)
{
    if (spec.steps > 0) {
        return spec.steps;
    }
    const std::int64_t stepsPerEpoch = stepsOfEpoch(spec, batchesPerEpoch);
    const double steps = std::ceil(spec.epochs * static_cast<double>(stepsPerEpoch));
    // NaN, and more than anybody waits for: the form asks before checkSpec() has spoken.
    return steps > 0 ? static_cast<std::int64_t>(std::min(steps, 1e12)) : 0;
}

double epochsAfter(const RunSpec& spec, std::int64_t steps, std::int64_t batchesPerEpoch)
{
    const std::int64_t stepsPerEpoch = stepsOfEpoch(spec, batchesPerEpoch);
    const std::int64_t batches = steps / stepsPerEpoch * batchesPerEpoch
        + std::min(steps % stepsPerEpoch * spec.gradAccum, batchesPerEpoch);
    return static_cast<double>(batches) / static_cast<double>(batchesPerEpoch);
}

double learningRateAt(const RunSpec& spec, std::int64_t step, std::int64_t steps)
{
    const std::int64_t done = step - 1;
    const std::int64_t warmup = warmupSteps(spec, steps);
    if (done < warmup) {
        return spec.learningRate
            * (static_cast<double>(done) / static_cast<double>(std::max<std::int64_t>(1, warmup)));
    }
    const auto span = static_cast<double>(std::max<std::int64_t>(1, steps - warmup));
    switch (spec.schedule) {
    case Schedule::Constant:
        return spec.learningRate;
    case Schedule::Linear:
        return spec.learningRate * std::max(0.0, static_cast<double>(steps - done) / span);
    case Schedule::Cosine: {
        const double progress = static_cast<double>(done - warmup) / span;
        return spec.learningRate
            * std::max(0.0, 0.5 * (1.0 + std::cos(std::numbers::pi * progress)));
    }
    }
    throw Error(ErrorKind::Internal, "a schedule without a formula");
}

} // namespace pissarro::core::inline run
