// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/runs/differences_model.h"

#include "core/run/spec_settings.h"
#include "ui/look/metrics.h"
#include "ui/look/theme.h"
#include "ui/pages/runs/run_cells.h"
#include "ui/views/run_curves.h"
#include "ui/words/field_look.h"
#include "ui/words/format.h"
#include "ui/words/message.h"
#include "ui/words/run_words.h"

#include <QFont>
#include <QPainter>
#include <QPixmap>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace pissarro::ui {

namespace {

enum class Best { Lowest, Highest, None };

// What came of a run.
struct Result {
    const char* title;
    Best best;
    double (*value)(const core::RunSummary& run); // NaN: not told
};

constexpr double kNotTold = std::numeric_limits<double>::quiet_NaN();

const std::array kResults {
    Result {QT_TRANSLATE_NOOP("pissarro::ui::DifferencesModel", "Loss at step 0"), Best::None,
            [](const core::RunSummary& run) {
                return run.stepZero ? run.stepZero->adaptedLoss : kNotTold;
            }},
    Result {QT_TRANSLATE_NOOP("pissarro::ui::DifferencesModel", "Last loss"), Best::Lowest,
            [](const core::RunSummary& run) { return run.end.loss; }},
    Result {QT_TRANSLATE_NOOP("pissarro::ui::DifferencesModel", "Best held-out loss"), Best::Lowest,
            [](const core::RunSummary& run) { return run.bestEvalLoss; }},
    Result {QT_TRANSLATE_NOOP("pissarro::ui::DifferencesModel", "Best score"), Best::Highest,
            [](const core::RunSummary& run) { return run.bestScore; }},
    Result {QT_TRANSLATE_NOOP("pissarro::ui::DifferencesModel", "Tokens/s"), Best::Highest,
            [](const core::RunSummary& run) { return run.end.tokensPerS; }},
    Result {QT_TRANSLATE_NOOP("pissarro::ui::DifferencesModel", "Trained parameters"), Best::None,
            [](const core::RunSummary& run) {
                return run.trainableParameters > 0 ? static_cast<double>(run.trainableParameters)
                                                   : kNotTold;
            }},
};

QString resultText(double value)
{
    if (!std::isfinite(value)) {
        return {};
    }
    return value == std::floor(value) && std::abs(value) < 1e15 ? formatCount(std::llround(value))
                                                                : lossText(value);
}

QPixmap dotOf(const QColor& color)
{
    constexpr double kRatio = 2.0; // sharp enough on any screen
    const int size = scaled(8);
    QPixmap dot(QSize(size, size) * kRatio);
    dot.setDevicePixelRatio(kRatio);
    dot.fill(Qt::transparent);
    QPainter painter(&dot);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    painter.drawEllipse(QRectF(0, 0, size, size));
    return dot;
}

// Every setting of any of them, in the order of run.json.
std::vector<core::SpecDifference> allSettings(const QVector<core::RunSummary>& runs)
{
    std::vector<core::SpecDifference> rows;
    for (qsizetype i = 0; i < runs.size(); ++i) {
        for (const core::SpecSetting& one : core::settingsOf(runs[i].spec)) {
            auto row = std::find_if(rows.begin(), rows.end(),
                                    [&](const auto& known) { return known.key == one.key; });
            if (row == rows.end()) {
                rows.push_back(
                    {one.key, std::vector<std::string>(static_cast<std::size_t>(runs.size()))});
                row = rows.end() - 1;
            }
            row->values[static_cast<std::size_t>(i)] = one.value;
        }
    }
    return rows;
}

} // namespace

void DifferencesModel::setRuns(const QVector<core::RunSummary>& runs, const QStringList& labels,
                               const QVector<QColor>& colors, bool all)
{
    std::vector<core::RunSpec> specs;
    for (const core::RunSummary& run : runs) {
        specs.push_back(run.spec);
    }
    m_defaults.clear();
    m_best.clear();
    auto rows = core::specDifferences(specs);
    m_settings = static_cast<int>(rows.size());
    rows = all ? allSettings(runs) : std::move(rows);
    addResults(rows, runs, all);
    take(std::move(rows), labels, colors);
}

void DifferencesModel::addResults(std::vector<core::SpecDifference>& rows,
                                  const QVector<core::RunSummary>& runs, bool all)
{
    for (const Result& result : kResults) {
        core::SpecDifference row {tr(result.title).toStdString(), {}};
        std::vector<double> values;
        for (const core::RunSummary& run : runs) {
            values.push_back(result.value(run));
            row.values.push_back(resultText(values.back()).toStdString());
        }
        const bool isAlike =
            std::all_of(row.values.begin(), row.values.end(),
                        [&](const auto& one) { return one == row.values.front(); });
        const bool isTold = std::any_of(row.values.begin(), row.values.end(),
                                        [](const auto& one) { return !one.empty(); });
        if (!isTold || (isAlike && !all)) {
            continue;
        }
        double best = kNotTold;
        for (const double value : values) {
            const bool isBetter =
                std::isnan(best) || (result.best == Best::Lowest ? value < best : value > best);
            best = std::isfinite(value) && isBetter ? value : best;
        }
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (result.best != Best::None && !isAlike && values[i] == best) {
                m_best.insert({QString::fromStdString(row.key), static_cast<int>(i)});
            }
        }
        rows.push_back(std::move(row));
    }
}

