// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/spectrum_sweep.h"
#include "core/dataset/dataset.h"
#include "core/model/model_files.h"
#include "core/run/run_directory.h"
#include "core/tokenizer/tokenizer.h"
#include "core/train/memory_estimate.h"
#include "core/train/trainer.h"
#include "ui/services/failure.h"

#include <QHash>
#include <QObject>
#include <QStringList>
#include <QVector>

#include <memory>
#include <optional>

namespace pissarro::ui {

class ChangeStack;
class Comparison;
class Exports;
class FastSvdMeter;
class QuantBench;
class RankChoice;
class RankSearch;
class Service;

// What every page shares: the open model with its spectra, the open data, the run in progress, and the services, which it
// tells of another model (OfModel).
//
// It holds values, no widgets; pages ask it and listen to it. Threads: the GUI thread; work runs behind JobBridges (one each
// for model, spectra, data, training, runs), that of the services behind theirs.
class Workbench : public QObject {
    Q_OBJECT

public:
    explicit Workbench(QObject* parent = nullptr);
    ~Workbench() override;

    // Model. openModel reads headers on a worker, then starts the sweep over all linear matrices by
    // itself.
    void openModel(const QString& path);
    std::shared_ptr<const core::ModelFiles> model() const; // null: none open
    std::shared_ptr<const core::Tokenizer> tokenizer() const; // null: none, or the model has none
    QString tokenizerProblem() const; // why tokenizer() is null although a model is open

    // Spectra, keyed by module path.
    const QHash<QString, std::shared_ptr<const core::ModuleSpectrum>>& spectra() const;
    int spectraTotal() const;
    bool sweepRunning() const;
    void cancelSweep();
    void restartSweep();
    void setModulesOnScreen(const QStringList& modules); // these are computed first

    // Data. Tokenized again by itself when data, model or maximal length change.
    void openData(const QString& path);
    void closeData(); // none is open then
    // How rows become prompts; the open data are read anew. Chat needs a model: without one they wait for it.
    void setPromptTemplate(core::PromptTemplate promptTemplate);
    void setMaxLength(int tokens);
    QString dataPath() const;
    std::shared_ptr<const core::DataFile> data() const; // null: none
    std::shared_ptr<const core::TokenizedData> tokenized() const; // null: none yet
    QString
    dataProblem() const; // why tokenized() is null although data are named; empty: they are read

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
    const QVector<QVector<core::StepRecord>>& trainRecords() const; // same order
    // Of a run that ended: the step that it and its twins can go on from, 0: none; nullopt: not looked at yet.
    std::optional<std::int64_t> trainCheckpoint() const;
    QString trainRunDirectory() const;
    core::DiskEstimate diskEstimate(const core::RunSpec& spec,
                                    const QVector<core::Method>& twins) const;
    core::MemoryEstimate estimate(const core::RunSpec& spec,
                                  const QVector<core::Method>& twins) const;

    // Runs on disk below the run root and the folders added by hand.
    const QVector<core::RunSummary>& runs() const;
    QVector<core::StepRecord> recordsOf(const QString& runDirectory) const;
    void refreshRuns(); // also tails metrics of running ones
    void addRunFolder(const QString& directory);

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
    // model() is new. The first of all that is told of it: what belonged to the model before (spectra, comparison, rank
    // map, tokenized rows) is gone by now, and told to be after this.
    void modelOpened();
    void modelOpening(const QString& path);
    void spectraChanged(const QStringList& modules); // these arrived; coalesced to 20 a second
    void sweepStateChanged(); // started, finished, cancelled
    void dataChanged(); // data() or tokenized() changed
    void trainingStateChanged(); // prepared, started, paused, ended
    void trainingProgressed(double fraction, const QString& stage);
    void trainingRecordsChanged(); // coalesced to 30 a second
    void runsChanged();
    // For the banner: what could not be done; file and advice.
    void failed(const QString& headline, const QString& message,
                FailureSource source = FailureSource::Other);

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace pissarro::ui
