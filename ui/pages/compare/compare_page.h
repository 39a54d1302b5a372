// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/services/path_kind.h"
#include "ui/views/page.h"

class QAction;
class QLabel;
class QLineEdit;
class QProgressBar;
class QPushButton;
class QSortFilterProxyModel;
class QStackedLayout;
class QTableView;

namespace pissarro::ui {

class Card;
class CompareRunsFilter;
class CompareRunsModel;
class CompareTableModel;
class OverlayCard;
class PairView;
class SegmentedControl;

// The Compare page: runs of ours and of other programs, checked in a list, over one another in a plot, and below it where
// their settings and figures differ. What is drawn follows the files while the page is in sight.
class ComparePage : public Page {
    Q_OBJECT

public:
    explicit ComparePage(Services& services, QWidget* parent = nullptr);

    bool takes(PathKind kind) const override { return kind == PathKind::OthersRun; }
    // Paths of runs, to be drawn alone; one path, as a QString: beside those that are.
    void take(const QVariant& with) override;
    void saveState(QSettings& session) const override;
    void offerState(QSettings& session) override;

    CompareRunsModel* runs() const { return m_runs; }
    CompareTableModel* table() const { return m_table; }
    OverlayCard* overlayCard() const { return m_overlay; }
    PairView* pairView() const { return m_pair; }
    // Two runs closely, in place of all of them over one another. pair: which; none: those that were, else two to begin with.
    void showPair(bool on, const QStringList& pair = {});

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    QWidget* buildEmpty();
    QWidget* buildContent();
    Card* buildRuns();
    Card* buildTable();
    void buildActions();
    void connectPair();
    void addOthers(); // that a person chooses
    void removeSelected(); // runs of others, from the list
    void adopt(const SeenPath& seen);
    void choosePending();
    void chooseNewest(); // the newest run with those that lie beside it
    void listRuns(); // all that there are
    void showRuns();
    void readChosen(); // is what the service is asked for
    void showPicture();
    void showTable();
    void showState();
    void search(const QString& words);
    void copyTable();
    void copyCommands();
    void showPages(); // which of the three is in sight
    void showKeptPair(); // of the session before, once there are runs
    void choosePair(); // two to begin with, where none are chosen
    void openReport();
    void addEvaluation(); // that a person chooses
    void setEvaluations(const QStringList& folders);
    void useRanks(int side);

    Services& m_services;
    CompareRunsModel* m_runs;
    CompareRunsFilter* m_found;
    QTableView* m_list;
    QLineEdit* m_search;
    QLabel* m_problem; // of what is looked for, or of a run that was not read
    QProgressBar* m_progress;
    QPushButton* m_cancel;
    OverlayCard* m_overlay;
    CompareTableModel* m_table;
    QSortFilterProxyModel* m_sorted;
    QTableView* m_tableView;
    SegmentedControl* m_which; // what differs, or all
    Card* m_runsCard = nullptr;
    Card* m_tableCard = nullptr;
    PairView* m_pair;
    QStackedLayout* m_pages;
    QAction* m_add = nullptr;
    QAction* m_remove = nullptr;
    QAction* m_copyTable = nullptr;
    QAction* m_copyCommands = nullptr;
    QAction* m_none = nullptr;
    QAction* m_report = nullptr;
    QVector<QAction*> m_ofPair; // those that mean something while two runs are shown closely
    QStringList m_pending; // to be drawn once they are found
    bool m_chosenOnce = false; // the first runs that appear are drawn, later ones are not
    bool m_asked = false; // for certain runs, by take()
    bool m_showsPair = false;
    QStringList m_pairToShow; // once its runs are found
};

} // namespace pissarro::ui
