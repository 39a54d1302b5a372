// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/trainer.h"

#include "core/adapter/make_adapter_tensors.h"
#include "core/base/allowed_cores.h"
#include "core/base/torch/runtime.h"
#include "core/base/torch/threads.h"
#include "core/data/step_batches.h"
#include "core/io/message_text.h"
#include "core/model/model_files_scan.h"
#include "core/train/fresh_folders.h"
#include "core/train/memory_estimate.h"
#include "core/train/method_run_tensors.h"
#include "core/train/run_checkpoints.h"
#include "core/train/run_lock.h"
#include "core/train/run_place.h"
#include "core/train/training_data.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <numeric>
#include <stop_token>
#include <thread>

namespace pissarro::core {

namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kPauseNap = std::chrono::milliseconds(50);

double secondsSince(Clock::time_point start)
{
    return std::chrono::duration<double>(Clock::now() - start).count();
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
        makePathsAbsolute(m_spec);
    }

    std::vector<RunSummary> run()
    {
        try {
            guarded([&] { // memory that runs out ends a run like any other failure
                prepare();
                m_prepared = true;
                const RunState outcome = loop();
                finishAll(outcome, m_outcomeText);
            });
        } catch (const Cancelled&) {
            if (m_prepared || m_request.resume) {
                salvage(RunState::Stopped, "cancelled");
            } else {
                m_entrants.clear(); // their locks go first
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
        std::transform(m_entrants.begin(), m_entrants.end(), std::back_inserter(summaries),
                       [](const Entrant& one) { return one.run->summary(); });
        return summaries;
    }

private:
    // A run of the request.
    struct Entrant {
        std::unique_ptr<MethodRun> run;
        bool failed = false; // and what can be kept of it is kept
        double computeSeconds = 0.0; // of its micro-batches in this step
    };

    void prepare()
    {
        keepFreedMemory();
        returnFreedMemory();
        resetPeakMemory();
        const std::int64_t residentBefore = processMemoryBytes();
        m_work.checkpoint(-1, "Opening model and data");
        if (!goesOn()) {
            checkRunDirectory(m_request.runDirectory, outputRule());
        }
        TrainContext context;
        context.request = m_request.runDirectory;
        context.files = ModelFiles::open(modelPath());
        context.device = m_device = parseDevice(m_spec.device);
        resetPeakDeviceBytes(context.device);
        if (const std::string note = autoDeviceNote(m_spec.device); !note.empty()) {
            m_observer.message(note);
        }
        context.deviceTitle = context.device.is_cpu() ? "CPU, " + threadsText(m_threads.count())
                                                      : context.device.str();
        context.targets = selectModules(*context.files, m_spec.targets);
        context.resume = m_request.resume;
        context.restart = m_request.restart;
        const std::vector<Method> methods = allRuns();
        if (m_spec.initAdapter.empty() && std::any_of(methods.begin(), methods.end(), hasAdapter)) {
            checkRanks(context.targets, m_spec.rank, m_spec.patterns);
        }
        if (std::any_of(methods.begin(), methods.end(), hasAdapter)) {
            checkGiven(*context.files);
        }
        for (const TensorView& weight : context.files->weights()) {
            requireFinite(*context.files, weight.name, m_work); // before a run folder is made
        }
        m_data = openTrainingData(m_spec, *context.files, m_work);
        for (const std::string& note : m_data.notes) { // nothing is left out without a word
            m_observer.message(note);
        }
        context.inputs = inputsOf(*context.files, m_data.inputs, m_work);
        context.steps = m_steps = totalSteps(m_spec, m_data.training->batchesPerEpoch());
        MemoryEstimate memory =
            estimateMemory(*context.files, m_spec, m_request.twins,
                           m_data.training->largest(m_steps * m_spec.gradAccum));
        memory.fixed = std::max(memory.fixed, residentBefore); // a window, a sweep's remains
        context.estimatedMemoryBytes = memory.total();
        tellOfDisk(*context.files);
        context.probe = flatten(m_data.probe, m_device);
        m_folders.note(m_request.runDirectory);
        claimPlaces(methods); // asked before the work began, and now taken
        enter(methods, context);
        prepareRuns(methods);
        m_lastCheckpoint = now();
    }

    // Of a run that goes on the message tells where its model lay.
    std::filesystem::path modelPath() const
    {
        auto runs =
            m_request.resume ? runsOfRequest(m_request.runDirectory) : std::vector<RunSummary>();
        if (runs.empty()) {
            return resolveModel(m_spec.model);
        }
        runs.front().spec.model = m_spec.model;
        return modelPathOf(runs.front());
    }

    // Takes every run folder before any of the work: what is wrong with one of them marks none.
    void enter(const std::vector<Method>& methods, const TrainContext& context)
    {
        for (const Method method : methods) {
            RunSpec own = m_spec;
            own.method = method;
            own.device = resolvedDevice(own.device); // "auto" may be another one elsewhere
            m_entrants.push_back({std::make_unique<MethodRun>(own, directoryOf(method), context)});
            for (const std::string& note : m_entrants.back().run->notes()) {
                m_observer.message(m_entrants.back().run->title() + ": " + note);
            }
        }
    }

    void prepareRuns(const std::vector<Method>& methods)
    {
        // PiSSA first, whose base LoRA can use with share_base: who uses whose must not depend on the order in which they
        // were named, or a resumed run would have other bits.
        std::vector<std::size_t> order(methods.size());
        std::iota(order.begin(), order.end(), std::size_t {0});
        std::stable_partition(order.begin(), order.end(),
                              [&](std::size_t i) { return methods[i] == Method::Pissa; });
        const MethodRun* first = nullptr;
        for (const std::size_t i : order) {
            MethodRun& run = *m_entrants[i].run;
            attempt(m_entrants[i], [&] {
                run.prepare(first, m_work);
                returnFreedMemory(); // what decomposing and quantizing left
                first = first != nullptr ? first : &run;
                m_observer.runPrepared(static_cast<int>(i), run.summary());
                if (run.summary().stepZero) {
                    m_observer.message(run.title() + ": " + run.summary().stepZero->verdict);
                }
                if (run.owesRecord()) { // it was stopped between a step and its evaluation
                    record(m_entrants[i]);
                }
            });
        }
    }

    std::vector<Method> allRuns() const
    {
        std::vector<Method> methods {m_spec.method};
        methods.insert(methods.end(), m_request.twins.begin(), m_request.twins.end());
        return methods;
    }

    // A given adapter is read once for what is to be said of it, before a run folder is made.
    void checkGiven(const ModelFiles& files)
    {
        const std::string& folder = m_spec.initAdapter;
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
        return m_request.output.with(
            {resolveModel(m_spec.model), m_spec.data, m_spec.batches, m_spec.initAdapter});
    }

    // A disk that is too small is told of before the start; the run may still fit, if it ends early.
    void tellOfDisk(const ModelFiles& files)
    {
        const std::int64_t needed = estimateDisk(files, m_spec, m_request.twins, m_steps).total();
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

    // Does something for one run of the request; its failure is its own, while another one goes on.
    // Throws: Cancelled; Error when it was the last one.
    void attempt(Entrant& one, const std::function<void()>& work)
    {
        try {
            guarded(work);
        } catch (const Error& e) {
            fail(one, e);
        }
    }

    void fail(Entrant& one, const Error& error)
    {
        keep(one, RunState::Failed, error.what());
        one.failed = true;
        const bool some = std::any_of(m_entrants.begin(), m_entrants.end(),
                                      [](const Entrant& other) { return !other.failed; });
        if (!some) {
            throw error;
        }
        tell((one.run->title() + " failed: " + error.what() + "; the others go on without it")
                 .c_str());
        m_observer.runFailed(static_cast<int>(&one - m_entrants.data()), error.what());
    }

    // The run that is behind the others, whose turn it is; null: all have done their steps.
    Entrant* hindmost()
    {
        Entrant* least = nullptr;
        for (Entrant& one : m_entrants) {
            const bool goesOn = !one.failed && one.run->state().step < m_steps;
            if (goesOn && (least == nullptr || one.run->state().step < least->run->state().step)) {
                least = &one;
            }
        }
        return least;
    }

    RunState loop()
    {
        for (Entrant* one = hindmost(); one != nullptr; one = hindmost()) {
            if (isStale()) {
                m_outcomeText = earlyStopText();
                m_observer.message(m_outcomeText);
                return RunState::FinishedEarly;
            }
            if (isStopped()) {
                return stopped();
            }
            const TrainState& state = one->run->state();
            const DataCursor at = m_data.training->cursor();
            if (at.epoch != state.cursor.epoch || at.position != state.cursor.position) {
                m_data.training->seek(state.cursor);
                m_elapsed = state.elapsedS;
            }
            const std::int64_t step = state.step + 1;
            if (!takeStep(step)) {
                m_job.throwIfCancelled();
                return stopped();
            }
            if (step < m_steps && isCheckpointDue(step)) {
                saveCheckpoints();
            }
        }
        return RunState::Finished;
    }

    // Waits while the run is paused; whether it is to stop.
    bool isStopped()
    {
        RunOrder order = orders();
        if (order == RunOrder::Pause) {
            tellAll(RunState::Paused);
            while (order == RunOrder::Pause) {
                m_job.throwIfCancelled();
                std::this_thread::sleep_for(kPauseNap);
                order = orders();
            }
            tellAll(RunState::Running);
        }
        return order == RunOrder::Stop;
    }

    RunState stopped()
    {
        const auto& control = m_request.control;
        if (!control || !control->stopRequested()) {
            m_observer.message("another program asked for the stop; the adapter so far is kept");
        }
        return RunState::Stopped;
    }

    void tellAll(RunState state)
    {
        for (const Entrant& one : m_entrants) {
            if (!one.failed) {
                one.run->tell(state);
            }
        }
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

    // Calls work(entrant) for every run whose turn step `step` is.
    void each(std::int64_t step, const std::function<void(Entrant&)>& work)
    {
        for (Entrant& one : m_entrants) {
            if (!one.failed && one.run->state().step + 1 == step) {
                attempt(one, [&] { work(one); });
            }
        }
    }

    // False: told to end within it. Then it counts as never begun, or its evaluation is owed.
    bool takeStep(std::int64_t step)
    {
        const auto start = Clock::now();
        const std::vector<Batch> batches = nextStep(*m_data.training, m_spec.gradAccum);
        StepFacts facts;
        std::int64_t counted = 0;
        for (const Batch& batch : batches) {
            facts.tokens += batch.tokens();
            counted += countedTokens(batch);
        }
        facts.batchHash = batchHash(batches);
        facts.epoch = epochsAfter(m_spec, step, m_data.training->batchesPerEpoch());
        facts.cursor = m_data.training->cursor();
        each(step, [](Entrant& one) { one.computeSeconds = 0.0; });
        if (!accumulate(step, batches, counted)) {
            return false;
        }
        bool whole = true;
        each(step, [&](Entrant& one) {
            facts.elapsedS = m_elapsed + secondsSince(start);
            facts.computeSeconds = one.computeSeconds;
            one.run->takeStep(facts);
            whole = record(one) && whole;
        });
        m_elapsed += secondsSince(start);
        m_job.checkpoint(static_cast<double>(step) / static_cast<double>(m_steps),
                         "Training, step " + std::to_string(step) + " of "
                             + std::to_string(m_steps));
        return whole;
    }

    // The gradients of a step of `counted` tokens. False: told to end; what there is of them is dropped.
    bool accumulate(std::int64_t step, const std::vector<Batch>& batches, std::int64_t counted)
    {
        try {
            for (const Batch& batch : batches) {
                if (orders() == RunOrder::Stop) {
                    throw Cancelled();
                }
                const FlatBatch flat = flatten(batch, m_device);
                const double share =
                    static_cast<double>(countedTokens(batch)) / static_cast<double>(counted);
                each(step, [&](Entrant& one) {
                    const auto begin = Clock::now();
                    one.run->accumulate(flat, share, m_work);
                    one.computeSeconds += secondsSince(begin);
                });
            }
            return true;
        } catch (const Cancelled&) {
            each(step, [](Entrant& one) { one.run->dropStep(); });
            return false;
        }
    }

    // False: told to end before its evaluation was done; the run owes it.
    bool record(Entrant& one)
    {
        BatchSource* held = isEvaluated(one.run->state().step) ? m_data.held.get() : nullptr;
        try {
            const StepRecord record = one.run->recordStep(held, m_work);
            m_observer.stepDone(static_cast<int>(&one - m_entrants.data()), record);
        } catch (const Cancelled&) {
            return false;
        }
        return true;
    }

    bool isEvaluated(std::int64_t step) const
    {
        const std::int64_t every = m_spec.evalEvery;
        return m_data.held != nullptr && (step == m_steps || (every > 0 && step % every == 0));
    }

    // Whether every run has gone `patience` evaluations without a better loss.
    bool isStale() const
    {
        return m_spec.patience > 0
            && std::all_of(m_entrants.begin(), m_entrants.end(), [&](const Entrant& one) {
                   return one.failed || one.run->state().stale >= m_spec.patience;
               });
    }

    std::string earlyStopText() const
    {
        std::int64_t step = 0;
        for (const Entrant& one : m_entrants) {
            step = std::max(step, one.failed ? 0 : one.run->state().step);
        }
        return "stopped early after step " + std::to_string(step)
            + ": no better loss of the held-out examples in " + std::to_string(m_spec.patience)
            + " evaluations";
    }

    Clock::time_point now() const { return m_request.clock ? m_request.clock() : Clock::now(); }

    bool isCheckpointDue(std::int64_t step) const
    {
        const std::chrono::duration<double, std::ratio<60>> since = now() - m_lastCheckpoint;
        return (m_spec.checkpointEvery > 0 && step % m_spec.checkpointEvery == 0)
            || (m_spec.checkpointMinutes > 0 && since.count() >= m_spec.checkpointMinutes);
    }

    // Older ones go only when all have written: a crash in between leaves each run one.
    void saveCheckpoints()
    {
        for (Entrant& one : m_entrants) {
            const bool isThere = one.run->summary().checkpointStep == one.run->state().step;
            if (!one.failed && !isThere) { // one that waits for the others has its own
                attempt(one, [&] { one.run->checkpoint(); });
            }
        }
        prune();
        m_lastCheckpoint = now();
    }

    void prune() const
    {
        for (const Entrant& one : m_entrants) { // what failed keeps all that it has
            one.failed ? void()
                       : pruneCheckpoints(one.run->summary().directory, m_spec.keepCheckpoints);
        }
    }

    void finishAll(RunState state, const std::string& message)
    {
        for (Entrant& one : m_entrants) {
            if (one.failed) {
                continue;
            }
            attempt(one, [&] {
                const bool whole = one.run->state().step == m_steps;
                one.run->finish(whole ? RunState::Finished : state, whole ? "" : message);
                if (const std::string text = one.run->bestText(); !text.empty()) {
                    m_observer.message(one.run->title() + ": " + text);
                }
            });
        }
        prune();
    }

    // Keeps what can be kept of a run that ends early; what fails here is not what ended it.
    void keep(Entrant& one, RunState state, const std::string& message)
    {
        MethodRun& run = *one.run;
        const auto& directory = run.summary().directory;
        const bool wasThere = std::filesystem::exists(directory / kRunFile);
        if (run.isPrepared() && !wasThere) {
            return; // somebody removed the run: it is not to come back
        }
        // What never trained leaves a folder only where step 0 refused it, or beside a twin that did.
        const auto& zero = run.summary().stepZero;
        const bool told =
            (zero && !zero->passed) || (m_entrants.size() > 1 && state == RunState::Failed);
        if (!run.isPrepared() && !told) {
            return;
        }
        try {
            guarded([&] { run.finish(state, message); });
        } catch (const Error& e) {
            tell((run.title() + ": " + e.what()).c_str());
        }
    }

    // Cannot throw: what goes wrong here is told where somebody still listens.
    void salvage(RunState state, const std::string& message) noexcept
    {
        const auto attempt = [&](const std::function<void()>& work) {
            try {
                guarded(work);
            } catch (const std::exception& e) {
                tell(e.what());
            }
        };
        for (Entrant& one : m_entrants) {
            if (!one.failed) {
                attempt([&] { keep(one, state, message); });
            }
        }
        attempt([&] { prune(); });
    }

    void tell(const char* what) noexcept
    {
        try {
            m_observer.message(what);
        } catch (const std::exception&) { // nobody is left to be told
        }
    }

    struct Ends {
        std::stop_source& source;
        void operator()() const { source.request_stop(); }
    };

    const TrainRequest& m_request;
    const ThreadBudget m_threads;
    RunSpec m_spec = m_request.spec; // with absolute paths
    TrainObserver& m_observer;
    const JobContext& m_job;
    // The job is cancelled, or the run told to stop: both are heard in mid-step.
    std::stop_source m_ends;
    JobContext m_work; // ended by m_ends, reports to m_job
    std::stop_callback<Ends> m_onCancel;
    std::stop_callback<Ends> m_onStop;
    FreshFolders m_folders;
    bool m_prepared = false;
    TrainingData m_data;
    std::vector<Entrant> m_entrants; // in the order of the request
    std::int64_t m_steps = 0;
    at::Device m_device {at::kCPU};
    double m_elapsed = 0.0;
    Clock::time_point m_lastCheckpoint;
    std::string m_outcomeText; // why a run did not take all its steps
};

// Before any work: what the spec says must do for each method, and each is there once.
void checkRequest(const TrainRequest& request)
{
    std::vector<Method> methods {request.spec.method};
    for (const Method twin : request.twins) {
        if (std::find(methods.begin(), methods.end(), twin) != methods.end()) {
            throw Error(ErrorKind::InvalidArgument,
                        "the twin " + std::string(methodName(twin))
                            + " is the run's own method or named twice (expected another method)");
        }
        methods.push_back(twin);
    }
    for (const Method method : methods) {
        RunSpec own = request.spec;
        own.method = method;
        if (const auto problems = checkSpec(own); !problems.empty()) {
            throw Error(ErrorKind::InvalidArgument,
                        problems.front().key + " " + problems.front().message);
        }
    }
}

} // namespace

std::vector<RunSummary> train(const TrainRequest& request, TrainObserver& observer,
                              const JobContext& job)
{
    checkRequest(request);
    TrainRequest own = request;
    own.spec.dtype = resolvedDType(own.spec.dtype, own.spec.device); // Auto is another elsewhere
    if (const std::string note = autoDTypeNote(request.spec.dtype, request.spec.device);
        !note.empty()) {
        observer.message(note);
    }
    auto summaries = Session(own, observer, job).run();
    returnFreedMemory(); // a window lives on
    return summaries;
}

} // namespace pissarro::core
