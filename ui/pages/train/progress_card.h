// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/train/run_curves.h"
#include "ui/widgets/card.h"

#include <QElapsedTimer>

class QLabel;
class QProgressBar;
class QPushButton;
class QTableView;

namespace pissarro::ui {

class ElidedLabel;
class FigureLabel;
class TwinsModel;

// What a run in progress is doing, as the page knows it.
struct TrainingStatus {
    bool training = false;
    bool paused = false;
    bool stopping = false;
    bool watching = false; // another process trains
    qint64 process = 0; // which; 0: not known
    QString stage; // what it does before the first step: "initialising PiSSA, matrix 12 of 210"
    double fraction = -1.0; // of the stage; negative: unknown
    QVector<core::RunSummary> runs; // the spec's own method first
};

// Estimates the time left from the pace of the steps so far, pauses left out.
class StepClock {
public:
    void restart() { *this = StepClock(); }
    void setPaused(bool paused);
    void stepsDone(std::int64_t steps); // of all runs together
    double secondsLeft(std::int64_t remaining) const; // NaN: not known yet

private:
    double seconds() const; // since the first step, without pauses

    QElapsedTimer m_timer;
    std::int64_t m_first = -1; // steps when the clock began
    std::int64_t m_done = 0;
    qint64 m_pausedMs = 0;
    qint64 m_pausedSinceMs = -1;
};

// The «Runs» card of the Train page: losses of the run and its twins side by side, progress, pause
// and stop, and whether step 0 equalled the base.
class ProgressCard : public Card {
    Q_OBJECT

public:
    explicit ProgressCard(QWidget* parent = nullptr);

    void setStatus(const TrainingStatus& status);
    void setCurves(const QVector<RunCurve>& curves);

Q_SIGNALS:
    void pauseRequested(bool pause);
    void stopRequested();
    void leaveRequested(); // ends the watching, not the run
    void resumeRequested();

private:
    void buildTable();
    void buildProgress();
    void refresh();
    void showProgress();
    void showStepZero();
    void showOutcome();
    QString outcome() const;

    TrainingStatus m_status;
    QVector<RunCurve> m_curves;
    StepClock m_clock;
    TwinsModel* m_model;
    QTableView* m_table;
    QProgressBar* m_bar;
    FigureLabel* m_percent;
    FigureLabel* m_pace;
    QPushButton* m_pause;
    QPushButton* m_stop;
    QLabel* m_stepZero;
    QLabel* m_outcome;
    QPushButton* m_leave;
    QPushButton* m_resume;
    QPushButton* m_openFolder;
};

} // namespace pissarro::ui
