// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobs/job_bridge.h"

#include "core/file/log.h"
#include "core/tensor/guarded.h"
#include "ui/jobs/job_board.h"
#include "ui/words/message.h"

#include <QMetaObject>

#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

namespace pissarro::ui {

namespace {

using Work = std::function<std::function<void()>(const core::JobContext&)>;

struct Job {
    quint64 id = 0;
    Work work;
    std::stop_token stop;
    bool waited = false; // and its owner was told so
};

struct Outcome {
    quint64 id = 0;
    std::function<void()> deliver; // set when the work returned
    QString failure; // set when it failed; neither: it was cancelled
};

struct Report {
    quint64 id = 0;
    double fraction = 0.0;
    QString stage;
    bool waits = false; // the job has not begun
};

// What an exception of `act` says; empty: there was none, or it was cancelled.
QString failureOf(const std::function<void()>& act)
{
    try {
        act();
    } catch (const core::Cancelled&) {
        return {};
    } catch (const std::exception& error) {
        const QString text = withoutOptionDashes(QString::fromUtf8(error.what()));
        return text.isEmpty() ? QStringLiteral("The work failed without saying why.") : text;
    } catch (...) {
        return QStringLiteral("The work failed in a way that is not known.");
    }
    return {};
}

Outcome run(const Job& job, core::JobContext::Progress progress)
{
    Outcome outcome;
    outcome.id = job.id;
    if (job.stop.stop_requested()) {
        return outcome;
    }
    outcome.failure = failureOf([&] {
        const core::JobContext context(job.stop, std::move(progress));
        core::guarded([&] { outcome.deliver = job.work(context); });
    });
    if (!outcome.failure.isEmpty()) {
        core::writeLog(core::LogLevel::Error,
                       "a job of the window failed: " + outcome.failure.toStdString());
    }
    return outcome;
}

} // namespace

struct JobBridge::Private : JobPool::Client {
    Private(JobBridge* bridge, JobKind kindOfJobs)
        : q(bridge)
        , kind(kindOfJobs)
    {
    }

    // constant after construction
    JobBridge* const q;
    const std::shared_ptr<JobPool> pool = JobPool::shared();

    // owner's thread only
    JobKind kind;
    quint64 lastId = 0;
    std::map<quint64, std::stop_source> unfinished; // started, outcome not yet told
    QString title; // on the board; empty: not there

    // guarded by mutex
    std::mutex mutex;
    std::optional<Job> waiting;
    Report latest;
    bool reportQueued = false;

