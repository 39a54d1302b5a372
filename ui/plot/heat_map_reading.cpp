// SPDX-License-Identifier: GPL-3.0-or-later
// A heat map for people who hear it or walk it by keys: its rows and cells, with the values that are drawn.
#include "ui/plot/heat_map.h"
#include "ui/widgets/accessible.h"

#include <QFocusEvent>
#include <QKeyEvent>

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

void HeatMap::keyPressEvent(QKeyEvent* event)
{
    if (event->matches(QKeySequence::SelectAll)) {
        QVector<HeatCell> all;
        for (int row = 0; row < rowCount(); ++row) {
            for (int column = 0; column < columnCount(); ++column) {
                all.append({row, column});
            }
        }
        selectAll(all, false);
        return;
    }
    switch (event->key()) {
    case Qt::Key_Left:
        return moveCurrent(0, -1);
    case Qt::Key_Right:
        return moveCurrent(0, 1);
    case Qt::Key_Up:
        return moveCurrent(-1, 0);
    case Qt::Key_Down:
        return moveCurrent(1, 0);
    case Qt::Key_Home:
        return moveCurrent(-rowCount(), 0);
    case Qt::Key_End:
        return moveCurrent(rowCount(), 0);
    case Qt::Key_Space:
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (!m_values.isEmpty()) {
            select(m_current, event->modifiers().testFlag(Qt::ShiftModifier));
        }
        return;
    default:
        QWidget::keyPressEvent(event);
    }
}

void HeatMap::focusInEvent(QFocusEvent* event)
{
    m_showCurrent = isByKeyboard(event->reason());
    QWidget::focusInEvent(event);
    tellCurrentCell(this);
}

void HeatMap::focusOutEvent(QFocusEvent* event)
{
    m_showCurrent = false;
    QWidget::focusOutEvent(event);
}

} // namespace pissarro::ui
