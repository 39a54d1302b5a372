// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/pages/compare/update_maps_card.h"
#include "ui/widgets/card.h"

#include <array>

namespace pissarro::ui {

class LinePlot;
class RunPair;
class SegmentedControl;

// The matrix that is selected in the maps: how the leading directions of its changes lie to the top of W, to what the runs began
// with, and to each other.
class AnglesCard : public Card {
    Q_OBJECT

public:
    explicit AnglesCard(QWidget* parent = nullptr);

    void setLooks(const std::array<UpdateMapsCard::Look, 2>& looks);
    void show(const RunPair& pair, const QString& module, std::int64_t step);
    LinePlot* plot() const { return m_plot; }

private:
    void draw();

    SegmentedControl* m_side; // 0: among the outputs, 1: among the inputs
    LinePlot* m_plot;
    std::array<UpdateMapsCard::Look, 2> m_looks;
    const RunPair* m_pair = nullptr; // outlives this
    QString m_module;
    std::int64_t m_step = 0;
};

// And its singular values: of W before, of W after each run, and of the changes.
class PairSpectraCard : public Card {
    Q_OBJECT

public:
    explicit PairSpectraCard(QWidget* parent = nullptr);

    void setLooks(const std::array<UpdateMapsCard::Look, 2>& looks);
    void show(const RunPair& pair, const QString& module);
    LinePlot* plot() const { return m_plot; }

private:
    void draw();

    SegmentedControl* m_scale; // 0: logarithmic
    LinePlot* m_plot;
    std::array<UpdateMapsCard::Look, 2> m_looks;
    const RunPair* m_pair = nullptr; // outlives this
    QString m_module;
};

} // namespace pissarro::ui
