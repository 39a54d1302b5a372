// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/dataset/token_spans_p.h"
#include "core/text/utf8.h"

#include <algorithm>
#include <optional>

namespace pissarro::core::inline dataset {
namespace {

constexpr std::string_view kSpaceMark = "\xE2\x96\x81";

// What a piece of the vocabulary stands for in a text.
class Surfaces {
public:
    explicit Surfaces(const Tokenizer& tokenizer)
        : m_tokenizer(tokenizer)
        , m_isByteLevel(tokenizer.kind().starts_with("byte-level"))
    {
    }
    std::string of(std::int32_t id) const
    {
        const std::string piece = m_tokenizer.piece(id);
        if (m_tokenizer.isSpecial(id)) {
            return piece;
        }
        return m_isByteLevel ? bytesOf(piece) : spacedOut(piece);
    }

private:
    static std::string bytesOf(const std::string& piece)
    {
        std::string out;
        for (std::size_t at = 0; at < piece.size();) {
            const int byte = byteOfCharacter(nextCodePoint(piece, at));
            if (byte < 0) {
                return piece; // an added token is written as it is
            }
            out += static_cast<char>(byte);
        }
        return out;
    }
    static std::string spacedOut(const std::string& piece)
    {
        if (const int byte = byteOfPiece(piece); byte >= 0) {
            return {static_cast<char>(byte)};
        }
        std::string out;
        for (std::size_t at = 0; at < piece.size();) {
            if (std::string_view(piece).substr(at).starts_with(kSpaceMark)) {
                out += ' ';
                at += kSpaceMark.size();
            } else {
                out += piece[at++];
            }
        }
        return out;
    }

    const Tokenizer& m_tokenizer;
    bool m_isByteLevel;
};

std::size_t behindSpace(std::string_view text, std::size_t at)
{
    while (at < text.size()) {
        std::size_t next = at;
        if (!isWhitespace(nextCodePoint(text, next))) {
            break;
        }
        at = next;
    }
    return at;
}

// The tokens laid along the text; nullopt: they are not the text's own characters.
std::optional<std::vector<TextSpan>> laidAlong(const Tokenizer& tokenizer, std::string_view text,
                                               const std::vector<std::int32_t>& ids)
{
    const Surfaces surfaces(tokenizer);
    std::vector<TextSpan> out;
    std::size_t at = 0;
    for (const std::int32_t id : ids) {
        const std::string surface = surfaces.of(id);
        const std::string literal = tokenizer.piece(id);
        const auto fits = [&](std::size_t place, std::string_view what) {
            return text.substr(place).starts_with(what);
        };
        const std::size_t begin = at;
        std::size_t end = 0; // of what the token stands for, where that is more than it takes
        const std::size_t behind = behindSpace(text, at);
        if (fits(at, surface)) {
            at += surface.size();
        } else if (surface.starts_with(' ') && fits(at, std::string_view(surface).substr(1))) {
            at += surface.size() - 1; // the space that SentencePiece puts before a text
            if (at == begin && at < text.size()) { // alone, it is the next character's
                end = at + utf8Width(text[at]);
            }
        } else if (fits(at, literal)) {
            at += literal.size();
        } else if (behind > at && fits(behind, literal)) { // a token that takes the space around it
            at = behind + literal.size();
        } else if (behind > at && fits(behind, surface)) {
            at = behind + surface.size();
        } else {
            return std::nullopt;
        }
        out.push_back({begin, std::max(at, end)});
    }
    return behindSpace(text, at) == text.size() ? std::optional(out) : std::nullopt;
}

// The token at which a place of the text lies, when no token crosses it.
std::size_t tokensBefore(const Tokenizer& tokenizer, std::string_view text,
                         const std::vector<std::int32_t>& ids, std::size_t place,
                         const JobContext& job)
{
    const std::vector<std::int32_t> head = tokenizer.encode(text.substr(0, place), false, job);
    if (head.size() > ids.size() || !std::equal(head.begin(), head.end(), ids.begin())) {
        throw Error(ErrorKind::Format,
                    "it cannot be told which tokens of the conversation belong to an answer: the "
                    "tokenizer changes the text, and one of its tokens crosses the answer's edge");
    }
    return head.size();
}

} // namespace

std::vector<bool> tokensWithin(const Tokenizer& tokenizer, std::string_view text,
                               const std::vector<std::int32_t>& ids,
                               const std::vector<TextSpan>& spans, const JobContext& job)
{
    std::vector<bool> within(ids.size());
    if (const auto places = laidAlong(tokenizer, text, ids)) {
        for (std::size_t i = 0; i < ids.size(); ++i) {
            within[i] = std::any_of(spans.begin(), spans.end(), [&](const TextSpan& span) {
                return std::max(span.begin, (*places)[i].begin)
                    < std::min(span.end, (*places)[i].end);
            });
        }
        return within;
    }
    for (const TextSpan& span : spans) {
        const std::size_t first = tokensBefore(tokenizer, text, ids, span.begin, job);
        const std::size_t last = tokensBefore(tokenizer, text, ids, span.end, job);
        std::fill(within.begin() + static_cast<std::ptrdiff_t>(first),
                  within.begin() + static_cast<std::ptrdiff_t>(std::max(first, last)), true);
    }
    return within;
}

} // namespace pissarro::core::inline dataset
