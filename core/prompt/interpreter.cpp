// SPDX-License-Identifier: GPL-3.0-or-later
// Statements. Expressions are in evaluate.cpp.
#include "core/base/fmt.h"
#include "core/prompt/filters_p.h"
#include "core/prompt/interpreter_p.h"
#include "core/prompt/loop_p.h"
#include "core/prompt/nesting_p.h"
#include "core/prompt/python_text_p.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace pissarro::core::inline prompt::jinja {
namespace {

using Type = Statement::Type;

ScopePtr within(const ScopePtr& parent)
{
    auto scope = std::make_shared<Scope>();
    scope->parent = parent;
    return scope;
}

class Macro final : public Callable {
public:
    Macro(const Statement& statement, ScopePtr scope, std::string title)
        : m_statement(statement)
        , m_scope(std::move(scope))
    {
        name = std::move(title);
    }
    Value call(Interpreter& interpreter, Arguments& arguments) override
    {
        return interpreter.runMacro(m_statement, m_scope, arguments);
    }
    std::optional<Value> attribute(const std::string& wanted) override
    {
        if (wanted == "name") {
            return Value::plainText(name);
        }
        if (wanted != "arguments") {
            return std::nullopt;
        }
        auto names = std::make_shared<Sequence>();
        names->flavour = Sequence::Flavour::Tuple;
        for (const Parameter& parameter : m_statement.parameters) {
            names->items.push_back(Value::plainText(parameter.name));
        }
        return Value::object(Kind::Sequence, std::move(names));
    }

private:
    const Statement& m_statement;
    ScopePtr m_scope;
};

// Jinja works such an output out when it reads the template, by rules that differ for a slice.
bool isConstant(const Expression& expression)
{
    if (expression.type == Expression::Type::Name || expression.type == Expression::Type::Call
        || expression.star || expression.doubleStar) {
        return false;
    }
    return std::all_of(expression.parts.begin(), expression.parts.end(),
                       [](const ExpressionPtr& part) { return !part || isConstant(*part); })
        && std::all_of(expression.named.begin(), expression.named.end(),
                       [](const auto& entry) { return isConstant(*entry.second); });
}

// `self` within a template of blocks.
class Blocks final : public Callable {
public:
    explicit Blocks(std::function<std::optional<Value>(const std::string&)> find)
        : m_find(std::move(find))
    {
    }
    Value call(Interpreter&, Arguments&) override { fail("'self' cannot be called"); }
    std::optional<Value> attribute(const std::string& wanted) override { return m_find(wanted); }
    bool isCallable() const override { return false; }

private:
    std::function<std::optional<Value>(const std::string&)> m_find;
};

} // namespace

void Scope::set(const std::string& name, const Value& value)
{
    for (auto& [known, held] : names) {
        if (known == name) {
            held = value;
            return;
        }
    }
    names.emplace_back(name, value);
}

const Value* Scope::find(const std::string& name) const
{
    for (const Scope* scope = this; scope != nullptr; scope = scope->parent.get()) {
        for (const auto& [known, value] : scope->names) {
            if (known == name) {
                return &value;
            }
        }
    }
    return nullptr;
}

// Sends what is written into a text of its own for as long as it lives.
class Interpreter::Captured {
public:
    Captured(Interpreter& interpreter, std::string& text)
        : m_interpreter(interpreter)
        , m_before(std::exchange(interpreter.m_sink, &text))
    {
    }
    ~Captured() { m_interpreter.m_sink = m_before; }
    Captured(const Captured&) = delete;
    Captured& operator=(const Captured&) = delete;

private:
    Interpreter& m_interpreter;
    std::string* m_before;
};

Interpreter::Interpreter(const Block& program, Meter& meter,
                         const nlohmann::ordered_json& variables, std::optional<std::string> now)
    : m_program(program)
    , m_meter(meter)
    , m_now(std::move(now))
{
    auto outer = std::make_shared<Scope>();
    for (const auto& [name, value] : variables.items()) {
        outer->names.emplace_back(name, Value::fromJson(value));
    }
    m_top = within(outer);
}

