// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/transcript.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/file/atomic_file.h"
#include "core/text/json_text.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"

#include <utility>

namespace pissarro::core::inline evaluate {

namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::uint64_t kLargestFile = 16ULL << 30U;

ordered_json scoreJson(const Score& score)
{
    ordered_json object {
        {"extracted", score.extracted ? ordered_json(*score.extracted) : ordered_json(nullptr)},
        {"correct", score.correct}};
    if (!score.verdict.empty()) {
        object["verdict"] = score.verdict;
    }
    return object;
}

template <class T>
T fieldOf(const json& object, const char* key)
{
    auto value = object.is_object() ? jsonFieldAs<T>(object, key) : std::nullopt;
    if (!value) {
        throw Error(ErrorKind::Format, "has no \"" + std::string(key) + "\" of a transcript");
    }
    return *std::move(value);
}

json anyOf(const json& object, const char* key)
{
    const auto found = object.find(key);
    return found == object.end() ? json() : *found;
}

Score scoreFrom(const json& object)
{
    return {jsonFieldAs<std::string>(object, "extracted"), fieldOf<bool>(object, "correct"),
            jsonFieldAs<std::string>(object, "verdict").value_or(std::string())};
}

Transcript transcriptFrom(const json& line)
{
    Transcript one;
    one.model = fieldOf<std::string>(line, "model");
    one.index = fieldOf<std::int64_t>(line, "index");
    one.sample = fieldOf<std::int64_t>(line, "sample");
    one.prompt = anyOf(line, "prompt");
    one.output = anyOf(line, "output");
    one.gold = anyOf(line, "gold");
    one.tokens = fieldOf<std::int64_t>(line, "tokens");
    one.ending = fieldOf<std::string>(line, "ending");
    one.seconds = fieldOf<double>(line, "seconds");
    const json* const rules = jsonField(line, "rules");
    if (rules != nullptr && rules->is_array()) {
        for (const json& verdict : *rules) {
            one.verdicts.push_back({fieldOf<std::string>(verdict, "rule"), scoreFrom(verdict)});
        }
    }
    return one;
}

} // namespace

std::string toLine(const Transcript& one)
{
    ordered_json line {{"model", one.model},   {"index", one.index},   {"sample", one.sample},
                       {"prompt", one.prompt}, {"output", one.output}, {"gold", one.gold}};
    ordered_json rules = ordered_json::array();
    for (const RuleVerdict& verdict : one.verdicts) {
        ordered_json rule {{"rule", verdict.rule}};
        rule.update(scoreJson(verdict.score));
        rules.push_back(std::move(rule));
    }
    if (!one.verdicts.empty()) { // the one that makes the score, where scripts look for it
        line.update(scoreJson(one.verdicts.front().score));
        line["rules"] = std::move(rules);
    }
    line["tokens"] = one.tokens;
    line["ending"] = one.ending;
    line["seconds"] = one.seconds;
    return line.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

std::vector<Transcript> readTranscripts(const std::filesystem::path& folder, bool cutTorn)
{
    const std::filesystem::path file = folder / kTranscriptsFile;
    std::vector<Transcript> transcripts;
    std::error_code ignored;
    if (!std::filesystem::exists(file, ignored)) {
        return transcripts;
    }
    const std::string text = readWholeFile(file, kLargestFile);
    std::size_t begin = 0;
    std::int64_t number = 0;
    for (std::size_t end = text.find('\n'); end != std::string::npos;
         end = text.find('\n', begin)) {
        const std::string_view line = std::string_view(text).substr(begin, end - begin);
        ++number;
        try {
            transcripts.push_back(transcriptFrom(parseJson(line)));
        } catch (const Error& e) {
            throw Error(
                e.kind(),
                fmt::format("{}: line {}: {}; take that line out, and its question is asked "
                            "again",
                            shownPath(file), number, e.what()));
        }
        begin = end + 1;
    }
    if (cutTorn && begin < text.size()) {
        writeFileAtomically(file, std::string_view(text).substr(0, begin));
    }
    return transcripts;
}

} // namespace pissarro::core::inline evaluate
