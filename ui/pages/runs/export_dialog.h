// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/export/export_run.h"
#include "core/run/run_directory.h"

#include <QDialog>

class QButtonGroup;
class QComboBox;
class QLabel;
class QProgressBar;
class QPushButton;
class QVBoxLayout;

namespace pissarro::ui {

class Exports;
class PathField;

// Asks which state of a run leaves the program, in which form and where to, writes it in the background and tells
// how far what was written is from the trained model. Its button cancels while it writes; Esc asks
// before it does.
class ExportDialog : public QDialog {
    Q_OBJECT

public:
    ExportDialog(Exports& exports, core::RunSummary run, QWidget* parent = nullptr);

    void reject() override;

private:
    void buildForms(QVBoxLayout* into);
    void buildState(QVBoxLayout* into);
    void buildTarget(QVBoxLayout* into);
    void buildFoot(QVBoxLayout* into);
    core::ExportForm form() const;
    void showStates(const std::vector<core::StoredState>& states);
    void showForm(); // what the chosen form needs; a fresh folder while nobody chose one
    void start();
    void cancel(); // what is being written, and close
    void showProgress(); // of the export
    void showBusy(bool busy);
    void showDone(const core::ExportReport& report);
    void showFailed(const QString& message);

    Exports& m_exports;
    core::RunSummary m_run;
    QComboBox* m_state; // the step of each entry is its data; empty until they are found
    QButtonGroup* m_forms;
    QComboBox* m_dtype;
    PathField* m_folder;
    QProgressBar* m_bar;
    QLabel* m_line; // stage, result or what went wrong
    QPushButton* m_open;
    QPushButton* m_close;
    QPushButton* m_export;
    bool m_folderChosen = false;
    bool m_busy = false;
};

} // namespace pissarro::ui
