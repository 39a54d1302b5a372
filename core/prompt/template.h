// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline prompt {

// Bytes [begin, end) of a text.
struct TextSpan {
    std::size_t begin = 0;
    std::size_t end = 0;
};

// What a template may cost: it comes with a download, and a hostile one must end with a line.
struct TemplateLimits {
    std::uint64_t steps =
        40'000'000; // an operation, eight bytes of text or a quarter of an element is one
    std::size_t textBytes = 64U << 20U; // of any text, the rendering included
    std::size_t sourceBytes = 4U << 20U;
};

struct RenderedTemplate {
    std::string text;
    std::vector<TextSpan> generation; // what {% generation %} marked, in order
};

// A chat template in Jinja, as transformers runs it: Jinja 3.1's immutable sandbox with trim_blocks and lstrip_blocks,
// loop controls, {% generation %}, raise_exception, strftime_now, and a tojson that leaves HTML alone.
// What Python would print differently on each run (addresses, random choices) and what is not known is refused by name.
// Threads: immutable; render() may be called from any thread at once.
class JinjaTemplate {
public:
    // Throws: Error{Format} with the line of the template and what stands there.
    explicit JinjaTemplate(std::string_view source, const TemplateLimits& limits = {});
    ~JinjaTemplate();
    JinjaTemplate(JinjaTemplate&&) noexcept;
    JinjaTemplate& operator=(JinjaTemplate&&) noexcept;

    // `variables` is an object; its members are the template's names. now: what strftime_now speaks of, local
    // "2026-02-03T04:05:06"; absent: the clock.
    // Throws: Error{Format} with the line, also for raise_exception and for what Python would raise.
    RenderedTemplate render(const nlohmann::ordered_json& variables,
                            const std::optional<std::string>& now = std::nullopt) const;

    bool marksAnswers() const; // it has a {% generation %} block
    bool names(std::string_view word) const; // `word` stands somewhere in the source

private:
    struct Program;
    std::unique_ptr<const Program> m_program;
};

} // namespace pissarro::core::inline prompt
