// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/evaluate/score_chart.h"

#include "ui/look/metrics.h"
#include "ui/look/theme.h"
#include "ui/widgets/accessible.h"
#include "ui/words/format.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace pissarro::ui {

namespace {

constexpr int kNameWidth = 128; // px, of a task's name
constexpr int kRowHeight = 24; // px, of a mark
constexpr int kPadding = 8; // px, above and below a group
constexpr int kAxisHeight = 24; // px
constexpr int kTextGap = 8; // px, between an interval and its text
constexpr int kRadius = 5; // px, of a point
constexpr int kRightRoom = 12; // px
constexpr int kTicks = 5; // about as many

// A step of 1, 2 or 5 that cuts `span` into about kTicks.
double stepOf(double span)
{
    const double raw = span / kTicks;
    const double power = std::pow(10.0, std::floor(std::log10(raw)));
    for (const double factor : {1.0, 2.0, 5.0}) {
        if (raw <= factor * power) {
            return factor * power;
        }
    }
    return 10.0 * power;
}

double xIn(const QRect& plot, double value, double from, double to)
{
    const double share = to > from ? (value - from) / (to - from) : 0.0;
    return plot.left() + std::clamp(share, 0.0, 1.0) * plot.width();
}

} // namespace

ScoreChart::ScoreChart(QWidget* parent)
    : QWidget(parent)
{
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Scores with their intervals"));
    connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void ScoreChart::setGroups(const QVector<ScoreGroup>& groups)
{
    m_groups = groups;
    setMinimumHeight(minimumSizeHint().height());
    updateGeometry();
    update();
    tellOtherTable(this);
}

void ScoreChart::setChosen(int task)
{
    if (task != m_chosen) {
        m_chosen = task;
        update();
        tellCurrentCell(this);
    }
}

void ScoreChart::choose(int task)
{
    if (task != m_chosen) {
        setChosen(task);
        Q_EMIT taskChosen(task);
    }
}

int ScoreChart::heightOf(const ScoreGroup& group) const
{
    const auto marks = std::max<qsizetype>(group.marks.size(), 2); // a title and its line below
    return static_cast<int>(marks) * scaled(kRowHeight) + 2 * scaled(kPadding);
}

int ScoreChart::topOf(int group) const
{
    int top = 0;
    for (int i = 0; i < group; ++i) {
        top += heightOf(m_groups[i]);
    }
    return top;
}

QSize ScoreChart::minimumSizeHint() const
{
    return {scaled(kNameWidth) + scaled(140),
            topOf(static_cast<int>(m_groups.size())) + scaled(kAxisHeight)};
}

QSize ScoreChart::sizeHint() const
{
    return {scaled(560), minimumSizeHint().height()};
}

QRect ScoreChart::plotOf(int group) const
{
    const int left = scaled(kNameWidth);
    return {left, topOf(group) + scaled(kPadding), std::max(1, width() - left - scaled(kRightRoom)),
            heightOf(m_groups[group]) - 2 * scaled(kPadding)};
}

// From 0, or below it where differences are told, to what the widest interval needs.
ScoreChart::Range ScoreChart::shares() const
{
    double low = 0.0;
    double high = 0.0;
    for (const ScoreGroup& group : m_groups) {
        for (const ScoreMark& mark : group.marks) {
            if (group.isShare) {
                low = std::min(low, mark.low);
                high = std::max(high, mark.high);
            }
        }
    }
    const double span = std::max(high - low, 0.01);
    const double step = stepOf(span);
    return {std::floor(low / step) * step, std::ceil((low + span) / step) * step};
}

ScoreChart::Range ScoreChart::rangeOf(const ScoreGroup& group) const
{
    if (group.isShare || group.marks.isEmpty()) {
        return shares();
    }
    Range range {group.marks.first().low, group.marks.first().high};
    for (const ScoreMark& mark : group.marks) {
        range.from = std::min(range.from, mark.low);
        range.to = std::max(range.to, mark.high);
    }
    const double room = std::max(0.1 * (range.to - range.from), 1e-6 * std::abs(range.to));
    return {range.from - room, range.to + room};
}

void ScoreChart::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    drawAxis(painter);
    for (int group = 0; group < static_cast<int>(m_groups.size()); ++group) {
        drawGroup(painter, group);
    }
}

