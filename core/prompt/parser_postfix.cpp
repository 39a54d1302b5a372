// SPDX-License-Identifier: GPL-3.0-or-later
// What may stand behind a value: .name, [index], (arguments), | filter, is test.
#include "core/prompt/filters_p.h"
#include "core/prompt/nesting_p.h"
#include "core/prompt/parser_p.h"
#include "core/text/message_text.h"

namespace pissarro::core::inline prompt::jinja {

using Type = Expression::Type;

ExpressionPtr Parser::postfix(ExpressionPtr node)
{
    for (;;) {
        if (isOperator(".") || isOperator("[")) {
            node = subscript(std::move(node));
        } else if (isOperator("(")) {
            node = call(std::move(node));
        } else {
            return node;
        }
    }
}

ExpressionPtr Parser::filtered(ExpressionPtr node)
{
    for (;;) {
        if (isOperator("|")) {
            node = filterOf(std::move(node));
        } else if (isWord("is")) {
            node = testOf(std::move(node));
        } else if (isOperator("(")) {
            node = call(std::move(node));
        } else {
            return node;
        }
    }
}

void Parser::demandKnown(const char* what, const std::string& name, bool known)
{
    if (!known) {
        m_unknown.emplace_back(
            now().line, std::string("the ") + what + " " + shownText(name, 32) + " is not known");
    }
}

// One filter behind a value; without a value all of them, of a block.
ExpressionPtr Parser::filterOf(ExpressionPtr value, bool first)
{
    const bool ofBlock = value == nullptr;
    while (isOperator("|") || first) {
        if (!first) {
            take();
        }
        first = false;
        auto out = node(Type::Filter);
        out->name = expectName("the name of a filter");
        while (skipOperator(".")) {
            out->name += "." + expectName("the name of a filter");
        }
        demandKnown("filter", out->name, filterNamed(out->name) != nullptr);
        out->parts.push_back(std::move(value));
        if (isOperator("(")) {
            arguments(*out);
        }
        value = chained(std::move(out));
        if (!ofBlock) {
            break;
        }
    }
    return value;
}

ExpressionPtr Parser::testOf(ExpressionPtr value)
{
    take(); // is
    const bool negated = skipWord("not");
    auto out = node(Type::Test);
    out->name = expectName("the name of a test");
    while (skipOperator(".")) {
        out->name += "." + expectName("the name of a test");
    }
    demandKnown("test", out->name, testNamed(out->name) != nullptr);
    out->parts.push_back(std::move(value));
    const Token::Type next = now().type;
    const bool startsValue = next == Token::Type::Name || next == Token::Type::Text
        || next == Token::Type::Integer || next == Token::Type::Float || isOperator("[")
        || isOperator("{");
    if (isOperator("(")) {
        arguments(*out);
    } else if (startsValue && !isAnyWord({"else", "or", "and"})) {
        if (isWord("is")) {
            failAt(now().line, "tests cannot be chained by 'is'");
        }
        out->parts.push_back(postfix(primary()));
    }
    if (!negated) {
        return chained(std::move(out));
    }
    auto negation = node(Type::Unary);
    negation->name = "not";
    negation->parts.push_back(chained(std::move(out)));
    return chained(std::move(negation));
}

ExpressionPtr Parser::subscript(ExpressionPtr object)
{
    const Nesting nesting(m_depth);
    auto out = node(Type::Attribute);
    out->parts.push_back(std::move(object));
    if (skipOperator(".")) {
        if (now().type == Token::Type::Name) {
            out->name = take().text;
            return chained(std::move(out));
        }
        if (now().type != Token::Type::Integer) {
            refuse("a name or a number behind the dot");
        }
        out->type = Type::Item;
        auto index = node(Type::Constant);
        index->value = Value::integer(take().whole);
        out->parts.push_back(std::move(index));
        return chained(std::move(out));
    }
    expectOperator("[");
    out->type = Type::Item;
    auto indices = node(Type::Tuple);
    while (!isOperator("]")) {
        if (!indices->parts.empty()) {
            expectOperator(",");
        }
        indices->parts.push_back(subscribed());
    }
    expectOperator("]");
    if (indices->parts.size() == 1) {
        out->parts.push_back(std::move(indices->parts.front()));
    } else {
        out->parts.push_back(std::move(indices));
    }
    return chained(std::move(out));
}

ExpressionPtr Parser::subscribed()
{
    ExpressionPtr begin;
    if (!isOperator(":")) {
        begin = expression();
        if (!isOperator(":")) {
            return begin;
        }
    }
    auto out = node(Type::Slice);
    take(); // :
    const auto bound = [&]() -> ExpressionPtr {
        return isOperator(":") || isOperator("]") || isOperator(",") ? nullptr : expression();
    };
    out->parts.push_back(std::move(begin));
    out->parts.push_back(bound());
    out->parts.push_back(skipOperator(":") ? bound() : nullptr);
    return out;
}

ExpressionPtr Parser::call(ExpressionPtr callee)
{
    const Nesting nesting(m_depth);
    auto out = node(Type::Call);
    out->parts.push_back(std::move(callee));
    arguments(*out);
    return chained(std::move(out));
}

void Parser::arguments(Expression& node)
{
    const int line = now().line;
    const auto demand = [&](bool fits) {
        if (!fits) {
            failAt(line,
                   "the arguments stand in an order that a call does not have (expected "
                   "plain ones, then name=value)");
        }
    };
    expectOperator("(");
    for (bool first = true; !isOperator(")"); first = false) {
        if (!first) {
            expectOperator(",");
            if (isOperator(")")) {
                break;
            }
        }
        if (skipOperator("*")) {
            demand(!node.star && !node.doubleStar);
            node.star = expression();
        } else if (skipOperator("**")) {
            demand(!node.doubleStar);
            node.doubleStar = expression();
        } else if (now().type == Token::Type::Name && ahead().type == Token::Type::Operator
                   && ahead().text == "=") {
            demand(!node.doubleStar);
            std::string name = take().text;
            take();
            node.named.emplace_back(std::move(name), expression());
        } else {
            demand(!node.star && !node.doubleStar && node.named.empty());
            node.parts.push_back(expression());
        }
    }
    expectOperator(")");
}

} // namespace pissarro::core::inline prompt::jinja
