// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/adapter/make_adapter_tensors.h"
#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/base/version.h"
#include "core/file/atomic_file.h"
#include "core/init/init_quantized.h"
#include "core/kernels/operations.h"
#include "core/model/base_files.h"
#include "core/model/provenance.h"
#include "core/run/run_resume.h"
#include "core/session/open_model_tensors.h"
#include "core/tensor/parallel_tasks.h"
#include "core/tensor/runtime.h"
#include "core/text/message_text.h"
#include "core/text/number_text.h"
#include "core/train/method_run_tensors.h"
#include "core/train/step_zero_tensors.h"
#include "core/weights/model_writer.h"
#include "core/weights/weights.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <torch/version.h>

#include <cmath>
#include <map>
#include <set>

namespace pissarro::core::inline training {

namespace {

AdapterOptions initOptions(const RunSpec& spec)
{
    AdapterOptions options;
    options.method = spec.method;
    options.rank = spec.rank;
    options.alpha = spec.alpha;
    options.patterns = spec.patterns;
    options.slice = spec.slice;
    options.rslora = spec.rslora;
    options.svd = spec.svd;
    options.seed = spec.seed;
    options.device = spec.device;
    options.targets = spec.targets;
    options.threads = spec.threads;
    return options;
}

OptimizerSettings optimizerSettings(const RunSpec& spec)
{
    return {spec.weightDecay, spec.beta1, spec.beta2, spec.epsilon};
}

bool isTarget(const TrainContext& context, const std::string& module)
{
    return std::any_of(context.targets.begin(), context.targets.end(),
                       [&](const LinearModule& one) { return one.name == module; });
}

AdapterSet copyOf(const AdapterSet& adapters)
{
    AdapterSet copies = asFactors(adapters);
    for (Adapter& adapter : copies) {
        adapter.a_RI = adapter.a_RI.detach().clone();
        adapter.b_OR = adapter.b_OR.detach().clone();
    }
    return copies;
}

// That the factors which a run kept of its start are those that its spec asks for.
void requireFactorsOf(const RunSpec& spec, const std::vector<LinearModule>& targets,
                      const AdapterSet& factors, const std::filesystem::path& place)
{
    constexpr double kRounding = 1e-6; // of alpha, which PEFT's configuration holds for the scale
    const auto refuse = [&](const std::string& what) {
        throw Error(ErrorKind::Format,
                    shownPath(place) + ": " + what
                        + "; put run.json back as it was, or start another run");
    };
    if (factors.size() != targets.size()) {
        refuse(fmt::format("the run began with factors on {} matrices and run.json names {}",
                           factors.size(), targets.size()));
    }
    for (const LinearModule& module : targets) {
        const auto found = std::find_if(factors.begin(), factors.end(), [&](const Adapter& one) {
            return one.module == module.name;
        });
        if (found == factors.end()) {
            refuse("the run began without factors on " + module.name + ", which run.json names");
        }
        const auto [rank, alpha] =
            rankAndAlphaOf(module.name, spec.rank, spec.alpha, spec.patterns);
        const double scale = adapterScale(alpha, rank, spec.rslora);
        if (found->rank() != rank || std::abs(found->scale - scale) > kRounding * scale) {
            refuse(fmt::format("the run began with rank {} and scale {} on {}, in run.json they "
                               "are {} and {}",
                               found->rank(), numberText(found->scale), module.name, rank,
                               numberText(scale)));
        }
    }
}

bool isWhole(const Adapter& adapter)
{
    return std::all_of(
        adapter.kind->tensors.begin(), adapter.kind->tensors.end(),
        [&](const AdapterTensor& tensor) { return (adapter.*tensor.value).defined(); });
}

} // namespace

MethodRun::MethodRun(RunSpec spec, const std::filesystem::path& directory,
                     const TrainContext& context)
    : m_spec(std::move(spec))
    , m_context(context)
{
    std::error_code failed;
    std::filesystem::create_directories(directory, failed);
    if (failed) {
        throw Error(ErrorKind::Io,
                    fmt::format("{}: the run folder cannot be made: {}; choose another with -o",
                                directory.string(), failed.message()));
    }
    m_lock = std::make_unique<RunLock>(directory, context.request);
    removeLeftovers(directory);
    removeLeftovers(directory / "checkpoints");
    m_summary.directory = directory;
    m_summary.startedAt = utcNow();
    const bool isThere = std::filesystem::exists(directory / kRunFile);
    const bool hasMetrics = std::filesystem::exists(directory / kMetricsFile);
    if (context.resume && isThere) {
        goOn(readRun(directory));
    } else if (context.resume && hasMetrics) {
        beginAnew(m_summary); // run.json was lost
    }
    m_summary.spec = m_spec;
    m_summary.state = RunState::Running;
    m_summary.message.clear();
    m_summary.steps = context.steps;
    m_summary.modelParameters = context.files->parameters();
    m_summary.estimatedMemoryBytes = context.estimatedMemoryBytes;
    m_summary.device = context.deviceTitle;
    m_summary.operations = kernels::operationsName(kernels::operations());
    m_summary.versions = {{"pissarro", version()}, {"libtorch", TORCH_VERSION}};
    m_summary.inputs = context.inputs;
}

void MethodRun::goOn(const RunSummary& before)
{
    const std::string folder = shownPath(before.directory);
    m_notes = acceptChanges(before, m_spec);
    if (const auto state =
            readState(checkpointDirectory(before.directory, before.checkpointStep))) {
        requireTrainedWith(before, *state);
        if (auto gap = recordGap(before, *state); !gap.empty()) {
            m_notes.push_back(std::move(gap));
        }
    }
    const auto changes = inputChanges(before.inputs, m_context.inputs);
    if (!changes.empty()) {
        throw Error(
            ErrorKind::Format,
            fmt::format("{}: {} since the run began; put the old one back, or start another "
                        "run",
                        folder, changes.front()));
    }
    if (!before.inputs.isKnown()) {
        m_notes.emplace_back(
            "begun by an older version, which kept no fingerprints: whether model and data are "
            "those it began with is not known");
    }
    const auto length = lengthChange(before, m_spec, m_context.steps, before.checkpointStep);
    if (!length.empty()) {
        m_notes.push_back(length);
    }
    for (const std::int64_t step : dropCheckpointsAbove(before.directory, before.checkpointStep)) {
        m_notes.push_back(
            fmt::format("the checkpoint of step {} was cut short and is passed over", step));
    }
    if (before.checkpointStep == 0 && before.step > 0) {
        beginAnew(before);
    }
    m_summary = before;
    m_goesOn = true;
}

void MethodRun::beginAnew(const RunSummary& before)
{
    const std::string folder = shownPath(before.directory);
    if (!m_context.restart) {
        throw Error(ErrorKind::InvalidArgument,
                    fmt::format("{}: has {}recorded steps and no checkpoint to go on from; begin "
                                "it anew with --resume --restart, which keeps those records as "
                                "metrics.1.jsonl",
                                folder,
                                before.step > 0 ? fmt::format("{} ", before.step) : std::string()));
    }
    m_beginsAnew = true; // when all of the request are ready: prepare() moves the records
    m_notes.emplace_back("begins anew: there was no checkpoint to go on from");
}

void MethodRun::prepare(const MethodRun* first, const JobContext& job)
{
    const c10::NoGradGuard noGrad;
    m_first = first;
    if (m_beginsAnew) {
        keepRecordsAside(m_summary.directory);
        m_summary.bestEvalLoss = m_summary.bestScore = StepRecord::kNotEvaluated;
        m_summary.bestStep = m_summary.adapterStep = 0;
    }
    m_files = isFourBit(m_spec.method) ? openBase(job) : m_context.files;
    m_decoder =
        openPlanned(m_files, m_spec.dtype == BaseDType::BFloat16 ? at::kBFloat16 : at::kFloat,
                    m_context.device, job, weightPlan());
    m_decoder->setCheckpointing(m_spec.gradientCheckpointing);
    if (!hasAdapter(m_spec.method)) {
        initialiseFull();
    } else {
        initialise(job);
        trainHead();
    }
    m_trained = TrainableSet(m_decoder->trainables());
    m_optimizer = optimizerNamed(m_spec.optimizer).make(m_trained, optimizerSettings(m_spec));
    m_summary.trainableParameters = m_trained.parameters();
    if (m_goesOn) {
        m_state = readNewestCheckpoint(m_summary.directory, m_optimizer->tensors())
                      .value_or(TrainState {});
        m_optimizer->setSteps(m_state.step);
        if (!m_state.unrecorded.empty()) {
            m_pending = stepFromJson(m_state.unrecorded);
        }
        m_decoder->refresh();
    }
    m_state.spec = specToJson(m_spec);
    m_log = std::make_unique<RunLog>(m_summary.directory,
                                     m_pending ? m_state.step - 1 : m_state.step, job);
    m_summary.step = m_state.step;
    m_summary.sessions.push_back({utcNow(), m_summary.device, m_summary.versions, m_state.step});
    writeRun(m_summary);
    log(fmt::format(
        "{}: {} trainable of {} parameters, {} steps on {}{}", title(),
        m_summary.trainableParameters, m_summary.modelParameters, m_summary.steps, m_summary.device,
        m_state.step > 0 ? fmt::format(", from step {}", m_state.step) : std::string()));
    for (const std::string& note : m_notes) {
        log(note);
    }
    if (m_summary.stepZero) {
        log(m_summary.stepZero->verdict);
    }
}

void MethodRun::log(std::string_view text)
{
    if (m_log) {
        m_log->message(text);
    }
}

bool MethodRun::changes(const std::string& module) const
{
    if (!hasAdapter(m_spec.method)) {
        return m_spec.targets.empty() || isTarget(m_context, module) || isHead(module);
    }
    return isHead(module) || (reducesBase(m_spec) && isTarget(m_context, module));
}

bool MethodRun::isHead(const std::string& module) const
{
    const std::vector<std::string> modules = savedModulesOf(m_files ? *m_files : *m_context.files);
    return std::find(modules.begin(), modules.end(), module) != modules.end();
}

bool MethodRun::differs(const std::string& module) const
{
    return changes(module) || (isFourBit(m_spec.method) && isTarget(m_context, module));
}

bool MethodRun::completesFirst() const
{
    return m_spec.shareBase && m_first != nullptr && m_spec.initAdapter.empty()
        && isResidual(m_first->m_spec.method) && isUntouched(m_spec.method);
}

WeightPlan MethodRun::weightPlan() const
{
    WeightPlan plan;
    const MethodRun* first = m_first;
    if (completesFirst()) {
        plan.donor = first->m_decoder.get();
        plan.shares = [this](const std::string& module) { return !isHead(module); };
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
    if (!hasAdapter(m_spec.method)) {
        return name;
    }
    const std::string ranked = m_spec.patterns.ranks.empty()
        ? fmt::format("{} r{}", name, m_spec.rank)
        : name + " rank map";
    const AdapterKind& kind = adapterKindNamed(m_spec.adapterKind);
    return &kind == allAdapterKinds().front() ? ranked
                                              : fmt::format("{} {}", ranked, kind.named.title);
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
    m_decoder->trainWeights(
        [&](const std::string& module) { return names.contains(module) || isHead(module); });
}

void MethodRun::trainHead()
{
    m_decoder->trainWeights([this](const std::string& module) { return isHead(module); });
}

// The folder where the factors of step 0 are kept: resuming and converting need exactly these.
std::filesystem::path MethodRun::initialDirectory() const
{
    return initialAdapterOf(m_summary);
}

// A four-bit base is made once and kept with the run: what quantization takes away is not of low rank, so the adapter
// belongs to this base and no other.
std::shared_ptr<const ModelFiles> MethodRun::openBase(const JobContext& job)
{
    const auto base = baseOf(m_summary);
    if (!m_goesOn || !std::filesystem::exists(base)) {
        QuantInitOptions options {initOptions(m_spec), m_spec.iters, m_spec.quant};
        options.adapters.output.overwrite = Overwrite::Ours; // what a start that failed left
        const auto like = m_context.shared == nullptr ? std::filesystem::path()
                                                      : m_context.shared->baseLike(m_spec);
        if (like.empty()) {
            m_summary.initSeconds = initQuantized(*m_context.files, options, base, job).seconds;
        } else {
            linkFolder(like, base);
        }
    }
    if (m_context.shared != nullptr) {
        m_context.shared->noteBase(m_spec, base);
    }
    return trainedFilesOf(m_summary);
}

void MethodRun::initialise(const JobContext& job)
{
    const auto start = Clock::now();
    const bool fourBit = isFourBit(m_spec.method);
    const bool kept = std::filesystem::exists(initialDirectory()) && (m_goesOn || fourBit);
    if (completesFirst()) {
        m_decoder->complete(m_first->m_taken); // W out of the residual
    }
    if (!kept && !m_spec.initAdapter.empty()) {
        m_decoder->setWeights(readPeftAdapter(m_spec.initAdapter, *m_files).saved);
    }
    const at::Tensor baseLogits = m_decoder->scoredLogits(m_context.probe, job);
    const RunStart known = kept ? startOf(m_summary, *m_files) : RunStart();
    AdapterSet initial = kept        ? known.factors
        : m_spec.initAdapter.empty() ? makeAdapters(job)
                                     : readPeftAdapter(m_spec.initAdapter, *m_files).adapters;
    if (m_spec.initAdapter.empty()) {
        if (kept && m_goesOn) {
            requireFactorsOf(m_spec, m_context.targets, initial, initialDirectory());
        }
        for (Adapter& adapter : initial) { // what is on disk of a four-bit start are its factors
            adapter.kind = &adapterKindNamed(m_spec.adapterKind);
        }
    }
    if (reducesBase(m_spec)) {
        takeFromBase(*m_decoder, initial, job);
        m_taken = copyOf(initial);
    } else {
        m_taken = known.taken;
    }
    // A run that step 0 refused is judged again: going on is no way around it.
    if (m_goesOn && m_summary.stepZero && m_summary.stepZero->passed) {
        m_decoder->attach(initial);
        return;
    }
    m_summary.initSeconds += secondsSince(start);
    std::optional<GivenAdapter> given;
    if (!m_spec.initAdapter.empty()) {
        given = examineGiven(initial, *m_files, job);
        m_taken = copyOf(given->taken);
    }
    m_summary.stepZero = judge(initial, given, baseLogits, job);
    if (!m_summary.stepZero->passed) {
        throw Error(ErrorKind::Numeric, m_summary.stepZero->verdict);
    }
    const bool isWholeOnDisk = std::all_of(initial.begin(), initial.end(), isWhole);
    if (!kept || !isWholeOnDisk) {
        keepFactors(isWholeOnDisk ? initial : m_decoder->adapters(), given, kept);
    }
}

// What resuming and converting need: the start, and what was taken out of the untouched model where that is not the same.
void MethodRun::keepFactors(const AdapterSet& start, const std::optional<GivenAdapter>& given,
                            bool hasInitial) const
{
    const PeftDescription description {m_spec.model, m_spec.rank, m_spec.alpha, m_spec.rslora,
                                       m_files.get()};
    const bool moved = given && !given->taken.empty();
    const std::string method(methodName(m_spec.method));
    const auto write = [&](const std::filesystem::path& place, const auto& fill) {
        std::filesystem::create_directories(place.parent_path());
        writeDirectoryAtomically(place, fill, ExistingFolder::SetAside);
    };
    if (!hasInitial) {
        write(initialDirectory(), [&](const std::filesystem::path& folder) {
            writePeftAdapter(folder, moved ? given->taken : start, description);
            if (moved) {
                writeProvenance(folder, given->source->path(), method);
            }
        });
    }
    if (hasInitial || (moved && !given->fresh)) {
        write(m_summary.directory / factorsFolder(method, FactorsAre::Start),
              [&](const std::filesystem::path& folder) {
                  writePeftAdapter(folder, start, description);
              });
    }
}

// Puts the factors on and compares with the untouched model. A given adapter goes on the model as it is: on a residual
// or quantized base, or as plain LoRA on the untouched one.
StepZero MethodRun::judge(const AdapterSet& initial, const std::optional<GivenAdapter>& given,
                          const at::Tensor& baseLogits, const JobContext& job)
{
    const Probe probe {m_context.probe, m_decoder->type(), m_context.device, job};
    const bool fourBit = isFourBit(m_spec.method);
    at::Tensor untouchedLogits;
    if (given && given->source) {
        untouchedLogits = logitsOfModel(given->source, probe);
    } else if (fourBit || completesFirst()) {
        untouchedLogits = logitsOfModel(m_context.files, probe);
    }
    if (!untouchedLogits.defined()) {
        untouchedLogits = baseLogits;
    }
    m_decoder->attach(initial);
    const at::Tensor adaptedLogits = m_decoder->scoredLogits(m_context.probe, job);
    if (fourBit) {
        return judgeFourBit(m_context.probe, untouchedLogits, baseLogits, adaptedLogits,
                            {splitStepZero(m_context.files, initial, m_spec.quant, untouchedLogits,
                                           adaptedLogits, probe),
                             fitOfFourBits(*m_context.files, *m_files, initial, job)});
    }
    // Trained factors move a base in four bits on purpose: their kin tells whether they are at home.
    const bool moved = given && given->startKnown && !given->fresh;
    if (given && m_files->isFourBit() && !moved) {
        FourBitFacts known;
        if (given->fresh && given->source) {
            known.fit = fitOfFourBits(*given->source, *m_files, initial, job);
        }
        return judgeFourBit(m_context.probe, untouchedLogits, baseLogits, adaptedLogits, known);
    }
    return judgeStepZero(m_spec, m_context.probe, untouchedLogits, adaptedLogits, given);
}

AdapterSet MethodRun::makeAdapters(const JobContext& job) const
{
    const auto& modules = m_context.targets;
    checkRanks(modules, m_spec.rank, m_spec.patterns);
    const std::string stage = "Initialising " + title();
    return makeFactors(*m_context.files, modules, initOptions(m_spec), {job, stage});
}

} // namespace pissarro::core::inline training