// Behind the groups: faint lines through all that are shares, and what they stand for below.
void ScoreChart::drawAxis(QPainter& painter) const
{
    const bool any = std::any_of(m_groups.begin(), m_groups.end(),
                                 [](const ScoreGroup& group) { return group.isShare; });
    if (!any) {
        return;
    }
    const Colors& colors = Theme::instance().colors();
    const Range range = shares();
    const double step = stepOf(range.to - range.from);
    const int bottom = topOf(static_cast<int>(m_groups.size()));
    painter.setFont(sized(font(), 11));
    for (double value = range.from; value <= range.to + 0.5 * step; value += step) {
        const bool isZero = std::abs(value) < 0.01 * step;
        const int x = static_cast<int>(xIn(plotOf(0), value, range.from, range.to));
        painter.setPen(QPen(isZero && range.from < 0.0 ? colors.muted : colors.line, 1));
        for (int group = 0; group < static_cast<int>(m_groups.size()); ++group) {
            if (m_groups[group].isShare) {
                painter.drawLine(x, topOf(group), x, topOf(group) + heightOf(m_groups[group]));
            }
        }
        painter.setPen(colors.muted);
        const QRect place(x - scaled(40), bottom, scaled(80), scaled(kAxisHeight));
        const bool isLast = value + 0.5 * step > range.to;
        painter.drawText(isLast ? place.translated(-scaled(28), 0) : place,
                         (isLast ? Qt::AlignRight : Qt::AlignHCenter) | Qt::AlignVCenter,
                         formatPercent(isZero ? 0.0 : value));
    }
}

void ScoreChart::drawGroup(QPainter& painter, int index) const
{
    const ScoreGroup& group = m_groups[index];
    const Colors& colors = Theme::instance().colors();
    const QRect all(0, topOf(index), width(), heightOf(group));
    if (group.task == m_chosen) {
        QColor ground = colors.tint;
        ground.setAlphaF(0.55F);
        painter.fillRect(QRect(0, all.top(), scaled(kNameWidth) - scaled(8), all.height()), ground);
        if (hasFocus()) {
            painter.setPen(QPen(colors.accent, 1.5));
            painter.drawRect(
                QRectF(1, all.top() + 1, scaled(kNameWidth) - scaled(8) - 2, all.height() - 2));
        }
    }
    if (index > 0) {
        painter.setPen(QPen(colors.line, 1));
        painter.drawLine(0, all.top(), width(), all.top());
    }
    const int textWidth = scaled(kNameWidth) - scaled(16);
    QFont bold = sized(font(), 13);
    bold.setWeight(QFont::DemiBold);
    const int middle = all.center().y();
    const auto line = [&](const QFont& used, const QColor& ink, const QString& text, int top) {
        painter.setFont(used);
        painter.setPen(ink);
        painter.drawText(QRect(scaled(4), top, textWidth, scaled(18)),
                         Qt::AlignLeft | Qt::AlignVCenter,
                         QFontMetrics(used).elidedText(text, Qt::ElideMiddle, textWidth));
    };
    line(bold, colors.text, group.title, middle - scaled(18));
    line(sized(font(), 11), colors.muted, group.subtitle, middle);
    const QRect plot = plotOf(index);
    const Range range = rangeOf(group);
    for (int mark = 0; mark < static_cast<int>(group.marks.size()); ++mark) {
        const QRect row(plot.left(), plot.top() + mark * scaled(kRowHeight), plot.width(),
                        scaled(kRowHeight));
        drawMark(painter, row, group.marks[mark], range);
    }
}

void ScoreChart::drawMark(QPainter& painter, const QRect& row, const ScoreMark& mark,
                          Range range) const
{
    const double y = row.center().y() + 0.5;
    const double low = xIn(row, mark.low, range.from, range.to);
    const double high = xIn(row, mark.high, range.from, range.to);
    const double at = xIn(row, mark.value, range.from, range.to);
    QPen pen(mark.color, 2);
    if (!mark.isWhole) {
        pen.setDashPattern({2.0, 2.0});
    }
    painter.setPen(pen);
    painter.drawLine(QPointF(low, y), QPointF(high, y));
    const double radius = scaled(kRadius);
    painter.setPen(QPen(mark.color, 2));
    painter.setBrush(mark.isWhole ? mark.color : Theme::instance().colors().card);
    painter.drawEllipse(QPointF(at, y), mark.isWhole ? radius : radius - 1.0,
                        mark.isWhole ? radius : radius - 1.0);
    painter.setBrush(Qt::NoBrush);
    QFont bold = sized(font(), 12);
    bold.setWeight(QFont::DemiBold);
    painter.setFont(bold);
    painter.setPen(mark.color);
    const QString text = tr("%1 %2").arg(mark.text, mark.name);
    const int textWidth = QFontMetrics(bold).horizontalAdvance(text);
    const int right = row.right() + scaled(kRightRoom);
    int x = static_cast<int>(std::ceil(high)) + scaled(kTextGap);
    if (x + textWidth > right) { // else left of the interval, or where it ends at the right
        const int left = static_cast<int>(std::floor(low)) - scaled(kTextGap) - textWidth;
        x = left >= row.left() ? left : std::max(row.left(), right - textWidth);
    }
    painter.drawText(QRect(x, row.top(), textWidth + 2, row.height()),
                     Qt::AlignLeft | Qt::AlignVCenter, text);
}

