// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/spectrum/sigma_card.h"

#include "ui/plot/line_plot.h"
#include "ui/widgets/segmented_control.h"

#include <QMenu>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

namespace pissarro::ui {

namespace {

constexpr double kRoomRight = 1.008; // so that the last value is not cut by the edge
constexpr double kDeepest =
    2e-4; // of the largest value: a tail of rounding errors does not flatten all the rest
constexpr double kPale = 0.3; // opacity of σ behind the residual

// The next of 1, 2, 5, 10, 20 … at or above `value`.
double roundedUp(double value)
{
    const double decade = std::pow(10.0, std::floor(std::log10(value)));
    for (const double step : {1.0, 2.0, 5.0}) {
        if (step * decade >= value) {
            return step * decade;
        }
    }
    return 10.0 * decade;
}

} // namespace

SigmaCard::SigmaCard(QWidget* parent)
    : Card(tr("Singular values"), parent)
    , m_scale(new SegmentedControl(QStringLiteral("spectrum.scale"), tr("Scale of σ"),
                                   {tr("log"), tr("linear"), tr("log–log")}))
    , m_content(new SegmentedControl(QStringLiteral("spectrum.content"), tr("Singular values of"),
                                     {tr("σ"), tr("residual"), tr("ΔW")}))
    , m_plot(new LinePlot(QStringLiteral("spectrum.sigma"), tr("Singular values over their index")))
    , m_compareMenu(new QMenu(this))
    , m_compare(new QPushButton(tr("Compare…")))
    , m_export(new QPushButton(tr("Export")))
{
    m_scale->setSegmentEnabled(0, true, tr("Logarithmic scale (Ctrl+G)"));
    m_scale->setSegmentEnabled(1, true, tr("Linear scale (Ctrl+G)"));
    m_scale->setSegmentEnabled(
        2, true, tr("Both axes logarithmic: a power law is a straight line (Ctrl+G)"));
    m_content->setSegmentEnabled(0, true, tr("Singular values of the weights (Ctrl+Shift+R)"));
    m_content->setSegmentEnabled(
        1, true,
        tr("Singular values of PiSSA's frozen residual: those after the rank (Ctrl+Shift+R)"));
    m_content->setSegmentEnabled(
        2, true,
        tr("Singular values of what fine-tuning changed: choose a tuned model or adapter"));
    m_compare->setObjectName(QStringLiteral("spectrum.compare"));
    m_compare->setMenu(m_compareMenu);
    m_compare->hide();
    m_export->setObjectName(QStringLiteral("spectrum.export"));
    m_export->setAccessibleName(tr("Export the singular values"));
    m_export->setToolTip(tr("Save as PNG, PDF, SVG or CSV, or copy (Ctrl+E)"));
    addTitleWidget(m_compare);
    addTitleWidget(m_scale);
    addTitleWidget(m_content);
    addTitleWidget(m_export);
    body()->addWidget(m_plot, 1);

    m_plot->setAxisTitles(tr("index i"), {});
    showScale();
    connect(m_scale, &SegmentedControl::changed, this, [this] {
        showScale();
        Q_EMIT scaleChanged();
    });
    connect(m_content, &SegmentedControl::changed, this, &SigmaCard::showContent);
    connect(m_plot, &LinePlot::cursorMoved, this, &SigmaCard::rankMoved);
    connect(m_export, &QPushButton::clicked, this, &SigmaCard::openExport);
}

void SigmaCard::openExport()
{
    m_plot->exportMenu()->popup(m_export->mapToGlobal(QPoint(0, m_export->height() + 2)));
}

void SigmaCard::showSelection()
{
    setSubtitle(showsUpdate() && !m_comparedWith.isEmpty()
                    ? tr("%1 − base · %2").arg(m_comparedWith, m_selection)
                    : m_selection);
}

bool SigmaCard::hasLogIndex() const
{
    return m_scale->current() == 2;
}

bool SigmaCard::showsUpdate() const
{
    return m_content->current() == 2;
}

void SigmaCard::showContent(int index)
{
    const std::array titles {tr("Singular values"), tr("Residual singular values"),
                             tr("Singular values of ΔW")};
    setTitle(titles[static_cast<std::size_t>(index)]);
    m_plot->setTinted(index == 0); // the kept part of σ, not of the residual
    m_compare->setVisible(index == 2);
    showSelection();
    if (index == 2 && m_comparedWith.isEmpty()) {
        m_compareMenu->popup(m_content->mapToGlobal(QPoint(0, m_content->height() + 2)));
    }
    showScale();
    showSeries();
    Q_EMIT contentChanged();
}

void SigmaCard::setComparison(const QString& name, bool arriving)
{
    m_comparedWith = name;
    m_arriving = arriving;
    m_compare->setToolTip(name.isEmpty()
                              ? tr("Choose a fine-tuned form of this model, or an adapter for it")
                              : tr("ΔW = %1 − the open model").arg(name));
    showSelection();
    showScale();
    showSeries();
}

void SigmaCard::setSlice(int first)
{
    m_first = first;
    m_plot->setTintStart(m_first);
    if (m_content->current() == 1) {
        showSeries();
    }
}

void SigmaCard::setMatrices(const QVector<MatrixView>& matrices)
{
    m_sigma.clear();
    m_update.clear();
    QString problem;
    for (const MatrixView& matrix : matrices) {
        if (!matrix.isReady()) {
            if (matrix.spectrum && !matrix.spectrum->problem.empty()) {
                problem =
                    tr("%1 %2").arg(matrix.label, QString::fromStdString(matrix.spectrum->problem));
            }
            continue;
        }
        PlotSeries series = matrixStyle(matrix, &matrix == &matrices.first() && matrices.size() > 1,
                                        matrices.size() > kMostNamed);
        const std::vector<double>& values = matrix.spectrum->spectrum.values;
        series.y = QVector<double>(values.begin(), values.end());
        series.x.resize(series.y.size());
        for (qsizetype i = 0; i < series.x.size(); ++i) {
            series.x[i] = static_cast<double>(i + 1);
        }
        m_sigma.append(series);
        if (matrix.update) {
            const std::vector<double>& delta = matrix.update->delta.values;
            series.y = QVector<double>(delta.begin(), delta.end());
            m_update.append(series);
        }
    }
    m_problem = problem;
    m_plot->setColorKey(colorKey(matrices));
    m_selection = selectionText(matrices);
    showSelection();
    showScale();
    showSeries();
}

void SigmaCard::setRanks(int rank, int largest)
{
    m_rank = rank;
    m_largest = largest;
    if (!showsUpdate()) {
        m_plot->setXRange(0, kRoomRight * largest);
    }
    m_plot->enableCursor(1, largest, QStringLiteral("r = "));
    m_plot->setCursor(rank);
    if (m_content->current() == 1) {
        showSeries();
    }
}

// The range is that of σ also for the residual: switching moves no axis.
void SigmaCard::showScale()
{
    const bool log = m_scale->current() != 1;
    m_plot->setLogY(log);
    m_plot->setLogX(hasLogIndex());
    if (showsUpdate() && !m_update.isEmpty()) {
        showUpdateScale(log);
        return;
    }
    m_plot->setXRange(0, kRoomRight * m_largest);
    double largest = 0.0;
    double smallest = 0.0;
    for (const PlotSeries& series : std::as_const(m_sigma)) {
        for (const double value : series.y) {
            largest = std::max(largest, value);
            smallest = value > 0 && (smallest == 0.0 || value < smallest) ? value : smallest;
        }
    }
    if (largest > 0.0 && log) {
        const double top = roundedUp(largest * 1.5);
        m_plot->setYRange(std::max(smallest * 0.9, top * kDeepest), top);
    } else {
        m_plot->setYRange(log ? std::nullopt : std::optional<double>(0.0),
                          largest > 0.0 ? std::optional<double>(largest * 1.06) : std::nullopt);
    }
}

// As far as ΔW has values: an adapter's are as many as its rank, of hundreds.
void SigmaCard::showUpdateScale(bool log)
{
    constexpr double kNoValue = 1e-6; // of the largest: rounding
    constexpr double kRoom = 1.25;
    double largest = 0.0;
    double smallest = 0.0;
    double weights = 0.0;
    qsizetype count = 1;
    for (const PlotSeries& series : std::as_const(m_update)) {
        for (qsizetype i = 0; i < series.y.size(); ++i) {
            if (series.y[i] > kNoValue * series.y.first()) {
                largest = std::max(largest, series.y[i]);
                smallest = smallest == 0.0 ? series.y[i] : std::min(smallest, series.y[i]);
                count = std::max(count, i + 1);
            }
        }
    }
    for (const PlotSeries& series : std::as_const(m_sigma)) {
        weights = series.y.isEmpty() ? weights : std::max(weights, series.y.first());
    }
    m_plot->setXRange(0,
                      std::min(kRoom * static_cast<double>(count) + 1.0,
                               kRoomRight * static_cast<double>(m_largest)));
    if (largest > 0.0 && log) {
        m_plot->setYRange(0.7 * smallest, roundedUp(1.5 * std::max(weights, largest)));
    } else {
        m_plot->setYRange(log ? std::nullopt : std::optional<double>(0.0),
                          largest > 0.0 ? std::optional<double>(largest * 1.06) : std::nullopt);
    }
}

void SigmaCard::showSeries()
{
    if (showsUpdate()) {
        m_plot->setEmptyText(m_comparedWith.isEmpty()
                                 ? tr("Choose a fine-tuned model, or an adapter, to compare with")
                                 : m_arriving ? tr("Computing what fine-tuning changed…")
                                              : tr("No change of these matrices is known"));
        m_plot->setSeries(m_update.isEmpty() ? QVector<PlotSeries>() : paleSigma() + m_update);
        return;
    }
    m_plot->setEmptyText(m_problem.isEmpty() ? tr("Computing the singular values…") : m_problem);
    m_plot->setSeries(m_content->current() == 0 ? m_sigma : residualSeries());
}

// σ behind what is shown before it.
QVector<PlotSeries> SigmaCard::paleSigma() const
{
    QVector<PlotSeries> all;
    for (const PlotSeries& sigma : m_sigma) {
        PlotSeries pale = sigma;
        pale.label.clear();
        pale.labelOnLine = false;
        pale.opacity = kPale;
        pale.width = 1.0;
        all.append(pale);
    }
    return all;
}

// W − (its best rank-r part) has the singular values of W after the r-th: the list, shifted. Of another slice: the list
// without it.
QVector<PlotSeries> SigmaCard::residualSeries() const
{
    QVector<PlotSeries> all = paleSigma();
    for (const PlotSeries& sigma : m_sigma) {
        PlotSeries residual = sigma;
        const auto first = std::min<qsizetype>(m_first, sigma.y.size());
        residual.y = sigma.y.mid(0, first)
            + sigma.y.mid(std::min<qsizetype>(first + m_rank, sigma.y.size()));
        residual.x = sigma.x.mid(0, residual.y.size());
        all.append(residual);
    }
    return all;
}

} // namespace pissarro::ui
