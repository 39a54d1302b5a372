// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/fmt.h"
#include "core/prompt/nesting_p.h"
#include "core/prompt/parser_p.h"

#include <algorithm>
#include <array>

namespace pissarro::core::inline prompt::jinja {

using Type = Expression::Type;

std::unique_ptr<Expression> Parser::node(Type type) const
{
    auto out = std::make_unique<Expression>();
    out->type = type;
    out->line = now().line;
    return out;
}

// `a.b.c` and `a + b + c` nest without a bracket: what walks them is recursive, so the chain has an end.
ExpressionPtr Parser::chained(std::unique_ptr<Expression> node)
{
    constexpr int kChainLimit = 400;
    for (const ExpressionPtr& part : node->parts) {
        node->depth = std::max(node->depth, part ? 1 + part->depth : 1);
    }
    if (node->depth > kChainLimit) {
        failAt(node->line,
               fmt::format("an expression is a chain of more than {} parts", kChainLimit));
    }
    return node;
}

ExpressionPtr Parser::binary(const Token& op, ExpressionPtr left, ExpressionPtr right) const
{
    auto out = node(Type::Binary);
    out->line = op.line;
    out->name = op.text;
    out->parts.push_back(std::move(left));
    out->parts.push_back(std::move(right));
    return chained(std::move(out));
}

ExpressionPtr Parser::expression(bool withChoice)
{
    const Nesting nesting(m_depth);
    return withChoice ? choice() : either();
}

ExpressionPtr Parser::choice()
{
    const std::size_t before = m_unknown.size();
    ExpressionPtr value = either();
    bool isChoice = false;
    while (isWord("if")) {
        auto out = node(Type::Choice);
        take();
        isChoice = true;
        out->parts.push_back(either());
        out->parts.push_back(std::move(value));
        if (skipWord("else")) {
            const Nesting nesting(m_depth);
            out->parts.push_back(choice());
        } else {
            out->parts.push_back(nullptr);
        }
        value = chained(std::move(out));
    }
    if (isChoice) {
        m_unknown.resize(std::min(before, m_unknown.size()));
    }
    return value;
}

ExpressionPtr Parser::either()
{
    ExpressionPtr left = both();
    while (isWord("or")) {
        const Token op = take();
        left = binary(op, std::move(left), both());
    }
    return left;
}

ExpressionPtr Parser::both()
{
    ExpressionPtr left = negation();
    while (isWord("and")) {
        const Token op = take();
        left = binary(op, std::move(left), negation());
    }
    return left;
}

ExpressionPtr Parser::negation()
{
    if (!isWord("not")) {
        return comparison();
    }
    const Nesting nesting(m_depth);
    auto out = node(Type::Unary);
    out->name = take().text;
    out->parts.push_back(negation());
    return out;
}

ExpressionPtr Parser::comparison()
{
    constexpr std::array<std::string_view, 6> kOperators {"==", "!=", "<", "<=", ">", ">="};
    ExpressionPtr first = sum();
    auto out = node(Type::Compare);
    for (;;) {
        const bool isSign = now().type == Token::Type::Operator
            && std::find(kOperators.begin(), kOperators.end(), now().text) != kOperators.end();
        if (isSign || isWord("in")) {
            out->operators.push_back(take().text);
        } else if (isWord("not") && ahead().type == Token::Type::Name && ahead().text == "in") {
            take();
            take();
            out->operators.emplace_back("not in");
        } else {
            break;
        }
        if (out->parts.empty()) {
            out->parts.push_back(std::move(first));
        }
        out->parts.push_back(sum());
    }
    return out->parts.empty() ? std::move(first) : std::move(out);
}

ExpressionPtr Parser::sum()
{
    ExpressionPtr left = concatenation();
    while (isOperator("+") || isOperator("-")) {
        const Token op = take();
        left = binary(op, std::move(left), concatenation());
    }
    return left;
}

ExpressionPtr Parser::concatenation()
{
    ExpressionPtr first = product();
    if (!isOperator("~")) {
        return first;
    }
    auto out = node(Type::Concat);
    out->parts.push_back(std::move(first));
    while (skipOperator("~")) {
        out->parts.push_back(product());
    }
    return out;
}

ExpressionPtr Parser::product()
{
    ExpressionPtr left = power();
    while (isOperator("*") || isOperator("/") || isOperator("//") || isOperator("%")) {
        const Token op = take();
        left = binary(op, std::move(left), power());
    }
    return left;
}

ExpressionPtr Parser::power()
{
    ExpressionPtr left = unary();
    while (isOperator("**")) {
        const Token op = take();
        left = binary(op, std::move(left), unary());
    }
    return left;
}

ExpressionPtr Parser::unary(bool withFilter)
{
    ExpressionPtr out;
    if (isOperator("-") || isOperator("+")) {
        const Nesting nesting(m_depth);
        auto sign = node(Type::Unary);
        sign->name = take().text;
        sign->parts.push_back(unary(false));
        out = std::move(sign);
    } else {
        out = primary();
    }
    out = postfix(std::move(out));
    return withFilter ? filtered(std::move(out)) : std::move(out);
}

ExpressionPtr Parser::constantName()
{
    auto out = node(Type::Constant);
    const std::string& word = now().text;
    if (word == "true" || word == "True") {
        out->value = Value::boolean(true);
    } else if (word == "false" || word == "False") {
        out->value = Value::boolean(false);
    } else if (word == "none" || word == "None") {
        out->value = Value::none();
    } else {
        out->type = Type::Name;
        out->name = word;
    }
    take();
    return out;
}

ExpressionPtr Parser::primary()
{
    const Nesting nesting(m_depth);
    auto out = node(Type::Constant);
    switch (now().type) {
    case Token::Type::Name:
        return constantName();
    case Token::Type::Text: {
        std::string text;
        while (now().type == Token::Type::Text) {
            text += take().text;
        }
        out->value = Value::plainText(std::move(text));
        return out;
    }
    case Token::Type::Integer:
        out->value = Value::integer(take().whole);
        return out;
    case Token::Type::Float:
        out->value = Value::real(take().real);
        return out;
    default:
        break;
    }
    if (skipOperator("(")) {
        ExpressionPtr inner = tuple(false, true, {}, /*parenthesised=*/true);
        expectOperator(")");
        return inner;
    }
    if (isOperator("[")) {
        return listLiteral();
    }
    if (isOperator("{")) {
        return dictLiteral();
    }
    refuse("a value");
}

ExpressionPtr Parser::listLiteral()
{
    auto out = node(Type::List);
    expectOperator("[");
    while (!isOperator("]")) {
        if (!out->parts.empty()) {
            expectOperator(",");
        }
        if (isOperator("]")) {
            break;
        }
        out->parts.push_back(expression());
    }
    expectOperator("]");
    return out;
}

ExpressionPtr Parser::dictLiteral()
{
    auto out = node(Type::Dict);
    expectOperator("{");
    while (!isOperator("}")) {
        if (!out->parts.empty()) {
            expectOperator(",");
        }
        if (isOperator("}")) {
            break;
        }
        out->parts.push_back(expression());
        expectOperator(":");
        out->parts.push_back(expression());
    }
    expectOperator("}");
    return out;
}

ExpressionPtr Parser::tuple(bool simplified, bool withChoice, Words ends, bool parenthesised,
                            bool withFields)
{
    auto out = node(Type::Tuple);
    bool isTuple = false;
    const auto isEnd = [&] {
        return now().type == Token::Type::CloseOutput || now().type == Token::Type::CloseBlock
            || isOperator(")") || isAnyWord(ends);
    };
    for (;;) {
        if (!out->parts.empty()) {
            expectOperator(",");
        }
        if (isEnd()) {
            break;
        }
        out->parts.push_back(simplified ? target(false, {}, withFields) : expression(withChoice));
        if (!isOperator(",")) {
            break;
        }
        isTuple = true;
    }
    if (isTuple) {
        return out;
    }
    if (!out->parts.empty()) {
        return std::move(out->parts.front());
    }
    if (!parenthesised) {
        refuse("an expression");
    }
    return out;
}

void Parser::demandTarget(const Expression& target) const
{
    const bool isTuple = target.type == Type::Tuple;
    if (target.type != Type::Name && target.type != Type::Field && !isTuple) {
        failAt(target.line, "what stands there cannot be assigned to (expected a name)");
    }
    for (const ExpressionPtr& part : target.parts) {
        demandTarget(*part);
    }
}

// What is assigned to: a name, `name.attribute` of a namespace, or several of them.
ExpressionPtr Parser::target(bool withTuple, Words ends, bool withFields)
{
    const Nesting nesting(m_depth);
    if (withTuple) {
        ExpressionPtr out = tuple(true, true, ends, false, withFields);
        demandTarget(*out);
        return out;
    }
    const bool isField = withFields && now().type == Token::Type::Name
        && ahead().type == Token::Type::Operator && ahead().text == ".";
    if (!isField) {
        return primary();
    }
    auto out = node(Type::Field);
    out->name = take().text;
    take();
    out->attribute = expectName("the name of an attribute");
    return out;
}

} // namespace pissarro::core::inline prompt::jinja
