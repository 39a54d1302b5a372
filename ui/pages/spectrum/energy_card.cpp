// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/spectrum/energy_card.h"

#include "ui/plot/line_plot.h"

#include <QVBoxLayout>

namespace pissarro::ui {

namespace {

constexpr int kCrowd = 8; // curves; more bear no names
constexpr double kRoomRight = 1.008; // so that the last value is not cut by the edge

} // namespace

EnergyCard::EnergyCard(QWidget* parent)
    : Card(tr("Cumulative energy"), parent)
    , m_plot(new LinePlot(QStringLiteral("spectrum.energy"),
                          tr("Share of the energy kept over the rank")))
{
    setSubtitle(tr("shares the rank cursor"));
    m_plot->setAxisTitles(tr("rank r"), {});
    m_plot->setYRange(0.0, 101.0);
    m_plot->setYSuffix(QStringLiteral(" %"));
    body()->addWidget(m_plot, 1);
    connect(m_plot, &LinePlot::cursorMoved, this, &EnergyCard::rankMoved);
}

void EnergyCard::setMatrices(const QVector<MatrixView>& matrices)
{
    QVector<PlotSeries> all;
    for (const MatrixView& matrix : matrices) {
        if (!matrix.isReady()) {
            continue;
        }
        PlotSeries series = matrixStyle(matrix, &matrix == &matrices.first() && matrices.size() > 1,
                                        matrices.size() > kCrowd);
        series.labelOnLine = false; // the colours are named above
        const std::vector<double> kept = core::cumulativeEnergy(matrix.spectrum->spectrum);
        for (std::size_t rank = 0; rank < kept.size(); ++rank) {
            series.x.append(static_cast<double>(rank));
            series.y.append(100.0 * kept[rank]);
        }
        all.append(series);
    }
    m_plot->setSeries(all);
}

void EnergyCard::setRanks(int rank, int largest)
{
    m_plot->setXRange(0, kRoomRight * largest);
    m_plot->enableCursor(1, largest, QStringLiteral("r = "));
    m_plot->setCursor(rank);
}

} // namespace pissarro::ui
