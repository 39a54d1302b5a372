// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plot/heat_map.h"

#include "ui/look/metrics.h"
#include "ui/look/theme.h"
#include "ui/widgets/accessible.h"

#include <QHelpEvent>
#include <QLinearGradient>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>
#include <limits>

namespace pissarro::ui {

namespace {

constexpr int kLeft = 34; // row labels
constexpr int kTop = 24; // column labels
constexpr int kBarGap = 10;
constexpr int kBarWidth = 10;
constexpr int kBarLabels =
    54; // "0.0099 %"; always as wide, so that nothing jumps when values arrive
constexpr int kBottom = 4;
constexpr int kColumn = 20; // the narrowest, where there is room
constexpr int kNarrowColumn = 13;
constexpr double kRadius = 2.0;
constexpr int kCrowd = 40; // selected cells; more have thin frames

} // namespace

HeatMap::HeatMap(const QString& name, const QString& accessible, QWidget* parent)
    : QWidget(parent)
    , m_leastColumn(kColumn)
{
    setObjectName(name);
    setAccessibleName(accessible);
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

QSize HeatMap::sizeHint() const
{
    return {scaled(350), scaled(440)};
}

QSize HeatMap::minimumSizeHint() const
{
    return {scaled(kLeft) + barRoom() + scaled(7 * m_leastColumn), scaled(150)};
}

void HeatMap::setGrid(const QStringList& rows, const QStringList& columns)
{
    m_rows = rows;
    m_columns = columns;
    m_values.fill(std::numeric_limits<double>::quiet_NaN(), rows.size() * columns.size());
    m_selection.clear();
    m_current = {};
    m_hovered.reset();
    setValues(m_values);
    tellOtherTable(this);
}

void HeatMap::setValues(const QVector<double>& values)
{
    Q_ASSERT(values.size() == m_rows.size() * m_columns.size());
    m_values = values;
    m_ends = heatEnds(m_scale, m_values);
    update();
}

void HeatMap::setScale(const HeatScale& scale)
{
    m_scale = scale;
    setValues(m_values);
}

void HeatMap::setCorner(const QString& rowsAre)
{
    m_corner = rowsAre;
    update();
}

void HeatMap::setTexts(std::function<QString(double)> barLabel,
                       std::function<QString(HeatCell)> toolTip)
{
    m_barLabel = std::move(barLabel);
    m_toolTip = std::move(toolTip);
    update();
}

double HeatMap::value(HeatCell cell) const
{
    return m_values.value(qsizetype {cell.row} * columnCount() + cell.column,
                          std::numeric_limits<double>::quiet_NaN());
}

void HeatMap::setSelection(const QVector<HeatCell>& cells)
{
    m_selection = cells;
    if (!cells.isEmpty()) {
        m_current = cells.last();
    }
    update();
}

void HeatMap::select(HeatCell cell, bool add)
{
    m_current = cell;
    if (!add) {
        m_selection = {cell};
    } else if (m_selection.contains(cell)) {
        if (m_selection.size() > 1) { // something always stays selected
            m_selection.removeOne(cell);
        }
    } else {
        m_selection.append(cell);
    }
    update();
    Q_EMIT selectionChanged();
}

void HeatMap::selectAll(const QVector<HeatCell>& cells, bool add)
{
    if (cells.isEmpty()) {
        return;
    }
    m_selection = add ? m_selection : QVector<HeatCell>();
    for (const HeatCell& cell : cells) {
        if (!add || !m_selection.contains(cell)) {
            m_selection.append(cell);
        }
    }
    update();
    Q_EMIT selectionChanged();
}

QVector<HeatCell> HeatMap::cellsOfLabelAt(const QPointF& position) const
{
    const QRectF grid = gridRect();
    const bool ofRow = position.x() < grid.left() && cellAt({grid.left() + 1, position.y()});
    const bool ofColumn = position.y() < grid.top() && cellAt({position.x(), grid.top() + 1});
    QVector<HeatCell> cells;
    if (ofRow) {
        const int row = cellAt({grid.left() + 1, position.y()})->row;
        for (int column = 0; column < columnCount(); ++column) {
            cells.append({row, column});
        }
    } else if (ofColumn) {
        const int column = cellAt({position.x(), grid.top() + 1})->column;
        for (int row = 0; row < rowCount(); ++row) {
            cells.append({row, column});
        }
    }
    return cells;
}

void HeatMap::moveCurrent(int rows, int columns)
{
    if (m_values.isEmpty()) {
        return;
    }
    m_current.row = std::clamp(m_current.row + rows, 0, rowCount() - 1);
    m_current.column = std::clamp(m_current.column + columns, 0, columnCount() - 1);
    m_showCurrent = true;
    if (m_toolTip) {
        setAccessibleDescription(m_toolTip(m_current));
    }
    tellCurrentCell(this);
    update();
}

void HeatMap::setBarInSight(bool on)
{
    m_hasBar = on;
    updateGeometry();
    update();
}

void HeatMap::setRangeInSight(bool on)
{
    m_marksRange = on;
    update();
}

void HeatMap::setNarrow(bool on)
{
    m_leastColumn = on ? kNarrowColumn : kColumn;
    updateGeometry();
}

int HeatMap::barRoom() const
{
    return m_hasBar ? scaled(kBarGap + kBarWidth + kBarLabels) : scaled(4);
}

QRectF HeatMap::gridRect() const
{
    return QRectF(rect()).adjusted(scaled(kLeft), scaled(kTop), -barRoom(), -kBottom);
}

QRectF HeatMap::cellRect(HeatCell cell) const
{
    const QRectF grid = gridRect();
    const double width = grid.width() / std::max(1, columnCount());
    const double height = grid.height() / std::max(1, rowCount());
    const double gap = height >= 5 ? 1.0 : 0.0;
    // Edges on whole pixels: every gap looks the same.
    const double left = std::round(grid.left() + width * cell.column);
    const double top = std::round(grid.top() + height * cell.row);
    return QRectF(QPointF(left, top),
                  QPointF(std::round(grid.left() + width * (cell.column + 1)) - gap - 0.5,
                          std::round(grid.top() + height * (cell.row + 1)) - gap));
}

std::optional<HeatCell> HeatMap::cellAt(const QPointF& position) const
{
    const QRectF grid = gridRect();
    if (!grid.contains(position) || m_values.isEmpty()) {
        return std::nullopt;
    }
    const int row = static_cast<int>((position.y() - grid.top()) / grid.height() * rowCount());
    const int column =
        static_cast<int>((position.x() - grid.left()) / grid.width() * columnCount());
    return HeatCell {std::min(row, rowCount() - 1), std::min(column, columnCount() - 1)};
}

int HeatMap::labelStride() const
{
    const double height = gridRect().height() / std::max(1, rowCount());
    for (const int stride : {1, 2, 5, 10, 20, 50}) {
        if (height * stride >= scaled(24) || (stride == 1 && height >= scaled(16))) {
            return stride;
        }
    }
    return 100;
}

double HeatMap::share(double value) const
{
    const double size = m_ends.upper - m_ends.lower;
    return size > 0 ? std::clamp((value - m_ends.lower) / size, 0.0, 1.0) : 0.5;
}

QColor HeatMap::colorAt(double share) const
{
    if (!m_scale.lowerColor.isValid()) {
        return Theme::cividis(share);
    }
    const QColor middle = Theme::instance().colors().line; // seen on the card
    return share < 0.5 ? Theme::mixed(m_scale.lowerColor, middle, 2.0 * share)
                       : Theme::mixed(middle, m_scale.upperColor, 2.0 * share - 1.0);
}

void HeatMap::paintEvent(QPaintEvent* /*event*/)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setFont(sized(font(), 11));
    if (m_values.isEmpty()) {
        return;
    }
    paintLabels(painter);
    paintCells(painter);
    paintFrames(painter);
    if (m_hasBar) {
        paintBar(painter);
    }
}

void HeatMap::paintLabels(QPainter& painter) const
{
    painter.setPen(Theme::instance().colors().muted);
    painter.drawText(QRectF(0, 0, scaled(kLeft) - 4, scaled(kTop) - 6),
                     Qt::AlignRight | Qt::AlignVCenter, m_corner);
    const int stride = labelStride();
    for (int row = 0; row < rowCount(); row += stride) {
        const QRectF cell = cellRect({row, 0});
        painter.drawText(QRectF(0, cell.center().y() - scaled(8), scaled(kLeft) - 8, scaled(16)),
                         Qt::AlignRight | Qt::AlignVCenter, m_rows[row]);
    }
    for (int column = 0; column < columnCount(); ++column) {
        const QRectF cell = cellRect({0, column});
        const double room = columnRoom(column, painter.fontMetrics());
        const QString text = painter.fontMetrics().elidedText(m_columns[column], Qt::ElideRight,
                                                              static_cast<int>(room));
        painter.drawText(QRectF(cell.center().x() - room / 2, 0, room, scaled(kTop) - 6),
                         Qt::AlignHCenter | Qt::AlignVCenter, text);
    }
}

// A name is as wide as its column, and wider where its neighbours are short: "down" beside "up".
double HeatMap::columnRoom(int column, const QFontMetrics& metrics) const
{
    constexpr double kBetween = 6.0; // px, two names
    const QRectF cell = cellRect({0, column});
    double half = cell.width() / 2 + scaled(8); // of what is beside the map
    for (const int other : {column - 1, column + 1}) {
        if (other >= 0 && other < columnCount()) {
            const QRectF beside = cellRect({0, other});
            const double itsHalf =
                std::min<double>(metrics.horizontalAdvance(m_columns[other]), beside.width()) / 2;
            half = std::min(half,
                            std::abs(beside.center().x() - cell.center().x()) - itsHalf - kBetween);
        }
    }
    return std::max(cell.width() + 2, 2 * half);
}

void HeatMap::paintCells(QPainter& painter) const
{
    const Colors& colors = Theme::instance().colors();
    for (int row = 0; row < rowCount(); ++row) {
        for (int column = 0; column < columnCount(); ++column) {
            const QRectF cell = cellRect({row, column});
            const double cellValue = value({row, column});
            if (std::isfinite(cellValue)) {
                painter.setPen(Qt::NoPen);
                painter.setBrush(colorAt(share(cellValue)));
                painter.drawRoundedRect(cell, kRadius, kRadius);
            } else {
                painter.setPen(QPen(colors.line, 1));
                painter.setBrush(Qt::NoBrush);
                painter.drawRoundedRect(cell.adjusted(0.5, 0.5, -0.5, -0.5), kRadius, kRadius);
            }
        }
    }
}

void HeatMap::paintFrames(QPainter& painter) const
{
    const Colors& colors = Theme::instance().colors();
    painter.setBrush(Qt::NoBrush);
    const auto frame = [&](HeatCell cell, const QColor& color, double width, Qt::PenStyle style) {
        painter.setPen(QPen(colors.card, width + 1.5));
        painter.drawRoundedRect(cellRect(cell).adjusted(-0.5, -0.5, 0.5, 0.5), kRadius, kRadius);
        painter.setPen(QPen(color, width, style));
        painter.drawRoundedRect(cellRect(cell).adjusted(-0.5, -0.5, 0.5, 0.5), kRadius, kRadius);
    };
    if (m_hovered) {
        frame(*m_hovered, colors.muted, 1.0, Qt::SolidLine);
    }
    for (const HeatCell& cell : m_selection) {
        frame(cell, colors.text, m_selection.size() > kCrowd ? 1.0 : 1.8, Qt::SolidLine);
    }
    if (m_showCurrent && hasFocus()) {
        painter.setPen(QPen(colors.accent, 2));
        painter.drawRoundedRect(cellRect(m_current).adjusted(-2.5, -2.5, 2.5, 2.5), kRadius + 2,
                                kRadius + 2);
    }
}

void HeatMap::paintBar(QPainter& painter) const
{
    const QRectF grid = gridRect();
    const QRectF bar(grid.right() + scaled(kBarGap), grid.top(), scaled(kBarWidth),
                     grid.height() - 1);
    QLinearGradient gradient(bar.bottomLeft(), bar.topLeft());
    for (int i = 0; i <= 16; ++i) {
        gradient.setColorAt(i / 16.0, colorAt(i / 16.0));
    }
    const Colors& colors = Theme::instance().colors();
    const bool known = m_ends.upper >= m_ends.lower;
    painter.setPen(known ? QPen(Qt::NoPen) : QPen(colors.line, 1));
    painter.setBrush(known ? QBrush(gradient) : QBrush(Qt::NoBrush));
    painter.drawRoundedRect(bar, kRadius, kRadius);
    if (!known || !m_barLabel) {
        return;
    }
    paintEnds(painter, bar);
    paintDataRange(painter, bar);
}

// The values of both ends; where cells lie beyond one, that they do and how far.
void HeatMap::paintEnds(QPainter& painter, const QRectF& bar) const
{
    painter.setPen(Theme::instance().colors().muted);
    const QRectF text(bar.right() + 4, 0, scaled(kBarLabels) - 4, scaled(14));
    const auto write = [&](double y, const QString& words) {
        painter.drawText(text.translated(0, y), Qt::AlignLeft | Qt::AlignVCenter, words);
    };
    const bool above = m_ends.most > m_ends.upper;
    const bool below = m_ends.least < m_ends.lower;
    const QString upper = m_barLabel(m_ends.upper);
    const QString lower = m_barLabel(m_ends.lower);
    write(bar.top() - 1, above ? QStringLiteral("≥ ") + upper : upper);
    write(bar.bottom() - scaled(13), below ? QStringLiteral("≤ ") + lower : lower);
    if (const QString most = m_barLabel(m_ends.most); above && most != upper) {
        write(bar.top() + scaled(13), tr("to %1").arg(most));
    }
    if (const QString least = m_barLabel(m_ends.least); below && least != lower) {
        write(bar.bottom() - scaled(27), tr("from %1").arg(least));
    }
}

// A line along the part of the bar that the cells take, its ends named where they are apart from those of the bar.
void HeatMap::paintDataRange(QPainter& painter, const QRectF& bar) const
{
    const auto range = m_marksRange ? dataRange() : std::nullopt;
    if (!range || (range->first <= m_ends.lower && range->second >= m_ends.upper)) {
        return;
    }
    const double labelHeight = scaled(14);
    const auto height = [&](double value) { return bar.bottom() - share(value) * bar.height(); };
    const double top = height(range->second);
    const double bottom = std::max(height(range->first), top + 2.0); // one value is seen too
    const double x = bar.right() + 2.5;
    painter.setPen(QPen(Theme::instance().colors().text, 1.5));
    // Below what stands beside the end.
    const double from = range->second > m_ends.upper ? bar.top() + 2 * labelHeight : top;
    painter.drawLine(QPointF(x, std::min(from, bottom)), QPointF(x, bottom));
    painter.setPen(Theme::instance().colors().text);
    const QRectF text(bar.right() + 6, 0, scaled(kBarLabels) - 6, labelHeight);
    double lowerEdge = bar.top() + labelHeight; // below the label of the bar's end
    const auto write = [&](double middle, const QString& words) {
        const double y = std::max(middle - labelHeight / 2, lowerEdge);
        if (y + labelHeight <= bar.bottom() - labelHeight) {
            painter.drawText(text.translated(0, y), Qt::AlignLeft | Qt::AlignVCenter, words);
            lowerEdge = y + labelHeight;
        }
    };
    const QString upper = m_barLabel(range->second);
    const QString lower = m_barLabel(range->first);
    if (range->second <= m_ends.upper) { // else the end of the bar says it
        write(top, upper);
    } else {
        lowerEdge += labelHeight;
    }
    if (lower != upper && range->first >= m_ends.lower) {
        write(bottom, lower);
    }
}

void HeatMap::mousePressEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton) {
        QWidget::mousePressEvent(event);
        return;
    }
    m_showCurrent = false;
    const bool add = event->modifiers().testFlag(Qt::ShiftModifier)
        || event->modifiers().testFlag(Qt::ControlModifier);
    if (const std::optional<HeatCell> cell = cellAt(event->position())) {
        select(*cell, add);
    } else {
        selectAll(cellsOfLabelAt(event->position()), add);
    }
}

void HeatMap::mouseMoveEvent(QMouseEvent* event)
{
    const std::optional<HeatCell> cell = cellAt(event->position());
    if (cell != m_hovered) {
        m_hovered = cell;
        update();
    }
}

void HeatMap::leaveEvent(QEvent* /*event*/)
{
    m_hovered.reset();
    update();
}

bool HeatMap::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const std::optional<HeatCell> cell = cellAt(help->pos());
        if (cell && m_toolTip) {
            QToolTip::showText(help->globalPos(), m_toolTip(*cell), this,
                               cellRect(*cell).toAlignedRect());
        } else {
            QToolTip::hideText();
        }
        return true;
    }
    return QWidget::event(event);
}

} // namespace pissarro::ui
