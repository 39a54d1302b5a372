// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/evaluate/transcript.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/file/line_pieces.h"
#include "core/file/regular_file.h"
#include "core/text/json_text.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"

#include <optional>
#include <utility>

namespace pissarro::core::inline evaluate {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using nlohmann::ordered_json;

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

// Reads a file line by line, however long it is.
class TranscriptReader {
public:
    TranscriptReader(const fs::path& file, const JobContext& job)
        : m_path(file)
        , m_job(job)
        , m_file(RegularFile::open(file))
    {
        if (!m_file) {
            throw Error(ErrorKind::Io,
                        shownPath(file) + ": cannot be read, or is not a regular file; remove it");
        }
    }

    std::vector<Transcript> all()
    {
        constexpr std::uint64_t kPiece = 4U << 20U;
        std::vector<Transcript> transcripts;
        for (;;) {
            m_job.throwIfCancelled();
            const std::string piece = m_file->read(m_read, kPiece);
            if (piece.empty()) {
                return transcripts;
            }
            m_read += piece.size();
            m_lines.add(piece, [&](const std::string& line) { transcripts.push_back(take(line)); });
            if (m_lines.rest().size() > kLongestLine) {
                ++m_number;
                refuse(ErrorKind::Format, fmt::format("is longer than {} bytes", kLongestLine));
            }
        }
    }

    bool isTorn() const { return !m_lines.rest().empty(); } // its last line has no end
    std::uint64_t wholeBytes() const { return m_read - m_lines.rest().size(); }

private:
    static constexpr std::size_t kLongestLine = 64U << 20U;

    Transcript take(const std::string& line)
    {
        ++m_number;
        try {
            return transcriptFrom(parseOwnPlain(line, m_job));
        } catch (const Error& e) {
            refuse(e.kind(), e.what());
        }
    }

    [[noreturn]] void refuse(ErrorKind kind, const std::string& why) const
    {
        throw Error(kind,
                    fmt::format("{}: line {}: {}; take that line out, and its question is asked "
                                "again",
                                shownPath(m_path), m_number, why));
    }

    const fs::path& m_path;
    const JobContext& m_job;
    std::optional<RegularFile> m_file;
    std::uint64_t m_read = 0; // bytes
    std::int64_t m_number = 0; // of lines
    LinePieces m_lines;
};

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

std::vector<Transcript> readTranscripts(const fs::path& folder, bool cutTorn, const JobContext& job)
{
    const fs::path file = folder / kTranscriptsFile;
    std::error_code ignored;
    if (!fs::exists(file, ignored)) {
        return {};
    }
    TranscriptReader reader(file, job);
    std::vector<Transcript> transcripts = reader.all();
    if (cutTorn && reader.isTorn()) {
        cutFileTo(file, reader.wholeBytes());
    }
    return transcripts;
}

} // namespace pissarro::core::inline evaluate
