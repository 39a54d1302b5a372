// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/run_directory.h"
#include "core/train/memory_estimate.h"
#include "core/train/trainer.h"
#include "ui/services/failure.h"
#include "ui/services/run_series.h"

#include <QObject>
#include <QStringList>
#include <QVector>

#include <memory>
#include <optional>

namespace pissarro::ui {

class ChangeStack;
class Comparison;
class Data;
class Exports;
class FastSvdMeter;
class Model;
class QuantBench;
class RankChoice;
class RankSearch;
class RunLibrary;
class Service;
class Spectra;

// What every page shares: the run in progress, and the services.
//
// It holds values, no widgets; pages ask it and listen to it. Threads: the GUI thread; work runs behind a JobBridge,
// that of the services behind theirs.
class Workbench : public QObject {
    Q_OBJECT

public:
    explicit Workbench(QObject* parent = nullptr);
    ~Workbench() override;

    // Training. Exactly one at a time, in this program or in a process of its own, which outlives it.
    // Where the next runs train. The first start of the program says: in a process of its own, where
    // pissarro-cli is found.
    void setTrainsInProcess(bool own); // of this window
    void rememberTrainsInProcess(bool own); // and of later ones: a person chose it
    bool trainsInProcess() const;
    void startTraining(const core::RunSpec& spec, const QVector<core::Method>& twins,
                       const QString& runDirectory, bool resume);
    bool isTraining() const;
    bool isPaused() const;
    void setPaused(bool paused);
    void stopTraining(); // the adapter so far is kept
    // The run that was trained here and has stopped goes on in a process of its own, whatever trainsInProcess() says.
    void goOnInProcess();
    bool isPreparing() const; // no step was made since the run in progress was started or resumed
    bool
    hasBegun() const; // the run in progress has written its folder: it can be found and resumed
    // The run in progress is another process's: this window watches it, and may end without ending it.
    bool isWatching() const;
    qint64 trainProcess() const; // which one; 0: this program, or not known yet
    void watchRun(const QString& runDirectory); // one that another program trains
    void leaveRun(); // ends the watching, not the run
    // The run that is watched was started by another window or program: startTraining() leaves it for a run of one's own.
    bool isForeign() const;
    // Watches the last run that this window (or one that has ended) started, or shows it when it did not finish. Runs of
    // other windows, users and machines are left alone. For the start of the program.
    void attachToUnfinishedRun();
    bool isStopping() const; // stopTraining() was asked for, the step in work still runs
    // The run in progress, or the last one: one entry a method, the spec's own first.
    const QVector<core::RunSummary>& trainRuns() const;
    const QVector<RunSeries>& trainRecords() const; // same order
    // Of a run that ended: the step that it and its twins can go on from, 0: none; nullopt: not looked at yet.
    std::optional<std::int64_t> trainCheckpoint() const;
    QString trainRunDirectory() const;
    core::DiskEstimate diskEstimate(const core::RunSpec& spec,
                                    const QVector<core::Method>& twins) const;
    core::MemoryEstimate estimate(const core::RunSpec& spec,
                                  const QVector<core::Method>& twins) const;

    Model& model() const; // the open one
    Spectra& spectra() const; // of its matrices
    Data& data() const; // the open rows
    RunLibrary& library() const; // runs on disk
    RankChoice& ranks() const; // of the next adapter
    Comparison& comparison() const; // of the open model with a tuned one
    FastSvdMeter& fastSvd() const;
    QuantBench& quantBench() const; // what four bits leave
    RankSearch& rankSearch() const; // what it finds is set as the rank map
    Exports& exports() const; // of runs
    QVector<Service*> services() const; // those whose failures are told above the pages

    // Steps of a person that can be taken back: forms filled from a run or a file, changes of the rank map.
    ChangeStack& undoStack() const;

Q_SIGNALS:
    void trainingStateChanged(); // prepared, started, paused, ended
    void trainingProgressed(double fraction, const QString& stage);
    void trainingRecordsChanged(); // coalesced to 30 a second
    // For the banner: what could not be done; file and advice.
    void failed(const QString& headline, const QString& message,
                FailureSource source = FailureSource::Other);

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace pissarro::ui
