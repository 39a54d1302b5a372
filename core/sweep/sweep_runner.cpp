// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sweep/sweep_runner.h"

#include "core/base/fmt.h"
#include "core/file/file_lock.h"
#include "core/run/run_lock.h"
#include "core/run/run_resume.h"
#include "core/sweep/run_ending_p.h"
#include "core/tensor/devices.h"
#include "core/text/message_text.h"
#include "core/train/memory_estimate.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>
#include <thread>

namespace pissarro::core::inline sweep {

namespace {

namespace fs = std::filesystem;

constexpr auto kNap = std::chrono::milliseconds(200); // while all that is left is at work elsewhere
constexpr auto kSilence =
    std::chrono::minutes(10); // after which a machine that is not seen is given up

// The run that is on disk already; none: it has not begun.
std::optional<RunSummary> runOnDisk(const fs::path& folder)
{
    std::error_code ignored;
    return fs::exists(folder / kRunFile, ignored) ? std::optional(readRun(folder)) : std::nullopt;
}

// As the trainer writes it into run.json.
RunSpec resolvedSpec(RunSpec spec)
{
    makePathsAbsolute(spec);
    spec.dtype = resolvedDType(spec.dtype, spec.device);
    spec.device = resolvedDevice(spec.device);
    return spec;
}

class Worker {
public:
    Worker(const SweepStore& store, const SweepOptions& options, SweepObserver& observer,
           const JobContext& job)
        : m_store(store)
        , m_options(options)
        , m_observer(observer)
        , m_job(job)
        , m_self {thisProcess(), hostName()}
        , m_leave(options.control ? options.control->stopToken() : std::stop_token())
    {
    }

    SweepState work()
    {
        while (true) {
            m_job.throwIfCancelled();
            if (m_leave.stop_requested()) {
                return m_store.read();
            }
            std::optional<std::string> name;
            const SweepState state = take(name);
            if (name) {
                trainTaken(*name, state);
            } else if (state.paused || !isUnderWay(state)) {
                return state;
            } else { // a run at work elsewhere may end, fail or open the next look
                std::this_thread::sleep_for(kNap);
            }
        }
    }

private:
    // Takes the next run, with the lock that tells others that it is taken.
    SweepState take(std::optional<std::string>& name)
    {
        bool changed = false;
        const SweepState state = m_store.change([&](SweepState& now) {
            const nlohmann::ordered_json before = stateToJson(now);
            m_claim
                .reset(); // of the run before: until here, so that a sweep at work is never without a lock
            releaseLost(now, [&](const SweepRun& run) { return isLost(run); });
            applyHalving(now, m_store.plan(), m_store.spec().stop);
            name = claimNext(now, m_store.spec().stop, m_self);
            m_claim = name ? claimed(*name) : nullptr;
            if (name && m_claim == nullptr) { // its program is ending just now
                SweepRun& run = runNamed(now, *name);
                run.state = SweepRunState::Waiting;
                run.worker.reset();
                --run.attempts;
                name.reset();
            }
            changed = stateToJson(now) != before;
        });
        if (changed) {
            m_observer.stateChanged(state);
        }
        return state;
    }

    std::unique_ptr<FileLock> claimed(const std::string& name) const
    {
        const fs::path file = m_store.claimFile(name);
        std::unique_ptr<FileLock> claim = FileLock::ifFree(file);
        std::error_code ignored; // what another machine counts from, which may not see the lock
        fs::last_write_time(lockOf(file), fs::file_time_type::clock::now(), ignored);
        return claim;
    }

    static fs::path lockOf(const fs::path& file) { return file.string() + ".lock"; }

    // Whether the program of a running run is gone. The locks of another machine may not be seen: then its silence counts.
    bool isLost(const SweepRun& run) const
    {
        if (FileLock::isHeld(m_store.claimFile(run.name))) {
            return false;
        }
        if (run.worker && run.worker->host == m_self.host) {
            return true;
        }
        const fs::path folder = m_store.runFolder(run.name);
        try {
            if (const auto there = runOnDisk(folder); there && !isLive(there->state)) {
                return true;
            }
        } catch (const Error&) {
            return false; // being written, or not readable: it is looked at again
        }
        std::error_code failed;
        const auto written = fs::last_write_time(lockOf(m_store.claimFile(run.name)), failed);
        return !failed && fs::file_time_type::clock::now() - written > kSilence
            && !fs::exists(folder / kRunFile, failed);
    }

    void trainTaken(const std::string& name, const SweepState& state)
    {
        const PlannedRun& planned = plannedRun(m_store.plan(), name);
        const SweepRun entry = *std::find_if(state.runs.begin(), state.runs.end(),
                                             [&](const SweepRun& run) { return run.name == name; });
        SweepRun outcome = entry;
        std::string pauseWhy;
        try {
            outcome = trained(planned, entry);
        } catch (const Cancelled&) { // before its first step, or at once
            const bool isOurs = m_leave.stop_requested() || m_job.isCancelled();
            outcome.state = isOurs ? SweepRunState::Waiting : SweepRunState::Skipped;
            outcome.message = isOurs ? "" : "stopped by a person before its first step";
        } catch (const Error& error) {
            outcome.message = error.what();
            const std::string shortage =
                error.kind() == ErrorKind::Io ? diskShortage(planned) : std::string();
            outcome.state = shortage.empty() ? SweepRunState::Failed : SweepRunState::Waiting;
            pauseWhy = shortage;
        }
        write(outcome, pauseWhy);
    }

