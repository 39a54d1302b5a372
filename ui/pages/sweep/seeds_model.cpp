// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/sweep/seeds_model.h"

#include "core/base/fmt.h"
#include "core/text/escaped_text.h"
#include "core/text/number_text.h"
#include "ui/pages/sweep/sweep_pictures.h"
#include "ui/words/format.h"
#include "ui/words/language.h"
#include "ui/words/method_look.h"

#include <QFont>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace pissarro::ui {

namespace {

constexpr double kNowhere = std::numeric_limits<double>::infinity(); // sorts behind all

core::SampleSummary summaryOfFinite(const std::vector<double>& values)
{
    std::vector<double> finite;
    std::copy_if(values.begin(), values.end(), std::back_inserter(finite),
                 [](double value) { return std::isfinite(value); });
    return core::summaryOf(finite);
}

QString meanText(const core::SampleSummary& summary)
{
    if (summary.count == 0) {
        return QStringLiteral("–");
    }
    return summary.standardError ? meanWithError(summary.mean, *summary.standardError)
                                 : formatNumber(summary.mean);
}

// What the seeds of a recipe have in common.
std::string recipeOf(const core::SweepRow& row)
{
    std::string recipe(core::methodName(row.method));
    for (const core::SpecSetting& one : row.varied) {
        recipe += one.key == "seed" ? std::string() : fmt::format("\n{} {}", one.key, one.value);
    }
    return recipe;
}

QString statesText(const std::vector<const core::SweepRow*>& rows)
{
    QStringList parts;
    for (const auto& named : core::EnumNames<core::SweepRunState>::all) {
        const auto count = std::count_if(rows.begin(), rows.end(), [&](const core::SweepRow* row) {
            return row->state == named.value;
        });
        if (count > 0) {
            parts.append(rows.size() == 1 ? sweepStateWord(named.value)
                                          : QStringLiteral("%1 %2").arg(
                                              formatCount(count), sweepStateWord(named.value)));
        }
    }
    return parts.join(QStringLiteral(", "));
}

} // namespace

void SeedsModel::setResults(const core::SweepResults& results)
{
    QStringList labels;
    std::vector<std::string> recipes; // two may be labelled alike: files of one name
    std::vector<std::vector<const core::SweepRow*>> groups;
    for (const core::SweepRow& row : results.rows) {
        const std::string recipe = recipeOf(row);
        auto place = std::find(recipes.begin(), recipes.end(), recipe) - recipes.begin();
        if (place == labels.size()) {
            labels.append(rowLabel(row, false));
            recipes.push_back(recipe);
            groups.emplace_back();
        }
        groups[static_cast<std::size_t>(place)].push_back(&row);
    }
    QVector<Row> rows;
    for (qsizetype i = 0; i < labels.size(); ++i) {
        const auto& group = groups[static_cast<std::size_t>(i)];
        Row row;
        row.label = labels[i];
        row.method = group.front()->method;
        std::vector<double> scores;
        std::vector<double> losses;
        for (const core::SweepRow* one : group) {
            row.runs.append(QString::fromStdString(one->name));
            scores.push_back(one->score.reported);
            losses.push_back(one->trainLoss);
            row.parameters = std::max(row.parameters, one->trainableParameters);
            row.seconds += one->seconds / static_cast<double>(group.size());
        }
        row.score = summaryOfFinite(scores);
        row.trainLoss = summaryOfFinite(losses);
        row.state = statesText(group);
        rows.append(row);
    }
    const bool lower = isLowerBetter(results);
    const auto best =
        std::min_element(rows.begin(), rows.end(), [lower](const Row& a, const Row& b) {
            const double x = a.score.count > 0 ? (lower ? a.score.mean : -a.score.mean) : kNowhere;
            const double y = b.score.count > 0 ? (lower ? b.score.mean : -b.score.mean) : kNowhere;
            return x < y;
        });
    if (best != rows.end() && best->score.count > 0) {
        best->best = true;
    }
    const QString measure = measureTitle(results);
    const bool sameRows = rows.size() == m_rows.size() && measure == m_measure
        && std::equal(rows.begin(), rows.end(), m_rows.begin(),
                      [](const Row& a, const Row& b) { return a.runs == b.runs; });
    if (sameRows) { // selection and scroll position stay
        m_rows = rows;
        showTheme();
        return;
    }
    beginResetModel();
    m_rows = rows;
    m_measure = measure;
    endResetModel();
}

void SeedsModel::showTheme()
{
    if (!m_rows.isEmpty()) {
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
    }
}

