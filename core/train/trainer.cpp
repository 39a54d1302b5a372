// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/trainer.h"

#include "core/adapter/make_adapter_tensors.h"
#include "core/base/allowed_cores.h"
#include "core/base/torch/runtime.h"
#include "core/base/torch/threads.h"
#include "core/data/tokenizer.h"
#include "core/io/message_text.h"
#include "core/train/fresh_folders.h"
#include "core/train/memory_estimate.h"
#include "core/train/method_run_tensors.h"
#include "core/train/run_lock.h"
#include "core/train/run_place.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <stop_token>
#include <thread>

namespace pissarro::core {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::int64_t kProbeRows = 2; // rows of the first batch that step 0 is compared on
constexpr auto kPauseNap = std::chrono::milliseconds(50);

double secondsSince(Clock::time_point start)
{
    return std::chrono::duration<double>(Clock::now() - start).count();
}

struct Sources {
    std::unique_ptr<BatchSource> training;
    std::unique_ptr<BatchSource> held; // null: nothing is held out
};

Sources openBatches(const RunSpec& spec, const ModelFiles& files, TrainObserver& observer,
                    const JobContext& job)
{
    if (!spec.batches.empty()) {
        return {fileBatches(spec.batches), nullptr};
    }
    const auto tokenizer = openTokenizer(files.path());
    const DataFile file = readDataFile(spec.data, spec.promptTemplate, tokenizer.get(), job);
    auto data =
        std::make_shared<TokenizedData>(tokenizeData(file, *tokenizer, spec.maxLength, job));
    for (const auto* notes : {&file.notes, &data->notes}) { // nothing is left out without a word
        for (const std::string& note : *notes) {
            observer.message(shownPath(spec.data) + ": " + note);
        }
    }
    // A padding token may be one that has no row of the embedding.
    const bool hasPad = tokenizer->padId() >= 0 && tokenizer->padId() < files.config().vocabulary;
    const std::int32_t pad =
        std::max<std::int32_t>(0, hasPad ? tokenizer->padId() : tokenizer->eosId());
    Sources sources;
    if (spec.evalRatio > 0.0) {
        auto held = std::make_shared<TokenizedData>(holdOut(*data, spec.evalRatio, spec.seed));
        sources.held = shuffledBatches(std::move(held), spec.batchSize, spec.seed, pad);
    }
    sources.training = shuffledBatches(std::move(data), spec.batchSize, spec.seed, pad);
    return sources;
}

void checkIds(const Batch& batch, std::int64_t vocabulary, const RunSpec& spec)
{
    for (std::size_t i = 0; i < batch.ids.size(); ++i) {
        const bool label = batch.labels[i] != kIgnoreLabel
            && (batch.labels[i] < 0 || batch.labels[i] >= vocabulary);
        if (batch.ids[i] < 0 || batch.ids[i] >= vocabulary || label) {
            throw Error(ErrorKind::Format,
                        (spec.batches.empty() ? spec.data : spec.batches) + ": holds the token id "
                            + std::to_string(label ? batch.labels[i] : batch.ids[i])
                            + " (expected 0 to " + std::to_string(vocabulary - 1)
                            + "); is it made for another model?");
        }
    }
}

FlatBatch firstRows(const Batch& batch, at::Device device)
{
    Batch few = batch;
    few.rows = std::min(kProbeRows, batch.rows);
    const auto size = static_cast<std::size_t>(few.rows * few.length);
    few.ids.resize(size);
    few.labels.resize(size);
    few.mask.resize(size);
    FlatBatch probe = flatten(few, device);
    return probe.scored_M.numel() > 0 ? probe : flatten(batch, device);
}

// The runs of a request side by side, fed with the same batches.
class Session {
public:
    Session(const TrainRequest& request, TrainObserver& observer, const JobContext& job)
        : m_request(request)
        , m_threads(request.spec.threads)
        , m_observer(observer)
        , m_job(job)
        , m_work(
              m_ends.get_token(),
              [&job](double fraction, std::string_view stage) { job.checkpoint(fraction, stage); })
        , m_onCancel(job.stopToken(), Ends {m_ends})
        , m_onStop(request.control ? request.control->stopToken() : std::stop_token(),
                   Ends {m_ends})
    {
    }

