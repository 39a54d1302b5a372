// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/sweep/run_grid.h"

#include "ui/look/metrics.h"
#include "ui/look/theme.h"
#include "ui/widgets/accessible.h"
#include "ui/words/format.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QLinearGradient>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace pissarro::ui {

namespace {

constexpr int kLeft = 44; // px: "2e-5"
constexpr int kTop = 36; // a method's name over its columns
constexpr int kBottom = 6;
constexpr int kBar = 62; // the scale with its numbers
constexpr int kBetween = 18; // of blocks
constexpr double kRadius = 2.0;

} // namespace

RunGrid::RunGrid(const QString& name, const QString& accessible, QWidget* parent)
    : QWidget(parent)
{
    setObjectName(name);
    setAccessibleName(accessible);
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

QSize RunGrid::sizeHint() const
{
    return {scaled(420), scaled(220)};
}

QSize RunGrid::minimumSizeHint() const
{
    return {scaled(220), scaled(110)};
}

void RunGrid::setTitles(const QString& rows, const QString& columns)
{
    m_rowsAre = rows;
    m_columnsAre = columns;
}

void RunGrid::setBlocks(const QStringList& rows, const QVector<GridBlock>& blocks,
                        bool lowerIsBetter)
{
    m_rows = rows;
    m_blocks = blocks;
    m_lowerIsBetter = lowerIsBetter;
    m_any = false;
    for (const GridBlock& block : m_blocks) {
        for (const GridCell& cell : block.cells) {
            if (std::isfinite(cell.value)) {
                m_low = m_any ? std::min(m_low, cell.value) : cell.value;
                m_high = m_any ? std::max(m_high, cell.value) : cell.value;
                m_any = true;
            }
        }
    }
    if (m_current && !hasCell(*m_current)) {
        m_current.reset();
    }
    tellOtherTable(this);
    update();
}

void RunGrid::setSelected(const QString& run)
{
    m_selected = run;
    update();
}

// --- Places

int RunGrid::tableColumns() const
{
    int columns = 0;
    for (const GridBlock& block : m_blocks) {
        columns += static_cast<int>(block.columns.size());
    }
    return columns;
}

RunGrid::Place RunGrid::placeOf(int column) const
{
    Place place {0, column};
    while (place.block + 1 < m_blocks.size()
           && place.column >= m_blocks[place.block].columns.size()) {
        place.column -= static_cast<int>(m_blocks[place.block].columns.size());
        ++place.block;
    }
    return place;
}

const GridCell& RunGrid::cellAt(TablePlace cell) const
{
    const Place place = placeOf(cell.column);
    const GridBlock& block = m_blocks[place.block];
    return block.cells[cell.row * block.columns.size() + place.column];
}

QRectF RunGrid::cellRect(TablePlace cell) const
{
    const int columns = std::max(1, tableColumns());
    const int rows = std::max(1, tableRows());
    const double between = scaled(kBetween) * static_cast<double>(m_blocks.size() - 1);
    const double wide = (width() - scaled(kLeft) - scaled(kBar) - between) / columns;
    const double high = static_cast<double>(height() - scaled(kTop) - scaled(kBottom)) / rows;
    const double left =
        scaled(kLeft) + wide * cell.column + scaled(kBetween) * placeOf(cell.column).block;
    return QRectF(left, scaled(kTop) + high * cell.row, wide, high).adjusted(1, 1, -1, -1);
}

std::optional<TablePlace> RunGrid::cellUnder(const QPointF& position) const
{
    for (int row = 0; row < tableRows(); ++row) {
        for (int column = 0; column < tableColumns(); ++column) {
            if (cellRect({row, column}).contains(position)) {
                return TablePlace {row, column};
            }
        }
    }
    return std::nullopt;
}

// --- A person

void RunGrid::choose(TablePlace cell, bool opens)
{
    m_current = cell;
    update();
    tellCurrentCell(this);
    const QStringList& runs = cellAt(cell).runs;
    if (runs.isEmpty()) {
        return;
    }
    const QString run = runs.contains(m_selected) ? m_selected : runs.first();
    m_selected = run;
    opens ? Q_EMIT runOpened(run) : Q_EMIT runChosen(run);
}

void RunGrid::mousePressEvent(QMouseEvent* event)
{
    if (const auto cell = cellUnder(event->position()); cell && event->button() == Qt::LeftButton) {
        choose(*cell, false);
        return;
    }
    QWidget::mousePressEvent(event);
}

void RunGrid::mouseDoubleClickEvent(QMouseEvent* event)
{
    if (const auto cell = cellUnder(event->position()); cell && event->button() == Qt::LeftButton) {
        choose(*cell, true);
    }
}

bool RunGrid::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const auto cell = cellUnder(help->pos());
        cell ? QToolTip::showText(help->globalPos(), cellAt(*cell).tip, this)
             : QToolTip::hideText();
        return true;
    }
    return QWidget::event(event);
}