void ScoreChart::mousePressEvent(QMouseEvent* event)
{
    for (int group = 0; group < static_cast<int>(m_groups.size()); ++group) {
        const int top = topOf(group);
        if (event->pos().y() >= top && event->pos().y() < top + heightOf(m_groups[group])) {
            choose(m_groups[group].task);
        }
    }
}

void ScoreChart::keyPressEvent(QKeyEvent* event)
{
    const int by = event->key() == Qt::Key_Up ? -1 : event->key() == Qt::Key_Down ? 1 : 0;
    if (by == 0 || m_groups.isEmpty()) {
        QWidget::keyPressEvent(event);
        return;
    }
    int at = 0;
    while (at < static_cast<int>(m_groups.size()) && m_groups[at].task != m_chosen) {
        ++at;
    }
    // Groups of one task, such as pass@k, are one choice.
    int next = at;
    do {
        next += by;
    } while (next >= 0 && next < static_cast<int>(m_groups.size())
             && m_groups[next].task == m_chosen);
    if (next >= 0 && next < static_cast<int>(m_groups.size())) {
        choose(m_groups[next].task);
    }
}

void ScoreChart::focusInEvent(QFocusEvent* event)
{
    QWidget::focusInEvent(event);
    update();
}

void ScoreChart::focusOutEvent(QFocusEvent* event)
{
    QWidget::focusOutEvent(event);
    update();
}

int ScoreChart::tableRows() const
{
    int rows = 0;
    for (const ScoreGroup& group : m_groups) {
        rows += static_cast<int>(group.marks.size());
    }
    return rows;
}

ScoreChart::Row ScoreChart::rowAt(int row) const
{
    for (int group = 0; group < static_cast<int>(m_groups.size()); ++group) {
        const auto marks = static_cast<int>(m_groups[group].marks.size());
        if (row < marks) {
            return {group, row};
        }
        row -= marks;
    }
    return {};
}

QString ScoreChart::rowName(int row) const
{
    const Row at = rowAt(row);
    return tr("%1, %2").arg(m_groups[at.group].title, m_groups[at.group].marks[at.mark].name);
}

QString ScoreChart::columnName(int) const
{
    return tr("Score");
}

QString ScoreChart::cellText(TablePlace cell) const
{
    const Row at = rowAt(cell.row);
    return m_groups[at.group].marks[at.mark].text;
}

QString ScoreChart::cellDetails(TablePlace cell) const
{
    const Row at = rowAt(cell.row);
    const ScoreGroup& group = m_groups[at.group];
    const ScoreMark& mark = group.marks[at.mark];
    const auto text = [&group](double value) {
        return group.isShare ? formatPercent(value) : formatNumber(value);
    };
    const QString interval = tr("95 % interval from %1 to %2").arg(text(mark.low), text(mark.high));
    return mark.isWhole ? interval : tr("%1, not all is answered").arg(interval);
}

QRect ScoreChart::cellPlace(TablePlace cell) const
{
    const Row at = rowAt(cell.row);
    const QRect plot = plotOf(at.group);
    return {plot.left(), plot.top() + at.mark * scaled(kRowHeight), plot.width(),
            scaled(kRowHeight)};
}

std::optional<TablePlace> ScoreChart::currentCell() const
{
    for (int row = 0; row < tableRows(); ++row) {
        if (m_groups[rowAt(row).group].task == m_chosen) {
            return TablePlace {row, 0};
        }
    }
    return std::nullopt;
}

bool ScoreChart::isCellSelected(TablePlace cell) const
{
    return m_groups[rowAt(cell.row).group].task == m_chosen;
}

void ScoreChart::selectCell(TablePlace cell)
{
    choose(m_groups[rowAt(cell.row).group].task);
}

} // namespace pissarro::ui
