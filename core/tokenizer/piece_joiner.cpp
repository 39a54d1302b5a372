// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/text/utf8.h"
#include "core/tokenizer/json_fields_p.h"
#include "core/tokenizer/text_stages_p.h"

#include <algorithm>
#include <numeric>

namespace pissarro::core::inline tokenizer {
namespace {

constexpr const char* kWhere = "decoder";

// The bytes that a piece in GPT-2's alphabet stands for; a piece with any other character is taken
// as it is.
void appendBytes(std::string_view piece, std::string& out)
{
    const std::size_t before = out.size();
    for (std::size_t at = 0; at < piece.size();) {
        const int byte = byteOfCharacter(nextCodePoint(piece, at));
        if (byte < 0) {
            out.resize(before);
            out += piece;
            return;
        }
        out += static_cast<char>(byte);
    }
}

void decodeByteLevel(std::vector<std::string>& pieces)
{
    std::string bytes;
    for (const std::string& piece : pieces) {
        appendBytes(piece, bytes);
    }
    pieces = {isValidUtf8(bytes) ? std::move(bytes) : replaceInvalidUtf8(bytes)};
}

// Runs of "<0x..>" become text where they are UTF-8 as a whole, else U+FFFD for each byte.
void decodeByteFallback(std::vector<std::string>& pieces)
{
    std::vector<std::string> out;
    out.reserve(pieces.size());
    std::string bytes;
    const auto flush = [&] {
        if (isValidUtf8(bytes)) {
            if (!bytes.empty()) {
                out.push_back(bytes);
            }
        } else {
            out.insert(out.end(), bytes.size(), "\xEF\xBF\xBD");
        }
        bytes.clear();
    };
    for (std::string& piece : pieces) {
        const int byte = byteOfPiece(piece);
        if (byte >= 0) {
            bytes += static_cast<char>(byte);
        } else {
            flush();
            out.push_back(std::move(piece));
        }
    }
    flush();
    pieces = std::move(out);
}

std::size_t bytesOf(const std::vector<std::string>& pieces)
{
    return std::accumulate(
        pieces.begin(), pieces.end(), std::size_t {0},
        [](std::size_t sum, const std::string& piece) { return sum + piece.size(); });
}

void fuse(std::vector<std::string>& pieces)
{
    std::string all;
    for (const std::string& piece : pieces) {
        all += piece;
    }
    pieces = {std::move(all)};
}

PieceJoiner stripper(const nlohmann::json& component)
{
    const std::string content = stringField(component, "content", kWhere);
    const std::int64_t start = integerField(component, "start", kWhere, 0);
    const std::int64_t stop = integerField(component, "stop", kWhere, 0);
    if (content.empty()) {
        throw Error(ErrorKind::Format,
                    "decoder.content is empty (expected the character to strip)");
    }
    return [content, start, stop](std::vector<std::string>& pieces) {
        for (std::string& piece : pieces) {
            std::string_view rest = piece;
            for (std::int64_t i = 0; i < start && rest.starts_with(content); ++i) {
                rest.remove_prefix(content.size());
            }
            for (std::int64_t i = 0; i < stop && rest.ends_with(content); ++i) {
                rest.remove_suffix(content.size());
            }
            piece = std::string(rest);
        }
    };
}

PieceJoiner metaspace(const nlohmann::json& component)
{
    const std::string mark = stringField(component, "replacement", kWhere, "\xE2\x96\x81");
    const bool legacyPrefix = boolField(component, "add_prefix_space", kWhere, true);
    const std::string scheme =
        stringField(component, "prepend_scheme", kWhere, legacyPrefix ? "always" : "never");
    const nlohmann::json pattern = {{"pattern", {{"String", mark}}}};
    return [keepsFirst = scheme == "never",
            finder = makeFinder(pattern, kWhere)](std::vector<std::string>& pieces) {
        for (std::size_t i = 0; i < pieces.size(); ++i) {
            pieces[i] =
                replaceAll(pieces[i], finder,
                           i == 0 && !keepsFirst ? "" : " ", // as Hugging Face: all of the first
                           kWhere);
        }
    };
}

// Laid out flat, as the normalizers.
void collectSteps(const nlohmann::json& component, std::vector<PieceJoiner>& steps)
{
    for (const nlohmann::json& step : arrayField(component, "decoders", kWhere)) {
        if (!step.is_null() && typeOf(step, kWhere) == "Sequence") {
            collectSteps(step, steps);
        } else if (PieceJoiner made = makePieceJoiner(step)) {
            steps.push_back(std::move(made));
        }
    }
}

PieceJoiner sequence(const nlohmann::json& component)
{
    std::vector<PieceJoiner> steps;
    collectSteps(component, steps);
    return [steps = std::move(steps)](std::vector<std::string>& pieces) {
        const std::size_t before = bytesOf(pieces);
        for (const PieceJoiner& step : steps) {
            step(pieces);
            checkGrowth(before, bytesOf(pieces), kWhere);
        }
    };
}

PieceJoiner replacer(const nlohmann::json& component)
{
    return [finder = makeFinder(component, kWhere),
            content = stringField(component, "content", kWhere)](std::vector<std::string>& pieces) {
        const std::size_t before = bytesOf(pieces);
        std::size_t after = 0;
        for (std::string& piece : pieces) {
            piece = replaceAll(piece, finder, content, kWhere);
            after += piece.size();
            checkGrowth(before, after, kWhere);
        }
    };
}

} // namespace

PieceJoiner makePieceJoiner(const nlohmann::json& component)
{
    if (component.is_null()) {
        return {};
    }
    const std::string type = typeOf(component, kWhere);
    if (type == "Sequence") {
        return sequence(component);
    }
    if (type == "ByteLevel") {
        return decodeByteLevel;
    }
    if (type == "WordPiece") {
        return makeWordPieceJoiner(component);
    }
    if (type == "ByteFallback") {
        return decodeByteFallback;
    }
    if (type == "Fuse") {
        return fuse;
    }
    if (type == "Strip") {
        return stripper(component);
    }
    if (type == "Metaspace") {
        return metaspace(component);
    }
    if (type == "Replace") {
        return replacer(component);
    }
    refuseType(type, kWhere,
               "ByteLevel, WordPiece, Replace, ByteFallback, Fuse, Strip, Metaspace or Sequence");
}

} // namespace pissarro::core::inline tokenizer
