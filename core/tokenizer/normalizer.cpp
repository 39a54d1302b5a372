// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/text/json_value.h"
#include "core/text/regex.h"
#include "core/text/utf8.h"
#include "core/tokenizer/character_sets_p.h"
#include "core/tokenizer/json_fields_p.h"
#include "core/tokenizer/text_stages_p.h"

#include <algorithm>
#include <cstdlib>
#include <new>
#include <utf8proc.h>

namespace pissarro::core::inline tokenizer {
namespace {

constexpr const char* kWhere = "normalizer";
constexpr std::size_t kGrowth = 16; // NFKD makes 33 bytes of the 3 of U+FDFA
constexpr std::size_t kGrowthFloorBytes = 1U << 20U;
constexpr std::size_t kTextLimitBytes = 256U << 20U;

std::string unicodeForm(const std::string& text, int options)
{
    utf8proc_uint8_t* mapped = nullptr;
    const utf8proc_ssize_t size =
        utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                     static_cast<utf8proc_ssize_t>(text.size()), &mapped,
                     static_cast<utf8proc_option_t>(options | UTF8PROC_STABLE));
    if (size < 0) {
        throw std::bad_alloc(); // the text is valid UTF-8: memory is all that can be missing
    }
    std::string out(reinterpret_cast<const char*>(mapped), static_cast<std::size_t>(size));
    std::free(mapped);
    return out;
}

// Combining marks that Unicode has had since version 9. Hugging Face normalises by version 9, to
// which they are unassigned: they neither reorder nor compose.
struct Range {
    char32_t first;
    char32_t last;
};
constexpr Range kMarksAfterUnicode9[] = {
    {0x7FD, 0x7FD},     {0x898, 0x89F},     {0x8CA, 0x8D3},     {0x9FE, 0x9FE},
    {0xC3C, 0xC3C},     {0xD3B, 0xD3C},     {0xEBA, 0xEBA},     {0x1715, 0x1715},
    {0x1ABF, 0x1ACE},   {0x1DF6, 0x1DFA},   {0xA82C, 0xA82C},   {0x10D24, 0x10D27},
    {0x10EAB, 0x10EAC}, {0x10EFD, 0x10EFF}, {0x10F46, 0x10F50}, {0x10F82, 0x10F85},
    {0x11070, 0x11070}, {0x1133B, 0x1133B}, {0x1145E, 0x1145E}, {0x11839, 0x1183A},
    {0x11930, 0x11930}, {0x11935, 0x11935}, {0x1193D, 0x1193E}, {0x11943, 0x11943},
    {0x119E0, 0x119E0}, {0x11A34, 0x11A34}, {0x11A47, 0x11A47}, {0x11A99, 0x11A99},
    {0x11D42, 0x11D42}, {0x11D44, 0x11D45}, {0x11D97, 0x11D97}, {0x11F41, 0x11F42},
    {0x16FF0, 0x16FF1}, {0x1E08F, 0x1E08F}, {0x1E130, 0x1E136}, {0x1E2AE, 0x1E2AE},
    {0x1E2EC, 0x1E2EF}, {0x1E4EC, 0x1E4EF}};

bool isUnassignedMark(char32_t c)
{
    const auto* end = std::end(kMarksAfterUnicode9);
    const auto* range =
        std::lower_bound(std::begin(kMarksAfterUnicode9), end, c,
                         [](const Range& entry, char32_t value) { return entry.last < value; });
    return range != end && range->first <= c;
}

std::string unicodeForm9(const std::string& text, int options)
{
    std::string out;
    std::size_t done = 0;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t begin = at;
        if (static_cast<unsigned char>(text[at]) < 0xDF) { // the first of them is U+07FD
            at += utf8Width(text[at]);
        } else if (isUnassignedMark(nextCodePoint(text, at))) {
            out += unicodeForm(text.substr(done, begin - done), options);
            out.append(text, begin, at - begin);
            done = at;
        }
    }
    return done == 0 ? unicodeForm(text, options) : out + unicodeForm(text.substr(done), options);
}

bool isAscii(std::string_view text)
{
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// Below U+0300 (lead byte 0xCC) every text is in form C already.
bool isSurelyNfc(std::string_view text)
{
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0xCC; });
}

Normalizer unicodeNormalizer(const std::string& type)
{
    const int compat = type.starts_with("NFK") ? UTF8PROC_COMPAT : 0;
    const bool composed = type.ends_with('C');
    const int options = compat | (composed ? UTF8PROC_COMPOSE : UTF8PROC_DECOMPOSE);
    const bool plainNfc = composed && compat == 0;
    return [options, plainNfc](std::string text) {
        return (plainNfc ? isSurelyNfc(text) : isAscii(text)) ? text : unicodeForm9(text, options);
    };
}

std::string lowercase(const std::string& text)
{
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const char32_t c = nextCodePoint(text, at);
        if (c == 0x130) {
            out += "i\xCC\x87"; // the one character whose lower case is two
        } else {
            appendUtf8(out,
                       static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c))));
        }
    }
    return out;
}

std::string strip(std::string_view text, bool left, bool right)
{
    while (left && !text.empty()) {
        std::size_t at = 0;
        if (!isWhitespace(nextCodePoint(text, at))) {
            break;
        }
        text.remove_prefix(at);
    }
    while (right && !text.empty()) {
        const char32_t last = lastCodePoint(text);
        if (!isWhitespace(last)) {
            break;
        }
        std::string written;
        appendUtf8(written, last);
        text.remove_suffix(written.size());
    }
    return std::string(text);
}

