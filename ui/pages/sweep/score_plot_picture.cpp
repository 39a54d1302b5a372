// SPDX-License-Identifier: GPL-3.0-or-later
// How a ScorePlot is drawn.
#include "ui/look/metrics.h"
#include "ui/look/theme.h"
#include "ui/pages/sweep/score_plot.h"
#include "ui/words/format.h"

#include <QPainter>
#include <QPolygonF>

#include <algorithm>
#include <array>
#include <cmath>

namespace pissarro::ui {

namespace {

constexpr int kTicks = 5; // about
constexpr double kDot = 3.4; // px

QFont smallFont(const QWidget& widget, bool bold = false)
{
    QFont font = sized(widget.font(), 11);
    font.setWeight(bold ? QFont::DemiBold : QFont::Normal);
    return font;
}

// 1, 2 or 5 times a power of ten.
double stepFor(double span)
{
    const double raw = span / kTicks;
    const double power = std::pow(10.0, std::floor(std::log10(raw)));
    const double share = raw / power;
    return power * (share < 1.5 ? 1.0 : share < 3.5 ? 2.0 : share < 7.5 ? 5.0 : 10.0);
}

// With the decimals of the step: "6.20" beside "6.25".
QString tickText(double value, double step)
{
    const int decimals = std::max(0, -static_cast<int>(std::floor(std::log10(step) + 1e-9)));
    if (decimals > 4 || std::abs(value) >= 1000.0) {
        return formatNumber(std::abs(value) < step / 1e6 ? 0.0 : value, 5);
    }
    QString text = QString::number(std::abs(value) < step / 1e6 ? 0.0 : value, 'f', decimals);
    return text.replace(QLatin1Char('-'), QChar(0x2212));
}

} // namespace

void ScorePlot::paintEvent(QPaintEvent* /*event*/)
{
    const Colors& colors = Theme::instance().colors();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setFont(smallFont(*this));
    if (!dataRange()) {
        painter.setPen(colors.muted);
        painter.drawText(rect().adjusted(scaled(12), 0, -scaled(12), 0),
                         Qt::AlignCenter | Qt::TextWordWrap, m_emptyText);
        return;
    }
    paintGrid(painter);
    for (const ScoreLine& line : m_lines) {
        paintLine(painter, line);
    }
    paintNotes(painter);
    if (m_differences) {
        paintDifferences(painter);
    }
    if (m_current && hasFocus()) {
        if (const ScorePoint* point = pointAt(*m_current)) {
            painter.setBrush(Qt::NoBrush);
            painter.setPen(QPen(colors.accent, 2));
            painter.drawEllipse(QPointF(xOf(point->column), yOf(point->value)), kDot + 6, kDot + 6);
        }
    }
}

void ScorePlot::paintGrid(QPainter& painter) const
{
    const Colors& colors = Theme::instance().colors();
    const QRectF box = area();
    const auto [low, high] = range();
    const double step = stepFor(high - low);
    for (double value = std::ceil(low / step) * step; value <= high; value += step) {
        const double y = yOf(value);
        painter.setPen(QPen(colors.line, 1));
        painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y));
        painter.setPen(colors.muted);
        painter.drawText(QRectF(0, y - scaled(8), box.left() - scaled(6), scaled(16)),
                         Qt::AlignRight | Qt::AlignVCenter, tickText(value, step));
    }
    const double width =
        box.width() / static_cast<double>(std::max<qsizetype>(1, m_columns.size()));
    for (int column = 0; column < m_columns.size(); ++column) {
        const double x = xOf(column);
        painter.setPen(QPen(colors.line, 1));
        painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()));
        painter.setPen(colors.muted);
        const QRectF place(x - width / 2, box.bottom() + scaled(3), width, scaled(15));
        painter.drawText(place, Qt::AlignHCenter | Qt::AlignTop,
                         painter.fontMetrics().elidedText(m_columns[column], Qt::ElideMiddle,
                                                          static_cast<int>(width)));
    }
    painter.drawText(QRectF(box.left(), box.bottom() + scaled(18), box.width(), scaled(16)),
                     Qt::AlignRight | Qt::AlignTop, m_xTitle);
    painter.drawText(QRectF(scaled(2), 0, box.width(), scaled(14)), Qt::AlignLeft | Qt::AlignTop,
                     m_yTitle);
}

void ScorePlot::paintLine(QPainter& painter, const ScoreLine& line) const
{
    const Colors& colors = Theme::instance().colors();
    QPolygonF path;
    for (const ScorePoint& point : line.points) {
        if (std::isfinite(point.value)) {
            path.append({xOf(point.column), yOf(point.value)});
        }
    }
    QPen pen(line.color, 1.8);
    static const std::array<QVector<double>, 3> kDashes {
        {{4.0, 3.0}, {1.0, 2.5}, {6.0, 2.5, 1.0, 2.5}}};
    if (line.place > 0) {
        pen.setDashPattern(kDashes[static_cast<std::size_t>(line.place - 1) % kDashes.size()]);
    }
    painter.setBrush(Qt::NoBrush);
    painter.setPen(pen);
    painter.drawPolyline(path);
    for (const ScorePoint& point : line.points) {
        if (!std::isfinite(point.value)) {
            continue;
        }
        const QPointF at(xOf(point.column), yOf(point.value));
        painter.setPen(QPen(line.color, 1.4));
        if (point.error > 0.0) {
            painter.drawLine(QPointF(at.x(), yOf(point.value - point.error)),
                             QPointF(at.x(), yOf(point.value + point.error)));
        }
        painter.setBrush(point.open ? colors.card : line.color);
        painter.drawEllipse(at, kDot, kDot);
        if (!m_selected.isEmpty() && point.runs.contains(m_selected)) {
            painter.setBrush(Qt::NoBrush);
            painter.setPen(QPen(colors.text, 1.6));
            painter.drawEllipse(at, kDot + 3.5, kDot + 3.5);
        }
    }
}

