// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/prompt/template.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/prompt/interpreter_p.h"
#include "core/prompt/parser_p.h"
#include "core/text/utf8.h"

namespace pissarro::core::inline prompt {
namespace {

// An error is one line, and its text may come from the template (raise_exception).
std::string oneLine(std::string_view text)
{
    constexpr std::size_t kShown = 240;
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t begin = at;
        const char32_t c = nextCodePoint(text, at);
        if (c < 0x20 || c == 0x7F || (c >= 0x80 && c < 0xA0)) {
            out += ' ';
        } else {
            out += text.substr(begin, at - begin);
        }
        if (out.size() > kShown && at < text.size()) {
            return out + "…";
        }
    }
    return out;
}

} // namespace

struct JinjaTemplate::Program {
    jinja::Block block;
    std::string source;
    TemplateLimits limits;
    bool marksAnswers = false;
};

JinjaTemplate::JinjaTemplate(std::string_view source, const TemplateLimits& limits)
{
    if (source.size() > limits.sourceBytes) {
        jinja::fail(fmt::format("the template has {} bytes (expected at most {})", source.size(),
                                limits.sourceBytes));
    }
    if (!isValidUtf8(source)) {
        jinja::fail("the template is not valid UTF-8");
    }
    auto program = std::make_unique<Program>();
    try {
        jinja::Parser parser(jinja::tokensOf(source));
        program->block = parser.parse();
        program->marksAnswers = parser.marksAnswers();
    } catch (const Error& e) {
        throw Error(e.kind(), oneLine(e.what()));
    }
    program->source = source;
    program->limits = limits;
    m_program = std::move(program);
}

JinjaTemplate::~JinjaTemplate() = default;
JinjaTemplate::JinjaTemplate(JinjaTemplate&&) noexcept = default;
JinjaTemplate& JinjaTemplate::operator=(JinjaTemplate&&) noexcept = default;

RenderedTemplate JinjaTemplate::render(const nlohmann::ordered_json& variables,
                                       const std::optional<std::string>& now) const
{
    jinja::Meter meter(m_program->limits.steps, m_program->limits.textBytes);
    jinja::Interpreter interpreter(m_program->block, meter, variables, now);
    try {
        return interpreter.run();
    } catch (const Error& e) {
        throw Error(e.kind(), fmt::format("line {}: {}", interpreter.line(), oneLine(e.what())));
    }
}

bool JinjaTemplate::marksAnswers() const
{
    return m_program->marksAnswers;
}

bool JinjaTemplate::names(std::string_view word) const
{
    return m_program->source.find(word) != std::string::npos;
}

} // namespace pissarro::core::inline prompt
