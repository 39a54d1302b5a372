// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/sweep/score_plot.h"

#include "ui/look/metrics.h"
#include "ui/look/theme.h"
#include "ui/widgets/accessible.h"
#include "ui/words/format.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace pissarro::ui {

namespace {

constexpr int kLeft = 46; // px: "0.9125"
constexpr int kRight = 64; // labels behind the ends, at least
constexpr double kMostRight = 0.35; // of the width
constexpr int kTop = 14;
constexpr int kBottom = 36;
constexpr double kNear = 14.0; // px, that a click may miss a point by
constexpr double kRoom = 0.08; // of the span, above and below the points

} // namespace

ScorePlot::ScorePlot(const QString& name, const QString& accessible, QWidget* parent)
    : QWidget(parent)
{
    setObjectName(name);
    setAccessibleName(accessible);
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

QSize ScorePlot::sizeHint() const
{
    return {scaled(420), scaled(300)};
}

QSize ScorePlot::minimumSizeHint() const
{
    return {scaled(220), scaled(130)};
}

void ScorePlot::setTitles(const QString& x, const QString& y)
{
    m_xTitle = x;
    m_yTitle = y;
    update();
}

void ScorePlot::setLines(const QStringList& columns, const QVector<ScoreLine>& lines)
{
    const bool sameShape = columns == m_columns && lines.size() == m_lines.size();
    m_columns = columns;
    m_lines = lines;
    m_labelRoom = 0;
    QFont bold = sized(font(), 11);
    bold.setWeight(QFont::DemiBold);
    const QFontMetrics metrics(bold);
    for (const ScoreLine& line : m_lines) {
        const QString note = line.points.isEmpty() ? QString() : line.points.last().note;
        m_labelRoom = std::max(m_labelRoom,
                               metrics.horizontalAdvance(line.label)
                                   + metrics.horizontalAdvance(note) + scaled(16));
    }
    if (m_current && !hasCell(*m_current)) {
        m_current.reset();
    }
    if (!sameShape) {
        tellOtherTable(this);
    }
    update();
}

void ScorePlot::setDifferences(bool on)
{
    m_differences = on;
    update();
}

void ScorePlot::setRange(const std::optional<std::pair<double, double>>& range)
{
    m_range = range;
    update();
}

std::optional<std::pair<double, double>> ScorePlot::dataRange() const
{
    std::optional<std::pair<double, double>> found;
    for (const ScoreLine& line : m_lines) {
        for (const ScorePoint& point : line.points) {
            if (std::isfinite(point.value)) {
                const double low = point.value - point.error;
                const double high = point.value + point.error;
                found = found
                    ? std::pair {std::min(found->first, low), std::max(found->second, high)}
                    : std::pair {low, high};
            }
        }
    }
    return found;
}

void ScorePlot::setEmptyText(const QString& text)
{
    m_emptyText = text;
    update();
}

void ScorePlot::setSelected(const QString& run)
{
    m_selected = run;
    update();
}

// --- Places

QRectF ScorePlot::area() const
{
    const double most = std::max<double>(scaled(kRight), kMostRight * width());
    const double right = std::clamp<double>(m_labelRoom, scaled(kRight), most);
    return QRectF(rect()).adjusted(scaled(kLeft), scaled(kTop), -right, -scaled(kBottom));
}

double ScorePlot::xOf(int column) const
{
    const QRectF box = area();
    const auto columns = static_cast<double>(std::max<qsizetype>(1, m_columns.size()));
    return box.left() + box.width() * (column + 0.5) / columns;
}

std::pair<double, double> ScorePlot::range() const
{
    const auto found = m_range ? m_range : dataRange();
    if (!found) {
        return {0.0, 1.0};
    }
    const double span =
        std::max(found->second - found->first, 1e-6 + 5e-3 * std::abs(found->first));
    return {found->first - kRoom * span, found->second + kRoom * span};
}

double ScorePlot::yOf(double value) const
{
    const QRectF box = area();
    const auto [low, high] = range();
    return box.bottom() - box.height() * (value - low) / (high - low);
}

QPointF ScorePlot::pointPlace(int line, int point) const
{
    const ScorePoint& one = m_lines[line].points[point];
    return {xOf(one.column), yOf(one.value)};
}

const ScorePoint* ScorePlot::pointAt(TablePlace cell) const
{
    if (cell.row < 0 || cell.row >= m_lines.size()) {
        return nullptr;
    }
    for (const ScorePoint& point : m_lines[cell.row].points) {
        if (point.column == cell.column && std::isfinite(point.value)) {
            return &point;
        }
    }
    return nullptr;
}

std::optional<TablePlace> ScorePlot::nearest(const QPointF& position) const
{
    std::optional<TablePlace> found;
    double least = scaled(kNear);
    for (int line = 0; line < m_lines.size(); ++line) {
        for (const ScorePoint& point : m_lines[line].points) {
            const QPointF away = QPointF(xOf(point.column), yOf(point.value)) - position;
            const double distance = std::hypot(away.x(), away.y());
            if (distance < least) { // never of a NaN
                least = distance;
                found = TablePlace {line, point.column};
            }
        }
    }
    return found;
}

// --- A person

void ScorePlot::choose(TablePlace cell, bool opens)
{
    const ScorePoint* point = pointAt(cell);
    if (point == nullptr || point->runs.isEmpty()) {
        return;
    }
    m_current = cell;
    const QString run = point->runs.contains(m_selected) ? m_selected : point->runs.first();
    m_selected = run;
    update();
    tellCurrentCell(this);
    opens ? Q_EMIT runOpened(run) : Q_EMIT runChosen(run);
}

void ScorePlot::mousePressEvent(QMouseEvent* event)
{
    if (const auto cell = nearest(event->position()); cell && event->button() == Qt::LeftButton) {
        choose(*cell, false);
        return;
    }
    QWidget::mousePressEvent(event);
}

void ScorePlot::mouseDoubleClickEvent(QMouseEvent* event)
{
    if (const auto cell = nearest(event->position()); cell && event->button() == Qt::LeftButton) {
        choose(*cell, true);
    }
}

void ScorePlot::mouseMoveEvent(QMouseEvent* event)
{
    setCursor(nearest(event->position()) ? Qt::PointingHandCursor : Qt::ArrowCursor);
}

bool ScorePlot::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const auto cell = nearest(help->pos());
        const ScorePoint* point = cell ? pointAt(*cell) : nullptr;
        point != nullptr ? QToolTip::showText(help->globalPos(), point->tip, this)
                         : QToolTip::hideText();
        return true;
    }
    return QWidget::event(event);
}

