// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compare/rank_proposal.h"

#include "core/base/error.h"
#include "core/base/fmt.h"

#include <algorithm>

namespace pissarro::core::inline compare {

std::int64_t adapterParameters(const StateUpdate& state)
{
    std::int64_t sum = 0;
    for (const ModuleUpdate& one : state.modules) {
        sum += one.rank * (one.module.rows + one.module.cols);
    }
    return sum;
}

RankMap ranksByUpdate(const StateUpdate& state, double share)
{
    std::vector<RankCandidate> candidates;
    for (const ModuleUpdate& one : state.modules) {
        if (one.rank == 0) {
            throw Error(ErrorKind::InvalidArgument,
                        "a run that trained whole matrices has no ranks to make smaller (expected "
                        "one with adapters)");
        }
        candidates.push_back({one.module, &one.delta});
    }
    RankMap map = ranksByEnergy(candidates, share);
    map.parameters = 0;
    for (const ModuleUpdate& one : state.modules) {
        std::int64_t& rank = map.ranks.at(one.module.name);
        rank = std::min(rank, one.rank);
        map.parameters += rank * (one.module.rows + one.module.cols);
    }
    const double before = static_cast<double>(adapterParameters(state));
    map.reason = fmt::format(
        "The smallest rank of each matrix that keeps {:.4g} % of the energy of what training "
        "changed there ({}), at most the rank that it had: {}, {:.0f} % fewer parameters.",
        100.0 * share, state.title, rangeOf(map),
        100.0 * (1.0 - static_cast<double>(map.parameters) / before));
    return map;
}

} // namespace pissarro::core::inline compare
