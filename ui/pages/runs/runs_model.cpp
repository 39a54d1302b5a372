// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/runs/runs_model.h"

#include "core/run/spec_settings.h"
#include "ui/look/theme.h"
#include "ui/views/run_curves.h"
#include "ui/views/twins_model.h"
#include "ui/words/field_look.h"
#include "ui/words/format.h"
#include "ui/words/language.h"
#include "ui/words/message.h"
#include "ui/words/method_look.h"
#include "ui/words/run_words.h"

#include <QDateTime>
#include <QFileInfo>

#include <cmath>
#include <limits>

namespace pissarro::ui {

namespace {

constexpr double kNoNumber = std::numeric_limits<double>::quiet_NaN();

QString modelName(const core::RunSpec& spec)
{
    const QFileInfo file(QString::fromStdString(spec.model));
    return file.suffix() == QLatin1String("gguf") ? file.completeBaseName() : file.fileName();
}

// "2026-11-24 13:37", in the person's own time zone.
QString localTime(const std::string& utc)
{
    const QDateTime time = QDateTime::fromString(QString::fromStdString(utc), Qt::ISODate);
    return time.isValid() ? time.toLocalTime().toString(QStringLiteral("yyyy-MM-dd HH:mm"))
                          : QString::fromStdString(utc);
}

// What twins have in common: the folder above theirs. Any other run is a group of its own.
QString groupOf(const core::RunSummary& run)
{
    const bool isTwin = run.directory.filename() == core::methodName(run.spec.method);
    return QString::fromStdString((isTwin ? run.directory.parent_path() : run.directory).string());
}

// Not-a-number sorts behind every number, whichever way the column is sorted first.
QVariant sortable(double value)
{
    return std::isfinite(value) ? value : 1e300;
}

} // namespace

RunFigures figuresOf(const RunSeries& series)
{
    RunFigures figures {0, kNoNumber, kNoNumber, series.meanTokensPerS()};
    if (!series.isEmpty()) {
        figures.stepsDone = series.last().step;
        figures.finalLoss = series.last().loss;
        figures.meanLoss = series.meanLoss(0, TwinsModel::kMeanOver);
    }
    return figures;
}

int RunsModel::indexOf(const core::RunSummary& run) const
{
    for (qsizetype i = 0; i < m_rows.size(); ++i) {
        if (m_rows[i].run.directory == run.directory) {
            return static_cast<int>(i);
        }
    }
    return -1;
}

void RunsModel::setRows(const QVector<Row>& rows)
{
    const auto stillThere = [&rows](const Row& old) {
        return std::any_of(rows.cbegin(), rows.cend(), [&old](const Row& row) {
            return row.run.directory == old.run.directory;
        });
    };
    for (int i = static_cast<int>(m_rows.size()) - 1; i >= 0; --i) {
        if (!stillThere(m_rows[i])) {
            beginRemoveRows({}, i, i);
            m_rows.removeAt(i);
            endRemoveRows();
        }
    }
    for (int i = 0; i < static_cast<int>(rows.size()); ++i) {
        const int before = indexOf(rows[i].run);
        if (before < 0) {
            beginInsertRows({}, i, i);
            m_rows.insert(i, rows[i]);
            endInsertRows();
        } else if (before != i) { // a run that was started anew moves up
            beginMoveRows({}, before, before, {}, before < i ? i + 1 : i);
            m_rows.move(before, i);
            endMoveRows();
        }
    }
    m_rows = rows;
    m_groupStart.clear();
    for (const Row& row : rows) {
        const QString start = QString::fromStdString(row.run.startedAt);
        QString& first = m_groupStart[groupOf(row.run)];
        first = first.isEmpty() ? start : std::min(first, start);
    }
    if (!m_rows.isEmpty()) {
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
    }
}

int RunsModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int RunsModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QString RunsModel::text(const Row& row, int column)
{
    const core::RunSpec& spec = row.run.spec;
    switch (column) {
    case Name:
        return runName(row.run);
    case Method:
        return titleOf(spec.method);
    case Model:
        return modelName(spec);
    case Rank:
        return core::hasAdapter(spec.method) ? formatCount(spec.rank) : QStringLiteral("–");
    case Rate:
        return formatNumber(spec.learningRate);
    case Steps:
        return QStringLiteral("%1 / %2").arg(formatCount(row.figures.stepsDone),
                                             formatCount(row.run.steps));
    case FinalLoss:
        return formatNumber(row.figures.finalLoss);
    case MeanLoss:
        return formatNumber(row.figures.meanLoss);
    case Speed:
        return std::isfinite(row.figures.tokensPerS)
            ? formatCount(std::llround(row.figures.tokensPerS))
            : QStringLiteral("–");
    case State:
        return stateWord(row.run.state);
    case Started:
        return localTime(row.run.startedAt);
    default:
        return {};
    }
}

QVariant RunsModel::sortValue(const Row& row, int column) const
{
    switch (column) {
    case Rank:
        return static_cast<qlonglong>(row.run.spec.rank);
    case Rate:
        return row.run.spec.learningRate;
    case Steps:
        return static_cast<qlonglong>(row.figures.stepsDone);
    case FinalLoss:
        return sortable(row.figures.finalLoss);
    case MeanLoss:
        return sortable(row.figures.meanLoss);
    case Speed:
        return sortable(row.figures.tokensPerS);
    case Started: { // twins stay together, newest first, in the order of all methods
        const std::ptrdiff_t place = core::placeOf(row.run.spec.method);
        return m_groupStart.value(groupOf(row.run)) + QChar(static_cast<char16_t>(u'9' - place));
    }
    default:
        return text(row, column);
    }
}

QVariant RunsModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) {
        return {};
    }
    const Row& row = m_rows[index.row()];
    const bool isFigure = index.column() >= Rank && index.column() <= Speed;
    switch (role) {
    case Qt::DisplayRole:
        return text(row, index.column());
    case kSortRole:
        return sortValue(row, index.column());
    case Qt::DecorationRole:
        return index.column() == Name ? QVariant(methodColor(row.run.spec.method)) : QVariant();
    case Qt::ToolTipRole:
        if (index.column() == State && !row.run.message.empty()) {
            return withoutOptionDashes(QString::fromStdString(row.run.message));
        }
        if (index.column() == State && row.run.state == core::RunState::Interrupted) {
            return tr("Its program ended without a word (killed, or the machine went down).");
        }
        return index.column() == Name ? directoryOf(row.run) : text(row, index.column());
    case Qt::ForegroundRole:
        if (index.column() != State) {
            return {};
        }
        return row.run.state == core::RunState::Failed
                || row.run.state == core::RunState::Interrupted
            ? QVariant(Theme::instance().colors().bad)
            : core::isLive(row.run.state) ? QVariant(Theme::instance().colors().accent)
                                          : QVariant(Theme::instance().colors().muted);
    case Qt::TextAlignmentRole:
        return isFigure ? QVariant(Qt::AlignRight | Qt::AlignVCenter)
                        : QVariant(Qt::AlignLeft | Qt::AlignVCenter);
    default:
        return {};
    }
}

