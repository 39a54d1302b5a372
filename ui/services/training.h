// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/run_directory.h"
#include "core/train/memory_estimate.h"
#include "core/train/trainer.h"
#include "ui/jobs/guarded_queue.h"
#include "ui/jobs/job_bridge.h"
#include "ui/services/largest_batch.h"
#include "ui/services/run_series.h"
#include "ui/services/service.h"

#include <QTimer>
#include <QVector>

#include <functional>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

namespace pissarro::ui {

class Data;
class Machine;
class Model;
class RunLibrary;

// The run in progress, with its twins. Exactly one at a time, in this program or in a process of its own, which outlives it.
// Running as long as there is one, paused and stopping too; Failed with what its trainer said.
class Training : public Service {
    Q_OBJECT

public:
    // They outlive this.
    Training(const Machine& machine, const Model& model, const Data& data, RunLibrary& library,
             QObject* parent = nullptr);
    ~Training() override;

    // Where the next runs train. The first start of the program says: in a process of its own, unless the machine finds no
    // pissarro-cli (placeChanged()).
    void setTrainsInProcess(bool own); // of this window
    void rememberTrainsInProcess(bool own); // and of later ones: a person chose it
    bool trainsInProcess() const { return m_inProcess; }

    void start(const core::RunSpec& spec, const QVector<core::Method>& twins,
               const QString& runDirectory, bool resume);
    bool isPaused() const;
    void setPaused(bool paused);
    void stop(); // the adapter so far is kept
    bool isStopping() const; // stop() was asked for, the step in work still runs
    // The run that was trained here and has stopped goes on in a process of its own, whatever trainsInProcess() says.
    void goOnInProcess();
    bool isPreparing() const; // no step was made since the run in progress was started or resumed
    bool hasBegun() const { return m_begun; } // the run in progress can be found and resumed

    // The run in progress is another process's: this window watches it, and may end without ending it.
    bool isWatching() const { return m_watching; }
    qint64 process() const { return m_process; } // which one; 0: this program, or not known yet
    void watch(const QString& runDirectory); // one that another program trains
    void leave(); // ends the watching, not the run
    // The run that is watched was started by another window or program: start() leaves it for a run of one's own.
    bool isForeign() const { return m_foreign; }
    // Watches the last run that this window (or one that has ended) started, or shows it when it did not finish. Runs of
    // other windows, users and machines are left alone. For the start of the program.
    void attachToUnfinished();

    // The run in progress, or the last one: one entry a method, the spec's own first.
    const QVector<core::RunSummary>& runs() const { return m_runs; }
    const QVector<RunSeries>& series() const { return m_series; } // same order
    const QString& directory() const { return m_directory; } // of the request
    // Of a run that ended: the step that it and its twins can go on from, 0: none; nullopt: not looked at yet.
    std::optional<std::int64_t> checkpoint() const;

    // Of a run with the open model and data; nothing without a model.
    core::DiskEstimate diskEstimate(const core::RunSpec& spec,
                                    const QVector<core::Method>& twins) const;
    core::MemoryEstimate memoryEstimate(const core::RunSpec& spec,
                                        const QVector<core::Method>& twins) const;

    // What the trainer told since the last tick.
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
    };
    using Event = std::variant<RunPrepared, StepDone, ProcessKnown>;
    using Queue = GuardedQueue<Event>;

Q_SIGNALS:
    void progressed(double fraction, const QString& stage); // of its preparing
    void seriesChanged(); // coalesced to 30 a second
    void placeChanged(); // trainsInProcess(), by nobody's wish

private:
    // core::train(), or core::followRun() of another process.
    using Trainer =
        std::function<std::vector<core::RunSummary>(core::TrainObserver&, const core::JobContext&)>;

    void begin(const QVector<core::RunSummary>& planned, const QString& directory, Trainer train);
    std::shared_ptr<Queue> newQueue();
    void drain();
    void takeSummaries(std::vector<core::RunSummary> summaries);
    void takeCheckpoints();
    void end(core::RunState state, const QString& message, State next);
    void endWatching();
    void attachToFound();
    void setDirectory(const QString& directory);
    // The folder of the last run, also of an earlier window; empty: another living window's.
    static QString lastRun();

    const Model& m_model;
    const Data& m_data;
    RunLibrary& m_library;
    std::shared_ptr<core::TrainControl> m_control; // null: none runs
    std::shared_ptr<Queue> m_queue;
    QTimer m_timer; // while one runs
    QVector<core::RunSummary> m_runs;
    bool m_checkpointsKnown = false; // those of m_runs are what their folders hold
    mutable std::int64_t m_idleMemory = 0; // bytes of the process before its first run
    mutable LargestBatch m_largestBatch;
    QVector<RunSeries> m_series;
    QString m_directory;
    bool m_inProcess; // of its own: where the next run trains
    bool m_placeChosen = false; // in this window
    bool m_watching = false; // what m_control steers is another process
    bool m_foreign = false; // that was started by another window or program
    bool m_begun = false; // a trainer has told of the run in progress
    bool m_stepped = false; // and of a step
    quint64 m_job = 0; // id of the job that trains or watches
    qint64 m_process = 0; // 0: this one, or not known yet
    bool m_shownPaused = false;
    JobBridge m_jobs; // last: destroyed first
};

} // namespace pissarro::ui
