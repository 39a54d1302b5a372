// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"
#include "ui/jobs/job_pool.h"

#include <QObject>

#include <functional>
#include <memory>
#include <utility>

namespace pissarro::ui {

// Runs long calls of core/ on a thread of the JobPool, one at a time, and brings the outcome to the thread that owns
// the bridge (the GUI thread): the only door between the two. Widgets never see a thread.
//
// A job whose kind has to wait says so as its progress, with what it waits for; one that is replaced or cancelled while it
// waits never begins.
// Promise: each start() ends in exactly one of finished(), failed(), cancelled(), with its id; also where `done` throws:
// failed().
// Latest wins: start() cancels what runs or waits; a late result is dropped, never shown.
// Progress is coalesced: at most one progressed() is queued, however fast the worker reports.
// Destruction requests a stop, waits for the worker's next checkpoint and emits nothing.
// Threads: every member, callback and signal belongs to the owner's thread, except `work`.
class JobBridge : public QObject {
    Q_OBJECT

public:
    explicit JobBridge(QObject* parent = nullptr);
    explicit JobBridge(JobKind kind, QObject* parent = nullptr); // without one: Reading
    ~JobBridge() override;

    // Runs `work` on the worker, then hands its result to `done` here, just before finished().
    // Requires: `work` captures values or shared_ptr<const T> only, and touches no QObject.
    // Returns the job's id, never 0.
    template <class Result, class Work, class Done>
    quint64 start(Work work, Done done)
    {
        return enqueue([work = std::move(work), done = std::move(done)](
                           const core::JobContext& job) -> std::function<void()> {
            auto result = std::make_shared<Result>(work(job));
            return [result, done] { done(std::move(*result)); };
        });
    }

    void cancel(); // asks: cancelled() follows at the job's next checkpoint
    bool isBusy() const;
    void setKind(JobKind kind); // of jobs that start from now on
    // What its jobs are, for a person: from now on they stand on the JobBoard. None: they do not, nor the one at work.
    void setTitle(const QString& title);

Q_SIGNALS:
    void progressed(quint64 id, double fraction, const QString& stage);
    void finished(quint64 id);
    void failed(quint64 id, const QString& message); // ready to show, context included
    void cancelled(quint64 id);

private:
    struct Private;
    quint64 enqueue(std::function<std::function<void()>(const core::JobContext&)> work);
    std::unique_ptr<Private> d;
};

} // namespace pissarro::ui
