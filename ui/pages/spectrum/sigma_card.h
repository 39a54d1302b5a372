// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/spectrum/spectrum_facts.h"
#include "ui/widgets/card.h"

namespace pissarro::ui {

class LinePlot;
class SegmentedControl;

// The singular values of the selected matrices over their index, or those that PiSSA's residual
// keeps at the rank.
class SigmaCard : public Card {
    Q_OBJECT

public:
    explicit SigmaCard(QWidget* parent = nullptr);

    void setMatrices(const QVector<MatrixView>& matrices);
    void setRanks(int rank, int largest); // of the cursor
    LinePlot* plot() const { return m_plot; }
    SegmentedControl* scale() const { return m_scale; } // log, linear
    SegmentedControl* content() const { return m_content; } // σ, residual

Q_SIGNALS:
    void rankMoved(int rank); // by a person

private:
    void showSeries();
    void showScale();
    QVector<PlotSeries> residualSeries() const;

    SegmentedControl* m_scale;
    SegmentedControl* m_content;
    LinePlot* m_plot;
    QVector<PlotSeries> m_sigma;
    int m_rank = 1;
};

} // namespace pissarro::ui
