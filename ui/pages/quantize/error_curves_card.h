// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/quant_error.h"
#include "ui/widgets/card.h"

class QPushButton;

namespace pissarro::ui {

class LinePlot;
class QuantBench;
class SegmentedControl;
struct Services;

// The error that is left, in percent of QLoRA's, over the iterations (the mean of all matrices, the selected one dashed)
// or over the rank (the selected one).
class ErrorCurvesCard : public Card {
    Q_OBJECT

public:
    ErrorCurvesCard(Services& services, QuantBench& bench, QWidget* parent = nullptr);

    void setNorm(core::ErrorNorm norm);
    LinePlot* plot() const { return m_plot; }

private:
    void show();
    void showIterations();
    void showRanks();

    Services& m_services;
    QuantBench& m_bench;
    SegmentedControl* m_over; // 0: iterations, 1: rank
    LinePlot* m_plot;
    QPushButton* m_retry; // after a failure
    core::ErrorNorm m_norm = core::ErrorNorm::Nuclear;
};

} // namespace pissarro::ui
