// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/compare/pair_figures_model.h"

#include "ui/services/run_pair.h"
#include "ui/words/format.h"
#include "ui/words/language.h"

#include <QFont>

#include <cmath>
#include <functional>
#include <limits>

namespace pissarro::ui {

namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

double stepZeroOf(const core::ComparedRun& run, double core::StepZero::*value)
{
    return run.run && run.run->stepZero ? (*run.run->stepZero).*value : kNone;
}

double summaryOf(const core::ComparedRun& run,
                 const std::function<double(const core::RunSummary&)>& value)
{
    return run.run ? value(*run.run) : kNone;
}

double meanOf(const PairSide& side, double PairMatrix::*value)
{
    const PairState* state = nullptr;
    for (const PairState& one : side.states) {
        state = one.isUsual ? &one : state;
    }
    double sum = 0.0;
    int count = 0;
    for (qsizetype i = 0; state != nullptr && i < state->matrices.size(); ++i) {
        const double one = state->matrices[i].*value;
        sum += std::isnan(one) ? 0.0 : one;
        count += std::isnan(one) ? 0 : 1;
    }
    return count > 0 ? sum / count : kNone;
}

} // namespace

QString PairFiguresModel::textOf(double value, Kind kind)
{
    if (std::isnan(value)) {
        return QStringLiteral("–");
    }
    switch (kind) {
    case Kind::Share:
    case Kind::Points:
        return formatPercent(value);
    case Kind::Seconds:
        return formatDuration(value);
    case Kind::Count:
        return formatCount(std::llround(value));
    case Kind::Number:
        break;
    }
    return formatNumber(value);
}

QString PairFiguresModel::differenceOf(double a, double b, Kind kind)
{
    const double difference = a - b;
    if (std::isnan(difference)) {
        return QStringLiteral("–");
    }
    const QString plus = difference > 0.0 ? QStringLiteral("+") : QString();
    if (kind == Kind::Points) { // of shares of all answers: no share of one another
        return tr("%1 pt", "percentage points").arg(plus + formatNumber(100.0 * difference, 3));
    }
    if (kind == Kind::Seconds) { // a duration has no sign of its own
        const QString sign = difference < 0.0 ? QString(QChar(0x2212)) : plus;
        return sign + formatDuration(std::abs(difference));
    }
    return plus + textOf(difference, kind);
}

void PairFiguresModel::add(const QString& name, double a, double b, Kind kind)
{
    if (!std::isnan(a) || !std::isnan(b)) {
        m_rows.append({name, textOf(a, kind), textOf(b, kind), differenceOf(a, b, kind)});
    }
}

void PairFiguresModel::addHeadline(const QString& name)
{
    m_rows.append({name, {}, {}, {}, true});
}

void PairFiguresModel::addStart(const RunPair& pair)
{
    const core::ComparedRun& a = pair.side(0).run;
    const core::ComparedRun& b = pair.side(1).run;
    const auto zero = [&](const QString& name, double core::StepZero::*value) {
        add(name, stepZeroOf(a, value), stepZeroOf(b, value));
    };
    addHeadline(tr("Step 0"));
    zero(tr("Loss of the base"), &core::StepZero::baseLoss);
    zero(tr("Loss with the fresh adapter"), &core::StepZero::adaptedLoss);
    zero(tr("Largest |Δlogit|"), &core::StepZero::maxLogitDifference);
    zero(tr("Mean |Δlogit|"), &core::StepZero::meanLogitDifference);
    add(tr("Gradient norm, step 1"), pair.side(0).curves.firstGradNorm,
        pair.side(1).curves.firstGradNorm);
    const auto init = [](const core::RunSummary& run) { return run.initSeconds; };
    add(tr("Initialisation"), summaryOf(a, init), summaryOf(b, init), Kind::Seconds);
}

