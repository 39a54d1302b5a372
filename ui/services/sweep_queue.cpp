// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/sweep_queue.h"

#include "core/base/error.h"
#include "core/file/atomic_file.h"
#include "core/file/file_lock.h"
#include "core/run/run_lock.h"
#include "core/sweep/sweep_evaluation.h"
#include "core/text/message_text.h"
#include "ui/jobs/worker_process.h"
#include "ui/words/format.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QFileInfo>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

namespace pissarro::ui {

namespace {

constexpr int kWorkedAtMs = 700; // between looks
constexpr int kRestsMs = 2'000; // others may begin to work at it
constexpr int kHiddenMs = 5'000;
constexpr int kRarestMs = 20'000;
constexpr qint64 kShareOfLooks = 15; // looking takes at most one part in so many
constexpr qint64 kLogTail = 16 << 10; // bytes

// The last complaint of the program that was started here.
QString lastComplaint(const std::filesystem::path& folder)
{
    QFile log(textOf(sweepLog(folder)));
    if (!log.open(QIODevice::ReadOnly)) {
        return {};
    }
    log.seek(std::max<qint64>(0, log.size() - kLogTail));
    QString last;
    for (const QByteArray& line : log.readAll().split('\n')) {
        const QByteArray text = line.trimmed();
        if (text.startsWith("error: ")) {
            last = QString::fromUtf8(text.mid(7));
        }
    }
    return last;
}

// Of another machine the locks may not be seen: there the file counts.
bool isWorkedAt(const core::SweepStore& store, const core::SweepState& state)
{
    return std::any_of(state.runs.begin(), state.runs.end(), [&](const core::SweepRun& run) {
        return run.state == core::SweepRunState::Running
            && ((run.worker && run.worker->host != core::hostName())
                || core::FileLock::isHeld(store.claimFile(run.name)));
    });
}

} // namespace

// --- A look

QString SweepLook::folder() const
{
    return textOf(store->folder());
}

QString SweepLook::runFolder(const std::string& run) const
{
    return textOf(store->runFolder(run));
}

std::size_t SweepLook::count(core::SweepRunState wanted) const
{
    return static_cast<std::size_t>(
        std::count_if(state.runs.begin(), state.runs.end(),
                      [wanted](const core::SweepRun& run) { return run.state == wanted; }));
}

std::size_t SweepLook::ended() const
{
    return state.runs.size() - count(core::SweepRunState::Waiting)
        - count(core::SweepRunState::Running);
}

// Each worker trains at the pace at which the runs so far were trained.
double SweepLook::secondsLeft() const
{
    double seconds = 0.0;
    std::int64_t done = 0;
    std::int64_t length = 0; // of a run
    for (const core::SweepRow& row : results.rows) {
        seconds += row.seconds;
        done += row.seconds > 0.0 ? row.step : 0;
        length = std::max(length, row.steps);
    }
    if (done <= 0 || length <= 0) {
        return std::numeric_limits<double>::quiet_NaN();
    }
    std::int64_t left = 0;
    for (const core::SweepRow& row : results.rows) {
        const bool open =
            row.state == core::SweepRunState::Waiting || row.state == core::SweepRunState::Running;
        left +=
            open ? std::max<std::int64_t>(0, (row.steps > 0 ? row.steps : length) - row.step) : 0;
    }
    const auto workers =
        static_cast<double>(std::max<std::size_t>(1, count(core::SweepRunState::Running)));
    return seconds / static_cast<double>(done) * static_cast<double>(left) / workers;
}

// --- The service

SweepQueue::SweepQueue(QObject* parent)
    : Service(parent)
{
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &SweepQueue::refresh);
    connect(&m_jobs, &JobBridge::failed, this, [this](quint64, const QString& why) {
        const bool isOpen = m_look != nullptr;
        if (m_onlyLooks && failure() != nullptr && failure()->why == why) {
            setPace(); // a disk that is away is told of once
            return;
        }
        setState(Failed {isOpen ? tr("The sweep was not changed") : tr("The sweep was not opened"),
                         m_folder, why});
        if (!isOpen) {
            m_folder.clear();
        }
        announce(this, &SweepQueue::changed);
        setPace();
    });
}

SweepQueue::~SweepQueue() = default;

void SweepQueue::start(const core::SweepSpec& sweep, const QString& folder, bool runsCode)
{
    close();
    m_folder = QDir::cleanPath(folder);
    m_begins = sweep;
    m_starts = true;
    m_runsCode = runsCode;
    setState(Running {});
    announce(this, &SweepQueue::changed);
    goNow();
}

void SweepQueue::open(const QString& folder)
{
    static const QString kFile = QLatin1String(core::kSweepFile);
    const QFileInfo named(folder);
    const QString place = QDir::cleanPath(named.fileName() == kFile ? named.path() : folder);
    if (place == m_folder && m_look) {
        refresh();
        return;
    }
    close();
    m_folder = place;
    setState(Running {});
    announce(this, &SweepQueue::changed);
    goNow();
}

void SweepQueue::close()
{
    m_jobs.cancel();
    m_timer.stop();
    m_changes.clear();
    m_begins.reset();
    m_starts = m_again = m_runsCode = false;
    m_process = 0;
    m_look.reset();
    if (!std::exchange(m_folder, {}).isEmpty()) {
        setState(Idle {});
        announce(this, &SweepQueue::changed);
    }
}

