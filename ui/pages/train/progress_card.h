// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/views/page.h"
#include "ui/views/run_curves.h"
#include "ui/widgets/card.h"

#include <optional>

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
    bool preparing = false; // no step yet
    bool paused = false;
    bool stopping = false;
    bool watching = false; // another process trains
    bool foreign = false; // which another window or program started
    qint64 process = 0; // which; 0: not known
    QString stage; // what it does before the first step: "initialising PiSSA, matrix 12 of 210"
    double fraction = -1.0; // of the stage; negative: unknown
    QVector<core::RunSummary> runs; // the spec's own method first
    // Where a run that has ended could go on: step of the newest checkpoint, 0: none; nullopt: not known yet.
    std::optional<std::int64_t> checkpoint;
};

// «This run» of the Train page: the model, data and settings that the curves beside it belong to (the form is for the next
// run), losses of the run and its twins side by side, progress, pause and stop, and whether step 0 equalled the base.
class ProgressCard : public Card {
    Q_OBJECT

public:
    explicit ProgressCard(QWidget* parent = nullptr);

    void setStatus(const TrainingStatus& status);
    void setCurves(const QVector<RunCurve>& curves);

    void setNextSteps(const QVector<NextStep>& steps); // offered once the run came to its end

Q_SIGNALS:
    void nextStepChosen(const pissarro::ui::NextStep& step);
    void pauseRequested(bool pause);
    void stopRequested();
    void leaveRequested(); // ends the watching, not the run
    void resumeRequested();
    void beginAnewRequested(); // in another folder, since there is no checkpoint

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void buildRun();
    void buildTable();
    void buildProgress();
    void connectButtons();
    void refresh();
    void showProgress();
    void showStepZero();
    void showOutcome();
    void showNextSteps();
    void showRun();
    QString outcome() const;
    QString howItEnded() const;

    TrainingStatus m_status;
    QVector<RunCurve> m_curves;
    QLabel* m_run;
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
    QWidget* m_next; // a button each
    QVBoxLayout* m_inside; // scrolled where the card is low
    QVector<NextStep> m_nextSteps;
    int m_stepsARow = 2;
};

} // namespace pissarro::ui
