// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace pissarro::core::inline text {

struct TextPart {
    std::size_t begin = 0; // in bytes; on the edges of characters, where the text is UTF-8
    std::size_t end = 0;

    friend bool operator==(const TextPart&, const TextPart&) = default;
};

// Where two texts differ: without these parts both are the same text.
struct TextDifference {
    std::vector<TextPart> onlyA; // ascending, none of them empty or touching another
    std::vector<TextPart> onlyB;
    bool isShortest =
        true; // no fewer words can be marked; false: there were too many, all between the common ends is marked
};

// Compares two answers word by word. A word is a run of letters, digits and underscores of any script, so is white space; every
// other character, and every byte that is not UTF-8, stands alone. "12" and "13" differ as a whole.
// Formula: Myers 1986, «An O(ND) Difference Algorithm», after the words that both begin and end with.
// Cost: words + edits², 2 edits² bytes; at most `maxEdits` words of both are marked one by one. Threads: any.
TextDifference differenceOf(std::string_view a, std::string_view b, std::size_t maxEdits = 1000);

} // namespace pissarro::core::inline text
