// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plot/line_plot.h"

#include "ui/look/metrics.h"
#include "ui/look/theme.h"
#include "ui/plot/line_plot_p.h"
#include "ui/plot/plot_ranges_p.h"
#include "ui/widgets/accessible.h"
#include "ui/widgets/widget_export.h"

#include <QScopedValueRollback>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace pissarro::ui {

namespace {

constexpr qsizetype kFewPoints = 1000; // of a curve that is drawn as it is
constexpr int kFewPixels = 400; // a plot that is not laid out yet is taken to have them
constexpr int kCrowdStretches = 40'000; // of all curves of a crowd, each with its peaks
constexpr float kFillOpacity = 0.16F; // of the area between two curves

} // namespace

LinePlot::LinePlot(const QString& name, const QString& accessible, QWidget* parent)
    : QWidget(parent)
    , m_plot(new QCustomPlot(this))
    , d(std::make_shared<Private>())
{
    setObjectName(name);
    setAccessibleName(accessible);
    m_plot->setObjectName(name + QStringLiteral(".plot"));
    m_plot->setAccessibleName(accessible);
    setFocusPolicy(Qt::StrongFocus);
    m_plot->setFocusPolicy(Qt::NoFocus);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_plot);

    m_plot->setMinimumSize(scaled(160), scaled(90));
    m_plot->setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
    m_plot->axisRect()->setAutoMargins(QCP::msLeft);
    m_plot->axisRect()->setMinimumMargins(QMargins(scaled(46), 0, 0, 0));
    m_plot->axisRect()->setRangeZoomFactor(0.85);
    m_plot->xAxis->setTicker(d->xTicker);
    m_plot->yAxis->setTicker(d->yTicker);
    for (QCPAxis* axis : {m_plot->xAxis, m_plot->yAxis}) {
        axis->setTickLength(0);
        axis->setSubTicks(false);
        axis->setTickLabelPadding(6);
        axis->grid()->setZeroLinePen(Qt::NoPen);
        connect(axis, qOverload<const QCPRange&>(&QCPAxis::rangeChanged), this,
                [this, axis](const QCPRange& range) {
                    d->readKeys.reset();
                    keepInBounds(axis == m_plot->xAxis, range);
                });
    }
    // Layers that change with the pointer have paint buffers of their own: the curves are not drawn
    // again for them.
    m_plot->addLayer(QStringLiteral("tint"), m_plot->layer(QStringLiteral("grid")),
                     QCustomPlot::limBelow);
    m_plot->addLayer(QStringLiteral("labels"), m_plot->layer(QStringLiteral("legend")),
                     QCustomPlot::limAbove);
    m_plot->layer(QStringLiteral("tint"))->setMode(QCPLayer::lmBuffered);
    m_plot->layer(QStringLiteral("overlay"))->setMode(QCPLayer::lmBuffered);
    new TintLayer(m_plot, QStringLiteral("tint"), d->state); // the plot owns them
    new LabelLayer(m_plot, QStringLiteral("labels"), d->state);
    new OverlayLayer(m_plot, QStringLiteral("overlay"), d->state);

    d->exports = std::make_unique<PlotExport>(*this, d->state,
                                              [this](int fineness) { showStreams(fineness); });
    connect(m_plot, &QCustomPlot::beforeReplot, this, [this] {
        fitTickCounts(*m_plot);
        showStreams();
    });
    m_plot->setMouseTracking(true);
    m_plot->installEventFilter(this);
    installEventFilter(this);
    connect(&Theme::instance(), &Theme::changed, this, &LinePlot::applyTheme);
    setAxisTitles({}, {});
    applyTheme();
    applyFullView();
}

