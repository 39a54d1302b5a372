// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/sweep/parallel_plot.h"

#include "ui/look/metrics.h"
#include "ui/look/theme.h"
#include "ui/widgets/accessible.h"
#include "ui/words/format.h"

#include <QKeyEvent>
#include <QLineF>
#include <QMouseEvent>
#include <QPainter>
#include <QPolygonF>

#include <algorithm>
#include <cmath>
#include <utility>

namespace pissarro::ui {

namespace {

constexpr int kSide = 40; // px: half of an axis's title
constexpr int kTop = 26;
constexpr int kBottom = 14;
constexpr double kNear = 8.0; // px, that a click may miss a line by
constexpr float kFaint = 0.45F; // opacity beside a chosen line
constexpr float kOneOfMany = 0.7F;

// Of a point to a line between two others.
double distanceTo(const QLineF& line, const QPointF& point)
{
    const double length = line.length();
    const QPointF along = line.p2() - line.p1();
    const QPointF away = point - line.p1();
    const double share = length > 0.0
        ? std::clamp((along.x() * away.x() + along.y() * away.y()) / (length * length), 0.0, 1.0)
        : 0.0;
    return QLineF(line.pointAt(share), point).length();
}

} // namespace

ParallelPlot::ParallelPlot(const QString& name, const QString& accessible, QWidget* parent)
    : QWidget(parent)
{
    setObjectName(name);
    setAccessibleName(accessible);
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

QSize ParallelPlot::sizeHint() const
{
    return {scaled(420), scaled(220)};
}

QSize ParallelPlot::minimumSizeHint() const
{
    return {scaled(220), scaled(110)};
}

void ParallelPlot::setRuns(const QVector<ParallelAxis>& axes, const QString& score,
                           const QVector<ParallelRun>& runs)
{
    m_axes = axes;
    m_score = score;
    m_runs = runs;
    bool any = false;
    for (const ParallelRun& run : m_runs) {
        if (std::isfinite(run.score)) {
            m_low = any ? std::min(m_low, run.score) : run.score;
            m_high = any ? std::max(m_high, run.score) : run.score;
            any = true;
        }
    }
    m_current = m_current < m_runs.size() ? m_current : -1;
    tellOtherTable(this);
    update();
}

void ParallelPlot::setSelected(const QString& run)
{
    m_selected = run;
    update();
}

// --- Places

double ParallelPlot::xOf(int axis) const
{
    const auto gaps = static_cast<double>(std::max<qsizetype>(1, m_axes.size()));
    return scaled(kSide) + (width() - 2 * scaled(kSide)) * axis / gaps;
}

bool ParallelPlot::has(int run, int axis) const
{
    return axis == m_axes.size() ? std::isfinite(m_runs[run].score)
                                 : m_runs[run].values.value(axis, -1) >= 0;
}

QPointF ParallelPlot::place(int run, int axis) const
{
    const ParallelRun& one = m_runs[run];
    double share = 0.5;
    if (axis == m_axes.size()) {
        share = m_high > m_low ? (one.score - m_low) / (m_high - m_low) : 0.5;
    } else if (const qsizetype values = m_axes[axis].values.size(); values > 1) {
        share = static_cast<double>(one.values.value(axis, 0)) / static_cast<double>(values - 1);
    }
    const double high = height() - scaled(kTop) - scaled(kBottom);
    return {xOf(axis), scaled(kTop) + high * (1.0 - share)};
}

QPolygonF ParallelPlot::lineOf(int run) const
{
    QPolygonF line;
    for (int axis = 0; axis <= m_axes.size(); ++axis) {
        if (has(run, axis)) {
            line.append(place(run, axis));
        }
    }
    return line;
}

int ParallelPlot::nearest(const QPointF& position) const
{
    int found = -1;
    double least = scaled(kNear);
    for (int run = 0; run < m_runs.size(); ++run) {
        const QPolygonF line = lineOf(run);
        for (qsizetype i = 1; i < line.size(); ++i) {
            const double distance = distanceTo(QLineF(line[i - 1], line[i]), position);
            if (distance < least) {
                least = distance;
                found = run;
            }
        }
    }
    return found;
}

// --- A person

void ParallelPlot::choose(int run, bool opens)
{
    if (run < 0 || run >= m_runs.size()) {
        return;
    }
    m_current = run;
    m_selected = m_runs[run].name;
    update();
    tellCurrentCell(this);
    opens ? Q_EMIT runOpened(m_selected) : Q_EMIT runChosen(m_selected);
}

void ParallelPlot::mousePressEvent(QMouseEvent* event)
{
    if (event->button() == Qt::LeftButton) {
        choose(nearest(event->position()), false);
        return;
    }
    QWidget::mousePressEvent(event);
}

void ParallelPlot::mouseDoubleClickEvent(QMouseEvent* event)
{
    if (event->button() == Qt::LeftButton) {
        choose(nearest(event->position()), true);
    }
}

void ParallelPlot::walk(int runs)
{
    if (m_runs.isEmpty()) {
        return;
    }
    m_current = std::clamp(m_current + runs, 0, tableRows() - 1);
    update();
    tellCurrentCell(this);
}

void ParallelPlot::keyPressEvent(QKeyEvent* event)
{
    switch (event->key()) {
    case Qt::Key_Up:
        walk(-1);
        return;
    case Qt::Key_Down:
        walk(1);
        return;
    case Qt::Key_Space:
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (m_current >= 0) {
            choose(m_current, event->key() != Qt::Key_Space);
            return;
        }
        break;
    default:
        break;
    }
    QWidget::keyPressEvent(event);
}

void ParallelPlot::focusInEvent(QFocusEvent* event)
{
    if (m_current < 0 && isByKeyboard(event->reason())) {
        walk(1);
    }
    QWidget::focusInEvent(event);
    update();
}

// --- The picture

void ParallelPlot::paintEvent(QPaintEvent* /*event*/)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setFont(sized(font(), 11));
    if (m_axes.isEmpty()) {
        return;
    }
    paintAxes(painter);
    const bool any = !m_selected.isEmpty();
    for (const bool chosen : {false, true}) { // the chosen ones above
        for (int run = 0; run < m_runs.size(); ++run) {
            const bool isChosen = m_runs[run].name == m_selected;
            if (isChosen != chosen) {
                continue;
            }
            QColor color = m_runs[run].color;
            color.setAlphaF(isChosen ? 1.0F : any ? kFaint : kOneOfMany);
            const bool isCurrent = run == m_current && hasFocus();
            painter.setPen(QPen(color, isChosen ? 3.0 : isCurrent ? 2.4 : 1.3));
            painter.drawPolyline(lineOf(run));
        }
    }
    paintTicks(painter);
}

void ParallelPlot::paintAxes(QPainter& painter) const
{
    const Colors& colors = Theme::instance().colors();
    const double bottom = height() - scaled(kBottom);
    for (int axis = 0; axis <= m_axes.size(); ++axis) {
        const bool isScore = axis == m_axes.size();
        const double x = xOf(axis);
        painter.setPen(QPen(colors.line, 1));
        painter.drawLine(QPointF(x, scaled(kTop)), QPointF(x, bottom));
        painter.setPen(colors.text);
        const QString title = isScore ? m_score : m_axes[axis].title;
        const int room = 2 * scaled(kSide);
        painter.drawText(QRectF(x - scaled(kSide), 0, room, scaled(16)), Qt::AlignCenter,
                         painter.fontMetrics().elidedText(title, Qt::ElideRight, room));
    }
}

// Above the lines, on grounds of their own: lines meet where values stand.
void ParallelPlot::paintTicks(QPainter& painter) const
{
    const Colors& colors = Theme::instance().colors();
    const double bottom = height() - scaled(kBottom);
    for (int axis = 0; axis <= m_axes.size(); ++axis) {
        const bool isScore = axis == m_axes.size();
        const double x = xOf(axis);
        const QStringList ticks =
            isScore ? QStringList {formatNumber(m_low), formatNumber(m_high)} : m_axes[axis].values;
        for (qsizetype i = 0; i < ticks.size(); ++i) {
            const double share = ticks.size() > 1
                ? static_cast<double>(i) / static_cast<double>(ticks.size() - 1)
                : 0.5;
            const double y = bottom - (bottom - scaled(kTop)) * share;
            const QString text =
                painter.fontMetrics().elidedText(ticks[i], Qt::ElideMiddle, scaled(72));
            const double wide = painter.fontMetrics().horizontalAdvance(text) + scaled(6);
            const QRectF place(isScore ? x - scaled(4) - wide : x + scaled(4), y - scaled(8), wide,
                               scaled(16));
            QColor ground = colors.card;
            ground.setAlphaF(0.85F);
            painter.setPen(Qt::NoPen);
            painter.setBrush(ground);
            painter.drawRoundedRect(place, 3, 3);
            painter.setPen(colors.muted);
            painter.drawText(place, Qt::AlignCenter, text);
        }
    }
}

// --- What is read out

QString ParallelPlot::columnName(int column) const
{
    return column < m_axes.size() ? m_axes[column].title : m_score;
}

QString ParallelPlot::cellText(TablePlace cell) const
{
    if (!has(cell.row, cell.column)) {
        return tr("none yet");
    }
    return cell.column < m_axes.size()
        ? m_axes[cell.column].values[m_runs[cell.row].values[cell.column]]
        : formatNumber(m_runs[cell.row].score);
}

QRect ParallelPlot::cellPlace(TablePlace cell) const
{
    const QPointF at = has(cell.row, cell.column) ? place(cell.row, cell.column)
                                                  : QPointF(xOf(cell.column), height() / 2.0);
    return QRectF(at.x() - scaled(6), at.y() - scaled(6), scaled(12), scaled(12)).toRect();
}

std::optional<TablePlace> ParallelPlot::currentCell() const
{
    return m_current < 0 ? std::nullopt : std::optional(TablePlace {m_current, tableColumns() - 1});
}

bool ParallelPlot::isCellSelected(TablePlace cell) const
{
    return !m_selected.isEmpty() && m_runs[cell.row].name == m_selected;
}

} // namespace pissarro::ui