    std::vector<RunSummary> run()
    {
        RunState outcome = RunState::Finished;
        try {
            guarded([&] { // memory that runs out ends a run like any other failure
                prepare();
                m_prepared = true;
                outcome = loop();
                saveCheckpoints();
                finishAll(outcome, m_outcomeText);
            });
        } catch (const Cancelled&) {
            if (m_prepared || m_request.resume) {
                salvage(RunState::Stopped, "cancelled");
            } else {
                m_runs.clear(); // their locks go first
                m_folders.takeBack(/*runs=*/true);
            }
            throw;
        } catch (const std::exception& e) {
            salvage(RunState::Failed, e.what());
            if (!m_prepared) {
                m_folders.takeBack(/*runs=*/false);
            }
            throw;
        }
        std::vector<RunSummary> summaries;
        for (const auto& run : m_runs) {
            summaries.push_back(run->summary());
        }
        return summaries;
    }

private:
    void prepare()
    {
        const RunSpec& spec = m_request.spec;
        keepFreedMemory();
        returnFreedMemory();
        resetPeakMemory();
        m_residentBefore = processMemoryBytes();
        m_work.checkpoint(-1, "Opening model and data");
        if (!goesOn()) {
            checkRunDirectory(m_request.runDirectory, outputRule());
        }
        TrainContext context;
        context.request = m_request.runDirectory;
        context.files = ModelFiles::open(resolveModel(spec.model));
        context.device = parseDevice(spec.device);
        resetPeakDeviceBytes(context.device);
        if (const std::string note = autoDeviceNote(spec.device); !note.empty()) {
            m_observer.message(note);
        }
        context.deviceTitle = context.device.is_cpu() ? "CPU, " + threadsText(m_threads.count())
                                                      : context.device.str();
        context.targets = selectModules(*context.files, spec.targets);
        const std::vector<Method> methods = allRuns();
        checkTwins(methods);
        if (spec.initAdapter.empty() && std::any_of(methods.begin(), methods.end(), hasAdapter)) {
            checkRanks(context.targets, spec.rank, spec.patterns);
        }
        if (std::any_of(methods.begin(), methods.end(), hasAdapter)) {
            checkGiven(*context.files);
        }
        for (const TensorView& weight : context.files->weights()) {
            m_work.throwIfCancelled();
            context.files->requireFinite(weight.name); // before a run folder is made
        }
        Sources sources = openBatches(spec, *context.files, m_observer, m_work);
        m_batches = std::move(sources.training);
        m_held = std::move(sources.held);
        m_vocabulary = context.files->config().vocabulary;
        m_device = context.device;
        context.steps = m_steps = totalSteps(spec, m_batches->batchesPerEpoch());
        MemoryEstimate memory = estimateMemory(*context.files, spec, m_request.twins,
                                               m_batches->largest(m_steps * spec.gradAccum));
        memory.fixed = std::max(memory.fixed, m_residentBefore); // a window, a sweep's remains
        context.estimatedMemoryBytes = memory.total();
        tellOfDisk(*context.files);
        const DataCursor start = m_batches->cursor();
        const Batch first = m_batches->next();
        checkIds(first, m_vocabulary, spec);
        context.probe = firstRows(first, m_device);
        m_batches->seek(start);

        if (m_request.resume) {
            context.resumeStep = commonStep(methods);
        }
        claimPlaces(methods); // asked before the work began, and now taken
        prepareRuns(methods, context);
        joinStates();
    }

    void prepareRuns(const std::vector<Method>& methods, TrainContext& context)
    {
        const auto place = [&](Method method) {
            return std::find(methods.begin(), methods.end(), method) - methods.begin();
        };
        // PiSSA first, whose base LoRA can use (MethodRun::completesFirst()): who uses whose must not depend on the order
        // in which they were named, or a resumed run would have other bits.
        m_folders.note(m_request.runDirectory);
        std::vector<Method> order = methods;
        std::stable_partition(order.begin(), order.end(),
                              [](Method method) { return method == Method::Pissa; });
        for (const Method method : order) {
            RunSpec own = m_request.spec;
            own.method = method;
            own.device = resolvedDevice(own.device); // "auto" may be another one elsewhere
            context.first = m_runs.empty() ? nullptr : m_runs.front().get();
            m_runs.push_back(std::make_unique<MethodRun>(own, directoryOf(method), context,
                                                         m_request.resume, m_work));
            const MethodRun& run = *m_runs.back();
            m_observer.runPrepared(static_cast<int>(place(method)), run.summary());
            if (run.summary().stepZero) {
                m_observer.message(run.title() + ": " + run.summary().stepZero->verdict);
            }
        }
        std::sort(m_runs.begin(), m_runs.end(), [&](const auto& a, const auto& b) {
            return place(a->summary().spec.method) < place(b->summary().spec.method);
        });
    }

