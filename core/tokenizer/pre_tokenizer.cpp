// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/text/message_text.h"
#include "core/text/regex.h"
#include "core/text/utf8.h"
#include "core/tokenizer/character_sets_p.h"
#include "core/tokenizer/json_fields_p.h"
#include "core/tokenizer/text_stages_p.h"

namespace pissarro::core::inline tokenizer {
namespace {

constexpr const char* kWhere = "pre_tokenizer";
constexpr const char* kGpt2Pattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

using Span = CutText::Span;

// What becomes of the parts that a pattern finds, named as in tokenizer.json.
enum class Behavior { Removed, Isolated, MergedWithPrevious, MergedWithNext, Contiguous };

Behavior behaviorNamed(const std::string& name)
{
    const std::pair<const char*, Behavior> known[] = {
        {"Removed", Behavior::Removed},
        {"Isolated", Behavior::Isolated},
        {"MergedWithPrevious", Behavior::MergedWithPrevious},
        {"MergedWithNext", Behavior::MergedWithNext},
        {"Contiguous", Behavior::Contiguous},
    };
    for (const auto& [text, behavior] : known) {
        if (name == text) {
            return behavior;
        }
    }
    throw Error(
        ErrorKind::Format,
        "pre_tokenizer.behavior is " + shownText(name)
            + " (expected Removed, Isolated, MergedWithPrevious, MergedWithNext or Contiguous)");
}

struct Part {
    Span span;
    bool isMatch = false;
};

// The parts of one span, matches and what lies between them, joined as `behavior` says; appended to
// `out`.
void joinParts(const std::vector<Part>& parts, Behavior behavior, std::vector<Span>& out)
{
    const std::size_t first = out.size();
    bool previousMatch = false;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const Part& part = parts[i];
        const bool isFirst = out.size() == first;
        const bool joins = !isFirst
            && ((behavior == Behavior::MergedWithPrevious && part.isMatch && !previousMatch)
                || (behavior == Behavior::MergedWithNext && previousMatch && !part.isMatch)
                || (behavior == Behavior::Contiguous && part.isMatch == previousMatch));
        if (joins) {
            out.back().end = part.span.end;
        } else if (behavior != Behavior::Removed || !part.isMatch) {
            out.push_back(part.span);
        }
        previousMatch = part.isMatch;
    }
}

void splitSpans(CutText& cut, const Finder& finder, Behavior behavior, bool invert)
{
    std::vector<Span> out;
    out.reserve(cut.spans.size() + cut.text.size() / 4);
    std::vector<Part> parts;
    for (const Span& span : cut.spans) {
        parts.clear();
        std::size_t done = span.begin;
        finder(cut.piece(span), [&](std::size_t begin, std::size_t end) {
            const Span match {span.begin + begin, span.begin + end};
            if (match.begin > done) {
                parts.push_back({{done, match.begin}, invert});
            }
            parts.push_back({match, !invert});
            done = match.end;
        });
        if (done < span.end) {
            parts.push_back({{done, span.end}, invert});
        }
        joinParts(parts, behavior, out);
    }
    cut.spans = std::move(out);
}

PreTokenizer splitter(Finder finder, Behavior behavior, bool invert)
{
    return [finder = std::move(finder), behavior, invert](CutText& cut) {
        splitSpans(cut, finder, behavior, invert);
    };
}

Finder findCharacters(bool (*wanted)(char32_t))
{
    return [wanted](std::string_view text, const auto& found) {
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t begin = at;
            if (wanted(nextCodePoint(text, at))) {
                found(begin, at);
            }
        }
    };
}

Finder findRegex(const char* pattern)
{
    return [regex = Regex(pattern)](std::string_view text, const auto& found) {
        regex.forEachMatch(text, found);
    };
}

// Every span's text through `rewrite`.
void rewriteSpans(
    CutText& cut,
    const std::function<void(std::string_view, bool first, std::string& out)>& rewrite)
{
    std::string text;
    text.reserve(cut.text.size() + cut.text.size() / 4 + 4);
    std::vector<Span> spans;
    for (const Span& span : cut.spans) {
        const std::size_t begin = text.size();
        rewrite(cut.piece(span), cut.atStart && span.begin == 0, text);
        spans.push_back({begin, text.size()});
    }
    cut.text = std::move(text);
    cut.spans = std::move(spans);
}

PreTokenizer metaspace(const nlohmann::json& component)
{
    const std::string mark = stringField(component, "replacement", kWhere, "\xE2\x96\x81");
    const bool legacyPrefix = boolField(component, "add_prefix_space", kWhere, true);
    const std::string scheme =
        stringField(component, "prepend_scheme", kWhere, legacyPrefix ? "always" : "never");
    const bool split = boolField(component, "split", kWhere, true);
    if (mark.empty() || utf8Width(mark[0]) != mark.size()
        || (scheme != "always" && scheme != "never" && scheme != "first")) {
        throw Error(ErrorKind::Format,
                    "pre_tokenizer: Metaspace needs a replacement of one character and a "
                    "prepend_scheme always, first or never");
    }
    const nlohmann::json markPattern = {{"pattern", {{"String", mark}}}};
    return [mark, scheme, split, marks = makeFinder(markPattern, kWhere)](CutText& cut) {
        rewriteSpans(cut, [&](std::string_view piece, bool first, std::string& out) {
            const bool begins = piece.starts_with(' ') || piece.starts_with(mark);
            if (!begins && (scheme == "always" || (scheme == "first" && first))) {
                out += mark;
            }
            for (const char c : piece) {
                c == ' ' ? out += mark : out += c;
            }
        });
        if (split) {
            splitSpans(cut, marks, Behavior::MergedWithNext, false);
        }
    };
}

