// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/adapter/rank_pattern.h"

#include "core/adapter/module_pattern.h"
#include "core/base/error.h"
#include "core/io/json_text.h"
#include "core/io/message_text.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <unordered_map>
#include <utility>

namespace pissarro::core {

namespace {

using nlohmann::json;

constexpr std::size_t kMostCompiled = 8192; // patterns kept by patternMatches()

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

// The value that the keys of one pattern give a module; all that match must give the same.
// PEFT takes the first key of the file, which a map in the order of its names has forgotten.
template <class Value>
void requireOneValue(const char* pattern, const std::vector<std::pair<ModulePattern, Value>>& keys,
                     const std::string& module)
{
    const std::pair<ModulePattern, Value>* first = nullptr;
    for (const auto& entry : keys) {
        if (!entry.first.matches(module)) {
            continue;
        }
        if (first == nullptr) {
            first = &entry;
        } else if (first->second != entry.second) {
            throw Error(ErrorKind::InvalidArgument,
                        std::string(pattern) + " is ambiguous: " + shownText(first->first.key())
                            + " and " + shownText(entry.first.key()) + " both name " + module
                            + " with different values (expected one); leave one of them out");
        }
    }
}

template <class Value>
void checkPattern(const char* pattern, const std::map<std::string, Value>& values,
                  const std::vector<LinearModule>& modules)
{
    std::vector<std::pair<ModulePattern, Value>> keys;
    for (const auto& [key, value] : values) {
        keys.emplace_back(key, value);
        const bool used =
            std::any_of(modules.begin(), modules.end(), [&](const LinearModule& module) {
                return keys.back().first.matches(module.name);
            });
        if (!used) {
            throw Error(ErrorKind::InvalidArgument,
                        std::string(pattern) + " names " + shownText(key)
                            + ", which is none of the modules that train; is it a rank map of "
                              "another model?");
        }
    }
    for (const LinearModule& module : modules) {
        requireOneValue(pattern, keys, module.name);
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
    checkPattern("rank_pattern", patterns.ranks, modules);
    checkPattern("alpha_pattern", patterns.alphas, modules);
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
}

RankPatterns rankPatternsFromJson(std::string_view text)
{
    json document;
    try {
        document = parseJson(text); // within limits of depth and size
    } catch (const Error&) {
    }
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
        patterns.ranks[ModulePattern(key).key()] = value.get<std::int64_t>();
    }
    const json alphas = document.value("alpha_pattern", json::object());
    if (!alphas.is_object()) {
        throw Error(ErrorKind::Format, "has an alpha_pattern that is no JSON object");
    }
    for (const auto& [key, value] : alphas.items()) {
        if (!value.is_number() || !(value.get<double>() > 0.0) || value.get<double>() > 1e6) {
            bad("alpha_pattern", key, "number above 0 and at most 1e6");
        }
        patterns.alphas[ModulePattern(key).key()] = value.get<double>();
    }
    return patterns;
}

} // namespace pissarro::core
