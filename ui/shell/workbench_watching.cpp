// SPDX-License-Identifier: GPL-3.0-or-later
// A run that another process trains: found, watched and left. It is steered as one of this program.
#include "core/train/run_follower.h"
#include "core/train/run_lock.h"
#include "ui/shell/workbench_p.h"

#include <QSettings>

#include <algorithm>

namespace pissarro::ui {

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
    d->beginTraining({}, runDirectory,
                     [follow, queue = d->newQueue()](core::TrainObserver& observer,
                                                     const core::JobContext& job) {
                         if (const auto holder = core::lastHolder(follow.directory)) {
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
    Q_EMIT q->trainingStateChanged();
    lookForRuns();
}

void Workbench::setTrainsInProcess(bool own)
{
    if (std::exchange(d->inProcess, own) == own) {
        return;
    }
    QSettings().setValue(kInProcess, own);
}

bool Workbench::trainsInProcess() const
{
    return d->inProcess;
}

void Workbench::attachToUnfinishedRun()
{
    d->attach = true;
    d->lookForRuns();
}

void Workbench::Private::attachToFound()
{
    if (control || runs.isEmpty()) {
        return; // one runs by now
    }
    const QString last = lastRun();
    QVector<core::RunSummary> interrupted;
    for (const core::RunSummary& run : std::as_const(runs)) {
        const QString directory = textOf(run.directory);
        if (core::isLive(run.state)) {
            q->watchRun(directory);
            return;
        }
        if (run.state == core::RunState::Interrupted
            && (directory == last || textOf(run.directory.parent_path()) == last)) {
            interrupted.append(run);
        }
    }
    if (interrupted.isEmpty()) {
        return;
    }
    std::sort(interrupted.begin(), interrupted.end(), [](const auto& one, const auto& other) {
        return one.spec.method < other.spec.method; // as a run that is watched
    });
    trainDirectory = last;
    trainRuns = interrupted;
    trainRecords.clear();
    for (const core::RunSummary& run : std::as_const(trainRuns)) {
        trainRecords.append(runRecords.value(textOf(run.directory)));
    }
    Q_EMIT q->trainingStateChanged();
    Q_EMIT q->trainingRecordsChanged();
}

} // namespace pissarro::ui
