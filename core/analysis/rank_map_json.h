// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/rank_map.h"

#include <nlohmann/json.hpp>

namespace pissarro::core::inline analysis {

// {"rank_pattern": …, "alpha_pattern": …, "parameters", "reason", "reference"}: what a training takes as its map of ranks. The
// alpha of a matrix is `scale` times its rank.
nlohmann::ordered_json rankMapJson(const RankMap& map, double scale = 1.0);

} // namespace pissarro::core::inline analysis
