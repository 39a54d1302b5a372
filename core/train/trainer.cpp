// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/trainer.h"

#include "core/adapter/make_adapter_tensors.h"
#include "core/base/torch/runtime.h"
#include "core/io/message_text.h"
#include "core/train/memory_estimate.h"
#include "core/train/method_run_tensors.h"
#include "core/train/run_lock.h"
#include "core/train/training_data.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <limits>
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
        , m_observer(observer)
        , m_job(job)
    {
    }

    std::vector<RunSummary> run()
    {
        RunState outcome = RunState::Finished;
        try {
            guarded([&] { // memory that runs out ends a run like any other failure
                prepare();
                outcome = loop();
                saveCheckpoints();
                finishAll(outcome, m_outcomeText);
            });
        } catch (const Cancelled&) {
            salvage(RunState::Stopped, "cancelled");
            throw;
        } catch (const Error& e) {
            salvage(RunState::Failed, e.what());
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
        m_job.checkpoint(-1, "Opening model and data");
        TrainContext context;
        context.request = m_request.runDirectory;
        context.files = ModelFiles::open(resolveModel(spec.model));
        context.device = parseDevice(spec.device);
        const int threads = useThreads(spec.threads);
        context.deviceTitle = context.device.is_cpu()
            ? "CPU, " + std::to_string(threads) + " threads"
            : context.device.str();
        context.targets = selectModules(*context.files, spec.targets);
        const std::vector<Method> methods = allRuns();
        checkTwins(methods);
        if (spec.initAdapter.empty() && std::any_of(methods.begin(), methods.end(), hasAdapter)) {
            checkRanks(context.targets, spec.rank, spec.patterns);
        }
        for (const TensorView& weight : context.files->weights()) {
            m_job.throwIfCancelled();
            context.files->requireFinite(weight.name); // before a run folder is made
        }
        m_data = openTrainingData(spec, *context.files, m_job);
        m_device = context.device;
        context.steps = m_steps = totalSteps(spec, m_data.training->batchesPerEpoch());
        MemoryEstimate memory = estimateMemory(*context.files, spec, m_request.twins,
                                               m_data.training->largest(m_steps * spec.gradAccum));
        memory.fixed = std::max(memory.fixed, m_residentBefore); // a window, a sweep's remains
        context.estimatedMemoryBytes = memory.total();
        tellOfDisk(*context.files);
        context.probe = firstRows(m_data.first, m_device);
        if (m_request.resume) {
            context.resumeStep = commonStep(methods);
        }
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
        std::vector<Method> order = methods;
        std::stable_partition(order.begin(), order.end(),
                              [](Method method) { return method == Method::Pissa; });
        for (const Method method : order) {
            RunSpec own = m_request.spec;
            own.method = method;
            context.first = m_runs.empty() ? nullptr : m_runs.front().get();
            m_runs.push_back(std::make_unique<MethodRun>(own, directoryOf(method), context,
                                                         m_request.resume, m_job));
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
            m_data.training->seek(m_state.cursor);
        }
        m_cursor = m_data.training->cursor();
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
            if (order == RunOrder::Stop) {
                const auto& control = m_request.control;
                if (!control || !control->stopRequested()) {
                    m_observer.message(
                        "another program asked for the stop; the adapter so far is kept");
                }
                return RunState::Stopped;
            }
            step();
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

    void step()
    {
        const auto start = Clock::now();
        const RunSpec& spec = m_request.spec;
        const std::vector<Batch> batches = nextStep(*m_data.training, spec.gradAccum);
        StepFacts facts;
        std::int64_t counted = 0;
        for (const Batch& batch : batches) {
            facts.tokens += batch.tokens();
            counted += batch.counted();
        }
        facts.batchHash = batchHash(batches);
        facts.epoch = epochsAfter(spec, m_state.step + 1, m_data.training->batchesPerEpoch());
        std::vector<double> compute(m_runs.size(), 0.0);
        for (const Batch& batch : batches) {
            const FlatBatch flat = flatten(batch, m_device);
            const double share =
                static_cast<double>(batch.counted()) / static_cast<double>(counted);
            for (std::size_t run = 0; run < m_runs.size(); ++run) {
                const auto begin = Clock::now();
                m_runs[run]->accumulate(flat, share, m_job);
                compute[run] += secondsSince(begin);
            }
        }
        facts.held = isEvaluated(m_state.step + 1) ? m_data.held.get() : nullptr;
        for (std::size_t run = 0; run < m_runs.size(); ++run) {
            facts.elapsedS = m_elapsed + secondsSince(start);
            facts.computeSeconds = compute[run];
            m_observer.stepDone(static_cast<int>(run), m_runs[run]->finishStep(facts));
        }
        m_elapsed += secondsSince(start);
        m_state = m_runs.front()->state();
        m_cursor = m_data.training->cursor();
        m_job.checkpoint(static_cast<double>(m_state.step) / static_cast<double>(m_steps),
                         "Training, step " + std::to_string(m_state.step) + " of "
                             + std::to_string(m_steps));
    }

    bool isEvaluated(std::int64_t step) const
    {
        const std::int64_t every = m_request.spec.evalEvery;
        return m_data.held != nullptr && (step == m_steps || (every > 0 && step % every == 0));
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
    void salvage(RunState state, const std::string& message)
    {
        for (const auto& run : m_runs) {
            if (!std::filesystem::exists(run->summary().directory / kRunFile)) {
                continue; // somebody removed the run: it is not to come back
            }
            try {
                if (state == RunState::Stopped && run->state().step == m_state.step) {
                    run->checkpoint(m_cursor);
                }
                run->finish(state, message);
            } catch (const Error& e) {
                m_observer.message(run->title() + ": " + e.what());
            }
        }
    }

    const TrainRequest& m_request;
    TrainObserver& m_observer;
    const JobContext& m_job;
    TrainingData m_data;
    std::vector<std::unique_ptr<MethodRun>> m_runs;
    std::int64_t m_steps = 0;
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
