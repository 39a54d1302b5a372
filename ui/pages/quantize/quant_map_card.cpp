// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/quantize/quant_map_card.h"

#include "ui/look/theme.h"
#include "ui/services/services.h"
#include "ui/views/module_map.h"
#include "ui/words/format.h"
#include "ui/words/method_look.h"

#include <QComboBox>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

namespace pissarro::ui {

namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr double kBeyond = 0.02; // share of the matrices that may lie beyond the scale

// What the map can show: how far `method` is below the yardstick, or ahead of `rival`.
struct Choice {
    core::Method method;
    std::optional<core::Method> rival;
};

// Each of the methods that are measured in the order of all, then the first against each other.
const std::vector<Choice>& choices()
{
    static const std::vector<Choice> all = [] {
        const std::vector<core::Method> methods = core::methodsWhere(core::iterates);
        std::vector<Choice> made;
        for (const core::Method method : methods) {
            made.push_back({method, std::nullopt});
        }
        for (std::size_t i = 1; i < methods.size(); ++i) {
            made.push_back({methods.front(), methods[i]});
        }
        return made;
    }();
    return all;
}

} // namespace

QuantMapCard::QuantMapCard(Services& services, QuantBench& bench, QWidget* parent)
    : Card(tr("Error by layer"), parent)
    , m_services(services)
    , m_bench(bench)
    , m_what(new QComboBox)
    , m_map(new ModuleMap(QStringLiteral("quantize.map")))
{
    m_what->setObjectName(QStringLiteral("quantize.what"));
    m_what->setAccessibleName(tr("What the map shows"));
    for (const Choice& one : choices()) {
        m_what->addItem(
            one.rival ? tr("%1 ahead of %2").arg(titleOf(one.method), titleOf(*one.rival))
                      : tr("%1 below %2").arg(titleOf(one.method), titleOf(core::yardstick())));
    }
    addTitleWidget(m_what);
    body()->addWidget(m_map, 1);
    m_map->setModuleTexts(
        [](double value) { return formatNumber(value, 2) + QStringLiteral(" %"); },
        [this](const core::LinearModule& module) { return toolTipOf(module); });
    connect(m_what, &QComboBox::currentIndexChanged, this, &QuantMapCard::showValues);
    connect(&m_bench, &QuantBench::errorsChanged, this, &QuantMapCard::showValues);
    connect(&m_services.model, &Model::opened, this, &QuantMapCard::showModel);
    connect(&Theme::instance(), &Theme::changed, this, &QuantMapCard::showValues);
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
    m_map->setModel(m_services.model.files());
    showValues();
}

void QuantMapCard::select(int module)
{
    m_map->selectModules({module});
}

double QuantMapCard::valueOf(const core::ModuleQuantError& error) const
{
    const Choice& shown = choices()[static_cast<std::size_t>(m_what->currentIndex())];
    const auto below = [&](core::Method method) {
        return core::errorReduction(error.errors.at(method).back(), error.qlora, m_norm);
    };
    return below(shown.method) - (shown.rival ? below(*shown.rival) : 0.0);
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
    const auto rival = choices()[static_cast<std::size_t>(m_what->currentIndex())].rival;
    if (rival
        && most > 0.0) { // both sides alike, each in the colour of the method that leaves less
        const core::Method method =
            choices()[static_cast<std::size_t>(m_what->currentIndex())].method;
        m_map->setScale({.lower = -most,
                         .upper = most,
                         .lowerColor = methodColor(*rival),
                         .upperColor = methodColor(method)});
    } else {
        m_map->setScale({.beyond = kBeyond});
    }
    setSubtitle(rival ? tr("points; below 0 %1 leaves less").arg(titleOf(*rival)) : QString());
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
    const auto leftBy = [&](core::Method method) {
        return core::normOf(found->errors.at(method).back(), m_norm);
    };
    QStringList figures;
    core::Method best = found->errors.begin()->first;
    for (const auto& [method, errors] : found->errors) {
        figures.append(QStringLiteral("%1 %2 %").arg(titleOf(method), below(errors.back())));
        best = leftBy(method) <= leftBy(best) ? method : best;
    }
    return tr("below %1: %2\n%3 leaves less")
        .arg(titleOf(core::yardstick()), figures.join(QStringLiteral(", ")), titleOf(best));
}

} // namespace pissarro::ui
