// SPDX-License-Identifier: GPL-3.0-or-later
// A run's steps, what it writes while it goes, and its end.
#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/evaluate/live_score.h"
#include "core/file/atomic_file.h"
#include "core/file/intact.h"
#include "core/file/mapped_file.h"
#include "core/format/safetensors.h"
#include "core/session/open_model_tensors.h"
#include "core/stats/conclusion.h"
#include "core/tensor/dtypes_tensors.h"
#include "core/tensor/guarded.h"
#include "core/tensor/runtime.h"
#include "core/text/message_text.h"
#include "core/text/number_text.h"
#include "core/tokenizer/tokenizer.h"
#include "core/train/memory_estimate.h"
#include "core/train/method_run_tensors.h"
#include "core/weights/model_writer.h"

#include <ATen/ATen.h>

#include <cmath>
#include <optional>
#include <utility>

namespace pissarro::core::inline training {

namespace {

} // namespace

void MethodRun::accumulate(const FlatBatch& batch, double share, const JobContext& job)
{
    const Dropout dropout {m_spec.dropout, m_spec.seed, m_state.step + 1, m_stepTokens};
    m_stepTokens += batch.ids_N.numel();
    if (share > 0.0) { // without a counted token there is nothing to add
        m_lossSum += m_decoder->lossAndGradients(batch, share, job, dropout) * share;
    }
}

void MethodRun::dropStep()
{
    m_trained.zeroGradients();
    m_lossSum = 0.0;
    m_stepTokens = 0;
}

void MethodRun::takeStep(const StepFacts& facts)
{
    const auto start = Clock::now();
    StepRecord record;
    record.step = m_state.step + 1;
    record.epoch = facts.epoch;
    record.loss = std::exchange(m_lossSum, 0.0);
    m_stepTokens = 0;
    record.gradNorm = m_trained.gradientNorm();
    record.learningRate = m_context.rate ? m_context.rate(record.step)
                                         : learningRateAt(m_spec, record.step, m_summary.steps);
    if (!std::isfinite(record.loss) || !std::isfinite(record.gradNorm)) {
        throw Error(ErrorKind::Numeric,
                    fmt::format("{}: the {} is not finite at step {}; the state of the step before "
                                "is kept; try a smaller learning rate or --clip 1",
                                title(), std::isfinite(record.loss) ? "gradient norm" : "loss",
                                record.step));
    }
    if (m_spec.clip > 0 && record.gradNorm > m_spec.clip) {
        // As torch.nn.utils.clip_grad_norm_: the small term keeps the quotient finite.
        m_trained.scaleGradients(m_spec.clip / (record.gradNorm + 1e-6));
    }
    m_whole = false;
    m_optimizer->step(record.learningRate);
    m_trained.zeroGradients();
    m_decoder->refresh();
    m_state.step = record.step;
    m_state.cursor = facts.cursor;
    m_state.tokens += facts.tokens;
    m_state.elapsedS = facts.elapsedS;
    m_whole = true;
    record.tokens = m_state.tokens;
    record.elapsedS = facts.elapsedS;
    record.tokensPerS =
        static_cast<double>(facts.tokens) / (facts.computeSeconds + secondsSince(start));
    record.batchHash = facts.batchHash;
    m_pending = std::move(record);
}

StepRecord MethodRun::recordStep(BatchSource* held, const JobContext& job, bool putToTask)
{
    StepRecord record = *m_pending;
    TrainState state = m_state;
    if (held != nullptr) {
        const HeldLoss loss = evaluate(*held, job);
        record.evalLoss = loss.all;
        record.evalChoosing = loss.choosing;
        record.evalReported = loss.reported;
    }
    if (putToTask) {
        record.evalScore = taskScore(job);
    }
    if (held != nullptr || putToTask) {
        state = evaluated(held != nullptr ? std::optional(record.evalLoss) : std::nullopt,
                          putToTask ? std::optional(record.evalScore) : std::nullopt);
    }
    record.memoryBytes =
        m_context.device.is_cpu() ? peakMemoryBytes() : peakDeviceBytes(m_context.device);
    m_log->add(record);
    state.unrecorded.clear();
    m_state = std::move(state);
    m_summary.step = record.step;
    m_pending.reset();
    return record;
}

HeldLoss MethodRun::evaluate(BatchSource& held, const JobContext& job) const
{
    struct Sum {
        double loss = 0.0;
        std::int64_t counted = 0;

        void add(double mean, std::int64_t tokens)
        {
            loss += mean * static_cast<double>(tokens);
            counted += tokens;
        }
        double mean() const
        {
            return loss / static_cast<double>(std::max<std::int64_t>(1, counted));
        }
    };
    held.seek({});
    const std::vector<bool> chooses =
        choosingHalf(static_cast<std::size_t>(held.batchesPerEpoch()));
    Sum all;
    Sum choosing;
    Sum reported;
    for (const bool isChoosing : chooses) {
        job.throwIfCancelled();
        const FlatBatch batch = flatten(held.next(), m_context.device);
        const std::int64_t tokens = batch.scored_M.numel();
        const double mean = m_decoder->loss(batch, job);
        all.add(mean, tokens);
        (isChoosing ? choosing : reported).add(mean, tokens);
    }
    HeldLoss loss {all.mean()};
    if (choosing.counted > 0 && reported.counted > 0) { // of one micro-batch there are no halves
        loss.choosing = choosing.mean();
        loss.reported = reported.mean();
    }
    return loss;
}

double MethodRun::taskScore(const JobContext& job)
{
    const std::filesystem::path& model = m_context.files->path();
    m_tokenizer = m_tokenizer ? m_tokenizer : openTokenizer(model);
    EvaluationSpec asked;
    asked.task = m_spec.evalTask;
    asked.data = m_spec.evalTaskData;
    asked.rows = m_spec.evalTaskRows;
    asked.promptTemplate = m_spec.promptTemplate;
    asked.maxNewTokens = m_spec.maxLength;
    // The decoder as it trains, for as long as this call.
    session::Choir choir;
    choir.files = m_files;
    choir.decoder = std::shared_ptr<Decoder>(std::shared_ptr<Decoder>(), m_decoder.get());
    choir.voices = {session::Choir::Voice {{}, m_tokenizer}};
    choir.threads = m_spec.threads;
    return liveScore(asked, choir, job);
}

TrainState MethodRun::evaluated(std::optional<double> loss, std::optional<double> score)
{
    if (loss) {
        log(fmt::format("step {}: loss of the held-out examples {}", m_state.step,
                        numberText(*loss)));
    }
    if (score) {
        log(fmt::format("step {}: score of {} {}", m_state.step, m_spec.evalTask,
                        numberText(*score)));
    }
    TrainState state = m_state;
    const bool byScore = m_spec.bestBy == BestBy::Score;
    if (byScore ? !score : !loss) {
        return state; // what decides was not looked at
    }
    if (byScore ? !(*score > state.bestScore) : !(*loss < state.bestEvalLoss)) {
        ++state.stale;
        return state;
    }
    state.bestScore = byScore ? *score : state.bestScore;
    state.bestEvalLoss = loss.value_or(state.bestEvalLoss);
    state.bestStep = state.step;
    state.stale = 0;
    writeBest(m_summary.directory, state, m_trained.tensors());
    m_summary.bestEvalLoss = loss.value_or(StepRecord::kNotEvaluated);
    m_summary.bestScore = byScore ? *score : m_summary.bestScore;
    m_summary.bestStep = state.step;
    if (hasAdapter(m_spec.method)) { // a model is written at the end: it is larger
        writeOutcome();
    }
    writeRun(m_summary);
    return state;
}

void MethodRun::checkpoint()
{
    m_state.unrecorded = m_pending ? m_pending->toJson() : std::string();
    const NamedTensors tensors = m_optimizer->tensors();
    try {
        writeCheckpoint(m_summary.directory, m_state, tensors);
        m_summary.checkpointStep = m_state.step;
    } catch (const Error& e) {
        const std::int64_t needed = checkpointBytes(tensors);
        std::error_code unknown;
        const auto space = std::filesystem::space(m_summary.directory, unknown);
        if (unknown || static_cast<std::int64_t>(space.available) > needed) {
            throw;
        }
        const bool goesOn = m_summary.checkpointStep > 0; // from an earlier one
        throw Error(e.kind(),
                    fmt::format("{}; a checkpoint needs {}, {} are free: make room{}", e.what(),
                                bytesText(static_cast<std::uint64_t>(needed)),
                                bytesText(space.available),
                                goesOn ? " and go on with --resume" : ""));
    }
}

void MethodRun::writeOutcome()
{
    std::map<std::string, at::Tensor> trained;
    std::optional<SafetensorsFile> file; // what `trained` looks into
    const auto best = readState(bestDirectory(m_summary.directory));
    if (best) {
        file = SafetensorsFile::open(bestDirectory(m_summary.directory) / kStateTensors);
        m_summary.bestEvalLoss =
            std::isfinite(best->bestEvalLoss) ? best->bestEvalLoss : StepRecord::kNotEvaluated;
        m_summary.bestScore =
            std::isfinite(best->bestScore) ? best->bestScore : StepRecord::kNotEvaluated;
        m_summary.bestStep = best->step;
    }
    for (const Trainable* trainable : m_trained) {
        trained.emplace(trainable->name,
                        file ? tensorOver(file->at(trainable->name)) : trainable->value);
    }
    // What the best state's file gave before the folder takes its place, or zeros would be trained weights.
    const auto checkSource = [&] {
        if (file) {
            requireIntact(file->file()->bytes().data());
        }
    };
    hasAdapter(m_spec.method) ? writeAdapter(trained, checkSource)
                              : writeModel(trained, checkSource);
    m_summary.adapterStep = best ? best->step : m_state.step;
    m_outcomeAt = m_state.step;
}

void MethodRun::writeModel(const std::map<std::string, at::Tensor>& trained,
                           const std::function<void()>& checkSource) const
{
    const auto weightNamed = [&](const std::string& name) {
        const auto found = trained.find(name);
        return found == trained.end() ? at::Tensor() : found->second;
    };
    writeDirectoryAtomically(
        m_summary.directory / "model",
        [&](const std::filesystem::path& directory) {
            fillModelFolder(*m_context.files, directory, std::string(dtypeTitle(m_spec.dtype)),
                            weightNamed, JobContext());
            checkSource();
        },
        ExistingFolder::SetAside);
}

void MethodRun::writeAdapter(const std::map<std::string, at::Tensor>& trained,
                             const std::function<void()>& checkSource) const
{
    AdapterSet factors = m_decoder->adapters();
    for (Adapter& adapter : factors) {
        for (const AdapterTensor& tensor : adapter.kind->tensors) {
            at::Tensor& value = adapter.*tensor.value;
            value = trained.at(masterName(adapter.module, tensor)).to(value.device());
        }
    }
    PlainLora plain = plainLoraOf(m_summary, *m_files, factors, m_taken);
    plain.description.saved = savedOf(trained, *m_files);
    writeDirectoryAtomically(
        m_summary.directory / "adapter",
        [&](const std::filesystem::path& directory) {
            writePeftAdapter(directory, plain.adapters, plain.description);
            checkSource();
        },
        ExistingFolder::SetAside);
}

void MethodRun::finish(RunState state, const std::string& message)
{
    std::optional<Error> trouble;
    const auto attempt = [&](const std::function<void()>& write) {
        try {
            guarded(write);
        } catch (const Error& e) {
            trouble = trouble ? trouble : e;
        }
    };
    if (isPrepared() && m_whole) {
        if (m_outcomeAt != m_state.step) { // once: a second time needs room for both
            attempt([&] { writeOutcome(); });
        }
        if (m_state.step > 0) {
            attempt([&] { checkpoint(); });
        }
        if (trouble && m_state.step > 0 && m_outcomeAt == m_state.step) {
            trouble = Error(trouble->kind(), withoutCheckpoint(trouble->what()));
        }
    }
    m_summary.state = trouble ? RunState::Failed : state;
    m_summary.message = message;
    if (trouble) {
        const std::string why = trouble->what();
        m_summary.message = why.find(message) != std::string::npos
            ? why // the checkpoint's own failure ended the run
            : message + "; " + why;
    }
    const auto tellLog = [&] {
        log(runStateText(m_summary));
        for (const std::string& line : {message, bestText()}) {
            if (!line.empty()) {
                log(line);
            }
        }
    };
    writeRun(m_summary);
    if (trouble) {
        attempt(tellLog);
        throw *trouble;
    }
    tellLog();
}

// What is there, before what is not.
std::string MethodRun::withoutCheckpoint(const std::string& why) const
{
    return fmt::format("{} of step {} is written, its checkpoint is not: {}",
                       hasAdapter(m_spec.method) ? "adapter/" : "model/", m_summary.adapterStep,
                       why);
}

std::string MethodRun::bestText() const
{
    if (m_summary.adapterStep == 0 || m_summary.adapterStep >= m_state.step) {
        return {};
    }
    const bool byScore = m_spec.bestBy == BestBy::Score;
    return fmt::format("{} is step {}, the best by evaluation ({} {}); the last, step {}, is kept "
                       "as a checkpoint",
                       hasAdapter(m_spec.method) ? "adapter/" : "model/", m_summary.adapterStep,
                       byScore ? "score" : "loss",
                       numberText(byScore ? m_summary.bestScore : m_summary.bestEvalLoss),
                       m_state.step);
}

void MethodRun::tell(RunState state)
{
    m_summary.state = state;
    try {
        writeRun(m_summary);
    } catch (const Error&) {
        // a full disk ends no pause; the next record tells of it
    }
}

} // namespace pissarro::core::inline training
