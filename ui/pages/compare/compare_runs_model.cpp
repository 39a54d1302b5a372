// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/compare/compare_runs_model.h"

#include "core/base/error.h"
#include "ui/look/theme.h"
#include "ui/words/format.h"
#include "ui/words/run_words.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace pissarro::ui {

void CompareRunsModel::setRuns(const QVector<ComparedRun>& runs)
{
    const bool same = std::equal(
        runs.begin(), runs.end(), m_runs.begin(), m_runs.end(),
        [](const ComparedRun& a, const ComparedRun& b) { return a.run.path == b.run.path; });
    if (same) {
        m_runs = runs;
        dress();
        tellAll();
        return;
    }
    beginResetModel();
    m_runs = runs;
    dress();
    endResetModel();
}

void CompareRunsModel::setFacts(const QHash<QString, OverlayFacts>& facts, double unit)
{
    m_facts = facts;
    m_unit = unit;
    tellAll();
}

void CompareRunsModel::setChosen(const QStringList& paths)
{
    QStringList once = paths;
    once.removeDuplicates();
    if (std::exchange(m_chosen, once) != once) {
        dress();
        tellAll();
        Q_EMIT chosenChanged();
    }
}

QVector<ComparedRun> CompareRunsModel::chosenRuns() const
{
    QVector<ComparedRun> runs;
    for (const QString& path : m_chosen) {
        const auto found =
            std::find_if(m_runs.begin(), m_runs.end(),
                         [&path](const ComparedRun& one) { return one.run.path == path; });
        if (found != m_runs.end()) {
            runs.append(*found);
        }
    }
    return runs;
}

const OverlayFacts* CompareRunsModel::factsOf(const QString& path) const
{
    const auto found = m_facts.constFind(path);
    return found == m_facts.constEnd() ? nullptr : &*found;
}

void CompareRunsModel::showTheme()
{
    dress();
    tellAll();
}

void CompareRunsModel::dress()
{
    QVector<ComparedRun*> chosen;
    for (const QString& path : m_chosen) {
        for (ComparedRun& one : m_runs) {
            if (one.run.path == path) {
                chosen.append(&one);
            }
        }
    }
    dressRuns(chosen);
}

void CompareRunsModel::tellAll()
{
    if (!m_runs.isEmpty()) {
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
    }
}

int CompareRunsModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_runs.size());
}

int CompareRunsModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QString CompareRunsModel::lastOf(const ComparedRun& run) const
{
    const OverlayFacts* facts = factsOf(run.run.path);
    if (!m_chosen.contains(run.run.path) || facts == nullptr) {
        return run.own ? stateWord(run.own->state) : QString();
    }
    if (!facts->problem.isEmpty()) {
        return tr("not read");
    }
    return std::isfinite(facts->last) ? formatNumber(facts->last / m_unit) : tr("not told");
}

QString CompareRunsModel::tipOf(const ComparedRun& run) const
{
    QStringList lines {run.run.path};
    if (run.own) {
        lines.append(stateLine(run.own->state, run.own->step, run.own->steps));
    }
    if (const OverlayFacts* facts = factsOf(run.run.path)) {
        for (const QString& line : QStringList {facts->trainer, facts->problem} + facts->notes) {
            if (!line.isEmpty()) {
                lines.append(line);
            }
        }
    }
    return lines.join(QLatin1Char('\n'));
}

QVariant CompareRunsModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) {
        return {};
    }
    const ComparedRun& run = m_runs[index.row()];
    const bool isChosen = m_chosen.contains(run.run.path);
    const bool isName = index.column() == Name;
    const OverlayFacts* facts = factsOf(run.run.path);
    switch (role) {
    case Qt::DisplayRole:
        return isName ? run.name : lastOf(run);
    case Qt::CheckStateRole:
        return isName ? QVariant(isChosen ? Qt::Checked : Qt::Unchecked) : QVariant();
    case Qt::DecorationRole:
        return isName && isChosen ? QVariant(sampleOf(run.stroke)) : QVariant();
    case Qt::ToolTipRole:
        return tipOf(run);
    case Qt::ForegroundRole:
        return facts != nullptr && !facts->problem.isEmpty() && !isName
            ? QVariant(Theme::instance().colors().bad)
            : isName ? QVariant()
                     : QVariant(Theme::instance().colors().muted);
    case Qt::TextAlignmentRole:
        return isName ? QVariant(Qt::AlignLeft | Qt::AlignVCenter)
                      : QVariant(Qt::AlignRight | Qt::AlignVCenter);
    default:
        return {};
    }
}

bool CompareRunsModel::setData(const QModelIndex& index, const QVariant& value, int role)
{
    if (role != Qt::CheckStateRole || !checkIndex(index, CheckIndexOption::IndexIsValid)) {
        return false;
    }
    const QString path = m_runs[index.row()].run.path;
    QStringList chosen = m_chosen;
    chosen.removeAll(path);
    if (value.toInt() == Qt::Checked) {
        chosen.append(path);
    }
    setChosen(chosen);
    return true;
}

QVariant CompareRunsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation == Qt::Horizontal && role == Qt::TextAlignmentRole) {
        return QVariant((section == Name ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    }
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole) {
        return {};
    }
    return section == Name ? tr("Run") : tr("Last");
}

Qt::ItemFlags CompareRunsModel::flags(const QModelIndex& index) const
{
    const Qt::ItemFlags usual = QAbstractTableModel::flags(index);
    return index.isValid() && index.column() == Name ? usual | Qt::ItemIsUserCheckable : usual;
}

// --- Filter

CompareRunsFilter::CompareRunsFilter(CompareRunsModel* runs, QObject* parent)
    : QSortFilterProxyModel(parent)
    , m_runs(runs)
{
    setSourceModel(runs);
}

QString CompareRunsFilter::setWords(const QString& words)
{
    try {
        m_filter = core::RunFilter(words.toStdString());
    } catch (const core::Error& e) {
        return QString::fromStdString(e.what());
    }
    m_words = words;
    invalidateFilter();
    return {};
}

bool CompareRunsFilter::filterAcceptsRow(int row, const QModelIndex& /*parent*/) const
{
    const ComparedRun& run = m_runs->runAt(row);
    if (run.own) {
        return m_filter.keeps(*run.own, {});
    }
    const QStringList words = m_words.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    return std::all_of(words.begin(), words.end(), [&run](const QString& word) {
        return run.run.path.contains(word, Qt::CaseInsensitive);
    });
}

} // namespace pissarro::ui