    std::vector<Method> allRuns() const
    {
        std::vector<Method> methods {m_request.spec.method};
        methods.insert(methods.end(), m_request.twins.begin(), m_request.twins.end());
        return methods;
    }

    // A given adapter is read once for what is to be said of it, before a run folder is made.
    void checkGiven(const ModelFiles& files)
    {
        const std::string& folder = m_request.spec.initAdapter;
        if (folder.empty()) {
            return;
        }
        const PeftAdapter given = readPeftAdapter(folder, files, [&](std::string_view line) {
            m_observer.message("warning: " + std::string(line));
        });
        if (given.baseChange != BaseChange::None) {
            throw Error(ErrorKind::Format,
                        folder + ": has init_lora_weights \"" + given.initLoraWeights
                            + "\": its factors belong on a base that was reduced, and PEFT reduces "
                              "it anew when it loads them (expected true); train on that residual "
                              "base, or save the adapter with PEFT's "
                              "path_initial_model_for_weight_conversion");
        }
        if (given.dropout > 0.0) {
            m_observer.message("warning: " + folder + ": lora_dropout " + numberText(given.dropout)
                               + " is not applied: training here has no dropout");
        }
    }

    // What the spec says must do for each method, before any work.
    void checkTwins(const std::vector<Method>& methods) const
    {
        for (const Method method : methods) {
            RunSpec own = m_request.spec;
            own.method = method;
            if (const auto problems = checkSpec(own); !problems.empty()) {
                throw Error(ErrorKind::InvalidArgument,
                            problems.front().key + " " + problems.front().message);
            }
        }
    }

    // Whether there is a run to go on with; --resume alone does not make a folder ours.
    bool goesOn() const
    {
        return m_request.resume && !runsOfRequest(m_request.runDirectory).empty();
    }

    void claimPlaces(const std::vector<Method>& methods) const
    {
        if (!goesOn()) {
            claimRunDirectory(m_request.runDirectory, methods, outputRule());
            return;
        }
        for (const Method method : methods) { // a twin that a crash kept from beginning
            if (!std::filesystem::exists(directoryOf(method) / kRunFile)) {
                claimRunDirectory(directoryOf(method), {method}, outputRule());
            }
        }
    }

    OutputRule outputRule() const
    {
        const RunSpec& spec = m_request.spec;
        return m_request.output.with(
            {resolveModel(spec.model), spec.data, spec.batches, spec.initAdapter});
    }

    // A disk that is too small is told of before the start; the run may still fit, if it ends early.
    void tellOfDisk(const ModelFiles& files)
    {
        const std::int64_t needed =
            estimateDisk(files, m_request.spec, m_request.twins, m_steps).total();
        const std::int64_t free = freeDiskBytes(m_request.runDirectory);
        if (free >= 0 && needed > free) {
            m_observer.message(m_request.runDirectory.string() + ": the run will need about "
                               + bytesText(static_cast<std::uint64_t>(needed)) + " on disk, "
                               + bytesText(static_cast<std::uint64_t>(free))
                               + " are free: make room, or keep fewer checkpoints");
        }
    }

    std::filesystem::path directoryOf(Method method) const
    {
        return m_request.twins.empty() ? m_request.runDirectory
                                       : m_request.runDirectory / std::string(methodName(method));
    }

    // Twins go on together, from the earlier of their newest checkpoints: a crash may come between the two.
    std::int64_t commonStep(const std::vector<Method>& methods) const
    {
        std::int64_t step = std::numeric_limits<std::int64_t>::max();
        for (const Method method : methods) {
            step = std::min(step, newestCheckpointStep(directoryOf(method)));
        }
        return step;
    }

    void joinStates()
    {
        m_state = m_runs.front()->state();
        for (const auto& run : m_runs) {
            if (run->state().step != m_state.step) {
                throw Error(ErrorKind::Format,
                            m_request.runDirectory.string()
                                + ": the twins have no checkpoint of the same step ("
                                + std::to_string(m_state.step) + " and "
                                + std::to_string(run->state().step)
                                + "); remove the newer one and resume again");
            }
        }
        if (m_state.step > 0) {
            m_batches->seek(m_state.cursor);
        }
        m_cursor = m_batches->cursor();
    }

