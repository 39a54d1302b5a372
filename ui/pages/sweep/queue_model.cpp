// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/sweep/queue_model.h"

#include "ui/look/icons.h"
#include "ui/look/theme.h"
#include "ui/pages/sweep/sweep_pictures.h"
#include "ui/services/sweep_queue.h"
#include "ui/words/format.h"
#include "ui/words/message.h"
#include "ui/words/method_look.h"

#include <QMimeData>

#include <algorithm>
#include <cmath>
#include <limits>

namespace pissarro::ui {

namespace {

const QString kMime = QStringLiteral("application/x-pissarro-sweep-run");

bool sameNumber(double a, double b)
{
    return a == b || (std::isnan(a) && std::isnan(b));
}

} // namespace

double QueueModel::Entry::share() const
{
    if (run.state == core::SweepRunState::Done) {
        return 1.0;
    }
    return steps > 0 ? std::clamp(static_cast<double>(step) / static_cast<double>(steps), 0.0, 1.0)
                     : 0.0;
}

bool QueueModel::Entry::isAs(const Entry& other) const
{
    return run.name == other.run.name && run.state == other.run.state
        && run.message == other.run.message && step == other.step && steps == other.steps
        && sameNumber(loss, other.loss) && sameNumber(seconds, other.seconds);
}

void QueueModel::setLook(const SweepLook* look)
{
    QVector<Entry> entries;
    for (const core::SweepRun& run :
         look != nullptr ? look->state.runs : std::vector<core::SweepRun>()) {
        Entry entry;
        entry.run = run;
        entry.loss = std::numeric_limits<double>::quiet_NaN();
        const auto& rows = look->results.rows;
        const auto row = std::find_if(rows.begin(), rows.end(), [&](const core::SweepRow& one) {
            return one.name == run.name;
        });
        if (row != rows.end()) {
            entry.label = rowLabel(*row);
            entry.method = row->method;
            entry.step = std::max(row->step, run.step);
            entry.steps = row->steps;
            entry.loss = row->trainLoss;
            entry.seconds = row->seconds;
        }
        entries.append(entry);
    }
    const bool sameRuns = entries.size() == m_entries.size()
        && std::equal(entries.begin(), entries.end(), m_entries.begin(),
                      [](const Entry& a, const Entry& b) { return a.run.name == b.run.name; });
    if (!sameRuns) {
        beginResetModel();
        m_entries = entries;
        endResetModel();
        return;
    }
    for (int row = 0; row < entries.size(); ++row) { // selection and scroll position stay
        if (!entries[row].isAs(m_entries[row])) {
            m_entries[row] = entries[row];
            Q_EMIT dataChanged(index(row, 0), index(row, ColumnCount - 1));
        }
    }
}

void QueueModel::showTheme()
{
    if (!m_entries.isEmpty()) {
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
    }
}

QString QueueModel::runAt(int row) const
{
    return row >= 0 && row < m_entries.size() ? QString::fromStdString(m_entries[row].run.name)
                                              : QString();
}

core::SweepRunState QueueModel::stateAt(int row) const
{
    return m_entries[row].run.state;
}

QString QueueModel::labelAt(int row) const
{
    return m_entries[row].label;
}

int QueueModel::rowOf(const QString& run) const
{
    for (int row = 0; row < m_entries.size(); ++row) {
        if (runAt(row) == run) {
            return row;
        }
    }
    return -1;
}

int QueueModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_entries.size());
}

int QueueModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

// As a row has room for; marks as the list of runs has them.
QString QueueModel::noteOf(const Entry& entry)
{
    switch (entry.run.state) {
    case core::SweepRunState::Running: {
        const bool known = entry.step > 0 && entry.steps > entry.step && entry.seconds > 0.0;
        const double perStep = known ? entry.seconds / static_cast<double>(entry.step) : 0.0;
        return known ? tr("%1 left").arg(
                   formatDuration(perStep * static_cast<double>(entry.steps - entry.step)))
                     : sweepStateWord(entry.run.state);
    }
    case core::SweepRunState::Done:
        return (entry.seconds > 0.0 ? formatDuration(entry.seconds)
                                    : sweepStateWord(entry.run.state))
            + QStringLiteral(" ✓");
    case core::SweepRunState::Waiting:
        return entry.step > 0 ? tr("waits at step %1").arg(formatCount(entry.step))
                              : sweepStateWord(entry.run.state);
    case core::SweepRunState::EndedEarly:
        return tr("ended early at %1").arg(formatCount(entry.step)) + QStringLiteral(" ▫");
    case core::SweepRunState::Failed:
    case core::SweepRunState::Skipped:
        break;
    }
    const QString why = withoutOptionDashes(QString::fromStdString(entry.run.message));
    return why.isEmpty() ? sweepStateWord(entry.run.state)
                         : QStringLiteral("%1: %2").arg(sweepStateWord(entry.run.state), why);
}

