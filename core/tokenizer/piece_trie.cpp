// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenizer/piece_trie_p.h"

#include <algorithm>
#include <cstring>

namespace pissarro::core::inline tokenizer {
namespace {

struct Stretch { // of the sorted pieces, which begin alike
    std::size_t begin = 0;
    std::size_t end = 0;
    std::size_t depth = 0;
};

} // namespace

PieceTrie::PieceTrie(std::vector<std::pair<std::string_view, std::int32_t>> pieces)
{
    std::erase_if(pieces, [](const auto& piece) { return piece.first.empty(); });
    std::stable_sort(pieces.begin(), pieces.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    // Breadth first: a node's number is its place among the stretches.
    std::vector<Stretch> stretches {{0, pieces.size(), 0}};
    for (std::size_t node = 0; node < stretches.size(); ++node) {
        auto [at, end, depth] = stretches[node];
        for (; at < end && pieces[at].first.size() == depth; ++at) {
            m_ids[node] = pieces[at].second;
        }
        m_first[node] = static_cast<std::uint32_t>(stretches.size());
        while (at < end) {
            const char label = pieces[at].first[depth];
            std::size_t next = at + 1;
            while (next < end && pieces[next].first[depth] == label) {
                ++next;
            }
            stretches.push_back({at, next, depth + 1});
            m_labels.push_back(label);
            m_first.push_back(0);
            m_counts.push_back(0);
            m_ids.push_back(-1);
            ++m_counts[node];
            at = next;
        }
    }
}

PieceTrie::Node PieceTrie::step(Node node, char byte) const
{
    const std::uint16_t count = m_counts[node];
    const char* const labels = m_labels.data() + m_first[node];
    if (count <= 4) {
        for (std::uint16_t i = 0; i < count; ++i) {
            if (labels[i] == byte) {
                return m_first[node] + i;
            }
        }
        return kNone;
    }
    const void* const place = std::memchr(labels, byte, count);
    return place == nullptr
        ? kNone
        : m_first[node] + static_cast<Node>(static_cast<const char*>(place) - labels);
}

} // namespace pissarro::core::inline tokenizer
