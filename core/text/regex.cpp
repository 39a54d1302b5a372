// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/regex.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/text/message_text.h"
#include "core/text/utf8.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <algorithm>
#include <array>
#include <new>
#include <pcre2.h>

namespace pissarro::core::inline text {
namespace {

constexpr std::size_t kPatternLimitBytes = 32768;
constexpr std::size_t kJitStackBytes = 1U << 20U;
constexpr std::size_t kMatchLimitBase = 100'000; // plus 16 for each byte of the text
constexpr std::uint32_t kHeapLimitKiB = 64U << 10U; // where there is no JIT

// Oniguruma's classes, spelled out so that they can stand inside brackets.
constexpr std::string_view kSpaceClass = "\\t-\\r\\x20\\x{85}\\p{Z}";
constexpr std::string_view kWordClass = "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\x{200C}\\x{200D}";

std::string_view classOf(char letter)
{
    switch (letter) {
    case 's':
    case 'S':
        return kSpaceClass;
    case 'w':
    case 'W':
        return kWordClass;
    default:
        return {};
    }
}

std::string toPcre2(const std::string& pattern)
{
    std::string out;
    int brackets = 0;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const char c = pattern[i];
        if (c == '\\' && i + 1 < pattern.size()) {
            const char letter = pattern[++i];
            const std::string_view members = classOf(letter);
            const bool negated = letter == 'S' || letter == 'W';
            if (members.empty() || (negated && brackets > 0)) {
                out += c;
                out += letter;
            } else if (brackets > 0) {
                out += members;
            } else {
                out += negated ? "[^" : "[";
                out += members;
                out += ']';
            }
            continue;
        }
        if (c == '[') {
            brackets = 1; // PCRE2 has no nested classes: a second '[' is a character
        } else if (c == ']') {
            brackets = 0;
        }
        out += c;
    }
    return out;
}

// Match data, limits and the JIT's stack, one set for each thread: creating them costs more than a
// match.
struct Workspace {
    pcre2_match_data* data = pcre2_match_data_create(32, nullptr);
    pcre2_match_context* context = pcre2_match_context_create(nullptr);
    pcre2_jit_stack* stack = pcre2_jit_stack_create(32768, kJitStackBytes, nullptr);

    Workspace()
    {
        if (data == nullptr || context == nullptr || stack == nullptr) {
            throw std::bad_alloc();
        }
        pcre2_jit_stack_assign(context, nullptr, stack);
        pcre2_set_heap_limit(context, kHeapLimitKiB);
    }
    ~Workspace()
    {
        pcre2_jit_stack_free(stack);
        pcre2_match_context_free(context);
        pcre2_match_data_free(data);
    }
    Workspace(const Workspace&) = delete;
    Workspace& operator=(const Workspace&) = delete;
};

Workspace& workspace()
{
    thread_local Workspace instance;
    return instance;
}

} // namespace

struct Regex::Code {
    pcre2_code* code = nullptr;

    explicit Code(pcre2_code* compiled)
        : code(compiled)
    {
    }
    ~Code() { pcre2_code_free(code); }
    Code(const Code&) = delete;
    Code& operator=(const Code&) = delete;
};

namespace {

// Compiles for PCRE2 what stands in `translated`; the message names `pattern`, as the file has it.
pcre2_code* compile(const std::string& pattern, const std::string& translated,
                    std::uint32_t options)
{
    int code = 0;
    std::size_t offset = 0;
    pcre2_code* compiled = pcre2_compile(
        reinterpret_cast<PCRE2_SPTR>(translated.data()), translated.size(),
        PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C | options, &code, &offset, nullptr);
    if (compiled == nullptr) {
        std::array<unsigned char, 256> text {};
        pcre2_get_error_message(code, text.data(), text.size());
        throw Error(ErrorKind::Format,
                    "the regular expression " + shownText(pattern)
                        + " does not compile: " + reinterpret_cast<const char*>(text.data()));
    }
    return compiled;
}

void requireShort(const std::string& pattern)
{
    if (pattern.size() > kPatternLimitBytes) {
        throw Error(ErrorKind::Format,
                    fmt::format("a regular expression has {} bytes (expected at most {})",
                                pattern.size(), kPatternLimitBytes));
    }
}

} // namespace

Regex::Regex(const std::string& pattern)
    : m_pattern(pattern)
{
    requireShort(pattern);
    pcre2_code* compiled = compile(pattern, toPcre2(pattern), PCRE2_MULTILINE);
    pcre2_jit_compile(compiled,
                      PCRE2_JIT_COMPLETE); // without a JIT the interpreter does the same, slower
    m_code = std::make_shared<const Code>(compiled);
}

// Without the JIT: these are tried on a few hundred names, and the interpreter holds every limit to the letter.
Regex Regex::python(const std::string& pattern)
{
    requireShort(pattern);
    std::string translated;
    try {
        translated = pythonToPcre2(pattern);
    } catch (const Error& e) {
        throw Error(e.kind(), "the regular expression " + shownText(pattern) + " " + e.what());
    }
    Regex regex;
    regex.m_pattern = pattern;
    regex.m_code = std::make_shared<const Code>(compile(pattern, translated, 0));
    return regex;
}

int Regex::match(std::string_view text, std::size_t at, std::uint32_t options) const
{
    Workspace& work = workspace();
    const std::size_t limit = std::min<std::size_t>(kMatchLimitBase + 16 * text.size(), 0xFFFFFFFF);
    pcre2_set_match_limit(work.context, static_cast<std::uint32_t>(limit));
    const int count =
        pcre2_match(m_code->code, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), at,
                    PCRE2_NO_UTF_CHECK | options, work.data, work.context);
    if (count < 0 && count != PCRE2_ERROR_NOMATCH) {
        throw Error(ErrorKind::Format,
                    "the regular expression " + shownText(m_pattern)
                        + " takes too many steps or too much memory on this text (expected one "
                          "that matches in linear time)");
    }
    return count;
}

bool Regex::matchesStart(std::string_view text) const
{
    return match(text, 0, PCRE2_ANCHORED) != PCRE2_ERROR_NOMATCH;
}

bool Regex::matchesWhole(std::string_view text) const
{
    return match(text, 0, PCRE2_ANCHORED | PCRE2_ENDANCHORED) != PCRE2_ERROR_NOMATCH;
}

void Regex::forEachMatch(std::string_view text,
                         const std::function<void(std::size_t, std::size_t)>& found) const
{
    std::size_t at = 0;
    while (at < text.size() && match(text, at, 0) != PCRE2_ERROR_NOMATCH) {
        const std::size_t* ends = pcre2_get_ovector_pointer(workspace().data);
        const std::size_t begin = std::max(ends[0], at); // \K in a look-behind moves it back
        const std::size_t end = ends[1];
        if (end > begin) {
            found(begin, end);
        }
        at = std::max(end, at);
        if (end <= begin) { // an empty match: go on behind the next character
            do {
                ++at;
            } while (at < text.size() && isContinuation(text[at]));
        }
    }
}

} // namespace pissarro::core::inline text
