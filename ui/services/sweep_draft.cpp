// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/sweep_draft.h"

#include "core/base/error.h"
#include "core/file/atomic_file.h"
#include "core/run/spec_settings.h"
#include "core/sweep/sweep_store.h"
#include "core/text/json_text.h"
#include "core/text/json_value.h"
#include "ui/widgets/number_edit.h"
#include "ui/words/field_look.h"
#include "ui/words/form_words.h"
#include "ui/words/method_look.h"

#include <QCoreApplication>
#include <QDate>
#include <QFileInfo>
#include <QRegularExpression>
#include <QStringList>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

namespace pissarro::ui {

namespace {

constexpr const char* kRate = "learning_rate";
constexpr double kHeldOut = 0.05; // of the rows, where nothing is
constexpr double kRateStep = 3.0; // half a power of ten, about
constexpr std::uint64_t kLargestFile = 256U << 20U; // bytes
constexpr double kWholeLimit = 9007199254740992.0; // 2^53: beyond it a double skips numbers

class DraftWords {
    Q_DECLARE_TR_FUNCTIONS(pissarro::ui::DraftWords)

public:
    static QString noFlag(const QString& found)
    {
        return tr("must be on or off, found %1").arg(found);
    }
    static QString noChoice(const QStringList& known, const QString& found)
    {
        return tr("must be one of %1, found %2").arg(known.join(QStringLiteral(", ")), found);
    }
    static QString noWhole() { return tr("must be a whole number"); }
};

// "on", "off" and the like, or the words of the form.
TypedValue readFlag(const core::SpecField& field, const QString& text)
{
    QStringList on {QStringLiteral("on"), QStringLiteral("true"), QStringLiteral("yes")};
    QStringList off {QStringLiteral("off"), QStringLiteral("false"), QStringLiteral("no")};
    if (const QStringList words = fieldLook(field).choices; words.size() == 2) {
        off.append(words[0]);
        on.append(words[1]);
    }
    if (on.contains(text, Qt::CaseInsensitive) || off.contains(text, Qt::CaseInsensitive)) {
        return {core::FieldValue(on.contains(text, Qt::CaseInsensitive)), {}};
    }
    return {std::nullopt, DraftWords::noFlag(text)};
}

TypedValue readChoice(const core::SpecField& field, const QString& text)
{
    const QStringList titles = fieldLook(field).choices;
    QStringList known;
    for (std::size_t i = 0; i < field.choices.size(); ++i) {
        const QString name = QString::fromUtf8(field.choices[i].data(),
                                               static_cast<qsizetype>(field.choices[i].size()));
        const QString title = titles.value(static_cast<qsizetype>(i), name);
        if (text.compare(name, Qt::CaseInsensitive) == 0
            || text.compare(title, Qt::CaseInsensitive) == 0) {
            return {core::FieldValue(name.toStdString()), {}};
        }
        known.append(title);
    }
    return {std::nullopt, DraftWords::noChoice(known, text)};
}

TypedValue readNumberValue(const core::FieldValue& standard, const QString& text)
{
    bool isNatural = false;
    const qulonglong natural = text.toULongLong(&isNatural); // all 64 bits of a seed
    if (std::holds_alternative<std::uint64_t>(standard)) {
        return isNatural ? TypedValue {core::FieldValue(std::uint64_t {natural}), {}}
                         : TypedValue {std::nullopt, DraftWords::noWhole()};
    }
    const TypedNumber number = readNumber(text);
    if (!number.isGood()) {
        return {std::nullopt, number.problem};
    }
    if (std::holds_alternative<double>(standard)) {
        return {core::FieldValue(number.value), {}};
    }
    if (std::floor(number.value) != number.value || std::abs(number.value) > kWholeLimit) {
        return {std::nullopt, DraftWords::noWhole()};
    }
    return {core::FieldValue(static_cast<std::int64_t>(number.value)), {}};
}

core::FieldValue listIn(const QString& text)
{
    static const QRegularExpression kBetween(QStringLiteral("[\\s,]+(?![^{]*\\})"));
    std::vector<std::string> texts;
    for (const QString& one : text.split(kBetween, Qt::SkipEmptyParts)) {
        texts.push_back(one.toStdString());
    }
    return texts;
}

TypedValue readKind(const core::SpecField& field, const QString& text)
{
    const core::FieldValue standard = field.get(core::RunSpec());
    if (std::holds_alternative<bool>(standard)) {
        return readFlag(field, text);
    }
    if (std::holds_alternative<std::vector<std::string>>(standard)) {
        return {listIn(text), {}};
    }
    if (!std::holds_alternative<std::string>(standard)) {
        return readNumberValue(standard, text);
    }
    return field.choices.empty() ? TypedValue {core::FieldValue(text.toStdString()), {}}
                                 : readChoice(field, text);
}

std::vector<core::FieldValue> ratesOf(const core::SweepSpec& sweep, core::Method method)
{
    for (const core::SweepTwin& twin : sweep.twins) {
        const core::SweepAxis* own = twin.method == method ? axisOf(twin.own, kRate) : nullptr;
        if (own != nullptr) {
            return own->values;
        }
    }
    const core::SweepAxis* shared = axisOf(sweep.axes, kRate);
    return shared != nullptr ? shared->values
                             : std::vector<core::FieldValue> {sweep.base.learningRate};
}

void addOwnRates(core::SweepSpec& sweep, core::Method method)
{
    std::vector<core::FieldValue> rates = ratesOf(sweep, method);
    auto twin = std::find_if(sweep.twins.begin(), sweep.twins.end(),
                             [&](const core::SweepTwin& one) { return one.method == method; });
    if (twin == sweep.twins.end()) {
        twin = sweep.twins.insert(twin, core::SweepTwin {method, {}});
    }
    setAxis(twin->own, kRate, std::move(rates));
}

} // namespace

TypedValue readAxisValue(const core::SpecField& field, const QString& text,
                         const core::RunSpec& base)
{
    TypedValue typed = readKind(field, text.trimmed());
    if (!typed.value) {
        return typed;
    }
    core::RunSpec probe = base;
    if (!field.set(probe, *typed.value)) {
        return {std::nullopt, QString::fromStdString(core::rangeProblem(field, *typed.value))};
    }
    for (const core::SpecProblem& problem : core::checkSpec(probe)) {
        if (problem.key == field.key) {
            return {std::nullopt, problemText(problem, probe)};
        }
    }
    return typed;
}

QString axisValueText(const core::SpecField& field, const core::FieldValue& value)
{
    return settingValue(field.key, core::settingText(field.key, value));
}

bool mayBeAxis(const core::SpecField& field)
{
    const core::FieldValue standard = field.get(core::RunSpec());
    return !std::holds_alternative<core::PatternValues<std::int64_t>>(standard)
        && !std::holds_alternative<core::PatternValues<double>>(standard);
}

const core::SweepAxis* axisOf(const std::vector<core::SweepAxis>& axes, const std::string& key)
{
    const auto found = std::find_if(axes.begin(), axes.end(),
                                    [&](const core::SweepAxis& axis) { return axis.key == key; });
    return found == axes.end() ? nullptr : &*found;
}

core::SweepAxis* axisOf(std::vector<core::SweepAxis>& axes, const std::string& key)
{
    const auto found = std::find_if(axes.begin(), axes.end(),
                                    [&](const core::SweepAxis& axis) { return axis.key == key; });
    return found == axes.end() ? nullptr : &*found;
}

void setAxis(std::vector<core::SweepAxis>& axes, const std::string& key,
             std::vector<core::FieldValue> values)
{
    std::vector<core::SweepAxis> ordered;
    for (const core::SpecField& field : core::specFields()) {
        core::SweepAxis* there = axisOf(axes, field.key);
        if (field.key == key) {
            if (!values.empty()) {
                ordered.push_back({key, std::move(values)});
            }
        } else if (there != nullptr) {
            ordered.push_back(std::move(*there));
        }
    }
    axes = std::move(ordered);
}

QVector<core::Method> methodsOf(const core::SweepSpec& sweep)
{
    QVector<core::Method> methods;
    if (const core::SweepAxis* axis = axisOf(sweep.axes, "method")) {
        for (const core::FieldValue& value : axis->values) {
            methods.append(core::methodNamed(std::get<std::string>(value)));
        }
    } else {
        methods.append(sweep.base.method);
    }
    for (const core::SweepTwin& twin : sweep.twins) {
        if (!methods.contains(twin.method)) {
            methods.append(twin.method);
        }
    }
    return methods;
}

bool hasOwnRates(const core::SweepSpec& sweep)
{
    return std::any_of(sweep.twins.begin(), sweep.twins.end(), [](const core::SweepTwin& twin) {
        return axisOf(twin.own, kRate) != nullptr;
    });
}

void setOwnRates(core::SweepSpec& sweep, bool own)
{
    const QVector<core::Method> methods = methodsOf(sweep);
    if (own) {
        for (const core::Method method : methods) {
            addOwnRates(sweep, method);
        }
        setAxis(sweep.axes, kRate, {});
        return;
    }
    std::vector<core::FieldValue> rates = ratesOf(sweep, methods.first());
    for (core::SweepTwin& twin : sweep.twins) {
        setAxis(twin.own, kRate, {});
    }
    setAxis(sweep.axes, kRate, std::move(rates));
    settleTwins(sweep, methods);
}

void settleTwins(core::SweepSpec& sweep, const QVector<core::Method>& methods)
{
    const bool own = hasOwnRates(sweep);
    std::erase_if(sweep.twins, [&](const core::SweepTwin& twin) {
        return !methods.contains(twin.method) || twin.own.empty();
    });
    for (const core::Method method : own ? methods : QVector<core::Method>()) {
        addOwnRates(sweep, method);
    }
}

core::SweepSpec proposedSweep(const core::RunSpec& base)
{
    core::SweepSpec sweep;
    sweep.base = base;
    if (sweep.base.evalRatio <= 0.0 && sweep.base.batches.empty()) {
        sweep.base.evalRatio = kHeldOut;
    }
    const auto name = [](core::Method method) {
        return core::FieldValue(std::string(core::methodName(method)));
    };
    std::vector<core::FieldValue> methods {name(base.method)};
    if (const core::Method twin = core::twinOf(base.method); !(twin == base.method)) {
        methods.push_back(name(twin));
    }
    setAxis(sweep.axes, "method", std::move(methods));
    std::vector<core::FieldValue> ranks;
    for (const std::int64_t rank : {base.rank / 2, base.rank, 2 * base.rank}) {
        if (rank > 0) {
            ranks.emplace_back(rank);
        }
    }
    setAxis(sweep.axes, "rank", std::move(ranks));
    const auto rounded = [](double rate) { // one digit behind the first: 6e-5, not 6.0000000001e-5
        return QString::number(rate, 'e', 1).toDouble();
    };
    const double rate = base.learningRate;
    setAxis(sweep.axes, kRate,
            {rate, rounded(kRateStep * rate), rounded(kRateStep * kRateStep * rate)});
    sweep.pairAlphaWithRank = true;
    return sweep;
}

DraftFile readDraft(const QString& path)
{
    const QFileInfo named(path);
    const std::string file = named.isDir()
        ? (std::filesystem::path(path.toStdString()) / core::kSweepFile).string()
        : path.toStdString();
    const std::string text = core::readWholeFile(file, kLargestFile);
    try {
        const auto object = core::parseOrderedJson(text);
        const auto has = [&object](const char* key) {
            return object.is_object() && core::jsonField(object, key) != nullptr;
        };
        if (has("sweep") && has("runs")) { // one that was begun
            return {std::nullopt, QFileInfo(QString::fromStdString(file)).absolutePath()};
        }
        if (has("base")) {
            return {core::sweepFromJson(text), {}};
        }
        return {proposedSweep(core::specFromJson(text)), {}};
    } catch (const core::Error& error) {
        throw error.within(file);
    }
}

std::optional<core::SweepSpec> sweepFromKept(const QString& text)
{
    try {
        return core::sweepFromJson(text.toStdString());
    } catch (const core::Error&) {
        return std::nullopt; // of another version of the program
    }
}

QString sweepText(const core::SweepSpec& sweep)
{
    nlohmann::ordered_json object = core::sweepToJson(sweep);
    object["workers"] = sweep.workers;
    return QString::fromStdString(
               object.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace))
        + QLatin1Char('\n');
}

QString sweepFolderName(const core::SweepSpec& sweep)
{
    QStringList parts {QDate::currentDate().toString(Qt::ISODate), QStringLiteral("sweep")};
    for (const core::SpecField& field : core::specFields()) {
        const bool own = field.key == kRate && hasOwnRates(sweep);
        const core::SweepAxis* axis = axisOf(sweep.axes, field.key);
        if (own || (axis != nullptr && axis->values.size() > 1)) {
            parts.append(QString::fromStdString(field.flag).remove(QStringLiteral("--")));
        }
    }
    constexpr qsizetype kMostParts = 6; // more say nothing
    return parts.mid(0, kMostParts).join(QLatin1Char('-'));
}

} // namespace pissarro::ui
