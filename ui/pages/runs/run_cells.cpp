// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/runs/run_cells.h"

#include "ui/words/format.h"
#include "ui/words/message.h"
#include "ui/words/method_look.h"
#include "ui/words/run_words.h"

#include <QDateTime>
#include <QFileInfo>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <vector>

namespace pissarro::ui {

namespace {

// Told by RunsModel's own columns.
constexpr std::array<std::string_view, 12> kOwn {
    "name",      "method",    "model",        "rank",  "learning_rate", "step",
    "last_loss", "mean_loss", "tokens_per_s", "state", "started",       "planned_steps"};

const std::vector<const core::RunColumn*>& others()
{
    static const std::vector<const core::RunColumn*> kOthers = [] {
        std::vector<const core::RunColumn*> all;
        for (const core::RunColumn& column : core::runColumns()) {
            if (std::find(kOwn.begin(), kOwn.end(), column.key) == kOwn.end()) {
                all.push_back(&column);
            }
        }
        return all;
    }();
    return kOthers;
}

QString modelName(const core::RunSpec& spec)
{
    const QFileInfo file(QString::fromStdString(spec.model));
    return file.suffix() == QLatin1String("gguf") ? file.completeBaseName() : file.fileName();
}

QString numberText(double value)
{
    if (!std::isfinite(value)) {
        return {};
    }
    const bool isWhole = value == std::floor(value) && std::abs(value) < 1e15;
    return isWhole ? formatCount(std::llround(value)) : formatNumber(value);
}

// Of core::FieldValue the number that it is; invalid: none, or none that is told.
QVariant numberIn(const core::FieldValue& value)
{
    return std::visit(
        [](const auto& held) -> QVariant {
            using Held = std::decay_t<decltype(held)>;
            if constexpr (std::is_arithmetic_v<Held> && !std::is_same_v<Held, bool>) {
                const auto number = static_cast<double>(held);
                return std::isfinite(number) ? QVariant(number) : QVariant();
            } else {
                return {};
            }
        },
        value);
}

core::RunSummary summaryOf(const RunsModel::Row& row)
{
    core::RunSummary named;
    named.directory = row.compared.run.path.toStdString();
    return row.compared.own ? *row.compared.own : named;
}

QString otherText(const RunsModel::Row& row, const core::RunColumn& column)
{
    if (!row.compared.own && !core::isToldOfAll(column)) {
        return {};
    }
    const core::FieldValue value = column.value(summaryOf(row), row.mark);
    if (std::holds_alternative<double>(value)) {
        return numberText(std::get<double>(value));
    }
    return QString::fromStdString(core::fieldText(value));
}

QVariant told(double value)
{
    return std::isfinite(value) ? QVariant(value) : QVariant();
}

} // namespace

int otherColumns()
{
    return static_cast<int>(others().size());
}

const core::RunColumn* otherColumn(int column)
{
    const int place = column - RunsModel::FirstOther;
    return place < 0 || place >= otherColumns() ? nullptr
                                                : others()[static_cast<std::size_t>(place)];
}

bool isFigureColumn(int column)
{
    if (const core::RunColumn* const other = otherColumn(column)) {
        static const core::RunSummary kNone;
        return std::visit(
            [](const auto& held) {
                using Held = std::decay_t<decltype(held)>;
                return std::is_arithmetic_v<Held> && !std::is_same_v<Held, bool>;
            },
            other->value(kNone, {}));
    }
    return column >= RunsModel::Rank && column <= RunsModel::Speed;
}

QString lossText(double value)
{
    if (!std::isfinite(value)) {
        return {};
    }
    const double magnitude = std::abs(value);
    if (magnitude < 0.1 || magnitude >= 1000.0) {
        return formatNumber(value);
    }
    const int decimals = magnitude < 1.0 ? 4 : magnitude < 10.0 ? 3 : magnitude < 100.0 ? 2 : 1;
    return QString::number(value, 'f', decimals).replace(QLatin1Char('-'), QChar(0x2212));
}

QString localTime(const std::string& utc)
{
    const QDateTime time = QDateTime::fromString(QString::fromStdString(utc), Qt::ISODate);
    return time.isValid() ? time.toLocalTime().toString(QStringLiteral("yyyy-MM-dd HH:mm"))
                          : QString::fromStdString(utc);
}

QString cellText(const RunsModel::Row& row, int column)
{
    if (const core::RunColumn* const other = otherColumn(column)) {
        return otherText(row, *other);
    }
    if (!row.compared.own) {
        return {};
    }
    const core::RunSummary& run = *row.compared.own;
    switch (column) {
    case RunsModel::Method:
        return titleOf(run.spec.method);
    case RunsModel::Model:
        return modelName(run.spec);
    case RunsModel::Rank:
        return core::hasAdapter(run.spec.method) ? formatCount(run.spec.rank) : QString();
    case RunsModel::Rate:
        return formatRate(run.spec.learningRate);
    case RunsModel::Steps:
        return run.steps == 0 // none was planned yet
            ? QString()
            : QStringLiteral("%1 / %2").arg(formatCount(run.step), formatCount(run.steps));
    case RunsModel::FinalLoss:
        return lossText(run.end.loss);
    case RunsModel::MeanLoss:
        return lossText(run.end.meanLoss);
    case RunsModel::Speed:
        return numberText(run.end.tokensPerS);
    case RunsModel::State:
        return stateWord(run.state);
    case RunsModel::Started:
        return localTime(run.startedAt);
    default:
        return {};
    }
}

QVariant cellOrder(const RunsModel::Row& row, int column)
{
    if (column == RunsModel::Name) {
        return row.name;
    }
    if (!row.compared.own && otherColumn(column) == nullptr) {
        return {};
    }
    if (const core::RunColumn* const other = otherColumn(column)) {
        const QVariant number =
            row.compared.own ? numberIn(other->value(*row.compared.own, row.mark)) : QVariant();
        const QString text = isFigureColumn(column) ? QString() : otherText(row, *other);
        return text.isEmpty() ? number : QVariant(text);
    }
    const core::RunSummary& run = *row.compared.own;
    switch (column) {
    case RunsModel::Rank:
        return static_cast<double>(run.spec.rank);
    case RunsModel::Rate:
        return run.spec.learningRate;
    case RunsModel::Steps:
        return static_cast<double>(run.step);
    case RunsModel::Status:
    case RunsModel::FinalLoss:
        return told(run.end.loss);
    case RunsModel::MeanLoss:
        return told(run.end.meanLoss);
    case RunsModel::Speed:
        return told(run.end.tokensPerS);
    case RunsModel::Started:
        return QString::fromStdString(run.startedAt);
    default:
        return cellText(row, column);
    }
}

QString statusOf(const RunsModel::Row& row, const OverlayFacts* facts)
{
    if (row.listed != nullptr && !row.listed->problem.empty()) {
        return RunsModel::tr("not read");
    }
    if (row.listed != nullptr && row.listed->isGone) {
        return RunsModel::tr("away");
    }
    if (!row.compared.own) {
        if (facts != nullptr && facts->problem.isEmpty() && facts->step > 0) {
            return RunsModel::tr("step %1").arg(formatCount(facts->step));
        }
        return facts != nullptr && !facts->problem.isEmpty() ? RunsModel::tr("not read")
                                                             : QString();
    }
    const core::RunSummary& run = *row.compared.own;
    const QString loss = lossText(run.end.loss);
    switch (run.state) {
    case core::RunState::Running:
        return RunsModel::tr("step %1 of %2").arg(formatCount(run.step), formatCount(run.steps));
    case core::RunState::Paused:
        return RunsModel::tr("paused at %1 of %2")
            .arg(formatCount(run.step), formatCount(run.steps));
    case core::RunState::Failed:
        if (run.step > 0 && !std::isfinite(run.end.loss)) {
            return RunsModel::tr("diverged at %1").arg(formatCount(run.step));
        }
        return run.message.empty() ? RunsModel::tr("failed at %1").arg(formatCount(run.step))
                                   : whyOf(row);
    case core::RunState::Interrupted:
        return RunsModel::tr("interrupted at %1").arg(formatCount(run.step));
    case core::RunState::Stopped:
        return loss.isEmpty() ? stateWord(run.state) : loss + QStringLiteral(" ▫");
    case core::RunState::Finished:
    case core::RunState::FinishedEarly:
        break;
    }
    return loss + QStringLiteral(" ✓");
}

QString whyOf(const RunsModel::Row& row)
{
    if (row.listed != nullptr && !row.listed->problem.empty()) {
        return QString::fromStdString(row.listed->problem);
    }
    if (row.listed != nullptr && row.listed->isGone) {
        return RunsModel::tr("Its folder is not there now (a disk that was taken out?). Nothing "
                             "of it is lost here.");
    }
    if (!row.compared.own) {
        return {};
    }
    const core::RunSummary& run = *row.compared.own;
    if (!run.message.empty()) {
        return withoutOptionDashes(QString::fromStdString(run.message));
    }
    return run.state == core::RunState::Interrupted
        ? RunsModel::tr("Its program ended without a word (killed, or the machine went down).")
        : QString();
}

} // namespace pissarro::ui
