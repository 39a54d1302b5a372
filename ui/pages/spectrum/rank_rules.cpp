// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/spectrum/rank_rules.h"

#include "core/analysis/rank_map_json.h"
#include "core/base/error.h"
#include "ui/services/services.h"
#include "ui/widgets/number_edit.h"
#include "ui/words/format.h"
#include "ui/words/method_look.h"

#include <QComboBox>
#include <QCoreApplication>
#include <QHash>
#include <QRegularExpression>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace pissarro::ui {

namespace {

constexpr double kBytesOfParameter = 4.0; // adapters are float32

struct Words {
    Q_DECLARE_TR_FUNCTIONS(pissarro::ui::RankRules)
};

// "90 %", "0,9", "10 MB", "4,884,480": the number and the unit behind it.
struct Typed {
    double number = 0.0;
    QString unit;
};

std::optional<Typed> parse(const QString& text,
                           double highest = std::numeric_limits<double>::infinity())
{
    static const QRegularExpression form(
        QStringLiteral("^([0-9](?:[0-9.,\\s]|[eE][+-]?(?=[0-9]))*)\\s*([a-zA-Z%]*)$"));
    const auto match = form.match(text.trimmed());
    const TypedNumber number = readNumber(match.captured(1), highest);
    if (!match.hasMatch() || !number.isGood()) {
        return std::nullopt;
    }
    return Typed {number.value, match.captured(2)};
}

std::optional<double> shareOf(const QString& text)
{
    constexpr double kHighest = 100.0; // percent: "82,125" has one meaning
    const auto typed = parse(text, kHighest);
    if (!typed || (!typed->unit.isEmpty() && typed->unit != QLatin1String("%"))) {
        return std::nullopt;
    }
    // "90" can only mean percent.
    const bool percent = typed->unit == QLatin1String("%") || typed->number > 1.0;
    const double share = percent ? typed->number / 100.0 : typed->number;
    return share > 0.0 && share <= 1.0 ? std::optional(share) : std::nullopt;
}

std::optional<std::int64_t> parametersOf(const QString& text)
{
    const auto typed = parse(text);
    if (!typed) {
        return std::nullopt;
    }
    double factor = 1.0;
    const QString unit = typed->unit.toUpper();
    if (unit == QLatin1String("M")) {
        factor = 1e6;
    } else if (unit == QLatin1String("KB")) {
        factor = 1e3 / kBytesOfParameter;
    } else if (unit == QLatin1String("MB")) {
        factor = 1e6 / kBytesOfParameter;
    } else if (unit == QLatin1String("GB")) {
        factor = 1e9 / kBytesOfParameter;
    } else if (!unit.isEmpty()) {
        return std::nullopt;
    }
    const double parameters = typed->number * factor;
    return parameters >= 1.0 && parameters < 1e15
        ? std::optional(static_cast<std::int64_t>(parameters))
        : std::nullopt;
}

// A number alone, or nothing: it is estimated then.
std::optional<double> noiseOf(const QString& text)
{
    const auto typed = text.trimmed().isEmpty() ? std::optional(Typed {}) : parse(text);
    return typed && typed->unit.isEmpty() ? std::optional(typed->number) : std::nullopt;
}

// What a person typed, as the rule takes it; nullopt: none that it takes.
std::optional<double> valueOf(const core::RankRuleInfo& rule, const QString& text)
{
    std::optional<double> value;
    switch (rule.value) {
    case core::RankValue::None:
        value = 0.0;
        break;
    case core::RankValue::Share:
        value = shareOf(text);
        break;
    case core::RankValue::Parameters:
        if (const auto parameters = parametersOf(text)) {
            value = static_cast<double>(*parameters);
        }
        break;
    case core::RankValue::Noise:
        value = noiseOf(text);
        break;
    }
    return value && core::isRankValue(rule, *value) ? value : std::nullopt;
}

// Of a rule whose words are here; another one has what core says of it.
struct RuleWords {
    QString title;
    QString hint; // placeholder of the value's field
    QString problem; // what to type
};

QHash<QString, RuleWords> ruleWords()
{
    return {
        {QStringLiteral("energy"),
         {Words::tr("Energy kept"), Words::tr("90 %"),
          Words::tr("Type a share of the energy, such as 90 %")}},
        {QStringLiteral("budget"),
         {Words::tr("Budget for all"), Words::tr("10 MB or 5 M"),
          Words::tr("Type a size or a number of parameters, such as 10 MB or 5 M; a comma "
                    "before three digits can mean both, so write 500000 or 2.125 MB")}},
        {QStringLiteral("knee"), {Words::tr("Knee of each"), Words::tr("needs no value"), {}}},
        {QStringLiteral("threshold"),
         {Words::tr("Above the noise"), Words::tr("noise: estimated"),
          Words::tr("Type the standard deviation of the noise, or nothing")}},
        {QStringLiteral("quant-error"),
         {Words::tr("%1's error in four bits"), Words::tr("80 % of QLoRA's error"),
          Words::tr("Type a share of QLoRA's error, such as 80 %")}},
    };
}

RuleWords wordsOf(RankRule rule)
{
    return ruleWords().value(
        fromView(rule.info->name),
        {fromView(rule.info->title), fromView(rule.info->typed), fromView(rule.info->expected)});
}

} // namespace

