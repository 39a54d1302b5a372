// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/run_spec.h"

#include "core/base/error.h"
#include "core/format/module_pattern.h"
#include "core/kernels/operations.h"
#include "core/text/enum_names.h"
#include "core/text/message_text.h"
#include "core/text/number_text.h"
#include "core/text/shell_text.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <numbers>
#include <utility>

namespace pissarro::core {

namespace {

constexpr std::array kSchedules {
    Named<Schedule> {Schedule::Constant, "constant"},
    Named<Schedule> {Schedule::Linear, "linear"},
    Named<Schedule> {Schedule::Cosine, "cosine"},
};
constexpr std::array kDTypes {
    Named<BaseDType> {BaseDType::Auto, "auto"},
    Named<BaseDType> {BaseDType::Float32, "float32"},
    Named<BaseDType> {BaseDType::BFloat16, "bfloat16"},
};

// Collects what is out of range.
class Checker {
public:
    void require(bool good, const char* key, const std::string& message)
    {
        if (!good) {
            m_problems.push_back({key, message});
        }
    }

    void whole(const char* key, std::int64_t value, std::int64_t lowest, std::int64_t highest)
    {
        require(value >= lowest && value <= highest, key,
                "must be a whole number from " + std::to_string(lowest) + " to "
                    + std::to_string(highest) + ", found " + std::to_string(value));
    }

    // (lowest, highest] when `open`, else [lowest, highest].
    void real(const char* key, double value, double lowest, double highest, bool open)
    {
        const bool inside =
            (open ? value > lowest : value >= lowest) && value <= highest; // NaN: false
        require(inside, key,
                std::string("must be ") + (open ? "above " : "at least ") + numberText(lowest)
                    + " and at most " + numberText(highest) + ", found " + numberText(value));
    }

    std::vector<SpecProblem> take() { return std::move(m_problems); }

private:
    std::vector<SpecProblem> m_problems;
};

bool isDeviceName(std::string_view device)
{
    if (device == "auto" || device == "cpu" || device == "cuda") {
        return true;
    }
    constexpr std::string_view kPrefix = "cuda:";
    if (!device.starts_with(kPrefix)) {
        return false;
    }
    const std::string_view index = device.substr(kPrefix.size());
    return !index.empty() && index.size() <= 3
        && index.find_first_not_of("0123456789") == std::string_view::npos;
}

std::int64_t warmupSteps(const RunSpec& spec, std::int64_t steps)
{
    return static_cast<std::int64_t>(std::ceil(static_cast<double>(steps) * spec.warmupRatio));
}

// A command line in the making: flags whose value is not the default.
class CommandLine {
public:
    explicit CommandLine(std::string start)
        : m_text(std::move(start))
    {
    }

    void add(const char* flag, const std::string& value)
    {
        m_text += std::string(" ") + flag + " " + shellQuoted(value);
    }
    void addFlag(const char* flag) { m_text += std::string(" ") + flag; }
    void addReal(const char* flag, double value, double standard)
    {
        if (value != standard) {
            add(flag, numberText(value));
        }
    }
    template <class Integer>
    void addWhole(const char* flag, Integer value, Integer standard)
    {
        if (value != standard) {
            add(flag, std::to_string(value));
        }
    }
    void addText(const char* flag, const std::string& value, const std::string& standard = {})
    {
        if (value != standard) {
            add(flag, value);
        }
    }

