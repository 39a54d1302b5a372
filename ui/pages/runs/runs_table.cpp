// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/runs/runs_table.h"

#include "ui/look/metrics.h"
#include "ui/pages/runs/runs_model.h"
#include "ui/views/method_dot_delegate.h"
#include "ui/views/run_curves.h"
#include "ui/widgets/figures.h"

#include <QHeaderView>
#include <QSortFilterProxyModel>

#include <algorithm>
#include <array>

namespace pissarro::ui {

namespace {

constexpr int kRowHeight = 28; // px
constexpr int kNameWidth = 200; // px, that a name has before a column goes
constexpr std::array<int, RunsModel::ColumnCount> kWidths {kNameWidth, 80, 130, 52, 100, 86,
                                                           84,         96, 78,  92, 132}; // px
// The first to go first.
constexpr std::array kDispensable {RunsModel::Speed, RunsModel::MeanLoss, RunsModel::Model};

int widthOf(int column)
{
    return scaled(kWidths[static_cast<std::size_t>(column)]);
}

} // namespace

void styleTable(QTableView* table)
{
    table->verticalHeader()->hide();
    table->verticalHeader()->setDefaultSectionSize(scaled(kRowHeight));
    table->setShowGrid(false);
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->setTextElideMode(Qt::ElideMiddle);
    table->setWordWrap(false);
    table->setTabKeyNavigation(false);
    table->horizontalHeader()->setHighlightSections(false);
    table->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
}

RunsTable::RunsTable(RunsModel* model, QWidget* parent)
    : QTableView(parent)
    , m_runs(model)
    , m_sorted(new QSortFilterProxyModel(this))
{
    m_sorted->setSourceModel(model);
    m_sorted->setSortRole(RunsModel::kSortRole);
    m_sorted->setDynamicSortFilter(true);
    setObjectName(QStringLiteral("runs.table"));
    setAccessibleName(tr("Runs"));
    setModel(m_sorted);
    setSelectionMode(QAbstractItemView::ExtendedSelection);
    setContextMenuPolicy(Qt::CustomContextMenu);
    setItemDelegateForColumn(RunsModel::Name, new MethodDotDelegate(this));
    for (int column = RunsModel::Rank; column <= RunsModel::Speed; ++column) {
        setItemDelegateForColumn(column, new FigureDelegate(this));
    }
    styleTable(this);
    setSortingEnabled(true);
    sortByColumn(RunsModel::Started, Qt::DescendingOrder);
    QHeaderView* header = horizontalHeader();
    header->setMinimumSectionSize(48);
    for (int column = 0; column < RunsModel::ColumnCount; ++column) {
        header->resizeSection(column, widthOf(column));
    }
    header->setSectionResizeMode(RunsModel::Name, QHeaderView::Stretch);
}

QVector<core::RunSummary> RunsTable::selectedRuns() const
{
    QVector<int> rows;
    for (const QModelIndex& index : selectionModel()->selectedRows()) {
        rows.append(index.row());
    }
    std::sort(rows.begin(), rows.end());
    QVector<core::RunSummary> runs;
    for (const int row : rows) {
        runs.append(m_runs->runAt(m_sorted->mapToSource(m_sorted->index(row, 0)).row()));
    }
    return runs;
}

void RunsTable::selectRuns(const QStringList& directories)
{
    QItemSelection selection;
    for (int row = 0; row < m_sorted->rowCount(); ++row) {
        const int source = m_sorted->mapToSource(m_sorted->index(row, 0)).row();
        if (directories.contains(directoryOf(m_runs->runAt(source)))) {
            selection.select(m_sorted->index(row, 0),
                             m_sorted->index(row, RunsModel::ColumnCount - 1));
        }
    }
    selectionModel()->select(selection, QItemSelectionModel::ClearAndSelect);
}

void RunsTable::resizeEvent(QResizeEvent* event)
{
    QTableView::resizeEvent(event);
    fitColumns();
}

void RunsTable::fitColumns()
{
    int room = viewport()->width();
    for (int column = RunsModel::Name + 1; column < RunsModel::ColumnCount; ++column) {
        room -= widthOf(column);
    }
    for (const int column : kDispensable) {
        const bool goes = room < scaled(kNameWidth);
        room += goes ? widthOf(column) : 0;
        setColumnHidden(column, goes);
    }
}

} // namespace pissarro::ui