    void turn() noexcept override;
    void stopAll();
    void tellThatItWaits(quint64 id, JobPool::Wait what);
    void post(Outcome outcome);
    void report(Report report);
    void tell(const Outcome& outcome);
    void tellLatest();
    void showOnBoard(double fraction);
};

// Stops what runs; what waits never begins and is told as cancelled.
void JobBridge::Private::stopAll()
{
    for (auto& [id, stop] : unfinished) {
        stop.request_stop();
    }
    std::optional<Job> dropped;
    {
        const std::lock_guard lock(mutex);
        dropped.swap(waiting);
    }
    if (dropped) {
        Outcome never;
        never.id = dropped->id;
        post(std::move(never));
    }
}

// The job that waits by now: the one that the turn was asked for, or a later one. None where it was cancelled.
void JobBridge::Private::turn() noexcept
{
    Job job;
    bool told = false; // that it waited
    {
        const std::lock_guard lock(mutex);
        if (!waiting) {
            return;
        }
        job = std::move(*waiting);
        waiting.reset();
        told = job.waited && !(reportQueued && latest.waits);
        if (job.waited && !told) {
            latest = {}; // too short a wait to tell of
        }
    }
    const quint64 id = job.id;
    if (told) {
        report({id, -1.0, {}}); // it waits no more
    }
    post(run(job, [this, id](double fraction, std::string_view stage) {
        report(
            {id, fraction, QString::fromUtf8(stage.data(), static_cast<qsizetype>(stage.size()))});
    }));
}

// In one step with the question whether it waits still: what the job itself reports comes after it.
void JobBridge::Private::tellThatItWaits(quint64 id, JobPool::Wait what)
{
    {
        const std::lock_guard lock(mutex);
        if (!waiting || waiting->id != id) {
            return; // it has begun
        }
        waiting->waited = true;
        latest = {id, -1.0,
                  what == JobPool::Wait::ForTraining
                      ? JobBridge::tr("Waits for the training to end")
                      : JobBridge::tr("Waits for other work to end"),
                  /*waits=*/true};
        if (std::exchange(reportQueued, true)) {
            return;
        }
    }
    QMetaObject::invokeMethod(
        q, [this] { tellLatest(); }, Qt::QueuedConnection);
}

void JobBridge::Private::post(Outcome outcome)
{
    QMetaObject::invokeMethod(
        q, [this, outcome = std::move(outcome)] { tell(outcome); }, Qt::QueuedConnection);
}

void JobBridge::Private::report(Report report)
{
    {
        const std::lock_guard lock(mutex);
        latest = std::move(report);
        if (std::exchange(reportQueued, true)) {
            return; // the event under way will carry this one
        }
    }
    QMetaObject::invokeMethod(
        q, [this] { tellLatest(); }, Qt::QueuedConnection);
}

// The last act for this id: a slot may start the next job or delete the bridge.
void JobBridge::Private::tell(const Outcome& outcome)
{
    const auto at = unfinished.find(outcome.id);
    const bool dropped = at == unfinished.end() || at->second.stop_requested();
    unfinished.erase(outcome.id);
    if (unfinished.empty()) {
        JobBoard::instance().remove(q);
    }
    QString failure = outcome.failure;
    if (!dropped && outcome.deliver) {
        failure = failureOf([&outcome] { outcome.deliver(); });
        if (failure.isEmpty()) {
            Q_EMIT q->finished(outcome.id);
            return;
        }
    }
    if (!dropped && !failure.isEmpty()) {
        Q_EMIT q->failed(outcome.id, failure);
    } else {
        Q_EMIT q->cancelled(outcome.id);
    }
}

void JobBridge::Private::tellLatest()
{
    Report told;
    {
        const std::lock_guard lock(mutex);
        told = latest;
        reportQueued = false;
    }
    const auto at = unfinished.find(told.id);
    if (at != unfinished.end() && !at->second.stop_requested()) {
        showOnBoard(told.fraction);
        Q_EMIT q->progressed(told.id, told.fraction, told.stage);
    }
}

void JobBridge::Private::showOnBoard(double fraction)
{
    if (!title.isEmpty()) {
        JobBoard::instance().show(q, title, fraction);
    }
}

JobBridge::JobBridge(QObject* parent)
    : JobBridge(JobKind::Reading, parent)
{
}

JobBridge::JobBridge(JobKind kind, QObject* parent)
    : QObject(parent)
    , d(std::make_unique<Private>(this, kind))
{
}

JobBridge::~JobBridge()
{
    JobBoard::instance().remove(this);
    for (auto& [id, stop] : d->unfinished) {
        stop.request_stop();
    }
    d->pool->leave(*d); // events that a turn queued die with this object
}

quint64 JobBridge::enqueue(Work work)
{
    d->stopAll();
    Job job;
    job.id = ++d->lastId;
    job.work = std::move(work);
    job.stop = d->unfinished[job.id].get_token();
    const quint64 id = job.id;
    {
        const std::lock_guard lock(d->mutex);
        d->waiting = std::move(job);
    }
    d->showOnBoard(-1.0);
    const JobPool::Wait wait = d->pool->ask(*d, d->kind);
    if (wait != JobPool::Wait::None) {
        d->tellThatItWaits(id, wait);
    }
    return id;
}

void JobBridge::cancel()
{
    d->stopAll();
}

void JobBridge::setTitle(const QString& title)
{
    d->title = title;
    if (title.isEmpty()) {
        JobBoard::instance().remove(this);
    }
}

void JobBridge::setKind(JobKind kind)
{
    d->kind = kind;
}

bool JobBridge::isBusy() const
{
    return !d->unfinished.empty();
}

} // namespace pissarro::ui
