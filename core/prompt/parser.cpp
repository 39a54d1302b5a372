// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/prompt/nesting_p.h"
#include "core/prompt/parser_p.h"
#include "core/text/message_text.h"

#include <algorithm>

namespace pissarro::core::inline prompt::jinja {

using Type = Statement::Type;

struct Parser::LoopScope {
    LoopScope(int& loops, int value)
        : m_loops(loops)
        , m_before(std::exchange(loops, value))
    {
    }
    ~LoopScope() { m_loops = m_before; }
    LoopScope(const LoopScope&) = delete;
    LoopScope& operator=(const LoopScope&) = delete;

private:
    int& m_loops;
    int m_before;
};

bool Parser::isOperator(std::string_view op) const
{
    return now().type == Token::Type::Operator && now().text == op;
}

bool Parser::isWord(std::string_view word) const
{
    return now().type == Token::Type::Name && now().text == word;
}

bool Parser::isAnyWord(Words words) const
{
    return std::any_of(words.begin(), words.end(), [&](auto word) { return isWord(word); });
}

bool Parser::skipOperator(std::string_view op)
{
    const bool is = isOperator(op);
    m_at += is ? 1 : 0;
    return is;
}

bool Parser::skipWord(std::string_view word)
{
    const bool is = isWord(word);
    m_at += is ? 1 : 0;
    return is;
}

Token Parser::take()
{
    Token token = now();
    m_at += m_at + 1 < m_tokens.size() ? 1 : 0;
    return token;
}

void Parser::refuse(const std::string& expected) const
{
    failAt(now().line, shownToken(now()) + " stands there (expected " + expected + ")");
}

void Parser::expectOperator(std::string_view op)
{
    if (!skipOperator(op)) {
        refuse("'" + std::string(op) + "'");
    }
}

void Parser::expectWord(std::string_view word)
{
    if (!skipWord(word)) {
        refuse("'" + std::string(word) + "'");
    }
}

void Parser::expectClose()
{
    if (now().type != Token::Type::CloseBlock) {
        refuse("'%}'");
    }
    take();
}

std::string Parser::expectName(const char* what)
{
    if (now().type != Token::Type::Name) {
        refuse(what);
    }
    return take().text;
}

std::unique_ptr<Statement> Parser::make(Type type) const
{
    auto out = std::make_unique<Statement>();
    out->type = type;
    out->line = now().line;
    return out;
}

Block Parser::parse()
{
    Block out = statements({}, "");
    m_unknownForSure.insert(m_unknownForSure.end(), m_unknown.begin(), m_unknown.end());
    if (!m_unknownForSure.empty()) {
        failAt(m_unknownForSure.front().first, m_unknownForSure.front().second);
    }
    return out;
}

// Up to a tag of `ends`, of which "{%" is taken; without ends to the end of the template.
Block Parser::statements(Words ends, const char* tag)
{
    const Nesting nesting(m_depth);
    const int begin = now().line;
    Block out;
    for (;;) {
        switch (now().type) {
        case Token::Type::End:
            if (ends.size() > 0) {
                failAt(begin,
                       std::string("the block '") + tag + "' is not closed (expected '{% "
                           + std::string(*(ends.end() - 1))
                           + " %}' before the end of the template)");
            }
            return out;
        case Token::Type::Data: {
            auto data = make(Type::Data);
            data->data = take().text;
            out.push_back(std::move(data));
            break;
        }
        case Token::Type::OpenOutput: {
            auto output = make(Type::Output);
            take();
            output->outputs.push_back(tuple(false, true, {}));
            if (now().type != Token::Type::CloseOutput) {
                refuse("'}}'");
            }
            take();
            out.push_back(std::move(output));
            break;
        }
        default:
            take(); // "{%"
            if (isAnyWord(ends)) {
                return out;
            }
            out.push_back(statement());
        }
    }
}

Block Parser::body(Words ends, const char* tag, std::string* end)
{
    expectClose();
    Block out = statements(ends, tag);
    const std::string word = take().text;
    if (end != nullptr) {
        *end = word;
    }
    return out;
}

Block Parser::innerBody(Words ends, const char* tag)
{
    const LoopScope scope(m_loops, 0);
    return body(ends, tag, nullptr);
}

std::unique_ptr<Statement> Parser::statement()
{
    using Reader = std::unique_ptr<Statement> (Parser::*)();
    static const std::pair<const char*, Reader> kReaders[] = {
        {"for", &Parser::forStatement},
        {"if", &Parser::ifStatement},
        {"set", &Parser::setStatement},
        {"macro", &Parser::macroStatement},
        {"call", &Parser::callStatement},
        {"filter", &Parser::filterStatement},
        {"with", &Parser::withStatement},
        {"block", &Parser::blockStatement},
        {"generation", &Parser::generationStatement},
        {"autoescape", &Parser::autoescapeStatement},
        {"print", &Parser::printStatement},
        {"break", &Parser::loopControl},
        {"continue", &Parser::loopControl},
        {"include", &Parser::loaderStatement},
        {"import", &Parser::loaderStatement},
        {"from", &Parser::loaderStatement},
        {"extends", &Parser::loaderStatement},
    };
    if (now().type != Token::Type::Name) {
        refuse("the name of a block");
    }
    for (const auto& [word, reader] : kReaders) {
        if (isWord(word)) {
            auto out = (this->*reader)();
            expectClose();
            return out;
        }
    }
    failAt(now().line, "the block " + shownText(now().text, 32) + " is not known here");
}

std::unique_ptr<Statement> Parser::forStatement()
{
    auto out = make(Type::For);
    take();
    out->target = target(true, {"in"});
    if (out->target->type == Expression::Type::Name && out->target->name == "loop") {
        failAt(out->line, "a loop cannot give the name 'loop' to its items");
    }
    expectWord("in");
    out->value = tuple(false, false, {"recursive"});
    if (skipWord("if")) {
        out->condition = expression();
    }
    out->recursive = skipWord("recursive");
    const std::size_t before = m_unknown.size();
    std::string end;
    {
        const LoopScope scope(m_loops, m_loops + 1);
        out->body = body({"endfor", "else"}, "for", &end);
    }
    if (end == "else") {
        out->otherwise = body({"endfor"}, "for", nullptr);
    }
    const auto from = m_unknown.begin() + static_cast<std::ptrdiff_t>(before);
    m_unknownForSure.insert(m_unknownForSure.end(), from, m_unknown.end());
    m_unknown.erase(from, m_unknown.end());
    return out;
}

std::unique_ptr<Statement> Parser::ifStatement()
{
    auto out = make(Type::If);
    const std::size_t before = m_unknown.size();
    std::string end = "elif";
    while (end == "elif") {
        if (out->branches.empty()) {
            take();
        }
        ExpressionPtr condition = tuple(false, false, {});
        Block block = body({"elif", "else", "endif"}, "if", &end);
        out->branches.emplace_back(std::move(condition), std::move(block));
    }
    if (end == "else") {
        out->otherwise = body({"endif"}, "if", nullptr);
    }
    m_unknown.resize(before);
    return out;
}

std::unique_ptr<Statement> Parser::setStatement()
{
    auto out = make(Type::Set);
    take();
    out->target = target(true, {}, /*withFields=*/true);
    if (skipOperator("=")) {
        out->value = tuple(false, true, {});
        return out;
    }
    out->type = Type::SetBlock;
    out->filter = filterOf(nullptr);
    out->body = body({"endset"}, "set", nullptr);
    return out;
}

void Parser::parameters(Statement& statement)
{
    expectOperator("(");
    while (!isOperator(")")) {
        if (!statement.parameters.empty()) {
            expectOperator(",");
        }
        Parameter parameter;
        parameter.name = expectName("the name of a parameter");
        if (skipOperator("=")) {
            parameter.otherwise = expression();
        } else if (!statement.parameters.empty() && statement.parameters.back().otherwise) {
            failAt(now().line,
                   "the parameter " + shownText(parameter.name, 32)
                       + " has no value of its own behind one that has");
        }
        statement.parameters.push_back(std::move(parameter));
    }
    expectOperator(")");
}

bool Parser::wordStands(std::string_view word, std::size_t begin, std::size_t end) const
{
    for (std::size_t i = begin; i < end; ++i) {
        if (m_tokens[i].type == Token::Type::Name && m_tokens[i].text == word
            && m_tokens[i - 1].text != ".") {
            return true;
        }
    }
    return false;
}

// A macro takes a caller and arguments beyond its parameters when its body speaks of them.
void Parser::macroBody(Statement& macro, Words ends, const char* tag)
{
    const std::size_t begin = m_at;
    macro.body = innerBody(ends, tag);
    macro.usesCaller = wordStands("caller", begin, m_at);
    macro.usesKwargs = wordStands("kwargs", begin, m_at);
    macro.usesVarargs = wordStands("varargs", begin, m_at);
}

std::unique_ptr<Statement> Parser::macroStatement()
{
    auto out = make(Type::Macro);
    take();
    out->name = expectName("the name of the macro");
    parameters(*out);
    macroBody(*out, {"endmacro"}, "macro");
    return out;
}

std::unique_ptr<Statement> Parser::callStatement()
{
    auto out = make(Type::CallBlock);
    take();
    if (isOperator("(")) {
        parameters(*out);
    }
    out->value = expression();
    if (out->value->type != Expression::Type::Call) {
        failAt(out->line, "a call block has no call (expected one, such as {% call name() %})");
    }
    macroBody(*out, {"endcall"}, "call");
    return out;
}

std::unique_ptr<Statement> Parser::filterStatement()
{
    auto out = make(Type::FilterBlock);
    take();
    out->filter = filterOf(nullptr, /*first=*/true);
    out->body = body({"endfilter"}, "filter", nullptr);
    return out;
}

std::unique_ptr<Statement> Parser::withStatement()
{
    auto out = make(Type::With);
    take();
    while (now().type != Token::Type::CloseBlock) {
        if (!out->assignments.empty()) {
            expectOperator(",");
        }
        ExpressionPtr name = target(true, {});
        expectOperator("=");
        ExpressionPtr value = expression();
        out->assignments.emplace_back(std::move(name), std::move(value));
    }
    out->body = body({"endwith"}, "with", nullptr);
    return out;
}

std::unique_ptr<Statement> Parser::blockStatement()
{
    auto out = make(Type::NamedBlock);
    take();
    out->name = expectName("the name of the block");
    if (!m_blocks.insert(out->name).second) {
        failAt(out->line, "the block " + shownText(out->name, 32) + " is there twice");
    }
    skipWord("scoped");
    skipWord("required");
    out->body = innerBody({"endblock"}, "block");
    skipWord(out->name);
    return out;
}

std::unique_ptr<Statement> Parser::generationStatement()
{
    auto out = make(Type::Generation);
    take();
    m_marksAnswers = true;
    out->body = innerBody({"endgeneration"}, "generation");
    return out;
}

std::unique_ptr<Statement> Parser::autoescapeStatement()
{
    auto out = make(Type::Autoescape);
    take();
    out->value = expression();
    out->body = body({"endautoescape"}, "autoescape", nullptr);
    return out;
}

std::unique_ptr<Statement> Parser::printStatement()
{
    auto out = make(Type::Output);
    take();
    while (now().type != Token::Type::CloseBlock) {
        if (!out->outputs.empty()) {
            expectOperator(",");
        }
        out->outputs.push_back(expression());
    }
    return out;
}

std::unique_ptr<Statement> Parser::loopControl()
{
    auto out = make(isWord("break") ? Type::Break : Type::Continue);
    if (m_loops == 0) {
        failAt(now().line, "'" + now().text + "' stands outside of a loop");
    }
    take();
    return out;
}

// There is no other template to load: what is asked for is refused when it is reached.
std::unique_ptr<Statement> Parser::loaderStatement()
{
    auto out = make(Type::Loader);
    out->name = take().text;
    if (now().type == Token::Type::CloseBlock) {
        refuse("the name of a template");
    }
    while (now().type != Token::Type::CloseBlock && now().type != Token::Type::End) {
        take();
    }
    return out;
}

} // namespace pissarro::core::inline prompt::jinja
