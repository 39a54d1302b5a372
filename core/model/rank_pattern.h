// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/format/pattern_values.h"
#include "core/model/model_files.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline model {

// Ranks and alphas of single modules where they differ from a run's own: PEFT's rank_pattern and alpha_pattern.
// A key is a module path or its end ("q_proj", "layers.3.mlp.up_proj"), or, as in PEFT, a regular expression for that.
struct RankPatterns {
    PatternValues<std::int64_t> ranks;
    PatternValues<double> alphas;

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
// The first matching key of each pattern wins, in the order of the file as in PEFT; else the run's own.
RankAndAlpha rankAndAlphaOf(const std::string& module, std::int64_t rank, double alpha,
                            const RankPatterns& patterns);

// What B A is multiplied with. Formula: alpha / rank; rsLoRA (arXiv:2312.03732): alpha / sqrt(rank).
double adapterScale(double alpha, std::int64_t rank, bool rslora);

// The rank of the adapter on a module: as asked for, but no more than its smaller side.
std::int64_t adapterRank(const LinearModule& module, std::int64_t rank,
                         const RankPatterns& patterns = {});
// Trainable parameters of adapters on `modules`: sum of rank (rows + cols).
std::int64_t adapterParameters(const std::vector<LinearModule>& modules, std::int64_t rank,
                               const RankPatterns& patterns = {});

// Checks the rank of every module, and that each key names one.
// Throws: Error{InvalidArgument} naming the first module that is too small, or the key.
void checkRanks(const std::vector<LinearModule>& modules, std::int64_t rank,
                const RankPatterns& patterns);

// What a person should know of keys that give a module different values: which of them counts, a line for each pair.
std::vector<std::string> overlapsOf(const std::vector<LinearModule>& modules,
                                    const RankPatterns& patterns);

// Reads {"rank_pattern": {…}, "alpha_pattern": {…}}, further keys left out: what `advise -o` and the Spectrum page write,
// and a PEFT adapter_config.json too.
// Throws: Error{Format} saying what is wrong, without the file's name.
RankPatterns rankPatternsFromJson(std::string_view text);
// The same of a file of at most 64 MiB. Throws: Error{Io}; Error{Format}; both begin with the path.
RankPatterns readRankPatterns(const std::filesystem::path& path);

} // namespace pissarro::core::inline model
