// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/text/message_text.h"
#include "core/text/utf8.h"
#include "core/tokenizer/word_models_p.h"

#include <algorithm>

namespace pissarro::core::inline tokenizer {
namespace {

constexpr std::size_t kCachedWordBytes = 96;

std::size_t charactersOf(std::string_view text)
{
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return !isContinuation(c); }));
}

} // namespace

WordPieceModel::WordPieceModel(const Vocabulary& vocabulary, const Options& options)
    : m_options(options)
{
    std::vector<std::pair<std::string_view, std::int32_t>> all;
    std::vector<std::pair<std::string_view, std::int32_t>> inner;
    for (std::int32_t id = 0; id < vocabulary.size(); ++id) {
        const std::string_view piece = vocabulary.piece(id);
        all.emplace_back(piece, id);
        if (piece.starts_with(options.prefix)) {
            inner.emplace_back(piece.substr(options.prefix.size()), id);
        }
    }
    m_first = PieceTrie(std::move(all));
    m_inner = PieceTrie(std::move(inner));
}

bool WordPieceModel::cut(std::string_view word, std::vector<std::int32_t>& out) const
{
    for (std::size_t begin = 0; begin < word.size();) {
        const PieceTrie& trie = begin == 0 ? m_first : m_inner;
        std::size_t end = begin;
        std::int32_t id = -1;
        PieceTrie::Node node = PieceTrie::kRoot;
        for (std::size_t at = begin; at < word.size(); ++at) {
            node = trie.step(node, word[at]);
            if (node == PieceTrie::kNone) {
                break;
            }
            if (trie.idAt(node) >= 0) {
                id = trie.idAt(node);
                end = at + 1;
            }
        }
        if (id < 0) {
            return false;
        }
        out.push_back(id);
        begin = end;
    }
    return true;
}

void WordPieceModel::encode(std::string_view word, std::vector<std::int32_t>& out) const
{
    const bool cached = word.size() <= kCachedWordBytes;
    if (cached && m_cache.lookUp(word, out)) {
        return;
    }
    const std::size_t before = out.size();
    const bool isLong =
        word.size() > m_options.maxCharacters && charactersOf(word) > m_options.maxCharacters;
    if (isLong || !cut(word, out)) { // a word that cannot be cut as a whole is unknown as a whole
        out.resize(before);
        out.push_back(m_options.unknownId);
    }
    if (cached) {
        m_cache.store(word, out.data() + before, out.size() - before);
    }
}

void WordLevelModel::encode(std::string_view word, std::vector<std::int32_t>& out) const
{
    const std::int32_t id = m_vocabulary.find(word);
    if (id >= 0 || m_unknownId >= 0) {
        out.push_back(id >= 0 ? id : m_unknownId);
        return;
    }
    throw Error(ErrorKind::Format,
                "the word " + shownText(word, 40)
                    + " is not in the vocabulary, which has no token for unknown words");
}

} // namespace pissarro::core::inline tokenizer