QVariant RunsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal) {
        return {};
    }
    if (role == Qt::TextAlignmentRole) {
        return section >= Rank && section <= Speed ? QVariant(Qt::AlignRight | Qt::AlignVCenter)
                                                   : QVariant(Qt::AlignLeft | Qt::AlignVCenter);
    }
    if (role == Qt::ToolTipRole) {
        return section == MeanLoss
            ? tr("Mean loss of the last %n steps, nats", nullptr, pluralOf(TwinsModel::kMeanOver))
            : section == FinalLoss ? tr("Loss of the last step, nats")
            : section == Speed     ? tr("Mean over the run")
                                   : QVariant();
    }
    if (role != Qt::DisplayRole) {
        return {};
    }
    static const std::array<const char*, ColumnCount> kTitles {
        QT_TR_NOOP("Name"),       QT_TR_NOOP("Method"),        QT_TR_NOOP("Model"),
        QT_TR_NOOP("Rank"),       QT_TR_NOOP("Learning rate"), QT_TR_NOOP("Steps"),
        QT_TR_NOOP("Final loss"), QT_TR_NOOP("Mean, last 5"),  QT_TR_NOOP("Tokens/s"),
        QT_TR_NOOP("State"),      QT_TR_NOOP("Started")};
    return section >= 0 && section < ColumnCount ? tr(kTitles[static_cast<std::size_t>(section)])
                                                 : QVariant();
}

// --- Differences

void DifferencesModel::setRuns(const QVector<core::RunSummary>& runs, const QStringList& labels,
                               const QVector<QColor>& colors)
{
    std::vector<core::RunSpec> specs;
    for (const core::RunSummary& run : runs) {
        specs.push_back(run.spec);
    }
    m_defaults.clear();
    take(core::specDifferences(specs), labels, colors);
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

QVariant DifferencesModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) {
        return {};
    }
    const core::SpecDifference& difference = m_differences[static_cast<std::size_t>(index.row())];
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
    if (role == Qt::ForegroundRole && section > 0) {
        return m_colors.value(section - 1);
    }
    if (role == Qt::TextAlignmentRole) {
        return {Qt::AlignLeft | Qt::AlignVCenter};
    }
    return {};
}

} // namespace pissarro::ui
