// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/infer/finished_text.h"

#include "core/text/utf8.h"

#include <algorithm>
#include <string_view>

namespace pissarro::core::inline infer {

FinishedText::FinishedText(const std::vector<std::string>& stops)
{
    for (const std::string& stop : stops) {
        m_held = std::max(m_held, std::max<std::size_t>(stop.size(), 1) - 1);
    }
}

std::string FinishedText::next(const std::string& text, bool isOver)
{
    const std::size_t free = text.size() - std::min(text.size(), m_held);
    const std::size_t whole =
        isOver ? text.size() : wholeCharacters(std::string_view(text).substr(0, free));
    // A cut character decodes to U+FFFD until its other bytes come: that tail waits too.
    const bool waits = !isOver && whole >= 3 && text.compare(whole - 3, 3, "\xEF\xBF\xBD") == 0;
    if (waits || whole <= m_told) {
        return {};
    }
    std::string finished = text.substr(m_told, whole - m_told);
    m_told = whole;
    return finished;
}

} // namespace pissarro::core::inline infer
