// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/spectrum/heat_card.h"

#include "core/text/escaped_text.h"
#include "ui/pages/spectrum/rank_rules.h"
#include "ui/pages/spectrum/spectrum_facts.h"
#include "ui/services/services.h"
#include "ui/widgets/file_dialogs.h"
#include "ui/widgets/widget_export.h"
#include "ui/words/format.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QLocale>
#include <QVBoxLayout>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace pissarro::ui {

namespace {

// What the map can show: the measures of core, then what is not a measure of one spectrum.
constexpr int kRankOfMap = 100;
constexpr int kChange = 101;

struct Named {
    int id;
    const char* title; // of the card; %1: the rank
    const char* label; // in the list
    const char* hint;
    const char* byMap =
        nullptr; // title where each matrix has a rank of its own; null: it has none in it
};

constexpr std::array kNamed {
    Named {static_cast<int>(core::Measure::Energy),
           QT_TRANSLATE_NOOP("pissarro::ui::HeatCard", "Energy kept at r = %1"),
           QT_TRANSLATE_NOOP("pissarro::ui::HeatCard", "energy kept"),
           QT_TRANSLATE_NOOP("pissarro::ui::HeatCard", "Share of Σσ² that the rank keeps"),
           QT_TRANSLATE_NOOP("pissarro::ui::HeatCard", "Energy kept by the map")},
    Named {static_cast<int>(core::Measure::NuclearShare),
           QT_TRANSLATE_NOOP("pissarro::ui::HeatCard", "Nuclear share at r = %1"),
           QT_TRANSLATE_NOOP("pissarro::ui::HeatCard", "nuclear share"),
           QT_TRANSLATE_NOOP("pissarro::ui::HeatCard", "Share of Σσ that the rank keeps"),
           QT_TRANSLATE_NOOP("pissarro::ui::HeatCard", "Nuclear share by the map")},
    Named {static_cast<int>(core::Measure::ResidualNorm),
           QT_TRANSLATE_NOOP("pissarro::ui::HeatCard", "Residual norm at r = %1"),
           QT_TRANSLATE_NOOP("pissarro::ui::HeatCard", "residual norm"),
           QT_TRANSLATE_NOOP("pissarro::ui::HeatCard",
                             "‖W − W_r‖ (Frobenius) of the best rank-r part"),
           QT_TRANSLATE_NOOP("pissarro::ui::HeatCard", "Residual norm by the map")},
    Named {static_cast<int>(core::Measure::StableRank),
           QT_TRANSLATE_NOOP("pissarro::ui::HeatCard", "Stable rank"),
           QT_TRANSLATE_NOOP("pissarro::ui::HeatCard", "stable rank"),
           QT_TRANSLATE_NOOP("pissarro::ui::HeatCard", "‖W‖² (Frobenius) / σ₁²")},
    Named {static_cast<int>(core::Measure::EffectiveRank),
           QT_TRANSLATE_NOOP("pissarro::ui::HeatCard", "Effective rank"),
           QT_TRANSLATE_NOOP("pissarro::ui::HeatCard", "effective rank"),
           QT_TRANSLATE_NOOP("pissarro::ui::HeatCard", "exp of the entropy of σ/Σσ")},
    Named {static_cast<int>(core::Measure::ConditionNumber),
           QT_TRANSLATE_NOOP("pissarro::ui::HeatCard", "Condition number"),
           QT_TRANSLATE_NOOP("pissarro::ui::HeatCard", "condition number"),
           QT_TRANSLATE_NOOP("pissarro::ui::HeatCard", "σ₁ / σ_K, coloured by its logarithm")},
    Named {static_cast<int>(core::Measure::DecayExponent),
           QT_TRANSLATE_NOOP("pissarro::ui::HeatCard", "Decay exponent"),
           QT_TRANSLATE_NOOP("pissarro::ui::HeatCard", "decay exponent"),
           QT_TRANSLATE_NOOP("pissarro::ui::HeatCard", "a in σ_i ≈ c · i^−a, fitted by octaves")},
    Named {kRankOfMap, QT_TRANSLATE_NOOP("pissarro::ui::HeatCard", "Rank"),
           QT_TRANSLATE_NOOP("pissarro::ui::HeatCard", "rank"),
           QT_TRANSLATE_NOOP("pissarro::ui::HeatCard",
                             "The rank of each matrix: of the map, or the one for all")},
    Named {kChange, QT_TRANSLATE_NOOP("pissarro::ui::HeatCard", "Change by fine-tuning"),
           QT_TRANSLATE_NOOP("pissarro::ui::HeatCard", "change ‖ΔW‖/‖W‖"),
           QT_TRANSLATE_NOOP("pissarro::ui::HeatCard",
                             "‖ΔW‖ / ‖W‖ (Frobenius); needs a model to compare with")},
};

const Named& namedBy(int id)
{
    return *std::find_if(kNamed.begin(), kNamed.end(),
                         [id](const Named& one) { return one.id == id; });
}

constexpr double kBeyond = 0.02; // share of the matrices that may lie beyond the scale

bool isShare(int id)
{
    return id == static_cast<int>(core::Measure::Energy)
        || id == static_cast<int>(core::Measure::NuclearShare) || id == kChange;
}

} // namespace

