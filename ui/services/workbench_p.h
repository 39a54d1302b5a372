// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/jobs/guarded_queue.h"
#include "ui/jobs/job_bridge.h"
#include "ui/services/announce.h"
#include "ui/services/change_stack.h"
#include "ui/services/comparison.h"
#include "ui/services/data.h"
#include "ui/services/exports.h"
#include "ui/services/largest_batch.h"
#include "ui/services/measurements.h"
#include "ui/services/model.h"
#include "ui/services/quant_bench.h"
#include "ui/services/rank_choice.h"
#include "ui/services/run_library.h"
#include "ui/services/settings.h"
#include "ui/services/spectra.h"
#include "ui/services/workbench.h"

#include <QTimer>

#include <functional>
#include <utility>
#include <variant>
#include <vector>

namespace pissarro::ui {

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
using TrainEvent = std::variant<RunPrepared, StepDone, ProcessKnown>;

// core::train(), or core::followRun() of another process.
using RunTrainer =
    std::function<std::vector<core::RunSummary>(core::TrainObserver&, const core::JobContext&)>;

inline QString textOf(const std::filesystem::path& path)
{
    return QString::fromStdString(path.string());
}

struct Workbench::Private {
    explicit Private(Workbench* workbench);

    Workbench* const q;

    // training
    std::shared_ptr<core::TrainControl> control; // null: none runs
    std::shared_ptr<GuardedQueue<TrainEvent>> trainQueue;
    QTimer trainTimer; // 30 Hz while one runs
    QVector<core::RunSummary> trainRuns;
    bool checkpointsKnown = false; // those of trainRuns are what their folders hold
    std::int64_t idleMemory = 0; // bytes of the process before its first run
    LargestBatch largestBatch;
    QVector<RunSeries> trainRecords;
    QString trainDirectory;
    bool inProcess = false; // of its own: where the next run trains
    bool watching = false; // what `control` steers is another process
    bool foreign = false; // that was started by another window or program
    bool begun = false; // a trainer has told of the run in progress
    bool stepped = false; // and of a step
    quint64 trainJob = 0; // id of the job that trains or watches
    qint64 trainProcess = 0; // 0: this one, or not known yet
    bool shownPaused = false;

    ChangeStack undo;

    Model model;
    Spectra spectra;
    Data data;
    RunLibrary library;
    Exports exports;
    RankChoice ranks;
    Comparison comparison;
    FastSvdMeter fastSvd;
    QuantBench quantBench;
    RankSearch rankSearch;

    // Last members: destroyed first, so that no worker outlives what it uses.
    JobBridge trainJobs;

    void connectJobs();
    void connectTraining();
    template <class... Parameters, class... Arguments>
    void announce(void (Workbench::*signal)(Parameters...), Arguments&&... arguments)
    {
        ui::announce(q, signal, std::forward<Arguments>(arguments)...);
    }
    void drainTraining();
    void beginTraining(const QVector<core::RunSummary>& planned, const QString& directory,
                       RunTrainer train);
    std::shared_ptr<GuardedQueue<TrainEvent>> newQueue();
    void endWatching();
    void setTrainDirectory(const QString& directory); // of the request
    static QString
    lastRun(); // its folder, also of an earlier window; empty: another living window's
    void takeSummaries(std::vector<core::RunSummary> summaries);
    void endTraining(core::RunState state, const QString& message);
    void attachToFound();
    void takeCheckpoints();
};

} // namespace pissarro::ui
