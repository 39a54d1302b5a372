// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/adapter/make_adapter_tensors.h"
#include "core/adapter/provenance.h"
#include "core/base/error.h"
#include "core/base/torch/runtime.h"
#include "core/base/torch/weights.h"
#include "core/base/version.h"
#include "core/io/atomic_file.h"
#include "core/io/message_text.h"
#include "core/model/model_writer.h"
#include "core/quant/init_quantized.h"
#include "core/train/memory_estimate.h"
#include "core/train/method_run_tensors.h"
#include "core/train/step_zero_tensors.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <torch/version.h>

#include <chrono>
#include <cmath>
#include <map>
#include <mutex>
#include <set>

namespace pissarro::core {

namespace {

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point start)
{
    return std::chrono::duration<double>(Clock::now() - start).count();
}

InitOptions initOptions(const RunSpec& spec)
{
    InitOptions options;
    options.method = spec.method;
    options.rank = spec.rank;
    options.alpha = spec.alpha;
    options.patterns = spec.patterns;
    options.slice = spec.slice;
    options.rslora = spec.rslora;
    options.svd = spec.svd;
    options.niter = spec.niter;
    options.oversampling = spec.oversampling;
    options.seed = spec.seed;
    options.device = spec.device;
    options.targets = spec.targets;
    options.threads = spec.threads;
    return options;
}

bool isTarget(const TrainContext& context, const std::string& module)
{
    return std::any_of(context.targets.begin(), context.targets.end(),
                       [&](const LinearModule& one) { return one.name == module; });
}

AdapterSet copyOf(const AdapterSet& adapters)
{
    AdapterSet copies = adapters;
    for (Adapter& adapter : copies) {
        adapter.a_RI = adapter.a_RI.detach().clone();
        adapter.b_OR = adapter.b_OR.detach().clone();
    }
    return copies;
}

} // namespace

MethodRun::MethodRun(RunSpec spec, const std::filesystem::path& directory,
                     const TrainContext& context, bool resume, const JobContext& job)
    : m_spec(std::move(spec))
    , m_context(context)
{
    const c10::NoGradGuard noGrad;
    std::error_code failed;
    std::filesystem::create_directories(directory, failed);
    if (failed) {
        throw Error(ErrorKind::Io,
                    directory.string() + ": the run folder cannot be made: " + failed.message()
                        + "; choose another with -o");
    }
    m_lock = std::make_unique<RunLock>(directory, context.request);
    removeLeftovers(directory);
    removeLeftovers(directory / "checkpoints");
    m_summary.directory = directory;
    m_summary.spec = m_spec;
    m_summary.device = context.deviceTitle;
    m_summary.startedAt = utcNow();
    m_summary.steps = context.steps;
    m_summary.modelParameters = context.files->parameters();
    m_summary.estimatedMemoryBytes = context.estimatedMemoryBytes;
    m_summary.versions = {{"pissarro", version()}, {"libtorch", TORCH_VERSION}};
    const bool goesOn = resume && std::filesystem::exists(directory / kRunFile);
    if (goesOn) {
        const RunSummary before = readRun(directory);
        if (specToJson(before.spec) != specToJson(m_spec)) {
            throw Error(
                ErrorKind::InvalidArgument,
                directory.string()
                    + ": the run there has another specification; resume it with its own run.json");
        }
        m_summary = before;
        m_summary.state = RunState::Running;
        m_summary.message.clear();
    } else if (!resume && std::filesystem::exists(directory / kMetricsFile)) {
        throw Error(
            ErrorKind::InvalidArgument,
            directory.string()
                + ": already holds a run; choose another run folder, or go on with --resume");
    }
    m_files = isFourBit(m_spec.method) ? openBase(job, goesOn) : context.files;
    m_decoder = std::make_unique<Decoder>(
        m_files, m_spec.dtype == BaseDType::BFloat16 ? at::kBFloat16 : at::kFloat, context.device,
        job, weightPlan());
    m_decoder->setCheckpointing(m_spec.gradientCheckpointing);
    if (m_spec.method == Method::Full) {
        initialiseFull();
    } else {
        initialise(job, goesOn);
    }
    m_optimizer = std::make_unique<AdamW>(m_decoder->trainables(), m_spec.weightDecay);
    m_summary.trainableParameters = m_optimizer->parameters();
    if (goesOn) {
        m_state = readNewestCheckpoint(directory, *m_optimizer, context.resumeStep)
                      .value_or(TrainState {});
        m_decoder->refresh();
    }
    m_log = std::make_unique<RunLog>(directory, m_state.step);
    writeRun(m_summary);
    log(title() + ": " + std::to_string(m_summary.trainableParameters) + " trainable of "
        + std::to_string(m_summary.modelParameters) + " parameters, "
        + std::to_string(m_summary.steps) + " steps on " + m_summary.device
        + (m_state.step > 0 ? ", from step " + std::to_string(m_state.step) : std::string()));
    if (m_summary.stepZero) {
        log(m_summary.stepZero->verdict);
    }
}

