// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/run_directory.h"
#include "core/train/trainer.h"
#include "ui/jobs/guarded_queue.h"
#include "ui/jobs/job_bridge.h"
#include "ui/services/run_series.h"
#include "ui/services/service.h"
#include "ui/words/twin_rates.h"

#include <QTimer>
#include <QVector>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

namespace pissarro::ui {

class RunLibrary;

// One run with its twins and what is left of it: trained in this program, in a process of its own, which outlives it, or by
// another program, which is watched. Running as long as there is one, paused, stopping and waiting for its turn too; Failed
// with what its trainer said. Each begins once: start(), watch() or show().
class TrainingSession : public Service {
    Q_OBJECT

public:
    explicit TrainingSession(RunLibrary& library, QObject* parent = nullptr); // outlives this
    ~TrainingSession() override;

    struct Order {
        core::RunSpec spec;
        QVector<core::Method> twins;
        QString directory;
        bool resume = false;
        bool inProcess = false; // of its own
        bool queued =
            false; // behind a run of this window: for people; the order itself is the JobPool's
        TwinRates rates = {}; // of twins; one that goes on keeps the one it has
    };
    void start(const Order& order);
    // One that another process trains; `process`: which one, where it prepares the run and nothing there tells it yet.
    void watch(const QString& directory, bool foreign, qint64 process = 0);
    void show(const QVector<core::RunSummary>& ended, const QString& directory);

    bool isPaused() const { return m_control && m_control->isPaused(); }
    void setPaused(bool paused);
    void stop(); // the adapter so far is kept; one that waits for its turn is given up
    bool isStopping() const { return m_control && m_control->stopRequested(); }
    bool isQueued() const { return m_queued; } // waits for its turn
    bool isPreparing() const { return isRunning() && !m_stepped; } // no step was made yet
    bool hasBegun() const { return m_begun; } // it can be found and resumed
    // It is another process's: this window watches it, and may end without ending it.
    bool isWatching() const { return m_watching; }
    qint64 process() const { return m_process; } // which one; 0: this program, or not known yet
    const QString& owner() const { return m_owner; } // of a watched run's folder, where it is known
    void leave(); // ends the watching, not the run
    bool isForeign() const
    {
        return m_foreign;
    } // watched, and started by another window or program

    // One entry a method, the spec's own first.
    const QVector<core::RunSummary>& runs() const { return m_runs; }
    const QVector<RunSeries>& series() const { return m_series; } // same order
    const QString& directory() const { return m_directory; } // of the request; empty: none yet
    bool isAt(const QString& runDirectory) const; // its request's, or that of one of its runs
    // Of a run that ended: the step that it and its twins can go on from, 0: none; nullopt: not looked at yet.
    std::optional<std::int64_t> checkpoint() const;

    // What the trainer told since the last tick.
    struct TurnBegun { };
    struct RunPrepared {
        int run = 0;
        core::RunSummary summary;
    };
    struct StepDone {
        int run = 0;
        core::StepRecord record;
    };
    struct ProcessKnown {
        qint64 process = 0; // that trains
        QString request; // its run folder; twins lie one deeper
        QString owner; // of that folder; empty: this user
    };
    using Event = std::variant<TurnBegun, RunPrepared, StepDone, ProcessKnown>;
    using Queue = GuardedQueue<Event>;

Q_SIGNALS:
    void progressed(double fraction, const QString& stage); // of its preparing
    void seriesChanged(); // coalesced to 30 a second
    void directoryKnown(); // directory() is new, or its turn has come

private:
    // core::train(), or core::followRun() of another process.
    using Trainer =
        std::function<std::vector<core::RunSummary>(core::TrainObserver&, const core::JobContext&)>;

    void begin(const QVector<core::RunSummary>& planned, const QString& directory, Trainer train);
    void drain();
    bool take(const Event& event); // whether the state is told of it
    void takeSummaries(std::vector<core::RunSummary> summaries);
    void takeCheckpoints();
    void beginTurn();
    void end(core::RunState state, const QString& message, State next);
    void endWatching();
    void keepPaces();
    void setDirectory(const QString& directory);

    RunLibrary& m_library;
    std::shared_ptr<core::TrainControl> m_control; // null: none runs
    std::shared_ptr<Queue> m_queue;
    QTimer m_timer; // while one runs
    QVector<core::RunSummary> m_runs;
    bool m_checkpointsKnown = false; // those of m_runs are what their folders hold
    QVector<RunSeries> m_series;
    QString m_directory;
    bool m_queued = false;
    bool m_watching = false; // what m_control steers is another process
    bool m_foreign = false; // that was started by another window or program
    bool m_begun = false; // a trainer has told of the run
    bool m_stepped = false; // and of a step
    bool m_news = false; // steps since the last tick
    QString m_owner;
    qint64 m_process = 0; // 0: this one, or not known yet
    bool m_shownPaused = false;
    JobBridge m_jobs {JobKind::Training}; // last: destroyed first
};

} // namespace pissarro::ui
