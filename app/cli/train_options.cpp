// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/train_options.h"

#include "core/file/atomic_file.h"
#include "core/model/rank_pattern.h"
#include "core/run/run_place.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <functional>
#include <map>
#include <string_view>

namespace pissarro::cli {

namespace {

namespace fs = std::filesystem;
using core::Method;
using core::RunSpec;

constexpr std::uint64_t kLargestRunFile = 16ULL << 20;

// The flag of a key of the spec: "learning_rate" is --lr, "batch_size" is --batch-size.
std::string flagOf(std::string key)
{
    if (key == "learning_rate") {
        return "--lr";
    }
    if (key == "prompt_template") {
        return "--template";
    }
    if (key == "quant_type" || key == "quant_block") {
        return "--" + key.substr(key.find('_') + 1);
    }
    std::replace(key.begin(), key.end(), '_', '-');
    return "--" + key;
}

// "lora beside pissa": whose bases one run holds with --share-base.
std::string sharing()
{
    return core::namesWhere(core::isUntouched, "or") + " beside "
        + core::namesWhere(core::isResidual, "or");
}

// "SmolLM2-135M-Instruct-pissa-20261124-134154" below the folder of all runs.
fs::path freshRunDirectory(const RunSpec& spec)
{
    const std::time_t now = std::time(nullptr);
    std::tm local {};
    localtime_r(&now, &local);
    std::array<char, 32> stamp {};
    std::strftime(stamp.data(), stamp.size(), "%Y%m%d-%H%M%S", &local);
    fs::path model = fs::path(spec.model).lexically_normal();
    if (!model.has_filename()) { // "models/smol/"
        model = model.parent_path();
    }
    std::string name =
        model.extension() == ".gguf" ? model.stem().string() : model.filename().string();
    name += "-" + std::string(core::methodName(spec.method)) + "-" + stamp.data();
    fs::path directory = core::defaultRunRoot() / name;
    for (int i = 2; fs::exists(directory); ++i) {
        directory = core::defaultRunRoot() / (name + "-" + std::to_string(i));
    }
    return directory;
}

} // namespace

template <class Field>
CLI::Option* TrainOptions::addValue(CLI::App& verb, const std::string& names, Field field,
                                    const std::string& description)
{
    using Value = std::remove_cvref_t<std::invoke_result_t<Field, RunSpec&>>;
    auto* option = verb.add_option_function<Value>(
        names,
        [this, field](const Value& value) {
            m_given.emplace_back(
                [field, value](RunSpec& spec) { std::invoke(field, spec) = value; });
        },
        description);
    if constexpr (std::is_arithmetic_v<Value>) {
        RunSpec standard;
        option->default_str(std::to_string(std::invoke(field, standard)));
    }
    return option;
}

CLI::Option* TrainOptions::addNumber(CLI::App& verb, const std::string& names,
                                     double RunSpec::*field, const std::string& description)
{
    return addReal(
        verb, names, RunSpec().*field,
        [this, field](double value) {
            m_given.emplace_back([field, value](RunSpec& spec) { spec.*field = value; });
        },
        description);
}

void TrainOptions::addTo(CLI::App& verb)
{
    verb.add_option("RUN.json", m_runFile, "spec of a run; flags replace what it says");
    addSources(verb);
    addAdapterOptions(verb);
    addRecipeOptions(verb);
    addRunOptions(verb);
    addJson(verb, m_json);
}

void TrainOptions::addSources(CLI::App& verb)
{
    addValue(verb, "--model", &RunSpec::model,
             "Hugging Face folder, .gguf file, or id in the local Hugging Face cache");
    auto* data =
        addValue(verb, "--data", &RunSpec::data, ".jsonl or .json with instructions and answers");
    addValue(verb, "--batches", &RunSpec::batches,
             "safetensors file of ready micro-batches instead of --data")
        ->excludes(data);
    verb.add_option_function<std::string>(
            "--template",
            [this](const std::string& name) {
                m_given.emplace_back([name](RunSpec& spec) {
                    spec.promptTemplate = core::parsePromptTemplate(name);
                });
            },
            "how a row becomes a prompt")
        ->check(CLI::IsMember({"alpaca", "chat", "plain"}))
        ->default_str("alpaca");
    addValue(verb, "--init-adapter", &RunSpec::initAdapter,
             "PEFT folder to start from instead of initialising");
}

void TrainOptions::addAdapterOptions(CLI::App& verb)
{
    verb.add_option_function<std::string>(
            "--method",
            [this](const std::string& name) {
                m_given.emplace_back(
                    [name](RunSpec& spec) { spec.method = core::methodNamed(name); });
            },
            "what trains")
        ->check(CLI::IsMember(methodNames()))
        ->default_str(std::string(Method()->name));
    addTexts(verb, "--twin", m_twins,
             "a method to train beside it on the same batches; may be repeated")
        ->check(CLI::IsMember(methodNames()));
    addValue(verb, "--rank", &RunSpec::rank, "of the adapters");
    addNumber(verb, "--alpha", &RunSpec::alpha, "scaling = alpha / rank");
    verb.add_flag_callback(
        "--rslora", [this] { m_given.emplace_back([](RunSpec& spec) { spec.rslora = true; }); },
        "scaling = alpha / sqrt(rank)");
    verb.add_option("--rank-map", m_rankMap,
                    "JSON with rank_pattern and alpha_pattern, as advise writes it");
    verb.add_option_function<std::string>(
            "--slice",
            [this](const std::string& text) {
                m_given.emplace_back(
                    [slice = parseSlice(text)](RunSpec& spec) { spec.slice = slice; });
            },
            "triplets that " + core::namesWhere(core::takesSlice)
                + " takes: principal, middle, minor, or 0 to 1 between")
        ->default_str("principal");
    verb.add_option_function<std::string>(
            "--svd",
            [this](const std::string& name) {
                m_given.emplace_back([name](RunSpec& spec) {
                    spec.svd.kind = name == "fast" ? core::SvdKind::Fast : core::SvdKind::Exact;
                });
            },
            "the decomposition of " + core::namesWhere(core::decomposes) + ", exact or randomised")
        ->check(CLI::IsMember({"exact", "fast"}))
        ->default_str("exact");
    addValue(
        verb, "--niter", [](RunSpec & spec) -> auto& { return spec.svd.fast.niter; },
        "power iterations of --svd fast");
    addValue(
        verb, "--oversampling", [](RunSpec & spec) -> auto& { return spec.svd.fast.oversampling; },
        "extra columns of --svd fast");
    addValue(verb, "--iters", &RunSpec::iters,
             "alternating iterations of " + core::namesWhere(core::iterates) + " (T)");
    verb.add_option_function<std::string>(
            "--type",
            [this](const std::string& name) {
                m_given.emplace_back(
                    [name](RunSpec& spec) { spec.quant.type = core::parseQuantType(name); });
            },
            "quantization of the base of " + core::namesWhere(core::isFourBit))
        ->check(CLI::IsMember({"nf4", "fp4"}))
        ->default_str("nf4");
    addValue(
        verb, "--block", [](RunSpec & spec) -> auto& { return spec.quant.blockSize; },
        "values that share an absmax");
    verb.add_flag_callback(
        "--double-quant",
        [this] { m_given.emplace_back([](RunSpec& spec) { spec.quant.doubleQuant = true; }); },
        "quantize the absmax values too");
    addTexts(verb, "--targets", m_targets,
             "modules by pattern, may be repeated; default: every linear matrix of the layers");
}

void TrainOptions::addRecipeOptions(CLI::App& verb)
{
    addNumber(verb, "--lr", &RunSpec::learningRate, "learning rate");
    verb.add_option_function<std::string>(
            "--schedule",
            [this](const std::string& name) {
                m_given.emplace_back(
                    [name](RunSpec& spec) { spec.schedule = core::parseSchedule(name); });
            },
            "of the learning rate after the warm-up")
        ->check(CLI::IsMember({"constant", "linear", "cosine"}))
        ->default_str("cosine");
    addNumber(verb, "--warmup-ratio", &RunSpec::warmupRatio, "share of the steps that warm up");
    std::vector<std::string> kinds;
    for (const core::OptimizerKind* kind : core::allOptimizers()) {
        kinds.emplace_back(kind->name);
    }
    addValue(verb, "--optimizer", &RunSpec::optimizer, "how gradients move what trains")
        ->check(CLI::IsMember(kinds));
    addNumber(verb, "--beta1", &RunSpec::beta1, "of the optimizer's first moment");
    addNumber(verb, "--beta2", &RunSpec::beta2, "of its second moment");
    addNumber(verb, "--epsilon", &RunSpec::epsilon, "added to the root of the second moment");
    addNumber(verb, "--weight-decay", &RunSpec::weightDecay,
              "decoupled, on everything that trains");
    addNumber(verb, "--clip", &RunSpec::clip, "largest gradient norm; 0: no clipping");
    addValue(verb, "--batch-size", &RunSpec::batchSize, "rows of a micro-batch");
    addValue(verb, "--grad-accum", &RunSpec::gradAccum, "micro-batches of a step");
    addValue(verb, "--max-length", &RunSpec::maxLength, "tokens of a row; longer ones are cut");
    auto* steps = addValue(verb, "--steps", &RunSpec::steps, "optimizer steps");
    steps->default_str("by --epochs");
    // Epochs on the line count, whatever steps a RUN.json names.
    addReal(
        verb, "--epochs", RunSpec().epochs,
        [this](double epochs) {
            m_given.emplace_back([epochs](RunSpec& spec) {
                spec.epochs = epochs;
                spec.steps = 0;
            });
        },
        "passes over the data")
        ->excludes(steps);
}

void TrainOptions::addRunOptions(CLI::App& verb)
{
    verb.add_option_function<std::string>(
            "--dtype",
            [this](const std::string& name) {
                m_given.emplace_back(
                    [name](RunSpec& spec) { spec.dtype = core::parseBaseDType(name); });
            },
            "of the frozen base; adapters are float32; auto: bfloat16 where the machine has "
            "instructions for it")
        ->check(CLI::IsMember({"auto", "float32", "bfloat16"}))
        ->default_str("auto");
    addValue(verb, "--seed", &RunSpec::seed, "of initialisation and data order")
        ->check(seedNumber());
    addValue(verb, "--threads", &RunSpec::threads, "0: as many as this process may use");
    addValue(verb, "--device", &RunSpec::device, "auto, cpu, cuda or cuda:N");
    addValue(verb, "--checkpoint-every", &RunSpec::checkpointEvery,
             "steps between checkpoints; 0: by time alone");
    addNumber(verb, "--checkpoint-minutes", &RunSpec::checkpointMinutes,
              "minutes between checkpoints; 0: by steps alone; every end of a run writes one");
    addValue(verb, "--keep-checkpoints", &RunSpec::keepCheckpoints, "the newest ones");
    addNumber(verb, "--eval-ratio", &RunSpec::evalRatio,
              "share of the examples to hold out and only evaluate");
    addValue(verb, "--eval-every", &RunSpec::evalEvery,
             "steps between evaluations; 0: only after the last step");
    addValue(verb, "--patience", &RunSpec::patience,
             "evaluations without a better loss that end the run; 0: never");
    verb.add_flag_callback(
        "--share-base",
        [this] { m_given.emplace_back([](RunSpec& spec) { spec.shareBase = true; }); },
        sharing() + " on its residual: less memory, not the numbers of "
            + core::namesWhere(core::isUntouched) + " alone");
    verb.add_flag_callback(
        "--gradient-checkpointing",
        [this] { m_given.emplace_back([](RunSpec& spec) { spec.gradientCheckpointing = true; }); },
        "compute each layer again in the backward pass: less memory, a third more work");
    verb.add_flag("--resume", m_resume,
                  "go on from the newest checkpoint in RUNDIR; --steps or --epochs lengthen it");
    verb.add_flag("--restart", m_restart,
                  "with --resume: a run without a checkpoint begins anew, its records kept aside");
    addOutput(verb, m_output,
              "run directory; with twins one folder per method in it; default: a fresh one in "
              "$XDG_DATA_HOME/pissarro/runs");
}

namespace {

// A model or a run in the place of RUN.json. Throws: core::Error.
void refuseFolder(const std::string& named)
{
    const std::filesystem::path folder(named);
    std::error_code ignored;
    if (!std::filesystem::is_directory(folder, ignored)) {
        return;
    }
    const bool isRun = std::filesystem::exists(folder / core::kRunFile, ignored);
    throw core::Error(core::ErrorKind::InvalidArgument,
                      named + ": is a folder (expected RUN.json, the spec of a run); "
                          + (isRun ? "go on with this run by --resume -o " + named
                                     + ", or train as it did by naming " + core::kRunFile
                                     + " in it and another -o"
                                   : "name the model with --model"));
}

} // namespace

// The spec that the flags change: RUN.json's, or the run's own when it is resumed without one.
void TrainOptions::startFromFiles(core::TrainRequest& request) const
{
    if (!m_runFile.empty()) {
        refuseFolder(m_runFile);
        try {
            request.spec = core::specFromJson(core::readWholeFile(m_runFile, kLargestRunFile));
        } catch (const core::Error& error) {
            throw error.kind() == core::ErrorKind::Io ? error : error.within(m_runFile);
        }
        return;
    }
    if (!m_resume) {
        return;
    }
    const std::vector<core::RunSummary> runs = core::runsOfRequest(m_output.path);
    if (runs.empty()) {
        throw core::Error(
            core::ErrorKind::Io,
            m_output.path
                + ": holds no run (expected run.json in it or in a folder named after a "
                  "method); leave out --resume to start one");
    }
    request.spec = runs.front().spec;
    for (std::size_t twin = 1; twin < runs.size(); ++twin) {
        request.twins.push_back(runs[twin].spec.method);
    }
}

core::TrainRequest TrainOptions::request(Session& session) const
{
    core::TrainRequest request;
    request.resume = m_resume;
    request.restart = m_restart;
    if (m_restart && !m_resume) {
        throw UsageError("--restart belongs to --resume");
    }
    request.runDirectory = m_output.path;
    // With --force an earlier run goes, and its spec with it.
    const bool ownSpec = !m_output.force && core::isOwnSpec(m_runFile, m_output.path);
    request.output = m_output.rule({ownSpec ? std::string() : m_runFile, m_rankMap});
    if (m_resume && m_output.path.empty()) {
        throw UsageError("--resume needs the run directory: -o RUNDIR");
    }
    if (m_resume && m_output.force) {
        throw UsageError("--resume and --force cannot be used together: one goes on with the run, "
                         "the other replaces it");
    }
    startFromFiles(request);
    for (const Setter& set : m_given) {
        set(request.spec);
    }
    if (!m_rankMap.empty()) {
        request.spec.patterns = core::readRankPatterns(m_rankMap);
    }
    if (session.given("--data")) { // a source on the line replaces the one of RUN.json
        request.spec.batches.clear();
    } else if (session.given("--batches")) {
        request.spec.data.clear();
    }
    if (!m_targets.empty()) {
        request.spec.targets = splitPatterns(m_targets);
    }
    if (!m_twins.empty()) {
        request.twins.clear();
    }
    for (const std::string& name : m_twins) {
        const Method twin = core::methodNamed(name);
        if (twin == request.spec.method
            || std::count(request.twins.begin(), request.twins.end(), twin) > 0) {
            throw UsageError("--twin " + name + ": that method trains already; name another one");
        }
        request.twins.push_back(twin);
    }
    check(request.spec, session);
    warnUnused(request, session);
    if (request.runDirectory.empty()) {
        request.runDirectory = freshRunDirectory(request.spec);
    }
    return request;
}

// A value from the command line is wrong usage, one from a file is bad input.
void TrainOptions::check(const RunSpec& spec, const Session& session) const
{
    const std::vector<core::SpecProblem> problems = core::checkSpec(spec);
    if (problems.empty()) {
        return;
    }
    const core::SpecProblem& problem = problems.front();
    const std::string flag = flagOf(problem.key);
    if (!m_runFile.empty() && !session.given(flag)) {
        throw core::Error(core::ErrorKind::InvalidArgument,
                          m_runFile + ": " + problem.key + " " + problem.message);
    }
    throw UsageError(flag + " " + problem.message);
}

void TrainOptions::warnUnused(const core::TrainRequest& request, Session& session)
{
    const auto some = [&](auto is) {
        return is(request.spec.method)
            || std::any_of(request.twins.begin(), request.twins.end(), is);
    };
    const bool initialises = request.spec.initAdapter.empty();
    const bool decomposes = some(core::decomposes) && initialises;
    const bool reduces = some(core::isResidual) && initialises;
    const auto warn = [&](std::initializer_list<const char*> flags, bool used,
                          const std::string& who) {
        for (const char* flag : flags) {
            if (!used && session.given(flag)) {
                session.console.warning(std::string(flag) + " has no meaning here: only " + who
                                        + " uses it");
            }
        }
    };
    warn({"--rank", "--alpha", "--rslora", "--rank-map", "--init-adapter"}, some(core::hasAdapter),
         "a method with adapters");
    warn({"--slice"}, some(core::takesSlice) && initialises,
         "the initialisation of " + core::namesWhere(core::takesSlice));
    warn({"--svd"}, decomposes, "the initialisation of " + core::namesWhere(core::decomposes));
    warn({"--niter", "--oversampling"}, decomposes && request.spec.svd.kind == core::SvdKind::Fast,
         "--svd fast");
    warn({"--iters"}, some(core::iterates), core::namesWhere(core::iterates));
    warn({"--type", "--block", "--double-quant"}, some(core::isFourBit),
         "a method with a four-bit base (" + core::namesWhere(core::isFourBit, "") + ")");
    warn({"--share-base"}, reduces && some(core::isUntouched), sharing());
    warn({"--template", "--max-length", "--batch-size"}, request.spec.batches.empty(), "--data");
}

} // namespace pissarro::cli
