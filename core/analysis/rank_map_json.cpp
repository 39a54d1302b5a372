// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/analysis/rank_map_json.h"

namespace pissarro::core::inline analysis {

nlohmann::ordered_json rankMapJson(const RankMap& map, double scale)
{
    nlohmann::ordered_json document;
    document["rank_pattern"] = map.ranks;
    nlohmann::ordered_json alphas = nlohmann::ordered_json::object();
    for (const auto& [module, rank] : map.ranks) {
        alphas[module] = scale * static_cast<double>(rank);
    }
    document["alpha_pattern"] = alphas;
    document["parameters"] = map.parameters;
    document["reason"] = map.reason;
    document["reference"] = map.reference;
    return document;
}

} // namespace pissarro::core::inline analysis