Interpreter::~Interpreter()
{
    for (const ScopePtr& scope : m_kept) {
        scope->names.clear();
    }
    m_top->names.clear();
    for (const auto& names : m_namespaces) {
        names->fields.clear();
    }
}

RenderedTemplate Interpreter::run()
{
    auto blocks = std::make_shared<Blocks>([this](const std::string& name) {
        for (const auto& [known, statement] : m_blocks) {
            if (known == name) {
                const Statement* block = statement;
                return std::optional(newFunction(name, [block](Interpreter& self, Arguments&) {
                    return self.asResult(self.captured(block->body, within(self.m_top)));
                }));
            }
        }
        return std::optional<Value>();
    });
    if (m_top->find("self") == nullptr) {
        m_top->parent->set("self", Value::object(Kind::Callable, std::move(blocks)));
    }
    run(m_program, m_top);
    return {std::move(m_out), std::move(m_generation)};
}

void Interpreter::write(std::string_view text)
{
    m_meter.claimText(text.size());
    m_meter.checkText(m_sink->size() + text.size());
    *m_sink += text;
}

void Interpreter::writeValue(const Value& value)
{
    const std::string text = textOf(m_meter, value);
    write(m_autoescape && !value.isMarkup() ? escapedHtml(text) : text);
}

Value Interpreter::asResult(std::string text)
{
    return newText(m_meter, std::move(text), m_autoescape);
}

std::string Interpreter::captured(const Block& block, const ScopePtr& scope)
{
    std::string text;
    const Captured capture(*this, text);
    run(block, scope);
    return text;
}

Interpreter::Flow Interpreter::run(const Block& block, const ScopePtr& scope)
{
    for (const auto& statement : block) {
        if (const Flow flow = run(*statement, scope); flow != Flow::On) {
            return flow;
        }
    }
    return Flow::On;
}

Interpreter::Flow Interpreter::run(const Statement& statement, const ScopePtr& scope)
{
    const CallDepth depth(m_depth);
    m_line = statement.line;
    m_meter.spend(1);
    switch (statement.type) {
    case Type::Data:
        write(statement.data);
        return Flow::On;
    case Type::Output:
        for (const ExpressionPtr& output : statement.outputs) {
            m_isConstant = isConstant(*output);
            writeValue(evaluate(*output, scope));
        }
        return Flow::On;
    case Type::If:
        return runIf(statement, scope);
    case Type::For:
        return runFor(statement, scope, evaluate(*statement.value, scope), 0);
    case Type::Set:
        assign(*statement.target, evaluate(*statement.value, scope), scope);
        return Flow::On;
    case Type::SetBlock:
        runSetBlock(statement, scope);
        return Flow::On;
    case Type::Macro:
        scope->set(statement.name, macroOf(statement, scope, statement.name));
        return Flow::On;
    case Type::CallBlock:
        runCallBlock(statement, scope);
        return Flow::On;
    case Type::FilterBlock:
        return runFilterBlock(statement, scope);
    case Type::With: {
        const ScopePtr inner = within(scope);
        for (const auto& [name, value] : statement.assignments) {
            assign(*name, evaluate(*value, scope), inner);
        }
        return run(statement.body, inner);
    }
    case Type::NamedBlock:
        runNamedBlock(statement);
        return Flow::On;
    case Type::Generation:
        runGeneration(statement, scope);
        return Flow::On;
    case Type::Autoescape:
        return runAutoescape(statement, scope);
    case Type::Break:
        return Flow::Break;
    case Type::Continue:
        return Flow::Continue;
    case Type::Loader:
        break;
    }
    fail("'" + statement.name + "' asks for another template, and a chat template stands alone");
}

