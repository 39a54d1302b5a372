// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/quant_error.h"
#include "ui/widgets/card.h"

class QLabel;
class QProgressBar;
class QPushButton;

namespace pissarro::ui {

class ElidedLabel;
class QuantBench;
class SegmentedControl;
class WholeEdit;
struct Services;

// How the matrices are quantized and decomposed, the button that measures them all, and what four bits save.
class SettingsCard : public Card {
    Q_OBJECT

public:
    SettingsCard(Services& services, QuantBench& bench, QWidget* parent = nullptr);

    void setRank(int rank); // of the Spectrum page
    void measure(); // unless problem() says why not
    QString command() const; // the same by pissarro-cli; empty where a field is wrong

Q_SIGNALS:
    void copyRequested(); // of the command
    void exportRequested();

private:
    void buildFields();
    void buildMemory();
    void buildButtons();
    void apply(); // fields -> options
    void showModel(); // how far the rank goes
    QString problem() const; // of the fields; empty: none
    QString expectedTime() const; // of Measure
    QString invitation() const; // to measure
    void showState();
    void showMemory();

    Services& m_services;
    QuantBench& m_bench;
    WholeEdit* m_rank;
    WholeEdit* m_iters;
    QString m_smallest; // matrix: "k_proj is 192 × 576"
    SegmentedControl* m_type;
    SegmentedControl* m_absmax;
    SegmentedControl* m_svd;
    QPushButton* m_measure;
    QPushButton* m_copy = nullptr; // the command
    QProgressBar* m_bar;
    ElidedLabel* m_state; // beside the title
    QProgressBar* m_share; // of the weights' bytes that four bits leave
    QLabel* m_whole; // the same in bytes
    QLabel* m_memory; // of the matrices alone
};

} // namespace pissarro::ui