bool MethodRun::changes(const std::string& module) const
{
    switch (m_spec.method) {
    case Method::Full:
        return m_spec.targets.empty() || isTarget(m_context, module);
    case Method::Pissa:
        return m_spec.initAdapter.empty() && isTarget(m_context, module);
    case Method::Lora:
    case Method::Qpissa:
    case Method::Qlora:
    case Method::Loftq:
        return false;
    }
    return true;
}

bool MethodRun::differs(const std::string& module) const
{
    return changes(module) || (isFourBit(m_spec.method) && isTarget(m_context, module));
}

bool MethodRun::completesFirst() const
{
    return m_spec.shareBase && m_context.first != nullptr && m_spec.initAdapter.empty()
        && m_context.first->m_spec.method == Method::Pissa && m_spec.method == Method::Lora;
}

WeightPlan MethodRun::weightPlan() const
{
    WeightPlan plan;
    const MethodRun* first = m_context.first;
    if (completesFirst()) {
        plan.donor = first->m_decoder.get();
        return plan;
    }
    plan.changes = [this](const std::string& module) { return changes(module); };
    // A four-bit folder made from a GGUF keeps what it does not quantize in bfloat16: other numbers in float32.
    const bool same = first != nullptr
        && (first->m_files == m_files || !m_context.files->isGguf()
            || m_spec.dtype == BaseDType::BFloat16);
    if (same) {
        plan.donor = first->m_decoder.get();
        plan.shares = [this, first](const std::string& module) {
            return !differs(module) && !first->differs(module);
        };
    }
    return plan;
}

std::string MethodRun::title() const
{
    const std::string name(methodTitle(m_spec.method));
    if (m_spec.method == Method::Full) {
        return name;
    }
    return name
        + (m_spec.patterns.ranks.empty() ? " r" + std::to_string(m_spec.rank) : " rank map");
}

void MethodRun::initialiseFull()
{
    if (m_spec.targets.empty()) {
        m_decoder->trainWeights([](const std::string&) { return true; });
        return;
    }
    std::set<std::string> names;
    for (const LinearModule& module : m_context.targets) {
        names.insert(module.name);
    }
    m_decoder->trainWeights([&](const std::string& module) { return names.contains(module); });
}

// The folder where the factors of step 0 are kept: resuming and converting need exactly these.
std::filesystem::path MethodRun::initialDirectory() const
{
    return initialAdapterOf(m_summary);
}

// A four-bit base is made once and kept with the run: what quantization takes away is not of low rank, so the adapter
// belongs to this base and no other.
std::shared_ptr<const ModelFiles> MethodRun::openBase(const JobContext& job, bool goesOn)
{
    const auto base = baseOf(m_summary);
    if (!goesOn || !std::filesystem::exists(base)) {
        const QuantInitOptions options {initOptions(m_spec), m_spec.iters, m_spec.quantType,
                                        m_spec.quantBlock, m_spec.doubleQuant};
        m_summary.initSeconds = initQuantized(*m_context.files, options, base, job).seconds;
    }
    return ModelFiles::open(base);
}

void MethodRun::initialise(const JobContext& job, bool goesOn)
{
    const auto start = Clock::now();
    const bool fourBit = isFourBit(m_spec.method);
    const bool kept = std::filesystem::exists(initialDirectory()) && (goesOn || fourBit);
    if (completesFirst()) {
        m_decoder->complete(m_context.first->m_initial); // W out of the residual
    }
    const at::Tensor baseLogits = m_decoder->scoredLogits(m_context.probe);
    const AdapterSet initial = kept  ? readPeftAdapter(initialDirectory(), *m_files).adapters
        : m_spec.initAdapter.empty() ? makeAdapters(job)
                                     : readPeftAdapter(m_spec.initAdapter, *m_files).adapters;
    if (m_spec.method == Method::Pissa && m_spec.initAdapter.empty()) {
        subtractInitial(initial, job);
    }
    m_initial = copyOf(initial);
    if (goesOn) {
        m_decoder->attach(initial);
        return;
    }
    m_summary.initSeconds += secondsSince(start);
    m_summary.stepZero = judge(initial, baseLogits, job);
    if (!m_summary.stepZero->passed) {
        m_summary.state = RunState::Failed;
        m_summary.message = m_summary.stepZero->verdict;
        writeRun(m_summary);
        throw Error(ErrorKind::Numeric, m_summary.stepZero->verdict);
    }
    if (!kept) {
        writePeftAdapter(initialDirectory(), m_initial,
                         {m_spec.model, m_spec.rank, m_spec.alpha, m_spec.rslora});
    }
}

