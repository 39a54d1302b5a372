// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/training.h"

#include "core/base/machine_memory.h"
#include "core/run/run_lock.h"
#include "ui/services/data.h"
#include "ui/services/machine.h"
#include "ui/services/model.h"
#include "ui/services/run_library.h"
#include "ui/services/settings.h"
#include "ui/words/format.h"
#include "ui/words/run_words.h"

#include <QFileInfo>
#include <QScopedValueRollback>

#include <algorithm>
#include <unistd.h>
#include <utility>

namespace pissarro::ui {

Training::Training(const Machine& machine, const Model& model, const Data& data,
                   RunLibrary& library, QObject* parent)
    : Service(parent)
    , m_model(model)
    , m_data(data)
    , m_library(library)
    , m_shown(add())
    , m_inProcess(stored(setting::kTrainsInProcess))
{
    connect(&machine, &Machine::found, this, [this, &machine] {
        if (!machine.hasTrainer() && !m_placeChosen && std::exchange(m_inProcess, false)) {
            announce(this, &Training::placeChanged);
        }
    });
}

// Those that wait first: the end of the one before them would begin them.
Training::~Training()
{
    for (TrainingSession* session : m_sessions) {
        session->disconnect(this);
    }
    giveUpQueued();
    for (TrainingSession* session : std::exchange(m_sessions, {})) {
        delete session;
    }
}

TrainingSession* Training::add()
{
    auto* session = new TrainingSession(m_library, this);
    connectSession(session);
    m_sessions.push_back(session);
    return session;
}

void Training::connectSession(TrainingSession* session)
{
    connect(session, &Service::stateChanged, this, [this, session] {
        if (session == m_shown) {
            setState(session->state());
            showWhoseTurnItIs();
        } else if (const Failed* failure = session->failure()) {
            announce(this, &Training::failedOutOfSight, *failure);
        }
    });
    connect(session, &TrainingSession::seriesChanged, this, [this, session] {
        if (session == m_shown) {
            announce(this, &Training::seriesChanged);
        }
    });
    connect(session, &TrainingSession::progressed, this,
            [this, session](double fraction, const QString& stage) {
                if (session == m_shown) {
                    announce(this, &Training::progressed, fraction, stage);
                }
            });
    connect(session, &TrainingSession::directoryKnown, this, [this, session] { know(*session); });
}

// Kept for the next start of the program, which may come after a crash. A run that another window started is its to keep;
// one that waits may never be.
void Training::know(const TrainingSession& session)
{
    QStringList folders;
    for (const TrainingSession* one : m_sessions) {
        folders.append(one->directory());
    }
    m_library.setTrained(folders);
    if (session.isForeign() || session.isQueued()) {
        return;
    }
    store(setting::kLastRun, session.directory());
    store(setting::kLastHost, QString::fromStdString(core::hostName()));
    store(setting::kLastUser, static_cast<qulonglong>(::getuid()));
    store(setting::kLastWindow, static_cast<qlonglong>(core::thisProcess()));
    store(setting::kLastProcess, static_cast<qlonglong>(session.process()));
    showWhoseTurnItIs();
}

// What ended out of sight is the library's from now on.
void Training::take(TrainingSession& session)
{
    m_shown = &session;
    const auto over = std::stable_partition(
        m_sessions.begin(), m_sessions.end(),
        [this](const TrainingSession* one) { return one == m_shown || one->isRunning(); });
    std::for_each(over, m_sessions.end(), [this](TrainingSession* one) {
        one->disconnect(this);
        one->deleteLater(); // perhaps it is telling of its end
    });
    m_sessions.erase(over, m_sessions.end());
}

void Training::show(TrainingSession& session)
{
    if (m_shown != &session) {
        take(session);
        setState(session.state());
        announce(this, &Training::seriesChanged);
    }
}

void Training::showWhoseTurnItIs()
{
    const auto next =
        std::find_if(m_sessions.begin(), m_sessions.end(), [](const TrainingSession* one) {
            return one->isRunning() && !one->isForeign() && !one->isQueued();
        });
    if (!m_shown->isRunning() && next != m_sessions.end()) {
        show(**next);
    }
}

void Training::showHere()
{
    if (TrainingSession* session = here()) {
        show(*session);
    }
}

void Training::giveUpQueued()
{
    for (TrainingSession* session : m_sessions) {
        if (session->isQueued()) {
            session->stop();
        }
    }
}

TrainingSession* Training::find(const QString& runDirectory) const
{
    const auto at = std::find_if(m_sessions.begin(), m_sessions.end(),
                                 [&runDirectory](const TrainingSession* session) {
                                     return session->isRunning() && session->isAt(runDirectory);
                                 });
    return at == m_sessions.end() ? nullptr : *at;
}

bool Training::trainsOwn() const
{
    return std::any_of(m_sessions.begin(), m_sessions.end(), [](const TrainingSession* one) {
        return one->isRunning() && !one->isForeign();
    });
}

TrainingSession* Training::here() const
{
    const auto at =
        std::find_if(m_sessions.begin(), m_sessions.end(), [](const TrainingSession* one) {
            return one->isRunning() && !one->isWatching() && !one->isQueued();
        });
    return at == m_sessions.end() ? nullptr : *at;
}

void Training::start(const core::RunSpec& spec, const QVector<core::Method>& twins,
                     const QString& runDirectory, bool resume, const TwinRates& rates)
{
    TrainingSession* before = find(runDirectory);
    if (before != nullptr && !before->isForeign()) {
        return;
    }
    TrainingSession::Order order {spec,        twins,       runDirectory, resume,
                                  m_inProcess, trainsOwn(), rates};
    TrainingSession* session = add();
    if (!order.queued) {
        take(*session);
    }
    session->start(order);
}

void Training::goOnInProcess()
{
    if (m_shown->isRunning() || runs().isEmpty()) {
        return;
    }
    const QScopedValueRollback<bool> own(m_inProcess, true);
    start(core::RunSpec(runs().first().spec), twinMethods(runs()), QString(directory()), true);
}

// --- Of another process

void Training::watch(const QString& runDirectory)
{
    if (TrainingSession* known = find(runDirectory)) {
        show(*known);
        return;
    }
    const QString last = lastRun();
    const bool foreign =
        last.isEmpty() || (runDirectory != last && QFileInfo(runDirectory).absolutePath() != last);
    TrainingSession* session = add();
    take(*session);
    session->watch(runDirectory, foreign);
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
    if (m_shown->isRunning() || last.isEmpty()) {
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
    const qint64 process = stored(setting::kLastProcess);
    if (unfinished.isEmpty()
        && core::trainsIn(process, last.toStdString())) { // it prepares the run
        TrainingSession* session = add();
        take(*session);
        session->watch(last, /*foreign=*/false, process);
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
    TrainingSession* session = add();
    session->show(unfinished, last);
    show(*session);
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
    if (runs().isEmpty()) {
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