HeatCard::HeatCard(const Services& services, QWidget* parent)
    : Card(tr("Energy kept"), parent)
    , m_services(services)
    , m_measure(new QComboBox)
    , m_map(new ModuleMap(QStringLiteral("spectrum.map")))
{
    buildMeasures();
    addTitleWidget(m_measure);
    body()->addWidget(m_map, 1);
    m_map->setModuleTexts([this](double value) { return textOf(value); },
                          [this](const core::LinearModule& module) { return toolTipOf(module); });
    m_map->setContextMenuPolicy(Qt::ActionsContextMenu);
    const auto add = [this](const QString& text, auto&& run) {
        auto* action = new QAction(text, m_map);
        connect(action, &QAction::triggered, this, run);
        m_map->addAction(action);
    };
    add(tr("Copy picture"), [this] { QApplication::clipboard()->setPixmap(m_map->grab()); });
    add(tr("Copy numbers as CSV"), [this] { QApplication::clipboard()->setText(csv()); });
    for (const char* suffix : {"png", "svg", "pdf", "csv"}) {
        const QString ending = QString::fromLatin1(suffix);
        add(tr("Export %1…").arg(ending.toUpper()), [this, ending] { exportTo(ending); });
    }
    connect(m_measure, &QComboBox::currentIndexChanged, this, &HeatCard::showRank);
    connect(m_map, &HeatMap::selectionChanged, this, &HeatCard::selectionChanged);
}

void HeatCard::buildMeasures()
{
    m_measure->setObjectName(QStringLiteral("spectrum.measure"));
    m_measure->setAccessibleName(tr("Measure of the map"));
    for (const Named& one : kNamed) {
        m_measure->addItem(tr(one.label), one.id);
        m_measure->setItemData(m_measure->count() - 1, tr(one.hint), Qt::ToolTipRole);
    }
    m_measure->setMaxVisibleItems(m_measure->count());
}

void HeatCard::showModel()
{
    m_fixed.clear();
    m_map->setModel(m_services.model.files());
    showSpectra(m_services.spectra.all().keys());
    showRank();
}

void HeatCard::showSpectra(const QStringList& arrived)
{
    for (const QString& name : arrived) {
        const auto found = m_services.spectra.all().constFind(name);
        if (found == m_services.spectra.all().constEnd() || (*found)->spectrum.values.empty()) {
            continue;
        }
        Fixed& fixed = m_fixed[name];
        for (const core::Measure measure :
             {core::Measure::StableRank, core::Measure::EffectiveRank,
              core::Measure::ConditionNumber, core::Measure::DecayExponent}) {
            fixed[static_cast<int>(measure)] = core::measureOf((*found)->spectrum, measure, 0);
        }
    }
    showValues();
}

void HeatCard::showRank()
{
    const Named& one = namedBy(m_measure->currentData().toInt());
    const bool map = !m_services.ranks.map().ranks.empty();
    setTitle(one.byMap == nullptr ? tr(one.title)
                 : map            ? tr(one.byMap)
                                  : tr(one.title).arg(m_services.ranks.rank()));
    const bool told = one.id == kChange && !m_comparedWith.isEmpty();
    if (told) { // room for the name
        setTitle(tr("Change"));
    }
    setSubtitle(told ? m_comparedWith : QString());
    m_measure->setToolTip(tr(one.hint));
    showValues();
}

void HeatCard::setComparedWith(const QString& name)
{
    m_comparedWith = name;
    showRank();
}

double HeatCard::valueOf(const core::LinearModule& module) const
{
    constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
    const QString name = QString::fromStdString(module.name);
    const int id = m_measure->currentData().toInt();
    const int rank = rankOf(m_services, module);
    if (id == kRankOfMap) {
        return rank;
    }
    if (id == kChange) {
        const auto update = m_services.comparison.updates().constFind(name);
        return update == m_services.comparison.updates().constEnd() ? kNone
                                                                    : (*update)->relativeNorm;
    }
    const auto fixed = m_fixed.constFind(name);
    if (fixed == m_fixed.constEnd()) {
        return kNone;
    }
    if (id == static_cast<int>(core::Measure::ConditionNumber)) {
        return std::log10(fixed->value(id));
    }
    if (fixed->contains(id)) {
        return fixed->value(id);
    }
    const auto known = m_services.spectra.all().value(name);
    return known ? core::measureOf(known->spectrum, static_cast<core::Measure>(id), rank) : kNone;
}

