// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace pissarro::core::inline tokenizer {

// Finds every piece that begins at a place of a text, byte by byte. The children of a node lie side by side, so that 256
// thousand pieces take some ten MB and a step is one look at a few neighbours.
// Threads: immutable, any number at once.
class PieceTrie {
public:
    using Node = std::uint32_t;
    static constexpr Node kRoot = 0;
    static constexpr Node kNone = ~Node {0};

    PieceTrie() = default;
    // Of equal pieces the last counts; an empty one is no piece. Cost: O(n log n) comparisons and the bytes of all.
    explicit PieceTrie(std::vector<std::pair<std::string_view, std::int32_t>> pieces);

    Node step(Node node, char byte) const; // kNone: no piece goes on so
    std::int32_t idAt(Node node) const { return m_ids[node]; } // -1: no piece ends here

private:
    std::vector<std::uint32_t> m_first {1}; // by node: its first child
    std::vector<std::uint16_t> m_counts {0}; // by node: how many
    std::vector<std::int32_t> m_ids {-1};
    std::vector<char> m_labels {'\0'}; // by node: the byte that leads to it
};

} // namespace pissarro::core::inline tokenizer
