// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/quant/quant_error.h"
#include "ui/widgets/card.h"

class QLabel;
class QProgressBar;
class QPushButton;
class QSpinBox;

namespace pissarro::ui {

class QuantBench;
class SegmentedControl;
class Workbench;

// How the matrices are quantized and decomposed, the button that measures them all, and what four bits save.
class SettingsCard : public Card {
    Q_OBJECT

public:
    SettingsCard(Workbench& workbench, QuantBench& bench, QWidget* parent = nullptr);

    void setRank(int rank); // of the Spectrum page
    QString command() const; // the same by pissarro-cli

Q_SIGNALS:
    void copyRequested(); // of the command
    void exportRequested();

private:
    void buildFields();
    void buildButtons();
    void apply(); // fields -> options
    void showState();
    void showMemory();

    Workbench& m_workbench;
    QuantBench& m_bench;
    QSpinBox* m_rank;
    QSpinBox* m_iters;
    SegmentedControl* m_type;
    SegmentedControl* m_absmax;
    SegmentedControl* m_svd;
    QPushButton* m_measure;
    QProgressBar* m_bar;
    QLabel* m_state;
    QLabel* m_memory;
};

} // namespace pissarro::ui