QString QueueModel::wholeNoteOf(const Entry& entry)
{
    const QString why = withoutOptionDashes(QString::fromStdString(entry.run.message));
    return entry.run.state == core::SweepRunState::EndedEarly && !why.isEmpty() ? why
                                                                                : noteOf(entry);
}

QVariant QueueModel::shown(const Entry& entry, int column) const
{
    switch (column) {
    case Name:
        return entry.label;
    case Progress:
        return formatPercent(entry.share());
    case Loss:
        return std::isfinite(entry.loss) ? formatNumber(entry.loss) : QStringLiteral("–");
    default:
        return noteOf(entry);
    }
}

QVariant QueueModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) {
        return {};
    }
    const Entry& entry = m_entries[index.row()];
    switch (role) {
    case Qt::DisplayRole:
        return shown(entry, index.column());
    case Qt::ToolTipRole:
        return index.column() == Note
            ? wholeNoteOf(entry)
            : tr("%1 (%2), %3")
                  .arg(entry.label, QString::fromStdString(entry.run.name),
                       sweepStateWord(entry.run.state));
    case Qt::DecorationRole:
        return index.column() == Name ? QVariant(methodColor(entry.method))
            : index.column() == Note && entry.run.state == core::SweepRunState::Failed
            ? QVariant(themedIcon(QStringLiteral("warning")))
            : QVariant();
    case Qt::TextAlignmentRole:
        return index.column() == Loss ? QVariant(Qt::AlignRight | Qt::AlignVCenter)
                                      : QVariant(Qt::AlignLeft | Qt::AlignVCenter);
    case Qt::ForegroundRole: {
        const Colors& colors = Theme::instance().colors();
        return index.column() != Note                        ? QVariant()
            : entry.run.state == core::SweepRunState::Failed ? QVariant(colors.bad)
                                                             : QVariant(colors.muted);
    }
    case kShareRole:
        return entry.share();
    case kRestsRole:
        return entry.run.state != core::SweepRunState::Running;
    case Qt::AccessibleTextRole:
        return index.column() == Name
            ? tr("%1, %2").arg(entry.label, sweepStateWord(entry.run.state))
            : shown(entry, index.column());
    default:
        return {};
    }
}

QVariant QueueModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation == Qt::Horizontal && role == Qt::TextAlignmentRole) { // as the cells below it
        return section == Loss ? QVariant(Qt::AlignRight | Qt::AlignVCenter)
                               : QVariant(Qt::AlignLeft | Qt::AlignVCenter);
    }
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole) {
        return {};
    }
    switch (section) {
    case Name:
        return tr("Run");
    case Progress:
        return tr("Progress");
    case Loss:
        return tr("Loss");
    default:
        return QString();
    }
}

// --- Dragged rows

Qt::ItemFlags QueueModel::flags(const QModelIndex& index) const
{
    const Qt::ItemFlags own = QAbstractTableModel::flags(index);
    return index.isValid() ? own | Qt::ItemIsDragEnabled : own | Qt::ItemIsDropEnabled;
}

QStringList QueueModel::mimeTypes() const
{
    return {kMime};
}

QMimeData* QueueModel::mimeData(const QModelIndexList& indexes) const
{
    if (indexes.isEmpty()) {
        return nullptr;
    }
    auto* data = new QMimeData;
    data->setData(kMime, runAt(indexes.first().row()).toUtf8());
    return data;
}

// The queue says when it has been moved: until then the rows stay.
bool QueueModel::dropMimeData(const QMimeData* data, Qt::DropAction /*action*/, int row,
                              int /*column*/, const QModelIndex& parent)
{
    const QString run = QString::fromUtf8(data->data(kMime));
    const int from = rowOf(run);
    if (from < 0) {
        return false; // of another sweep
    }
    const int gap = row >= 0 ? row : parent.isValid() ? parent.row() : rowCount();
    const int place = gap > from ? gap - 1 : gap;
    if (place != from) {
        Q_EMIT moveWanted(run, place);
    }
    return false; // else the view would remove the row that was dragged
}

} // namespace pissarro::ui
