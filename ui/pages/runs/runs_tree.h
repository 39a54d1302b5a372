// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/run_directory.h"
#include "ui/pages/runs/runs_model.h"

#include <QSet>
#include <QStringList>
#include <QTreeView>
#include <QVector>

class QTableView;

namespace pissarro::ui {

// Rows of one look, without a grid: of settings.
void styleTable(QTableView* table);

// The list of runs in its groups. What a person closed stays closed, whatever comes and goes; of the columns those are seen
// that were chosen, beside name and state.
class RunsTree : public QTreeView {
    Q_OBJECT

public:
    explicit RunsTree(RunsModel* model, QWidget* parent = nullptr);

    QVector<const RunsModel::Row*> selectedRows() const; // in the order of the list; no groups
    QVector<core::RunSummary> selectedRuns() const; // those of ours
    QStringList selectedPaths() const;
    void selectRuns(const QStringList& paths); // these alone
    void selectRun(int place); // of those that are listed, from 0
    void toggleDrawn(); // of those that are selected, or of the group; all drawn: none
    void showColumns(const QStringList& keys); // of columnKey()
    QStringList shownColumns() const;
    static QString columnKey(int column); // "rank", as core::runColumns() has it

Q_SIGNALS:
    void compareAsked(); // by Ctrl+D, which elsewhere opens data

protected:
    bool event(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    void openGroups();
    void fitColumns();
    void fitStatus(const QModelIndex& group, int first, int last); // rows of a group
    void fitStatusOfAll();

    RunsModel* m_runs;
    QSet<QString> m_closed; // keys of groups
    bool m_opening = false;
};

} // namespace pissarro::ui
