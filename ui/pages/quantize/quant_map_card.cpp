// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/quantize/quant_map_card.h"

#include "ui/services/quant_bench.h"
#include "ui/services/workbench.h"
#include "ui/views/module_map.h"
#include "ui/words/format.h"

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
    , m_map(new ModuleMap(QStringLiteral("quantize.map")))
{
    m_what->setObjectName(QStringLiteral("quantize.what"));
    m_what->setAccessibleName(tr("What the map shows"));
    m_what->addItem(tr("QPiSSA below QLoRA"));
    m_what->addItem(tr("LoftQ below QLoRA"));
    m_what->addItem(tr("QPiSSA ahead of LoftQ"));
    addTitleWidget(m_what);
    body()->addWidget(m_map, 1);
    m_map->setModuleTexts(
        [](double value) { return formatNumber(value, 2) + QStringLiteral(" %"); },
        [this](const core::LinearModule& module) { return toolTipOf(module); });
    connect(m_what, &QComboBox::currentIndexChanged, this, &QuantMapCard::showValues);
    connect(&m_bench, &QuantBench::errorsChanged, this, &QuantMapCard::showValues);
    connect(&m_workbench, &Workbench::modelOpened, this, &QuantMapCard::showModel);
    connect(m_map, &HeatMap::selectionChanged, this, [this] {
        const QVector<int> modules = m_map->selectedModules();
        if (modules.size() > 1) { // one is looked at
            m_map->selectModules({modules.last()});
        }
        if (!modules.isEmpty()) {
            Q_EMIT moduleChosen(modules.last());
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
    m_map->setModel(m_workbench.model());
    showValues();
}

void QuantMapCard::select(int module)
{
    m_map->selectModules({module});
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
    double most = 0.0;
    const QVector<double> values = m_map->valuesOf([&](const core::LinearModule& module) {
        const auto found = m_bench.errors().constFind(QString::fromStdString(module.name));
        const double value = found == m_bench.errors().cend() ? kNone : valueOf(*found);
        most = std::max(most, std::abs(value)); // NaN leaves it
        return value;
    });
    const bool ahead = m_what->currentIndex() == Ahead;
    if (ahead && most > 0.0) { // both sides alike: the middle colour is a tie
        m_map->setScale(-most, most);
    } else {
        m_map->setScale(std::nullopt, std::nullopt);
    }
    setSubtitle(ahead ? tr("points; below 0 LoftQ leaves less") : QString());
    m_map->setValues(values);
}

QString QuantMapCard::toolTipOf(const core::LinearModule& module) const
{
    const auto found = m_bench.errors().constFind(QString::fromStdString(module.name));
    if (found == m_bench.errors().cend()) {
        return tr("not measured yet");
    }
    const auto below = [&](const core::QuantError& error) {
        return formatNumber(core::errorReduction(error, found->qlora, m_norm), 3);
    };
    const bool loftq =
        core::normOf(found->loftq.back(), m_norm) < core::normOf(found->qpissa.back(), m_norm);
    return tr("below QLoRA: LoftQ %1 %, QPiSSA %2 %\n%3 leaves less")
        .arg(below(found->loftq.back()), below(found->qpissa.back()),
             loftq ? tr("LoftQ") : tr("QPiSSA"));
}

} // namespace pissarro::ui