void HeatCard::showValues()
{
    constexpr double kWide = 0.02;
    double lowest = std::numeric_limits<double>::infinity();
    double highest = -lowest;
    const QVector<double> values = m_map->valuesOf([&](const core::LinearModule& module) {
        const double value = valueOf(module);
        lowest = std::min(lowest, value); // NaN leaves both
        highest = std::max(highest, value);
        return value;
    });
    m_isWide = highest - lowest >= kWide;
    // Shares begin at nothing and end at a round figure: a cell is brighter when it keeps more, and not when the others keep
    // less, and yet the few that keep most do not take the whole scale.
    const int id = m_measure->currentData().toInt();
    HeatScale scale {.beyond = id == kRankOfMap ? 0.0 : kBeyond};
    if (isShare(id) || id == kRankOfMap) {
        scale.lower = 0.0;
    }
    if (isShare(id) && id != kChange) {
        scale.steps = {0.1, 0.25, 0.5, 1.0};
    }
    m_map->setScale(scale);
    m_map->setValues(values);
}

QString HeatCard::textOf(double value) const
{
    const int id = m_measure->currentData().toInt();
    if (id == static_cast<int>(core::Measure::ConditionNumber)) {
        return formatNumber(std::pow(10.0, value), 3);
    }
    if (id == kRankOfMap) {
        return formatCount(std::llround(value));
    }
    if (!isShare(id)) {
        return formatNumber(value, 3);
    }
    return value >= 0.1 && m_isWide ? formatPercent(std::round(value * 100.0) / 100.0)
                                    : formatPercent(value);
}

QString HeatCard::csv() const
{
    QString text = QStringLiteral("module,layer,type,rows,cols,rank");
    for (const Named& one : kNamed) {
        if (one.id < kRankOfMap) {
            text += QLatin1Char(',')
                + QString::fromStdString(
                        std::string(core::measureName(static_cast<core::Measure>(one.id))));
        }
    }
    text += QStringLiteral(",relative_norm_of_delta\n");
    const auto model = m_services.model.files();
    if (!model) {
        return text;
    }
    const auto number = [](double value) {
        return std::isfinite(value) ? QString::number(value, 'g', QLocale::FloatingPointShortest)
                                    : QString();
    };
    for (const core::LinearModule& module : model->linearModules()) {
        const QString name = QString::fromStdString(module.name);
        const int rank = rankOf(m_services, module);
        text += QStringLiteral("%1,%2,%3,%4,%5,%6")
                    .arg(QString::fromStdString(core::csvCell(module.name)))
                    .arg(module.layer)
                    .arg(QString::fromStdString(core::csvCell(module.type)))
                    .arg(module.rows)
                    .arg(module.cols)
                    .arg(rank);
        const auto found = m_services.spectra.all().constFind(name);
        for (const Named& one : kNamed) {
            if (one.id < kRankOfMap) {
                const bool ready = found != m_services.spectra.all().constEnd()
                    && !(*found)->spectrum.values.empty();
                text += QLatin1Char(',')
                    + (ready ? number(core::measureOf((*found)->spectrum,
                                                      static_cast<core::Measure>(one.id), rank))
                             : QString());
            }
        }
        const auto update = m_services.comparison.updates().constFind(name);
        text += QLatin1Char(',')
            + (update == m_services.comparison.updates().constEnd()
                   ? QString()
                   : number((*update)->relativeNorm))
            + QLatin1Char('\n');
    }
    return text;
}

void HeatCard::exportTo(const QString& suffix)
{
    const auto write = [this, suffix](const QString& path) {
        const Picture picture = suffix == QLatin1String("csv")
            ? Picture {[text = csv()] { return text.toUtf8(); }, {}}
            : pictureOf(path, *m_map, tr("Matrices by layer and module"));
        savePicture(this, path, picture, [this](const QString& problem) {
            if (!problem.isEmpty()) {
                Q_EMIT exportFailed(problem);
            }
        });
    };
    askToSave(this, tr("Export %1").arg(suffix.toUpper()), QStringLiteral("heat_map.") + suffix,
              QStringLiteral("%1 (*.%2)").arg(suffix.toUpper(), suffix), write);
}

QString HeatCard::toolTipOf(const core::LinearModule& module) const
{
    const QString name = QString::fromStdString(module.name);
    const auto found = m_services.spectra.all().constFind(name);
    if (found == m_services.spectra.all().constEnd()) {
        return tr("not computed yet");
    }
    if ((*found)->spectrum.values.empty()) {
        return QString::fromStdString((*found)->problem);
    }
    const Fixed fixed = m_fixed.value(name);
    const int rank = rankOf(m_services, module);
    const auto of = [&](core::Measure measure) {
        return formatNumber(fixed.value(static_cast<int>(measure)), 3);
    };
    return tr("energy kept at r = %1: %2\nstable rank %3 · effective rank %4\n"
              "condition number %5 · decay exponent %6")
        .arg(QString::number(rank), formatPercent(keptAt((*found)->spectrum, rank)),
             of(core::Measure::StableRank), of(core::Measure::EffectiveRank),
             of(core::Measure::ConditionNumber), of(core::Measure::DecayExponent));
}

} // namespace pissarro::ui
