// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/spectrum/energy_card.h"

#include "ui/plot/line_plot.h"

#include <QVBoxLayout>

#include <algorithm>

namespace pissarro::ui {

namespace {

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
    m_matrices = matrices;
    m_plot->setColorKey(colorKey(matrices));
    showSeries();
}

void EnergyCard::setLogRank(bool on)
{
    m_logRank = on;
    m_plot->setLogX(m_logRank && !m_angles);
}

void EnergyCard::setSlice(int first)
{
    m_plot->setTintStart(first);
}

void EnergyCard::showAngles(bool on)
{
    m_angles = on;
    setTitle(on ? tr("Angles") : tr("Cumulative energy"));
    setSubtitle(on ? tr("cosines, ΔW to W · outputs solid, inputs dashed")
                   : tr("shares the rank cursor"));
    m_plot->setAxisTitles(on ? tr("angle i") : tr("rank r"), {});
    m_plot->setYRange(0.0, on ? 1.02 : 101.0);
    m_plot->setYSuffix(on ? QString() : QStringLiteral(" %"));
    m_plot->setTinted(!on);
    m_plot->setLogX(m_logRank && !on);
    m_plot->setEmptyText(on ? tr("Nothing to compare with yet") : QString());
    showSeries();
    showCursor();
    m_plot->resetView();
}

void EnergyCard::showSeries()
{
    const QVector<PlotSeries> all = m_angles ? angleSeries() : energySeries();
    if (m_angles) {
        qsizetype most = 1;
        for (const PlotSeries& series : all) {
            most = std::max(most, series.x.size());
        }
        m_plot->setXRange(0, static_cast<double>(most) + 1.0);
    } else {
        m_plot->setXRange(0, kRoomRight * m_largest);
    }
    m_plot->setSeries(all);
}

QVector<PlotSeries> EnergyCard::energySeries() const
{
    QVector<PlotSeries> all;
    for (const MatrixView& matrix : m_matrices) {
        if (!matrix.isReady()) {
            continue;
        }
        PlotSeries series =
            matrixStyle(matrix, &matrix == &m_matrices.first() && m_matrices.size() > 1,
                        m_matrices.size() > kMostNamed);
        series.labelOnLine = false; // the colours are named above
        const std::vector<double> kept = core::cumulativeEnergy(matrix.spectrum->spectrum);
        for (std::size_t rank = 0; rank < kept.size(); ++rank) {
            series.x.append(static_cast<double>(rank));
            series.y.append(100.0 * kept[rank]);
        }
        all.append(series);
    }
    return all;
}

QVector<PlotSeries> EnergyCard::angleSeries() const
{
    QVector<PlotSeries> all;
    for (const MatrixView& matrix : m_matrices) {
        if (!matrix.update) {
            continue;
        }
        for (const bool inputs : {false, true}) {
            PlotSeries series = matrixStyle(matrix, false, m_matrices.size() > kMostNamed);
            series.label = (inputs ? tr("%1 inputs") : tr("%1 outputs")).arg(series.label);
            series.labelOnLine = false;
            series.dashed = inputs;
            series.markers = true;
            const auto& cosines =
                inputs ? matrix.update->inputCosines : matrix.update->outputCosines;
            for (std::size_t i = 0; i < cosines.size(); ++i) {
                series.x.append(static_cast<double>(i + 1));
                series.y.append(cosines[i]);
            }
            all.append(series);
        }
    }
    return all;
}

void EnergyCard::setRanks(int rank, int largest)
{
    m_largest = largest;
    if (!m_angles) {
        m_plot->setXRange(0, kRoomRight * largest);
    }
    m_rank = rank;
    showCursor();
}

void EnergyCard::showCursor()
{
    if (m_angles) {
        m_plot->hideCursor();
        return;
    }
    m_plot->enableCursor(1, m_largest, QStringLiteral("r = "));
    m_plot->setCursor(m_rank);
}

} // namespace pissarro::ui
