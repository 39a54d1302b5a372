// SPDX-License-Identifier: GPL-3.0-or-later
// What is decided on the Spectrum page: ranks.
#include "ui/services/workbench_p.h"

namespace pissarro::ui {

int Workbench::rank() const
{
    return d->rank;
}

void Workbench::setRank(int rank)
{
    if (rank >= 1 && std::exchange(d->rank, rank) != rank) {
        d->announce(&Workbench::rankChanged, rank);
    }
}

const core::RankMap& Workbench::rankMap() const
{
    return d->rankMap;
}

void Workbench::setRankMap(const core::RankMap& map)
{
    const bool same = map.ranks == d->rankMap.ranks && map.reason == d->rankMap.reason;
    if (!same) {
        d->rankMap = map;
        d->announce(&Workbench::rankMapChanged);
    }
}

core::RankPatterns Workbench::rankPatterns() const
{
    core::RankPatterns patterns;
    for (const auto& [module, rank] : d->rankMap.ranks) {
        patterns.ranks[module] = rank;
        patterns.alphas[module] = static_cast<double>(rank);
    }
    return patterns;
}

double Workbench::slice() const
{
    return d->slice;
}

void Workbench::setSlice(double slice)
{
    if (std::exchange(d->slice, slice) != slice) {
        d->announce(&Workbench::sliceChanged);
    }
}

} // namespace pissarro::ui
