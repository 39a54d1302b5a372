// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/prompt/ast_p.h"
#include "core/prompt/template.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace pissarro::core::inline prompt::jinja {

// Names of one block; what a block sets is seen within it, and by what lies in it.
struct Scope {
    std::shared_ptr<Scope> parent;
    std::vector<std::pair<std::string, Value>> names;

    void set(const std::string& name, const Value& value);
    const Value* find(const std::string& name) const; // here and outwards
};
using ScopePtr = std::shared_ptr<Scope>;

// Runs one template once.
class Interpreter {
public:
    Interpreter(const Block& program, Meter& meter, const nlohmann::ordered_json& variables,
                std::optional<std::string> now);
    ~Interpreter();
    Interpreter(const Interpreter&) = delete;
    Interpreter& operator=(const Interpreter&) = delete;

    RenderedTemplate run();
    int line() const { return m_line; } // of what was last looked at, for messages

    // For filters, methods and functions.
    Meter& meter() { return m_meter; }
    const std::optional<std::string>& now() const { return m_now; }
    bool autoescapes() const { return m_autoescape; }
    Value call(const Value& callee, Arguments& arguments);
    Value filter(const std::string& name, const Value& input, Arguments& arguments);
    bool test(const std::string& name, const Value& input, Arguments& arguments);
    Value attribute(const Value& object, const std::string& name); // object.name
    Value item(const Value& object, const Value& key); // object[key]
    Value newNamespace(std::vector<std::pair<std::string, Value>> fields);

    // For macros and loops.
    Value runMacro(const Statement& macro, const ScopePtr& scope, Arguments& arguments);
    Value runLoopAgain(const Statement& loop, const ScopePtr& scope, const Value& items, int depth);

private:
    enum class Flow { On, Break, Continue };
    class Captured; // output into a text of its own

    Flow run(const Block& block, const ScopePtr& scope);
    Flow run(const Statement& statement, const ScopePtr& scope);
    Flow runIf(const Statement& statement, const ScopePtr& scope);
    Flow runFor(const Statement& statement, const ScopePtr& scope, const Value& items, int depth);
    std::vector<Value> kept(const Statement& loop, const ScopePtr& scope, const Value& items);
    void runSetBlock(const Statement& statement, const ScopePtr& scope);
    void runCallBlock(const Statement& statement, const ScopePtr& scope);
    void runGeneration(const Statement& statement, const ScopePtr& scope);
    Flow runFilterBlock(const Statement& statement, const ScopePtr& scope);
    Flow runAutoescape(const Statement& statement, const ScopePtr& scope);
    void runNamedBlock(const Statement& statement);
    void write(std::string_view text);
    void writeValue(const Value& value);
    std::string captured(const Block& block, const ScopePtr& scope);
    Value asResult(std::string text); // of a macro or block: marked as safe where texts are escaped
    void assign(const Expression& target, const Value& value, const ScopePtr& scope);
    Value macroOf(const Statement& statement, const ScopePtr& scope, const std::string& name);
    void bindParameters(const Statement& macro, const ScopePtr& inner, Arguments& arguments);

    Value evaluate(const Expression& expression, const ScopePtr& scope);
    Value evaluateName(const Expression& expression, const ScopePtr& scope);
    Value evaluateUnary(const Expression& expression, const ScopePtr& scope);
    Value evaluateBinary(const Expression& expression, const ScopePtr& scope);
    Value evaluateCompare(const Expression& expression, const ScopePtr& scope);
    Value evaluateItem(const Expression& expression, const ScopePtr& scope);
    Value evaluateDict(const Expression& expression, const ScopePtr& scope);
    std::vector<Value> evaluateAll(const std::vector<ExpressionPtr>& parts, const ScopePtr& scope,
                                   std::size_t from = 0);
    Arguments argumentsOf(const Expression& expression, const ScopePtr& scope);
    Value applyFilters(const Expression& filter, const Value& input, const ScopePtr& scope);

    const Block& m_program;
    Meter& m_meter;
    std::optional<std::string> m_now;
    ScopePtr m_top; // the template's own names, over the caller's variables
    std::string m_out;
    std::string* m_sink = &m_out;
    std::vector<TextSpan> m_generation;
    int m_line = 1;
    int m_depth = 0;
    bool m_autoescape = false;
    bool m_isConstant = false; // what is put out names nothing
    std::vector<std::pair<std::string, const Statement*>> m_blocks; // named blocks so far known
    // What may hold itself by a name or a field: emptied at the end, so that nothing leaks.
    std::vector<ScopePtr> m_kept;
    std::vector<std::shared_ptr<Namespace>> m_namespaces;
};

} // namespace pissarro::core::inline prompt::jinja
