// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/compare/compare_table_model.h"

#include "core/run/spec_fields.h"
#include "core/run/spec_settings.h"
#include "core/text/escaped_text.h"
#include "ui/look/theme.h"
#include "ui/words/field_look.h"
#include "ui/words/format.h"
#include "ui/words/message.h"
#include "ui/words/metric_words.h"
#include "ui/words/run_words.h"

#include <QFont>
#include <QLocale>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

namespace pissarro::ui {

namespace {

constexpr double kBehind = 1e300; // what is not told sorts there
constexpr qsizetype kShortPrint = 8; // characters of a fingerprint that tell it from others
const QString kNothing = QStringLiteral("–");
const QString kLastText(QChar(0xffff)); // sorts behind every other

// Said in the row itself, or never alike and no help.
constexpr std::array<std::string_view, 11> kLeftOut {
    "name",    "tag",       "notes",     "pinned",       "archived",    "folder",
    "started", "last_loss", "mean_loss", "tokens_per_s", "init_seconds"};

QString titleOfColumn(const core::RunColumn& column)
{
    const auto& fields = core::specFields();
    const auto field = std::find_if(fields.begin(), fields.end(), [&](const core::SpecField& one) {
        return one.key == column.key;
    });
    const QString label = field == fields.end() ? QString() : fieldLook(*field).label;
    return label.isEmpty() ? titleText(column.label) : label;
}

std::optional<double> numberOf(const core::FieldValue& value)
{
    return std::visit(
        [](const auto& held) -> std::optional<double> {
            using Held = std::decay_t<decltype(held)>;
            if constexpr (std::is_arithmetic_v<Held> && !std::is_same_v<Held, bool>) {
                return static_cast<double>(held);
            } else {
                return std::nullopt;
            }
        },
        value);
}

// As people say it: "LoRA", "Finished".
QString wordOf(const core::RunColumn& column, const core::RunSummary& run,
               const core::FieldValue& value)
{
    return column.key == "state" ? stateWord(run.state)
        : column.key == "method" ? fromView(core::methodTitle(run.spec.method))
                                 : QString::fromStdString(core::fieldText(value));
}

} // namespace

CompareTableModel::Cell CompareTableModel::textCell(const QString& text)
{
    return {text.isEmpty() ? kNothing : text, text, text, false};
}

CompareTableModel::Cell CompareTableModel::numberCell(double value)
{
    if (!std::isfinite(value)) {
        return {kNothing, {}, kBehind, false};
    }
    const bool isWhole = value == std::floor(value) && std::abs(value) < 1e15;
    return {isWhole ? formatCount(std::llround(value)) : formatNumber(value),
            QString::number(value, 'g', QLocale::FloatingPointShortest), value, false};
}

CompareTableModel::Column CompareTableModel::columnOf(const core::RunColumn& from,
                                                      const QVector<ComparedRun>& runs)
{
    Column column {titleOfColumn(from), QString::fromStdString(from.key), true, {}};
    for (const ComparedRun& run : runs) {
        if (!run.own) {
            column.cells.append(numberCell(std::nan("")));
            continue;
        }
        const core::FieldValue value = from.value(*run.own, {});
        const auto number = numberOf(value);
        column.isFigure = column.isFigure && number.has_value();
        column.cells.append(number ? numberCell(*number) : textCell(wordOf(from, *run.own, value)));
        if (number && core::isRate(from.key)) {
            column.cells.last().text = formatRate(*number);
        }
    }
    if (from.key == "best_eval_loss") {
        alignDecimals(column);
    }
    for (Cell& cell : column.cells) { // one kind of value in a column, or its order is none
        if (!column.isFigure) {
            cell.order = cell.whole.isEmpty() ? kLastText : cell.whole;
        }
    }
    return column;
}

// What was measured: as many decimals in every row.
void CompareTableModel::alignDecimals(Column& column)
{
    QVector<double> values;
    for (const Cell& cell : column.cells) {
        const double value = cell.order.toDouble();
        values.append(value < kBehind ? value : std::nan(""));
    }
    const QStringList texts = formatColumn(values);
    for (qsizetype i = 0; i < column.cells.size(); ++i) {
        column.cells[i].text = texts[i];
    }
}

// By content: a base or rows of the same name may be others.
QVector<CompareTableModel::Column> CompareTableModel::inputColumns(const QVector<ComparedRun>& runs)
{
    Column base {tr("Base, fingerprint"), tr("Of the weights that the run began with"), false, {}};
    Column rows {
        tr("Examples, fingerprint"), tr("Of the tokens and labels that it read"), false, {}};
    Column start {tr("Loss at step 0"), tr("Of the model with its fresh adapters"), true, {}};
    for (const ComparedRun& run : runs) {
        QString weights;
        if (run.own) {
            for (const core::FileMark& file : run.own->inputs.weights) {
                weights += QString::fromStdString(file.fingerprint).left(kShortPrint);
            }
        }
        const auto examples =
            run.own ? QString::fromStdString(run.own->inputs.examples) : QString();
        base.cells.append(textCell(weights));
        rows.cells.append(textCell(examples.left(kShortPrint)));
        start.cells.append(numberCell(run.own && run.own->stepZero ? run.own->stepZero->adaptedLoss
                                                                   : std::nan("")));
    }
    alignDecimals(start);
    return {base, rows, start};
}

// Runs of which it is not known are not told apart by it.
bool CompareTableModel::differs(const Column& column)
{
    QSet<QString> texts;
    for (const Cell& cell : column.cells) {
        if (cell.text != kNothing) {
            texts.insert(cell.whole);
        }
    }
    return texts.size() > 1;
}

void CompareTableModel::markBest(Column& column)
{
    double best = kBehind;
    for (const Cell& cell : column.cells) {
        best = std::min(best, cell.order.toDouble());
    }
    for (Cell& cell : column.cells) {
        cell.isBest = column.cells.size() > 1 && best < kBehind && cell.order.toDouble() == best;
    }
}

QVector<CompareTableModel::Column>
CompareTableModel::metricColumns(const QVector<ComparedRun>& runs,
                                 const QHash<QString, OverlayFacts>& facts, const QString& metric)
{
    Column step {tr("Step"), tr("The last that anything was told of"), true, {}};
    Column last {tr("Last"), tr("Last value of: %1").arg(metricTitle(metric)), true, {}};
    Column lowest {tr("Lowest"), tr("Lowest value of: %1").arg(metricTitle(metric)), true, {}};
    const double unit = metricUnit(metric);
    for (const ComparedRun& run : runs) {
        const OverlayFacts known = facts.value(run.run.path);
        step.cells.append(
            numberCell(known.step > 0 ? static_cast<double>(known.step) : std::nan("")));
        last.cells.append(numberCell(known.last / unit));
        lowest.cells.append(numberCell(known.lowest / unit));
    }
    alignDecimals(last);
    alignDecimals(lowest);
    if (isLowerBetter(metric)) {
        markBest(last);
        markBest(lowest);
    }
    return {last, lowest, step};
}

void CompareTableModel::setRuns(const QVector<ComparedRun>& runs,
                                const QHash<QString, OverlayFacts>& facts, const QString& metric,
                                bool all)
{
    QVector<Column> columns = metricColumns(runs, facts, metric);
    QVector<Column> told;
    for (const core::RunColumn& column : core::runColumns()) {
        if (std::find(kLeftOut.begin(), kLeftOut.end(), column.key) == kLeftOut.end()) {
            told.append(columnOf(column, runs));
        }
    }
    told += inputColumns(runs);
    m_differing = 0;
    for (const Column& column : told) {
        const bool isOne = differs(column);
        m_differing += isOne ? 1 : 0;
        if (isOne || all) {
            columns.append(column);
        }
    }
    const bool sameShape = runs.size() == m_runs.size() && columns.size() == m_columns.size()
        && std::equal(columns.begin(), columns.end(), m_columns.begin(),
                      [](const Column& a, const Column& b) { return a.title == b.title; });
    if (sameShape) { // runs that go on leave scroll position and selection alone
        m_runs = runs;
        m_columns = columns;
        if (!runs.isEmpty()) {
            Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
        }
        return;
    }
    beginResetModel();
    m_runs = runs;
    m_columns = columns;
    endResetModel();
}

bool CompareTableModel::isFigure(int column) const
{
    return column > 0 && m_columns[column - 1].isFigure;
}

int CompareTableModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_runs.size());
}

int CompareTableModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_columns.size()) + 1;
}

QVariant CompareTableModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) {
        return {};
    }
    if (role == Qt::TextAlignmentRole) {
        return isFigure(index.column()) ? QVariant(Qt::AlignRight | Qt::AlignVCenter)
                                        : QVariant(Qt::AlignLeft | Qt::AlignVCenter);
    }
    if (index.column() == 0) {
        const ComparedRun& run = m_runs[index.row()];
        return role == Qt::DisplayRole || role == kSortRole ? QVariant(run.label)
            : role == Qt::ToolTipRole                       ? QVariant(run.run.path)
            : role == Qt::DecorationRole                    ? QVariant(run.stroke.color)
                                                            : QVariant();
    }
    const Cell& cell = m_columns[index.column() - 1].cells[index.row()];
    switch (role) {
    case Qt::DisplayRole:
        return cell.text;
    case Qt::ToolTipRole:
        return cell.isBest ? tr("%1, the best of them").arg(cell.text) : cell.text;
    case kSortRole:
        return cell.order;
    case Qt::FontRole:
        if (cell.isBest) {
            QFont bold;
            bold.setWeight(QFont::DemiBold);
            return bold;
        }
        return {};
    default:
        return {};
    }
}

QVariant CompareTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section > m_columns.size()) {
        return {};
    }
    switch (role) {
    case Qt::DisplayRole:
        return section == 0 ? tr("Run") : m_columns[section - 1].title;
    case Qt::ToolTipRole:
        return section == 0 ? QVariant() : QVariant(m_columns[section - 1].tip);
    case Qt::TextAlignmentRole:
        return isFigure(section) ? QVariant(Qt::AlignRight | Qt::AlignVCenter)
                                 : QVariant(Qt::AlignLeft | Qt::AlignVCenter);
    default:
        return {};
    }
}

QString CompareTableModel::csv() const
{
    const auto cell = [](const QString& text) {
        return QString::fromStdString(core::csvCell(text.toStdString()));
    };
    QString text = cell(tr("Run")) + QLatin1Char(',') + cell(tr("Folder"));
    for (const Column& column : m_columns) {
        text += QLatin1Char(',') + cell(column.title);
    }
    text += QLatin1Char('\n');
    for (qsizetype row = 0; row < m_runs.size(); ++row) {
        text += cell(m_runs[row].label) + QLatin1Char(',') + cell(m_runs[row].run.path);
        for (const Column& column : m_columns) {
            text += QLatin1Char(',') + cell(column.cells[row].whole);
        }
        text += QLatin1Char('\n');
    }
    return text;
}

} // namespace pissarro::ui
