// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/prompt/interpreter_p.h"

#include <optional>
#include <string>
#include <vector>

namespace pissarro::core::inline prompt::jinja {

// `loop` within a for block.
class Loop final : public Callable, public std::enable_shared_from_this<Loop> {
public:
    Loop(const Statement& statement, ScopePtr scope, std::vector<Value> items, int depth);

    bool next(); // to the next round; false: there is none
    const Value& item() const { return m_items[m_at]; }

    Value call(Interpreter& interpreter, Arguments& arguments) override; // of a recursive loop
    std::optional<Value> attribute(const std::string& name) override;
    std::string shown() const override;

private:
    std::optional<Value> neighbour(bool before) const;
    Value cycle(const Arguments& arguments) const;
    Value changed(Interpreter& interpreter, const Arguments& arguments);

    const Statement& m_statement;
    std::weak_ptr<Scope> m_scope; // lives for as long as the loop runs
    std::vector<Value> m_items;
    std::size_t m_at = 0;
    bool m_started = false;
    int m_depth = 0;
    std::optional<Value> m_last; // of changed()
};

// Counts the stack of what runs; the grammar's own depth is counted by Nesting.
class CallDepth {
public:
    explicit CallDepth(int& depth)
        : m_depth(depth)
    {
        constexpr int kCallLimit = 1500;
        if (m_depth >= kCallLimit) {
            fail("the template calls itself too deeply");
        }
        ++m_depth;
    }
    ~CallDepth() { --m_depth; }
    CallDepth(const CallDepth&) = delete;
    CallDepth& operator=(const CallDepth&) = delete;

private:
    int& m_depth;
};

} // namespace pissarro::core::inline prompt::jinja
