// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plot/line_plot.h"
#include "ui/plot/qcustomplot.h"

#include <optional>

namespace pissarro::ui {

constexpr int kCrowd = 40; // curves; more are drawn as hairlines without names

// The point of a curve that the keys have come to.
struct PlotReading {
    int series = 0;
    double key = 0.0; // its x
};

// What the layers of a LinePlot draw beside the curves: values only, owned by the LinePlot.
struct PlotState {
    QVector<PlotSeries> series; // series[i] is graph i
    QVector<PlotKey> key;
    QString xTitle;
    QString yTitle;
    QString ySuffix;
    QString emptyText;
    int points = 0;
    double labelRoom = 0.0; // px right of the axes, for names behind the curves' ends
    ReadOut readOut = ReadOut::Points;

    bool hasCursor = false;
    int cursorMinimum = 0;
    int cursorMaximum = 0;
    int cursor = 0;
    QString cursorPrefix;
    bool tinted = true; // left of the cursor
    int tintStart = 0; // where the tint begins; it is as wide as the cursor's value
    bool cursorHot = false; // under the pointer or dragged

    std::optional<QPointF> pointer; // where a person hovers, px
    std::optional<PlotReading> reading; // drawn with the focus
    bool focusRing = false;
    bool exporting = false; // leave out what belongs to the pointer and the focus
};

// A curve that draws only the points a person can see: thousands of points on a smooth curve become
// dozens of segments, each within a fraction of a pixel of the data. Vector exports keep every
// point.
class CurveGraph : public QCPGraph {
public:
    CurveGraph(QCPAxis* keyAxis, QCPAxis* valueAxis);

protected:
    void drawLinePlot(QCPPainter* painter, const QVector<QPointF>& lines) const override;
};

// `points` without those within `tolerance` px (vertically) of the line through those kept. O(n).
QVector<QPointF> simplifiedPolyline(const QVector<QPointF>& points, double tolerance);

// Draws one part of the plot through QPainter, on a layer of its own.
class PlotLayer : public QCPLayerable {
public:
    PlotLayer(QCustomPlot* plot, const QString& layerName, const PlotState& state);

protected:
    void applyDefaultAntialiasingHint(QCPPainter* painter) const override;
    QRectF area() const; // the axis rectangle, px
    const PlotState& m_state;
};

class TintLayer : public PlotLayer { // the kept part, below the curves
public:
    using PlotLayer::PlotLayer;

protected:
    void draw(QCPPainter* painter) override;
};

class LabelLayer : public PlotLayer { // names on the curves, axis titles, the text of an empty plot
public:
    using PlotLayer::PlotLayer;

protected:
    void draw(QCPPainter* painter) override;

private:
    void drawTitles(QCPPainter* painter) const;
    void drawColorKey(QCPPainter* painter) const;
    void drawCurveLabels(QCPPainter* painter) const;
    void drawEndLabels(QCPPainter* painter) const;
};

class OverlayLayer : public PlotLayer { // cursor, read-out, focus: redrawn without the curves
public:
    using PlotLayer::PlotLayer;

protected:
    void draw(QCPPainter* painter) override;

private:
    void drawCursor(QCPPainter* painter) const;
    void drawReading(QCPPainter* painter, const QPointF& at) const;
    void drawReadOut(QCPPainter* painter, const QPointF& pointer) const;
};

// Right of the axes, for the names that stand behind curves; 0: there are none.
double endLabelRoom(const PlotState& state, const QCustomPlot& plot);

// Where labels of that height stand, their middles: within [top, bottom], none on another, together as near to `wanted` as
// they can be. NaN: there is no room for it; those that come first have it. Exact: least squares.
QVector<double> spreadLabels(const QVector<double>& wanted, double height, double top,
                             double bottom);

// The grip of the cursor, px; empty while the cursor is outside the view.
QRectF cursorGrip(const PlotState& state, const QCustomPlot& plot);

} // namespace pissarro::ui
