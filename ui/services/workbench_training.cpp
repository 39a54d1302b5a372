// SPDX-License-Identifier: GPL-3.0-or-later
// The run in progress: started, watched and steered.
#include "core/run/run_lock.h"
#include "ui/jobs/worker_process.h"
#include "ui/services/workbench_p.h"
#include "ui/words/run_words.h"

#include <QDir>
#include <QScopedValueRollback>

#include <algorithm>
#include <unistd.h>

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

} // namespace

void Workbench::startTraining(const core::RunSpec& spec, const QVector<core::Method>& twins,
                              const QString& runDirectory, bool resume)
{
    if (isTraining() && !d->foreign) {
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
    QVector<core::RunSummary> planned;
    for (const core::Method method : methods) {
        core::RunSummary summary;
        summary.spec = spec;
        summary.spec.method = method;
        summary.directory = request.twins.empty()
            ? request.runDirectory
            : request.runDirectory / std::string(core::methodName(method));
        planned.append(summary);
    }
    d->control = request.control;
    d->watching = d->inProcess;
    d->foreign = false;
    const auto queue = d->newQueue();
    const auto inThisProgram = [request](core::TrainObserver& observer,
                                         const core::JobContext& job) {
        return core::train(request, observer, job);
    };
    const auto inItsOwn = [request, queue](core::TrainObserver& observer,
                                           const core::JobContext& job) {
        const core::FollowRequest follow = startTrainer(request);
        queue->push(ProcessKnown {follow.process, textOf(follow.directory)});
        return core::followRun(follow, observer, job);
    };
    d->beginTraining(planned, runDirectory,
                     d->inProcess ? RunTrainer(inItsOwn) : RunTrainer(inThisProgram));
    if (resume) { // the curve so far; steps after the checkpoint are told again
        for (qsizetype i = 0; i < d->trainRuns.size(); ++i) {
            d->trainRecords[i] = d->library.seriesOf(textOf(d->trainRuns[i].directory)).copy();
        }
        d->announce(&Workbench::trainingRecordsChanged);
    }
}

std::shared_ptr<GuardedQueue<TrainEvent>> Workbench::Private::newQueue()
{
    trainQueue = std::make_shared<GuardedQueue<TrainEvent>>();
    return trainQueue;
}

// `control`, `watching`, `foreign` and the queue are set.
void Workbench::Private::beginTraining(const QVector<core::RunSummary>& planned,
                                       const QString& directory, RunTrainer train)
{
    setTrainDirectory(directory);
    begun = false;
    stepped = false;
    trainProcess = 0;
    shownPaused = false;
    trainRuns = planned;
    checkpointsKnown = false;
    trainRecords.clear();
    for (qsizetype i = 0; i < planned.size(); ++i) {
        trainRecords.append(RunSeries());
    }
    trainJob = trainJobs.start<std::vector<core::RunSummary>>(
        [train = std::move(train), queue = trainQueue](const core::JobContext& job) {
            QueueObserver observer(queue);
            return train(observer, job);
        },
        [this](std::vector<core::RunSummary> summaries) { takeSummaries(std::move(summaries)); });
    trainTimer.start();
    announce(&Workbench::trainingStateChanged);
    announce(&Workbench::trainingRecordsChanged);
}

// Kept for the next start of the program, which may come after a crash. A run that another window started is its to keep.
void Workbench::Private::setTrainDirectory(const QString& directory)
{
    trainDirectory = directory;
    library.setTrained(directory);
    if (foreign) {
        return;
    }
    store(setting::kLastRun, directory);
    store(setting::kLastHost, QString::fromStdString(core::hostName()));
    store(setting::kLastUser, static_cast<qulonglong>(::getuid()));
    store(setting::kLastWindow, static_cast<qlonglong>(core::thisProcess()));
}

void Workbench::Private::takeSummaries(std::vector<core::RunSummary> summaries)
{
    drainTraining();
    trainRuns = {summaries.begin(), summaries.end()};
    checkpointsKnown = true;
    trainRecords.resize(trainRuns.size()); // a twin whose turn never came is gone
    endTraining(core::RunState::Finished, {});
    std::string told;
    for (const core::RunSummary& run : trainRuns) { // in its own process: here it would have thrown
        const bool bad =
            run.state == core::RunState::Failed || run.state == core::RunState::Interrupted;
        if (bad && std::exchange(told, run.message) != run.message) { // twins end together
            announce(
                &Workbench::failed,
                QStringLiteral("%1: %2").arg(QDir(trainDirectory).dirName(), stateWord(run.state)),
                QString::fromStdString(run.message), FailureSource::Training);
        }
    }
}

void Workbench::Private::drainTraining()
{
    if (!trainQueue) {
        return;
    }
    bool prepared = false;
    bool news = false;
    for (const TrainEvent& event : trainQueue->takeAll()) {
        if (const auto* start = std::get_if<RunPrepared>(&event)) {
            if (start->run
                >= trainRuns.size()) { // a run that is watched tells of its twins as it goes
                trainRuns.resize(start->run + 1);
                trainRecords.resize(start->run + 1);
            }
            trainRuns[start->run] = start->summary;
            begun = true;
            prepared = true;
        } else if (const auto* known = std::get_if<ProcessKnown>(&event)) {
            trainProcess = known->process;
            setTrainDirectory(known->request);
            prepared = true;
        } else if (const auto* step = std::get_if<StepDone>(&event)) {
            if (step->run >= 0 && step->run < trainRecords.size()) {
                trainRecords[step->run].append(step->record);
                news = true;
                prepared = prepared || !std::exchange(stepped, true);
            }
        }
    }
    const bool paused = q->isPaused(); // perhaps by another program
    if (std::exchange(shownPaused, paused) != paused || prepared) {
        announce(&Workbench::trainingStateChanged);
    }
    if (news) {
        announce(&Workbench::trainingRecordsChanged);
    }
}

// Finished: the summaries tell their own state. Otherwise those still running get `state`.
void Workbench::Private::endTraining(core::RunState state, const QString& message)
{
    trainTimer.stop();
    drainTraining();
    control.reset();
    watching = false;
    foreign = false;
    for (core::RunSummary& run : trainRuns) {
        if (core::isLive(run.state)) {
            run.state = state;
            run.message = message.toStdString();
        }
    }
    announce(&Workbench::trainingStateChanged);
    library.refresh();
}

// A run that ended in this window by an exception has told of no checkpoint: its folder does.
void Workbench::Private::takeCheckpoints()
{
    if (q->isTraining()) {
        return;
    }
    for (core::RunSummary& mine : trainRuns) {
        for (const core::RunSummary& run : library.runs()) {
            if (run.directory == mine.directory) {
                mine.checkpointStep = run.checkpointStep;
                checkpointsKnown = true;
            }
        }
    }
}

void Workbench::goOnInProcess()
{
    if (isTraining() || d->trainRuns.isEmpty()) {
        return;
    }
    QVector<core::Method> twins;
    for (qsizetype twin = 1; twin < d->trainRuns.size(); ++twin) {
        twins.append(d->trainRuns[twin].spec.method);
    }
    const QScopedValueRollback<bool> own(d->inProcess, true);
    startTraining(d->trainRuns.first().spec, twins, d->trainDirectory, true);
}

bool Workbench::isPreparing() const
{
    return isTraining() && !d->stepped;
}

bool Workbench::hasBegun() const
{
    return d->begun;
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
    d->announce(&Workbench::trainingStateChanged);
}

void Workbench::stopTraining()
{
    if (d->control && !d->control->stopRequested()) {
        d->control->stopAndKeep();
        d->control->resume(); // a paused run has to go on to end
        d->announce(&Workbench::trainingStateChanged);
    }
}

bool Workbench::isStopping() const
{
    return d->control && d->control->stopRequested();
}

std::optional<std::int64_t> Workbench::trainCheckpoint() const
{
    if (!d->checkpointsKnown || d->trainRuns.isEmpty()) {
        return std::nullopt;
    }
    const auto earliest = std::min_element(d->trainRuns.cbegin(), d->trainRuns.cend(),
                                           [](const auto& one, const auto& other) {
                                               return one.checkpointStep < other.checkpointStep;
                                           });
    return earliest->checkpointStep;
}

const QVector<core::RunSummary>& Workbench::trainRuns() const
{
    return d->trainRuns;
}

const QVector<RunSeries>& Workbench::trainRecords() const
{
    return d->trainRecords;
}

QString Workbench::trainRunDirectory() const
{
    return d->trainDirectory;
}

} // namespace pissarro::ui
