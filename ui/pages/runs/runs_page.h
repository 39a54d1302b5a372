// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/run_directory.h"
#include "ui/views/page.h"

#include <QTimer>
#include <QVector>

class QAction;
class QLabel;
class QPushButton;
class QSplitter;
class QStackedLayout;
class QTableView;

namespace pissarro::ui {

class Card;
class DifferencesModel;
class LossCard;
class RunsModel;
class RunsTable;

// The Runs page: every run on disk in a table, the losses of those selected in one plot, and where
// their configurations differ, or all that there is to know of one. A double click only looks. While it is on screen,
// running ones are read again every second.
class RunsPage : public Page {
    Q_OBJECT

public:
    explicit RunsPage(Services& services, QWidget* parent = nullptr);

    QVector<core::RunSummary> selectedRuns() const; // in the order of the table
    QTableView* table() const;
    LossCard* lossCard() const { return m_loss; }

    bool takes(PathKind kind) const override { return kind == PathKind::Run; }
    // Folders of runs, to be selected; one alone is to be exported.
    void take(const QVariant& with) override;
    QVector<NextStep> nextSteps() const override;

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    QWidget* buildEmpty();
    QWidget* buildContent();
    Card* buildTableCard();
    Card* buildDifferences();
    void buildActions();
    void goToTrain(const QVariant& with = {});
    void chooseFolder();
    void resume();
    void copyCommands();
    void compare(); // those that are selected, on the page for it
    void watch();
    void openExport();
    void openReport();
    void showRuns();
    void showSelection();
    void showSettings(const QVector<core::RunSummary>& runs, const QStringList& labels,
                      const QVector<QColor>& colors);
    void showActions(const QVector<core::RunSummary>& runs);
    void showOffer(); // of a run that goes on elsewhere
    void look(); // at the details of the run that was double-clicked
    std::int64_t checkpointOf(const core::RunSummary& run) const; // of it and its twins; 0: none
    QVector<core::RunSummary> twinsOf(const core::RunSummary& run) const;
    void selectNewest(); // the newest run with its twins

    Services& m_services;
    RunsModel* m_model;
    RunsTable* m_table;
    Card* m_tableCard = nullptr;
    LossCard* m_loss;
    DifferencesModel* m_differences;
    QTableView* m_differencesTable;
    QLabel* m_differencesHint; // in place of the table when there is nothing to tell
    QPushButton* m_exportButton;
    QPushButton* m_offer; // «2026-11-28-pissa-r16 is training: watch it»
    Card* m_settings = nullptr;
    QSplitter* m_rows = nullptr;
    QStackedLayout* m_pages;
    QAction* m_add = nullptr;
    QAction* m_open = nullptr;
    QAction* m_copyPath = nullptr;
    QAction* m_copyCommand = nullptr;
    QAction* m_compare = nullptr;
    QAction* m_template = nullptr;
    QAction* m_watch = nullptr;
    QAction* m_resume = nullptr;
    QAction* m_export = nullptr;
    QAction* m_report = nullptr;
    QTimer m_timer; // while the page is on screen
    bool m_selectedOnce = false; // the first runs that appear are selected, later ones are not
};

} // namespace pissarro::ui