    RunState loop()
    {
        m_elapsed = m_state.elapsedS;
        while (m_state.step < m_steps && !isStale()) {
            RunOrder order = orders();
            while (order == RunOrder::Pause) {
                m_job.throwIfCancelled();
                std::this_thread::sleep_for(kPauseNap);
                order = orders();
            }
            if (order == RunOrder::Stop || !step()) {
                m_job.throwIfCancelled();
                const auto& control = m_request.control;
                if (!control || !control->stopRequested()) {
                    m_observer.message(
                        "another program asked for the stop; the adapter so far is kept");
                }
                return RunState::Stopped;
            }
            if (m_request.spec.checkpointEvery > 0
                && m_state.step % m_request.spec.checkpointEvery == 0 && m_state.step < m_steps) {
                saveCheckpoints();
            }
        }
        if (isStale()) {
            m_outcomeText = earlyStopText();
            m_observer.message(m_outcomeText);
        }
        return RunState::Finished;
    }

    // Of this program and of others, which leave a note in the run folder.
    RunOrder orders() const
    {
        const RunOrder other = readOrder(m_request.runDirectory, thisProcess());
        const auto& control = m_request.control;
        if (other == RunOrder::Stop || (control && control->stopRequested())) {
            return RunOrder::Stop;
        }
        return control && control->isPaused() ? RunOrder::Pause : other;
    }

    // False: told to end within it. Then it counts as never begun, or its evaluation as not asked for.
    bool step()
    {
        const auto start = Clock::now();
        const RunSpec& spec = m_request.spec;
        std::vector<Batch> batches;
        StepFacts facts;
        for (std::int64_t i = 0; i < spec.gradAccum; ++i) {
            batches.push_back(m_batches->next());
            checkIds(batches.back(), m_vocabulary, spec);
            facts.tokens += batches.back().tokens();
        }
        facts.batchHash = batchHash(batches);
        const double perEpoch = static_cast<double>(m_batches->batchesPerEpoch());
        facts.epoch = static_cast<double>((m_state.step + 1) * spec.gradAccum) / perEpoch;
        std::vector<double> compute(m_runs.size(), 0.0);
        if (!accumulate(batches, compute)) {
            return false;
        }
        bool evaluated = true;
        facts.held = isEvaluated(m_state.step + 1) ? m_held.get() : nullptr;
        for (std::size_t run = 0; run < m_runs.size(); ++run) {
            facts.elapsedS = m_elapsed + secondsSince(start);
            facts.computeSeconds = compute[run];
            const StepRecord record = m_runs[run]->finishStep(facts, m_work);
            evaluated = evaluated && (facts.held == nullptr || std::isfinite(record.evalLoss));
            m_observer.stepDone(static_cast<int>(run), record);
        }
        m_elapsed += secondsSince(start);
        m_state = m_runs.front()->state();
        m_cursor = m_batches->cursor();
        m_job.checkpoint(static_cast<double>(m_state.step) / static_cast<double>(m_steps),
                         "Training, step " + std::to_string(m_state.step) + " of "
                             + std::to_string(m_steps));
        return evaluated || !m_ends.stop_requested();
    }

    // The gradients of a step. False: told to end; what there is of them is dropped.
    bool accumulate(const std::vector<Batch>& batches, std::vector<double>& compute)
    {
        try {
            for (const Batch& batch : batches) {
                if (orders() == RunOrder::Stop) {
                    throw Cancelled();
                }
                const FlatBatch flat = flatten(batch, m_device);
                for (std::size_t run = 0; run < m_runs.size(); ++run) {
                    const auto begin = Clock::now();
                    m_runs[run]->accumulate(flat, m_work);
                    compute[run] += secondsSince(begin);
                }
            }
            return true;
        } catch (const Cancelled&) {
            for (const auto& run : m_runs) {
                run->dropStep();
            }
            return false;
        }
    }

    bool isEvaluated(std::int64_t step) const
    {
        const std::int64_t every = m_request.spec.evalEvery;
        return m_held != nullptr && (step == m_steps || (every > 0 && step % every == 0));
    }