    // Trains the run as far as it may go, unless that is done already: a program may have been killed before it could say so.
    SweepRun trained(const PlannedRun& planned, const SweepRun& entry)
    {
        SweepRun outcome = entry;
        const fs::path folder = m_store.runFolder(planned.name);
        const std::int64_t until = mayGoTo(entry, m_store.spec().stop);
        const std::optional<RunSummary> before = runOnDisk(folder);
        outcome.step = before ? before->step : 0;
        if (before && isComplete(before->state)) {
            acceptChanges(*before, resolvedSpec(planned.spec));
            outcome.state = SweepRunState::Done;
            return outcome;
        }
        if (before && until > 0 && before->step >= until) {
            return atLook(outcome, until);
        }
        m_observer.runStarted(planned, outcome.step);
        TrainRequest request;
        request.spec = planned.spec;
        if (request.spec.threads == 0) {
            request.spec.threads = m_options.threads;
        }
        request.runDirectory = folder;
        std::error_code ignored;
        request.resume = before || fs::exists(folder / kMetricsFile, ignored);
        request.restart = true; // where a program was killed before its first checkpoint
        request.control = std::make_shared<TrainControl>();
        request.shared = m_shared;
        RunWatch watch(m_store, planned, entry, m_observer, request.control);
        const std::stop_callback leaving(m_leave, [&] { watch.end(Ending::Left); });
        const std::vector<RunSummary> summaries =
            m_options.train ? m_options.train(request, watch, m_job) : train(request, watch, m_job);
        return judged(outcome, summaries.front(), watch, until);
    }

    SweepRun judged(SweepRun outcome, const RunSummary& summary, const RunWatch& watch,
                    std::int64_t until) const
    {
        outcome.step = summary.step;
        outcome.message.clear();
        if (isComplete(summary.state)) {
            outcome.state = SweepRunState::Done;
            outcome.message = summary.message; // why it ended before its last step
            return outcome;
        }
        switch (watch.ending()) {
        case Ending::Look:
            return atLook(outcome, until);
        case Ending::Hopeless:
            outcome.state = SweepRunState::EndedEarly;
            outcome.message = watch.reason();
            return outcome;
        case Ending::Paused:
        case Ending::Left:
        case Ending::TakenAway: // what a person said of it stands in the file: write() leaves that
            outcome.state = SweepRunState::Waiting;
            return outcome;
        case Ending::None:
            break;
        }
        outcome.state = SweepRunState::Skipped;
        outcome.message =
            fmt::format("stopped by a person at step {} of {}", summary.step, summary.steps);
        return outcome;
    }

    // The figure is that of the records on disk: the same for whoever comes to it.
    SweepRun atLook(SweepRun outcome, std::int64_t until) const
    {
        outcome.state = SweepRunState::Waiting;
        outcome.looks.push_back(figureAt(recordsOf(m_store.runFolder(outcome.name)), until,
                                         m_store.spec().stop.metric));
        return outcome;
    }

    // "needs 1.2 GB on disk, 0.3 GB are free"; empty: the disk is not what failed.
    std::string diskShortage(const PlannedRun& planned) const
    {
        try {
            const auto files = m_shared->files(resolveModel(planned.spec.model));
            const std::int64_t needed = estimateDisk(*files, planned.spec, {},
                                                     std::max<std::int64_t>(1, planned.spec.steps))
                                            .total();
            const std::int64_t free = freeDiskBytes(m_store.folder());
            if (free < 0 || free >= needed) {
                return {};
            }
            return fmt::format(
                "{}: run {} needs about {} on disk, {} are free; make room and go on",
                shownPath(m_store.folder()), planned.name,
                bytesText(static_cast<std::uint64_t>(needed)),
                bytesText(static_cast<std::uint64_t>(free)));
        } catch (const Error&) {
            return {}; // the model cannot be read: that is what failed
        }
    }

    void write(const SweepRun& outcome, const std::string& pauseWhy)
    {
        const SweepState state = m_store.change([&](SweepState& now) {
            SweepRun& run = runNamed(now, outcome.name);
            const bool isOurs = run.state == SweepRunState::Running && run.worker == m_self;
            if (isOurs) {
                run = outcome;
                run.worker.reset();
            } else { // a person decided otherwise meanwhile
                run.step = outcome.step;
            }
            if (!pauseWhy.empty()) {
                now.paused = true;
                now.why = pauseWhy;
            }
            applyHalving(now, m_store.plan(), m_store.spec().stop);
        });
        m_observer.stateChanged(state);
        const auto written =
            std::find_if(state.runs.begin(), state.runs.end(),
                         [&](const SweepRun& run) { return run.name == outcome.name; });
        m_observer.runEnded(*written);
    }

    const SweepStore& m_store;
    const SweepOptions& m_options;
    SweepObserver& m_observer;
    const JobContext& m_job;
    const SweepWorker m_self;
    const std::stop_token m_leave;
    const std::shared_ptr<SharedInputs> m_shared = std::make_shared<SharedInputs>();
    std::unique_ptr<FileLock> m_claim; // of the run at work
};

} // namespace

SweepState workOn(const SweepStore& store, const SweepOptions& options, SweepObserver& observer,
                  const JobContext& job)
{
    return Worker(store, options, observer, job).work();
}

} // namespace pissarro::core::inline sweep