Interpreter::Flow Interpreter::runFilterBlock(const Statement& statement, const ScopePtr& scope)
{
    std::string text;
    Flow flow = Flow::On;
    {
        const Captured capture(*this, text);
        flow = run(statement.body, within(scope));
    }
    writeValue(applyFilters(*statement.filter, asResult(std::move(text)), scope));
    return flow;
}

Interpreter::Flow Interpreter::runAutoescape(const Statement& statement, const ScopePtr& scope)
{
    const bool before = m_autoescape;
    m_autoescape = isTrue(evaluate(*statement.value, scope));
    const Flow flow = run(statement.body, scope);
    m_autoescape = before;
    return flow;
}

Interpreter::Flow Interpreter::runIf(const Statement& statement, const ScopePtr& scope)
{
    for (const auto& [condition, body] : statement.branches) {
        if (isTrue(evaluate(*condition, scope))) {
            return run(body, scope);
        }
    }
    return run(statement.otherwise, scope);
}

std::vector<Value> Interpreter::kept(const Statement& loop, const ScopePtr& scope,
                                     const Value& items)
{
    std::vector<Value> all = elementsOf(m_meter, items);
    if (!loop.condition) {
        return all;
    }
    std::vector<Value> out;
    for (const Value& item : all) {
        const ScopePtr inner = within(scope);
        inner->set("loop", Value::undefined("'loop' is undefined in the condition of a loop"));
        assign(*loop.target, item, inner);
        if (isTrue(evaluate(*loop.condition, inner))) {
            out.push_back(item);
        }
    }
    return out;
}

Interpreter::Flow Interpreter::runFor(const Statement& statement, const ScopePtr& scope,
                                      const Value& items, int depth)
{
    auto loop = std::make_shared<Loop>(statement, scope, kept(statement, scope, items), depth);
    bool ranThrough = false; // Jinja's else runs unless a round came to its end
    while (loop->next()) {
        m_meter.spend(1);
        const ScopePtr inner = within(scope);
        inner->set("loop", Value::object(Kind::Callable, loop));
        assign(*statement.target, loop->item(), inner);
        const Flow flow = run(statement.body, inner);
        if (flow == Flow::Break) {
            break;
        }
        ranThrough = ranThrough || flow == Flow::On;
    }
    return ranThrough ? Flow::On : run(statement.otherwise, within(scope));
}

Value Interpreter::runLoopAgain(const Statement& loop, const ScopePtr& scope, const Value& items,
                                int depth)
{
    std::string text;
    {
        const Captured capture(*this, text);
        runFor(loop, scope, items, depth);
    }
    return asResult(std::move(text));
}

void Interpreter::runSetBlock(const Statement& statement, const ScopePtr& scope)
{
    Value value = asResult(captured(statement.body, within(scope)));
    if (statement.filter) {
        value = applyFilters(*statement.filter, value, scope);
    }
    assign(*statement.target, value, scope);
}

Value Interpreter::macroOf(const Statement& statement, const ScopePtr& scope,
                           const std::string& name)
{
    if (scope != m_top && (m_kept.empty() || m_kept.back() != scope)) {
        m_meter.claimElements(1);
        m_kept.push_back(scope);
    }
    return Value::object(Kind::Callable, std::make_shared<Macro>(statement, scope, name));
}

void Interpreter::runCallBlock(const Statement& statement, const ScopePtr& scope)
{
    const Value callee = evaluate(*statement.value->parts.front(), scope);
    Arguments arguments = argumentsOf(*statement.value, scope);
    arguments.named.emplace_back("caller", macroOf(statement, scope, "caller"));
    writeValue(call(callee, arguments));
}

// transformers counts from what the template as a whole has written, so a block within a macro is placed at the macro's
// call.
void Interpreter::runGeneration(const Statement& statement, const ScopePtr& scope)
{
    const std::string text = captured(statement.body, within(scope));
    m_generation.push_back({m_out.size(), m_out.size() + text.size()});
    write(text);
}

