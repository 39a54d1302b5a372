// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/spectrum/spectrum_facts.h"
#include "ui/widgets/card.h"

namespace pissarro::ui {

class LinePlot;

// The share of the energy that each rank keeps, for the selected matrices.
class EnergyCard : public Card {
    Q_OBJECT

public:
    explicit EnergyCard(QWidget* parent = nullptr);

    void setMatrices(const QVector<MatrixView>& matrices);
    void setRanks(int rank, int largest); // of the cursor
    LinePlot* plot() const { return m_plot; }

Q_SIGNALS:
    void rankMoved(int rank); // by a person

private:
    LinePlot* m_plot;
};

} // namespace pissarro::ui
