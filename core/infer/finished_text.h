// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace pissarro::core::inline infer {

// Which of an answer's text is finished while it goes on: whole characters, and none that a text which ends the answer may
// begin in.
class FinishedText {
public:
    explicit FinishedText(const std::vector<std::string>& stops);

    // text: of all tokens so far. isOver: nothing follows, and it is cut before a stop. Returns what was not told before;
    // may be empty.
    std::string next(const std::string& text, bool isOver);

private:
    std::size_t m_held = 0; // bytes at the end of the text that may begin a stop
    std::size_t m_told = 0; // bytes that were given out
};

} // namespace pissarro::core::inline infer
