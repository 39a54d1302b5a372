// SPDX-License-Identifier: GPL-3.0-or-later
// A run that another process trains: found, watched and left. It is steered as one of this program.
#include "core/run/run_follower.h"
#include "core/run/run_lock.h"
#include "ui/services/workbench_p.h"

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

void Workbench::watchRun(const QString& runDirectory)
{
    if (isTraining()) {
        return;
    }
    core::FollowRequest follow;
    follow.directory = runDirectory.toStdString();
    follow.control = std::make_shared<core::TrainControl>();
    d->control = follow.control;
    d->watching = true;
    const QString last = Private::lastRun();
    d->foreign =
        last.isEmpty() || (runDirectory != last && QFileInfo(runDirectory).absolutePath() != last);
    d->beginTraining({}, runDirectory,
                     [follow, queue = d->newQueue()](core::TrainObserver& observer,
                                                     const core::JobContext& job) {
                         if (const auto holder = holderOf(follow.directory)) {
                             queue->push(ProcessKnown {holder->process, textOf(holder->request)});
                         }
                         return core::followRun(follow, observer, job);
                     });
}

bool Workbench::isWatching() const
{
    return d->watching;
}

qint64 Workbench::trainProcess() const
{
    return d->trainProcess;
}

void Workbench::leaveRun()
{
    if (d->watching) {
        d->trainJobs.cancel(); // endWatching() follows
    }
}

// The run goes on without this window.
void Workbench::Private::endWatching()
{
    trainTimer.stop();
    drainTraining();
    control.reset();
    watching = false;
    foreign = false;
    announce(&Workbench::trainingStateChanged);
    library.refresh();
}

bool Workbench::isForeign() const
{
    return d->foreign;
}

void Workbench::setTrainsInProcess(bool own)
{
    d->inProcess = own;
}

void Workbench::rememberTrainsInProcess(bool own)
{
    setTrainsInProcess(own);
    store(setting::kTrainsInProcess, own);
}

bool Workbench::trainsInProcess() const
{
    return d->inProcess;
}

void Workbench::attachToUnfinishedRun()
{
    d->library.refresh([this] { d->attachToFound(); }, Private::lastRun());
}

// That of a window which still lives is that window's own. A process with this number that is another program does no
// harm: the run is then offered on the Runs page only.
QString Workbench::Private::lastRun()
{
    const qint64 window = stored(setting::kLastWindow);
    const bool here = stored(setting::kLastHost).toStdString() == core::hostName()
        && stored(setting::kLastUser) == ::getuid();
    const bool others = window != core::thisProcess() && core::processLives(window);
    return here && !others ? stored(setting::kLastRun) : QString();
}

// The last run, its twins included, where it is in progress or did not finish.
void Workbench::Private::attachToFound()
{
    const QString last = lastRun();
    if (control || last.isEmpty()) {
        return; // one runs by now, or there is none
    }
    QVector<core::RunSummary> unfinished;
    bool running = false;
    for (const core::RunSummary& run : library.runs()) {
        if (textOf(run.directory) == last || textOf(run.directory.parent_path()) == last) {
            running = running || core::isLive(run.state);
            unfinished.append(run);
        }
    }
    if (running) {
        q->watchRun(last);
        return;
    }
    const bool finished =
        std::all_of(unfinished.cbegin(), unfinished.cend(),
                    [](const core::RunSummary& run) { return core::isComplete(run.state); });
    if (finished) { // or there is none
        return;
    }
    std::sort(unfinished.begin(), unfinished.end(), [](const auto& one, const auto& other) {
        return one.spec.method < other.spec.method; // as a run that is watched
    });
    trainDirectory = last;
    library.setTrained(last);
    trainRuns = unfinished;
    checkpointsKnown = true;
    trainRecords.clear();
    for (const core::RunSummary& run : std::as_const(trainRuns)) {
        trainRecords.append(library.seriesOf(textOf(run.directory)).copy());
    }
    announce(&Workbench::trainingStateChanged);
    announce(&Workbench::trainingRecordsChanged);
}

} // namespace pissarro::ui
