// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/model_files.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace pissarro::core {

// Whether a key can name other modules than the one of this very name: module paths begin with "model.".
bool namesMany(const std::string& key);

// Values by key in the order in which the keys were given, which counts where several match one module.
template <class Value>
class PatternValues {
public:
    using Entry = std::pair<std::string, Value>;

    PatternValues() = default;
    PatternValues(std::initializer_list<Entry> entries)
    {
        for (const Entry& entry : entries) {
            (*this)[entry.first] = entry.second;
        }
    }

    // Of a key that is there its own place, else at the end.
    Value& operator[](const std::string& key)
    {
        const auto [found, isNew] = m_places.emplace(key, m_entries.size());
        if (isNew) {
            if (namesMany(key)) {
                m_wide.push_back(m_entries.size());
            }
            m_entries.emplace_back(key, Value());
        }
        return m_entries[found->second].second;
    }
    // Where the key stands; size(): nowhere.
    std::size_t placeOf(const std::string& key) const
    {
        const auto found = m_places.find(key);
        return found == m_places.end() ? m_entries.size() : found->second;
    }
    const Entry& at(std::size_t place) const { return m_entries.at(place); }
    // Places of the keys that namesMany(), in order: most maps name whole modules, and have none.
    const std::vector<std::size_t>& wide() const { return m_wide; }

    auto begin() const { return m_entries.begin(); }
    auto end() const { return m_entries.end(); }
    std::size_t size() const { return m_entries.size(); }
    bool empty() const { return m_entries.empty(); }
    void clear() { *this = {}; }
    template <class Predicate>
    void eraseIf(const Predicate& goes)
    {
        PatternValues kept;
        for (const Entry& entry : m_entries) {
            if (!goes(entry)) {
                kept[entry.first] = entry.second;
            }
        }
        *this = std::move(kept);
    }
    bool operator==(const PatternValues& other) const { return m_entries == other.m_entries; }

private:
    std::vector<Entry> m_entries;
    std::unordered_map<std::string, std::size_t> m_places;
    std::vector<std::size_t> m_wide;
};

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

} // namespace pissarro::core
