// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compare/report_file.h"

#include <QDialog>
#include <QString>
#include <QVector>

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;
class QListWidget;
class QProgressBar;
class QPushButton;
class QVBoxLayout;

namespace pissarro::ui {

class Reports;
class SegmentedControl;

// Asks what a report is made of, in which form and where to, writes it in the background, and shows the command line that
// repeats it. Its button cancels while it writes; Esc asks before it does.
class ReportDialog : public QDialog {
    Q_OBJECT

public:
    struct Run {
        QString path;
        QString title;
    };
    ReportDialog(Reports& reports, const QVector<Run>& runs, QWidget* parent = nullptr);

    core::ReportRequest request() const; // as it is chosen
    void addEvaluation(const QString& folder); // that `eval` wrote

    void reject() override;

private:
    void buildRuns(QVBoxLayout* into, const QVector<Run>& runs);
    void buildContent(QVBoxLayout* into);
    void buildTarget(QVBoxLayout* into);
    void buildFoot(QVBoxLayout* into);
    void setFile(const QString& path, bool agreed);
    void takeForm(int place); // the file's name ends as the form does
    void chooseFile();
    void showChoice(); // the line, and whether it can be written
    void start();
    void cancel();
    void showProgress();
    void showBusy(bool busy);

    Reports& m_reports;
    QListWidget* m_runs;
    QListWidget* m_evaluations;
    QPushButton* m_remove;
    QComboBox* m_paper;
    QCheckBox* m_updates;
    SegmentedControl* m_form;
    QLineEdit* m_file;
    QLineEdit* m_command;
    QProgressBar* m_bar;
    QLabel* m_line; // stage, result or what went wrong
    QPushButton* m_open;
    QPushButton* m_close;
    QPushButton* m_write;
    QString m_agreed; // the file whose replacement its dialog asked about; empty: none
    bool m_busy = false;
};

} // namespace pissarro::ui
