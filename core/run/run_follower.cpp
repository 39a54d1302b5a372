// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/run_follower.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/file/regular_file.h"
#include "core/run/run_lock.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <sstream>
#include <thread>

namespace pissarro::core::inline run {

namespace {

namespace fs = std::filesystem;

constexpr auto kLook = std::chrono::milliseconds(100); // between two looks at the folders

std::optional<fs::file_time_type> lastWritten(const fs::path& runDirectory)
{
    std::error_code missing;
    const auto time = fs::last_write_time(runDirectory / kRunFile, missing);
    return missing ? std::nullopt : std::optional(time);
}

class Follower {
public:
    Follower(const FollowRequest& request, TrainObserver& observer, const JobContext& job)
        : m_request(request)
        , m_observer(observer)
        , m_job(job)
        , m_folder(request.directory)
        , m_process(request.process)
    {
        for (const Method method : request.methods) {
            m_runs.emplace_back(request.methods.size() == 1 ? m_folder
                                                            : m_folder / methodName(method));
        }
    }

    std::vector<RunSummary> run()
    {
        while (look()) {
            m_job.throwIfCancelled();
            std::this_thread::sleep_for(kLook);
        }
        return ended();
    }

private:
    struct Followed {
        explicit Followed(fs::path folder)
            : directory(std::move(folder))
            , tail(directory)
            , written(lastWritten(directory))
        {
        }
        fs::path directory;
        MetricsTail tail;
        std::optional<fs::file_time_type> written; // run.json before the trainer began
        RunSummary summary;
        bool begun = false; // its trainer has written run.json
        std::int64_t step = 0;
    };

    // Whether the trainer goes on.
    bool look()
    {
        // Asked first: what is written between this and the reading below is not missed.
        const bool lives = m_request.process > 0 ? processLives(m_request.process)
                                                 : RunLock::isHeld(m_request.directory);
        learnHolder(m_request.directory);
        if (m_request.methods.empty()) {
            discover();
        }
        bool running = false;
        for (std::size_t run = 0; run < m_runs.size(); ++run) {
            running = readOne(static_cast<int>(run)) || running;
        }
        m_held = m_held || running;
        const bool goesOn = running || (lives && !m_held);
        if (goesOn) {
            steer();
            tell();
        }
        return goesOn;
    }

    // The process and the folder of its request, from the lock of a run.
    void learnHolder(const fs::path& runDirectory)
    {
        if (m_process != 0) {
            return;
        }
        if (const auto holder = lastHolder(runDirectory)) {
            m_folder = holder->request;
            m_process = holder->process;
        }
    }

    // Twins come one after the other, as they are initialised.
    void discover()
    {
        for (const RunSummary& summary : runsOfRequest(m_folder, m_job)) {
            const bool known = std::any_of(m_runs.begin(), m_runs.end(), [&](const auto& one) {
                return one.directory == summary.directory;
            });
            if (!known) {
                m_runs.emplace_back(summary.directory);
                learnHolder(summary.directory);
            }
        }
    }

    // Whether the run is in progress.
    bool readOne(int index)
    {
        Followed& run = m_runs[static_cast<std::size_t>(index)];
        const auto written = lastWritten(run.directory);
        if (!written) {
            return false;
        }
        run.summary = readRun(run.directory, m_job);
        const bool running = isLive(run.summary.state);
        if (!run.begun && (running || m_request.process == 0 || written != run.written)) {
            run.begun = true;
            m_observer.runPrepared(index, run.summary);
        }
        if (run.begun) {
            for (const StepRecord& record : run.tail.poll(m_job)) {
                run.step = record.step;
                m_observer.stepDone(index, record);
            }
        }
        return running;
    }

    // What `control` asks goes to the trainer; what others asked of it comes back.
    void steer()
    {
        const auto& control = m_request.control;
        if (!control || m_process == 0) {
            return;
        }
        const RunOrder wanted = control->stopRequested() ? RunOrder::Stop
            : control->isPaused()                        ? RunOrder::Pause
                                                         : RunOrder::GoOn;
        const RunOrder given = readOrder(m_folder, m_process);
        if (wanted != m_order) {
            give(wanted);
        } else if (given != m_order) {
            given == RunOrder::Pause ? control->pause() : control->resume();
            if (given == RunOrder::Stop) {
                control->stopAndKeep();
            }
            m_order = given;
        }
    }

