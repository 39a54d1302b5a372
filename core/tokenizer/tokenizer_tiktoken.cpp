// SPDX-License-Identifier: GPL-3.0-or-later
// Vocabularies that are ranks of byte strings: two neighbours merge when what they become has a rank, the lowest first.
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/file/atomic_file.h"
#include "core/file/json_file.h"
#include "core/text/base64.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"
#include "core/text/number_text.h"
#include "core/text/utf8.h"
#include "core/tokenizer/json_fields_p.h"
#include "core/tokenizer/tokenizer_spec_p.h"

#include <algorithm>

namespace pissarro::core::inline tokenizer {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::uint64_t kFileLimitBytes = 96U << 20U;
// The time to find a piece's merges grows with the square of its length; the longest in use have 128 bytes.
constexpr std::size_t kPieceLimitBytes = 1024;
constexpr std::int64_t kFillerLimit =
    65536; // special tokens without a name; Mistral's have 1000 in all
// Ways to cut all pieces into two others: so many a piece, and a few for small vocabularies.
constexpr std::size_t kWaysPerPiece = 8;
constexpr std::size_t kWaysFloor = 4096;

std::string inAlphabet(std::string_view bytes)
{
    std::string written;
    written.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        written += byteAlphabet()[static_cast<unsigned char>(c)];
    }
    return written;
}

// The merges that ranks stand for: of each piece, in order of rank, every way to cut it, by the ranks of the two halves.
std::vector<Merge> mergesOf(const std::vector<std::string>& ranked, std::int32_t offset)
{
    const Vocabulary byBytes(ranked);
    std::vector<Merge> merges;
    for (std::size_t rank = 0; rank < ranked.size(); ++rank) {
        const std::string_view piece = ranked[rank];
        const std::size_t first = merges.size();
        for (std::size_t cut = 1; cut < piece.size(); ++cut) {
            const std::int32_t left = byBytes.find(piece.substr(0, cut));
            const std::int32_t right = left >= 0 ? byBytes.find(piece.substr(cut)) : -1;
            if (right >= 0) {
                merges.push_back(
                    {left + offset, right + offset, static_cast<std::int32_t>(rank) + offset, 0});
            }
        }
        if (merges.size() > kWaysPerPiece * ranked.size() + kWaysFloor) {
            throw Error(ErrorKind::Format,
                        fmt::format("has {} pieces that merge in more than {} ways (expected at "
                                    "most {} for each); get the file again",
                                    ranked.size(), merges.size() - 1, kWaysPerPiece));
        }
        std::sort(merges.begin() + static_cast<std::ptrdiff_t>(first), merges.end(),
                  [](const Merge& a, const Merge& b) {
                      return a.left != b.left ? a.left < b.left : a.right < b.right;
                  });
    }
    for (std::size_t i = 0; i < merges.size(); ++i) {
        merges[i].rank = static_cast<std::int32_t>(i);
    }
    return merges;
}

void requirePiece(const std::string& bytes, const std::string& where)
{
    if (bytes.empty() || bytes.size() > kPieceLimitBytes) {
        throw Error(ErrorKind::Format,
                    fmt::format("{} is a piece of {} bytes (expected 1 to {})", where, bytes.size(),
                                kPieceLimitBytes));
    }
}

// A tokenizer of these ranks; `offset` ids before them are special tokens.
TokenizerSpec rankedSpec(const std::vector<std::string>& ranked, std::int32_t offset,
                         const PreTokenizing& cutting)
{
    TokenizerSpec spec;
    spec.pieces.resize(static_cast<std::size_t>(offset));
    spec.pieces.reserve(ranked.size() + spec.pieces.size());
    for (const std::string& bytes : ranked) {
        spec.pieces.push_back(inAlphabet(bytes));
    }
    spec.merges = mergesOf(ranked, offset);
    spec.ignoreMerges = true;
    spec.preTokenizer = cutting.preTokenizer;
    spec.decoder = byteLevelStage(true);
    spec.framesByFlags = true;
    return spec;
}