std::string withoutMarks(const std::string& text)
{
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t begin = at;
        if (!isCombiningMark(nextCodePoint(text, at))) {
            out.append(text, begin, at - begin);
        }
    }
    return out;
}

// Old models of Google's translation: some control characters go, some that show nothing become a space.
std::string nmt(const std::string& text)
{
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t begin = at;
        const char32_t c = nextCodePoint(text, at);
        const bool goes = (c >= 0x1 && c <= 0x8) || c == 0xB || (c >= 0xE && c <= 0x1F) || c == 0x7F
            || c == 0x8F || c == 0x9F;
        const bool isSpace = c == 0x9 || c == 0xA || c == 0xC || c == 0xD || c == 0x1680
            || (c >= 0x200B && c <= 0x200F) || c == 0x2028 || c == 0x2029 || c == 0x2581
            || c == 0xFEFF || c == 0xFFFD;
        if (isSpace) {
            out += ' ';
        } else if (!goes) {
            out.append(text, begin, at - begin);
        }
    }
    return out;
}

// Sequences within a sequence are laid out flat, so that growth is counted from where all begins.
void collectSteps(const nlohmann::json& component, std::vector<Normalizer>& steps)
{
    for (const nlohmann::json& step : arrayField(component, "normalizers", kWhere)) {
        if (!step.is_null() && typeOf(step, kWhere) == "Sequence") {
            collectSteps(step, steps);
        } else if (Normalizer made = makeNormalizer(step)) {
            steps.push_back(std::move(made));
        }
    }
}

Normalizer sequence(const nlohmann::json& component)
{
    std::vector<Normalizer> steps;
    collectSteps(component, steps);
    return [steps = std::move(steps)](std::string text) {
        const std::size_t before = text.size();
        for (const Normalizer& step : steps) {
            text = step(std::move(text));
            checkGrowth(before, text.size(), kWhere);
        }
        return text;
    };
}

} // namespace

Finder makeFinder(const nlohmann::json& component, const char* where)
{
    const nlohmann::json& pattern = fieldOf(component, "pattern", where);
    if (pattern.is_object() && pattern.contains("Regex")) {
        return [regex = Regex(stringField(pattern, "Regex", where))](
                   std::string_view text, const auto& found) { regex.forEachMatch(text, found); };
    }
    const std::string* const plain = jsonText(pattern);
    const std::string literal = plain != nullptr ? *plain : stringField(pattern, "String", where);
    if (literal.empty()) {
        throw Error(ErrorKind::Format,
                    std::string(where) + ".pattern is empty (expected a text to look for)");
    }
    return [literal](std::string_view text, const auto& found) {
        for (std::size_t at = text.find(literal); at != std::string_view::npos;
             at = text.find(literal, at + literal.size())) {
            found(at, at + literal.size());
        }
    };
}

void checkGrowth(std::size_t before, std::size_t after, const char* where)
{
    const std::size_t limit =
        before > kTextLimitBytes / kGrowth ? kTextLimitBytes : before * kGrowth + kGrowthFloorBytes;
    if (after > limit) {
        throw Error(ErrorKind::Format,
                    fmt::format("{} makes {} bytes or more of a text of {} (expected at most {})",
                                where, after, before, limit));
    }
}

std::string replaceAll(std::string_view text, const Finder& finder, std::string_view content,
                       const char* where)
{
    std::string out;
    out.reserve(text.size() + text.size() / 4);
    std::size_t done = 0;
    finder(text, [&](std::size_t begin, std::size_t end) {
        out.append(text.substr(done, begin - done));
        out.append(content);
        done = end;
        checkGrowth(text.size(), out.size(), where);
    });
    out.append(text.substr(done));
    return out;
}

Normalizer makeNormalizer(const nlohmann::json& component)
{
    if (component.is_null()) {
        return {};
    }
    const std::string type = typeOf(component, kWhere);
    if (type == "Sequence") {
        return sequence(component);
    }
    if (type == "NFC" || type == "NFD" || type == "NFKC" || type == "NFKD") {
        return unicodeNormalizer(type);
    }
    if (type == "BertNormalizer") {
        return makeBertNormalizer(component);
    }
    if (type == "Precompiled") {
        return makeCharsmapNormalizer(component);
    }
    if (type == "Nmt") {
        return [](const std::string& text) { return nmt(text); };
    }
    if (type == "Lowercase") {
        return [](const std::string& text) { return lowercase(text); };
    }
    if (type == "StripAccents") {
        return [](const std::string& text) { return withoutMarks(text); };
    }
    if (type == "Strip") {
        const bool left = boolField(component, "strip_left", kWhere, true);
        const bool right = boolField(component, "strip_right", kWhere, true);
        return [left, right](const std::string& text) { return strip(text, left, right); };
    }
    if (type == "Prepend") {
        return [prefix = stringField(component, "prepend", kWhere)](std::string text) {
            return text.empty() ? text : prefix + text;
        };
    }
    if (type == "Replace") {
        return [finder = makeFinder(component, kWhere),
                content = stringField(component, "content", kWhere)](const std::string& text) {
            return replaceAll(text, finder, content, kWhere);
        };
    }
    refuseType(type, kWhere,
               "NFC, NFD, NFKC, NFKD, Nmt, Lowercase, Prepend, Replace, Strip, StripAccents, "
               "BertNormalizer, "
               "Precompiled or Sequence");
}

} // namespace pissarro::core::inline tokenizer
