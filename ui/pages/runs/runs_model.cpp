// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/runs/runs_model.h"

#include "core/base/error.h"
#include "ui/look/theme.h"
#include "ui/pages/runs/run_cells.h"
#include "ui/views/run_curves.h"
#include "ui/words/field_look.h"
#include "ui/words/format.h"
#include "ui/words/language.h"
#include "ui/words/message.h"
#include "ui/words/run_words.h"

#include <QFont>

#include <algorithm>
#include <array>

namespace pissarro::ui {

RunsModel::Row RunsModel::rowOf(const std::shared_ptr<const core::ListedRun>& listed,
                                const core::RunMark& mark)
{
    Row row;
    row.listed = listed;
    row.mark = mark;
    row.compared =
        listed->isKnown() ? comparedRun(listed->run) : comparedRun(textOf(listed->run.directory));
    row.compared.said = QString::fromStdString(mark.name);
    row.compared.color = QColor(QString::fromStdString(mark.colour));
    row.name = row.compared.said.isEmpty() ? row.compared.name : row.compared.said;
    return row;
}

RunsModel::Row RunsModel::rowOf(const QString& othersPath, const core::RunMark& mark)
{
    Row row;
    row.mark = mark;
    row.compared = comparedRun(othersPath);
    row.compared.said = QString::fromStdString(mark.name);
    row.compared.color = QColor(QString::fromStdString(mark.colour));
    row.name = row.compared.said.isEmpty() ? row.compared.name : row.compared.said;
    return row;
}

RunsModel::RunsModel(QObject* parent)
    : QAbstractItemModel(parent)
{
}

void RunsModel::setRows(QVector<Row> rows)
{
    dress(rows);
    show(layoutOf(std::move(rows)));
}

const RunsModel::Row* RunsModel::rowAt(const QModelIndex& index) const
{
    if (!index.isValid() || index.internalId() == 0) {
        return nullptr;
    }
    return &m_shown
                .rows[m_shown.groups[static_cast<int>(index.internalId()) - 1].rows[index.row()]];
}

QModelIndex RunsModel::indexOf(const QString& path) const
{
    return placeOf({}, path, Name);
}

QVector<const RunsModel::Row*> RunsModel::shownRows() const
{
    QVector<const Row*> rows;
    for (const Group& group : m_shown.groups) {
        for (const int row : group.rows) {
            rows.append(&m_shown.rows[row]);
        }
    }
    return rows;
}

void RunsModel::setGrouping(core::RunGrouping by)
{
    m_grouping = by;
    rebuild();
}

QString RunsModel::setFilter(const QString& words)
{
    try {
        m_filter = core::RunFilter(words.toStdString());
    } catch (const core::Error& e) {
        return QString::fromStdString(e.what());
    }
    rebuild();
    return {};
}

void RunsModel::setArchivedShown(bool on)
{
    m_archivedShown = on;
    rebuild();
}

void RunsModel::setGone(const QStringList& folders)
{
    if (std::exchange(m_gone, folders) != folders) {
        rebuild();
    }
}

void RunsModel::setFacts(const QHash<QString, OverlayFacts>& facts)
{
    m_facts = facts;
    tellAll();
}

void RunsModel::setDrawn(const QStringList& paths)
{
    QStringList once = paths;
    once.removeDuplicates();
    if (std::exchange(m_drawn, once) != once) {
        dress(m_shown.rows);
        tellAll();
        Q_EMIT drawnChanged();
    }
}

QVector<ComparedRun> RunsModel::drawnRuns() const
{
    QHash<QString, const Row*> known;
    for (const Row& row : m_shown.rows) {
        known.insert(row.compared.run.path, &row);
    }
    QVector<ComparedRun> runs;
    for (const QString& path : m_drawn) {
        if (const Row* const row = known.value(path)) {
            runs.append(row->compared);
        }
    }
    return runs;
}

void RunsModel::showTheme()
{
    dress(m_shown.rows);
    tellAll();
}

void RunsModel::dress(QVector<Row>& rows) const
{
    QHash<QString, ComparedRun*> known;
    for (Row& row : rows) {
        known.insert(row.compared.run.path, &row.compared);
    }
    QVector<ComparedRun*> drawn;
    for (const QString& path : m_drawn) {
        if (ComparedRun* const run = known.value(path)) {
            drawn.append(run);
        }
    }
    dressRuns(drawn);
}

void RunsModel::tellAll()
{
    const int last = columnCount() - 1;
    if (m_shown.groups.isEmpty()) {
        return;
    }
    Q_EMIT dataChanged(index(0, 0), index(static_cast<int>(m_shown.groups.size()) - 1, last));
    for (int group = 0; group < m_shown.groups.size(); ++group) {
        const QModelIndex parent = index(group, 0);
        if (const int rows = rowCount(parent); rows > 0) {
            Q_EMIT dataChanged(index(0, 0, parent), index(rows - 1, last, parent));
        }
    }
}

// --- Groups

bool RunsModel::Layout::isLike(const Layout& other) const
{
    return places == other.places && groups.size() == other.groups.size()
        && std::equal(
               groups.begin(), groups.end(), other.groups.begin(),
               [](const Group& a, const Group& b) { return a.key == b.key && a.rows == b.rows; });
}

RunsModel::Layout RunsModel::layoutOf(QVector<Row> rows) const
{
    Layout layout;
    layout.rows = std::move(rows);
    const QVector<Row>& all = layout.rows; // shared with what is shown, perhaps
    layout.groups = groupsOf(all, sortedRows(all));
    for (int place = 0; place < layout.groups.size(); ++place) {
        Group& group = layout.groups[place];
        describe(all, group);
        for (int row = 0; row < group.rows.size(); ++row) {
            layout.places.insert(all[group.rows[row]].compared.run.path, {place, row});
        }
    }
    return layout;
}

void RunsModel::rebuild()
{
    show(layoutOf(m_shown.rows));
}

void RunsModel::show(Layout next)
{
    if (next.isLike(m_shown)) {
        m_shown = std::move(next);
        tellAll();
        return;
    }
    Q_EMIT layoutAboutToBeChanged();
    const QModelIndexList before = persistentIndexList();
    QVector<std::pair<QString, QString>> kept; // key of the group, or path of the run
    for (const QModelIndex& one : before) {
        const Row* const row = rowAt(one);
        kept.append(row == nullptr ? std::pair(m_shown.groups[one.row()].key, QString())
                                   : std::pair(QString(), row->compared.run.path));
    }
    m_shown = std::move(next);
    QModelIndexList after;
    for (qsizetype i = 0; i < before.size(); ++i) {
        after.append(placeOf(kept[i].first, kept[i].second, before[i].column()));
    }
    changePersistentIndexList(before, after);
    Q_EMIT layoutChanged();
    Q_EMIT rebuilt();
}

// Of the group of that key, or of the run with that path.
QModelIndex RunsModel::placeOf(const QString& key, const QString& path, int column) const
{
    if (path.isEmpty()) {
        for (int group = 0; group < m_shown.groups.size(); ++group) {
            if (m_shown.groups[group].key == key) {
                return index(group, column);
            }
        }
        return {};
    }
    const auto place = m_shown.places.constFind(path);
    return place == m_shown.places.constEnd()
        ? QModelIndex()
        : index(place->second, column, index(place->first, 0));
}

// --- As a model

QModelIndex RunsModel::index(int row, int column, const QModelIndex& parent) const
{
    if (!hasIndex(row, column, parent)) {
        return {};
    }
    return createIndex(row, column,
                       parent.isValid() ? static_cast<quintptr>(parent.row() + 1) : quintptr {0});
}

QModelIndex RunsModel::parent(const QModelIndex& child) const
{
    return child.isValid() && child.internalId() > 0
        ? createIndex(static_cast<int>(child.internalId()) - 1, 0, quintptr {0})
        : QModelIndex();
}

int RunsModel::rowCount(const QModelIndex& parent) const
{
    if (!parent.isValid()) {
        return static_cast<int>(m_shown.groups.size());
    }
    return parent.internalId() == 0 && parent.column() == 0
        ? static_cast<int>(m_shown.groups[parent.row()].rows.size())
        : 0;
}

int RunsModel::columnCount(const QModelIndex& /*parent*/) const
{
    return FirstOther + otherColumns();
}

QVariant RunsModel::groupData(const Group& group, int column, int role) const
{
    switch (role) {
    case Qt::DisplayRole:
        return column == Name ? group.title : column == Status ? group.status : QString();
    case MutedRole:
        return column == Name ? group.muted : QString();
    case Qt::ForegroundRole:
        return group.isGone || column == Status ? QVariant(Theme::instance().colors().muted)
                                                : QVariant();
    case Qt::FontRole:
        if (column == Name) {
            QFont bold;
            bold.setWeight(QFont::DemiBold);
            return bold;
        }
        return {};
    case Qt::ToolTipRole:
        return group.key.mid(1);
    case Qt::AccessibleTextRole:
        return column == Name ? group.title + QStringLiteral(", ") + group.muted : group.status;
    case Qt::TextAlignmentRole:
        return column == Name ? QVariant(Qt::AlignLeft | Qt::AlignVCenter)
                              : QVariant(Qt::AlignRight | Qt::AlignVCenter);
    default:
        return {};
    }
}

QVariant RunsModel::colorOf(const Row& row, int column) const
{
    const Colors& colors = Theme::instance().colors();
    if (row.listed != nullptr && (row.listed->isGone || !row.listed->problem.empty())) {
        return column == Status && !row.listed->isGone ? colors.bad : colors.muted;
    }
    if (row.mark.archived) {
        return colors.muted;
    }
    if ((column != State && column != Status) || !row.compared.own) {
        return {};
    }
    const core::RunState state = row.compared.own->state;
    return state == core::RunState::Failed || state == core::RunState::Interrupted
        ? QVariant(colors.bad)
        : core::isLive(state) ? QVariant(colors.accent)
        : column == State     ? QVariant(colors.muted)
                              : QVariant();
}

QString RunsModel::tipOf(const Row& row, int column) const
{
    QStringList lines;
    if (column == Name) {
        lines.append(row.compared.run.path);
    } else if (column != Status && column != State) {
        return cellText(row, column);
    }
    if (row.compared.own) {
        const core::RunSummary& run = *row.compared.own;
        lines.append(stateLine(run.state, run.step, run.steps));
    }
    lines.append(whyOf(row));
    const OverlayFacts facts = m_facts.value(row.compared.run.path);
    lines += QStringList {facts.trainer, facts.problem} + facts.notes;
    lines.append(QString::fromStdString(row.mark.notes));
    lines.removeAll(QString());
    return lines.join(QLatin1Char('\n'));
}

QVariant RunsModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) {
        return {};
    }
    const Row* const row = rowAt(index);
    const int column = index.column();
    if (row == nullptr) {
        return groupData(m_shown.groups[index.row()], column, role);
    }
    const QString& path = row->compared.run.path;
    const bool isDrawn = column == Name && m_drawn.contains(path);
    switch (role) {
    case Qt::DisplayRole:
        if (column == Status) {
            const auto facts = m_facts.constFind(path);
            return statusOf(*row, facts == m_facts.constEnd() ? nullptr : &*facts);
        }
        return column == Name ? row->name : cellText(*row, column);
    case Qt::CheckStateRole:
        return column == Name ? QVariant(isDrawn ? Qt::Checked : Qt::Unchecked) : QVariant();
    case Qt::DecorationRole:
        return isDrawn ? QVariant(sampleOf(row->compared.stroke)) : QVariant();
    case TagsRole: {
        QStringList tags;
        for (const std::string& tag : row->mark.tags) {
            tags.append(QString::fromStdString(tag));
        }
        return column == Name ? QVariant(tags) : QVariant();
    }
    case PinnedRole:
        return column == Name && row->mark.pinned;
    case Qt::ToolTipRole:
        return tipOf(*row, column);
    case Qt::ForegroundRole:
        return colorOf(*row, column);
    case Qt::TextAlignmentRole:
        return column == Status || isFigureColumn(column)
            ? QVariant(Qt::AlignRight | Qt::AlignVCenter)
            : QVariant(Qt::AlignLeft | Qt::AlignVCenter);
    default:
        return {};
    }
}