    // Whether every run has gone `patience` evaluations without a better loss.
    bool isStale() const
    {
        const std::int64_t patience = m_request.spec.patience;
        return patience > 0 && std::all_of(m_runs.begin(), m_runs.end(), [&](const auto& run) {
                   return run->state().stale >= patience;
               });
    }

    std::string earlyStopText() const
    {
        return "stopped early after step " + std::to_string(m_state.step)
            + ": no better loss of the held-out examples in "
            + std::to_string(m_request.spec.patience) + " evaluations";
    }

    void saveCheckpoints()
    {
        for (const auto& run : m_runs) {
            run->checkpoint(m_cursor);
        }
    }

    void finishAll(RunState state, const std::string& message)
    {
        for (const auto& run : m_runs) {
            run->finish(state, message);
        }
    }

    // Keeps what can be kept of a run that ends early; what fails here is not what ended it.
    void salvage(RunState state, const std::string& message) noexcept
    {
        for (const auto& run : m_runs) {
            const auto attempt = [&](const auto& body) {
                try {
                    guarded(body);
                } catch (const std::exception& e) {
                    tell(*run, e.what());
                }
            };
            bool isThere = false;
            attempt(
                [&] { isThere = std::filesystem::exists(run->summary().directory / kRunFile); });
            if (!isThere) {
                continue; // somebody removed the run: it is not to come back
            }
            attempt([&] {
                if (state == RunState::Stopped && run->state().step == m_state.step) {
                    run->checkpoint(m_cursor);
                }
            });
            attempt([&] { run->finish(state, message); });
        }
    }

    void tell(const MethodRun& run, const char* what) noexcept
    {
        try {
            m_observer.message(run.title() + ": " + what);
        } catch (const std::exception&) { // nobody is left to be told
        }
    }

    const TrainRequest& m_request;
    const ThreadBudget m_threads;
    TrainObserver& m_observer;
    struct Ends {
        std::stop_source& source;
        void operator()() const { source.request_stop(); }
    };

    const JobContext& m_job;
    std::stop_source
        m_ends; // the job is cancelled, or the run told to stop: both are heard in mid-step
    FreshFolders m_folders;
    bool m_prepared = false;
    JobContext m_work; // ended by m_ends, reports to m_job
    std::stop_callback<Ends> m_onCancel;
    std::stop_callback<Ends> m_onStop;
    std::unique_ptr<BatchSource> m_batches;
    std::unique_ptr<BatchSource> m_held; // null: nothing is held out
    std::vector<std::unique_ptr<MethodRun>> m_runs;
    std::int64_t m_steps = 0;
    std::int64_t m_vocabulary = 0;
    at::Device m_device {at::kCPU};
    TrainState m_state;
    DataCursor m_cursor; // of the batch after the last whole step
    double m_elapsed = 0.0;
    std::int64_t m_residentBefore = 0; // bytes of the process before the run
    std::string m_outcomeText; // why a finished run did not take all its steps
};

void checkRequest(const TrainRequest& request)
{
    const auto problems = checkSpec(request.spec);
    if (!problems.empty()) {
        throw Error(ErrorKind::InvalidArgument,
                    problems.front().key + ": " + problems.front().message);
    }
    for (std::size_t i = 0; i < request.twins.size(); ++i) {
        const bool again =
            std::find(request.twins.begin(), request.twins.begin() + static_cast<std::ptrdiff_t>(i),
                      request.twins[i])
            != request.twins.begin() + static_cast<std::ptrdiff_t>(i);
        if (again || request.twins[i] == request.spec.method) {
            throw Error(ErrorKind::InvalidArgument,
                        "the twin " + std::string(methodName(request.twins[i]))
                            + " is the run's own method or named twice (expected another method)");
        }
    }
}

} // namespace

std::vector<RunSummary> train(const TrainRequest& request, TrainObserver& observer,
                              const JobContext& job)
{
    checkRequest(request);
    auto summaries = Session(request, observer, job).run();
    returnFreedMemory(); // a window lives on
    return summaries;
}

std::filesystem::path defaultRunRoot()
{
    if (const char* xdg = std::getenv("XDG_DATA_HOME"); xdg != nullptr && *xdg == '/') {
        return std::filesystem::path(xdg) / "pissarro" / "runs";
    }
    const char* home = std::getenv("HOME");
    return std::filesystem::path(home != nullptr ? home : "/tmp") / ".local" / "share" / "pissarro"
        / "runs";
}

} // namespace pissarro::core
