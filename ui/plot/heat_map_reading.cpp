// SPDX-License-Identifier: GPL-3.0-or-later
// A heat map for people who hear it: its rows and cells, with the values that are drawn.
#include "ui/plot/heat_map.h"

#include <cmath>

namespace pissarro::ui {

void HeatMap::setRowTitle(const QString& title)
{
    m_rowTitle = title;
}

QString HeatMap::rowName(int row) const
{
    const QString label = m_rows.value(row);
    return m_rowTitle.isEmpty() ? label : QStringLiteral("%1 %2").arg(m_rowTitle, label);
}

QString HeatMap::columnName(int column) const
{
    return m_columns.value(column);
}

QString HeatMap::cellText(TablePlace cell) const
{
    const double here = value({cell.row, cell.column});
    if (!std::isfinite(here)) {
        return tr("no value yet");
    }
    return m_barLabel ? m_barLabel(here) : QString::number(here);
}

QString HeatMap::cellDetails(TablePlace cell) const
{
    return m_toolTip ? m_toolTip({cell.row, cell.column}) : QString();
}

QRect HeatMap::cellPlace(TablePlace cell) const
{
    return cellRect({cell.row, cell.column}).toAlignedRect();
}

std::optional<TablePlace> HeatMap::currentCell() const
{
    return m_values.isEmpty() ? std::nullopt
                              : std::optional(TablePlace {m_current.row, m_current.column});
}

bool HeatMap::isCellSelected(TablePlace cell) const
{
    return m_selection.contains({cell.row, cell.column});
}

void HeatMap::selectCell(TablePlace cell)
{
    if (hasCell(cell)) {
        select({cell.row, cell.column}, false);
    }
}

std::optional<std::pair<double, double>> HeatMap::dataRange() const
{
    return m_ends.known() ? std::optional(std::pair(m_ends.least, m_ends.most)) : std::nullopt;
}

QString HeatMap::tableSummary() const
{
    const auto range = dataRange();
    return range && m_barLabel
        ? tr("from %1 to %2").arg(m_barLabel(range->first), m_barLabel(range->second))
        : QString();
}

} // namespace pissarro::ui
