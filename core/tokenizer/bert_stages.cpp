// SPDX-License-Identifier: GPL-3.0-or-later
// BERT's stages: what it makes of a text before it is cut, and how its pieces become text again.
#include "core/text/utf8.h"
#include "core/tokenizer/character_sets_p.h"
#include "core/tokenizer/json_fields_p.h"
#include "core/tokenizer/text_stages_p.h"

#include <algorithm>
#include <utility>

namespace pissarro::core::inline tokenizer {
namespace {

struct BertOptions {
    bool cleans = true;
    bool splitsIdeographs = true;
    bool stripsAccents = true;
    bool lowers = true;
};

// Control characters go, white space becomes a space, ideographs stand alone.
std::string cleaned(const std::string& text, const BertOptions& options)
{
    std::string out;
    out.reserve(text.size() + text.size() / 4);
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t begin = at;
        const char32_t c = nextCodePoint(text, at);
        if (options.cleans && (c == 0 || isBertControl(c))) {
            continue;
        }
        const bool alone = options.splitsIdeographs && isBertIdeograph(c);
        if (options.cleans && isWhitespace(c)) {
            out += ' ';
        } else {
            out += alone ? " " : "";
            out.append(text, begin, at - begin);
            out += alone ? " " : "";
        }
    }
    return out;
}

std::string withoutAccents(const std::string& text)
{
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t begin = at;
        if (!isBertAccent(nextCodePoint(text, at))) {
            out.append(text, begin, at - begin);
        }
    }
    return out;
}

// All that can happen to ASCII, in one pass.
std::string asciiCleaned(std::string text, const BertOptions& options)
{
    std::size_t kept = 0;
    for (const char c : text) {
        const bool isControl = c == 0 || isBertControl(static_cast<char32_t>(c));
        if (options.cleans && isControl) {
            continue;
        }
        const bool isSpace = options.cleans && (c == '\t' || c == '\n' || c == '\r');
        const bool isUpper = options.lowers && c >= 'A' && c <= 'Z';
        text[kept++] = isSpace ? ' ' : isUpper ? static_cast<char>(c + ('a' - 'A')) : c;
    }
    text.resize(kept);
    return text;
}

bool isAscii(std::string_view text)
{
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

void replaceIn(std::string& text, std::string_view from, std::string_view to)
{
    for (std::size_t at = text.find(from); at != std::string::npos;
         at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
}

// What clean_up_tokenization_spaces takes back, piece by piece.
void tidy(std::string& piece)
{
    if (piece.find(' ') == std::string::npos) {
        return;
    }
    constexpr std::pair<std::string_view, std::string_view> kTidied[] = {
        {" .", "."},   {" ?", "?"},     {" !", "!"},     {" ,", ","},
        {" ' ", "'"},  {" n't", "n't"}, {" 'm", "'m"},   {" do not", " don't"},
        {" 's", "'s"}, {" 've", "'ve"}, {" 're", "'re"},
    };
    for (const auto& [from, to] : kTidied) {
        replaceIn(piece, from, to);
    }
}

} // namespace

Normalizer makeBertNormalizer(const nlohmann::json& component)
{
    constexpr const char* kWhere = "normalizer";
    BertOptions options;
    options.cleans = boolField(component, "clean_text", kWhere, true);
    options.splitsIdeographs = boolField(component, "handle_chinese_chars", kWhere, true);
    options.lowers = boolField(component, "lowercase", kWhere, true);
    options.stripsAccents = boolField(component, "strip_accents", kWhere, options.lowers);
    return [options, decompose = makeNormalizer({{"type", "NFD"}}),
            lower = makeNormalizer({{"type", "Lowercase"}})](std::string text) {
        if (isAscii(text)) {
            return asciiCleaned(std::move(text), options);
        }
        if (options.cleans || options.splitsIdeographs) {
            text = cleaned(text, options);
        }
        if (options.stripsAccents) {
            text = withoutAccents(decompose(std::move(text)));
        }
        return options.lowers ? lower(std::move(text)) : text;
    };
}

PieceJoiner makeWordPieceJoiner(const nlohmann::json& component)
{
    constexpr const char* kWhere = "decoder";
    const bool tidies = boolField(component, "cleanup", kWhere, true);
    return [tidies, prefix = stringField(component, "prefix", kWhere, "##")](
               std::vector<std::string>& pieces) {
        for (std::size_t i = 0; i < pieces.size(); ++i) {
            std::string& piece = pieces[i];
            if (i > 0 && piece.starts_with(prefix)) {
                piece.erase(0, prefix.size());
            } else if (i > 0) {
                piece.insert(piece.begin(), ' ');
            }
            if (tidies) {
                tidy(piece);
            }
        }
    };
}

} // namespace pissarro::core::inline tokenizer
