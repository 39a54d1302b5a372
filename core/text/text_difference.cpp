// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/text_difference.h"

#include "core/text/utf8.h"

#include <algorithm>
#include <cstdint>
#include <span>
#include <unordered_map>

namespace pissarro::core::inline text {

namespace {

enum class Kind { Word, Space, Alone };

// The words of a text, and for each a number that equal words of both texts share.
struct Words {
    std::vector<TextPart> parts;
    std::vector<std::size_t> ids;
};

Words wordsOf(std::string_view text, std::unordered_map<std::string_view, std::size_t>& known)
{
    Words out;
    Kind before = Kind::Alone;
    for (std::size_t at = 0; at < text.size();) {
        const Utf8Character character = characterAt(text, at);
        const std::size_t width = std::max<std::size_t>(character.width, 1);
        const Kind kind = character.width == 0 ? Kind::Alone
            : isWordCharacter(character.code)  ? Kind::Word
            : isWhitespace(character.code)     ? Kind::Space
                                               : Kind::Alone;
        if (kind == before && kind != Kind::Alone) {
            out.parts.back().end = at + width;
        } else {
            out.parts.push_back({at, at + width});
        }
        before = kind;
        at += width;
    }
    out.ids.reserve(out.parts.size());
    for (const TextPart& part : out.parts) {
        const std::string_view word = text.substr(part.begin, part.end - part.begin);
        out.ids.push_back(known.try_emplace(word, known.size()).first->second);
    }
    return out;
}

using Ids = std::span<const std::size_t>;

// Which words of each text the other lacks; Myers' names: d edits reach x words of a on the diagonal k = x - y.
struct Marks {
    std::vector<bool> a;
    std::vector<bool> b;
};

class Edits {
public:
    Edits(Ids a, Ids b)
        : m_a(a)
        , m_b(b)
    {
    }

    // Whether `most` edits make b of a.
    bool find(std::int64_t most)
    {
        std::vector<std::int32_t> reached {0, 0}; // of diagonals -1 and 1, before the first edit
        for (std::int64_t d = 0; d <= most; ++d) {
            std::vector<std::int32_t> next; // of diagonals -d, -d + 2 … d
            next.reserve(static_cast<std::size_t>(d) + 1);
            for (std::int64_t k = -d; k <= d; k += 2) {
                std::int64_t x = d == 0 ? 0 : startOf(reached, d, k);
                while (inside(x, x - k) && m_a[index(x)] == m_b[index(x - k)]) {
                    ++x;
                }
                next.push_back(static_cast<std::int32_t>(x));
                if (x >= size(m_a) && x - k >= size(m_b)) {
                    m_trace.push_back(std::move(next));
                    return true;
                }
            }
            m_trace.push_back(next);
            reached = std::move(next);
        }
        return false;
    }

    // Requires: find() found them.
    Marks marks() const
    {
        Marks out {std::vector<bool>(m_a.size(), false), std::vector<bool>(m_b.size(), false)};
        std::int64_t k = size(m_a) - size(m_b);
        for (auto d = static_cast<std::int64_t>(m_trace.size()) - 1; d > 0; --d) {
            const std::vector<std::int32_t>& reached = m_trace[index(d - 1)];
            const std::int64_t x =
                startOf(reached, d, k); // behind the edit, before the words in common
            if (isDown(reached, d, k)) {
                out.b[index(x - k - 1)] = true;
                ++k;
            } else {
                out.a[index(x - 1)] = true;
                --k;
            }
        }
        return out;
    }

private:
    static std::size_t index(std::int64_t at) { return static_cast<std::size_t>(at); }
    static std::int64_t size(Ids ids) { return static_cast<std::int64_t>(ids.size()); }
    bool inside(std::int64_t x, std::int64_t y) const { return x < size(m_a) && y < size(m_b); }

    // What d - 1 edits reached on diagonal k.
    static std::int64_t at(const std::vector<std::int32_t>& reached, std::int64_t d, std::int64_t k)
    {
        return reached[index((k + d - 1) / 2)];
    }
    // Whether the d-th edit on diagonal k takes a word of b.
    static bool isDown(const std::vector<std::int32_t>& reached, std::int64_t d, std::int64_t k)
    {
        return k == -d || (k != d && at(reached, d, k - 1) < at(reached, d, k + 1));
    }
    static std::int64_t startOf(const std::vector<std::int32_t>& reached, std::int64_t d,
                                std::int64_t k)
    {
        return isDown(reached, d, k) ? at(reached, d, k + 1) : at(reached, d, k - 1) + 1;
    }

    Ids m_a;
    Ids m_b;
    std::vector<std::vector<std::int32_t>> m_trace; // by d
};

// The marked words from `first` on, those beside one another as one part.
std::vector<TextPart> partsOf(const Words& words, std::size_t first, const std::vector<bool>& marks)
{
    std::vector<TextPart> out;
    for (std::size_t i = 0; i < marks.size(); ++i) {
        if (!marks[i]) {
            continue;
        }
        const TextPart& part = words.parts[first + i];
        if (!out.empty() && out.back().end == part.begin) {
            out.back().end = part.end;
        } else {
            out.push_back(part);
        }
    }
    return out;
}

} // namespace

TextDifference differenceOf(std::string_view a, std::string_view b, std::size_t maxEdits)
{
    std::unordered_map<std::string_view, std::size_t> known;
    const Words wordsA = wordsOf(a, known);
    const Words wordsB = wordsOf(b, known);
    Ids idsA = wordsA.ids;
    Ids idsB = wordsB.ids;
    std::size_t first = 0;
    while (first < std::min(idsA.size(), idsB.size()) && idsA[first] == idsB[first]) {
        ++first;
    }
    idsA = idsA.subspan(first);
    idsB = idsB.subspan(first);
    while (!idsA.empty() && !idsB.empty() && idsA.back() == idsB.back()) {
        idsA = idsA.first(idsA.size() - 1);
        idsB = idsB.first(idsB.size() - 1);
    }
    Edits edits(idsA, idsB);
    TextDifference out;
    out.isShortest =
        edits.find(static_cast<std::int64_t>(std::min(maxEdits, idsA.size() + idsB.size())));
    const Marks marks = out.isShortest
        ? edits.marks()
        : Marks {std::vector<bool>(idsA.size(), true), std::vector<bool>(idsB.size(), true)};
    out.onlyA = partsOf(wordsA, first, marks.a);
    out.onlyB = partsOf(wordsB, first, marks.b);
    return out;
}

} // namespace pissarro::core::inline text
