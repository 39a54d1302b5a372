// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/message_text.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/text/escaped_text.h"
#include "core/text/utf8.h"

#include <array>

namespace pissarro::core::inline text {

namespace {

constexpr std::size_t kPathLimit = 160;

void appendEscaped(std::string& out, std::string_view text, std::size_t limit)
{
    while (!text.empty()) {
        const std::size_t length = characterAt(text).width;
        const auto first = static_cast<unsigned char>(text.front());
        std::string piece;
        if (length == 0 || first < 0x20U || first == 0x7FU) {
            piece = fmt::format("\\x{:02x}", first);
        } else {
            piece =
                terminalLine(text.substr(0, length)); // nothing that turns the direction of writing
        }
        if (out.size() + piece.size() > limit) {
            out += "…";
            return;
        }
        out += piece;
        text.remove_prefix(length == 0 ? 1 : length);
    }
}

} // namespace

std::string shownText(std::string_view text, std::size_t limit)
{
    std::string body;
    appendEscaped(body, text, limit);
    return "'" + body + "'";
}

std::string shownPath(const std::filesystem::path& path)
{
    const std::string full = path.string();
    std::string_view rest = full;
    rest.remove_prefix(rest.size() > kPathLimit ? rest.size() - kPathLimit : 0);
    std::string out;
    for (;;) { // its end says the most; escapes count too
        while (rest.size() < full.size() && !rest.empty() && isContinuation(rest.front())) {
            rest.remove_prefix(1); // not into the middle of a character
        }
        out = rest.size() < full.size() ? "…" : "";
        appendEscaped(out, rest, std::string::npos);
        if (out.size() <= kPathLimit + std::string_view("…").size()) {
            return out;
        }
        rest.remove_prefix(1);
    }
}

void requireUtf8(const std::filesystem::path& path)
{
    if (!isValidUtf8(path.native())) {
        throw Error(
            ErrorKind::InvalidArgument,
            shownPath(path)
                + ": has a name that is not UTF-8, which no file of a run can hold; rename it");
    }
}

std::string textWithoutNul(std::string_view key, std::string text)
{
    if (text.find('\0') != std::string::npos) {
        throw Error(ErrorKind::Format,
                    fmt::format("{} is {}, with the character U+0000 in it, which no path or name "
                                "has (expected text without it); correct it",
                                key, shownText(text)));
    }
    return text;
}

std::string shownShape(const std::vector<std::int64_t>& shape)
{
    std::string out = "[";
    for (std::size_t i = 0; i < shape.size(); ++i) {
        if (i == 8) {
            return out + ", …]";
        }
        out += fmt::format("{}{}", i == 0 ? "" : ", ", shape[i]);
    }
    return out + "]";
}

std::string listText(const std::vector<std::string_view>& names, std::string_view last)
{
    const std::string beforeLast = last.empty() ? ", " : " " + std::string(last) + " ";
    std::string out;
    for (std::size_t i = 0; i < names.size(); ++i) {
        out += i == 0 ? "" : i + 1 < names.size() ? ", " : beforeLast;
        out += names[i];
    }
    return out;
}

std::string bytesText(std::uint64_t bytes)
{
    constexpr std::array<const char*, 5> kUnits {"bytes", "kB", "MB", "GB", "TB"};
    auto amount = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (amount >= 1000.0 && unit + 1 < kUnits.size()) {
        amount /= 1000.0;
        ++unit;
    }
    return fmt::format("{:.{}f} {}", amount, unit == 0 ? 0 : 1, kUnits.at(unit));
}

} // namespace pissarro::core::inline text
