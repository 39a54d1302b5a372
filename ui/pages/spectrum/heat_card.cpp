// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/spectrum/heat_card.h"

#include "ui/pages/spectrum/spectrum_facts.h"
#include "ui/shell/workbench.h"
#include "ui/widgets/format.h"
#include "ui/widgets/segmented_control.h"

#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <limits>

namespace pissarro::ui {

namespace {

enum Measure { Energy, StableRank, EffectiveRank };

} // namespace

HeatCard::HeatCard(const Workbench& workbench, QWidget* parent)
    : Card(tr("Energy kept"), parent)
    , m_workbench(workbench)
    , m_measure(new SegmentedControl(QStringLiteral("spectrum.measure"), tr("Measure of the map"),
                                     {tr("energy"), tr("stable"), tr("effective")}))
    , m_map(new HeatMap(QStringLiteral("spectrum.map"), tr("Matrices by layer and module")))
{
    m_measure->setSegmentEnabled(Energy, true, tr("Share of Σσ² that the rank keeps"));
    m_measure->setSegmentEnabled(StableRank, true, tr("Stable rank: ‖W‖² (Frobenius) / σ₁²"));
    m_measure->setSegmentEnabled(EffectiveRank, true,
                                 tr("Effective rank: exp of the entropy of σ/Σσ"));
    addTitleWidget(m_measure);
    body()->addWidget(m_map, 1);
    m_map->setTexts([this](double value) { return textOf(value); },
                    [this](HeatCell cell) { return toolTipOf(cell); });
    connect(m_measure, &SegmentedControl::changed, this, &HeatCard::showRank);
    connect(m_map, &HeatMap::selectionChanged, this, &HeatCard::selectionChanged);
}

void HeatCard::showModel()
{
    m_moduleAt.clear();
    m_cellOf.clear();
    m_ranks.clear();
    QStringList rows;
    QStringList columns;
    std::vector<std::string> types;
    const auto model = m_workbench.model();
    if (model) {
        std::int64_t layers = 0;
        for (const core::LinearModule& module : model->linearModules()) {
            layers = std::max(layers, module.layer + 1);
            if (std::find(types.begin(), types.end(), module.type) == types.end()) {
                types.push_back(module.type);
                columns.append(shortType(module.type));
            }
        }
        for (std::int64_t layer = 0; layer < layers; ++layer) {
            rows.append(QString::number(layer));
        }
        m_moduleAt.fill(-1, rows.size() * columns.size());
        int index = 0;
        for (const core::LinearModule& module : model->linearModules()) {
            const auto column = std::find(types.begin(), types.end(), module.type) - types.begin();
            const HeatCell cell {static_cast<int>(module.layer), static_cast<int>(column)};
            m_moduleAt[cell.row * columns.size() + cell.column] = index;
            m_cellOf.insert(index++, cell);
        }
    }
    m_map->setGrid(rows, columns);
    showSpectra(m_workbench.spectra().keys());
    showRank();
}

void HeatCard::showSpectra(const QStringList& arrived)
{
    for (const QString& name : arrived) {
        const auto found = m_workbench.spectra().constFind(name);
        if (found != m_workbench.spectra().constEnd() && !found->spectrum.values.empty()) {
            m_ranks.insert(
                name, {core::stableRank(found->spectrum), core::effectiveRank(found->spectrum)});
        }
    }
    showValues();
}

void HeatCard::showRank()
{
    const std::array titles {tr("Energy kept at r = %1").arg(m_workbench.rank()), tr("Stable rank"),
                             tr("Effective rank")};
    setTitle(titles[static_cast<std::size_t>(m_measure->current())]);
    showValues();
}

void HeatCard::showValues()
{
    const auto model = m_workbench.model();
    if (!model) {
        return;
    }
    QVector<double> values(m_moduleAt.size(), std::numeric_limits<double>::quiet_NaN());
    for (qsizetype i = 0; i < values.size(); ++i) {
        if (m_moduleAt[i] < 0) {
            continue;
        }
        const core::LinearModule& module =
            model->linearModules()[static_cast<std::size_t>(m_moduleAt[i])];
        const QString name = QString::fromStdString(module.name);
        const auto ranks = m_ranks.constFind(name);
        if (ranks == m_ranks.constEnd()) {
            continue;
        }
        switch (m_measure->current()) {
        case StableRank:
            values[i] = ranks->stable;
            break;
        case EffectiveRank:
            values[i] = ranks->effective;
            break;
        default:
            values[i] = keptAt(m_workbench.spectra().constFind(name)->spectrum, m_workbench.rank());
        }
    }
    m_map->setValues(values);
}

QString HeatCard::textOf(double value) const
{
    if (m_measure->current() != Energy) {
        return formatNumber(value, 3);
    }
    return value >= 0.1 ? formatPercent(std::round(value * 100.0) / 100.0) : formatPercent(value);
}

int HeatCard::moduleAt(HeatCell cell) const
{
    return m_moduleAt.value(qsizetype {cell.row} * m_map->columnCount() + cell.column, -1);
}

QString HeatCard::toolTipOf(HeatCell cell) const
{
    const auto model = m_workbench.model();
    const int index = moduleAt(cell);
    if (!model || index < 0) {
        return tr("The model has no such matrix");
    }
    const core::LinearModule& module = model->linearModules()[static_cast<std::size_t>(index)];
    const QString name = QString::fromStdString(module.name);
    const QString head =
        tr("%1\n%2 × %3").arg(name, formatCount(module.rows), formatCount(module.cols));
    const auto found = m_workbench.spectra().constFind(name);
    if (found == m_workbench.spectra().constEnd()) {
        return head + tr("\nnot computed yet");
    }
    if (found->spectrum.values.empty()) {
        return head + u'\n' + QString::fromStdString(found->problem);
    }
    const Ranks ranks = m_ranks.value(name);
    return head
        + tr("\nenergy kept at r = %1: %2\nstable rank %3 · effective rank %4")
              .arg(QString::number(m_workbench.rank()),
                   formatPercent(keptAt(found->spectrum, m_workbench.rank())),
                   formatNumber(ranks.stable, 3), formatNumber(ranks.effective, 3));
}

QVector<int> HeatCard::selection() const
{
    QVector<int> modules;
    for (const HeatCell& cell : m_map->selection()) {
        const int index = moduleAt(cell);
        if (index >= 0) {
            modules.append(index);
        }
    }
    return modules;
}

void HeatCard::setSelection(const QVector<int>& modules)
{
    QVector<HeatCell> cells;
    for (const int index : modules) {
        const auto cell = m_cellOf.constFind(index);
        if (cell != m_cellOf.constEnd()) {
            cells.append(*cell);
        }
    }
    m_map->setSelection(cells);
}

} // namespace pissarro::ui
