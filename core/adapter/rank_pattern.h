// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/model_files.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace pissarro::core {

// Ranks and alphas of single modules where they differ from a run's own: PEFT's rank_pattern and alpha_pattern.
// A key is a module path or its end ("q_proj", "layers.3.mlp.up_proj"), or, as in PEFT, a regular expression for that.
struct RankPatterns {
    std::map<std::string, std::int64_t> ranks;
    std::map<std::string, double> alphas;

    bool empty() const { return ranks.empty() && alphas.empty(); }
    bool operator==(const RankPatterns&) const = default;
};

// PEFT's rule (get_pattern_key): `key` matches the whole path of a module, or its end from a dot on; taken literally
// first, then as a regular expression. What is no regular expression matches nothing else.
bool patternMatches(const std::string& key, const std::string& module);

// What one module is given.
struct RankAndAlpha {
    std::int64_t rank = 0;
    double alpha = 0.0;
};
// The first matching key of each pattern wins, in the order of the keys; else the run's own.
RankAndAlpha rankAndAlphaOf(const std::string& module, std::int64_t rank, double alpha,
                            const RankPatterns& patterns);

// Trainable parameters of adapters on `modules`: sum of rank (rows + cols).
std::int64_t adapterParameters(const std::vector<LinearModule>& modules, std::int64_t rank,
                               const RankPatterns& patterns = {});

// Checks the rank of every module, and that each key names one.
// Throws: Error{InvalidArgument} naming the first module that is too small, or the key.
void checkRanks(const std::vector<LinearModule>& modules, std::int64_t rank,
                const RankPatterns& patterns);

// Reads {"rank_pattern": {…}, "alpha_pattern": {…}}, further keys left out: what `advise -o` and the Spectrum page write,
// and a PEFT adapter_config.json too.
// Throws: Error{Format} saying what is wrong, without the file's name.
RankPatterns rankPatternsFromJson(std::string_view text);

} // namespace pissarro::core