// Cuts only: writing bytes in GPT-2's alphabet is left to the model, see
// PreTokenizerParts::byteLevel.
PreTokenizer byteLevel(const nlohmann::json& component)
{
    const bool prefix = boolField(component, "add_prefix_space", kWhere, true);
    const bool cuts = boolField(component, "use_regex", kWhere, true);
    const Finder words = findRegex(kGpt2Pattern);
    return [prefix, cuts, words](CutText& cut) {
        if (prefix) {
            rewriteSpans(cut, [](std::string_view piece, bool, std::string& out) {
                if (!piece.starts_with(' ')) {
                    out += ' ';
                }
                out += piece;
            });
        }
        if (cuts) {
            splitSpans(cut, words, Behavior::Isolated, false);
        }
    };
}

PreTokenizer inOrder(std::vector<PreTokenizer> steps)
{
    return [steps = std::move(steps)](CutText& cut) {
        for (const PreTokenizer& step : steps) {
            step(cut);
        }
    };
}

PreTokenizerParts sequence(const nlohmann::json& component)
{
    std::vector<PreTokenizer> steps;
    bool byteLevelSeen = false;
    for (const nlohmann::json& step : arrayField(component, "pretokenizers", kWhere)) {
        if (byteLevelSeen) {
            throw Error(ErrorKind::Format,
                        "pre_tokenizer: ByteLevel is not the last step (expected it at the end)");
        }
        PreTokenizerParts made = makePreTokenizer(step);
        byteLevelSeen = made.byteLevel;
        if (made.cut) {
            steps.push_back(std::move(made.cut));
        }
    }
    return {inOrder(std::move(steps)), byteLevelSeen};
}

PreTokenizer split(const nlohmann::json& component)
{
    return splitter(makeFinder(component, kWhere),
                    behaviorNamed(stringField(component, "behavior", kWhere)),
                    boolField(component, "invert", kWhere, false));
}

// White space goes and punctuation stands alone: WhitespaceSplit and Punctuation in one pass.
void bertWords(CutText& cut)
{
    std::vector<Span> out;
    out.reserve(cut.spans.size() + cut.text.size() / 4);
    for (const Span& span : cut.spans) {
        std::size_t word = span.begin;
        const auto endWord = [&](std::size_t end) {
            if (word < end) {
                out.push_back({word, end});
            }
        };
        for (std::size_t at = span.begin; at < span.end;) {
            const std::size_t begin = at;
            const char32_t c = nextCodePoint(cut.text, at);
            const bool isMark = isOldPunctuation(c);
            if (isMark || isWhitespace(c)) {
                endWord(begin);
                word = at;
            }
            if (isMark) {
                out.push_back({begin, at});
            }
        }
        endWord(span.end);
    }
    cut.spans = std::move(out);
}

PreTokenizer delimiterSplit(const nlohmann::json& component)
{
    const std::string delimiter = stringField(component, "delimiter", kWhere);
    const nlohmann::json pattern = {{"pattern", {{"String", delimiter}}}};
    return splitter(makeFinder(pattern, kWhere), Behavior::Removed, false);
}

} // namespace

PreTokenizerParts makePreTokenizer(const nlohmann::json& component)
{
    if (component.is_null()) {
        return {};
    }
    const std::string type = typeOf(component, kWhere);
    if (type == "Sequence") {
        return sequence(component);
    }
    if (type == "ByteLevel") {
        return {byteLevel(component), true};
    }
    if (type == "Split") {
        return {split(component), false};
    }
    if (type == "Digits") {
        const bool single = boolField(component, "individual_digits", kWhere, false);
        return {splitter(findCharacters(isNumeric),
                         single ? Behavior::Isolated : Behavior::Contiguous, false),
                false};
    }
    if (type == "Punctuation") {
        const Behavior behavior =
            behaviorNamed(stringField(component, "behavior", kWhere, "Isolated"));
        return {splitter(findCharacters(isOldPunctuation), behavior, false), false};
    }
    if (type == "WhitespaceSplit") {
        return {splitter(findCharacters(isWhitespace), Behavior::Removed, false), false};
    }
    if (type == "BertPreTokenizer") {
        return {bertWords, false};
    }
    if (type == "CharDelimiterSplit") {
        return {delimiterSplit(component), false};
    }
    if (type == "Whitespace") {
        return {splitter(findRegex(R"(\w+|[^\w\s]+)"), Behavior::Removed, true), false};
    }
    if (type == "Metaspace") {
        return {metaspace(component), false};
    }
    refuseType(
        type, kWhere,
        "ByteLevel, Split, Digits, Punctuation, Whitespace, WhitespaceSplit, CharDelimiterSplit, "
        "BertPreTokenizer, Metaspace or Sequence");
}

} // namespace pissarro::core::inline tokenizer