// The lines' names behind their ends, apart from each other, with what stands at the last point. Where they stand.
QVector<QRectF> ScorePlot::paintEnds(QPainter& painter) const
{
    QVector<std::pair<double, const ScoreLine*>> ends;
    for (const ScoreLine& line : m_lines) {
        if (!line.points.isEmpty()) {
            ends.append({yOf(line.points.last().value), &line});
        }
    }
    std::sort(ends.begin(), ends.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    const double high = scaled(14);
    QVector<double> tops;
    for (const auto& [y, line] : ends) {
        tops.append(std::max(tops.isEmpty() ? 0.0 : tops.last() + high, y - scaled(8)));
    }
    double lowest = area().bottom() - high;
    for (qsizetype i = tops.size() - 1; i >= 0; --i) {
        tops[i] = std::min(tops[i], lowest);
        lowest = tops[i] - high;
    }
    const QFont bold = smallFont(*this, true);
    const QFontMetrics names(bold);
    const QFontMetrics notes(smallFont(*this));
    QVector<QRectF> taken;
    for (qsizetype i = 0; i < ends.size(); ++i) {
        const ScoreLine& line = *ends[i].second;
        const QString& note = line.points.last().note;
        const double left = xOf(line.points.last().column) + scaled(8);
        const double noteRoom = note.isEmpty() ? 0.0 : notes.horizontalAdvance(note) + scaled(6);
        const QString name = names.elidedText(line.label, Qt::ElideRight,
                                              static_cast<int>(width() - left - noteRoom));
        const double nameRoom = names.horizontalAdvance(name);
        painter.setPen(line.color);
        painter.setFont(bold);
        painter.drawText(QRectF(left, tops[i], nameRoom + 1, scaled(16)),
                         Qt::AlignLeft | Qt::AlignVCenter, name);
        painter.setFont(smallFont(*this));
        painter.drawText(QRectF(left + nameRoom + scaled(6), tops[i], noteRoom, scaled(16)),
                         Qt::AlignLeft | Qt::AlignVCenter, note);
        taken.append(QRectF(left, tops[i], nameRoom + noteRoom, high));
    }
    return taken;
}

// What stands at a point: above it, below it or beside it, where no other text and no other point is. Where there is no such
// place the tool tip tells it alone.
void ScorePlot::paintNotes(QPainter& painter) const
{
    QVector<QRectF> taken = paintEnds(painter);
    for (const ScoreLine& line : m_lines) {
        for (const ScorePoint& point : line.points) {
            taken.append(QRectF(xOf(point.column) - kDot - 1, yOf(point.value) - kDot - 1,
                                2 * kDot + 2, 2 * kDot + 2));
        }
    }
    const QRectF whole(0.0, 0.0, width(), area().bottom());
    for (int i = 0; i < m_lines.size(); ++i) {
        for (const ScorePoint& point : m_lines[i].points) {
            const bool isLast = &point == &m_lines[i].points.last();
            if (isLast || point.note.isEmpty() || !std::isfinite(point.value)) {
                continue;
            }
            const QPointF at(xOf(point.column), yOf(point.value));
            const double wide = painter.fontMetrics().horizontalAdvance(point.note) + scaled(4);
            const QSizeF size(wide, scaled(13));
            const QPointF above(at.x() - wide / 2, at.y() - scaled(19));
            const QPointF below(at.x() - wide / 2, at.y() + scaled(6));
            const QPointF right(at.x() + scaled(6), at.y() - scaled(7));
            const bool highest = isHighest(i, point);
            for (const QPointF& corner :
                 {highest ? above : below, highest ? below : above, right}) {
                const QRectF place(corner, size);
                const bool isFree = whole.contains(place)
                    && std::none_of(taken.cbegin(), taken.cend(), [&place](const QRectF& other) {
                                        return other.intersects(place);
                                    });
                if (isFree) {
                    painter.setPen(m_lines[i].color);
                    painter.drawText(place, Qt::AlignCenter, point.note);
                    taken.append(place);
                    break;
                }
            }
        }
    }
}

// Whether no other line is above it there.
bool ScorePlot::isHighest(int line, const ScorePoint& point) const
{
    for (int other = 0; other < m_lines.size(); ++other) {
        const ScorePoint* beside = pointAt({other, point.column});
        if (other != line && beside != nullptr && beside->value > point.value) {
            return false;
        }
    }
    return true;
}

void ScorePlot::paintDifferences(QPainter& painter) const
{
    if (m_lines.size() != 2) {
        return;
    }
    painter.setFont(smallFont(*this));
    painter.setPen(Theme::instance().colors().text);
    for (int column = 0; column < m_columns.size(); ++column) {
        const ScorePoint* first = pointAt({0, column});
        const ScorePoint* second = pointAt({1, column});
        if (first == nullptr || second == nullptr) {
            continue;
        }
        const double gap = std::abs(yOf(first->value) - yOf(second->value));
        if (gap < scaled(30)) { // it would stand on the points
            continue;
        }
        const double middle = (yOf(first->value) + yOf(second->value)) / 2;
        painter.drawText(
            QRectF(xOf(column) + scaled(6), middle - scaled(8), scaled(64), scaled(16)),
            Qt::AlignLeft | Qt::AlignVCenter, // beside the bars of the errors
            formatNumber(first->value - second->value, 3));
    }
}

} // namespace pissarro::ui
