// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/prompt/value_p.h"

#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

namespace pissarro::core::inline prompt::jinja {

using FilterBody = Value (*)(Interpreter&, const Value& input, Arguments&);
using TestBody = bool (*)(Interpreter&, const Value& input, Arguments&);

// Null: no such filter or test.
FilterBody filterNamed(const std::string& name);
TestBody testNamed(const std::string& name);

// The parts of the table of filters.
FilterBody textFilterNamed(const std::string& name);
FilterBody listFilterNamed(const std::string& name);
FilterBody numberFilterNamed(const std::string& name);
FilterBody markupFilterNamed(const std::string& name);

// Arguments by the names of a function's parameters, as Python binds them; absent: not given.
// Throws: Error{Format} for one too many, one twice, one unknown.
std::vector<std::optional<Value>> bound(const std::string& function, const Arguments& arguments,
                                        std::initializer_list<const char*> names);

// A value that has to be there. Throws naming function and parameter.
const Value& demanded(const std::optional<Value>& value, const std::string& function,
                      const char* parameter);

// Python's "…" % value; str.format.
std::string percentFormat(Meter& meter, const std::string& format, const Value& values);
std::string braceFormat(Interpreter& interpreter, const std::string& format,
                        const Arguments& arguments);

// Methods and attributes of the values themselves; nullopt: Python has none of that name.
std::optional<Value> attributeOf(Interpreter& interpreter, const Value& value,
                                 const std::string& name);
std::optional<Value> textMethod(const Value& text, const std::string& name);

// Binary operators but `and` and `or`. Throws as Python does.
Value applyOperator(Meter& meter, const std::string& op, const Value& left, const Value& right);
Value joinedTexts(Meter& meter, const std::vector<Value>& values, bool autoescape); // ~

Value sliceOf(Meter& meter, const Value& value, const std::optional<Value>& begin,
              const std::optional<Value>& end, const std::optional<Value>& step);

// range, namespace, raise_exception …; nullopt: no such name.
std::optional<Value> globalNamed(Interpreter& interpreter, const std::string& name);

} // namespace pissarro::core::inline prompt::jinja