// To the next point in that direction; where a line has none, on.
void ScorePlot::walk(int lines, int columns)
{
    TablePlace at = m_current.value_or(TablePlace {0, -1});
    if (!m_current && columns <= 0) {
        at = {0, 0};
    }
    const int most = tableRows() + tableColumns();
    for (int i = 0; i < most; ++i) {
        at = {at.row + lines, at.column + columns};
        if (!hasCell(at)) {
            return;
        }
        if (pointAt(at) != nullptr) {
            m_current = at;
            update();
            tellCurrentCell(this);
            return;
        }
    }
}

void ScorePlot::keyPressEvent(QKeyEvent* event)
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

void ScorePlot::focusInEvent(QFocusEvent* event)
{
    if (!m_current && isByKeyboard(event->reason())) {
        walk(0, 1);
    }
    QWidget::focusInEvent(event);
    update();
}

// --- What is read out

QString ScorePlot::rowName(int row) const
{
    return m_lines[row].label;
}

QString ScorePlot::columnName(int column) const
{
    return QStringLiteral("%1 = %2").arg(m_xTitle, m_columns[column]);
}

QString ScorePlot::cellText(TablePlace cell) const
{
    const ScorePoint* point = pointAt(cell);
    return point == nullptr ? tr("none yet") : formatNumber(point->value);
}

QString ScorePlot::cellDetails(TablePlace cell) const
{
    const ScorePoint* point = pointAt(cell);
    return point == nullptr ? QString() : point->tip;
}

QRect ScorePlot::cellPlace(TablePlace cell) const
{
    const ScorePoint* point = pointAt(cell);
    const double y = point == nullptr ? area().center().y() : yOf(point->value);
    const int size = scaled(kNear);
    return {static_cast<int>(xOf(cell.column)) - size / 2, static_cast<int>(y) - size / 2, size,
            size};
}

std::optional<TablePlace> ScorePlot::currentCell() const
{
    return m_current;
}

bool ScorePlot::isCellSelected(TablePlace cell) const
{
    const ScorePoint* point = pointAt(cell);
    return point != nullptr && !m_selected.isEmpty() && point->runs.contains(m_selected);
}

void ScorePlot::selectCell(TablePlace cell)
{
    choose(cell, false);
}

QString ScorePlot::tableSummary() const
{
    return dataRange() ? QString() : m_emptyText;
}

} // namespace pissarro::ui