    const std::string& text() const { return m_text; }

private:
    std::string m_text;
};

void addAdapterFlags(CommandLine& line, const RunSpec& spec, const RunSpec& standard)
{
    if (spec.rank != standard.rank || spec.alpha != standard.alpha) {
        line.add("--rank", std::to_string(spec.rank));
        line.add("--alpha", numberText(spec.alpha));
    }
    if (spec.rslora) {
        line.addFlag("--rslora");
    }
    line.addReal("--slice", spec.slice, standard.slice);
    if (!spec.patterns.empty()) {
        line.add("--rank-map",
                 "RANK_MAP.json"); // too long for a line: the file that `advise -o` wrote
    }
    if (spec.svd.kind == SvdKind::Fast) {
        line.add("--svd", "fast");
        line.addWhole("--niter", spec.svd.fast.niter, standard.svd.fast.niter);
        line.addWhole("--oversampling", spec.svd.fast.oversampling, standard.svd.fast.oversampling);
    }
    line.addWhole("--iters", spec.iters, standard.iters);
    line.addText("--type", std::string(quantTypeName(spec.quant.type)),
                 std::string(quantTypeName(standard.quant.type)));
    line.addWhole("--block", spec.quant.blockSize, standard.quant.blockSize);
    if (spec.quant.doubleQuant) {
        line.addFlag("--double-quant");
    }
    for (const std::string& glob : spec.targets) {
        line.add("--targets", glob);
    }
}

void addTrainingFlags(CommandLine& line, const RunSpec& spec, const RunSpec& standard)
{
    line.addReal("--lr", spec.learningRate, standard.learningRate);
    line.addText("--schedule", std::string(scheduleName(spec.schedule)),
                 std::string(scheduleName(standard.schedule)));
    line.addReal("--warmup-ratio", spec.warmupRatio, standard.warmupRatio);
    line.addReal("--weight-decay", spec.weightDecay, standard.weightDecay);
    line.addReal("--clip", spec.clip, standard.clip);
    line.addWhole("--batch-size", spec.batchSize, standard.batchSize);
    line.addWhole("--grad-accum", spec.gradAccum, standard.gradAccum);
    line.addWhole("--max-length", spec.maxLength, standard.maxLength);
    if (spec.steps > 0) {
        line.add("--steps", std::to_string(spec.steps));
    } else {
        line.addReal("--epochs", spec.epochs, standard.epochs);
    }
    line.addText("--dtype", std::string(dtypeTitle(spec.dtype)),
                 std::string(dtypeTitle(standard.dtype)));
    line.addWhole("--seed", spec.seed, standard.seed);
    line.addWhole("--threads", spec.threads, standard.threads);
    line.addText("--device", spec.device, standard.device);
    line.addWhole("--checkpoint-every", spec.checkpointEvery, standard.checkpointEvery);
    line.addReal("--checkpoint-minutes", spec.checkpointMinutes, standard.checkpointMinutes);
    line.addWhole("--keep-checkpoints", spec.keepCheckpoints, standard.keepCheckpoints);
    line.addReal("--eval-ratio", spec.evalRatio, standard.evalRatio);
    line.addWhole("--eval-every", spec.evalEvery, standard.evalEvery);
    line.addWhole("--patience", spec.patience, standard.patience);
    if (spec.shareBase) {
        line.addFlag("--share-base");
    }
    if (spec.gradientCheckpointing) {
        line.addFlag("--gradient-checkpointing");
    }
}

} // namespace

std::string_view scheduleName(Schedule schedule)
{
    return nameIn(kSchedules, schedule);
}
Schedule parseSchedule(std::string_view text)
{
    return parseIn(kSchedules, "schedule", text);
}
std::string_view dtypeTitle(BaseDType dtype)
{
    return nameIn(kDTypes, dtype);
}
BaseDType parseBaseDType(std::string_view text)
{
    return parseIn(kDTypes, "dtype", text);
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
    constexpr std::int64_t kMany = 1'000'000'000;
    Checker check;
    check.require(!spec.model.empty(), "model",
                  "is missing: a model folder, a .gguf file or an id of the local cache");
    check.require(!spec.data.empty() || !spec.batches.empty(), "data",
                  "is missing: a .jsonl or .json file");
    check.require(spec.data.empty() || spec.batches.empty(), "batches",
                  "cannot be used together with data");
    check.whole("rank", spec.rank, 1, 65'536);
    check.real("alpha", spec.alpha, 0.0, 1e6, true);
    for (const auto& [module, rank] : spec.patterns.ranks) {
        check.whole("rank_pattern", rank, 1, 65'536);
        check.require(isModulePattern(module), "rank_pattern",
                      "has the key " + shownText(module) + ", which is no regular expression");
    }
    for (const auto& [module, alpha] : spec.patterns.alphas) {
        check.real("alpha_pattern", alpha, 0.0, 1e6, true);
        check.require(isModulePattern(module), "alpha_pattern",
                      "has the key " + shownText(module) + ", which is no regular expression");
    }
    check.real("slice", spec.slice, 0.0, 1.0, false);
    check.require(spec.slice == 0.0 || spec.svd.kind == SvdKind::Exact, "slice",
                  "must be 0 with svd fast, which finds only the leading triplets; use svd exact");
    check.whole("niter", spec.svd.fast.niter, 0, 1'000);
    check.whole("oversampling", spec.svd.fast.oversampling, 0, 65'536);
    check.whole("iters", spec.iters, 1, 1'000);
    check.require(spec.quant.blockSize >= kQuantBlock && spec.quant.blockSize <= kLargestQuantBlock
                      && std::has_single_bit(static_cast<std::uint64_t>(spec.quant.blockSize)),
                  "quant_block",
                  "must be 64, 128, 256, 512, 1024, 2048 or 4096, found "
                      + std::to_string(spec.quant.blockSize));
    check.require(!isFourBit(spec.method) || spec.initAdapter.empty(), "init_adapter",
                  "must be empty with " + std::string(methodName(spec.method))
                      + ", which makes its base and adapter itself; a given adapter on a "
                        "four-bit folder trains with method lora");
    for (const std::string& glob : spec.targets) {
        check.require(!glob.empty(), "targets", "must not hold an empty module pattern");
    }
    check.real("learning_rate", spec.learningRate, 0.0, 1.0, true);
    check.real("warmup_ratio", spec.warmupRatio, 0.0, 1.0, false);
    check.real("weight_decay", spec.weightDecay, 0.0, 1.0, false);
    check.real("clip", spec.clip, 0.0, 1e9, false);
    check.whole("batch_size", spec.batchSize, 1, 65'536);
    check.whole("grad_accum", spec.gradAccum, 1, 65'536);
    check.whole("max_length", spec.maxLength, 2, 1'048'576);
    check.whole("steps", spec.steps, 0, kMany);
    check.real("epochs", spec.epochs, 0.0, 10'000.0, true);
    check.whole("threads", spec.threads, 0, 1'024);
    check.require(isDeviceName(spec.device), "device",
                  "must be auto, cpu, cuda or cuda:N, found " + shownText(spec.device));
    check.whole("checkpoint_every", spec.checkpointEvery, 0, kMany);
    check.real("checkpoint_minutes", spec.checkpointMinutes, 0.0, 100'000.0, false);
    check.whole("keep_checkpoints", spec.keepCheckpoints, 1, 1'000);
    check.real("eval_ratio", spec.evalRatio, 0.0, 0.9, false);
    check.require(spec.evalRatio == 0.0 || spec.batches.empty(), "eval_ratio",
                  "must be 0 with ready batches, which hold nothing out");
    check.whole("eval_every", spec.evalEvery, 0, kMany);
    check.whole("patience", spec.patience, 0, kMany);
    check.require(spec.patience == 0 || (spec.evalRatio > 0.0 && spec.evalEvery > 0), "patience",
                  "must be 0 without eval_ratio and eval_every, which it counts");
    return check.take();
}

std::string specToCommand(const RunSpec& spec, const std::vector<Method>& twins,
                          const std::string& runDirectory)
{
    const RunSpec standard;
    CommandLine line("pissarro-cli train");
    line.add("--model", spec.model);
    line.addText("--data", spec.data);
    line.addText("--batches", spec.batches);
    line.addText("--init-adapter", spec.initAdapter);
    if (spec.promptTemplate != PromptTemplate::Alpaca) {
        line.add("--template", spec.promptTemplate == PromptTemplate::Chat ? "chat" : "plain");
    }
    line.add("--method", std::string(methodName(spec.method)));
    for (const Method twin : twins) {
        line.add("--twin", std::string(methodName(twin)));
    }
    addAdapterFlags(line, spec, standard);
    addTrainingFlags(line, spec, standard);
    line.addText("-o", runDirectory);
    return line.text();
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

} // namespace pissarro::core
