// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/run_directory.h"

#include <QStringList>
#include <QTableView>
#include <QVector>

class QSortFilterProxyModel;

namespace pissarro::ui {

class RunsModel;

// Rows of one look, without a grid: of runs, of settings.
void styleTable(QTableView* table);

// The runs on disk, sorted by a click on a head. Where their names would have no room, columns that one can do without are
// out of sight.
class RunsTable : public QTableView {
    Q_OBJECT

public:
    explicit RunsTable(RunsModel* model, QWidget* parent = nullptr);

    QVector<core::RunSummary> selectedRuns() const; // in the order of the table
    void selectRuns(const QStringList& directories); // these alone

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void fitColumns();

    RunsModel* m_runs;
    QSortFilterProxyModel* m_sorted;
};

} // namespace pissarro::ui
