// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/rank_map.h"
#include "core/compare/matrix_pair.h"
#include "core/compare/run_claims.h"
#include "core/compare/run_differences.h"
#include "ui/jobs/guarded_queue.h"
#include "ui/jobs/job_bridge.h"
#include "ui/services/service.h"

#include <QString>
#include <QStringList>
#include <QTimer>
#include <QVector>

#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

namespace pissarro::ui {

// What a matrix changed by at a state, as maps and plots show it.
struct PairMatrix {
    static constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

    double change = kUnknown; // ||Delta W|| / ||W||
    double effectiveRank = kUnknown;
    core::SideCosines toBase; // leading directions of Delta W against those of W
    core::SideCosines toStart; // and of the factors that the run began with
    bool isMeasured = false;
};
struct PairState {
    std::int64_t step = 0;
    QString title; // core's: "step 40, the last one"
    bool isUsual = false;
    QVector<PairMatrix> matrices; // by the place of their module
};

// What its curves come to. NaN: it did not tell.
struct PairCurves {
    double firstGradNorm = PairMatrix::kUnknown;
    double endLoss = PairMatrix::kUnknown; // mean of the last twentieth
    double heldOutLoss = PairMatrix::kUnknown; // the best
    double tokensPerS = PairMatrix::kUnknown; // median
};

// One of the two runs.
struct PairSide {
    core::ComparedRun run; // without its history
    PairCurves curves;
    std::vector<core::LinearModule> modules; // that trained; empty: not known yet
    QVector<std::int64_t> ranks; // of their adapters; 0: whole matrices
    QVector<PairState> states; // oldest first
    int measured = 0; // modules
    QString problem; // why it is not told where the update went; empty: it is, or will be
    std::optional<core::RankMap> proposal; // smaller ranks for the next run
    std::int64_t parameters = 0; // of the adapters as they were

    const PairState* stateAt(std::int64_t step) const; // the newest up to it; null: none
    const PairMatrix* matrixAt(const QString& module, std::int64_t step) const; // null: none
    int placeOf(const QString& module) const; // -1: it did not train
};

// What is told of both.
struct PairFindings {
    core::RunDifferences differences; // A's value first
    core::RunClaims claims; // of both and of those beside them, by the evaluations laid in
    std::vector<core::Scoreboard> scores; // of those evaluations
    QString scoreProblem; // why one of them cannot be read; empty: all were
    std::vector<core::DifferenceRow> ranks; // matrices that have another rank
    std::optional<core::Said> fault; // why they cannot be laid over one another
};

// Two runs side by side: what may be said of them, and where their updates went, matrix by matrix. Running while it fills;
// cancelled, what there is stays, and it is Ready too.
class RunPair : public Service {
    Q_OBJECT

public:
    explicit RunPair(QObject* parent = nullptr);
    ~RunPair() override;

    // beside: runs that the claims are made with, too. Nothing where these very runs are compared already and it did not fail.
    void compare(const QString& a, const QString& b, const QStringList& beside);
    // Folders that eval wrote: what may be said goes by them first. Compares anew where they are others.
    void setEvaluations(const QStringList& folders);
    const QStringList& evaluations() const { return m_evaluations; }
    // What a side scored; null: it was not asked.
    const core::ScoredModel* scoreOf(const core::Scoreboard& of, int side) const;
    void again(); // the same, from the files as they are now
    void swap(); // A is B; nothing is computed again
    void cancel();
    bool isOf(const QString& a, const QString& b) const
    {
        return m_paths[0] == a && m_paths[1] == b;
    }
    bool isOpened() const { return m_opened; } // both runs were read: figures are known

    const PairSide& side(int which) const { return m_sides[static_cast<std::size_t>(which)]; }
    const PairFindings& findings() const { return m_findings; }
    std::vector<std::int64_t> steps() const; // of the states of either, ascending
    std::int64_t usualStep() const; // where a person begins; 0: not known

    // One matrix closely, at the states that stateAt(step) has of each: matrixChanged(). The latest wins.
    void look(const QString& module, std::int64_t step);
    const core::MatrixPair* matrix() const
    {
        return m_matrix ? &*m_matrix : nullptr;
    } // null: not yet
    QString matrixProblem() const { return m_matrixProblem; }

Q_SIGNALS:
    void changed(); // coalesced to 20 a second
    void matrixChanged();

private:
    struct Opened {
        std::array<core::ComparedRun, 2> runs;
        std::array<PairCurves, 2> curves;
        PairFindings findings;
    };
    struct Framed {
        int side = 0;
        std::vector<core::LinearModule> modules;
        QVector<std::int64_t> ranks;
        QVector<PairState> states;
    };
    struct Measured {
        int side = 0;
        int place = 0;
        QVector<PairMatrix> states;
    };
    struct Ended {
        int side = 0;
        QString problem;
        std::optional<core::RankMap> proposal;
        std::int64_t parameters = 0;
    };
    struct Laid { // over one another
        std::vector<core::DifferenceRow> ranks;
        std::optional<core::Said> fault;
    };
    using Event = std::variant<Opened, Framed, Measured, Ended, Laid>;
    using Queue = GuardedQueue<Event>;
    class Listener;

    static void tellUpdate(const core::ComparedRun& run, int side,
                           std::vector<core::LinearModule>& modules, Queue& queue,
                           const core::JobContext& job);
    struct Asked {
        std::vector<std::filesystem::path> runs; // A, B and those beside them
        std::vector<std::filesystem::path> evaluations;
    };
    static void readScores(const Asked& asked, PairFindings& findings, const core::JobContext& job);
    static void work(const Asked& asked, Queue& queue, const core::JobContext& job);
    void start();
    void drain();
    void take(Event event);
    void finish(State how);

    std::array<QString, 2> m_paths;
    QStringList m_beside;
    QStringList m_evaluations;
    std::array<PairSide, 2> m_sides;
    PairFindings m_findings;
    bool m_opened = false;
    std::shared_ptr<Queue> m_queue;
    QTimer m_timer; // while one runs
    quint64 m_job = 0; // id of the running one; 0: none
    std::optional<core::MatrixPair> m_matrix;
    QString m_matrixProblem;
    // Last members: destroyed first, so that no worker outlives what it uses.
    JobBridge m_jobs {JobKind::Sweep};
    JobBridge m_matrixJobs {JobKind::OnScreen};
};

} // namespace pissarro::ui
