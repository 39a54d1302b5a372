// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/spectrum/spectrum_facts.h"
#include "ui/widgets/card.h"

namespace pissarro::ui {

class LinePlot;

// The share of the energy that each rank keeps, for the selected matrices; beside ΔW the angles between what changed and
// the principal directions of the weights.
class EnergyCard : public Card {
    Q_OBJECT

public:
    explicit EnergyCard(QWidget* parent = nullptr);

    void setMatrices(const QVector<MatrixView>& matrices);
    void setSlice(int first); // where what becomes the adapter begins
    void showAngles(bool on); // instead of the energy
    void setLogRank(bool on); // the axis of the rank, not that of the angles
    void setRanks(int rank, int largest); // of the cursor
    LinePlot* plot() const { return m_plot; }

Q_SIGNALS:
    void rankMoved(int rank); // by a person

private:
    void showSeries();
    void showCursor(); // not among angles, where a rank has no place
    QVector<PlotSeries> energySeries() const;
    QVector<PlotSeries> angleSeries() const;

    LinePlot* m_plot;
    QVector<MatrixView> m_matrices;
    bool m_angles = false;
    bool m_logRank = false;
    int m_largest = 1;
    int m_rank = 1;
};

} // namespace pissarro::ui
