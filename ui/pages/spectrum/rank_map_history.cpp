// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/pages/spectrum/rank_map_history.h"

#include "ui/shell/workbench.h"

#include <QScopedValueRollback>

#include <utility>

namespace pissarro::ui {

namespace {

constexpr std::size_t kMost = 100; // of 210 entries each: a megabyte

// Matrices whose ranks differ; empty too where one of the maps is.
std::set<std::string> changedBetween(const core::RankMap& before, const core::RankMap& after)
{
    std::set<std::string> changed;
    for (const auto& [module, rank] : after.ranks) {
        const auto was = before.ranks.find(module);
        if (was != before.ranks.end() && was->second != rank) {
            changed.insert(module);
        }
    }
    return changed;
}

} // namespace

RankMapHistory::RankMapHistory(Workbench& workbench, QObject* parent)
    : QObject(parent)
    , m_workbench(workbench)
    , m_now(workbench.rankMap())
{
    connect(&m_workbench, &Workbench::rankMapChanged, this, &RankMapHistory::remember);
    connect(&m_workbench, &Workbench::modelOpened, this, &RankMapHistory::forget);
}

void RankMapHistory::remember()
{
    const core::RankMap& map = m_workbench.rankMap();
    if (m_moving) {
        m_now = map;
        return;
    }
    std::set<std::string> touched = changedBetween(m_now, map);
    const bool goesOn =
        !touched.empty() && touched == m_touched && m_now.reason == map.reason && !m_past.empty();
    if (!goesOn && m_now.ranks != map.ranks) {
        m_past.push_back(m_now);
        if (m_past.size() > kMost) {
            m_past.erase(m_past.begin());
        }
    }
    m_touched = std::move(touched);
    m_future.clear();
    m_now = map;
    Q_EMIT changed();
}

void RankMapHistory::forget()
{
    m_past.clear();
    m_future.clear();
    m_touched.clear();
    m_now = m_workbench.rankMap();
    Q_EMIT changed();
}

void RankMapHistory::move(std::vector<core::RankMap>& from, std::vector<core::RankMap>& to)
{
    if (from.empty()) {
        return;
    }
    to.push_back(m_now);
    const core::RankMap map = std::move(from.back());
    from.pop_back();
    m_touched.clear();
    {
        const QScopedValueRollback<bool> moving(m_moving, true);
        m_workbench.setRankMap(map);
    }
    Q_EMIT changed();
}

void RankMapHistory::undo()
{
    move(m_past, m_future);
}

void RankMapHistory::redo()
{
    move(m_future, m_past);
}

core::RankMap RankMapHistory::lastMap() const
{
    return m_now.ranks.empty() && !m_past.empty() ? m_past.back() : core::RankMap {};
}

} // namespace pissarro::ui
