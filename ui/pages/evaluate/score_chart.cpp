// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/evaluate/score_chart.h"

#include "ui/look/metrics.h"
#include "ui/look/theme.h"
#include "ui/widgets/accessible.h"
#include "ui/words/format.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QStringList>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace pissarro::ui {

namespace {

constexpr int kNameWidth = 148; // px, of a task's name
constexpr int kLineHeight = 17; // px, of its lines
constexpr int kRowHeight = 24; // px, of a mark
constexpr int kPadding = 8; // px, above and below a group
constexpr int kAxisHeight = 24; // px
constexpr int kTextGap = 8; // px, between an interval and its text
constexpr int kRadius = 5; // px, of a point
constexpr int kRightRoom = 4; // px
constexpr int kTickRoom = 56; // px, that the label of a tick needs at least
constexpr int kMostTicks = 6;
constexpr double kMostLabel = 0.4; // of what is right of the names

QFont labelFont(const QFont& font)
{
    QFont bold = sized(font, 12);
    bold.setWeight(QFont::DemiBold);
    return bold;
}

QString labelOf(const ScoreMark& mark)
{
    return ScoreChart::tr("%1 %2").arg(mark.text, mark.name);
}

// A step of 1, 2 or 5 that cuts `span` into about so many.
double stepOf(double span, int ticks)
{
    const double raw = span / ticks;
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
    const auto lines = static_cast<int>(group.subtitle.count(u'\n')) + 2; // and the title
    return std::max(static_cast<int>(group.marks.size()) * scaled(kRowHeight),
                    lines * scaled(kLineHeight))
        + 2 * scaled(kPadding);
}

int ScoreChart::topOf(int group) const
{
    int top = 0;
    for (int i = 0; i < group; ++i) {
        top += heightOf(m_groups[i]) + (i == lastShare() ? scaled(kAxisHeight) : 0);
    }
    return top;
}

int ScoreChart::lastShare() const
{
    for (int group = static_cast<int>(m_groups.size()) - 1; group >= 0; --group) {
        if (m_groups[group].isShare && !m_groups[group].marks.isEmpty()) {
            return group;
        }
    }
    return -1;
}

// What the widest text needs, so that none stands on an interval.
int ScoreChart::labelRoom() const
{
    const QFontMetrics metrics(labelFont(font()));
    int widest = 0;
    for (const ScoreGroup& group : m_groups) {
        for (const ScoreMark& mark : group.marks) {
            widest = std::max(widest, metrics.horizontalAdvance(labelOf(mark)));
        }
    }
    const int most = static_cast<int>(kMostLabel * (width() - scaled(kNameWidth)));
    return std::clamp(widest + 2, 0, std::max(0, most)) + scaled(kTextGap) + scaled(kRightRoom);
}

QSize ScoreChart::minimumSizeHint() const
{
    return {scaled(kNameWidth) + scaled(140), topOf(static_cast<int>(m_groups.size()))};
}

QSize ScoreChart::sizeHint() const
{
    return {scaled(560), minimumSizeHint().height()};
}

QRect ScoreChart::plotOf(int group) const
{
    const int left = scaled(kNameWidth);
    const int rows = static_cast<int>(m_groups[group].marks.size()) * scaled(kRowHeight);
    return {left, topOf(group) + (heightOf(m_groups[group]) - rows) / 2,
            std::max(1, width() - left - labelRoom()), rows};
}

double ScoreChart::tick() const
{
    const Range range = shares();
    const int room = width() - scaled(kNameWidth) - labelRoom();
    return stepOf(range.to - range.from, std::clamp(room / scaled(kTickRoom), 1, kMostTicks));
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
    constexpr int kCuts = 10; // it ends at a round number, but not far from what it shows
    const double span = std::max(high - low, 0.01);
    const double step = stepOf(span, kCuts);
    return {std::floor(low / step) * step, std::ceil((low + span) / step - 1e-9) * step};
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
    if (m_groups.isEmpty()) {
        painter.setPen(Theme::instance().colors().muted);
        painter.drawText(rect().adjusted(0, scaled(8), 0, 0),
                         Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap,
                         tr("Scores come here with the first answers."));
        return;
    }
    drawAxis(painter);
    for (int group = 0; group < static_cast<int>(m_groups.size()); ++group) {
        drawGroup(painter, group);
    }
}

// Behind the groups: faint lines through all that are shares, and what they stand for below.
void ScoreChart::drawAxis(QPainter& painter) const
{
    const int last = lastShare();
    if (last < 0) {
        return;
    }
    const Colors& colors = Theme::instance().colors();
    const Range range = shares();
    const double step = tick();
    const int bottom = topOf(last) + heightOf(m_groups[last]);
    painter.setFont(sized(font(), 11));
    const auto first = static_cast<int>(std::ceil(range.from / step - 1e-9));
    for (int i = first; i * step <= range.to + 1e-9; ++i) {
        const double value = i * step;
        const bool isZero = i == 0;
        const int x = static_cast<int>(xIn(plotOf(0), value, range.from, range.to));
        painter.setPen(QPen(isZero && range.from < 0.0 ? colors.muted : colors.line, 1));
        for (int group = 0; group < static_cast<int>(m_groups.size()); ++group) {
            if (m_groups[group].isShare && !m_groups[group].marks.isEmpty()) {
                painter.drawLine(x, topOf(group), x, topOf(group) + heightOf(m_groups[group]));
            }
        }
        painter.setPen(colors.muted);
        const QRect place(x - scaled(40), bottom, scaled(80), scaled(kAxisHeight));
        painter.drawText(place, Qt::AlignHCenter | Qt::AlignVCenter, formatPercent(value));
    }
}

void ScoreChart::drawGroup(QPainter& painter, int index) const
{
    const ScoreGroup& group = m_groups[index];
    if (index > 0) {
        painter.setPen(QPen(Theme::instance().colors().line, 1));
        painter.drawLine(0, topOf(index), width(), topOf(index));
    }
    drawName(painter, index);
    const QRect plot = plotOf(index);
    const Range range = rangeOf(group);
    for (int mark = 0; mark < static_cast<int>(group.marks.size()); ++mark) {
        const QRect row(plot.left(), plot.top() + mark * scaled(kRowHeight), plot.width(),
                        scaled(kRowHeight));
        drawMark(painter, row, group.marks[mark], range);
    }
}

// The task and what is to be known of its scores, in the middle of their rows.
void ScoreChart::drawName(QPainter& painter, int index) const
{
    const ScoreGroup& group = m_groups[index];
    const Colors& colors = Theme::instance().colors();
    const QRect all(0, topOf(index), scaled(kNameWidth) - scaled(12), heightOf(group));
    if (group.task == m_chosen) {
        QColor ground = colors.tint;
        ground.setAlphaF(0.55F);
        painter.fillRect(all, ground);
        if (hasFocus()) {
            painter.setPen(QPen(colors.accent, 1.5));
            painter.drawRect(QRectF(all).adjusted(1, 1, -1, -1));
        }
    }
    QFont bold = sized(font(), 13);
    bold.setWeight(QFont::DemiBold);
    const QFont small = sized(font(), 11);
    const QStringList below = group.subtitle.split(u'\n');
    const int textWidth = all.width() - scaled(8);
    int top = all.center().y() - static_cast<int>(below.size() + 1) * scaled(kLineHeight) / 2;
    const auto line = [&](const QFont& used, const QColor& ink, const QString& text) {
        painter.setFont(used);
        painter.setPen(ink);
        painter.drawText(QRect(scaled(4), top, textWidth, scaled(kLineHeight)),
                         Qt::AlignLeft | Qt::AlignVCenter,
                         QFontMetrics(used).elidedText(text, Qt::ElideMiddle, textWidth));
        top += scaled(kLineHeight);
    };
    line(bold, colors.text, group.title);
    for (const QString& text : below) {
        line(small, colors.muted, text);
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
    const QFont bold = labelFont(font());
    painter.setFont(bold);
    painter.setPen(mark.color);
    const int x = static_cast<int>(std::ceil(std::max(high, at + radius))) + scaled(kTextGap);
    const int room = std::max(1, width() - scaled(kRightRoom) - x);
    painter.drawText(QRect(x, row.top(), room, row.height()), Qt::AlignLeft | Qt::AlignVCenter,
                     QFontMetrics(bold).elidedText(labelOf(mark), Qt::ElideMiddle, room));
}

QString ScoreChart::tipAt(const QPoint& point) const
{
    for (int row = 0; row < tableRows(); ++row) {
        const TablePlace cell {row, 0};
        const QRect place = cellPlace(cell);
        if (point.y() >= place.top() && point.y() <= place.bottom() && point.x() >= place.left()) {
            return tr("%1: %2\n%3").arg(rowName(row), cellText(cell), cellDetails(cell));
        }
    }
    for (const ScoreGroup& group : m_groups) {
        const int top = topOf(static_cast<int>(&group - m_groups.data()));
        if (point.y() >= top && point.y() < top + heightOf(group)) {
            return QStringLiteral("%1\n%2").arg(group.title, group.subtitle);
        }
    }
    return {};
}

bool ScoreChart::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        QToolTip::showText(help->globalPos(), tipAt(help->pos()), this);
        return true;
    }
    return QWidget::event(event);
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
