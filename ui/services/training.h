// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/train/memory_estimate.h"
#include "ui/services/largest_batch.h"
#include "ui/services/training_session.h"

#include <QVector>

#include <cstdint>
#include <optional>
#include <vector>

namespace pissarro::ui {

class Data;
class Machine;
class Model;

// The runs of this window: one that it trains, those that wait for their turn behind it, and others' that it watches; a
// session each, known by its folder. What stands below of a run, the state of this service too, is of the one in sight:
// the last one that was begun or watched, and after its end the one of this window whose turn it is.
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

    // Behind a run of this window it waits for its turn, out of sight until it comes. Nothing where a session of that
    // folder runs.
    void start(const core::RunSpec& spec, const QVector<core::Method>& twins,
               const QString& runDirectory, bool resume, const TwinRates& rates = {});
    bool trainsOwn() const; // a run of this window is in progress or waits, wherever it trains
    // The run that was trained here and has stopped goes on in a process of its own, whatever trainsInProcess() says.
    void goOnInProcess();
    // One that another program trains. One that has a session comes into sight; the one in sight goes on out of it.
    void watch(const QString& runDirectory);
    // Watches the last run that this window (or one that has ended) started, or shows it when it did not finish. Runs of
    // other windows, users and machines are left alone. For the start of the program.
    void attachToUnfinished();

    const std::vector<TrainingSession*>& sessions() const
    {
        return m_sessions;
    } // the oldest first; never empty
    TrainingSession& inSight() const { return *m_shown; }
    // The one that trains in this program, and ends with it; null: none.
    TrainingSession* here() const;
    void showHere(); // it comes into sight, where there is one
    void giveUpQueued(); // those that wait for their turn

    // --- Of the session in sight
    bool isPaused() const { return m_shown->isPaused(); }
    void setPaused(bool paused) { m_shown->setPaused(paused); }
    void stop() { m_shown->stop(); }
    bool isStopping() const { return m_shown->isStopping(); }
    bool isPreparing() const { return m_shown->isPreparing(); }
    bool hasBegun() const { return m_shown->hasBegun(); }
    bool isWatching() const { return m_shown->isWatching(); }
    qint64 process() const { return m_shown->process(); }
    const QString& owner() const { return m_shown->owner(); }
    void leave() { m_shown->leave(); }
    bool isForeign() const { return m_shown->isForeign(); }
    const QVector<core::RunSummary>& runs() const { return m_shown->runs(); }
    const QVector<RunSeries>& series() const { return m_shown->series(); }
    const QString& directory() const { return m_shown->directory(); }
    std::optional<std::int64_t> checkpoint() const { return m_shown->checkpoint(); }

    // Of a run with the open model and data; nothing without a model.
    core::DiskEstimate diskEstimate(const core::RunSpec& spec,
                                    const QVector<core::Method>& twins) const;
    core::MemoryEstimate memoryEstimate(const core::RunSpec& spec,
                                        const QVector<core::Method>& twins) const;

Q_SIGNALS:
    void progressed(double fraction, const QString& stage); // of the preparing of the one in sight
    void seriesChanged(); // of the one in sight; coalesced to 30 a second
    void placeChanged(); // trainsInProcess(), by nobody's wish
    void failedOutOfSight(const pissarro::ui::Failed& failure); // a session that is not in sight

private:
    TrainingSession* add(); // a session that has begun nothing
    TrainingSession* find(const QString& runDirectory) const; // that runs; null: none
    void connectSession(TrainingSession* session);
    void take(TrainingSession& session); // is in sight; tells nobody
    void show(TrainingSession& session);
    void showWhoseTurnItIs();
    void know(const TrainingSession& session);
    void attachToFound();
    // The folder of the last run, also of an earlier window; empty: another living window's.
    static QString lastRun();

    const Model& m_model;
    const Data& m_data;
    RunLibrary& m_library;
    std::vector<TrainingSession*> m_sessions; // children; the oldest first
    TrainingSession* m_shown = nullptr; // one of them
    mutable std::int64_t m_idleMemory = 0; // bytes of the process before its first run
    mutable LargestBatch m_largestBatch;
    bool m_inProcess; // of its own: where the next run trains
    bool m_placeChosen = false; // in this window
};

} // namespace pissarro::ui
