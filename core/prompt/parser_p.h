// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/prompt/ast_p.h"
#include "core/prompt/lexer_p.h"

#include <initializer_list>
#include <set>

namespace pissarro::core::inline prompt::jinja {

// Tokens to statements, by Jinja's grammar. Throws: Error{Format} with the line.
class Parser {
public:
    explicit Parser(std::vector<Token> tokens)
        : m_tokens(std::move(tokens))
    {
    }
    Block parse();
    bool marksAnswers() const { return m_marksAnswers; }

private:
    using Words = std::initializer_list<std::string_view>;
    // What ends the body of a loop: `break` inside a macro inside a loop belongs to no loop.
    struct LoopScope;

    // tokens
    const Token& now() const { return m_tokens[m_at]; }
    const Token& ahead() const { return m_tokens[std::min(m_at + 1, m_tokens.size() - 1)]; }
    bool isOperator(std::string_view op) const;
    bool isWord(std::string_view word) const;
    bool isAnyWord(Words words) const;
    bool skipOperator(std::string_view op);
    bool skipWord(std::string_view word);
    Token take();
    void expectOperator(std::string_view op);
    void expectWord(std::string_view word);
    void expectClose();
    std::string expectName(const char* what);
    [[noreturn]] void refuse(const std::string& expected) const;

    // statements
    Block statements(Words ends, const char* tag);
    Block body(Words ends, const char* tag, std::string* end); // takes the end's tag
    std::unique_ptr<Statement> statement();
    std::unique_ptr<Statement> make(Statement::Type type) const;
    std::unique_ptr<Statement> forStatement();
    std::unique_ptr<Statement> ifStatement();
    std::unique_ptr<Statement> setStatement();
    std::unique_ptr<Statement> macroStatement();
    std::unique_ptr<Statement> callStatement();
    std::unique_ptr<Statement> filterStatement();
    std::unique_ptr<Statement> withStatement();
    std::unique_ptr<Statement> blockStatement();
    std::unique_ptr<Statement> generationStatement();
    std::unique_ptr<Statement> autoescapeStatement();
    std::unique_ptr<Statement> printStatement();
    std::unique_ptr<Statement> loopControl();
    std::unique_ptr<Statement> loaderStatement();
    void parameters(Statement& statement);
    Block innerBody(Words ends, const char* tag); // where no loop is around
    void macroBody(Statement& macro, Words ends, const char* tag);
    bool wordStands(std::string_view word, std::size_t begin, std::size_t end) const;

    // expressions, from the loosest to the tightest
    ExpressionPtr expression(bool withChoice = true);
    ExpressionPtr choice();
    ExpressionPtr either();
    ExpressionPtr both();
    ExpressionPtr negation();
    ExpressionPtr comparison();
    ExpressionPtr sum();
    ExpressionPtr concatenation();
    ExpressionPtr product();
    ExpressionPtr power();
    ExpressionPtr unary(bool withFilter = true);
    ExpressionPtr primary();
    ExpressionPtr constantName();
    ExpressionPtr postfix(ExpressionPtr node);
    ExpressionPtr filtered(ExpressionPtr node);
    ExpressionPtr filterOf(ExpressionPtr node, bool first = false);
    ExpressionPtr testOf(ExpressionPtr node);
    ExpressionPtr subscript(ExpressionPtr node);
    ExpressionPtr subscribed();
    ExpressionPtr call(ExpressionPtr node);
    void arguments(Expression& node);
    ExpressionPtr listLiteral();
    ExpressionPtr dictLiteral();
    ExpressionPtr tuple(bool simplified, bool withChoice, Words ends, bool parenthesised = false,
                        bool withFields = false);
    ExpressionPtr target(bool withTuple, Words ends, bool withFields = false);
    void demandTarget(const Expression& node) const;
    std::unique_ptr<Expression> node(Expression::Type type) const;
    ExpressionPtr binary(const Token& op, ExpressionPtr left, ExpressionPtr right) const;
    static ExpressionPtr
    chained(std::unique_ptr<Expression> node); // Throws when the chain grows too long
    void demandKnown(const char* what, const std::string& name, bool known);

    std::vector<Token> m_tokens;
    std::size_t m_at = 0;
    int m_depth = 0;
    int m_loops = 0;
    bool m_marksAnswers = false;
    std::set<std::string> m_blocks;
    // Filters and tests that nobody knows: refused at once, but inside a condition only when they are reached.
    std::vector<std::pair<int, std::string>> m_unknown;
    std::vector<std::pair<int, std::string>> m_unknownForSure;
};

} // namespace pissarro::core::inline prompt::jinja
