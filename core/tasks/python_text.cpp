// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tasks/python_text_p.h"
#include "core/text/utf8.h"

#include <algorithm>

namespace pissarro::core::inline tasks {

std::vector<std::string> splitText(std::string_view text, std::string_view at)
{
    std::vector<std::string> parts;
    for (std::size_t next = text.find(at); next != std::string_view::npos; next = text.find(at)) {
        parts.emplace_back(text.substr(0, next));
        text.remove_prefix(next + at.size());
    }
    parts.emplace_back(text);
    return parts;
}

std::string replacedText(std::string_view text, std::string_view from, std::string_view to)
{
    std::string result;
    for (std::size_t next = text.find(from); next != std::string_view::npos;
         next = text.find(from)) {
        result.append(text.substr(0, next)).append(to);
        text.remove_prefix(next + from.size());
    }
    return result.append(text);
}

std::size_t codePointsOf(std::string_view text)
{
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return !isContinuation(c); }));
}

} // namespace pissarro::core::inline tasks
