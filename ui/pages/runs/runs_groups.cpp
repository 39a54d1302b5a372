// SPDX-License-Identifier: GPL-3.0-or-later
// Which runs are shown, in which order and in which groups.
#include "ui/pages/runs/run_cells.h"
#include "ui/pages/runs/runs_model.h"
#include "ui/words/format.h"
#include "ui/words/language.h"

#include <algorithm>
#include <map>

namespace pissarro::ui {

namespace {

const QString kPinned = QStringLiteral("\x01"); // a key of no folder; others begin with another

// Numbers as numbers, texts as a person would; what is not told behind all that is, whichever way.
bool isLess(const QVariant& a, const QVariant& b)
{
    return a.typeId() == QMetaType::Double && b.typeId() == QMetaType::Double
        ? a.toDouble() < b.toDouble()
        : a.toString().compare(b.toString(), Qt::CaseInsensitive) < 0;
}

} // namespace

bool RunsModel::isShown(const Row& row) const
{
    if (row.mark.archived && !m_archivedShown) {
        return false;
    }
    return row.compared.own ? m_filter.keeps(*row.compared.own, row.mark)
                            : m_filter.keepsOthers(row.compared.run.path.toStdString(), row.mark);
}

QVector<int> RunsModel::sortedRows(const QVector<Row>& all) const
{
    QVector<int> rows;
    QVector<QVariant> orders(all.size());
    std::map<std::filesystem::path, std::string> starts; // of twins: when the first of them began
    for (int i = 0; i < all.size(); ++i) {
        if (isShown(all[i])) {
            rows.append(i);
            orders[i] = cellOrder(all[i], m_sortColumn);
        }
        if (const auto& own = all[i].compared.own) {
            std::string& first = starts[own->directory.parent_path()];
            first = first.empty() ? own->startedAt : std::min(first, own->startedAt);
        }
    }
    if (m_sortColumn == Started) { // twins stay together, in the order of all methods
        for (const int i : rows) {
            const auto& own = all[i].compared.own;
            if (own && own->directory.filename() == core::methodName(own->spec.method)) {
                const auto place = static_cast<char16_t>(u'9' - core::placeOf(own->spec.method));
                orders[i] =
                    QString::fromStdString(starts[own->directory.parent_path()]) + QChar(place);
            }
        }
    }
    std::stable_sort(rows.begin(), rows.end(), [&](int a, int b) {
        if (orders[a].isValid() != orders[b].isValid()) {
            return orders[a].isValid();
        }
        return m_order == Qt::AscendingOrder ? isLess(orders[a], orders[b])
                                             : isLess(orders[b], orders[a]);
    });
    return rows;
}

QVector<RunsModel::Group> RunsModel::groupsOf(const QVector<Row>& all,
                                              const QVector<int>& rows) const
{
    QVector<Group> groups;
    Group pinned;
    pinned.key = kPinned;
    pinned.title = tr("Pinned");
    QHash<QString, qsizetype> known;
    Group others; // behind all that are ours
    others.key = QStringLiteral("\x02");
    others.title = tr("From elsewhere");
    for (const int i : rows) {
        const Row& row = all[i];
        if (row.mark.pinned) {
            pinned.rows.append(i);
            continue;
        }
        if (row.listed == nullptr || row.listed->isOthers) {
            others.rows.append(i);
            continue;
        }
        const core::RunGroup group = core::groupOf(*row.listed, m_grouping);
        const QString key = QLatin1Char('/') + QString::fromStdString(group.key);
        if (!known.contains(key)) {
            known.insert(key, groups.size());
            Group fresh;
            fresh.key = key;
            fresh.title = m_grouping == core::RunGrouping::None
                ? tr("All runs")
                : QString::fromStdString(group.title);
            groups.append(fresh);
        }
        groups[known[key]].rows.append(i);
    }
    if (!pinned.rows.isEmpty()) {
        groups.prepend(pinned);
    }
    if (!others.rows.isEmpty()) {
        groups.append(others);
    }
    for (const QString& folder : m_gone) {
        const bool isThere = std::any_of(rows.begin(), rows.end(), [&](int i) {
            return all[i].listed != nullptr && textOf(all[i].listed->root) == folder;
        });
        if (!isThere) {
            Group gone;
            gone.key = QStringLiteral("\x03") + folder;
            gone.title = folder.section(QLatin1Char('/'), -1);
            gone.isGone = true;
            groups.append(gone);
        }
    }
    return groups;
}

void RunsModel::describe(const QVector<Row>& all, Group& group)
{
    int ended = 0;
    int gone = 0;
    for (const int i : group.rows) {
        const Row& row = all[i];
        ended += row.compared.own && core::isLive(row.compared.own->state) ? 0 : 1;
        gone += row.listed != nullptr && row.listed->isGone ? 1 : 0;
    }
    group.isGone = gone == group.rows.size();
    group.muted = group.rows.isEmpty()
        ? tr("its folder is not there now")
        : tr("%1 runs", nullptr, pluralOf(group.rows.size())).arg(formatCount(group.rows.size()));
    if (ended < group.rows.size()) {
        group.status = tr("%1 of %2", "runs that have ended")
                           .arg(formatCount(ended), formatCount(group.rows.size()));
    }
}

} // namespace pissarro::ui
