// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/train/run_spec.h"

#include <QWidget>

class QLabel;
class QSplitter;

namespace pissarro::ui {

class DetailCard;
class LossCard;
class ProgressCard;
class SampleCard;
class TrainForm;
class Workbench;

// The Train page: the form at the left, the live curves of the run and its twins, what the loss
// sees. Its QActions (start, pause, stop, copy as command, save and load a spec) are in actions():
// a menu can show them.
class TrainPage : public QWidget {
    Q_OBJECT

public:
    explicit TrainPage(Workbench& workbench, QWidget* parent = nullptr);

    // Fills the form from a run's spec ("use as template"); the run folder gets a fresh name.
    void useAsTemplate(const core::RunSpec& spec);
    TrainForm* form() const { return m_form; }

Q_SIGNALS:
    void openModelRequested(); // the button of the empty state

private:
    void buildLayout();
    void buildActions();
    void connectWorkbench();
    void start();
    void showModel();
    void showData();
    void showTraining(); // state, progress, table
    void showRecords(); // curves
    void showEstimate();
    void showDone(const QString& text); // one line that fades: "copied"

    Workbench& m_workbench;
    TrainForm* m_form;
    LossCard* m_loss;
    DetailCard* m_detail;
    ProgressCard* m_progress;
    SampleCard* m_sample;
    QSplitter* m_columns = nullptr;
};

} // namespace pissarro::ui