// Puts the factors on and compares with the untouched model. A given adapter goes on the model as it is: on a residual
// or quantized base, or as plain LoRA on the untouched one.
StepZero MethodRun::judge(const AdapterSet& initial, const at::Tensor& baseLogits,
                          const JobContext& job)
{
    const Probe probe {m_context.probe, m_decoder->type(), m_context.device, job};
    const bool given = !m_spec.initAdapter.empty();
    const bool fourBit = isFourBit(m_spec.method);
    std::optional<StepZeroHint> hint;
    at::Tensor untouchedLogits;
    if (given) {
        hint = inspectGivenAdapter(*m_decoder, initial);
        if (const auto source = sourceModelOf(m_files->path())) {
            untouchedLogits = logitsOfModel(*source, probe);
            hint->sourceKnown = untouchedLogits.defined();
        }
    } else if (fourBit || completesFirst()) {
        untouchedLogits = logitsOfModel(m_context.files->path(), probe);
    }
    if (!untouchedLogits.defined()) {
        untouchedLogits = baseLogits;
    }
    m_decoder->attach(initial);
    const at::Tensor adaptedLogits = m_decoder->scoredLogits(m_context.probe);
    if (fourBit) {
        const QuantOptions quant {m_spec.quantType, m_spec.quantBlock, m_spec.doubleQuant};
        return judgeFourBit(
            m_context.probe, untouchedLogits, baseLogits, adaptedLogits,
            splitStepZero(m_context.files, initial, quant, untouchedLogits, adaptedLogits, probe));
    }
    return given && m_files->isFourBit()
        ? judgeFourBit(m_context.probe, untouchedLogits, baseLogits, adaptedLogits, std::nullopt)
        : judgeStepZero(m_spec, m_context.probe, untouchedLogits, adaptedLogits, hint);
}

AdapterSet MethodRun::makeAdapters(const JobContext& job) const
{
    const auto& modules = m_context.targets;
    checkRanks(modules, m_spec.rank, m_spec.patterns);
    const InitOptions options = initOptions(m_spec);
    AdapterSet adapters(modules.size());
    std::mutex mutex; // guards `done` and the job's reports
    std::size_t done = 0;
    forEachInParallel(static_cast<std::int64_t>(modules.size()), [&](std::int64_t i) {
        const LinearModule& module = modules[static_cast<std::size_t>(i)];
        adapters[static_cast<std::size_t>(i)] = makeFactorsOf(*m_context.files, module, options);
        const std::lock_guard lock(mutex);
        ++done;
        job.checkpoint(static_cast<double>(done) / static_cast<double>(modules.size()),
                       "Initialising " + title());
    });
    return adapters;
}

void MethodRun::subtractInitial(const AdapterSet& initial, const JobContext& job)
{
    // In float32, whatever the dtype of the base: the rounding of the residual comes last.
    std::map<std::string, at::Tensor> places;
    for (const Adapter& adapter : initial) {
        places.emplace(adapter.module, m_decoder->heldWeight(adapter.module));
    }
    forEachInParallel(static_cast<std::int64_t>(initial.size()), [&](std::int64_t i) {
        job.throwIfCancelled();
        const Adapter& adapter = initial[static_cast<std::size_t>(i)];
        places.at(adapter.module)
            .copy_(
                subtractAdapter(loadWeight(*m_context.files, adapter.module + ".weight"), adapter));
    });
}

void MethodRun::accumulate(const FlatBatch& batch, double share, const JobContext& job)
{
    if (share > 0.0) { // without a counted token there is nothing to add
        m_lossSum += m_decoder->lossAndGradients(batch, share, job) * share;
    }
}

StepRecord MethodRun::finishStep(const StepFacts& facts)
{
    const auto start = Clock::now();
    StepRecord record;
    record.step = m_state.step + 1;
    record.epoch = facts.epoch;
    record.loss = std::exchange(m_lossSum, 0.0);
    record.gradNorm = m_optimizer->gradientNorm();
    record.learningRate = learningRateAt(m_spec, record.step, m_summary.steps);
    if (!std::isfinite(record.loss) || !std::isfinite(record.gradNorm)) {
        throw Error(ErrorKind::Numeric,
                    title() + ": the " + (std::isfinite(record.loss) ? "gradient norm" : "loss")
                        + " is not finite at step " + std::to_string(record.step)
                        + "; the adapter of the step before is kept; try a smaller learning rate "
                          "or --clip 1");
    }
    if (m_spec.clip > 0 && record.gradNorm > m_spec.clip) {
        // As torch.nn.utils.clip_grad_norm_: the small term keeps the quotient finite.
        m_optimizer->scaleGradients(m_spec.clip / (record.gradNorm + 1e-6));
    }
    m_optimizer->step(record.learningRate);
    m_optimizer->zeroGradients();
    m_decoder->refresh();
    m_state.step = record.step;
    m_state.tokens += facts.tokens;
    m_state.elapsedS = facts.elapsedS;
    record.tokens = m_state.tokens;
    record.elapsedS = facts.elapsedS;
    record.tokensPerS =
        static_cast<double>(facts.tokens) / (facts.computeSeconds + secondsSince(start));
    if (facts.held != nullptr) {
        record.evalLoss = evaluate(*facts.held);
        noteEvaluation(record.evalLoss);
    }
    record.memoryBytes = peakMemoryBytes();
    record.batchHash = facts.batchHash;
    m_log->add(record);
    return record;
}