// "SGVsbG8= 9906": the piece of one line. Its number must be that of the line: everybody writes them so.
std::string pieceOfLine(std::string_view line, std::size_t number)
{
    const std::size_t cut = line.find(' ');
    const auto bytes = base64Bytes(line.substr(0, std::min(cut, line.size())));
    const auto rank = cut == std::string_view::npos
        ? std::nullopt
        : numberIn<std::int64_t>(std::string(line.substr(cut + 1)));
    if (!bytes || !rank || *rank != static_cast<std::int64_t>(number)) {
        throw Error(ErrorKind::Format,
                    fmt::format("line {} is {} (expected a piece in base64 and the rank {})",
                                number + 1, shownText(std::string(line), 60), number));
    }
    requirePiece(*bytes, fmt::format("line {}", number + 1));
    return *bytes;
}

} // namespace

bool isTiktoken(std::string_view beginning)
{
    const std::string_view line =
        beginning.substr(0, std::min<std::size_t>(beginning.find('\n'), 4096));
    const std::size_t cut = line.find(' ');
    return cut != std::string_view::npos && cut > 0 && base64Bytes(line.substr(0, cut)).has_value()
        && line.substr(cut + 1, 1) == "0";
}

TokenizerSpec specFromTiktoken(const fs::path& file)
{
    try {
        const std::string text = readWholeFile(file, kFileLimitBytes);
        std::vector<std::string> ranked;
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t end = std::min(text.find('\n', at), text.size());
            std::string_view line = std::string_view(text).substr(at, end - at);
            at = end + 1;
            if (line.ends_with('\r')) {
                line.remove_suffix(1);
            }
            if (!line.empty()) {
                ranked.push_back(pieceOfLine(line, ranked.size()));
            }
        }
        if (ranked.empty()) {
            throw Error(ErrorKind::Format, "is empty (expected a piece and its rank on each line)");
        }
        TokenizerSpec spec = rankedSpec(ranked, 0, preTokenizingNamed("llama3"));
        spec.settings = readTokenizerSettings(file.parent_path());
        return spec;
    } catch (const Error& e) {
        throw e.withinOnce(shownPath(file));
    }
}

