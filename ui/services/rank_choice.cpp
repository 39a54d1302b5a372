// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/rank_choice.h"

#include "ui/services/announce.h"

#include <utility>

namespace pissarro::ui {

void RankChoice::setRank(int rank)
{
    if (rank >= 1 && std::exchange(m_rank, rank) != rank) {
        announce(this, &RankChoice::rankChanged, rank);
    }
}

void RankChoice::setMap(const core::RankMap& map)
{
    const bool same = map.ranks == m_map.ranks && map.reason == m_map.reason;
    if (!same) {
        m_map = map;
        announce(this, &RankChoice::mapChanged);
    }
}

core::RankPatterns RankChoice::patterns() const
{
    core::RankPatterns patterns;
    for (const auto& [module, rank] : m_map.ranks) {
        patterns.ranks[module] = rank;
        patterns.alphas[module] = static_cast<double>(rank);
    }
    return patterns;
}

void RankChoice::setSlice(double slice)
{
    if (std::exchange(m_slice, slice) != slice) {
        announce(this, &RankChoice::sliceChanged);
    }
}

void RankChoice::takeModel(const OpenedModel& /*opened*/)
{
    m_gone = !std::exchange(m_map, {}).ranks.empty();
}

void RankChoice::tellWhatIsGone()
{
    if (std::exchange(m_gone, false)) {
        announce(this, &RankChoice::mapChanged);
    }
}

} // namespace pissarro::ui