QStringList SeedsModel::runsAt(int row) const
{
    return row >= 0 && row < m_rows.size() ? m_rows[row].runs : QStringList();
}

int SeedsModel::rowOf(const QString& run) const
{
    for (int row = 0; row < m_rows.size(); ++row) {
        if (m_rows[row].runs.contains(run)) {
            return row;
        }
    }
    return -1;
}

int SeedsModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int SeedsModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant SeedsModel::shown(const Row& row, int column) const
{
    switch (column) {
    case Recipe:
        return row.label;
    case Score:
        return meanText(row.score);
    case Seeds:
        return tr("%1 of %2").arg(formatCount(row.score.count), formatCount(row.runs.size()));
    case TrainLoss:
        return meanText(row.trainLoss);
    case Parameters:
        return row.parameters > 0 ? formatCompact(row.parameters) : QStringLiteral("–");
    case Time:
        return row.seconds > 0.0 ? formatDuration(row.seconds) : QStringLiteral("–");
    default:
        return row.state;
    }
}

double SeedsModel::number(const Row& row, int column) const
{
    switch (column) {
    case Score:
        return row.score.count > 0 ? row.score.mean : kNowhere;
    case Seeds:
        return static_cast<double>(row.score.count);
    case TrainLoss:
        return row.trainLoss.count > 0 ? row.trainLoss.mean : kNowhere;
    case Parameters:
        return static_cast<double>(row.parameters);
    default:
        return row.seconds;
    }
}

QVariant SeedsModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) {
        return {};
    }
    const Row& row = m_rows[index.row()];
    const bool isText = index.column() == Recipe || index.column() == State;
    switch (role) {
    case Qt::DisplayRole:
        return shown(row, index.column());
    case kSortRole:
        return isText ? shown(row, index.column()) : QVariant(number(row, index.column()));
    case Qt::TextAlignmentRole:
        return isText ? QVariant(Qt::AlignLeft | Qt::AlignVCenter)
                      : QVariant(Qt::AlignRight | Qt::AlignVCenter);
    case Qt::DecorationRole:
        return index.column() == Recipe ? QVariant(methodColor(row.method)) : QVariant();
    case Qt::FontRole:
        if (row.best && index.column() == Score) {
            QFont bold;
            bold.setWeight(QFont::DemiBold);
            return bold;
        }
        return {};
    case Qt::ToolTipRole:
        return row.best && index.column() == Score
            ? tr("%1, the best of them").arg(meanText(row.score))
            : shown(row, index.column());
    default:
        return {};
    }
}

QVariant SeedsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal) {
        return {};
    }
    if (role == Qt::ToolTipRole && section == Score) {
        return tr("Mean ± standard error over the seeds that came to a score");
    }
    if (role == Qt::TextAlignmentRole) { // as the cells below it
        return section == Recipe || section == State ? QVariant(Qt::AlignLeft | Qt::AlignVCenter)
                                                     : QVariant(Qt::AlignRight | Qt::AlignVCenter);
    }
    if (role != Qt::DisplayRole) {
        return {};
    }
    switch (section) {
    case Recipe:
        return tr("Recipe");
    case Score:
        return m_measure;
    case Seeds:
        return tr("Seeds");
    case TrainLoss:
        return tr("Training loss");
    case Parameters:
        return tr("Parameters");
    case Time:
        return tr("Time a run");
    default:
        return tr("State");
    }
}

QString SeedsModel::csv() const
{
    const auto cell = [](const QString& text) {
        return QString::fromStdString(core::csvCell(text.toStdString()));
    };
    const auto whole = [](double value) {
        return std::isfinite(value) ? QString::fromStdString(core::numberText(value)) : QString();
    };
    QStringList lines {QStringList {cell(tr("Recipe")), cell(m_measure), cell(tr("Standard error")),
                                    cell(tr("Seeds")), cell(tr("Training loss")),
                                    cell(tr("Parameters")), cell(tr("Seconds a run")),
                                    cell(tr("State"))}
                           .join(QLatin1Char(','))};
    for (const Row& row : m_rows) {
        lines.append(QStringList {cell(row.label), whole(row.score.mean),
                                  whole(row.score.standardError.value_or(std::nan(""))),
                                  QString::number(row.score.count), whole(row.trainLoss.mean),
                                  QString::number(row.parameters), whole(row.seconds),
                                  cell(row.state)}
                         .join(QLatin1Char(',')));
    }
    return lines.join(QLatin1Char('\n')) + QLatin1Char('\n');
}

} // namespace pissarro::ui
