// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/quant_error.h"
#include "core/model/model_files.h"
#include "ui/widgets/card.h"

class QComboBox;

namespace pissarro::ui {

class ModuleMap;
class QuantBench;
struct Services;

// Every matrix by layer and type: how much less a method leaves than QLoRA, or than the other method. A click selects the
// matrix that is looked at.
class QuantMapCard : public Card {
    Q_OBJECT

public:
    QuantMapCard(Services& services, QuantBench& bench, QWidget* parent = nullptr);

    void setNorm(core::ErrorNorm norm);
    void select(int module); // emits nothing

Q_SIGNALS:
    void moduleChosen(int module); // by a person

private:
    void showModel();
    void showValues();
    double valueOf(const core::ModuleQuantError& error) const;
    QString toolTipOf(const core::LinearModule& module) const;

    Services& m_services;
    QuantBench& m_bench;
    QComboBox* m_what;
    ModuleMap* m_map;
    core::ErrorNorm m_norm = core::ErrorNorm::Nuclear;
};

} // namespace pissarro::ui
