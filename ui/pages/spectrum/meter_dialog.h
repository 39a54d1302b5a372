// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/svd_meter.h"

#include <QDialog>
#include <QStringList>

#include <vector>

class QComboBox;
class QLabel;
class QLineEdit;
class QProgressBar;
class QPushButton;
class QTableWidget;
class QVBoxLayout;

namespace pissarro::ui {

class FastSvdMeter;
class LinePlot;
struct Services;

// The fast SVD on the selected matrices, setting by setting: time and error as a table laid out as the paper's table 6,
// and as error over time. Closing it leaves a measurement at work: opened again, it shows that one, or what came of it.
class MeterDialog : public QDialog {
    Q_OBJECT

public:
    MeterDialog(Services& services, const QStringList& modules, QWidget* parent = nullptr);

private:
    void buildSettings(QVBoxLayout* into);
    void buildResults(QVBoxLayout* into);
    void buildFoot(QVBoxLayout* into);
    void takeMeasurement(); // one that was begun before
    void start();
    void showProgress(); // and what it ended with
    void showState();
    void showRows();
    void showTable();
    void showPlot();
    void save();
    double figureOf(const core::MeterRow& row) const; // of the chosen kind

    FastSvdMeter& m_meter;
    QStringList m_modules;
    std::vector<core::MeterRow> m_rows;
    QLineEdit* m_ranks;
    QLineEdit* m_niters;
    QLineEdit* m_oversamplings;
    QPushButton* m_start;
    QProgressBar* m_bar;
    QLabel* m_line;
    QComboBox* m_figure;
    QTableWidget* m_table;
    LinePlot* m_plot;
    QPushButton* m_copy;
    QPushButton* m_save;
};

} // namespace pissarro::ui
