// SPDX-License-Identifier: GPL-3.0-or-later
// The table of a run's settings: adding one is a row here, its member in RunSpec, and its use.
#include "core/run/spec_fields.h"

#include "core/base/error.h"
#include "core/format/module_pattern.h"
#include "core/run/spec_field_row_p.h"
#include "core/settings/fields.h"
#include "core/tasks/task.h"
#include "core/text/message_text.h"
#include "core/text/number_text.h"

#include <algorithm>

namespace pissarro::core::inline run {

namespace {

constexpr double kMany = 1e9;

// -- who uses what

bool initialises(const SpecUse& use)
{
    return use.spec.initAdapter.empty();
}
bool ofAdapters(const SpecUse& use)
{
    return use.some(hasAdapter);
}
bool ofSvd(const SpecUse& use)
{
    return use.some(decomposes) && initialises(use);
}
bool ofFastSvd(const SpecUse& use)
{
    return ofSvd(use) && use.spec.svd.kind == SvdKind::Fast;
}
bool ofFourBits(const SpecUse& use)
{
    return use.some(isFourBit);
}
bool ofData(const SpecUse& use)
{
    return use.spec.batches.empty();
}

constexpr const char* kAdapterMethods = "a method with adapters";

// "lora beside pissa": whose bases one run holds with --share-base.
std::string sharing()
{
    return namesWhere(isUntouched, "or") + " beside " + namesWhere(isResidual, "or");
}

// -- what a range does not say

template <class Value>
std::string patternProblem(const PatternValues<Value>& values, const FieldInfo& each)
{
    for (const auto& [module, value] : values) {
        std::string problem = rangeProblem(each, value);
        if (problem.empty() && !isModulePattern(module)) {
            problem = "has the key " + shownText(module) + ", which is no regular expression";
        }
        if (!problem.empty()) {
            return problem;
        }
    }
    return {};
}

// -- the rows, in the order of run.json

using Fields = std::vector<SpecField>;

void addSources(Fields& fields)
{
    fields.push_back(
        row<&RunSpec::model>(
            "model", "--model", "Model",
            "Hugging Face folder, .gguf file, or id in the local Hugging Face cache")
            .place()
            .elsewhere()
            .checked([](const RunSpec& spec) {
                return unless(
                    !spec.model.empty(),
                    "is missing: a model folder, a .gguf file or an id of the local cache");
            }));
    fields.push_back(row<&RunSpec::data>("data", "--data", "Data",
                                         "JSON, JSON lines, CSV, TSV or text, also .gz or .zst")
                         .place()
                         .checked([](const RunSpec& spec) {
                             return unless(!spec.data.empty() || !spec.batches.empty(),
                                           "is missing: a .jsonl, .json, .csv, .tsv or .txt file");
                         }));
    fields.push_back(
        row<&RunSpec::batches>("batches", "--batches", "Batches",
                               "safetensors file of ready micro-batches instead of --data")
            .place()
            .checked([](const RunSpec& spec) {
                return unless(spec.data.empty() || spec.batches.empty(),
                              "cannot be used together with data");
            }));
    fields.push_back(
        row<&RunSpec::initAdapter>("init_adapter", "--init-adapter", "Start",
                                   "PEFT folder to start from instead of initialising")
            .elsewhere()
            .usedBy(kAdapterMethods, ofAdapters)
            .checked([](const RunSpec& spec) {
                return unless(!isFourBit(spec.method) || spec.initAdapter.empty(),
                              "must be empty with " + std::string(methodName(spec.method))
                                  + ", which makes its base and adapter itself; a given adapter on "
                                    "a four-bit folder trains with method lora");
            }));
    fields.push_back(row<&RunSpec::promptTemplate>("prompt_template", "--template", "Prompt",
                                                   "how a row becomes a prompt")
                         .usedBy("--data", ofData));
    const Fields reading = readingFields();
    fields.insert(fields.end(), reading.begin(), reading.end());
}

void addAdapterKind(Fields& fields)
{
    FieldInfo kind {.key = "adapter_kind",
                    .flag = "--adapter-kind",
                    .label = "Adapter",
                    .help = "lora: two factors; dora: the length of each row of a weight too"};
    fields.push_back(
        listedRow<&RunSpec::adapterKind>(std::move(kind), adapterKindNames())
            .advanced()
            .usedBy("an adapter that begins without --init-adapter",
                    [](const SpecUse& use) { return ofAdapters(use) && initialises(use); }));
}

void addAdapter(Fields& fields)
{
    fields.push_back(row<&RunSpec::method>("method", "--method", "Method", "what trains"));
    const SpecField rank = row<&RunSpec::rank>("rank", "--rank", "Rank", "of the adapters")
                               .within(1, 65'536)
                               .usedBy(kAdapterMethods, ofAdapters);
    const SpecField alpha =
        row<&RunSpec::alpha>("alpha", "--alpha", "Alpha", "scaling = alpha / rank")
            .above(0.0, 1e6)
            .usedBy(kAdapterMethods, ofAdapters);
    fields.push_back(rank);
    fields.push_back(alpha);
    auto ranks = memberField<&RankPatterns::ranks>(
        {.key = "rank_pattern",
         .flag = "--rank-map",
         .label = "Rank map",
         .help = "JSON with rank_pattern and alpha_pattern, as advise writes it"});
    fields.push_back(Row(liftedField(std::move(ranks), &RunSpec::patterns))
                         .elsewhere()
                         .usedBy(kAdapterMethods, ofAdapters)
                         .checked([rank](const RunSpec& spec) {
                             return patternProblem(spec.patterns.ranks, rank);
                         }));
    auto alphas = memberField<&RankPatterns::alphas>(
        {.key = "alpha_pattern",
         .flag = "--rank-map", // the same file
         .label = "Rank map",
         .help = "JSON with rank_pattern and alpha_pattern, as advise writes it"});
    fields.push_back(Row(liftedField(std::move(alphas), &RunSpec::patterns))
                         .elsewhere()
                         .checked([alpha](const RunSpec& spec) {
                             return patternProblem(spec.patterns.alphas, alpha);
                         }));
    addAdapterKind(fields);
    fields.push_back(
        row<&RunSpec::rslora>("rslora", "--rslora", "Scale", "scaling = alpha / sqrt(rank)")
            .advanced()
            .usedBy(kAdapterMethods, ofAdapters));
    fields.push_back(row<&RunSpec::dropout>("dropout", "--dropout", "Dropout",
                                            "share of an adapter's inputs that training drops")
                         .within(0.0, 0.9)
                         .advanced()
                         .usedBy(kAdapterMethods, ofAdapters));
}

void addStart(Fields& fields)
{
    fields.push_back(
        row<&RunSpec::slice>("slice", "--slice", "Slice",
                             "triplets that " + namesWhere(takesSlice)
                                 + " takes: principal, middle, minor, or 0 to 1 between")
            .within(0.0, 1.0)
            .named({{0.0, "principal"}, {0.5, "middle"}, {1.0, "minor"}})
            .elsewhere()
            .usedBy("the initialisation of " + namesWhere(takesSlice),
                    [](const SpecUse& use) { return use.some(takesSlice) && initialises(use); })
            .checked([](const RunSpec& spec) {
                return unless(spec.slice == 0.0 || spec.svd.kind == SvdKind::Exact,
                              "must be 0 with svd fast, which finds only the leading triplets; use "
                              "svd exact");
            }));
    for (Row& one : rowsOf(svdFields(), &RunSpec::svd)) {
        if (one.key() == "svd") {
            one.helped("the decomposition of " + namesWhere(decomposes) + ", exact or randomised")
                .usedBy("the initialisation of " + namesWhere(decomposes), ofSvd);
        } else {
            const bool columns = one.key() == "oversampling";
            one.helped(columns ? "extra columns of --svd fast" : "power iterations of --svd fast")
                .usedBy("--svd fast", ofFastSvd);
            if (columns) {
                one.advanced();
            }
        }
        fields.push_back(one);
    }
    fields.push_back(
        row<&RunSpec::iters>("iters", "--iters", "Iterations",
                             "alternating iterations of " + namesWhere(iterates) + " (T)")
            .within(1, 1'000)
            .usedBy(namesWhere(iterates), [](const SpecUse& use) { return use.some(iterates); }));
    for (Row& one : rowsOf(quantFields(), &RunSpec::quant)) {
        one.usedBy("a method with a four-bit base (" + namesWhere(isFourBit, "") + ")", ofFourBits);
        if (one.key() == "quant_type") {
            one.helped("quantization of the base of " + namesWhere(isFourBit));
        } else if (one.key() == "quant_block") {
            one.elsewhere();
        }
        fields.push_back(one);
    }
    fields.push_back(
        row<&RunSpec::targets>("targets", "--targets", "Modules",
                               "modules by pattern, may be repeated; default: every linear matrix "
                               "of the layers")
            .checked([](const RunSpec& spec) {
                return unless(std::find(spec.targets.begin(), spec.targets.end(), "")
                                  == spec.targets.end(),
                              "must not hold an empty module pattern");
            }));
}

void addOptimizer(Fields& fields)
{
    const auto isBeta = [](double value) {
        return unless(value >= 0.0 && value < 1.0,
                      "must be at least 0 and below 1, found " + numberText(value));
    };
    FieldInfo kind {.key = "optimizer",
                    .flag = "--optimizer",
                    .label = "Optimizer",
                    .help = "how gradients move what trains"};
    fields.push_back(listedRow<&RunSpec::optimizer>(std::move(kind), allOptimizers()).advanced());
    fields.push_back(
        row<&RunSpec::beta1>("beta1", "--beta1", "Beta 1", "of the optimizer's first moment")
            .elsewhere()
            .checked([isBeta](const RunSpec& spec) { return isBeta(spec.beta1); }));
    fields.push_back(row<&RunSpec::beta2>("beta2", "--beta2", "Beta 2", "of its second moment")
                         .elsewhere()
                         .checked([isBeta](const RunSpec& spec) { return isBeta(spec.beta2); }));
    fields.push_back(row<&RunSpec::epsilon>("epsilon", "--epsilon", "Epsilon",
                                            "added to the root of the second moment")
                         .above(0.0, 1.0)
                         .elsewhere());
    fields.push_back(row<&RunSpec::weightDecay>("weight_decay", "--weight-decay", "Weight decay",
                                                "decoupled, on everything that trains")
                         .within(0.0, 1.0)
                         .advanced());
}

void addRecipe(Fields& fields)
{
    fields.push_back(
        row<&RunSpec::learningRate>("learning_rate", "--lr", "Learning rate", "learning rate")
            .above(0.0, 1.0));
    fields.push_back(row<&RunSpec::schedule>("schedule", "--schedule", "Schedule",
                                             "of the learning rate after the warm-up"));
    fields.push_back(row<&RunSpec::warmupRatio>("warmup_ratio", "--warmup-ratio", "Warm-up",
                                                "share of the steps that warm up")
                         .within(0.0, 1.0));
    addOptimizer(fields);
    fields.push_back(
        row<&RunSpec::clip>("clip", "--clip", "Clip norm", "largest gradient norm; 0: no clipping")
            .within(0.0, 1e9)
            .advanced());
    fields.push_back(
        row<&RunSpec::batchSize>("batch_size", "--batch-size", "Batch", "rows of a micro-batch")
            .within(1, 65'536)
            .usedBy("--data", ofData));
    fields.push_back(row<&RunSpec::gradAccum>("grad_accum", "--grad-accum", "Accumulation",
                                              "micro-batches of a step")
                         .within(1, 65'536));
    fields.push_back(row<&RunSpec::maxLength>("max_length", "--max-length", "Longest row",
                                              "tokens of a row; longer ones are cut")
                         .within(2, 1'048'576)
                         .usedBy("--data", ofData));
    fields.push_back(row<&RunSpec::steps>("steps", "--steps", "Length", "optimizer steps")
                         .within(0, kMany)
                         .free());
    fields.push_back(row<&RunSpec::epochs>("epochs", "--epochs", "Length", "passes over the data")
                         .above(0.0, 10'000.0)
                         .free());
}

void addMachine(Fields& fields)
{
    fields.push_back(
        row<&RunSpec::dtype>("dtype", "--dtype", "Precision",
                             "of the frozen base; adapters are float32; auto: bfloat16 "
                             "where the machine has instructions for it"));
    fields.push_back(
        row<&RunSpec::seed>("seed", "--seed", "Seed", "of initialisation and data order")
            .advanced());
    fields.push_back(row<&RunSpec::threads>("threads", "--threads", "Threads",
                                            "0: as many as this process may use")
                         .within(0, 1'024)
                         .free()
                         .advanced());
    fields.push_back(
        row<&RunSpec::device>("device", "--device", "Device", "auto, cpu, cuda or cuda:N")
            .free()
            .checked([](const RunSpec& spec) {
                return unless(isDeviceName(spec.device),
                              "must be auto, cpu, cuda or cuda:N, found " + shownText(spec.device));
            }));
    fields.push_back(row<&RunSpec::checkpointEvery>("checkpoint_every", "--checkpoint-every",
                                                    "Checkpoint steps",
                                                    "steps between checkpoints; 0: by time alone")
                         .within(0, kMany)
                         .free()
                         .advanced("steps"));
    fields.push_back(
        row<&RunSpec::checkpointMinutes>(
            "checkpoint_minutes", "--checkpoint-minutes", "Checkpoint",
            "minutes between checkpoints; 0: by steps alone; every end of a run writes "
            "one")
            .within(0.0, 100'000.0)
            .free()
            .advanced("min"));
    fields.push_back(row<&RunSpec::keepCheckpoints>("keep_checkpoints", "--keep-checkpoints",
                                                    "Keep", "the newest ones")
                         .within(1, 1'000)
                         .free()
                         .advanced("newest"));
}

bool isScored(const RunSpec& spec)
{
    return spec.evalTask != kNoTask;
}

// Answers of all others are judged without being run, so that no consent is needed in the middle of a training.
std::vector<std::string_view> taskNames()
{
    std::vector<std::string_view> names {kNoTask};
    for (const Task* task : allTasks()) {
        if (std::all_of(task->rules.begin(), task->rules.end(),
                        [](const ScoringRule& rule) { return rule.code == nullptr; })) {
            names.push_back(task->name);
        }
    }
    return names;
}

bool isTask(std::string_view name)
{
    const auto known = taskNames();
    return std::find(known.begin(), known.end(), name) != known.end();
}

void addEvaluationTask(Fields& fields)
{
    const auto uses = [](const SpecUse& use) { return isScored(use.spec); };
    FieldInfo task {.key = "eval_task",
                    .flag = "--eval-task",
                    .label = "Task",
                    .help = "that the model is put to as it trains"};
    task.choices = taskNames();
    auto named = memberField<&RunSpec::evalTask>(std::move(task));
    named.set = [](RunSpec& spec, const FieldValue& value) {
        const auto* name = std::get_if<std::string>(&value);
        const bool isKnown = name != nullptr && isTask(*name);
        spec.evalTask = isKnown ? *name : spec.evalTask;
        return isKnown;
    };
    fields.push_back(Row(std::move(named)).elsewhere().checked([](const RunSpec& spec) {
        return isTask(spec.evalTask)
            ? unless(!isScored(spec) || !spec.evalTaskData.empty(),
                     "must be none without eval_task_data, its questions")
            : "must be " + listText(taskNames()) + ", found " + shownText(spec.evalTask);
    }));
    for (Row one : {row<&RunSpec::evalTaskData>("eval_task_data", "--eval-task-data", "Questions",
                                                "of --eval-task, an object a line"),
                    row<&RunSpec::evalTaskRows>("eval_task_rows", "--eval-task-rows", "Rows asked",
                                                "the first so many of --eval-task-data")
                        .within(1, kMany),
                    row<&RunSpec::evalTaskEvery>(
                        "eval_task_every", "--eval-task-every", "Ask every",
                        "steps between scores of --eval-task; 0: only after the last step")
                        .within(0, kMany)}) {
        fields.push_back(one.elsewhere().usedBy("--eval-task", uses));
    }
    fields.push_back(
        row<&RunSpec::bestBy>("best_by", "--best-by", "Best by",
                              "what best/ is the best of: held-out loss, or score of --eval-task")
            .elsewhere()
            .checked([](const RunSpec& spec) {
                return unless(spec.bestBy == BestBy::Loss || isScored(spec),
                              "must be loss without eval_task, which gives the score");
            }));
}

void addEvaluation(Fields& fields)
{
    fields.push_back(row<&RunSpec::evalRatio>("eval_ratio", "--eval-ratio", "Held out",
                                              "share of the examples to hold out and only evaluate")
                         .within(0.0, 0.9)
                         .advanced()
                         .checked([](const RunSpec& spec) {
                             return unless(spec.evalRatio == 0.0 || spec.batches.empty(),
                                           "must be 0 with ready batches, which hold nothing out");
                         }));
    fields.push_back(
        row<&RunSpec::evalEvery>("eval_every", "--eval-every", "Evaluate",
                                 "steps between evaluations; 0: only after the last step")
            .within(0, kMany)
            .advanced("steps"));
    fields.push_back(
        row<&RunSpec::patience>("patience", "--patience", "Patience",
                                "evaluations without a better loss that end the run; 0: never")
            .within(0, kMany)
            .free()
            .advanced("evaluations")
            .checked([](const RunSpec& spec) {
                const bool scored = isScored(spec) && spec.bestBy == BestBy::Score;
                return unless(spec.patience == 0 || (spec.evalRatio > 0.0 && spec.evalEvery > 0)
                                  || (scored && spec.evalTaskEvery > 0),
                              "must be 0 without eval_ratio and eval_every, which it counts");
            }));
    addEvaluationTask(fields);
}

void addMemory(Fields& fields)
{
    fields.push_back(
        row<&RunSpec::shareBase>("share_base", "--share-base", "Share the base",
                                 sharing() + " on its residual: less memory, not the numbers of "
                                     + namesWhere(isUntouched) + " alone")
            .elsewhere()
            .usedBy(sharing(), [](const SpecUse& use) {
                return use.some(isResidual) && use.some(isUntouched) && initialises(use);
            }));
    fields.push_back(row<&RunSpec::gradientCheckpointing>(
                         "gradient_checkpointing", "--gradient-checkpointing", "Activations",
                         "compute each layer again in the backward pass: less memory, a third more "
                         "work")
                         .advanced());
}

} // namespace

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

bool SpecUse::some(bool (*is)(Method)) const
{
    return std::any_of(methods.begin(), methods.end(), is);
}

const std::vector<SpecField>& specFields()
{
    static const Fields kFields = [] {
        Fields fields;
        addSources(fields);
        addAdapter(fields);
        addStart(fields);
        addRecipe(fields);
        addMachine(fields);
        addEvaluation(fields);
        addMemory(fields);
        return fields;
    }();
    return kFields;
}

const SpecField& specField(std::string_view key)
{
    for (const SpecField& field : specFields()) {
        if (field.key == key) {
            return field;
        }
    }
    throw Error(ErrorKind::Internal, "a run has no setting " + std::string(key));
}

} // namespace pissarro::core::inline run
