// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/matrix_inspection.h"
#include "ui/jobs/guarded_queue.h"
#include "ui/jobs/job_bridge.h"
#include "ui/services/of_model.h"
#include "ui/services/side_work.h"

#include <QHash>
#include <QTimer>
#include <QVector>

#include <memory>

namespace pissarro::ui {

// An error at one rank of the matrix that is inspected.
struct RankErrors {
    std::int64_t rank = 0;
    core::ModuleQuantError errors; // after the last iteration alone
};

// What four bits leave of the open model: the errors of every matrix, whose measurement is the state of this service, and
// one matrix closely. Each kind is one job at a time, the latest wins; results of another model or of other settings never
// stay. A job that failed says why until it is asked for again.
class QuantBench : public Service, public OfModel {
    Q_OBJECT

public:
    explicit QuantBench(QObject* parent = nullptr);
    ~QuantBench() override;

    void takeModel(const OpenedModel& opened) override;
    void tellWhatIsGone() override;
    Service& inspecting() { return m_inspecting; } // the matrix that is looked at
    Service& ranking() { return m_ranking; } // and its ranks

    const core::QuantErrorOptions& options() const { return m_options; }
    // What was measured with others is stale: isStale(). problem: why the options cannot be used; nothing is measured with
    // them, and what is looked at says so. Empty: none.
    void setOptions(const core::QuantErrorOptions& options, const QString& problem = {});
    // Nobody looks: other options start no decomposition until somebody does.
    void setWatched(bool on);

    void measure(); // every linear matrix
    void cancel();
    bool isMeasuring() const { return m_measuring != 0; }
    double fraction() const; // done, while it measures
    double seconds() const; // since measure() began, or how long it took
    // That measure() will take, by what this machine took for its last measurement, or for spectra. 0: not known.
    double expectedSeconds() const;
    void readPace(); // of this machine, anew
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
    void optionsChanged();
    void inspectionChanged();
    void byRankChanged();

private:
    void connectMeasuring();
    core::QuantErrorOptions toMeasure() const;
    void connectLooking();
    void drain();
    void forgetMatrix(); // that is looked at; tells nobody
    void tellWhatRests(); // of what looks at it
    void startInspection(const core::LinearModule& chosen);
    QString nameOfModule() const; // that is looked at

    std::shared_ptr<const core::ModelFiles> m_model; // null: none open
    SideWork m_inspecting;
    SideWork m_ranking;
    core::QuantErrorOptions m_options;
    core::QuantErrorOptions m_measuredWith;
    double m_pace = 0.0; // seconds for a unit of core::quantErrorWork(); 0: not known
    QTimer m_timer;
    std::shared_ptr<GuardedQueue<core::ModuleQuantError>> m_queue;
    std::shared_ptr<GuardedQueue<RankErrors>> m_rankQueue;
    // Ids of the jobs whose end is waited for; 0: none.
    quint64 m_measuring = 0;
    quint64 m_inspectJob = 0;
    quint64 m_rankJob = 0;
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
    // Last members: destroyed first, so that no worker outlives what it uses.
    JobBridge m_measureJobs {JobKind::Sweep};
    JobBridge m_inspectJobs {JobKind::OnScreen};
    JobBridge m_rankJobs {JobKind::OnScreen};
};

} // namespace pissarro::ui
