// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/trainer.h"

#include "core/adapter/make_adapter_tensors.h"
#include "core/base/allowed_cores.h"
#include "core/base/clock.h"
#include "core/base/fmt.h"
#include "core/dataset/step_batches.h"
#include "core/file/log.h"
#include "core/run/fresh_folders.h"
#include "core/run/order_watch.h"
#include "core/run/run_lock.h"
#include "core/tensor/devices.h"
#include "core/tensor/guarded.h"
#include "core/tensor/runtime.h"
#include "core/tensor/threads.h"
#include "core/text/message_text.h"
#include "core/text/said.h"
#include "core/train/memory_estimate.h"
#include "core/train/train_request_p.h"
#include "core/train/training_data.h"
#include "core/train/twin_runs_tensors.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <limits>
#include <numeric>
#include <thread>

namespace pissarro::core::inline training {

namespace {

constexpr auto kPauseNap = std::chrono::milliseconds(50);

// The runs of a request side by side, fed with the same batches.
class Session {
public:
    Session(const TrainRequest& request, TrainObserver& observer, const JobContext& job)
        : m_request(request)
        , m_threads(request.spec.threads)
        , m_shared(request.shared ? request.shared : std::make_shared<SharedInputs>())
        , m_observer(observer)
        , m_job(job)
        , m_ends(job, request.control, request.runDirectory)
        , m_work(m_ends.token(), [&job](double fraction, std::string_view stage) {
            job.checkpoint(fraction, stage);
        })
    {
    }

    std::vector<RunSummary> run()
    {
        try {
            guarded([&] { // memory that runs out ends a run like any other failure
                prepare();
                m_prepared = true;
                const RunState outcome = loop();
                m_runs.finish(outcome, m_outcomeText, m_steps);
            });
        } catch (const Cancelled&) {
            if (m_prepared || m_request.resume) {
                m_runs.salvage(RunState::Stopped, "cancelled");
            } else {
                m_runs.clear(); // their locks go first
                m_folders.takeBack(/*runs=*/true);
            }
            throw;
        } catch (const std::exception& e) {
            m_runs.salvage(RunState::Failed, e.what());
            if (!m_prepared) {
                m_folders.takeBack(/*runs=*/false);
            }
            throw;
        }
        return m_runs.summaries();
    }

private:
    using Entrant = TwinRuns::Entrant;

    void prepare()
    {
        keepFreedMemory();
        returnFreedMemory();
        resetPeakMemory();
        const std::int64_t residentBefore = processMemoryBytes();
        m_work.checkpoint(-1, PISSARRO_SAID("pissarro::core", "Opening model and data"));
        checkPlaces(m_request);
        TrainContext context;
        context.request = m_request.runDirectory;
        context.shared = m_shared.get();
        context.rate = m_request.rate;
        context.files = m_shared->files(modelPathOf(m_request), newHeadOf(m_spec));
        requireTrainable(*context.files, m_observer);
        requireDataOf(m_request);
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
        const std::vector<Method> methods = methodsOf(m_request);
        if (m_spec.initAdapter.empty() && std::any_of(methods.begin(), methods.end(), hasAdapter)) {
            checkRanks(context.targets, m_spec.rank, m_spec.patterns);
            for (const std::string& line : overlapsOf(context.targets, m_spec.patterns)) {
                m_observer.message("warning: " + line);
            }
        }
        if (std::any_of(methods.begin(), methods.end(), hasAdapter)) {
            checkGiven(m_request, *context.files, m_observer);
        }
        m_shared->checkFinite(*context.files, m_work); // before a run folder is made
        m_data =
            openTrainingData(m_spec, *context.files, m_work, m_shared.get(), timeOfRun(m_request));
        for (const std::string& note : m_data.notes) { // nothing is left out without a word
            m_observer.message(note);
        }
        context.inputs = m_shared->inputs(*context.files, m_data.inputs, m_work);
        context.steps = m_steps = totalSteps(m_spec, m_data.training->batchesPerEpoch());
        MemoryEstimate memory =
            estimateMemory(*context.files, m_spec, m_request.twins,
                           m_data.training->largest(m_steps * m_spec.gradAccum));
        memory.fixed = std::max(memory.fixed, residentBefore); // a window, a sweep's remains
        context.estimatedMemoryBytes = memory.total();
        tellOfDisk(m_request, *context.files, m_steps, m_observer);
        context.probe = flatten(m_data.probe, m_device);
        m_folders.note(m_request.runDirectory);
        claimPlaces(m_request); // asked before the work began, and now taken
        enter(methods, context);
        prepareRuns(methods);
        m_lastCheckpoint = now();
    }

    // Takes every run folder before any of the work: what is wrong with one of them marks none.
    void enter(const std::vector<Method>& methods, const TrainContext& context)
    {
        for (const Method method : methods) {
            RunSpec own = specOf(m_request, method);
            own.device = resolvedDevice(own.device); // "auto" may be another one elsewhere
            auto run = std::make_unique<MethodRun>(own, directoryOf(m_request, method), context);
            const MethodRun& entered = *run;
            m_runs.add(std::move(run));
            for (const std::string& note : entered.notes()) {
                m_observer.message(fmt::format("{}: {}", entered.title(), note));
            }
        }
    }