void LinePlot::applyTheme()
{
    const Colors& colors = Theme::instance().colors();
    QColor grid = colors.line;
    grid.setAlphaF(0.6F);
    QFont font = this->font();
    font.setPixelSize(scaled(11));
    m_plot->setBackground(colors.card);
    for (QCPAxis* axis : {m_plot->xAxis, m_plot->yAxis}) {
        axis->setTickLabelFont(font);
        axis->setTickLabelColor(colors.muted);
        axis->grid()->setPen(QPen(grid, 1));
        axis->setTickPen(Qt::NoPen);
    }
    m_plot->xAxis->setBasePen(QPen(colors.line, 1));
    m_plot->yAxis->setBasePen(Qt::NoPen);
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void LinePlot::setAxisTitles(const QString& x, const QString& y)
{
    d->state.xTitle = x;
    d->state.yTitle = y;
    showMargins();
}

void LinePlot::showMargins()
{
    const PlotState& state = d->state;
    m_plot->axisRect()->setMargins(
        QMargins(scaled(46), scaled(state.yTitle.isEmpty() ? 8 : 26),
                 scaled(14) + static_cast<int>(std::ceil(state.labelRoom)),
                 scaled(state.xTitle.isEmpty() ? 22 : 38)));
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

// As wide as the longest name with a number behind it, whatever the number is: nothing moves as runs go on.
void LinePlot::setLabelRoom()
{
    const double room = endLabelRoom(d->state, *m_plot);
    if (std::exchange(d->state.labelRoom, room) != room) {
        showMargins();
    }
}

void LinePlot::setSeries(const QVector<PlotSeries>& series)
{
    while (m_plot->graphCount() > series.size()) {
        m_plot->removeGraph(m_plot->graphCount() - 1);
    }
    while (m_plot->graphCount() < series.size()) {
        new CurveGraph(m_plot->xAxis, m_plot->yAxis); // the plot owns it
    }
    const bool otherTable = d->state.series.size() != series.size();
    d->state.series = series;
    d->state.points = 0;
    d->readKeys.reset();
    const auto before = std::exchange(d->streams, {});
    d->streams.resize(static_cast<std::size_t>(series.size()));
    bool whole = true;
    for (int i = 0; i < series.size(); ++i) {
        const PlotSeries& curve = series[i];
        QPen pen(curve.color, curve.width, curve.dashed ? Qt::DashLine : Qt::SolidLine,
                 Qt::RoundCap, Qt::RoundJoin);
        if (!curve.dash.isEmpty()) {
            pen.setDashPattern(curve.dash);
            pen.setCapStyle(Qt::FlatCap); // round ones would fill the gaps
        }
        QColor color = curve.color;
        color.setAlphaF(static_cast<float>(std::clamp(curve.opacity, 0.0, 1.0)));
        pen.setColor(color);
        QCPGraph* graph = m_plot->graph(i);
        graph->setPen(pen);
        graph->setScatterStyle(curve.markers
                                   ? QCPScatterStyle(QCPScatterStyle::ssDisc, color, color, 5)
                                   : QCPScatterStyle(QCPScatterStyle::ssNone));
        whole = (curve.source ? setStream(i, curve.source, before) : setPoints(i, curve)) && whole;
    }
    showFills();
    setLabelRoom();
    d->xTicker->setWholeNumbers(whole);
    applyFullView();
    showStreams();
    if (otherTable) {
        tellOtherTable(this);
    }
}

void LinePlot::showFills()
{
    for (int i = 0; i < m_plot->graphCount(); ++i) {
        const PlotSeries& curve = d->state.series[i];
        QCPGraph* other = curve.fillTo >= 0 && curve.fillTo < m_plot->graphCount()
            ? m_plot->graph(curve.fillTo)
            : nullptr;
        QColor color = curve.color;
        color.setAlphaF(kFillOpacity);
        m_plot->graph(i)->setBrush(other != nullptr ? QBrush(color) : QBrush(Qt::NoBrush));
        m_plot->graph(i)->setChannelFillGraph(other);
    }
}

// Returns whether every x is a whole number.
bool LinePlot::setPoints(int place, const PlotSeries& curve)
{
    QVector<double> heights = curve.y.mid(0, curve.x.size());
    for (double& height : heights) {
        if (!std::isfinite(height) || (d->logY && height <= 0)) {
            height = std::numeric_limits<double>::quiet_NaN();
        }
    }
    const QVector<double> keys = curve.x.mid(0, heights.size());
    if (d->logX) {
        for (qsizetype j = 0; j < keys.size(); ++j) {
            if (keys[j] <= 0) {
                heights[j] = std::numeric_limits<double>::quiet_NaN();
            }
        }
    }
    d->state.points += static_cast<int>(
        std::count_if(heights.begin(), heights.end(), [](double y) { return std::isfinite(y); }));
    QCPGraph* graph = m_plot->graph(place);
    // Sampling shifts points of one pixel: upright lines would lean.
    graph->setAdaptiveSampling(keys.size() > kFewPoints);
    graph->setData(keys, heights, std::is_sorted(keys.begin(), keys.end()));
    return std::all_of(keys.begin(), keys.end(), [](double key) { return key == std::floor(key); });
}

// The one of before goes on. Returns whether every x is a whole number.
bool LinePlot::setStream(int place, const std::shared_ptr<const PlotSource>& source,
                         const std::vector<std::shared_ptr<PlotStream>>& before)
{
    const QByteArray identity = source->identity();
    const auto known = std::find_if(before.begin(), before.end(), [&](const auto& stream) {
        return stream && stream->isOf(identity, d->logX, d->logY)
            && std::find(d->streams.begin(), d->streams.end(), stream) == d->streams.end();
    });
    std::shared_ptr<PlotStream>& stream = d->streams[static_cast<std::size_t>(place)];
    if (known == before.end()) {
        stream = std::make_shared<PlotStream>(source, d->logX, d->logY);
    } else {
        stream = *known;
        stream->grow();
    }
    stream->showIn(place);
    d->state.points += stream->shape().points();
    m_plot->graph(place)->setAdaptiveSampling(false); // it is sampled
    return stream->shape().isWhole();
}

void LinePlot::showStreams(int fineness) const
{
    const auto curves = static_cast<int>(d->streams.size());
    const int width = std::max(kFewPixels, m_plot->axisRect()->width());
    const int pixels =
        fineness * (curves > kCrowd ? std::min(width, 1 + kCrowdStretches / curves) : width);
    for (std::size_t i = 0; i < d->streams.size(); ++i) {
        if (d->streams[i]) {
            d->streams[i]->show(*m_plot->graph(static_cast<int>(i)), m_plot->xAxis->range(),
                                pixels);
        }
    }
}

void LinePlot::setLogX(bool on)
{
    if (on != std::exchange(d->logX, on)) {
        d->zoomedX = false;
        useScale(m_plot->xAxis, on, on ? d->logXTicker : d->xTicker);
    }
}

void LinePlot::setLogY(bool on)
{
    if (on != std::exchange(d->logY, on)) {
        d->zoomedY = false;
        useScale(m_plot->yAxis, on, on ? d->logYTicker : d->yTicker);
    }
}

// The curves are set again: which of their points can be shown depends on it.
void LinePlot::useScale(QCPAxis* axis, bool log, const QSharedPointer<LinearTicker>& ticker)
{
    const QScopedValueRollback applying(d->applying, true);
    axis->setScaleType(log ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
    axis->setTicker(ticker);
    setSeries(d->state.series);
}

void LinePlot::setColorKey(const QVector<PlotKey>& key)
{
    d->state.key = key;
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void LinePlot::setXRange(std::optional<double> lower, std::optional<double> upper)
{
    if (lower == d->xLower && upper == d->xUpper) {
        return;
    }
    d->xLower = lower;
    d->xUpper = upper;
    applyFullView();
}

void LinePlot::setYRange(std::optional<double> lower, std::optional<double> upper)
{
    if (lower == d->yLower && upper == d->yUpper) {
        return;
    }
    d->yLower = lower;
    d->yUpper = upper;
    applyFullView();
}

void LinePlot::setYSuffix(const QString& suffix)
{
    d->state.ySuffix = suffix;
    d->yTicker->setSuffix(suffix);
    d->logYTicker->setSuffix(suffix);
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void LinePlot::setEmptyText(const QString& text)
{
    d->state.emptyText = text;
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void LinePlot::setReadOut(ReadOut readOut)
{
    d->state.readOut = readOut;
    redrawOverlay();
}

int LinePlot::pointCount() const
{
    return d->state.points;
}

void LinePlot::applyFullView()
{
    Extent x;
    Extent y;
    for (int i = 0; i < m_plot->graphCount(); ++i) {
        if (const auto& stream = d->streams[static_cast<std::size_t>(i)]) {
            x.add(stream->shape().x());
            y.add(stream->shape().y());
            continue;
        }
        const auto points = m_plot->graph(i)->data();
        for (auto at = points->constBegin(); at != points->constEnd(); ++at) {
            if (std::isfinite(at->value) && std::isfinite(at->key)) {
                x.add(at->key);
                y.add(at->value);
            }
        }
    }
    const bool belowLog = d->logX && d->xLower.value_or(1.0) <= 0;
    d->fullX = paddedRange(x, belowLog ? std::nullopt : d->xLower, d->xUpper, d->logX, 0.0);
    d->fullY = paddedRange(y, d->yLower, d->yUpper, d->logY, 0.05);
    const bool any = d->state.points > 0; // numbers along an empty plot look like data that failed
    for (QCPAxis* axis : {m_plot->xAxis, m_plot->yAxis}) {
        axis->setTickLabels(any);
        axis->grid()->setVisible(any);
    }
    const QScopedValueRollback applying(d->applying, true);
    if (!d->zoomedX) {
        m_plot->xAxis->setRange(d->fullX);
    }
    if (!d->zoomedY) {
        m_plot->yAxis->setRange(d->fullY);
    }
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void LinePlot::keepInBounds(bool isX, const QCPRange& range)
{
    if (d->applying) {
        return;
    }
    const QScopedValueRollback applying(d->applying, true);
    const QCPRange& full = isX ? d->fullX : d->fullY;
    const QCPRange bounded = boundedRange(range, full, isX ? d->logX : d->logY);
    (isX ? m_plot->xAxis : m_plot->yAxis)->setRange(bounded);
    (isX ? d->zoomedX : d->zoomedY) = !isSame(bounded, full);
    if (isX) {
        Q_EMIT xViewChanged(bounded.lower, bounded.upper);
    }
}

void LinePlot::resetView()
{
    if (!d->zoomedX && !d->zoomedY) {
        return; // two plots that reset each other end here
    }
    d->zoomedX = false;
    d->zoomedY = false;
    applyFullView();
    Q_EMIT xViewChanged(d->fullX.lower, d->fullX.upper);
    Q_EMIT viewReset();
}

void LinePlot::setXView(double lower, double upper)
{
    const QScopedValueRollback applying(d->applying, true);
    const QCPRange bounded = boundedRange({lower, upper}, d->fullX, d->logX);
    d->zoomedX = !isSame(bounded, d->fullX);
    m_plot->xAxis->setRange(bounded);
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void LinePlot::zoom(double factor)
{
    for (QCPAxis* axis : {m_plot->xAxis, m_plot->yAxis}) {
        axis->scaleRange(factor,
                         axis->scaleType() == QCPAxis::stLogarithmic
                             ? std::sqrt(axis->range().lower * axis->range().upper)
                             : axis->range().center());
    }
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void LinePlot::pan(double share)
{
    const QCPRange sight = m_plot->xAxis->range();
    m_plot->xAxis->moveRange(d->logX ? std::pow(sight.upper / sight.lower, share)
                                     : share * sight.size());
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void LinePlot::enableCursor(int minimum, int maximum, const QString& prefix)
{
    PlotState& state = d->state;
    if (state.hasCursor && state.cursorMinimum == minimum && state.cursorMaximum == maximum
        && state.cursorPrefix == prefix) {
        return;
    }
    state.hasCursor = true;
    state.cursorMinimum = minimum;
    state.cursorMaximum = std::max(minimum, maximum);
    state.cursorPrefix = prefix;
    state.cursor = std::clamp(state.cursor, state.cursorMinimum, state.cursorMaximum);
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void LinePlot::hideCursor()
{
    d->state.hasCursor = false;
    d->dragging = false;
    redrawOverlay();
}

void LinePlot::setCursor(int value)
{
    d->state.cursor = std::clamp(value, d->state.cursorMinimum, d->state.cursorMaximum);
    redrawOverlay();
}

void LinePlot::setTintStart(int start)
{
    d->state.tintStart = start;
    redrawOverlay();
}

void LinePlot::setTinted(bool on)
{
    d->state.tinted = on;
    redrawOverlay();
}

int LinePlot::cursor() const
{
    return d->state.cursor;
}

void LinePlot::moveCursorTo(int value)
{
    const int before = d->state.cursor;
    setCursor(value);
    if (d->state.cursor != before) {
        tellValue(this, d->state.cursor);
        Q_EMIT cursorMoved(d->state.cursor);
    }
}

void LinePlot::redrawOverlay()
{
    m_plot->layer(QStringLiteral("tint"))->replot();
    m_plot->layer(QStringLiteral("overlay"))->replot();
}

QString LinePlot::exportTo(const QString& path) const
{
    const Picture picture = d->exports->pictureFor(path);
    return picture.problem.isEmpty() ? writeOutput(path, picture.bytes()) : picture.problem;
}

QString LinePlot::csv() const
{
    return d->exports->csv();
}

QMenu* LinePlot::exportMenu() const
{
    return d->exports->menu();
}

} // namespace pissarro::ui
