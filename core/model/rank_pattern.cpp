// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/rank_pattern.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/file/atomic_file.h"
#include "core/format/module_pattern.h"
#include "core/text/json_text.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

namespace pissarro::core::inline model {

namespace {

using json = nlohmann::ordered_json; // the first key of the file counts

constexpr std::size_t kMostCompiled = 8192; // patterns kept by patternMatches()

// Places of the entries that name the module, in the order of the map.
template <class Value>
std::vector<std::size_t> matchesOf(const PatternValues<Value>& patterns, const std::string& module)
{
    const std::size_t own = patterns.placeOf(module);
    std::vector<std::size_t> places;
    for (const std::size_t place : patterns.wide()) {
        if (place == own || patternMatches(patterns.at(place).first, module)) {
            places.push_back(place);
        }
    }
    if (own < patterns.size() && !std::binary_search(places.begin(), places.end(), own)) {
        places.insert(std::upper_bound(places.begin(), places.end(), own), own);
    }
    return places;
}

template <class Value>
const Value* firstMatch(const PatternValues<Value>& patterns, const std::string& module)
{
    const std::vector<std::size_t> places = matchesOf(patterns, module);
    return places.empty() ? nullptr : &patterns.at(places.front()).second;
}

template <class Value>
void checkPattern(const char* pattern, const PatternValues<Value>& values,
                  const std::vector<LinearModule>& modules)
{
    for (const auto& entry : values) {
        const ModulePattern key(entry.first);
        const bool used =
            std::any_of(modules.begin(), modules.end(),
                        [&](const LinearModule& module) { return key.matches(module.name); });
        if (!used) {
            throw Error(ErrorKind::InvalidArgument,
                        std::string(pattern) + " names " + shownText(entry.first)
                            + ", which is none of the modules that train; is it a rank map of "
                              "another model?");
        }
    }
}

template <class Value>
void addOverlaps(const char* pattern, const PatternValues<Value>& values,
                 const std::vector<LinearModule>& modules, std::vector<std::string>& lines)
{
    std::set<std::pair<std::string, std::string>> told;
    for (const LinearModule& module : modules) {
        const std::vector<std::size_t> places = matchesOf(values, module.name);
        for (const std::size_t place : places) {
            const auto& [firstKey, firstValue] = values.at(places.front());
            const auto& [key, value] = values.at(place);
            if (value != firstValue && told.emplace(firstKey, key).second) {
                lines.push_back(std::string(pattern) + ": " + shownText(firstKey) + " and "
                                + shownText(key) + " both name " + module.name
                                + "; the first of the file counts, as in PEFT");
            }
        }
    }
}

[[noreturn]] void bad(const std::string& key, const std::string& name, const char* expected)
{
    throw Error(ErrorKind::Format,
                key + " of " + shownText(name) + " is no " + expected
                    + " (expected {\"rank_pattern\": {module: rank}, \"alpha_pattern\": {module: "
                      "alpha}})");
}

} // namespace

bool patternMatches(const std::string& key, const std::string& module)
{
    // The same few keys are asked for each module of a model: each is compiled once.
    thread_local std::unordered_map<std::string, std::optional<ModulePattern>> compiled;
    try {
        auto found = compiled.find(key);
        if (found == compiled.end()) {
            if (compiled.size() >= kMostCompiled) {
                compiled.clear();
            }
            found = compiled.emplace(key, std::nullopt).first;
            found->second.emplace(key);
        }
        return found->second && found->second->matches(module);
    } catch (const Error&) {
        return false; // rankPatternsFromJson(), checkSpec() and checkRanks() say what is wrong
    }
}

RankAndAlpha rankAndAlphaOf(const std::string& module, std::int64_t rank, double alpha,
                            const RankPatterns& patterns)
{
    const std::int64_t* ownRank = firstMatch(patterns.ranks, module);
    const double* ownAlpha = firstMatch(patterns.alphas, module);
    return {ownRank != nullptr ? *ownRank : rank, ownAlpha != nullptr ? *ownAlpha : alpha};
}

double adapterScale(double alpha, std::int64_t rank, bool rslora)
{
    const auto r = static_cast<double>(rank);
    return alpha / (rslora ? std::sqrt(r) : r);
}

std::int64_t adapterRank(const LinearModule& module, std::int64_t rank,
                         const RankPatterns& patterns)
{
    return std::min(rankAndAlphaOf(module.name, rank, 0.0, patterns).rank, module.smallerSide());
}

std::int64_t adapterParameters(const std::vector<LinearModule>& modules, std::int64_t rank,
                               const RankPatterns& patterns)
{
    std::int64_t sum = 0;
    for (const LinearModule& module : modules) {
        sum += adapterRank(module, rank, patterns) * (module.rows + module.cols);
    }
    return sum;
}

void checkRanks(const std::vector<LinearModule>& modules, std::int64_t rank,
                const RankPatterns& patterns)
{
    checkPattern("rank_pattern", patterns.ranks, modules);
    checkPattern("alpha_pattern", patterns.alphas, modules);
    for (const LinearModule& module : modules) {
        const std::int64_t own = rankAndAlphaOf(module.name, rank, 0.0, patterns).rank;
        if (own < 1 || own > module.smallerSide()) {
            throw Error(
                ErrorKind::InvalidArgument,
                fmt::format("rank {} does not fit {} of {} x {} (expected 1 to {}); choose a "
                            "smaller rank or other modules",
                            own, module.name, module.rows, module.cols, module.smallerSide()));
        }
    }
}

std::vector<std::string> overlapsOf(const std::vector<LinearModule>& modules,
                                    const RankPatterns& patterns)
{
    std::vector<std::string> lines;
    addOverlaps("rank_pattern", patterns.ranks, modules, lines);
    addOverlaps("alpha_pattern", patterns.alphas, modules, lines);
    return lines;
}

RankPatterns rankPatternsFromJson(std::string_view text)
{
    OrderedDocument parsed;
    try {
        parsed = parseDocument(text); // within limits of depth and size
    } catch (const Error&) {
    }
    json& document = parsed.value;
    if (!document.is_object() || !document.value("rank_pattern", json()).is_object()) {
        throw Error(ErrorKind::Format,
                    "is no rank map (expected a JSON object with rank_pattern, as pissarro-cli "
                    "advise writes it)");
    }
    refuseRepeated(parsed);
    RankPatterns patterns;
    for (const auto& [key, value] : document["rank_pattern"].items()) {
        const std::int64_t rank = jsonAs<std::int64_t>(value).value_or(0);
        if (rank < 1 || rank > 65'536) {
            bad("rank_pattern", key, "whole number from 1 to 65536");
        }
        patterns.ranks[ModulePattern(key).key()] = rank;
    }
    const json alphas = document.value("alpha_pattern", json::object());
    if (!alphas.is_object()) {
        throw Error(ErrorKind::Format, "has an alpha_pattern that is no JSON object");
    }
    for (const auto& [key, value] : alphas.items()) {
        const double alpha = jsonAs<double>(value).value_or(0.0);
        if (!(alpha > 0.0) || alpha > 1e6) {
            bad("alpha_pattern", key, "number above 0 and at most 1e6");
        }
        patterns.alphas[ModulePattern(key).key()] = alpha;
    }
    return patterns;
}

RankPatterns readRankPatterns(const std::filesystem::path& path)
{
    constexpr std::uint64_t kLargestMap = 64ULL << 20;
    const std::string text = readWholeFile(path, kLargestMap);
    try {
        return rankPatternsFromJson(text);
    } catch (const Error& error) {
        throw error.within(path.string());
    }
}

} // namespace pissarro::core::inline model
