// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/shell_text.h"

#include <string_view>

namespace pissarro::core::inline text {

std::string shellQuoted(const std::string& text)
{
    constexpr std::string_view kSafe =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:=@%+,-";
    if (!text.empty() && text.find_first_not_of(kSafe) == std::string::npos) {
        return text;
    }
    std::string quoted = "'";
    for (const char c : text) {
        quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    }
    return quoted + "'";
}

} // namespace pissarro::core::inline text
