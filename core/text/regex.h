// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace pissarro::core::inline text {

// A regular expression out of a stranger's file, run by PCRE2. There is no other engine in the program: std::regex
// backtracks without bound.
//
// Limits: a pattern has 32 KiB at most and 250 nested groups; a match that takes more steps than the text's length
// explains, or more memory than a few MiB, is an Error and never a wait.
// Threads: immutable, cheap to copy; any number at once.
class Regex {
public:
    // An expression of a tokenizer.json: Oniguruma's dialect, Unicode. \s, \S and \w are rewritten to Oniguruma's
    // Unicode meaning: PCRE2's own differ by a few characters.
    // Throws: Error{Format} naming the pattern when it does not compile.
    explicit Regex(const std::string& pattern);

    // An expression of Python's `re`, as PEFT has them. What PCRE2 would take in another sense is rewritten (\Z, \v, \uXXXX,
    // {,n}, '[' inside brackets, (?P<name>…)); what Python has not (\Q, \K, (?R), (*VERB) …), and what PCRE2 cannot do as
    // Python does (\N{…}, the flag x), is refused by name.
    // Throws: Error{Format} naming the pattern and what is wrong with it.
    static Regex python(const std::string& pattern);

    // Calls `found(begin, end)` for each match that is not empty, left to right.
    // Requires: `text` is valid UTF-8. Cost: bounded by a match limit that grows with the text's
    // length. Throws: Error{Format} naming the pattern when it runs over that limit.
    void forEachMatch(std::string_view text,
                      const std::function<void(std::size_t, std::size_t)>& found) const;

    // re.match: from the first character on. re.fullmatch: the whole text. Cost and Throws: as above.
    bool matchesStart(std::string_view text) const;
    bool matchesWhole(std::string_view text) const;

    const std::string& pattern() const { return m_pattern; }

private:
    struct Code;
    Regex() = default;
    int match(std::string_view text, std::size_t at, std::uint32_t options) const;

    std::string m_pattern;
    std::shared_ptr<const Code> m_code;
};

// What PCRE2 needs to read a pattern of Python's `re` as Python does.
// Throws: Error{Format} saying what is refused, without the pattern.
std::string pythonToPcre2(std::string_view pattern);

} // namespace pissarro::core::inline text