int rankOf(const Services& services, const core::LinearModule& module)
{
    const auto found = services.ranks.map().ranks.find(module.name);
    const std::int64_t rank =
        found == services.ranks.map().ranks.end() ? services.ranks.rank() : found->second;
    return static_cast<int>(std::min(rank, module.smallerSide()));
}

int sliceStartOf(const Services& services, const core::LinearModule& module)
{
    const auto room = static_cast<double>(module.smallerSide() - rankOf(services, module));
    return static_cast<int>(std::llround(services.ranks.slice() * room));
}

const std::vector<RankRule>& allRules()
{
    static const std::vector<RankRule> all = [] {
        std::vector<RankRule> rules;
        for (const core::RankRule rule : core::allRankRules()) {
            if (rule->byWork == nullptr) {
                rules.push_back({rule, {}});
                continue;
            }
            for (const core::Method method : core::methodsWhere(core::iterates)) {
                rules.push_back({rule, method});
            }
        }
        return rules;
    }();
    return all;
}

void addRules(QComboBox* box)
{
    for (const RankRule& rule : allRules()) {
        box->addItem(ruleTitle(rule));
    }
}

RankRule ruleOf(const QComboBox* box)
{
    return allRules()[static_cast<std::size_t>(std::max(0, box->currentIndex()))];
}

QString ruleTitle(RankRule rule)
{
    const QString title = wordsOf(rule).title;
    return isLong(rule) ? title.arg(titleOf(rule.method)) : title;
}

QString ruleDefault(RankRule rule)
{
    return fromView(rule.info->typed);
}

QString ruleHint(RankRule rule)
{
    return wordsOf(rule).hint;
}

bool takesValue(RankRule rule)
{
    return rule.info->value != core::RankValue::None;
}

bool isLong(RankRule rule)
{
    return rule.info->byWork != nullptr;
}

std::optional<RankQuestion> rankQuestion(RankRule rule, const QString& value)
{
    const auto number = valueOf(*rule.info, value);
    return number ? std::optional(RankQuestion {rule.info, *number, rule.method}) : std::nullopt;
}

QString valueProblem(RankRule rule, const QString& value)
{
    return valueOf(*rule.info, value) ? QString() : wordsOf(rule).problem;
}

QValidator::State RuleValidator::validate(QString& text, int& /*position*/) const
{
    return valueProblem(m_rule, text).isEmpty() ? Acceptable : Intermediate;
}

void RuleValidator::fixup(QString& text) const
{
    Q_EMIT refused(valueProblem(m_rule, text));
}

RuleOutcome applyRule(const Services& services, RankRule rule, const QString& value)
{
    const auto model = services.model.files();
    if (!model) {
        return {{}, Words::tr("Open a model first")};
    }
    std::vector<core::RankCandidate> candidates;
    for (const core::LinearModule& module : model->linearModules()) {
        const auto found = services.spectra.all().constFind(QString::fromStdString(module.name));
        if (found == services.spectra.all().constEnd() || (*found)->spectrum.values.empty()) {
            const auto known = static_cast<std::int64_t>(services.spectra.all().size());
            return {{},
                    Words::tr("Needs every spectrum: %1 of %2 are there")
                        .arg(formatCount(known), formatCount(services.spectra.total()))};
        }
        candidates.push_back({module, &(*found)->spectrum});
    }
    if (const QString problem = valueProblem(rule, value); !problem.isEmpty() && !isLong(rule)) {
        return {{}, problem};
    }
    if (isLong(rule)) {
        return {{},
                Words::tr("Quantizes every matrix several times: apply it in the table of ranks")};
    }
    try {
        return {rule.info->bySpectra(candidates, *valueOf(*rule.info, value), {}), {}};
    } catch (const core::Error& error) {
        return {{}, QString::fromUtf8(error.what())};
    }
}

QString rankMapJson(const core::RankMap& map)
{
    constexpr int kIndent = 4;
    return QString::fromStdString(core::rankMapJson(map).dump(kIndent)) + u'\n';
}

core::RankMap uniformMap(const Services& services, int rank)
{
    core::RankMap map;
    for (const core::LinearModule& module : services.model.files()->linearModules()) {
        map.ranks[module.name] = std::min<std::int64_t>(rank, module.smallerSide());
    }
    describeMap(services, map,
                QCoreApplication::translate(
                    "pissarro::ui::RankRules", // not Words: lupdate takes "core" for its class here
                    "One rank for all, to begin with."));
    return map;
}

void describeMap(const Services& services, core::RankMap& map, const QString& reason)
{
    map.parameters = 0;
    for (const core::LinearModule& module : services.model.files()->linearModules()) {
        const auto found = map.ranks.find(module.name);
        map.parameters +=
            (found == map.ranks.end() ? 0 : found->second) * (module.rows + module.cols);
    }
    map.reason = reason.toStdString();
    map.reference.clear();
}

QString rankRange(const core::RankMap& map)
{
    if (map.ranks.empty()) {
        return QStringLiteral("–");
    }
    const auto [lowest, highest] =
        std::minmax_element(map.ranks.begin(), map.ranks.end(),
                            [](const auto& a, const auto& b) { return a.second < b.second; });
    return lowest->second == highest->second
        ? formatCount(lowest->second)
        : Words::tr("%1 to %2").arg(formatCount(lowest->second), formatCount(highest->second));
}

QString rankReason(const core::RankMap& map)
{
    const QString reason = QString::fromStdString(map.reason);
    return map.reference.empty() ? reason : reason + u'\n' + QString::fromStdString(map.reference);
}

} // namespace pissarro::ui
