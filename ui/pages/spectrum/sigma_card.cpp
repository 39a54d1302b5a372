// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/spectrum/sigma_card.h"

#include "ui/plot/line_plot.h"
#include "ui/widgets/segmented_control.h"

#include <QMenu>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace pissarro::ui {

namespace {

constexpr int kCrowd = 8; // curves; more bear no names
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
                                   {tr("log"), tr("linear")}))
    , m_content(new SegmentedControl(QStringLiteral("spectrum.content"), tr("Singular values of"),
                                     {tr("σ"), tr("residual")}))
    , m_plot(new LinePlot(QStringLiteral("spectrum.sigma"), tr("Singular values over their index")))
{
    m_scale->setSegmentEnabled(0, true, tr("Logarithmic scale (Ctrl+G)"));
    m_scale->setSegmentEnabled(1, true, tr("Linear scale (Ctrl+G)"));
    m_content->setSegmentEnabled(0, true, tr("Singular values of the weights (Ctrl+Shift+R)"));
    m_content->setSegmentEnabled(
        1, true,
        tr("Singular values of PiSSA's frozen residual: those after the rank (Ctrl+Shift+R)"));
    auto* exportButton = new QPushButton(tr("Export"));
    exportButton->setObjectName(QStringLiteral("spectrum.export"));
    exportButton->setAccessibleName(tr("Export the singular values"));
    exportButton->setToolTip(tr("Save as PNG, PDF, SVG or CSV, or copy (Ctrl+E)"));
    exportButton->setShortcut(QKeySequence(Qt::CTRL | Qt::Key_E));
    addTitleWidget(m_scale);
    addTitleWidget(m_content);
    addTitleWidget(exportButton);
    body()->addWidget(m_plot, 1);

    m_plot->setAxisTitles(tr("index i"), {});
    showScale();
    connect(m_scale, &SegmentedControl::changed, this, &SigmaCard::showScale);
    connect(m_content, &SegmentedControl::changed, this, [this](int index) {
        setTitle(index == 0 ? tr("Singular values") : tr("Residual singular values"));
        m_plot->setTinted(index
                          == 0); // left of the rank is the kept part of σ, not of the residual
        showSeries();
    });
    connect(m_plot, &LinePlot::cursorMoved, this, &SigmaCard::rankMoved);
    connect(exportButton, &QPushButton::clicked, this, [this, exportButton] {
        m_plot->exportMenu()->popup(
            exportButton->mapToGlobal(QPoint(0, exportButton->height() + 2)));
    });
}

void SigmaCard::setMatrices(const QVector<MatrixView>& matrices)
{
    m_sigma.clear();
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
                                        matrices.size() > kCrowd);
        const std::vector<double>& values = matrix.spectrum->spectrum.values;
        series.y = QVector<double>(values.begin(), values.end());
        series.x.resize(series.y.size());
        for (qsizetype i = 0; i < series.x.size(); ++i) {
            series.x[i] = static_cast<double>(i + 1);
        }
        m_sigma.append(series);
    }
    m_plot->setEmptyText(problem.isEmpty() ? tr("Computing the singular values…") : problem);
    setSubtitle(selectionText(matrices));
    showScale();
    showSeries();
}

void SigmaCard::setRanks(int rank, int largest)
{
    m_rank = rank;
    m_plot->setXRange(0, kRoomRight * largest);
    m_plot->enableCursor(1, largest, QStringLiteral("r = "));
    m_plot->setCursor(rank);
    if (m_content->current() == 1) {
        showSeries();
    }
}

// The range is that of σ also for the residual: switching moves no axis.
void SigmaCard::showScale()
{
    const bool log = m_scale->current() == 0;
    double largest = 0.0;
    double smallest = 0.0;
    for (const PlotSeries& series : std::as_const(m_sigma)) {
        for (const double value : series.y) {
            largest = std::max(largest, value);
            smallest = value > 0 && (smallest == 0.0 || value < smallest) ? value : smallest;
        }
    }
    m_plot->setLogY(log);
    if (largest > 0.0 && log) {
        const double top = roundedUp(largest * 1.5);
        m_plot->setYRange(std::max(smallest * 0.9, top * kDeepest), top);
    } else {
        m_plot->setYRange(log ? std::nullopt : std::optional<double>(0.0),
                          largest > 0.0 ? std::optional<double>(largest * 1.06) : std::nullopt);
    }
}

void SigmaCard::showSeries()
{
    m_plot->setSeries(m_content->current() == 0 ? m_sigma : residualSeries());
}

// W − (its best rank-r part) has the singular values of W after the r-th: the list, shifted.
QVector<PlotSeries> SigmaCard::residualSeries() const
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
    for (const PlotSeries& sigma : m_sigma) {
        PlotSeries residual = sigma;
        residual.y = sigma.y.mid(std::min<qsizetype>(m_rank, sigma.y.size()));
        residual.x = sigma.x.mid(0, residual.y.size());
        all.append(residual);
    }
    return all;
}

} // namespace pissarro::ui