void PairFiguresModel::addEnd(const RunPair& pair)
{
    const core::ComparedRun& a = pair.side(0).run;
    const core::ComparedRun& b = pair.side(1).run;
    addHeadline(tr("At the end"));
    const PairCurves& ofA = pair.side(0).curves;
    const PairCurves& ofB = pair.side(1).curves;
    add(tr("Loss, last twentieth"), ofA.endLoss, ofB.endLoss);
    add(tr("Held-out loss"), ofA.heldOutLoss, ofB.heldOutLoss);
    add(tr("Change ‖ΔW‖ / ‖W‖, mean"), meanOf(pair.side(0), &PairMatrix::change),
        meanOf(pair.side(1), &PairMatrix::change), Kind::Share);
    add(tr("Effective rank of ΔW, mean"), meanOf(pair.side(0), &PairMatrix::effectiveRank),
        meanOf(pair.side(1), &PairMatrix::effectiveRank));
    add(tr("Tokens/s, median"), ofA.tokensPerS, ofB.tokensPerS, Kind::Count);
    const auto parameters = [](const core::RunSummary& run) {
        return static_cast<double>(run.trainableParameters);
    };
    add(tr("Parameters that train"), summaryOf(a, parameters), summaryOf(b, parameters),
        Kind::Count);
}

void PairFiguresModel::addScores(const RunPair& pair)
{
    for (const core::Scoreboard& one : pair.findings().scores) {
        const core::ScoredModel* a = pair.scoreOf(one, 0);
        const core::ScoredModel* b = pair.scoreOf(one, 1);
        const core::ScoredModel* either = a == nullptr ? b : a;
        if (either == nullptr) {
            continue; // of other runs
        }
        const QString task = QString::fromStdString(one.task);
        const QString name = one.isPerplexity
            ? tr("%1, perplexity").arg(task)
            : tr("%1, %2 questions", nullptr, pluralOf(either->questions))
                  .arg(task, formatCount(either->questions));
        add(name, a == nullptr ? kNone : a->score, b == nullptr ? kNone : b->score,
            one.isPerplexity ? Kind::Number : Kind::Points);
    }
}

void PairFiguresModel::addRanks(const RunPair& pair)
{
    const auto& rows = pair.findings().ranks;
    if (rows.empty()) {
        return;
    }
    const auto count = static_cast<std::int64_t>(rows.size());
    addHeadline(tr("Other ranks in %1 matrices", nullptr, pluralOf(count)).arg(formatCount(count)));
    for (const core::DifferenceRow& row : rows) {
        const QString a = QString::fromStdString(row.values[0]);
        const QString b = QString::fromStdString(row.values[1]);
        const bool both = !a.isEmpty() && !b.isEmpty();
        m_rows.append({QString::fromStdString(row.label), a, b,
                       both ? differenceOf(a.toDouble(), b.toDouble(), Kind::Count) : QString()});
    }
}

void PairFiguresModel::show(const RunPair& pair)
{
    beginResetModel();
    m_rows.clear();
    if (pair.isOpened()) {
        addStart(pair);
        addEnd(pair);
        addScores(pair);
        addRanks(pair);
    }
    endResetModel();
}

void PairFiguresModel::setTitles(const QString& a, const QString& b)
{
    m_a = a;
    m_b = b;
    Q_EMIT headerDataChanged(Qt::Horizontal, A, B);
}

QString PairFiguresModel::csv() const
{
    const auto quoted = [](QString text) {
        return QLatin1Char('"') + text.replace(QLatin1Char('"'), QStringLiteral("\"\""))
            + QLatin1Char('"');
    };
    QString text = QStringLiteral("figure,A,B,difference\n");
    for (const Row& row : m_rows) {
        if (!row.isHeadline) {
            text +=
                QStringList {quoted(row.name), quoted(row.a), quoted(row.b), quoted(row.difference)}
                    .join(QLatin1Char(','))
                + QLatin1Char('\n');
        }
    }
    return text;
}

int PairFiguresModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int PairFiguresModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant PairFiguresModel::data(const QModelIndex& index, int role) const
{
    const Row& row = m_rows[index.row()];
    if (role == Qt::DisplayRole || (role == Qt::ToolTipRole && index.column() == Name)) {
        switch (index.column()) {
        case Name:
            return row.name;
        case A:
            return row.a;
        case B:
            return row.b;
        default:
            return row.difference;
        }
    }
    if (role == Qt::FontRole && row.isHeadline) {
        QFont font;
        font.setWeight(QFont::DemiBold);
        return font;
    }
    return {};
}

QVariant PairFiguresModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal) {
        return {};
    }
    if (role == Qt::TextAlignmentRole) {
        return QVariant(int((section == Name ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter));
    }
    if (role != Qt::DisplayRole) {
        return {};
    }
    switch (section) {
    case Name:
        return tr("Figure");
    case A:
        return tr("A: %1").arg(m_a);
    case B:
        return tr("B: %1").arg(m_b);
    default:
        return tr("A − B");
    }
}

} // namespace pissarro::ui
