// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/text/utf8.h"
#include "core/tokenizer/token_model_p.h"

#include <algorithm>

namespace pissarro::core::inline tokenizer {
namespace {

constexpr std::size_t kCachedWordBytes = 96;

} // namespace

struct UnigramModel::Step {
    double score = 0;
    std::int32_t id = -1;
    std::ptrdiff_t begin = -1; // -1: not reached
};

UnigramModel::UnigramModel(const Vocabulary& vocabulary, std::vector<double> scores,
                           std::int32_t unknownId, bool byteFallback)
    : m_vocabulary(vocabulary)
    , m_scores(std::move(scores))
    , m_unknownId(unknownId)
    , m_byteFallback(byteFallback)
{
    if (m_scores.empty() || m_scores.size() > static_cast<std::size_t>(vocabulary.size())) {
        throw Error(ErrorKind::Format,
                    fmt::format("the unigram model has {} scores for {} pieces", m_scores.size(),
                                vocabulary.size()));
    }
    m_unknownScore = *std::min_element(m_scores.begin(), m_scores.end()) - 10.0;
    std::vector<std::pair<std::string_view, std::int32_t>> pieces;
    pieces.reserve(m_scores.size());
    for (std::size_t id = 0; id < m_scores.size(); ++id) {
        pieces.emplace_back(vocabulary.piece(static_cast<std::int32_t>(id)),
                            static_cast<std::int32_t>(id));
    }
    m_pieces = PieceTrie(std::move(pieces));
}

std::vector<UnigramModel::Step> UnigramModel::bestSteps(std::string_view word) const
{
    std::vector<Step> steps(word.size() + 1);
    const auto improve = [&](std::size_t end, std::size_t begin, double score, std::int32_t id) {
        const double total = steps[begin].score + score;
        if (steps[end].begin < 0 || total > steps[end].score) {
            steps[end] = {total, id, static_cast<std::ptrdiff_t>(begin)};
        }
    };
    for (std::size_t begin = 0; begin < word.size();) {
        const std::size_t width = std::min(utf8Width(word[begin]), word.size() - begin);
        bool hasSingle = false;
        PieceTrie::Node node = PieceTrie::kRoot;
        for (std::size_t at = begin; at < word.size(); ++at) {
            node = m_pieces.step(node, word[at]);
            if (node == PieceTrie::kNone) {
                break;
            }
            const std::int32_t id = m_pieces.idAt(node);
            if (id >= 0) {
                improve(at + 1, begin, m_scores[static_cast<std::size_t>(id)], id);
                hasSingle = hasSingle || at + 1 - begin == width;
            }
        }
        if (!hasSingle) {
            improve(begin + width, begin, m_unknownScore, m_unknownId);
        }
        begin += width;
    }
    return steps;
}

void UnigramModel::append(std::string_view part, std::vector<std::int32_t>& out) const
{
    const std::int32_t id = m_vocabulary.find(part);
    if (id >= 0) {
        out.push_back(id);
        return;
    }
    std::vector<std::int32_t> bytes;
    for (const char c : m_byteFallback ? part : std::string_view()) {
        bytes.push_back(m_vocabulary.find(bytePiece(static_cast<unsigned char>(c))));
    }
    if (!bytes.empty() && std::find(bytes.begin(), bytes.end(), -1) == bytes.end()) {
        out.insert(out.end(), bytes.begin(), bytes.end());
    } else if (m_unknownId >= 0) {
        out.push_back(m_unknownId);
    }
}

void UnigramModel::encode(std::string_view word, std::vector<std::int32_t>& out) const
{
    const bool cached = word.size() <= kCachedWordBytes;
    if (cached && m_cache.lookUp(word, out)) {
        return;
    }
    const std::size_t before = out.size();
    segment(word, out);
    if (cached) {
        m_cache.store(word, out.data() + before, out.size() - before);
    }
}

void UnigramModel::segment(std::string_view word, std::vector<std::int32_t>& out) const
{
    const std::vector<Step> steps = bestSteps(word);
    std::vector<std::string_view> parts; // last one first; unknown neighbours are one part
    bool inUnknown = false;
    for (auto end = static_cast<std::ptrdiff_t>(word.size()); end > 0;) {
        const Step& step = steps[static_cast<std::size_t>(end)];
        const auto begin = static_cast<std::size_t>(step.begin);
        const auto length = static_cast<std::size_t>(end) - begin;
        const bool unknown = m_unknownId >= 0 && step.id == m_unknownId;
        if (unknown && inUnknown) {
            parts.back() = word.substr(begin, length + parts.back().size());
        } else {
            parts.push_back(word.substr(begin, length));
        }
        inUnknown = unknown;
        end = step.begin;
    }
    for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
        append(*part, out);
    }
}

} // namespace pissarro::core::inline tokenizer