void RunGrid::walk(int rows, int columns)
{
    const TablePlace at = m_current
        ? TablePlace {m_current->row + rows, m_current->column + columns}
        : TablePlace {0, 0};
    if (hasCell(at)) {
        m_current = at;
        update();
        tellCurrentCell(this);
    }
}

void RunGrid::keyPressEvent(QKeyEvent* event)
{
    switch (event->key()) {
    case Qt::Key_Left:
        walk(0, -1);
        return;
    case Qt::Key_Right:
        walk(0, 1);
        return;
    case Qt::Key_Up:
        walk(-1, 0);
        return;
    case Qt::Key_Down:
        walk(1, 0);
        return;
    case Qt::Key_Space:
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (m_current) {
            choose(*m_current, event->key() != Qt::Key_Space);
            return;
        }
        break;
    default:
        break;
    }
    QWidget::keyPressEvent(event);
}

void RunGrid::focusInEvent(QFocusEvent* event)
{
    if (!m_current && isByKeyboard(event->reason())) {
        walk(0, 0);
    }
    QWidget::focusInEvent(event);
    update();
}

// --- The picture

double RunGrid::share(double value) const
{
    const double span = m_high - m_low;
    const double up = span > 0.0 ? (value - m_low) / span : 0.5;
    return m_lowerIsBetter ? 1.0 - up : up;
}

void RunGrid::paintEvent(QPaintEvent* /*event*/)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setFont(sized(font(), 11));
    if (m_rows.isEmpty() || tableColumns() == 0) {
        return;
    }
    paintHeads(painter);
    for (int row = 0; row < tableRows(); ++row) {
        for (int column = 0; column < tableColumns(); ++column) {
            paintCell(painter, {row, column});
        }
    }
    paintBar(painter);
}

void RunGrid::paintHeads(QPainter& painter) const
{
    const Colors& colors = Theme::instance().colors();
    for (int row = 0; row < tableRows(); ++row) {
        painter.setPen(colors.muted);
        const QRectF cell = cellRect({row, 0});
        painter.drawText(
            QRectF(0, cell.center().y() - scaled(8), scaled(kLeft) - scaled(6), scaled(16)),
            Qt::AlignRight | Qt::AlignVCenter, m_rows[row]);
    }
    int column = 0;
    for (const GridBlock& block : m_blocks) {
        const double left = cellRect({0, column}).left();
        painter.setPen(Qt::NoPen);
        painter.setBrush(block.color);
        painter.drawEllipse(QRectF(left, scaled(5), scaled(7), scaled(7)));
        painter.setPen(colors.text);
        painter.drawText(QRectF(left + scaled(12), 0, width() - left, scaled(17)),
                         Qt::AlignLeft | Qt::AlignVCenter, block.title);
        painter.setPen(colors.muted);
        for (const QString& title : block.columns) {
            const QRectF cell = cellRect({0, column});
            painter.drawText(QRectF(cell.left() - 2, scaled(18), cell.width() + 4, scaled(16)),
                             Qt::AlignCenter,
                             painter.fontMetrics().elidedText(title, Qt::ElideRight,
                                                              static_cast<int>(cell.width()) + 4));
            ++column;
        }
    }
}

