// SPDX-License-Identifier: GPL-3.0-or-later
// A plot for people who hear it or walk it by keys: a row a curve, a column for each x in sight, bounded; zooming in gives
// the points between.
#include "ui/plot/line_plot.h"
#include "ui/plot/line_plot_p.h"
#include "ui/plot/plot_points_p.h"
#include "ui/widgets/accessible.h"

#include <algorithm>
#include <cmath>

namespace pissarro::ui {

namespace {

constexpr int kMostColumns = 500;
constexpr int kFewColumns = 16;
constexpr int kMostCells = 20'000; // that a screen reader may ask for one by one

} // namespace

const QVector<double>& LinePlot::readKeys() const
{
    if (!d->readKeys) {
        const int rows = std::max(1, tableRows());
        d->readKeys = keysInSight(*m_plot, d->state,
                                  std::clamp(kMostCells / rows, kFewColumns, kMostColumns));
    }
    return *d->readKeys;
}

double LinePlot::readValue(TablePlace cell) const
{
    return CurvePoints(*m_plot, d->state.series[cell.row], cell.row)
        .valueAt(readKeys()[cell.column]);
}

int LinePlot::tableRows() const
{
    return static_cast<int>(std::min<qsizetype>(d->state.series.size(), m_plot->graphCount()));
}

int LinePlot::tableColumns() const
{
    return static_cast<int>(readKeys().size());
}

QString LinePlot::rowName(int row) const
{
    const QString label = d->state.series.value(row).label;
    return label.isEmpty() ? tr("curve %1").arg(row + 1) : label;
}

QString LinePlot::columnName(int column) const
{
    return keyText(d->state, readKeys().value(column));
}

QString LinePlot::cellText(TablePlace cell) const
{
    const double value = hasCell(cell) ? readValue(cell) : std::nan("");
    return std::isfinite(value) ? valueText(d->state, value) : tr("no point");
}

QRect LinePlot::cellPlace(TablePlace cell) const
{
    const auto at = hasCell(cell)
        ? pixelsOf(*m_plot, d->state, PlotReading {cell.row, readKeys()[cell.column]})
        : std::nullopt;
    constexpr int kHalf = 4; // px around the point
    return at ? QRect(at->toPoint() - QPoint(kHalf, kHalf), QSize(2 * kHalf, 2 * kHalf)) : QRect();
}

std::optional<TablePlace> LinePlot::currentCell() const
{
    const auto& reading = d->state.reading;
    const auto column = reading ? readKeys().indexOf(reading->key) : -1;
    return column >= 0 && reading->series < tableRows()
        ? std::optional(TablePlace {reading->series, static_cast<int>(column)})
        : std::nullopt;
}

void LinePlot::selectCell(TablePlace cell)
{
    if (hasCell(cell)) {
        read(cell);
    }
}

QString LinePlot::tableSummary() const
{
    if (tableRows() == 0 || tableColumns() == 0) {
        return d->state.emptyText;
    }
    return tr("%1, curves: %2, from %3 to %4")
        .arg(d->state.yTitle, QString::number(tableRows()), columnName(0),
             columnName(tableColumns() - 1));
}

std::optional<MovedValue> LinePlot::movedValue() const
{
    const PlotState& state = d->state;
    return state.hasCursor ? std::optional(MovedValue {
               double(state.cursor), double(state.cursorMinimum), double(state.cursorMaximum)})
                           : std::nullopt;
}

void LinePlot::moveValue(double value)
{
    if (d->state.hasCursor && std::isfinite(value)) {
        moveCursorTo(static_cast<int>(std::lround(std::clamp(value, -1e9, 1e9))));
    }
}

void LinePlot::read(TablePlace cell)
{
    d->state.reading = PlotReading {cell.row, readKeys()[cell.column]};
    d->state.focusRing = true; // the keys are in use
    setAccessibleDescription(cellName(cell));
    redrawOverlay();
    tellCurrentCell(this);
}

// The column of the point of a row that is nearest to `column`; -1: it has none in sight.
int LinePlot::nearestPoint(int row, int column) const
{
    for (int away = 0; away < tableColumns(); ++away) {
        for (const int at : {column - away, column + away}) {
            if (hasCell({row, at}) && std::isfinite(readValue({row, at}))) {
                return at;
            }
        }
    }
    return -1;
}

// `points` further along the curve that is read, as far as it goes.
void LinePlot::readAlong(int points)
{
    const auto current = currentCell();
    if (!current) {
        readAcross(0);
        return;
    }
    const int way = points < 0 ? -1 : 1;
    TablePlace reached = *current;
    for (TablePlace at = reached; points != 0;) {
        at.column += way;
        if (!hasCell(at)) {
            break;
        }
        if (std::isfinite(readValue(at))) {
            reached = at;
            points -= way;
        }
    }
    read(reached);
}

// The next curve in that direction that has points in sight, where this one is. The first key begins at the cursor, else
// at the first point.
void LinePlot::readAcross(int rows)
{
    const auto current = currentCell();
    int column = current ? current->column : 0;
    if (!current && d->state.hasCursor) {
        const QVector<double>& keys = readKeys();
        column = static_cast<int>(
            std::lower_bound(keys.begin(), keys.end(), double(d->state.cursor)) - keys.begin());
    }
    column = std::clamp(column, 0, std::max(0, tableColumns() - 1));
    const int way = rows < 0 ? -1 : 1;
    for (int row = current ? current->row + rows : 0; row >= 0 && row < tableRows(); row += way) {
        if (const int at = nearestPoint(row, column); at >= 0) {
            read({row, at});
            return;
        }
    }
}

} // namespace pissarro::ui
