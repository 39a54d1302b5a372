// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/views/module_map.h"

#include "ui/words/format.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace pissarro::ui {

ModuleMap::ModuleMap(const QString& name, QWidget* parent)
    : HeatMap(name, tr("Matrices by layer and module"), parent)
{
    setRowTitle(tr("Layer"));
    setCorner(tr("layer"));
}

void ModuleMap::setModel(std::shared_ptr<const core::ModelFiles> model)
{
    m_model = std::move(model);
    m_moduleAt.clear();
    m_cellOf.clear();
    std::vector<std::string> types;
    std::int64_t layers = 0;
    if (m_model) {
        for (const core::LinearModule& module : m_model->linearModules()) {
            layers = std::max(layers, module.layer + 1);
            if (std::find(types.begin(), types.end(), module.type) == types.end()) {
                types.push_back(module.type);
            }
        }
        const auto columns = static_cast<qsizetype>(types.size());
        m_moduleAt.fill(-1, layers * columns);
        int index = 0;
        for (const core::LinearModule& module : m_model->linearModules()) {
            const auto column = std::find(types.begin(), types.end(), module.type) - types.begin();
            m_moduleAt[module.layer * columns + column] = index;
            m_cellOf.insert(index++, {static_cast<int>(module.layer), static_cast<int>(column)});
        }
    }
    QStringList rows;
    for (std::int64_t layer = 0; layer < layers; ++layer) {
        rows.append(QString::number(layer));
    }
    QStringList columns;
    for (const std::string& type : types) {
        columns.append(shortType(type));
    }
    setGrid(rows, columns);
}

QVector<double>
ModuleMap::valuesOf(const std::function<double(const core::LinearModule& module)>& valueOf) const
{
    QVector<double> values(m_moduleAt.size(), std::numeric_limits<double>::quiet_NaN());
    for (qsizetype i = 0; i < values.size(); ++i) {
        if (m_moduleAt[i] >= 0) {
            const double value =
                valueOf(m_model->linearModules()[static_cast<std::size_t>(m_moduleAt[i])]);
            values[i] = std::isfinite(value) ? value : values[i];
        }
    }
    return values;
}

void ModuleMap::setModuleTexts(std::function<QString(double)> barLabel,
                               std::function<QString(const core::LinearModule& module)> toolTip)
{
    setTexts(std::move(barLabel), [this, toolTip = std::move(toolTip)](HeatCell cell) {
        const core::LinearModule* module = moduleAt(cell);
        return module == nullptr ? tr("The model has no such matrix")
                                 : tr("%1\n%2 × %3")
                                       .arg(QString::fromStdString(module->name),
                                            formatCount(module->rows), formatCount(module->cols))
                + u'\n' + toolTip(*module);
    });
}

void ModuleMap::selectModules(const QVector<int>& modules)
{
    QVector<HeatCell> cells;
    for (const int index : modules) {
        const auto cell = m_cellOf.constFind(index);
        if (cell != m_cellOf.constEnd()) {
            cells.append(*cell);
        }
    }
    setSelection(cells);
}

QVector<int> ModuleMap::selectedModules() const
{
    QVector<int> modules;
    for (const HeatCell& cell : selection()) {
        if (const core::LinearModule* module = moduleAt(cell)) {
            modules.append(static_cast<int>(module - m_model->linearModules().data()));
        }
    }
    return modules;
}

const core::LinearModule* ModuleMap::moduleAt(HeatCell cell) const
{
    const int index = m_moduleAt.value(qsizetype {cell.row} * columnCount() + cell.column, -1);
    return index < 0 ? nullptr : &m_model->linearModules()[static_cast<std::size_t>(index)];
}

} // namespace pissarro::ui
