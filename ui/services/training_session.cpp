// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/training_session.h"

#include "core/run/run_follower.h"
#include "core/run/run_lock.h"
#include "core/sweep/rate_finder.h"
#include "ui/jobs/worker_process.h"
#include "ui/services/machine_pace.h"
#include "ui/services/run_library.h"
#include "ui/words/format.h"
#include "ui/words/run_words.h"

#include <QDir>
#include <QFileInfo>

#include <algorithm>
#include <utility>

namespace pissarro::ui {

namespace {

constexpr int kTickMs = 33; // 30 Hz
constexpr qsizetype kTellingSteps = 5; // the first ones are slower

// Puts what the trainer tells into the queue; lives on the trainer's thread.
class QueueObserver : public core::TrainObserver {
public:
    explicit QueueObserver(std::shared_ptr<TrainingSession::Queue> queue)
        : m_queue(std::move(queue))
    {
    }

    void runPrepared(int run, const core::RunSummary& summary) override
    {
        m_queue->push(TrainingSession::RunPrepared {run, summary});
    }
    void stepDone(int run, const core::StepRecord& record) override
    {
        m_queue->push(TrainingSession::StepDone {run, record});
    }

private:
    std::shared_ptr<TrainingSession::Queue> m_queue;
};

// Of a run, or of the twins below the folder of their request.
std::optional<core::RunHolder> holderOf(const std::filesystem::path& directory)
{
    auto holder = core::lastHolder(directory);
    for (const core::RunSummary& run : core::runsOfRequest(directory)) {
        holder = holder ? holder : core::lastHolder(run.directory);
    }
    return holder;
}

core::TrainRequest requestOf(const TrainingSession::Order& order)
{
    core::TrainRequest request;
    request.spec = order.spec;
    request.twins = {order.twins.begin(), order.twins.end()};
    request.runDirectory = order.directory.toStdString();
    request.resume = order.resume;
    request.control = std::make_shared<core::TrainControl>();
    return request;
}

QVector<core::RunSummary> plannedBy(const core::TrainRequest& request, const TwinRates& rates)
{
    std::vector<core::Method> methods {request.spec.method};
    methods.insert(methods.end(), request.twins.begin(), request.twins.end());
    QVector<core::RunSummary> planned;
    for (const core::Method method : methods) {
        core::RunSummary summary;
        summary.spec = request.spec;
        summary.spec.method = method;
        if (const auto own = rates.own.find(method); own != rates.own.end()) {
            summary.spec.learningRate = own->second;
        }
        summary.directory = request.twins.empty()
            ? request.runDirectory
            : request.runDirectory / std::string(core::methodName(method));
        planned.append(summary);
    }
    return planned;
}

} // namespace

TrainingSession::TrainingSession(RunLibrary& library, QObject* parent)
    : Service(parent)
    , m_library(library)
{
    m_timer.setInterval(kTickMs);
    connect(&m_timer, &QTimer::timeout, this, &TrainingSession::drain);
    connect(&m_library, &RunLibrary::changed, this, &TrainingSession::takeCheckpoints);
    connect(&m_jobs, &JobBridge::progressed, this,
            [this](quint64, double fraction, const QString& stage) {
                announce(this, &TrainingSession::progressed, fraction, stage);
            });
    connect(&m_jobs, &JobBridge::failed, this, [this](quint64, const QString& text) {
        end(core::RunState::Failed, text, Failed {tr("Training failed"), m_directory, text});
    });
    connect(&m_jobs, &JobBridge::cancelled, this, [this] {
        const bool neverBegan = m_control && m_control->stopRequested() && !m_begun;
        m_watching && !m_queued && !neverBegan ? endWatching()
                                               : end(core::RunState::Stopped, {}, Idle {});
    });
}

// A run in progress ends after its step, with its adapter written: the bridge waits for that. One of another process goes
// on.
TrainingSession::~TrainingSession()
{
    if (m_control && !m_watching) {
        m_control->stopAndKeep();
        m_control->resume();
    }
}

void TrainingSession::start(const Order& order)
{
    const core::TrainRequest request = requestOf(order);
    m_control = request.control;
    m_watching = order.inProcess;
    m_queued = order.queued;
    m_queue = std::make_shared<Queue>();
    if (m_queued) {
        m_jobs.setTitle(tr("Run %1, which waits").arg(QDir(order.directory).dirName()));
    }
    const TwinRates rates = order.resume ? TwinRates() : order.rates;
    const auto inThisProgram = [request, rates](core::TrainObserver& observer,
                                                const core::JobContext& job) {
        core::TrainRequest own = request;
        own.twinRates = rates.own;
        core::findTwinRates(
            own, {rates.found.begin(), rates.found.end()}, [](const core::RateRamp&) {}, job);
        return core::train(own, observer, job);
    };
    const auto inItsOwn = [request, rates, queue = m_queue](core::TrainObserver& observer,
                                                            const core::JobContext& job) {
        const core::FollowRequest follow = startTrainer(request, rates);
        queue->push(ProcessKnown {follow.process, textOf(follow.directory), {}});
        return core::followRun(follow, observer, job);
    };
    begin(plannedBy(request, rates), order.directory,
          order.inProcess ? Trainer(inItsOwn) : Trainer(inThisProgram));
    if (order.resume) { // the curve so far; steps after the checkpoint are told again
        for (qsizetype i = 0; i < m_runs.size(); ++i) {
            m_series[i] = m_library.seriesOf(textOf(m_runs[i].directory)).copy();
        }
        announce(this, &TrainingSession::seriesChanged);
    }
}

// One that this window started is its training, wherever it runs; another's is only read.
void TrainingSession::watch(const QString& directory, bool foreign, qint64 process)
{
    core::FollowRequest follow;
    follow.directory = directory.toStdString();
    follow.process = process;
    follow.log = core::logOfStart(follow.directory);
    follow.control = std::make_shared<core::TrainControl>();
    m_control = follow.control;
    m_watching = true;
    m_foreign = foreign;
    m_queue = std::make_shared<Queue>();
    m_jobs.setKind(foreign ? JobKind::Reading : JobKind::Training);
    begin({}, directory,
          [follow, queue = m_queue](core::TrainObserver& observer, const core::JobContext& job) {
              if (follow.process > 0) { // it holds no lock yet
                  queue->push(ProcessKnown {follow.process, textOf(follow.directory), {}});
              } else if (const auto holder = holderOf(follow.directory)) {
                  const QString request = textOf(holder->request);
                  queue->push(ProcessKnown {holder->process, request, QFileInfo(request).owner()});
              }
              return core::followRun(follow, observer, job);
          });
}

void TrainingSession::show(const QVector<core::RunSummary>& ended, const QString& directory)
{
    m_directory = directory;
    m_runs = ended;
    m_checkpointsKnown = true;
    for (const core::RunSummary& run : std::as_const(m_runs)) {
        m_series.append(m_library.seriesOf(textOf(run.directory)).copy());
    }
}

// `m_control`, `m_watching`, `m_foreign`, `m_queued` and the queue are set.
void TrainingSession::begin(const QVector<core::RunSummary>& planned, const QString& directory,
                            Trainer train)
{
    setDirectory(directory);
    m_runs = planned;
    m_series.resize(m_runs.size());
    m_jobs.start<std::vector<core::RunSummary>>(
        [train = std::move(train), queue = m_queue](const core::JobContext& job) {
            queue->push(TurnBegun {});
            QueueObserver observer(queue);
            return train(observer, job);
        },
        [this](std::vector<core::RunSummary> summaries) { takeSummaries(std::move(summaries)); });
    m_timer.start();
    setState(Running {});
    announce(this, &TrainingSession::seriesChanged);
}

void TrainingSession::setDirectory(const QString& directory)
{
    m_directory = directory;
    announce(this, &TrainingSession::directoryKnown);
}

bool TrainingSession::isAt(const QString& runDirectory) const
{
    return !m_directory.isEmpty()
        && (runDirectory == m_directory || QFileInfo(runDirectory).absolutePath() == m_directory);
}

void TrainingSession::beginTurn()
{
    if (std::exchange(m_queued, false)) {
        m_jobs.setTitle({}); // it is no work that waits any more
        announce(this, &TrainingSession::directoryKnown);
    }
}

void TrainingSession::takeSummaries(std::vector<core::RunSummary> summaries)
{
    drain();
    m_runs = {summaries.begin(), summaries.end()};
    m_checkpointsKnown = true;
    m_series.resize(m_runs.size()); // a twin whose turn never came is gone
    end(core::RunState::Finished, {}, Ready {});
    std::string told;
    for (const core::RunSummary& run : m_runs) { // in its own process: here it would have thrown
        const bool bad =
            run.state == core::RunState::Failed || run.state == core::RunState::Interrupted;
        if (bad && std::exchange(told, run.message) != run.message) { // twins end together
            setState(Failed {
                QStringLiteral("%1: %2").arg(QDir(m_directory).dirName(), stateWord(run.state)),
                m_directory, QString::fromStdString(run.message)});
        }
    }
}

bool TrainingSession::take(const Event& event)
{
    if (const auto* start = std::get_if<RunPrepared>(&event)) {
        if (start->run >= m_runs.size()) { // a run that is watched tells of its twins as it goes
            m_runs.resize(start->run + 1);
            m_series.resize(start->run + 1);
        }
        m_runs[start->run] = start->summary;
        m_begun = true;
        return true;
    }
    if (const auto* known = std::get_if<ProcessKnown>(&event)) {
        m_process = known->process;
        m_owner = known->owner;
        setDirectory(known->request);
        return true;
    }
    const auto* step = std::get_if<StepDone>(&event);
    if (step == nullptr) {
        beginTurn();
    } else if (step->run >= 0 && step->run < m_series.size()) {
        m_series[step->run].append(step->record);
        m_news = true;
        return !std::exchange(m_stepped, true);
    }
    return false;
}

void TrainingSession::drain()
{
    if (!m_queue) {
        return;
    }
    bool tells = false;
    for (const Event& event : m_queue->takeAll()) {
        tells = take(event) || tells;
    }
    const bool paused = isPaused(); // perhaps by another program
    if (std::exchange(m_shownPaused, paused) != paused || tells) {
        announce(this, &TrainingSession::stateChanged);
    }
    if (std::exchange(m_news, false)) {
        announce(this, &TrainingSession::seriesChanged);
    }
}

// Finished: the summaries tell their own state. Otherwise those still running get `state`.
void TrainingSession::end(core::RunState state, const QString& message, State next)
{
    m_timer.stop();
    drain();
    keepPaces();
    m_control.reset();
    m_watching = false;
    m_foreign = false;
    if (std::exchange(m_queued, false)) {
        m_jobs.setTitle({});
    }
    for (core::RunSummary& run : m_runs) {
        if (core::isLive(run.state)) {
            run.state = state;
            run.message = message.toStdString();
        }
    }
    setState(std::move(next));
    m_library.refresh();
}

// What the next run of the model will take is told by this one.
void TrainingSession::keepPaces()
{
    const qsizetype runs = m_foreign ? 0 : std::min(m_runs.size(), m_series.size());
    for (qsizetype i = 0; i < runs; ++i) {
        const double pace = m_series[i].meanTokensPerS();
        if (m_series[i].size() >= kTellingSteps && pace > 0.0) {
            keepTrainingPace(QString::fromStdString(m_runs[i].spec.model), 1.0 / pace);
        }
    }
}

// The run goes on without this window.
void TrainingSession::endWatching()
{
    m_timer.stop();
    drain();
    m_control.reset();
    m_watching = false;
    m_foreign = false;
    setState(Idle {});
    m_library.refresh();
}

void TrainingSession::leave()
{
    if (m_watching) {
        m_jobs.cancel(); // endWatching() follows
    }
}

// A run that ended in this window by an exception has told of no checkpoint: its folder does.
void TrainingSession::takeCheckpoints()
{
    if (isRunning()) {
        return;
    }
    for (core::RunSummary& mine : m_runs) {
        for (const core::RunSummary& run : m_library.runs()) {
            if (run.directory == mine.directory) {
                mine.checkpointStep = run.checkpointStep;
                m_checkpointsKnown = true;
            }
        }
    }
}

void TrainingSession::setPaused(bool paused)
{
    if (!m_control || paused == isPaused()) {
        return;
    }
    if (paused) {
        m_control->pause();
    } else {
        m_control->resume();
    }
    announce(this, &TrainingSession::stateChanged);
}

void TrainingSession::stop()
{
    if (m_queued) {
        m_jobs.cancel();
    } else if (m_control && !m_control->stopRequested()) {
        m_control->stopAndKeep();
        m_control->resume(); // a paused run has to go on to end
        announce(this, &TrainingSession::stateChanged);
    }
}

std::optional<std::int64_t> TrainingSession::checkpoint() const
{
    if (!m_checkpointsKnown || m_runs.isEmpty()) {
        return std::nullopt;
    }
    const auto earliest =
        std::min_element(m_runs.cbegin(), m_runs.cend(), [](const auto& one, const auto& other) {
            return one.checkpointStep < other.checkpointStep;
        });
    return earliest->checkpointStep;
}

} // namespace pissarro::ui
