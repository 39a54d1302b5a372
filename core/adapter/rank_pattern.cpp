// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/adapter/rank_pattern.h"

#include "core/base/error.h"
#include "core/io/message_text.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <regex>

namespace pissarro::core {

namespace {

using nlohmann::json;

constexpr std::size_t kLongestKey = 1000; // std::regex recurses

template <class Value>
const Value* firstMatch(const std::map<std::string, Value>& patterns, const std::string& module)
{
    // Most maps name whole modules: found without trying every key.
    if (const auto exact = patterns.find(module); exact != patterns.end()) {
        return &exact->second;
    }
    for (const auto& [key, value] : patterns) {
        if (patternMatches(key, module)) {
            return &value;
        }
    }
    return nullptr;
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
    if (key.empty() || key.size() > kLongestKey) {
        return false;
    }
    if (module.ends_with(key)
        && (module.size() == key.size() || module[module.size() - key.size() - 1] == '.')) {
        return true;
    }
    // Plain names, dots included, match only literally or by another character in a dot's place, which no module has.
    if (key.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.")
        == std::string::npos) {
        return false;
    }
    try {
        return std::regex_match(module, std::regex("(.*\\.)?(" + key + ")$"));
    } catch (const std::regex_error&) {
        return false;
    }
}

RankAndAlpha rankAndAlphaOf(const std::string& module, std::int64_t rank, double alpha,
                            const RankPatterns& patterns)
{
    const std::int64_t* ownRank = firstMatch(patterns.ranks, module);
    const double* ownAlpha = firstMatch(patterns.alphas, module);
    return {ownRank != nullptr ? *ownRank : rank, ownAlpha != nullptr ? *ownAlpha : alpha};
}

std::int64_t adapterParameters(const std::vector<LinearModule>& modules, std::int64_t rank,
                               const RankPatterns& patterns)
{
    std::int64_t sum = 0;
    for (const LinearModule& module : modules) {
        const std::int64_t own = rankAndAlphaOf(module.name, rank, 0.0, patterns).rank;
        sum += std::min(own, module.smallerSide()) * (module.rows + module.cols);
    }
    return sum;
}

void checkRanks(const std::vector<LinearModule>& modules, std::int64_t rank,
                const RankPatterns& patterns)
{
    for (const LinearModule& module : modules) {
        const std::int64_t own = rankAndAlphaOf(module.name, rank, 0.0, patterns).rank;
        if (own < 1 || own > module.smallerSide()) {
            throw Error(ErrorKind::InvalidArgument,
                        "rank " + std::to_string(own) + " does not fit " + module.name + " of "
                            + std::to_string(module.rows) + " x " + std::to_string(module.cols)
                            + " (expected 1 to " + std::to_string(module.smallerSide())
                            + "); choose a smaller rank or other modules");
        }
    }
    const auto requireUsed = [&](const char* pattern, const std::string& key) {
        const bool used = std::any_of(modules.begin(), modules.end(), [&](const auto& module) {
            return patternMatches(key, module.name);
        });
        if (!used) {
            throw Error(ErrorKind::InvalidArgument,
                        std::string(pattern) + " names " + shownText(key)
                            + ", which is none of the modules that train; is it a rank map of "
                              "another model?");
        }
    };
    for (const auto& [key, own] : patterns.ranks) {
        requireUsed("rank_pattern", key);
    }
    for (const auto& [key, alpha] : patterns.alphas) {
        requireUsed("alpha_pattern", key);
    }
}

RankPatterns rankPatternsFromJson(std::string_view text)
{
    const json document = json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (!document.is_object() || !document.value("rank_pattern", json()).is_object()) {
        throw Error(ErrorKind::Format,
                    "is no rank map (expected a JSON object with rank_pattern, as pissarro-cli "
                    "advise writes it)");
    }
    RankPatterns patterns;
    for (const auto& [key, value] : document["rank_pattern"].items()) {
        if (!value.is_number_integer() || value.get<std::int64_t>() < 1
            || value.get<std::int64_t>() > 65'536) {
            bad("rank_pattern", key, "whole number from 1 to 65536");
        }
        patterns.ranks[key] = value.get<std::int64_t>();
    }
    const json alphas = document.value("alpha_pattern", json::object());
    if (!alphas.is_object()) {
        throw Error(ErrorKind::Format, "has an alpha_pattern that is no JSON object");
    }
    for (const auto& [key, value] : alphas.items()) {
        if (!value.is_number() || !(value.get<double>() > 0.0) || value.get<double>() > 1e6) {
            bad("alpha_pattern", key, "number above 0 and at most 1e6");
        }
        patterns.alphas[key] = value.get<double>();
    }
    return patterns;
}

} // namespace pissarro::core