void DifferencesModel::setRun(const core::RunSummary& run, std::int64_t stepsDone,
                              const QString& label, const QColor& color)
{
    std::vector<core::SpecDifference> rows;
    const auto add = [&rows](const QString& key, const QString& value) {
        if (!value.isEmpty()) {
            rows.push_back({key.toStdString(), {value.toStdString()}});
        }
    };
    add(tr("State"), stateLine(run.state, stepsDone, run.steps));
    add(tr("Message"), withoutOptionDashes(QString::fromStdString(run.message)));
    add(tr("Folder"), directoryOf(run));
    add(tr("Started"), localTime(run.startedAt));
    add(tr("Device"), QString::fromStdString(run.device));
    if (run.bestStep > 0) {
        add(tr("Best held-out loss"),
            tr("%1 at step %2").arg(formatNumber(run.bestEvalLoss), formatCount(run.bestStep)));
    }
    if (run.stepZero) {
        add(tr("Step 0"), QString::fromStdString(run.stepZero->verdict));
    }
    m_defaults.clear();
    m_best.clear();
    m_settings = 0;
    for (const core::SpecSetting& one : core::settingsOf(run.spec)) {
        rows.push_back({one.key, {one.value}});
        if (one.isDefault) {
            m_defaults.insert(QString::fromStdString(one.key));
        }
    }
    take(std::move(rows), {label}, {color});
}

void DifferencesModel::take(std::vector<core::SpecDifference> differences,
                            const QStringList& labels, const QVector<QColor>& colors)
{
    const bool same = labels == m_labels && colors == m_colors
        && std::equal(differences.begin(), differences.end(), m_differences.begin(),
                      m_differences.end(), [](const auto& a, const auto& b) {
                          return a.key == b.key && a.values == b.values;
                      });
    if (same) {
        return; // a refresh leaves scroll position and selection alone
    }
    beginResetModel();
    m_differences = std::move(differences);
    m_labels = labels;
    m_colors = colors;
    endResetModel();
}

int DifferencesModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_differences.size());
}

int DifferencesModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() || m_differences.empty() ? 0 : static_cast<int>(m_labels.size()) + 1;
}

// Figures of several runs stand below each other; those of one are texts, paths above all.
QVariant DifferencesModel::alignmentOf(int column) const
{
    const bool isFigure = column > 0 && m_labels.size() > 1;
    return {(isFigure ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter};
}

QVariant DifferencesModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) {
        return {};
    }
    const core::SpecDifference& difference = m_differences[static_cast<std::size_t>(index.row())];
    if (role == Qt::TextAlignmentRole) {
        return alignmentOf(index.column());
    }
    if (index.column() == 0) {
        if (role == Qt::ForegroundRole) {
            return Theme::instance().colors().muted;
        }
        return role == Qt::DisplayRole ? QVariant(settingTitle(difference.key))
            : role == Qt::ToolTipRole  ? QVariant(QString::fromStdString(difference.key))
                                       : QVariant();
    }
    if (role == Qt::ForegroundRole && m_defaults.contains(QString::fromStdString(difference.key))) {
        return Theme::instance().colors().muted;
    }
    if (role == Qt::FontRole
        && m_best.contains({QString::fromStdString(difference.key), index.column() - 1})) {
        QFont bold;
        bold.setWeight(QFont::DemiBold);
        return bold;
    }
    if (role == Qt::DisplayRole || role == Qt::ToolTipRole) {
        const std::string& value = difference.values[static_cast<std::size_t>(index.column()) - 1];
        return value.empty() ? QStringLiteral("–") : settingValue(difference.key, value);
    }
    return {};
}

QVariant DifferencesModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section > m_labels.size()) {
        return {};
    }
    if (role == Qt::DisplayRole) {
        return section == 0 ? tr("Setting") : m_labels[section - 1];
    }
    if (role == Qt::ToolTipRole) {
        return section == 0 ? QVariant() : m_labels[section - 1];
    }
    if (role == Qt::DecorationRole && section > 0 && m_colors.value(section - 1).isValid()) {
        return dotOf(m_colors[section - 1]);
    }
    if (role == Qt::TextAlignmentRole) {
        return alignmentOf(section);
    }
    return {};
}

} // namespace pissarro::ui
