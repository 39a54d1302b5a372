// SPDX-License-Identifier: GPL-3.0-or-later
// A run that another process trains: found, watched and left. It is steered as one of this program.
#include "core/run/run_follower.h"
#include "core/run/run_lock.h"
#include "ui/services/run_library.h"
#include "ui/services/settings.h"
#include "ui/services/training.h"
#include "ui/words/format.h"

#include <QFileInfo>

#include <algorithm>
#include <unistd.h>

namespace pissarro::ui {

namespace {

// Of a run, or of the twins below the folder of their request.
std::optional<core::RunHolder> holderOf(const std::filesystem::path& directory)
{
    auto holder = core::lastHolder(directory);
    for (const core::RunSummary& run : core::runsOfRequest(directory)) {
        holder = holder ? holder : core::lastHolder(run.directory);
    }
    return holder;
}

} // namespace

void Training::watch(const QString& runDirectory)
{
    if (isRunning()) {
        return;
    }
    core::FollowRequest follow;
    follow.directory = runDirectory.toStdString();
    follow.control = std::make_shared<core::TrainControl>();
    m_control = follow.control;
    m_watching = true;
    const QString last = lastRun();
    m_foreign =
        last.isEmpty() || (runDirectory != last && QFileInfo(runDirectory).absolutePath() != last);
    begin({}, runDirectory,
          [follow, queue = newQueue()](core::TrainObserver& observer, const core::JobContext& job) {
              if (const auto holder = holderOf(follow.directory)) {
                  queue->push(ProcessKnown {holder->process, textOf(holder->request)});
              }
              return core::followRun(follow, observer, job);
          });
}

void Training::leave()
{
    if (m_watching) {
        m_jobs.cancel(); // endWatching() follows
    }
}

// The run goes on without this window.
void Training::endWatching()
{
    m_timer.stop();
    drain();
    m_control.reset();
    m_watching = false;
    m_foreign = false;
    setState(Idle {});
    m_library.refresh();
}

void Training::setTrainsInProcess(bool own)
{
    m_inProcess = own;
    m_placeChosen = true;
}

void Training::rememberTrainsInProcess(bool own)
{
    setTrainsInProcess(own);
    store(setting::kTrainsInProcess, own);
}

void Training::attachToUnfinished()
{
    m_library.refresh([this] { attachToFound(); }, lastRun());
}

// That of a window which still lives is that window's own. A process with this number that is another program does no
// harm: the run is then offered on the Runs page only.
QString Training::lastRun()
{
    const qint64 window = stored(setting::kLastWindow);
    const bool here = stored(setting::kLastHost).toStdString() == core::hostName()
        && stored(setting::kLastUser) == ::getuid();
    const bool others = window != core::thisProcess() && core::processLives(window);
    return here && !others ? stored(setting::kLastRun) : QString();
}

// The last run, its twins included, where it is in progress or did not finish.
void Training::attachToFound()
{
    const QString last = lastRun();
    if (m_control || last.isEmpty()) {
        return; // one runs by now, or there is none
    }
    QVector<core::RunSummary> unfinished;
    bool running = false;
    for (const core::RunSummary& run : m_library.runs()) {
        if (textOf(run.directory) == last || textOf(run.directory.parent_path()) == last) {
            running = running || core::isLive(run.state);
            unfinished.append(run);
        }
    }
    if (running) {
        watch(last);
        return;
    }
    const bool finished =
        std::all_of(unfinished.cbegin(), unfinished.cend(),
                    [](const core::RunSummary& run) { return core::isComplete(run.state); });
    if (finished) { // or there is none
        return;
    }
    std::sort(unfinished.begin(), unfinished.end(), [](const auto& one, const auto& other) {
        return core::placeOf(one.spec.method)
            < core::placeOf(other.spec.method); // as a run that is watched
    });
    m_directory = last;
    m_library.setTrained(last);
    m_runs = unfinished;
    m_checkpointsKnown = true;
    m_series.clear();
    for (const core::RunSummary& run : std::as_const(m_runs)) {
        m_series.append(m_library.seriesOf(textOf(run.directory)).copy());
    }
    announce(this, &Training::stateChanged);
    announce(this, &Training::seriesChanged);
}

} // namespace pissarro::ui
