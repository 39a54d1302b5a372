// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/model_files.h"
#include "ui/plot/heat_map.h"

#include <QHash>

#include <functional>
#include <memory>

namespace pissarro::ui {

// A HeatMap of a model's linear modules, layer by type. Speaks of them by their index in linearModules().
class ModuleMap : public HeatMap {
    Q_OBJECT

public:
    explicit ModuleMap(const QString& name, QWidget* parent = nullptr);

    // null: an empty grid. Values and selection are forgotten.
    void setModel(std::shared_ptr<const core::ModelFiles> model);
    // For setValues(); what is not finite is taken as NaN, none yet.
    QVector<double>
    valuesOf(const std::function<double(const core::LinearModule& module)>& valueOf) const;
    // `toolTip` follows the module's name and shape.
    void setModuleTexts(std::function<QString(double)> barLabel,
                        std::function<QString(const core::LinearModule& module)> toolTip);

    void selectModules(const QVector<int>& modules); // emits nothing
    QVector<int> selectedModules() const; // in the order of selection

private:
    const core::LinearModule* moduleAt(HeatCell cell) const; // null: the model has none there

    std::shared_ptr<const core::ModelFiles> m_model;
    QVector<int> m_moduleAt; // by cell, row by row; -1: none
    QHash<int, HeatCell> m_cellOf;
};

} // namespace pissarro::ui
