// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace pissarro::core {

// A regular expression of a tokenizer.json (Oniguruma's dialect, Unicode) run by PCRE2 with its JIT
// compiler.
//
// \s, \S and \w are rewritten to Oniguruma's Unicode meaning: PCRE2's own differ by a few
// characters. Threads: immutable; any number at once.
class Regex {
public:
    // Throws: Error{Format} naming the pattern when it does not compile.
    explicit Regex(const std::string& pattern);

    // Calls `found(begin, end)` for each match that is not empty, left to right.
    // Requires: `text` is valid UTF-8. Cost: bounded by a match limit that grows with the text's
    // length. Throws: Error{Format} naming the pattern when it runs over that limit.
    void forEachMatch(std::string_view text,
                      const std::function<void(std::size_t, std::size_t)>& found) const;

    const std::string& pattern() const { return m_pattern; }

private:
    struct Code;
    std::string m_pattern;
    std::shared_ptr<const Code> m_code;
};

} // namespace pissarro::core