void SweepQueue::pause()
{
    order([](core::SweepState& state) {
        state.paused = true;
        state.why.clear();
    });
}

void SweepQueue::resume(bool runsCode)
{
    m_starts = true;
    m_runsCode = runsCode;
    order([](core::SweepState& state) {
        state.paused = false;
        state.why.clear();
    });
}

void SweepQueue::retry(const QString& run)
{
    order([name = run.toStdString()](core::SweepState& state) { core::retryRun(state, name); });
}

void SweepQueue::retryFailed()
{
    order([](core::SweepState& state) {
        for (const core::SweepRun& run : std::vector<core::SweepRun>(state.runs)) {
            if (run.state == core::SweepRunState::Failed) {
                core::retryRun(state, run.name);
            }
        }
    });
}

void SweepQueue::skip(const QString& run)
{
    order([name = run.toStdString()](core::SweepState& state) { core::skipRun(state, name); });
}

void SweepQueue::move(const QString& run, int place)
{
    order([name = run.toStdString(), place](core::SweepState& state) {
        core::moveRun(state, name, static_cast<std::size_t>(std::max(0, place)));
    });
}

void SweepQueue::order(Change change)
{
    if (m_folder.isEmpty()) {
        return;
    }
    m_changes.push_back(std::move(change));
    goOn();
}

void SweepQueue::setFollowing(bool on)
{
    if (std::exchange(m_following, on) != on && on) {
        refresh();
    }
}

void SweepQueue::refresh()
{
    if (!m_folder.isEmpty()) {
        m_again = true;
        goOn();
    }
}

// One errand at a time: a change that was begun is brought to its end.
void SweepQueue::goOn()
{
    if (m_jobs.isBusy()) {
        m_again = true;
        return;
    }
    goNow();
}

void SweepQueue::goNow()
{
    m_timer.stop();
    m_again = false;
    Errand errand;
    errand.store = m_look ? m_look->store : nullptr;
    errand.known = m_look ? m_look->version : 0;
    errand.wasWorkedAt = m_look && m_look->isWorkedAt;
    errand.process = m_process;
    errand.changes = std::exchange(m_changes, {});
    errand.begins = std::exchange(m_begins, {});
    errand.starts = std::exchange(m_starts, false);
    errand.runsCode = m_runsCode;
    errand.folder = m_folder.toStdString();
    m_onlyLooks = errand.changes.empty() && !errand.begins && !errand.starts;
    m_jobs.start<Found>([errand](const core::JobContext& job) { return run(errand, job); },
                        [this](Found found) { take(std::move(found)); });
}

// On a worker.
SweepQueue::Found SweepQueue::run(const Errand& errand, const core::JobContext& job)
{
    QElapsedTimer clock;
    clock.start();
    auto store = errand.store;
    if (errand.begins) {
        core::SweepSpec sweep = // with paths that hold from any folder
            core::sweepFromJson(core::sweepToJson(*errand.begins).dump());
        sweep.workers = errand.begins->workers;
        store = std::make_shared<const core::SweepStore>(core::openSweep(errand.folder, sweep, {}));
    } else if (!store) {
        store = std::make_shared<const core::SweepStore>(errand.folder);
    }
    for (const Change& change : errand.changes) {
        store->change(change);
    }
    Found found;
    found.process = errand.process;
    if (errand.starts) {
        found.process = startSweeper(store->folder(), errand.runsCode);
    }
    auto look = std::make_shared<SweepLook>();
    look->store = store;
    look->version = store->version();
    look->state = store->read();
    const bool lives = found.process != 0 && core::processLives(found.process);
    look->isWorkedAt = lives || isWorkedAt(*store, look->state);
    if (found.process != 0 && !lives) {
        found.process = 0;
        if (!look->state.paused && core::isUnderWay(look->state) && !look->isWorkedAt) {
            found.gone = lastComplaint(store->folder());
        }
    }
    const bool rests = !look->isWorkedAt && !errand.wasWorkedAt;
    if (rests && errand.store && look->version == errand.known) {
        return found;
    }
    job.throwIfCancelled();
    look->results = core::resultsOf(*store, core::scoredByEvaluation(*store, job));
    found.look = look;
    found.tookMs = clock.elapsed();
    return found;
}

void SweepQueue::take(Found found)
{
    m_process = found.process;
    if (found.look) {
        m_look = found.look;
        m_tookMs = found.tookMs;
    }
    if (!found.gone.isEmpty()) {
        setState(Failed {tr("The sweep stopped"), m_folder, found.gone});
    } else if (found.look) {
        const auto runs = static_cast<double>(std::max<std::size_t>(1, m_look->state.runs.size()));
        setState(m_look->isWorkedAt
                     ? State(Running {static_cast<double>(m_look->ended()) / runs, {}})
                     : State(Ready {}));
    }
    if (found.look) {
        announce(this, &SweepQueue::changed);
    }
    setPace();
}

void SweepQueue::setPace()
{
    if (m_folder.isEmpty()) {
        return;
    }
    const bool worked = m_look && m_look->isWorkedAt;
    const bool now = m_again || !m_changes.empty() || m_begins || m_starts;
    // Large sweeps are looked at less often: the processor is for those who train.
    const int worksMs =
        static_cast<int>(std::clamp<qint64>(kShareOfLooks * m_tookMs, kWorkedAtMs, kRarestMs));
    m_timer.start(now ? 0 : !m_following ? kHiddenMs : worked ? worksMs : kRestsMs);
}

} // namespace pissarro::ui
