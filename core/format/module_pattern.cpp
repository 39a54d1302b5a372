// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/module_pattern.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <utility>

namespace pissarro::core::inline format {

namespace {

constexpr std::size_t kLongestKey = 4096;

// "(?i)(?s)" at the start of a key.
std::size_t flagsLength(const std::string& key)
{
    std::size_t at = 0;
    while (key.compare(at, 2, "(?") == 0) {
        const std::size_t end = key.find_first_not_of("aiLmsux", at + 2);
        if (end == std::string::npos || end == at + 2 || key[end] != ')') {
            break;
        }
        at = end + 1;
    }
    return at;
}

} // namespace

ModulePattern::ModulePattern(std::string key)
    : m_key(std::move(key))
{
    if (m_key.size() > kLongestKey) {
        throw Error(ErrorKind::Format,
                    fmt::format("the pattern {} has {} bytes (expected at most {})",
                                shownText(m_key), m_key.size(), kLongestKey));
    }
    const bool plain =
        m_key.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.")
        == std::string::npos;
    if (plain) {
        return;
    }
    const std::size_t flags = flagsLength(m_key);
    try {
        m_regex = Regex::python(m_key.substr(0, flags) + "(.*\\.)?(" + m_key.substr(flags) + ")$");
    } catch (const Error& e) {
        throw e.within("the pattern " + shownText(m_key));
    }
}

bool ModulePattern::matches(std::string_view module) const
{
    if (m_regex) {
        return m_regex->matchesStart(module);
    }
    if (module.size() < m_key.size()) {
        return false;
    }
    const std::size_t begin = module.size() - m_key.size();
    return (begin == 0 || module[begin - 1] == '.')
        && std::equal(m_key.begin(), m_key.end(),
                      module.begin() + static_cast<std::ptrdiff_t>(begin),
                      [](char wanted, char found) { return wanted == '.' || wanted == found; });
}

bool isModulePattern(const std::string& key)
{
    try {
        ModulePattern pattern(key);
        return true;
    } catch (const Error&) {
        return false;
    }
}

} // namespace pissarro::core::inline format
