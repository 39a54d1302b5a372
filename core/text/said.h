// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

// Marks a text of core that the window shows in the language of the person: lupdate collects it (tests/tools/words.py),
// the text itself is unchanged. `context` is "pissarro::core". PISSARRO_SAID_N: the plural of a sentence with a count.
#define PISSARRO_SAID(context, text) text
#define PISSARRO_SAID_N(context, text) text

namespace pissarro::core::inline text {

// A sentence as what it is made of, for whoever says it in another language.
struct Said {
    std::string id; // its English with %1, %2 …, in the plural; a translation is looked up by it
    std::string one; // its English where `count` is 1
    std::int64_t count = 0; // that decides between them
    std::vector<std::string> args; // what stands for %1, %2 … (nine at most)

    std::string text() const; // in English
};

} // namespace pissarro::core::inline text
