// SPDX-License-Identifier: GPL-3.0-or-later
// The run in progress: started, watched and steered.
#include "ui/shell/workbench_p.h"

namespace pissarro::ui {

namespace {

// Puts what the trainer tells into the queue; lives on the trainer's thread.
class QueueObserver : public core::TrainObserver {
public:
    explicit QueueObserver(std::shared_ptr<GuardedQueue<TrainEvent>> queue)
        : m_queue(std::move(queue))
    {
    }

    void runPrepared(int run, const core::RunSummary& summary) override
    {
        m_queue->push(RunPrepared {run, summary});
    }
    void stepDone(int run, const core::StepRecord& record) override
    {
        m_queue->push(StepDone {run, record});
    }

private:
    std::shared_ptr<GuardedQueue<TrainEvent>> m_queue;
};

// A resumed run tells its steps again from the checkpoint on: the later telling counts.
void appendRecord(QVector<core::StepRecord>& records, const core::StepRecord& record)
{
    while (!records.isEmpty() && records.last().step >= record.step) {
        records.removeLast();
    }
    records.append(record);
}

} // namespace

void Workbench::startTraining(const core::RunSpec& spec, const QVector<core::Method>& twins,
                              const QString& runDirectory, bool resume)
{
    if (isTraining()) {
        return;
    }
    core::TrainRequest request;
    request.spec = spec;
    request.twins = {twins.begin(), twins.end()};
    request.runDirectory = runDirectory.toStdString();
    request.resume = resume;
    request.control = std::make_shared<core::TrainControl>();

    QVector<core::Method> methods {spec.method};
    methods += twins;
    d->control = request.control;
    d->trainQueue = std::make_shared<GuardedQueue<TrainEvent>>();
    d->trainDirectory = runDirectory;
    d->trainRuns.clear();
    for (const core::Method method : methods) {
        core::RunSummary summary;
        summary.spec = spec;
        summary.spec.method = method;
        summary.directory = request.twins.empty()
            ? request.runDirectory
            : request.runDirectory / std::string(core::methodName(method));
        d->trainRuns.append(summary);
    }
    d->trainRecords = QVector<QVector<core::StepRecord>>(methods.size());
    if (resume) { // the curve so far; steps after the checkpoint are told again
        for (qsizetype i = 0; i < d->trainRuns.size(); ++i) {
            d->trainRecords[i] =
                d->runRecords.value(QString::fromStdString(d->trainRuns[i].directory.string()));
        }
    }

    d->trainJobs.start<std::vector<core::RunSummary>>(
        [request, queue = d->trainQueue](const core::JobContext& job) {
            QueueObserver observer(queue);
            return core::train(request, observer, job);
        },
        [this](std::vector<core::RunSummary> summaries) {
            d->drainTraining();
            d->trainRuns = {summaries.begin(), summaries.end()};
            d->endTraining(core::RunState::Finished, {});
        });
    d->trainTimer.start();
    Q_EMIT trainingStateChanged();
    Q_EMIT trainingRecordsChanged();
}

void Workbench::Private::drainTraining()
{
    if (!trainQueue) {
        return;
    }
    bool prepared = false;
    bool stepped = false;
    for (const TrainEvent& event : trainQueue->takeAll()) {
        if (const auto* start = std::get_if<RunPrepared>(&event)) {
            if (start->run >= 0 && start->run < trainRuns.size()) {
                trainRuns[start->run] = start->summary;
                prepared = true;
            }
        } else if (const auto* step = std::get_if<StepDone>(&event)) {
            if (step->run >= 0 && step->run < trainRecords.size()) {
                appendRecord(trainRecords[step->run], step->record);
                stepped = true;
            }
        }
    }
    if (prepared) {
        Q_EMIT q->trainingStateChanged();
    }
    if (stepped) {
        Q_EMIT q->trainingRecordsChanged();
    }
}

// Finished: the summaries tell their own state. Otherwise those still running get `state`.
void Workbench::Private::endTraining(core::RunState state, const QString& message)
{
    trainTimer.stop();
    drainTraining();
    control.reset();
    for (core::RunSummary& run : trainRuns) {
        if (run.state == core::RunState::Running) {
            run.state = state;
            run.message = message.toStdString();
        }
    }
    Q_EMIT q->trainingStateChanged();
    lookForRuns();
}

bool Workbench::isTraining() const
{
    return d->control != nullptr;
}

bool Workbench::isPaused() const
{
    return d->control && d->control->isPaused();
}

void Workbench::setPaused(bool paused)
{
    if (!d->control || paused == isPaused()) {
        return;
    }
    if (paused) {
        d->control->pause();
    } else {
        d->control->resume();
    }
    Q_EMIT trainingStateChanged();
}

void Workbench::stopTraining()
{
    if (d->control && !d->control->stopRequested()) {
        d->control->stopAndKeep();
        d->control->resume(); // a paused run has to go on to end
        Q_EMIT trainingStateChanged();
    }
}

bool Workbench::isStopping() const
{
    return d->control && d->control->stopRequested();
}

const QVector<core::RunSummary>& Workbench::trainRuns() const
{
    return d->trainRuns;
}

const QVector<QVector<core::StepRecord>>& Workbench::trainRecords() const
{
    return d->trainRecords;
}

QString Workbench::trainRunDirectory() const
{
    return d->trainDirectory;
}

} // namespace pissarro::ui