void RunGrid::paintCell(QPainter& painter, TablePlace at) const
{
    const Colors& colors = Theme::instance().colors();
    const GridCell& cell = cellAt(at);
    const QRectF box = cellRect(at);
    const bool has = std::isfinite(cell.value);
    painter.setPen(has ? QPen(Qt::NoPen) : QPen(colors.line, 1));
    painter.setBrush(has ? QBrush(Theme::cividis(share(cell.value))) : QBrush(Qt::NoBrush));
    painter.drawRoundedRect(box, kRadius, kRadius);
    painter.setBrush(Qt::NoBrush);
    if (cell.best) {
        painter.setPen(QPen(colors.card, 4.0));
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), kRadius, kRadius);
        painter.setPen(QPen(colors.text, 1.8));
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), kRadius, kRadius);
    }
    if (!m_selected.isEmpty() && cell.runs.contains(m_selected)) {
        painter.setPen(QPen(colors.accent, 2.5));
        painter.drawRoundedRect(box.adjusted(2.5, 2.5, -2.5, -2.5), kRadius, kRadius);
    }
    if (m_current == at && hasFocus()) {
        painter.setPen(QPen(colors.accent, 2, Qt::DotLine));
        painter.drawRoundedRect(box.adjusted(-1.5, -1.5, 1.5, 1.5), kRadius, kRadius);
    }
}

// The best at the top.
void RunGrid::paintBar(QPainter& painter) const
{
    if (!m_any) {
        return;
    }
    const Colors& colors = Theme::instance().colors();
    const QRectF bar(width() - scaled(kBar) + scaled(8), scaled(kTop), scaled(9),
                     height() - scaled(kTop) - scaled(kBottom));
    QLinearGradient gradient(bar.bottomLeft(), bar.topLeft());
    for (int i = 0; i <= 16; ++i) {
        gradient.setColorAt(i / 16.0, Theme::cividis(i / 16.0));
    }
    painter.setPen(Qt::NoPen);
    painter.setBrush(gradient);
    painter.drawRoundedRect(bar, kRadius, kRadius);
    painter.setPen(colors.muted);
    const QRectF top(bar.right() + scaled(4), bar.top() - scaled(2), scaled(kBar), scaled(14));
    painter.drawText(top, Qt::AlignLeft | Qt::AlignTop,
                     formatNumber(m_lowerIsBetter ? m_low : m_high, 3));
    painter.drawText(QRectF(top.left(), bar.bottom() - scaled(12), scaled(kBar), scaled(14)),
                     Qt::AlignLeft | Qt::AlignBottom,
                     formatNumber(m_lowerIsBetter ? m_high : m_low, 3));
}

// --- What is read out

QString RunGrid::rowName(int row) const
{
    return QStringLiteral("%1 %2").arg(m_rowsAre, m_rows[row]);
}

QString RunGrid::columnName(int column) const
{
    const Place place = placeOf(column);
    const GridBlock& block = m_blocks[place.block];
    return QStringLiteral("%1, %2 %3").arg(block.title, m_columnsAre, block.columns[place.column]);
}

QString RunGrid::cellText(TablePlace cell) const
{
    const GridCell& one = cellAt(cell);
    return !std::isfinite(one.value) ? tr("none yet")
        : one.best                   ? tr("%1, the best of its column").arg(formatNumber(one.value))
                                     : formatNumber(one.value);
}

QString RunGrid::cellDetails(TablePlace cell) const
{
    return cellAt(cell).tip;
}

bool RunGrid::isCellSelected(TablePlace cell) const
{
    return !m_selected.isEmpty() && cellAt(cell).runs.contains(m_selected);
}

} // namespace pissarro::ui
