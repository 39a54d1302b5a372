// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/utf8.h"
#include "core/tokenizer/added_tokens_p.h"

#include <algorithm>

namespace pissarro::core::inline tokenizer {
namespace {

std::size_t withoutTrailingSpace(std::string_view text)
{
    while (!text.empty()) {
        const char32_t last = lastCodePoint(text);
        if (!isWhitespace(last)) {
            break;
        }
        std::string written;
        appendUtf8(written, last);
        text.remove_suffix(written.size());
    }
    return text.size();
}

std::size_t leadingSpace(std::string_view text)
{
    std::size_t done = 0;
    while (done < text.size()) {
        std::size_t at = done;
        if (!isWhitespace(nextCodePoint(text, at))) {
            break;
        }
        done = at;
    }
    return done;
}

bool standsAlone(std::string_view text, std::size_t begin, std::size_t end)
{
    std::size_t at = end;
    return (begin == 0 || !isWordCharacter(lastCodePoint(text.substr(0, begin))))
        && (end == text.size() || !isWordCharacter(nextCodePoint(text, at)));
}

} // namespace

void AddedTokenFinder::add(const AddedToken& token, const std::string& content)
{
    if (content.empty()) {
        return;
    }
    std::uint64_t node = 0;
    for (const char c : content) {
        const auto next = static_cast<std::uint32_t>(m_tokenAt.size());
        const auto [place, isNew] =
            m_children.emplace(node << 8U | static_cast<unsigned char>(c), next);
        if (isNew) {
            m_tokenAt.push_back(-1);
        }
        node = place->second;
    }
    m_tokenAt[node] = static_cast<std::int32_t>(m_tokens.size());
    m_tokens.push_back(token);
    m_starts[static_cast<unsigned char>(content[0])] = true;
}

const AddedToken* AddedTokenFinder::longestAt(std::string_view text, std::size_t at,
                                              std::size_t& end) const
{
    const AddedToken* best = nullptr;
    std::uint64_t node = 0;
    for (std::size_t i = at; i < text.size(); ++i) {
        const auto child = m_children.find(node << 8U | static_cast<unsigned char>(text[i]));
        if (child == m_children.end()) {
            break;
        }
        node = child->second;
        if (m_tokenAt[node] >= 0) {
            best = &m_tokens[static_cast<std::size_t>(m_tokenAt[node])];
            end = i + 1;
        }
    }
    return best;
}

std::vector<AddedTokenFinder::Part> AddedTokenFinder::split(std::string_view text) const
{
    std::vector<Part> parts;
    std::size_t done = 0;
    for (std::size_t at = m_tokens.empty() ? text.size() : 0; at < text.size();) {
        std::size_t end = at;
        const AddedToken* token =
            m_starts[static_cast<unsigned char>(text[at])] ? longestAt(text, at, end) : nullptr;
        if (token == nullptr) {
            ++at;
            continue;
        }
        std::size_t begin = at;
        at = end;
        if (token->singleWord && !standsAlone(text, begin, end)) {
            continue;
        }
        if (token->leftStrip) {
            begin = std::max(withoutTrailingSpace(text.substr(0, begin)), done);
        }
        if (token->rightStrip) {
            end += leadingSpace(text.substr(end));
        }
        begin = std::max(begin, done);
        if (begin > done) {
            parts.push_back({done, begin, -1});
        }
        parts.push_back({begin, end, token->id});
        done = end;
        at = std::max(at, end);
    }
    if (done < text.size()) {
        parts.push_back({done, text.size(), -1});
    }
    return parts;
}

} // namespace pissarro::core::inline tokenizer
