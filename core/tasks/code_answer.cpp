// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/tasks/code_answer_p.h"
#include "core/tasks/python_text_p.h"
#include "core/text/json_fields.h"
#include "core/text/json_value.h"
#include "core/text/utf8.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace pissarro::core::inline tasks {

namespace {

constexpr std::string_view kFence = "```";

// Up to `mark`, stripped; the same text where there is none.
std::string cutAt(const std::string& text, std::string_view mark)
{
    const std::size_t at = text.find(mark);
    return at == std::string::npos
        ? text
        : std::string(strippedText(std::string_view(text).substr(0, at)));
}

} // namespace

std::optional<std::string> pissaCode(std::string_view output)
{
    constexpr std::string_view kOpen = "```python";
    std::string text = replacedText(output, "\r", "");
    if (const std::size_t at = text.find(kOpen); at != std::string::npos) {
        text = replacedText(strippedText(std::string_view(text).substr(at)), kOpen, "");
        text = cutAt(text, "\n```");
    }
    constexpr std::string_view kMain = "if __name__ == \"__main__\":";
    if (text.find("__name__ == \"__main__\"") != std::string::npos) {
        if (text.find(kMain) == std::string::npos) {
            return std::nullopt;
        }
        text = cutAt(text, kMain);
    }
    return cutAt(cutAt(text, "# Example usage"), "assert");
}

std::string codeBefore(std::string_view output, const std::vector<std::string_view>& marks)
{
    std::size_t end = output.size();
    for (const std::string_view mark : marks) {
        end = std::min(end, output.find(mark));
    }
    return std::string(output.substr(0, end));
}

std::string firstFenced(std::string_view output)
{
    std::size_t begin = 0;
    while (begin < output.size()) {
        std::size_t next = begin;
        if (!isWordCharacter(nextCodePoint(output, next))) {
            break;
        }
        begin = next;
    }
    begin += begin < output.size() && output[begin] == '\n' ? 1 : 0;
    std::size_t end = output.find(kFence, begin);
    if (end == std::string_view::npos) {
        return {};
    }
    end -= end > begin && output[end - 1] == '\n' ? 1 : 0;
    return std::string(output.substr(begin, end - begin));
}

void requireTexts(const nlohmann::json& row, const std::vector<const char*>& keys)
{
    for (const char* const key : keys) {
        if (!row.is_object() || !jsonFieldAs<std::string>(row, key)) {
            throw Error(ErrorKind::Format,
                        "is " + shownValue(row)
                            + " (expected the row of the data set, with a text \"" + key + "\")");
        }
    }
}

} // namespace pissarro::core::inline tasks
