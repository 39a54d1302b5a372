// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/views/page.h"

namespace pissarro::ui {

class ErrorCurvesCard;
class MatrixCard;
class QuantBench;
class QuantMapCard;
class ReductionCard;
class SettingsCard;

// The Quantize page: what four bits leave of each matrix with QLoRA, LoftQ and QPiSSA, as the paper's table, as a map over
// the layers, over iterations and rank, and one matrix closely.
class QuantizePage : public Page {
    Q_OBJECT

public:
    explicit QuantizePage(Services& services, QWidget* parent = nullptr);

    QuantBench* bench() const { return m_bench; }

    Invitation invitation() const override;

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    void buildLayout();
    void buildActions();
    void showModel();
    void choose(int module);
    void copyCommand();
    void exportErrors();

    Services& m_services;
    QuantBench* m_bench;
    SettingsCard* m_settings;
    ReductionCard* m_table;
    ErrorCurvesCard* m_curves;
    MatrixCard* m_matrix;
    QuantMapCard* m_map;
};

} // namespace pissarro::ui
