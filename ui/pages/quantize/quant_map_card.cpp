// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/quantize/quant_map_card.h"

#include "ui/pages/quantize/quant_bench.h"
#include "ui/pages/spectrum/spectrum_facts.h"
#include "ui/shell/workbench.h"
#include "ui/widgets/format.h"

#include <QComboBox>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <limits>

namespace pissarro::ui {

namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
enum What { Qpissa, Loftq, Ahead };

} // namespace

QuantMapCard::QuantMapCard(Workbench& workbench, QuantBench& bench, QWidget* parent)
    : Card(tr("Error by layer"), parent)
    , m_workbench(workbench)
    , m_bench(bench)
    , m_what(new QComboBox)
    , m_map(new HeatMap(QStringLiteral("quantize.map"), tr("Matrices by layer and module")))
{
    m_what->setObjectName(QStringLiteral("quantize.what"));
    m_what->setAccessibleName(tr("What the map shows"));
    m_what->addItem(tr("QPiSSA below QLoRA"));
    m_what->addItem(tr("LoftQ below QLoRA"));
    m_what->addItem(tr("QPiSSA ahead of LoftQ"));
    addTitleWidget(m_what);
    body()->addWidget(m_map, 1);
    m_map->setTexts([](double value) { return formatNumber(value, 2) + QStringLiteral(" %"); },
                    [this](HeatCell cell) { return toolTipOf(cell); });
    connect(m_what, &QComboBox::currentIndexChanged, this, &QuantMapCard::showValues);
    connect(&m_bench, &QuantBench::errorsChanged, this, &QuantMapCard::showValues);
    connect(&m_workbench, &Workbench::modelOpened, this, &QuantMapCard::showModel);
    connect(m_map, &HeatMap::selectionChanged, this, [this] {
        const QVector<HeatCell> cells = m_map->selection();
        const int module = cells.isEmpty() ? -1 : moduleAt(cells.last());
        if (cells.size() > 1) { // one is looked at
            m_map->setSelection({cells.last()});
        }
        if (module >= 0) {
            Q_EMIT moduleChosen(module);
        }
    });
    showModel();
}

void QuantMapCard::setNorm(core::ErrorNorm norm)
{
    m_norm = norm;
    showValues();
}

void QuantMapCard::showModel()
{
    QStringList rows;
    QStringList columns;
    std::vector<std::string> types;
    m_moduleAt.clear();
    if (const auto model = m_workbench.model()) {
        const auto& modules = model->linearModules();
        for (const core::LinearModule& module : modules) {
            if (std::find(types.begin(), types.end(), module.type) == types.end()) {
                types.push_back(module.type);
                columns.append(shortType(module.type));
            }
        }
        const std::int64_t layers = modules.empty() ? 0 : modules.back().layer + 1;
        for (std::int64_t layer = 0; layer < layers; ++layer) {
            rows.append(QString::number(layer));
        }
        m_moduleAt.fill(-1, rows.size() * columns.size());
        for (std::size_t i = 0; i < modules.size(); ++i) {
            const auto column =
                std::find(types.begin(), types.end(), modules[i].type) - types.begin();
            m_moduleAt[modules[i].layer * columns.size() + column] = static_cast<int>(i);
        }
    }
    m_map->setGrid(rows, columns);
    showValues();
}

void QuantMapCard::select(int module)
{
    const auto place = m_moduleAt.indexOf(module);
    if (place >= 0) {
        const int columns = m_map->columnCount();
        m_map->setSelection(
            {{static_cast<int>(place) / columns, static_cast<int>(place) % columns}});
    }
}

int QuantMapCard::moduleAt(HeatCell cell) const
{
    return m_moduleAt.value(qsizetype {cell.row} * m_map->columnCount() + cell.column, -1);
}

double QuantMapCard::valueOf(const core::ModuleQuantError& error) const
{
    const double qpissa = core::errorReduction(error.qpissa.back(), error.qlora, m_norm);
    const double loftq = core::errorReduction(error.loftq.back(), error.qlora, m_norm);
    switch (m_what->currentIndex()) {
    case Qpissa:
        return qpissa;
    case Loftq:
        return loftq;
    default:
        return qpissa - loftq;
    }
}

void QuantMapCard::showValues()
{
    const auto model = m_workbench.model();
    if (!model) {
        return;
    }
    QVector<double> values(m_moduleAt.size(), kNone);
    double most = 0.0;
    for (qsizetype i = 0; i < values.size(); ++i) {
        if (m_moduleAt[i] < 0) {
            continue;
        }
        const auto found = m_bench.errors().constFind(QString::fromStdString(
            model->linearModules()[static_cast<std::size_t>(m_moduleAt[i])].name));
        if (found != m_bench.errors().cend()) {
            values[i] = valueOf(*found);
            most = std::max(most, std::abs(values[i]));
        }
    }
    const bool ahead = m_what->currentIndex() == Ahead;
    if (ahead && most > 0.0) { // both sides alike: the middle colour is a tie
        m_map->setScale(-most, most);
    } else {
        m_map->setScale(std::nullopt, std::nullopt);
    }
    setSubtitle(ahead ? tr("points; below 0 LoftQ leaves less") : QString());
    m_map->setValues(values);
}

QString QuantMapCard::toolTipOf(HeatCell cell) const
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
    const auto found = m_bench.errors().constFind(name);
    if (found == m_bench.errors().cend()) {
        return head + tr("\nnot measured yet");
    }
    const auto below = [&](const core::QuantError& error) {
        return formatNumber(core::errorReduction(error, found->qlora, m_norm), 3);
    };
    const bool loftq =
        core::normOf(found->loftq.back(), m_norm) < core::normOf(found->qpissa.back(), m_norm);
    return head
        + tr("\nbelow QLoRA: LoftQ %1 %, QPiSSA %2 %\n%3 leaves less")
              .arg(below(found->loftq.back()), below(found->qpissa.back()),
                   loftq ? tr("LoftQ") : tr("QPiSSA"));
}

} // namespace pissarro::ui