double MethodRun::evaluate(BatchSource& held) const
{
    held.seek({});
    double sum = 0.0;
    std::int64_t counted = 0;
    for (std::int64_t i = 0; i < held.batchesPerEpoch(); ++i) {
        const FlatBatch batch = flatten(held.next(), m_context.device);
        const std::int64_t tokens = batch.scored_M.numel();
        sum += m_decoder->loss(batch) * static_cast<double>(tokens);
        counted += tokens;
    }
    return sum / static_cast<double>(std::max<std::int64_t>(1, counted));
}

void MethodRun::noteEvaluation(double loss)
{
    log("step " + std::to_string(m_state.step) + ": loss of the held-out examples "
        + numberText(loss));
    if (!(loss < m_state.bestEvalLoss)) {
        ++m_state.stale;
        return;
    }
    m_state.bestEvalLoss = loss;
    m_state.bestStep = m_state.step;
    m_state.stale = 0;
    writeOutcome("best", "best");
}

void MethodRun::checkpoint(const DataCursor& cursor)
{
    m_state.cursor = cursor;
    try {
        writeCheckpoint(m_summary.directory, m_state, *m_optimizer,
                        static_cast<int>(m_spec.keepCheckpoints));
    } catch (const Error& e) {
        const std::int64_t needed = checkpointBytes(*m_optimizer);
        std::error_code unknown;
        const auto space = std::filesystem::space(m_summary.directory, unknown);
        if (unknown || static_cast<std::int64_t>(space.available) > needed) {
            throw;
        }
        throw Error(e.kind(),
                    std::string(e.what()) + "; a checkpoint needs "
                        + bytesText(static_cast<std::uint64_t>(needed)) + ", "
                        + bytesText(space.available)
                        + " are free: make room and go on with --resume");
    }
}

void MethodRun::writeOutcome(const std::filesystem::path& adapterName,
                             const std::filesystem::path& modelName) const
{
    if (m_spec.method == Method::Full) {
        std::map<std::string, at::Tensor> trained;
        for (const Trainable* trainable : m_optimizer->trainables()) {
            trained.emplace(trainable->name, trainable->value);
        }
        writeDirectoryAtomically(
            m_summary.directory / modelName, [&](const std::filesystem::path& directory) {
                fillModelFolder(
                    *m_context.files, directory, std::string(dtypeTitle(m_spec.dtype)),
                    [&](const std::string& name) {
                        const auto found = trained.find(name);
                        return found == trained.end() ? at::Tensor() : found->second;
                    },
                    JobContext());
            });
        return;
    }
    const auto untouched = untouchedModelOf(m_spec, *m_files);
    AdapterSet plain = m_decoder->adapters();
    std::int64_t factor = 1;
    if (m_spec.method == Method::Pissa || untouched != m_files->path()) {
        factor = 2;
        for (std::size_t i = 0; i < plain.size(); ++i) {
            plain[i] = convertToLora(plain[i], m_initial[i]);
        }
    }
    // Not every program knows use_rslora: the scale is written as a plain alpha / rank.
    const auto rank = static_cast<double>(m_spec.rank);
    const double alpha = (m_spec.rslora ? m_spec.alpha * std::sqrt(rank) : m_spec.alpha)
        * static_cast<double>(factor);
    const std::string base =
        untouched == m_context.files->path() ? m_spec.model : untouched.string();
    writeDirectoryAtomically(
        m_summary.directory / adapterName, [&](const std::filesystem::path& directory) {
            writePeftAdapter(directory, plain, {base, m_spec.rank * factor, alpha, false});
        });
}

void MethodRun::finish(RunState state, const std::string& message)
{
    writeOutcome("adapter", "model");
    m_summary.state = state;
    if (m_state.bestStep > 0) {
        m_summary.bestEvalLoss = m_state.bestEvalLoss;
        m_summary.bestStep = m_state.bestStep;
    }
    m_summary.message = message;
    writeRun(m_summary);
    log(std::string(runStateName(state)) + " after step " + std::to_string(m_state.step)
        + (message.empty() ? std::string() : ": " + message));
}

} // namespace pissarro::core
