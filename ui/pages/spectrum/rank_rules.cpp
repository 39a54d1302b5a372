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
std::optional<Typed> noiseOf(const QString& text)
{
    const auto typed = text.trimmed().isEmpty() ? std::optional(Typed {}) : parse(text);
    return typed && typed->unit.isEmpty() ? typed : std::nullopt;
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
        for (const auto kind :
             {RankRule::Energy, RankRule::Budget, RankRule::Knee, RankRule::Threshold}) {
            rules.push_back({kind, {}});
        }
        for (const core::Method method : core::methodsWhere(core::iterates)) {
            rules.push_back({RankRule::FourBits, method});
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
    switch (rule.kind) {
    case RankRule::Energy:
        return Words::tr("Energy kept");
    case RankRule::Budget:
        return Words::tr("Budget for all");
    case RankRule::Knee:
        return Words::tr("Knee of each");
    case RankRule::Threshold:
        return Words::tr("Above the noise");
    case RankRule::FourBits:
        return Words::tr("%1's error in four bits").arg(titleOf(rule.method));
    }
    return {};
}

QString ruleDefault(RankRule rule)
{
    return rule.kind == RankRule::Energy ? QStringLiteral("90 %")
        : rule.kind == RankRule::Budget  ? QStringLiteral("10 MB")
        : isLong(rule)                   ? QStringLiteral("80 %")
                                         : QString();
}

QString ruleHint(RankRule rule)
{
    switch (rule.kind) {
    case RankRule::Energy:
        return Words::tr("90 %");
    case RankRule::Budget:
        return Words::tr("10 MB or 5 M");
    case RankRule::Knee:
        return Words::tr("needs no value");
    case RankRule::Threshold:
        return Words::tr("noise: estimated");
    case RankRule::FourBits:
        return Words::tr("80 % of QLoRA's error");
    }
    return {};
}

bool isLong(RankRule rule)
{
    return rule.kind == RankRule::FourBits;
}

std::optional<core::QuantErrorTarget> quantErrorTarget(RankRule rule, const QString& value)
{
    const auto share = shareOf(value);
    if (!share) {
        return std::nullopt;
    }
    core::QuantErrorTarget target;
    target.share = *share;
    target.method = rule.method;
    return target;
}

QString valueProblem(RankRule rule, const QString& value)
{
    switch (rule.kind) {
    case RankRule::Energy:
        return shareOf(value) ? QString() : Words::tr("Type a share of the energy, such as 90 %");
    case RankRule::Budget:
        return parametersOf(value)
            ? QString()
            : Words::tr("Type a size or a number of parameters, such as 10 MB or 5 M; a comma "
                        "before three digits can mean both, so write 500000 or 2.125 MB");
    case RankRule::Knee:
        return {};
    case RankRule::Threshold:
        return noiseOf(value) ? QString()
                              : Words::tr("Type the standard deviation of the noise, or nothing");
    case RankRule::FourBits:
        return shareOf(value) ? QString()
                              : Words::tr("Type a share of QLoRA's error, such as 80 %");
    }
    return {};
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
    try {
        switch (rule.kind) {
        case RankRule::Energy:
            return {core::ranksByEnergy(candidates, *shareOf(value)), {}};
        case RankRule::Budget:
            return {core::ranksByBudget(candidates, *parametersOf(value)), {}};
        case RankRule::Knee:
            return {core::ranksByKnee(candidates), {}};
        case RankRule::Threshold:
            return {core::ranksByThreshold(candidates, noiseOf(value)->number), {}};
        case RankRule::FourBits:
            return {
                {},
                Words::tr("Quantizes every matrix several times: apply it in the table of ranks")};
        }
    } catch (const core::Error& error) {
        return {{}, QString::fromUtf8(error.what())};
    }
    return {};
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
