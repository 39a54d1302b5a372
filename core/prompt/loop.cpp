// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/fmt.h"
#include "core/prompt/filters_p.h"
#include "core/prompt/loop_p.h"

namespace pissarro::core::inline prompt::jinja {

Loop::Loop(const Statement& statement, ScopePtr scope, std::vector<Value> items, int depth)
    : m_statement(statement)
    , m_scope(scope)
    , m_items(std::move(items))
    , m_depth(depth)
{
    name = "loop";
}

bool Loop::next()
{
    m_at += m_started ? 1 : 0;
    m_started = true;
    return m_at < m_items.size();
}

Value Loop::call(Interpreter& interpreter, Arguments& arguments)
{
    const ScopePtr scope = m_scope.lock();
    if (!m_statement.recursive || !scope) {
        fail("a loop that is not marked 'recursive' is called");
    }
    const auto items = bound("loop", arguments, {"iterable"});
    return interpreter.runLoopAgain(m_statement, scope, demanded(items[0], "loop", "iterable"),
                                    m_depth + 1);
}

std::optional<Value> Loop::neighbour(bool before) const
{
    if (before ? m_at == 0 : m_at + 1 >= m_items.size()) {
        return Value::undefined(before ? "there is no previous item" : "there is no next item");
    }
    return m_items[before ? m_at - 1 : m_at + 1];
}

Value Loop::cycle(const Arguments& arguments) const
{
    if (arguments.positional.empty()) {
        fail("loop.cycle needs values to go through");
    }
    return arguments.positional[m_at % arguments.positional.size()];
}

Value Loop::changed(Interpreter& interpreter, const Arguments& arguments)
{
    const Value now = newList(interpreter.meter(), arguments.positional, Sequence::Flavour::Tuple);
    const bool differs = !m_last || !areEqual(interpreter.meter(), *m_last, now);
    m_last = now;
    return Value::boolean(differs);
}

std::optional<Value> Loop::attribute(const std::string& wanted)
{
    const auto whole = [](std::size_t value) { return Value::integer(static_cast<Whole>(value)); };
    const std::size_t count = m_items.size();
    if (wanted == "index" || wanted == "index0") {
        return whole(m_at + (wanted == "index" ? 1 : 0));
    }
    if (wanted == "revindex" || wanted == "revindex0") {
        return whole(count - m_at - (wanted == "revindex" ? 0 : 1));
    }
    if (wanted == "first" || wanted == "last") {
        return Value::boolean(wanted == "first" ? m_at == 0 : m_at + 1 >= count);
    }
    if (wanted == "length") {
        return whole(count);
    }
    if (wanted == "depth" || wanted == "depth0") {
        return Value::integer(m_depth + (wanted == "depth" ? 1 : 0));
    }
    if (wanted == "previtem" || wanted == "nextitem") {
        return neighbour(wanted == "previtem");
    }
    if (wanted == "cycle") {
        return newFunction("loop.cycle",
                           [self = shared_from_this()](Interpreter&, Arguments& arguments) {
                               return self->cycle(arguments);
                           });
    }
    if (wanted == "changed") {
        return newFunction(
            "loop.changed",
            [self = shared_from_this()](Interpreter& interpreter, Arguments& arguments) {
                return self->changed(interpreter, arguments);
            });
    }
    return std::nullopt;
}

std::string Loop::shown() const
{
    return fmt::format("<LoopContext {}/{}>", m_at + 1, m_items.size());
}

} // namespace pissarro::core::inline prompt::jinja
