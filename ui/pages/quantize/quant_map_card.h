// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/quant/quant_error.h"
#include "ui/plot/heat_map.h"
#include "ui/widgets/card.h"

#include <QHash>

class QComboBox;

namespace pissarro::ui {

class QuantBench;
class Workbench;

// Every matrix by layer and type: how much less a method leaves than QLoRA, or than the other method. A click selects the
// matrix that is looked at.
class QuantMapCard : public Card {
    Q_OBJECT

public:
    QuantMapCard(Workbench& workbench, QuantBench& bench, QWidget* parent = nullptr);

    void setNorm(core::ErrorNorm norm);
    void select(int module); // emits nothing

Q_SIGNALS:
    void moduleChosen(int module); // by a person

private:
    void showModel();
    void showValues();
    double valueOf(const core::ModuleQuantError& error) const;
    QString toolTipOf(HeatCell cell) const;
    int moduleAt(HeatCell cell) const; // -1: none

    Workbench& m_workbench;
    QuantBench& m_bench;
    QComboBox* m_what;
    HeatMap* m_map;
    core::ErrorNorm m_norm = core::ErrorNorm::Nuclear;
    QVector<int> m_moduleAt; // by cell, row by row
};

} // namespace pissarro::ui
