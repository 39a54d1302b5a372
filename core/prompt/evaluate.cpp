// SPDX-License-Identifier: GPL-3.0-or-later
// Expressions. Statements are in interpreter.cpp.
#include "core/prompt/filters_p.h"
#include "core/prompt/interpreter_p.h"
#include "core/prompt/loop_p.h"
#include "core/prompt/python_text_p.h"
#include "core/text/message_text.h"

#include <algorithm>

namespace pissarro::core::inline prompt::jinja {
namespace {

using Type = Expression::Type;

bool compares(Meter& meter, const std::string& op, const Value& left, const Value& right)
{
    if (op == "==" || op == "!=") {
        return areEqual(meter, left, right) == (op == "==");
    }
    if (op == "in" || op == "not in") {
        return isContained(meter, left, right) == (op == "in");
    }
    if (op == "<" || op == ">") {
        return op == "<" ? isLess(meter, left, right, "<") : isLess(meter, right, left, ">");
    }
    return (op == "<=" ? isLess(meter, left, right, "<=") : isLess(meter, right, left, ">="))
        || areEqual(meter, left, right);
}

// How Jinja names the kind of a value in "'dict object' has no attribute 'x'".
std::string objectText(const Value& value)
{
    return value.is(Kind::None) ? "None" : typeName(value) + " object";
}

} // namespace

Value Interpreter::evaluate(const Expression& expression, const ScopePtr& scope)
{
    const CallDepth depth(m_depth);
    m_line = expression.line;
    m_meter.spend(1);
    switch (expression.type) {
    case Type::Constant:
        return expression.value;
    case Type::Name:
        return evaluateName(expression, scope);
    case Type::Tuple:
        return newList(m_meter, evaluateAll(expression.parts, scope), Sequence::Flavour::Tuple);
    case Type::List:
        return newList(m_meter, evaluateAll(expression.parts, scope));
    case Type::Dict:
        return evaluateDict(expression, scope);
    case Type::Attribute:
        return attribute(evaluate(*expression.parts[0], scope), expression.name);
    case Type::Item:
        return evaluateItem(expression, scope);
    case Type::Call: {
        const Value callee = evaluate(*expression.parts[0], scope);
        Arguments arguments = argumentsOf(expression, scope);
        m_line = expression.line;
        return call(callee, arguments);
    }
    case Type::Filter: {
        const Value input = evaluate(*expression.parts[0], scope);
        Arguments arguments = argumentsOf(expression, scope);
        m_line = expression.line;
        return filter(expression.name, input, arguments);
    }
    case Type::Test: {
        const Value input = evaluate(*expression.parts[0], scope);
        Arguments arguments = argumentsOf(expression, scope);
        return Value::boolean(test(expression.name, input, arguments));
    }
    case Type::Unary:
        return evaluateUnary(expression, scope);
    case Type::Binary:
        return evaluateBinary(expression, scope);
    case Type::Concat:
        return joinedTexts(m_meter, evaluateAll(expression.parts, scope), m_autoescape);
    case Type::Compare:
        return evaluateCompare(expression, scope);
    case Type::Choice:
        if (isTrue(evaluate(*expression.parts[0], scope))) {
            return evaluate(*expression.parts[1], scope);
        }
        return expression.parts[2] ? evaluate(*expression.parts[2], scope)
                                   : Value::undefined("a condition without 'else' is false");
    case Type::Slice:
    case Type::Field:
        break;
    }
    fail("a slice stands where a value is expected");
}

std::vector<Value> Interpreter::evaluateAll(const std::vector<ExpressionPtr>& parts,
                                            const ScopePtr& scope, std::size_t from)
{
    std::vector<Value> out;
    for (std::size_t i = from; i < parts.size(); ++i) {
        out.push_back(evaluate(*parts[i], scope));
    }
    return out;
}

Value Interpreter::evaluateName(const Expression& expression, const ScopePtr& scope)
{
    if (const Value* value = scope->find(expression.name)) {
        return *value;
    }
    if (std::optional<Value> global = globalNamed(*this, expression.name)) {
        return *global;
    }
    return Value::undefined("'" + expression.name + "' is undefined");
}

Value Interpreter::evaluateUnary(const Expression& expression, const ScopePtr& scope)
{
    const Value value = evaluate(*expression.parts[0], scope);
    if (expression.name == "not") {
        return Value::boolean(!isTrue(value));
    }
    if (value.is(Kind::Undefined)) {
        fail(value.undefinedMessage());
    }
    if (!value.isNumber()) {
        fail("a value of the type " + typeName(value) + " has no sign");
    }
    const bool minus = expression.name == "-";
    if (value.is(Kind::Float)) {
        return Value::real(minus ? -value.number() : value.number());
    }
    return applyOperator(m_meter, minus ? "-" : "+", Value::integer(0), value);
}

Value Interpreter::evaluateBinary(const Expression& expression, const ScopePtr& scope)
{
    Value left = evaluate(*expression.parts[0], scope);
    if (expression.name == "and" || expression.name == "or") {
        const bool goesOn = isTrue(left) == (expression.name == "and");
        return goesOn ? evaluate(*expression.parts[1], scope) : left;
    }
    const Value right = evaluate(*expression.parts[1], scope);
    m_line = expression.line;
    return applyOperator(m_meter, expression.name, left, right);
}

Value Interpreter::evaluateCompare(const Expression& expression, const ScopePtr& scope)
{
    Value left = evaluate(*expression.parts[0], scope);
    for (std::size_t i = 0; i < expression.operators.size(); ++i) {
        const Value right = evaluate(*expression.parts[i + 1], scope);
        if (!compares(m_meter, expression.operators[i], left, right)) {
            return Value::boolean(false);
        }
        left = right;
    }
    return Value::boolean(true);
}

Value Interpreter::evaluateDict(const Expression& expression, const ScopePtr& scope)
{
    std::vector<std::pair<Value, Value>> entries;
    for (std::size_t i = 0; i + 1 < expression.parts.size(); i += 2) {
        Value key = evaluate(*expression.parts[i], scope);
        entries.emplace_back(std::move(key), evaluate(*expression.parts[i + 1], scope));
    }
    return newDict(m_meter, std::move(entries));
}

Value Interpreter::evaluateItem(const Expression& expression, const ScopePtr& scope)
{
    const Value object = evaluate(*expression.parts[0], scope);
    const Expression& index = *expression.parts[1];
    if (index.type != Type::Slice) {
        const Value key = evaluate(index, scope);
        m_line = expression.line;
        return item(object, key);
    }
    std::vector<std::optional<Value>> bounds;
    for (const ExpressionPtr& part : index.parts) {
        bounds.push_back(part ? std::optional(evaluate(*part, scope)) : std::nullopt);
    }
    const bool slices = object.is(Kind::Text) || object.is(Kind::Sequence);
    if (m_isConstant && !slices) {
        return Value::undefined("a " + typeName(object) + " cannot be sliced");
    }
    return sliceOf(m_meter, object, bounds[0], bounds[1], bounds[2]);
}

Arguments Interpreter::argumentsOf(const Expression& expression, const ScopePtr& scope)
{
    Arguments out;
    out.positional = evaluateAll(expression.parts, scope, 1);
    for (const auto& [name, value] : expression.named) {
        out.named.emplace_back(name, evaluate(*value, scope));
    }
    if (expression.star) {
        const std::vector<Value> more = elementsOf(m_meter, evaluate(*expression.star, scope));
        out.positional.insert(out.positional.end(), more.begin(), more.end());
    }
    if (expression.doubleStar) {
        const Value more = evaluate(*expression.doubleStar, scope);
        if (!more.is(Kind::Dict)) {
            fail("what stands behind ** is " + typeName(more) + " (expected a dict)");
        }
        for (const auto& [key, value] : more.dict().entries) {
            out.named.emplace_back(textOf(m_meter, key), value);
        }
    }
    return out;
}

Value Interpreter::applyFilters(const Expression& chain, const Value& input, const ScopePtr& scope)
{
    const CallDepth depth(m_depth);
    const Value value = chain.parts[0] ? applyFilters(*chain.parts[0], input, scope) : input;
    Arguments arguments = argumentsOf(chain, scope);
    return filter(chain.name, value, arguments);
}

Value Interpreter::call(const Value& callee, Arguments& arguments)
{
    m_meter.spend(1);
    if (callee.is(Kind::Undefined)) {
        fail(callee.undefinedMessage());
    }
    if (!callee.is(Kind::Callable) || !callee.callable().isCallable()) {
        fail("a value of the type " + typeName(callee) + " is called as if it were a function");
    }
    const Value held = callee; // what it does may drop the name it was called by
    return held.callable().call(*this, arguments);
}

Value Interpreter::filter(const std::string& name, const Value& input, Arguments& arguments)
{
    m_meter.spend(1);
    const FilterBody known = filterNamed(name);
    if (known == nullptr) {
        fail("the filter " + shownText(name, 32) + " is not known");
    }
    return known(*this, input, arguments);
}

bool Interpreter::test(const std::string& name, const Value& input, Arguments& arguments)
{
    m_meter.spend(1);
    const TestBody known = testNamed(name);
    if (known == nullptr) {
        fail("the test " + shownText(name, 32) + " is not known");
    }
    return known(*this, input, arguments);
}

Value Interpreter::attribute(const Value& object, const std::string& name)
{
    if (object.is(Kind::Undefined)) {
        fail(object.undefinedMessage());
    }
    if (std::optional<Value> value = attributeOf(*this, object, name)) {
        return *value;
    }
    if (object.is(Kind::Dict)) {
        if (const Value* value = object.dict().find(name)) {
            return *value;
        }
    }
    return Value::undefined("'" + objectText(object) + "' has no attribute '" + name + "'");
}

Value Interpreter::item(const Value& object, const Value& key)
{
    if (object.is(Kind::Undefined)) {
        fail(object.undefinedMessage());
    }
    if (object.is(Kind::Dict)) {
        const bool hashable = !key.is(Kind::Dict)
            && !(key.is(Kind::Sequence) && key.sequence().flavour == Sequence::Flavour::List);
        const Value* value = hashable ? object.dict().find(m_meter, key) : nullptr;
        if (value != nullptr) {
            return *value;
        }
    }
    const bool indexed = object.is(Kind::Text)
        || (object.is(Kind::Sequence) && object.sequence().flavour <= Sequence::Flavour::Range);
    if (indexed && key.isWhole()) {
        const auto count = static_cast<Whole>(*lengthOf(object));
        const Whole at = key.whole() < 0 ? key.whole() + count : key.whole();
        if (at >= 0 && at < count) {
            return object.is(Kind::Text)
                ? sliceOf(m_meter, object, Value::integer(at), Value::integer(at + 1), std::nullopt)
                : object.sequence().items[static_cast<std::size_t>(at)];
        }
    }
    if (key.is(Kind::Text)) {
        if (std::optional<Value> value = attributeOf(*this, object, key.text())) {
            return *value;
        }
        return Value::undefined("'" + objectText(object) + "' has no attribute '" + key.text()
                                + "'");
    }
    return Value::undefined(objectText(object) + " has no such element");
}

Value Interpreter::newNamespace(std::vector<std::pair<std::string, Value>> fields)
{
    m_meter.claimElements(fields.size());
    auto names = std::make_shared<Namespace>();
    for (auto& [name, value] : fields) {
        if (name.starts_with('_')) {
            fail("a namespace cannot hold a name that starts with an underscore ("
                 + shownText(name, 32) + ")");
        }
        m_meter.spend(names->fields.size());
        names->set(name, value);
    }
    m_namespaces.push_back(names);
    return Value::object(Kind::Namespace, std::move(names));
}

} // namespace pissarro::core::inline prompt::jinja