    void prepareRuns(const std::vector<Method>& methods)
    {
        // Those that reduce the base first, in the order of all methods, for LoRA can use what the first of them holds with
        // share_base: who uses whose must not depend on the order in which they were named, or a resumed run would have
        // other bits.
        std::vector<std::size_t> order(methods.size());
        std::iota(order.begin(), order.end(), std::size_t {0});
        const auto place = [&](std::size_t i) {
            return isResidual(methods[i]) ? placeOf(methods[i])
                                          : std::numeric_limits<std::ptrdiff_t>::max();
        };
        std::stable_sort(order.begin(), order.end(),
                         [&](std::size_t a, std::size_t b) { return place(a) < place(b); });
        const MethodRun* first = nullptr;
        for (const std::size_t i : order) {
            MethodRun& run = *m_runs.at(i).run;
            m_runs.attempt(m_runs.at(i), [&] {
                run.prepare(first, m_work);
                returnFreedMemory(); // what decomposing and quantizing left
                first = first != nullptr ? first : &run;
                m_observer.runPrepared(static_cast<int>(i), run.summary());
                if (run.summary().stepZero) {
                    m_observer.message(
                        fmt::format("{}: {}", run.title(), run.summary().stepZero->verdict));
                }
                if (run.owesRecord()) { // it was stopped between a step and its evaluation
                    record(m_runs.at(i));
                }
            });
        }
    }

    RunState loop()
    {
        for (Entrant* one = m_runs.hindmost(m_steps); one != nullptr;
             one = m_runs.hindmost(m_steps)) {
            if (m_runs.isStale()) {
                m_outcomeText = m_runs.earlyStopText();
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
                m_runs.checkpoint();
                m_lastCheckpoint = now();
            }
        }
        return RunState::Finished;
    }

    // Waits while the run is paused; whether it is to stop.
    bool isStopped()
    {
        RunOrder order = orders();
        if (order == RunOrder::Pause) {
            m_runs.tell(RunState::Paused);
            while (order == RunOrder::Pause) {
                m_job.throwIfCancelled();
                std::this_thread::sleep_for(kPauseNap);
                order = orders();
            }
            m_runs.tell(RunState::Running);
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
        m_runs.each(step, [](Entrant& one) { one.computeSeconds = 0.0; });
        if (!accumulate(step, batches, counted)) {
            return false;
        }
        bool whole = true;
        m_runs.each(step, [&](Entrant& one) {
            facts.elapsedS = m_elapsed + secondsSince(start);
            facts.computeSeconds = one.computeSeconds;
            one.run->takeStep(facts);
            whole = record(one) && whole;
        });
        m_elapsed += secondsSince(start);
        m_job.checkpoint(static_cast<double>(step) / static_cast<double>(m_steps),
                         fmt::format("Training, step {} of {}", step, m_steps));
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
                m_runs.each(step, [&](Entrant& one) {
                    const auto begin = Clock::now();
                    one.run->accumulate(flat, share, m_work);
                    one.computeSeconds += secondsSince(begin);
                });
            }
            return true;
        } catch (const Cancelled&) {
            m_runs.each(step, [](Entrant& one) { one.run->dropStep(); });
            return false;
        }
    }

    // False: told to end before its evaluation was done; the run owes it.
    bool record(Entrant& one)
    {
        BatchSource* held = isEvaluated(one.run->state().step) ? m_data.held.get() : nullptr;
        try {
            const StepRecord record =
                one.run->recordStep(held, m_work, isPutToTask(one.run->state().step));
            m_observer.stepDone(m_runs.indexOf(one), record);
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

    bool isPutToTask(std::int64_t step) const
    {
        const std::int64_t every = m_spec.evalTaskEvery;
        return m_spec.evalTask != kNoTask && (step == m_steps || (every > 0 && step % every == 0));
    }

    Clock::time_point now() const { return m_request.clock ? m_request.clock() : Clock::now(); }

    bool isCheckpointDue(std::int64_t step) const
    {
        const std::chrono::duration<double, std::ratio<60>> since = now() - m_lastCheckpoint;
        return (m_spec.checkpointEvery > 0 && step % m_spec.checkpointEvery == 0)
            || (m_spec.checkpointMinutes > 0 && since.count() >= m_spec.checkpointMinutes);
    }

    const TrainRequest& m_request;
    const ThreadBudget m_threads;
    const std::shared_ptr<SharedInputs> m_shared;
    const RunSpec& m_spec = m_request.spec;
    TrainObserver& m_observer;
    const JobContext& m_job;
    const RunEnds m_ends;
    const JobContext m_work; // ended by m_ends, reports to m_job
    FreshFolders m_folders;
    bool m_prepared = false;
    TrainingData m_data;
    TwinRuns m_runs {m_spec, m_observer};
    std::int64_t m_steps = 0;
    at::Device m_device {at::kCPU};
    double m_elapsed = 0.0;
    Clock::time_point m_lastCheckpoint;
    std::string m_outcomeText; // why a run did not take all its steps
};

} // namespace

std::vector<RunSummary> train(const TrainRequest& request, TrainObserver& observer,
                              const JobContext& job)
{
    checkRequest(request);
    TrainRequest own = request;
    takePlaceOfRun(own, observer);
    keepTwinRates(own);
    takeModelOfRun(own.spec);
    makePathsAbsolute(own.spec);
    own.spec.dtype = resolvedDType(own.spec.dtype, own.spec.device); // Auto is another elsewhere
    if (const std::string note = autoDTypeNote(request.spec.dtype, request.spec.device);
        !note.empty()) {
        observer.message(note);
    }
    std::vector<RunSummary> summaries;
    logged((own.resume ? "resumed training in " : "training in ") + shownPath(own.runDirectory),
           [&] { summaries = Session(own, observer, job).run(); });
    returnFreedMemory(); // a window lives on
    return summaries;
}

} // namespace pissarro::core::inline training
