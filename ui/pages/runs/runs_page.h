// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/run_directory.h"
#include "ui/pages/runs/runs_model.h"
#include "ui/views/page.h"

#include <QTimer>
#include <QVector>

#include <functional>

class QAction;
class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QStackedLayout;
class QTableView;

namespace pissarro::ui {

class Card;
class DifferencesModel;
class OverlayCard;
class RunsTree;
class SegmentedControl;
struct TwinRates;

// The Runs page: the library of all runs in groups, those that are checked over one another in a plot, and below it where they
// differ, or all that there is to know of the one that is selected. What is said of runs is kept beside them, and can be taken
// back. While the page is on screen, running ones are read again every second.
class RunsPage : public Page {
    Q_OBJECT

public:
    explicit RunsPage(Services& services, QWidget* parent = nullptr);

    QVector<core::RunSummary> selectedRuns() const; // of ours, in the order of the list
    RunsTree* tree() const { return m_tree; }
    RunsModel* model() const { return m_model; }
    OverlayCard* overlayCard() const { return m_overlay; }
    DifferencesModel* differences() const { return m_differences; }

    bool takes(PathKind kind) const override { return kind == PathKind::Run; }
    // Folders of runs, to be drawn and selected; one alone is to be exported.
    void take(const QVariant& with) override;
    QVector<NextStep> nextSteps() const override;
    void saveState(QSettings& session) const override;
    void offerState(QSettings& session) override;

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    enum What { Differences, All, OfOne }; // stand below the plot

    QWidget* buildEmpty();
    QWidget* buildContent();
    Card* buildList();
    QWidget* buildFoot();
    Card* buildDifferences();
    void buildActions();
    void buildMarkActions();
    QAction* addListAction(const char* name, const QString& text, const QKeySequence& keys,
                           const std::function<void()>& run);
    void connectAll();
    void showMenu(const QPoint& at);
    void chooseColumns(QWidget* at);
    void goToTrain(const QVariant& with = {});
    void chooseFolder();
    void openFolders();
    void showLog();
    void copyPaths();
    void copyCommands();
    void resume();
    void beginAnew(const core::RunSummary& run, const QVector<core::Method>& twins,
                   const TwinRates& rates);
    // Twins of the first selected one, where that is a start which failed before it was a run; else null.
    const core::OrderedTwins* selectedStart() const;
    void compare(); // those that are selected, or drawn, on the page for it
    void watch();
    void openExport();
    void openReport();
    void look(); // at the details of the run that is current

    // What a person says: `change` of each run that is selected, as one step.
    // Told: the runs may go out of sight by it, so the strip says so with the way back.
    void mark(const QString& title, const std::function<void(core::RunMark&)>& change,
              bool isTold = false);
    void pin();
    void archive();
    void askForTags();
    void askForName();
    void askForNotes();
    void askForColour();
    void ask(const QString& title, const QString& label, const QString& text,
             const std::function<void(const QString&)>& take);
    void trash();

    void showRuns();
    void chooseNewest(); // the newest run with its twins: drawn and selected
    void readDrawn();
    void showPicture();
    void showSelection();
    void showBelow();
    void showActions();
    void showOffer(); // of a run that goes on elsewhere
    void search(const QString& words);
    std::int64_t checkpointOf(const core::RunSummary& run) const; // of it and its twins; 0: none
    QVector<core::RunSummary> twinsOf(const core::RunSummary& run) const;

    Services& m_services;
    RunsModel* m_model;
    RunsTree* m_tree;
    QLineEdit* m_search;
    QLabel* m_problem; // of what is looked for
    SegmentedControl* m_group;
    QComboBox* m_sort;
    OverlayCard* m_overlay;
    DifferencesModel* m_differences;
    QTableView* m_differencesTable;
    QLabel* m_differencesHint; // in place of the table when there is nothing to tell
    SegmentedControl* m_which;
    QLabel* m_chosen; // «2 chosen»
    QPushButton* m_exportButton;
    QPushButton* m_offer; // «2026-11-28-pissa-r16 is training: watch it»
    Card* m_list = nullptr;
    Card* m_below = nullptr;
    QStackedLayout* m_pages;
    QAction* m_add = nullptr;
    QAction* m_open = nullptr;
    QAction* m_log = nullptr;
    QAction* m_copyPath = nullptr;
    QAction* m_copyCommand = nullptr;
    QAction* m_compare = nullptr;
    QAction* m_template = nullptr;
    QAction* m_watch = nullptr;
    QAction* m_resume = nullptr;
    QAction* m_export = nullptr;
    QAction* m_report = nullptr;
    QAction* m_draw = nullptr;
    QAction* m_look = nullptr;
    QAction* m_archived = nullptr; // also those that are archived
    QVector<QAction*> m_markActions; // of what a person says
    QTimer m_timer; // while the page is on screen
    // What the list was made of: a look that finds nothing new costs nothing.
    core::ListedRuns m_shownRuns;
    QHash<QString, core::RunMark> m_shownMarks;
    QStringList m_shownOthers;
    bool m_isShown = false;
    bool m_chosenOnce = false; // the first runs that appear are chosen, later ones are not
};

} // namespace pissarro::ui