    // A disk that is full does not end the looking: it is tried again at the next look.
    void give(RunOrder order)
    {
        try {
            giveOrder(m_folder, m_process, order);
            m_order = order;
            m_trouble.clear();
        } catch (const Error& error) {
            m_trouble = error.what();
        }
    }

    void tell()
    {
        std::int64_t done = 0;
        std::int64_t planned = 0;
        for (const Followed& run : m_runs) {
            done += run.step;
            planned += run.summary.steps;
        }
        const std::string process = fmt::format("{}", m_process);
        if (!m_trouble.empty()) {
            m_job.checkpoint(-1.0, "Process " + process + " was not reached: " + m_trouble);
        } else if (done > 0 && planned > 0) {
            m_job.checkpoint(static_cast<double>(done) / static_cast<double>(planned),
                             "Training in process " + process);
        } else {
            m_job.checkpoint(-1.0, "Process " + process + " prepares the run");
        }
    }

    std::vector<RunSummary> ended()
    {
        std::vector<RunSummary> summaries;
        const bool none = std::none_of(m_runs.begin(), m_runs.end(),
                                       [](const Followed& run) { return run.begun; });
        for (Followed& run : m_runs) {
            if (!run.begun && !none) {
                continue; // its turn never came
            }
            if (run.summary.state == RunState::Interrupted) {
                const std::string why = lastError(workerLogOf(run.summary));
                run.summary.message = why.empty()
                    ? fmt::format("process {} was killed, or the machine went down", m_process)
                    : why;
            }
            summaries.push_back(run.summary);
        }
        if (none) {
            if (m_request.control && m_request.control->stopRequested()) {
                throw Cancelled(); // it was told to end, and had nothing yet to keep
            }
            throwNothing();
        }
        return summaries;
    }

    [[noreturn]] void throwNothing() const
    {
        if (m_request.process == 0) {
            throw Error(ErrorKind::InvalidArgument,
                        shownPath(m_folder) + ": no run is there to be watched");
        }
        if (const std::string why = lastError(m_request.log); !why.empty()) {
            throw Error(ErrorKind::Io, why);
        }
        std::error_code missing;
        const auto size = fs::file_size(m_request.log, missing);
        throw Error(
            ErrorKind::Io,
            fmt::format("{}: process {} ended before the run began; {}", shownPath(m_folder),
                        m_process,
                        missing || size == 0
                            ? "it left no message (was it killed, or out of memory?): start "
                              "the run again"
                            : "its messages are in " + shownPath(m_request.log)));
    }

    const FollowRequest& m_request;
    TrainObserver& m_observer;
    const JobContext& m_job;
    fs::path m_folder; // of the request
    std::int64_t m_process;
    std::vector<Followed> m_runs;
    RunOrder m_order = RunOrder::GoOn; // as the trainer was told last
    std::string m_trouble; // why the last order could not be given; empty: it was
    bool m_held = false; // it was seen training: from here on its lock tells whether it lives
};

} // namespace

std::string lastError(const fs::path& log)
{
    constexpr std::string_view kMark = "error: ";
    constexpr std::uint64_t kTail = 1U << 20U; // bytes at the end that are looked at
    std::string found;
    const auto there = RegularFile::open(log);
    std::istringstream text(there ? there->tail(kTail) : std::string());
    for (std::string line; std::getline(text, line);) {
        if (line.starts_with(kMark)) {
            found = line.substr(kMark.size());
        }
    }
    return found;
}

fs::path logOfStart(const fs::path& runDirectory)
{
    return runDirectory / "worker.log";
}

fs::path workerLogOf(const RunSummary& run)
{
    const fs::path own = logOfStart(run.directory);
    const bool isTwin = run.directory.filename() == methodName(run.spec.method);
    std::error_code missing;
    return isTwin && !fs::exists(own, missing) ? logOfStart(run.directory.parent_path()) : own;
}

std::vector<RunSummary> followRun(const FollowRequest& request, TrainObserver& observer,
                                  const JobContext& job)
{
    return Follower(request, observer, job).run();
}

} // namespace pissarro::core::inline run
