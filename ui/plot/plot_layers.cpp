// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/look/metrics.h"
#include "ui/look/theme.h"
#include "ui/plot/plot_layers_p.h"
#include "ui/plot/plot_points_p.h"
#include "ui/words/format.h"

#include <QFontMetricsF>

#include <algorithm>
#include <cmath>
#include <limits>

namespace pissarro::ui {

namespace {

constexpr double kTolerance = 0.08; // px, not to be seen
constexpr double kCrowdTolerance = 0.4; // px, among many curves
constexpr qsizetype kJagged = 300; // points of a curve of a crowd, once it is simplified
constexpr double kGripHeight = 18.0; // px
constexpr int kReadOutRows = 8;
constexpr int kReadOutLine = 16; // px

QFont smallFont(const QCustomPlot& plot, bool bold = false)
{
    QFont font = sized(plot.font(), 11);
    font.setWeight(bold ? QFont::DemiBold : QFont::Normal);
    return font;
}

QColor readableOn(const QColor& background)
{
    return background.lightnessF() > 0.55F ? QColor(0x1b, 0x1d, 0x20) : QColor(Qt::white);
}

struct ReadOutRow {
    QString label;
    QString value;
    QColor color;
    QPointF at;
};

} // namespace

QVector<QPointF> simplifiedPolyline(const QVector<QPointF>& points, double tolerance)
{
    if (points.size() < 3) {
        return points;
    }
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    QVector<QPointF> kept;
    kept.reserve(points.size() / 4 + 2);
    kept.append(points.first());
    double lower =
        -kInfinity; // slopes from the anchor that pass within `tolerance` of every point left out
    double upper = kInfinity;
    for (qsizetype i = 1; i < points.size(); ++i) {
        QPointF anchor = kept.last();
        double dx = points[i].x() - anchor.x();
        double slope = (points[i].y() - anchor.y()) / dx;
        if (i > 1 && (dx <= 0 || slope < lower || slope > upper)) {
            if (anchor != points[i - 1]) {
                kept.append(points[i - 1]);
            }
            anchor = points[i - 1];
            lower = -kInfinity;
            upper = kInfinity;
            dx = points[i].x() - anchor.x();
        }
        if (dx <= 0) {
            kept.append(points[i]);
            lower = -kInfinity;
            upper = kInfinity;
            continue;
        }
        lower = std::max(lower, (points[i].y() - tolerance - anchor.y()) / dx);
        upper = std::min(upper, (points[i].y() + tolerance - anchor.y()) / dx);
    }
    if (kept.last() != points.last()) {
        kept.append(points.last());
    }
    return kept;
}

CurveGraph::CurveGraph(QCPAxis* keyAxis, QCPAxis* valueAxis)
    : QCPGraph(keyAxis, valueAxis)
{
    setSelectable(QCP::stNone);
    setBrush(Qt::NoBrush);
}

void CurveGraph::drawLinePlot(QCPPainter* painter, const QVector<QPointF>& lines) const
{
    if (painter->pen().style() == Qt::NoPen || painter->pen().color().alpha() == 0) {
        return;
    }
    applyDefaultAntialiasingHint(painter);
    const bool vector = painter->modes().testFlag(QCPPainter::pmVectorized);
    const bool crowd = mParentPlot->graphCount() > kCrowd;
    const double tolerance = crowd ? kCrowdTolerance : kTolerance;
    if (!vector && crowd && painter->pen().widthF() < 2.0) {
        QPen hairline =
            painter->pen(); // Qt draws one-pixel lines seven times as fast as wider ones
        hairline.setWidthF(1.0);
        hairline.setStyle(Qt::SolidLine); // dashes of a jagged line cost more than the line
        hairline.setCosmetic(true);
        painter->setPen(hairline);
        if (mParentPlot->bufferDevicePixelRatio() > 1.5) {
            painter->setAntialiasing(false); // pixels too small to see
        }
    }
    QVector<QPointF> run;
    run.reserve(lines.size());
    const auto flush = [&] {
        if (run.size() > 1) {
            const QPolygonF line(vector ? run : simplifiedPolyline(run, tolerance));
            if (!vector && crowd && line.size() > kJagged) {
                painter->setAntialiasing(false); // it covers most pixels anyway
            }
            painter->drawPolyline(line);
        } else if (run.size() == 1 && scatterStyle().isNone()) {
            painter->drawPoint(run.first());
        }
        run.clear();
    };
    for (const QPointF& point : lines) {
        if (std::isfinite(point.x()) && std::isfinite(point.y())) {
            run.append(point);
        } else {
            flush();
        }
    }
    flush();
}

PlotLayer::PlotLayer(QCustomPlot* plot, const QString& layerName, const PlotState& state)
    : QCPLayerable(plot, layerName)
    , m_state(state)
{
}

void PlotLayer::applyDefaultAntialiasingHint(QCPPainter* painter) const
{
    painter->setAntialiasing(true);
}

QRectF PlotLayer::area() const
{
    return mParentPlot->axisRect()->rect();
}

QRectF cursorGrip(const PlotState& state, const QCustomPlot& plot)
{
    const QCPRange range = plot.xAxis->range();
    if (!state.hasCursor || state.cursor < range.lower - 1e-9
        || state.cursor > range.upper + 1e-9) {
        return {};
    }
    const QRectF area = plot.axisRect()->rect();
    const QString text = state.cursorPrefix + QString::number(state.cursor);
    const double width = QFontMetricsF(smallFont(plot, true)).horizontalAdvance(text) + 20;
    const double x = plot.xAxis->coordToPixel(state.cursor);
    const double left =
        std::clamp(x - width / 2, area.left() - 3, std::max(area.left() - 3, area.right() - width));
    return {left, area.top(), width, double(scaled(kGripHeight))};
}

void TintLayer::draw(QCPPainter* painter)
{
    if (!m_state.hasCursor || !m_state.tinted) {
        return;
    }
    const QRectF box = area();
    if (box.isEmpty()) { // nothing is laid out yet
        return;
    }
    const double x =
        std::clamp(mParentPlot->xAxis->coordToPixel(m_state.cursor), box.left(), box.right());
    QColor tint = Theme::instance().colors().accent;
    tint.setAlphaF(0.09F);
    if (m_state.tintStart > 0) { // a slice elsewhere in the spectrum
        const QCPAxis* axis = mParentPlot->xAxis;
        const double from = axis->coordToPixel(m_state.tintStart);
        const double to = axis->coordToPixel(m_state.tintStart + m_state.cursor);
        tint.setAlphaF(0.18F);
        painter->fillRect(
            QRectF(QPointF(from, box.top()), QPointF(to, box.bottom())).intersected(box), tint);
        return;
    }
    painter->fillRect(QRectF(box.topLeft(), QPointF(x, box.bottom())), tint);
}

void LabelLayer::draw(QCPPainter* painter)
{
    drawTitles(painter);
    drawColorKey(painter);
    if (m_state.points == 0 && !m_state.emptyText.isEmpty()) {
        painter->setFont(mParentPlot->font());
        painter->setPen(Theme::instance().colors().muted);
        painter->drawText(area().adjusted(16, 0, -16, 0), Qt::AlignCenter | Qt::TextWordWrap,
                          m_state.emptyText);
        return;
    }
    drawCurveLabels(painter);
    drawEndLabels(painter);
}

void LabelLayer::drawTitles(QCPPainter* painter) const
{
    const QRectF box = area();
    painter->setFont(smallFont(*mParentPlot));
    painter->setPen(Theme::instance().colors().muted);
    painter->drawText(QRectF(box.left(), box.bottom() + scaled(18), box.width(), scaled(16)),
                      Qt::AlignRight | Qt::AlignVCenter, m_state.xTitle);
    painter->drawText(QRectF(0, box.top() - scaled(22), box.right(), scaled(16)),
                      Qt::AlignLeft | Qt::AlignVCenter, m_state.yTitle);
}

// In the row of the x axis's title, from the left.
void LabelLayer::drawColorKey(QCPPainter* painter) const
{
    constexpr double kGap = 5.0; // px
    constexpr double kSwatch = 9.0;
    constexpr double kScale = 90.0;
    const QRectF box = area();
    const QFont font = smallFont(*mParentPlot);
    const QFontMetricsF metrics(font);
    double x = box.left();
    const double middle = box.bottom() + scaled(26);
    const double end =
        box.right() - metrics.horizontalAdvance(m_state.xTitle) - 4 * kGap; // the title's place
    const auto write = [&](const QString& text) {
        const double width = metrics.horizontalAdvance(text);
        painter->setPen(Theme::instance().colors().muted);
        painter->drawText(QRectF(x, middle - scaled(8), width + 1, scaled(16)),
                          Qt::AlignLeft | Qt::AlignVCenter, text);
        x += width + kGap;
    };
    painter->setFont(font);
    for (const PlotKey& key : m_state.key) {
        const bool scale = key.colors.size() > 1;
        const double bar = scale ? kScale : kSwatch;
        if (x + bar + metrics.horizontalAdvance(key.text + key.last) + 2 * kGap > end) {
            return; // no room for the rest
        }
        if (scale) {
            write(key.text);
        }
        const QRectF place(x, middle - kSwatch / 2, bar, kSwatch);
        QLinearGradient gradient(place.topLeft(), place.topRight());
        for (qsizetype i = 0; i < key.colors.size(); ++i) {
            gradient.setColorAt(
                static_cast<double>(i)
                    / static_cast<double>(std::max<qsizetype>(1, key.colors.size() - 1)),
                key.colors[i]);
        }
        painter->setPen(Qt::NoPen);
        painter->setBrush(scale ? QBrush(gradient) : QBrush(key.colors.value(0)));
        painter->drawRoundedRect(place, 2, 2);
        x += bar + kGap;
        write(scale ? key.last : key.text);
        x += 2 * kGap;
    }
}

void OverlayLayer::draw(QCPPainter* painter)
{
    drawCursor(painter);
    if (m_state.exporting) {
        return;
    }
    const auto read =
        m_state.focusRing ? pixelsOf(*mParentPlot, m_state, m_state.reading) : std::nullopt;
    if (read) {
        drawReading(painter, *read);
    }
    if (m_state.pointer && !m_state.cursorHot) {
        drawReadOut(painter, *m_state.pointer);
    } else if (read) {
        drawReadOut(painter, *read);
    }
    if (m_state.focusRing) {
        painter->setPen(QPen(Theme::instance().colors().accent, 1.5));
        painter->setBrush(Qt::NoBrush);
        painter->drawRoundedRect(QRectF(mParentPlot->viewport()).adjusted(1, 1, -1, -1), 5, 5);
    }
}

void OverlayLayer::drawCursor(QCPPainter* painter) const
{
    const QRectF grip = cursorGrip(m_state, *mParentPlot);
    if (grip.isEmpty()) {
        return;
    }
    const QColor accent = Theme::instance().colors().accent;
    const double x = std::round(mParentPlot->xAxis->coordToPixel(m_state.cursor)) + 0.5;
    painter->setPen(QPen(accent, m_state.cursorHot ? 2.4 : 1.6));
    painter->drawLine(QPointF(x, area().top()), QPointF(x, area().bottom()));
    painter->setPen(Qt::NoPen);
    painter->setBrush(accent);
    painter->drawRoundedRect(grip, grip.height() / 2, grip.height() / 2);
    painter->setFont(smallFont(*mParentPlot, true));
    painter->setPen(readableOn(accent));
    painter->drawText(grip, Qt::AlignCenter,
                      m_state.cursorPrefix + QString::number(m_state.cursor));
}

namespace {

// The data x nearest to the pointer, over all curves; NaN when there is none in reach.
double nearestKey(const QCustomPlot& plot, const PlotState& state, double pointerX)
{
    double best = std::numeric_limits<double>::quiet_NaN();
    double bestDistance = std::numeric_limits<double>::infinity();
    const double key = plot.xAxis->pixelToCoord(pointerX);
    for (int i = 0; i < plot.graphCount() && i < state.series.size(); ++i) {
        const CurvePoints points(plot, state.series[i], i);
        const qsizetype right = points.firstNotBelow(key);
        for (qsizetype at = std::max<qsizetype>(0, right - 1);
             at < std::min(points.size(), right + 1); ++at) {
            const double distance = std::abs(plot.xAxis->coordToPixel(points.key(at)) - pointerX);
            if (std::isfinite(points.value(at)) && distance < bestDistance) {
                best = points.key(at);
                bestDistance = distance;
            }
        }
    }
    return best;
}

// The point of a curve that is read at `key`; -1: none.
qsizetype pointRead(const QCustomPlot& plot, const PlotState& state, const CurvePoints& points,
                    double key)
{
    const auto away = [&](qsizetype at) {
        return std::abs(plot.xAxis->coordToPixel(points.key(at)) - plot.xAxis->coordToPixel(key));
    };
    const qsizetype right = points.firstNotBelow(key);
    if (right == points.size() || !std::isfinite(key) || key < points.key(0) - 1e-9) {
        return -1;
    }
    if (state.readOut == ReadOut::Points) {
        return std::isfinite(points.value(right)) && away(right) <= 1.0 ? right : -1;
    }
    const bool hasLeft = right > 0 && std::isfinite(points.value(right - 1));
    if (hasLeft && (!std::isfinite(points.value(right)) || away(right - 1) < away(right))) {
        return right - 1;
    }
    return std::isfinite(points.value(right)) ? right : -1;
}

int mostRows(const QCustomPlot& plot, const PlotState& state)
{
    const int room = plot.axisRect()->height() / scaled(kReadOutLine) - 2;
    return state.readOut == ReadOut::Points ? kReadOutRows : std::max(kReadOutRows, room);
}

// One row a named curve at `key`, those nearest to the pointer, from top to bottom.
QVector<ReadOutRow> readOutRows(const QCustomPlot& plot, const PlotState& state, double key,
                                double pointerY)
{
    QVector<ReadOutRow> rows;
    for (int i = 0; i < plot.graphCount() && i < state.series.size(); ++i) {
        const PlotSeries& series = state.series[i];
        const CurvePoints points(plot, series, i);
        if (!series.inReadOut || series.label.isEmpty() || points.size() == 0) {
            continue;
        }
        const qsizetype at = pointRead(plot, state, points, key);
        if (at < 0) {
            continue;
        }
        rows.append({series.label,
                     valueText(state, points.value(at)),
                     series.color,
                     {plot.xAxis->coordToPixel(points.key(at)),
                      plot.yAxis->coordToPixel(points.value(at))}});
    }
    const int most = mostRows(plot, state);
    if (rows.size() > most) {
        std::partial_sort(rows.begin(), rows.begin() + most, rows.end(),
                          [pointerY](const ReadOutRow& a, const ReadOutRow& b) {
                              return std::abs(a.at.y() - pointerY) < std::abs(b.at.y() - pointerY);
                          });
        rows.resize(most);
    }
    std::sort(rows.begin(), rows.end(),
              [](const ReadOutRow& a, const ReadOutRow& b) { return a.at.y() < b.at.y(); });
    return rows;
}

void drawReadOutBox(QCPPainter* painter, const QRectF& box, const QString& heading,
                    const QFont& font, const QVector<ReadOutRow>& rows)
{
    const Colors& colors = Theme::instance().colors();
    painter->setPen(QPen(colors.line, 1));
    QColor background = colors.card;
    background.setAlphaF(0.95F);
    painter->setBrush(background);
    painter->drawRoundedRect(box, 5, 5);
    painter->setFont(font);
    painter->setPen(colors.muted);
    QRectF line(box.left() + 8, box.top() + 5, box.width() - 16, scaled(kReadOutLine));
    painter->drawText(line, Qt::AlignLeft | Qt::AlignVCenter, heading);
    for (const ReadOutRow& row : rows) {
        line.translate(0, scaled(kReadOutLine));
        painter->setPen(Qt::NoPen);
        painter->setBrush(row.color);
        painter->drawEllipse(QPointF(line.left() + 3.5, line.center().y()), 3.5, 3.5);
        painter->setPen(colors.text);
        painter->drawText(line.adjusted(13, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter, row.label);
        painter->drawText(line, Qt::AlignRight | Qt::AlignVCenter, row.value);
    }
}

} // namespace

// A frame around the point that the keys have come to, also of a curve without a name.
void OverlayLayer::drawReading(QCPPainter* painter, const QPointF& at) const
{
    const Colors& colors = Theme::instance().colors();
    painter->setBrush(Qt::NoBrush);
    painter->setPen(QPen(colors.card, 4));
    painter->drawEllipse(at, 7, 7);
    painter->setPen(QPen(colors.accent, 2));
    painter->drawEllipse(at, 7, 7);
}

void OverlayLayer::drawReadOut(QCPPainter* painter, const QPointF& pointer) const
{
    const QRectF plotArea = area();
    if (!plotArea.contains(pointer)) {
        return;
    }
    const double key = nearestKey(*mParentPlot, m_state, pointer.x());
    const QVector<ReadOutRow> rows = readOutRows(*mParentPlot, m_state, key, pointer.y());
    const double x = std::isfinite(key) ? mParentPlot->xAxis->coordToPixel(key) : -1.0;
    if (rows.isEmpty() || !plotArea.adjusted(-1, 0, 1, 0).contains(QPointF(x, pointer.y()))) {
        return;
    }
    const Colors& colors = Theme::instance().colors();
    painter->setPen(QPen(colors.muted, 1, Qt::DotLine));
    painter->drawLine(QPointF(std::round(x) + 0.5, plotArea.top()),
                      QPointF(std::round(x) + 0.5, plotArea.bottom()));
    for (const ReadOutRow& row : rows) {
        if (plotArea.contains(row.at)) {
            painter->setPen(QPen(colors.card, 1.5));
            painter->setBrush(row.color);
            painter->drawEllipse(row.at, 4, 4);
        }
    }
    const QFont font = smallFont(*mParentPlot);
    const QFontMetricsF metrics(font);
    const QString heading = keyText(m_state, key);
    double width = metrics.horizontalAdvance(heading);
    for (const ReadOutRow& row : rows) {
        width = std::max(width,
                         metrics.horizontalAdvance(row.label) + metrics.horizontalAdvance(row.value)
                             + 13 + 16);
    }
    const QSizeF size(std::ceil(width) + 16,
                      static_cast<double>(rows.size() + 1) * scaled(kReadOutLine) + 10);
    const double lowest = plotArea.top() + 2;
    const double highest = std::max(lowest, plotArea.bottom() - size.height() - 2);
    // Above the curves, where there is room: the box hides none of them.
    const double above = rows.first().at.y() - size.height() - 24; // and over the names on them
    const double below = rows.last().at.y() + 10;
    double y = pointer.y() - size.height() - 8;
    if (above >= lowest) {
        y = above;
    } else if (below <= highest) {
        y = below;
    }
    QPointF corner(x + 12, std::clamp(y, lowest, highest));
    if (corner.x() + size.width() > plotArea.right()) {
        corner.setX(x - 12 - size.width());
    }
    drawReadOutBox(painter, QRectF(corner, size), heading, font, rows);
}

} // namespace pissarro::ui