bool RunsModel::setData(const QModelIndex& index, const QVariant& value, int role)
{
    const Row* const row = rowAt(index);
    if (role != Qt::CheckStateRole || row == nullptr) {
        return false;
    }
    const QString path = row->compared.run.path;
    QStringList drawn = m_drawn;
    drawn.removeAll(path);
    if (value.toInt() == Qt::Checked) {
        drawn.append(path);
    }
    setDrawn(drawn);
    return true;
}

QString RunsModel::titleOfColumn(int column)
{
    static const std::array<const char*, FirstOther> kTitles {
        QT_TR_NOOP("Name"),     QT_TR_NOOP("How it stands"), QT_TR_NOOP("Method"),
        QT_TR_NOOP("Model"),    QT_TR_NOOP("Rank"),          QT_TR_NOOP("Learning rate"),
        QT_TR_NOOP("Steps"),    QT_TR_NOOP("Final loss"),    QT_TR_NOOP("Mean, last 5"),
        QT_TR_NOOP("Tokens/s"), QT_TR_NOOP("State"),         QT_TR_NOOP("Started")};
    if (const core::RunColumn* const other = otherColumn(column)) {
        const QString title = settingTitle(other->key);
        return title == QString::fromStdString(other->key) ? titleText(other->label) : title;
    }
    return column < 0 || column >= FirstOther ? QString()
                                              : tr(kTitles[static_cast<std::size_t>(column)]);
}

QVariant RunsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal) {
        return {};
    }
    if (role == Qt::TextAlignmentRole) {
        return section == Status || isFigureColumn(section)
            ? QVariant(Qt::AlignRight | Qt::AlignVCenter)
            : QVariant(Qt::AlignLeft | Qt::AlignVCenter);
    }
    if (role == Qt::ToolTipRole) {
        return section == MeanLoss
            ? tr("Mean loss of the last %n steps, nats", nullptr, pluralOf(core::RunEnd::kMeanOver))
            : section == FinalLoss ? tr("Loss of the last step, nats")
            : section == Speed     ? tr("Mean over the run")
                                   : QVariant();
    }
    return role == Qt::DisplayRole ? QVariant(titleOfColumn(section)) : QVariant();
}

Qt::ItemFlags RunsModel::flags(const QModelIndex& index) const
{
    const Qt::ItemFlags usual = QAbstractItemModel::flags(index);
    return rowAt(index) != nullptr && index.column() == Name ? usual | Qt::ItemIsUserCheckable
                                                             : usual;
}

void RunsModel::sort(int column, Qt::SortOrder order)
{
    if (column >= 0) {
        m_sortColumn = column;
        m_order = order;
        rebuild();
    }
}

} // namespace pissarro::ui