void Interpreter::runNamedBlock(const Statement& statement)
{
    m_blocks.emplace_back(statement.name, &statement);
    run(statement.body, within(m_top));
}

void Interpreter::assign(const Expression& target, const Value& value, const ScopePtr& scope)
{
    if (target.type == Expression::Type::Name) {
        scope->set(target.name, value);
        return;
    }
    if (target.type == Expression::Type::Field) {
        const Value* object = scope->find(target.name);
        if (object == nullptr || !object->is(Kind::Namespace)) {
            fail("'" + target.name + "' is no namespace, so that nothing can be set in it");
        }
        if (target.attribute.starts_with('_')) {
            fail("a namespace cannot hold a name that starts with an underscore ("
                 + shownText(target.attribute, 32) + ")");
        }
        m_meter.claimElements(1);
        object->names().set(target.attribute, value);
        return;
    }
    const std::vector<Value> values = elementsOf(m_meter, value);
    if (values.size() != target.parts.size()) {
        fail(fmt::format("{} values are to be given {} names", values.size(), target.parts.size()));
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
        assign(*target.parts[i], values[i], scope);
    }
}

void Interpreter::bindParameters(const Statement& macro, const ScopePtr& inner,
                                 Arguments& arguments)
{
    auto& named = arguments.named;
    const auto takeNamed = [&](const std::string& name) -> std::optional<Value> {
        const auto place = std::find_if(named.begin(), named.end(),
                                        [&](const auto& entry) { return entry.first == name; });
        if (place == named.end()) {
            return std::nullopt;
        }
        Value value = place->second;
        named.erase(place);
        return value;
    };
    bool speaksOfCaller = false;
    for (std::size_t i = 0; i < macro.parameters.size(); ++i) {
        const Parameter& parameter = macro.parameters[i];
        speaksOfCaller = speaksOfCaller || parameter.name == "caller";
        if (i < arguments.positional.size()) {
            inner->set(parameter.name, arguments.positional[i]);
        } else if (const std::optional<Value> value = takeNamed(parameter.name)) {
            inner->set(parameter.name, *value);
        } else {
            inner->set(parameter.name,
                       parameter.otherwise ? evaluate(*parameter.otherwise, inner)
                                           : Value::undefined("the parameter '" + parameter.name
                                                              + "' was not given"));
        }
    }
    if (macro.usesCaller && !speaksOfCaller) {
        inner->set("caller",
                   takeNamed("caller").value_or(Value::undefined("no caller is defined")));
    }
    if (macro.usesKwargs) {
        std::vector<std::pair<Value, Value>> rest;
        for (const auto& [name, value] : named) {
            rest.emplace_back(Value::plainText(name), value);
        }
        inner->set("kwargs", newDict(m_meter, std::move(rest)));
    } else if (!named.empty()) {
        fail("the macro '" + macro.name + "' has no parameter "
             + shownText(named.front().first, 32));
    }
    const std::size_t count = std::min(macro.parameters.size(), arguments.positional.size());
    std::vector<Value> rest(arguments.positional.begin() + static_cast<std::ptrdiff_t>(count),
                            arguments.positional.end());
    if (macro.usesVarargs) {
        inner->set("varargs", newList(m_meter, std::move(rest), Sequence::Flavour::Tuple));
    } else if (!rest.empty()) {
        fail(fmt::format("the macro '{}' takes {} arguments, not {}", macro.name,
                         macro.parameters.size(), arguments.positional.size()));
    }
}

Value Interpreter::runMacro(const Statement& macro, const ScopePtr& scope, Arguments& arguments)
{
    const ScopePtr inner = within(scope);
    bindParameters(macro, inner, arguments);
    std::string text;
    {
        const Captured capture(*this, text);
        run(macro.body, inner);
    }
    return asResult(std::move(text));
}

} // namespace pissarro::core::inline prompt::jinja