namespace {

// The special tokens that files of 2024 leave to the reader, by rank.
constexpr const char* kOldSpecials[] = {"<unk>",
                                        "<s>",
                                        "</s>",
                                        "[INST]",
                                        "[/INST]",
                                        "[AVAILABLE_TOOLS]",
                                        "[/AVAILABLE_TOOLS]",
                                        "[TOOL_RESULTS]",
                                        "[/TOOL_RESULTS]",
                                        "[TOOL_CALLS]",
                                        "[IMG]",
                                        "<pad>",
                                        "[IMG_BREAK]",
                                        "[IMG_END]",
                                        "[PREFIX]",
                                        "[MIDDLE]",
                                        "[SUFFIX]",
                                        "[SYSTEM_PROMPT]",
                                        "[/SYSTEM_PROMPT]",
                                        "[TOOL_CONTENT]"};

std::vector<std::string> tekkenSpecials(const json& document)
{
    std::vector<std::string> specials;
    const json* list = jsonField(document, "special_tokens");
    if (list == nullptr) {
        specials.assign(std::begin(kOldSpecials), std::end(kOldSpecials));
    } else {
        const json& entries = arrayField(document, "special_tokens", "tekken.json");
        specials.resize(entries.size());
        for (const json& entry : entries) {
            const std::int64_t rank = integerField(entry, "rank", "special_tokens", -1);
            const std::string token = stringField(entry, "token_str", "special_tokens");
            const bool isFree = rank >= 0 && rank < static_cast<std::int64_t>(specials.size())
                && specials[static_cast<std::size_t>(rank)].empty();
            if (!isFree || token.empty()) {
                throw Error(ErrorKind::Format,
                            fmt::format("special_tokens gives {} the rank {} (expected each from 0 "
                                        "to {} once)",
                                        shownText(token, 40), rank,
                                        static_cast<std::int64_t>(specials.size()) - 1));
            }
            specials[static_cast<std::size_t>(rank)] = token;
        }
    }
    const json& config = fieldOf(document, "config", "tekken.json");
    const auto known = static_cast<std::int64_t>(specials.size());
    const std::int64_t count = integerField(config, "default_num_special_tokens", "config", known);
    if (count < known || count > known + kFillerLimit) {
        throw Error(ErrorKind::Format,
                    fmt::format("config.default_num_special_tokens is {} (expected {} to {})",
                                count, known, known + kFillerLimit));
    }
    for (std::int64_t i = known; i < count; ++i) {
        specials.push_back(fmt::format("<SPECIAL_{}>", i));
    }
    return specials;
}

std::vector<std::string> tekkenPieces(const json& document, std::size_t specials)
{
    const json& list = arrayField(document, "vocab", "tekken.json");
    const json& config = fieldOf(document, "config", "tekken.json");
    const auto all = static_cast<std::int64_t>(list.size() + specials);
    const std::int64_t size = integerField(config, "default_vocab_size", "config", all);
    if (size <= static_cast<std::int64_t>(specials) || size >= kTokenIdLimit) {
        throw Error(ErrorKind::Format,
                    fmt::format("config.default_vocab_size is {} (expected {} to {})", size,
                                specials + 1, kTokenIdLimit - 1));
    }
    std::vector<std::string> pieces; // what is behind default_vocab_size is padding
    for (const json& entry : list) {
        if (static_cast<std::int64_t>(pieces.size() + specials) >= size) {
            break;
        }
        auto bytes = base64Bytes(stringField(entry, "token_bytes", "vocab"));
        if (!bytes) {
            throw Error(ErrorKind::Format,
                        fmt::format("vocab[{}].token_bytes is not base64", pieces.size()));
        }
        requirePiece(*bytes, fmt::format("vocab[{}]", pieces.size()));
        pieces.push_back(std::move(*bytes));
    }
    return pieces;
}

} // namespace

TokenizerSpec specFromTekken(const fs::path& file)
{
    const json document = readJsonFile(file, kFileLimitBytes);
    try {
        if (!document.is_object()) {
            throw Error(ErrorKind::Format,
                        fmt::format("is {} (expected an object)", document.type_name()));
        }
        const std::vector<std::string> specials = tekkenSpecials(document);
        const std::vector<std::string> pieces = tekkenPieces(document, specials.size());
        const std::string pattern =
            stringField(fieldOf(document, "config", "tekken.json"), "pattern", "config");
        PreTokenizing cutting;
        cutting.preTokenizer = splitsThenBytes({pattern});
        TokenizerSpec spec =
            rankedSpec(pieces, static_cast<std::int32_t>(specials.size()), cutting);
        for (std::size_t id = 0; id < specials.size(); ++id) {
            spec.pieces[id] = specials[id];
            AddedToken token;
            token.id = static_cast<std::int32_t>(id);
            token.content = specials[id];
            token.special = true;
            spec.added.push_back(std::move(token));
        }
        spec.settings = readTokenizerSettings(file.parent_path());
        constexpr std::pair<const char*, const char*> kNames[] = {{"bos_token", "<s>"},
                                                                  {"eos_token", "</s>"},
                                                                  {"pad_token", "<pad>"},
                                                                  {"unk_token", "<unk>"}};
        for (const auto& [name, token] : kNames) {
            if (std::find(specials.begin(), specials.end(), token) != specials.end()) {
                nameByDefault(spec.settings, {{name, token}});
            }
        }
        // mistral-common, whose file it is, puts <s> before every text.
        spec.settings.addBos = spec.settings.addBos.value_or(true);
        return spec;
    } catch (const Error& e) {
        throw e.withinOnce(shownPath(file));
    }
}

} // namespace pissarro::core::inline tokenizer
