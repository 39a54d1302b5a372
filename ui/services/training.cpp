// SPDX-License-Identifier: GPL-3.0-or-later
// The run in progress: started, watched and steered.
#include "ui/services/training.h"

#include "core/run/run_lock.h"
#include "ui/jobs/worker_process.h"
#include "ui/services/data.h"
#include "ui/services/machine.h"
#include "ui/services/model.h"
#include "ui/services/run_library.h"
#include "ui/services/settings.h"
#include "ui/words/format.h"
#include "ui/words/run_words.h"

#include <QDir>
#include <QScopedValueRollback>

#include <algorithm>
#include <unistd.h>
#include <utility>

namespace pissarro::ui {

namespace {

constexpr int kTickMs = 33; // 30 Hz

// Puts what the trainer tells into the queue; lives on the trainer's thread.
class QueueObserver : public core::TrainObserver {
public:
    explicit QueueObserver(std::shared_ptr<Training::Queue> queue)
        : m_queue(std::move(queue))
    {
    }

    void runPrepared(int run, const core::RunSummary& summary) override
    {
        m_queue->push(Training::RunPrepared {run, summary});
    }
    void stepDone(int run, const core::StepRecord& record) override
    {
        m_queue->push(Training::StepDone {run, record});
    }

private:
    std::shared_ptr<Training::Queue> m_queue;
};

} // namespace

Training::Training(const Machine& machine, const Model& model, const Data& data,
                   RunLibrary& library, QObject* parent)
    : Service(parent)
    , m_model(model)
    , m_data(data)
    , m_library(library)
    , m_inProcess(stored(setting::kTrainsInProcess))
{
    m_timer.setInterval(kTickMs);
    connect(&m_timer, &QTimer::timeout, this, &Training::drain);
    connect(&machine, &Machine::found, this, [this, &machine] {
        if (!machine.hasTrainer() && !m_placeChosen && std::exchange(m_inProcess, false)) {
            announce(this, &Training::placeChanged);
        }
    });
    connect(&m_library, &RunLibrary::changed, this, &Training::takeCheckpoints);
    connect(&m_jobs, &JobBridge::progressed, this,
            [this](quint64, double fraction, const QString& stage) {
                announce(this, &Training::progressed, fraction, stage);
            });
    connect(&m_jobs, &JobBridge::failed, this, [this](quint64, const QString& text) {
        end(core::RunState::Failed, text, Failed {tr("Training failed"), m_directory, text});
    });
    connect(&m_jobs, &JobBridge::cancelled, this, [this](quint64 id) {
        if (id == m_job) { // not one that was left for another
            m_watching ? endWatching() : end(core::RunState::Stopped, {}, Idle {});
        }
    });
}

// A run in progress ends after its step, with its adapter written: the bridge waits for that. One of another process goes
// on.
Training::~Training()
{
    if (m_control && !m_watching) {
        m_control->stopAndKeep();
        m_control->resume();
    }
}

void Training::start(const core::RunSpec& spec, const QVector<core::Method>& twins,
                     const QString& runDirectory, bool resume)
{
    if (isRunning() && !m_foreign) {
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
    m_control = request.control;
    m_watching = m_inProcess;
    m_foreign = false;
    const auto queue = newQueue();
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
    begin(planned, runDirectory, m_inProcess ? Trainer(inItsOwn) : Trainer(inThisProgram));
    if (resume) { // the curve so far; steps after the checkpoint are told again
        for (qsizetype i = 0; i < m_runs.size(); ++i) {
            m_series[i] = m_library.seriesOf(textOf(m_runs[i].directory)).copy();
        }
        announce(this, &Training::seriesChanged);
    }
}

std::shared_ptr<Training::Queue> Training::newQueue()
{
    m_queue = std::make_shared<Queue>();
    return m_queue;
}

// `m_control`, `m_watching`, `m_foreign` and the queue are set.
void Training::begin(const QVector<core::RunSummary>& planned, const QString& directory,
                     Trainer train)
{
    setDirectory(directory);
    m_begun = false;
    m_stepped = false;
    m_process = 0;
    m_shownPaused = false;
    m_runs = planned;
    m_checkpointsKnown = false;
    m_series.clear();
    for (qsizetype i = 0; i < planned.size(); ++i) {
        m_series.append(RunSeries());
    }
    m_job = m_jobs.start<std::vector<core::RunSummary>>(
        [train = std::move(train), queue = m_queue](const core::JobContext& job) {
            QueueObserver observer(queue);
            return train(observer, job);
        },
        [this](std::vector<core::RunSummary> summaries) { takeSummaries(std::move(summaries)); });
    m_timer.start();
    setState(Running {});
    announce(this, &Training::seriesChanged);
}

// Kept for the next start of the program, which may come after a crash. A run that another window started is its to keep.
void Training::setDirectory(const QString& directory)
{
    m_directory = directory;
    m_library.setTrained(directory);
    if (m_foreign) {
        return;
    }
    store(setting::kLastRun, directory);
    store(setting::kLastHost, QString::fromStdString(core::hostName()));
    store(setting::kLastUser, static_cast<qulonglong>(::getuid()));
    store(setting::kLastWindow, static_cast<qlonglong>(core::thisProcess()));
}

void Training::takeSummaries(std::vector<core::RunSummary> summaries)
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

void Training::drain()
{
    if (!m_queue) {
        return;
    }
    bool prepared = false;
    bool news = false;
    for (const Event& event : m_queue->takeAll()) {
        if (const auto* start = std::get_if<RunPrepared>(&event)) {
            if (start->run
                >= m_runs.size()) { // a run that is watched tells of its twins as it goes
                m_runs.resize(start->run + 1);
                m_series.resize(start->run + 1);
            }
            m_runs[start->run] = start->summary;
            m_begun = true;
            prepared = true;
        } else if (const auto* known = std::get_if<ProcessKnown>(&event)) {
            m_process = known->process;
            setDirectory(known->request);
            prepared = true;
        } else if (const auto* step = std::get_if<StepDone>(&event)) {
            if (step->run >= 0 && step->run < m_series.size()) {
                m_series[step->run].append(step->record);
                news = true;
                prepared = prepared || !std::exchange(m_stepped, true);
            }
        }
    }
    const bool paused = isPaused(); // perhaps by another program
    if (std::exchange(m_shownPaused, paused) != paused || prepared) {
        announce(this, &Training::stateChanged);
    }
    if (news) {
        announce(this, &Training::seriesChanged);
    }
}

// Finished: the summaries tell their own state. Otherwise those still running get `state`.
void Training::end(core::RunState state, const QString& message, State next)
{
    m_timer.stop();
    drain();
    m_control.reset();
    m_watching = false;
    m_foreign = false;
    for (core::RunSummary& run : m_runs) {
        if (core::isLive(run.state)) {
            run.state = state;
            run.message = message.toStdString();
        }
    }
    setState(std::move(next));
    m_library.refresh();
}

// A run that ended in this window by an exception has told of no checkpoint: its folder does.
void Training::takeCheckpoints()
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

void Training::goOnInProcess()
{
    if (isRunning() || m_runs.isEmpty()) {
        return;
    }
    QVector<core::Method> twins;
    for (qsizetype twin = 1; twin < m_runs.size(); ++twin) {
        twins.append(m_runs[twin].spec.method);
    }
    const QScopedValueRollback<bool> own(m_inProcess, true);
    start(m_runs.first().spec, twins, m_directory, true);
}

bool Training::isPreparing() const
{
    return isRunning() && !m_stepped;
}

bool Training::isPaused() const
{
    return m_control && m_control->isPaused();
}

void Training::setPaused(bool paused)
{
    if (!m_control || paused == isPaused()) {
        return;
    }
    if (paused) {
        m_control->pause();
    } else {
        m_control->resume();
    }
    announce(this, &Training::stateChanged);
}

void Training::stop()
{
    if (m_control && !m_control->stopRequested()) {
        m_control->stopAndKeep();
        m_control->resume(); // a paused run has to go on to end
        announce(this, &Training::stateChanged);
    }
}

bool Training::isStopping() const
{
    return m_control && m_control->stopRequested();
}

std::optional<std::int64_t> Training::checkpoint() const
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

core::MemoryEstimate Training::memoryEstimate(const core::RunSpec& spec,
                                              const QVector<core::Method>& twins) const
{
    const auto model = m_model.files();
    if (!model) {
        return {};
    }
    core::MemoryEstimate estimate =
        core::estimateMemory(*model, spec, {twins.begin(), twins.end()},
                             m_largestBatch.tokens(m_data.tokenized(), spec));
    // What this window holds is the program's only where the run trains in it; once it has trained, that is memory which
    // the next run takes again.
    if (m_runs.isEmpty()) {
        m_idleMemory = core::processMemoryBytes();
    }
    if (!m_inProcess) {
        estimate.fixed = std::max(estimate.fixed, m_idleMemory);
    }
    return estimate;
}

core::DiskEstimate Training::diskEstimate(const core::RunSpec& spec,
                                          const QVector<core::Method>& twins) const
{
    const auto model = m_model.files();
    if (!model) {
        return {};
    }
    const auto tokenized = m_data.tokenized();
    const std::int64_t rows = tokenized ? tokenized->summary.usable : 0;
    const std::int64_t batch = std::max<std::int64_t>(1, spec.batchSize);
    return core::estimateDisk(*model, spec, {twins.begin(), twins.end()},
                              core::totalSteps(spec, (rows + batch - 1) / batch));
}

} // namespace pissarro::ui
