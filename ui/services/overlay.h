// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/history/history_curve.h"
#include "ui/jobs/guarded_queue.h"
#include "ui/jobs/job_bridge.h"
#include "ui/plot/plot_source.h"
#include "ui/services/service.h"

#include <QHash>
#include <QStringList>
#include <QTimer>
#include <QVector>

#include <limits>
#include <memory>
#include <vector>

namespace pissarro::ui {

// A run that is laid over others: ours or another program's (core/history).
struct OverlayRun {
    QString path; // its folder, or its file: who it is
    QString log; // what it tells its steps in, there or not yet; empty: whatever its path holds
    double flopsPerToken = 0.0; // 0: as whoever trained it tells
    QString recipe; // runs of one differ in their seed alone; empty: nothing is known

    friend bool operator==(const OverlayRun&, const OverlayRun&) = default;
};

// What of the runs is drawn.
struct OverlayWish {
    QString metric = QStringLiteral("loss"); // a name of core/history/metric_names.h, or another
    core::HistoryAxis axis = core::HistoryAxis::Step;
    double smoothing = 0.0; // weight of the moving average, in [0, 1); 0: as it was told
    QString baseline; // path of the run that the others are told as differences to; empty: none
    bool bands = false; // runs of one recipe as their mean, from the lowest to the highest of them
    bool logX = false;
    bool logY = false;
    double xUnit = 1.0; // what one is that is drawn, of what is told: 60 for minutes
    double yUnit = 1.0;

    friend bool operator==(const OverlayWish&, const OverlayWish&) = default;
};

// A curve, ready to be drawn.
struct OverlayCurve {
    enum class Part {
        Raw, // under a smoothed one
        Line, // of a run
        Lowest, // of runs of one recipe, with the two below
        Highest,
        Mean,
    };
    QStringList runs; // one, or those that it is made of; paths
    Part part = Part::Line;
    std::shared_ptr<const PlotSource> points; // fixed; never null
};

// What was found of a run.
struct OverlayFacts {
    QString trainer; // "Hugging Face Trainer"
    qint64 step = 0; // the last that anything was told of
    qint64 steps = 0; // planned; 0: not told
    QStringList metrics; // that it tells
    double last = std::numeric_limits<double>::quiet_NaN(); // of the metric, as told; NaN: nothing
    double lowest = std::numeric_limits<double>::quiet_NaN();
    QStringList notes; // what a person should know of its files
    QString problem; // why it was not read; empty: it was
};

struct OverlayPicture {
    OverlayWish wish; // that it was made by
    std::vector<OverlayCurve> curves; // in the order of drawing; of runs in their order
    QHash<QString, OverlayFacts> facts; // by path; of the runs that were read
    quint64 serial = 0; // another of each; 0: nothing was drawn yet
};

class OverlayReader;

// Runs laid over one another: read, smoothed, compared on a worker, and followed while they are written. Only what is drawn
// is kept: of each run the one metric, 16 bytes a step, and its curve, 18.
// Running while runs are read, with a picture of those that were; Ready when all are. A run that cannot be read says so in
// its facts and fails nothing.
class Overlay : public Service {
    Q_OBJECT

public:
    explicit Overlay(QObject* parent = nullptr);
    ~Overlay() override;

    void setRuns(const QVector<OverlayRun>& runs);
    const QVector<OverlayRun>& runs() const { return m_runs; }
    void setWish(const OverlayWish& wish);
    const OverlayWish& wish() const { return m_wish; }
    const OverlayPicture& picture() const
    {
        return m_picture;
    } // the newest; of an earlier wish until changed()
    bool isRead() const { return m_isRead; } // picture() is of these runs and this wish, all of them
    void setFollowing(bool on); // files that grow; not unless said so
    void refresh(); // looks now
    void cancel(); // what was read stays; nothing more is until something else is wanted

    // Runs of other programs that a person has opened, in this window or an earlier one.
    const QStringList& others() const { return m_others; }
    void addOthers(const QStringList& paths);
    void removeOther(const QString& path); // from the list; its files stay

Q_SIGNALS:
    void changed(); // picture()
    void othersChanged();

private:
    void look();
    void drain(); // pictures that came so far: the newest
    void show(OverlayPicture picture);

    std::shared_ptr<OverlayReader> m_reader; // the worker's alone
    std::shared_ptr<GuardedQueue<OverlayPicture>> m_queue;
    QVector<OverlayRun> m_runs;
    OverlayWish m_wish;
    OverlayPicture m_picture;
    QStringList m_others;
    QTimer m_draining; // while runs are read
    QTimer m_following; // while what is shown may grow
    bool m_cancelled = false;
    bool m_isRead = true; // of no runs
    JobBridge m_jobs {JobKind::OnScreen}; // last: destroyed first
};

} // namespace pissarro::ui
