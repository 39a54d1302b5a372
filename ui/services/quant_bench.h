// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/matrix_inspection.h"
#include "ui/jobs/guarded_queue.h"
#include "ui/jobs/job_bridge.h"

#include <QHash>
#include <QObject>
#include <QTimer>
#include <QVector>

#include <memory>

namespace pissarro::ui {

class Workbench;

// An error at one rank of the matrix that is inspected.
struct RankErrors {
    std::int64_t rank = 0;
    core::ModuleQuantError errors; // after the last iteration alone
};

// What the Quantize page measures of the open model: the errors of every matrix, and one matrix closely. Each kind is one
// job at a time, the latest wins; results of another model or of other settings never stay. A job that failed says why
// until it is asked for again.
class QuantBench : public QObject {
    Q_OBJECT

public:
    explicit QuantBench(Workbench& workbench, QObject* parent = nullptr);
    ~QuantBench() override;

    const core::QuantErrorOptions& options() const { return m_options; }
    // What was measured with others is stale: isStale(). problem: why the options cannot be used; nothing is measured with
    // them, and what is looked at says so. Empty: none.
    void setOptions(const core::QuantErrorOptions& options, const QString& problem = {});
    // Nobody looks: other options start no decomposition until somebody does.
    void setWatched(bool on);

    void measure(); // every linear matrix
    void cancel();
    bool isMeasuring() const { return m_measuring != 0; }
    double fraction() const { return m_fraction; }
    double seconds() const; // since measure() began, or how long it took
    // By module path, with what they were measured with; partial while it measures.
    const QHash<QString, core::ModuleQuantError>& errors() const { return m_errors; }
    const core::QuantErrorOptions& measuredWith() const { return m_measuredWith; }
    bool isStale() const; // options() are not those of errors()
    bool isWhole() const; // errors() are of every matrix, or of none

    void inspect(int module); // index into linearModules()
    int inspectedModule() const { return m_module; } // -1: none
    std::shared_ptr<const core::MatrixInspection> inspection() const
    {
        return m_inspection;
    } // null: not yet
    QString inspectionProblem() const
    {
        return m_inspectionProblem;
    } // why there is none; empty: it comes
    bool isInspecting() const { return m_inspectJobs.isBusy(); }
    void
    compareRanks(); // of the inspected matrix, from 1 to twice the rank; not once it has failed
    const QVector<RankErrors>& byRank() const { return m_byRank; }
    QString byRankProblem() const { return m_byRankProblem; }
    void retry(); // what is looked at, after it failed

Q_SIGNALS:
    void errorsChanged(); // some arrived, or all went; ten times a second at most
    void stateChanged(); // began, progressed, ended; options changed
    void inspectionChanged();
    void byRankChanged();

private:
    void connectJobs();
    void drain();
    void forget();
    void forgetMatrix(); // that is looked at; tells nobody
    void startInspection(const std::shared_ptr<const core::ModelFiles>& model,
                         const core::LinearModule& chosen);

    Workbench& m_workbench;
    core::QuantErrorOptions m_options;
    core::QuantErrorOptions m_measuredWith;
    JobBridge m_measureJobs;
    JobBridge m_inspectJobs;
    JobBridge m_rankJobs;
    QTimer m_timer;
    std::shared_ptr<GuardedQueue<core::ModuleQuantError>> m_queue;
    std::shared_ptr<GuardedQueue<RankErrors>> m_rankQueue;
    quint64 m_measuring = 0;
    quint64 m_ranking = 0; // id of the job that compares ranks; 0: none that is wanted still
    double m_fraction = 0.0;
    qint64 m_startedMs = 0;
    qint64 m_endedMs = 0;
    QHash<QString, core::ModuleQuantError> m_errors;
    int m_module = -1;
    QString m_problem; // of the options
    QString m_inspectionProblem;
    QString m_byRankProblem;
    bool m_watched = true;
    bool m_missed = false; // options changed while nobody looked
    std::shared_ptr<const core::MatrixInspection> m_inspection;
    QVector<RankErrors> m_byRank;
};

} // namespace pissarro::ui
