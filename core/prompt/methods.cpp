// SPDX-License-Identifier: GPL-3.0-or-later
// Attributes and methods of all values but texts (text_methods.cpp).
#include "core/prompt/filters_p.h"
#include "core/prompt/interpreter_p.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace pissarro::core::inline prompt::jinja {
namespace {

using Flavour = Sequence::Flavour;
using Body = Value (*)(Interpreter&, const Value& self, Arguments&);

Value method(const Value& self, const std::string& name, Body body)
{
    return newFunction(typeName(self) + "." + name,
                       [self, body](Interpreter& interpreter, Arguments& arguments) {
                           return body(interpreter, self, arguments);
                       });
}

bool isOneOf(const std::string& name, std::initializer_list<const char*> names)
{
    return std::find(names.begin(), names.end(), name) != names.end();
}

// There in Python, and shut by the sandbox: nothing fails until it is used.
Value shut(const Value& self, const std::string& name)
{
    return Value::undefined("the attribute '" + name + "' of a " + typeName(self)
                                + " is shut by the sandbox: it could change the value or lead out",
                            true);
}

Value indexOf(Interpreter& interpreter, const Value& self, Arguments& arguments)
{
    const auto given = bound("list.index", arguments, {"value"});
    const Value& wanted = demanded(given[0], "list.index", "value");
    const auto& items = self.sequence().items;
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (areEqual(interpreter.meter(), items[i], wanted)) {
            return Value::integer(static_cast<Whole>(i));
        }
    }
    fail("list.index does not find its value");
}

Value countOf(Interpreter& interpreter, const Value& self, Arguments& arguments)
{
    const auto given = bound("list.count", arguments, {"value"});
    const Value& wanted = demanded(given[0], "list.count", "value");
    const auto& items = self.sequence().items;
    return Value::integer(std::count_if(items.begin(), items.end(), [&](const Value& item) {
        return areEqual(interpreter.meter(), item, wanted);
    }));
}

Value copied(Interpreter&, const Value& self, Arguments& arguments)
{
    bound(typeName(self) + ".copy", arguments, {});
    return self; // values do not change
}

std::optional<Value> sequenceAttribute(const Value& self, const std::string& name)
{
    const Flavour flavour = self.sequence().flavour;
    if (flavour <= Flavour::Range && isOneOf(name, {"index", "count"})) {
        return method(self, name, name == "index" ? indexOf : countOf);
    }
    if (flavour == Flavour::List) {
        if (name == "copy") {
            return method(self, name, copied);
        }
        if (isOneOf(name,
                    {"append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort"})) {
            return shut(self, name);
        }
    }
    if (flavour == Flavour::Tuple && self.sequence().shown == "group") { // of groupby
        if (isOneOf(name, {"grouper", "list"})) {
            return self.sequence().items[name == "list" ? 1 : 0];
        }
    }
    return std::nullopt;
}

Value viewOf(Interpreter& interpreter, const Value& self, Flavour flavour)
{
    std::vector<Value> out;
    for (const auto& [key, value] : self.dict().entries) {
        out.push_back(flavour == Flavour::Keys ? key
                          : flavour == Flavour::Values
                          ? value
                          : newList(interpreter.meter(), {key, value}, Flavour::Tuple));
    }
    return newList(interpreter.meter(), std::move(out), flavour);
}

Value keysOf(Interpreter& interpreter, const Value& self, Arguments& arguments)
{
    bound("dict.keys", arguments, {});
    return viewOf(interpreter, self, Flavour::Keys);
}

Value valuesOf(Interpreter& interpreter, const Value& self, Arguments& arguments)
{
    bound("dict.values", arguments, {});
    return viewOf(interpreter, self, Flavour::Values);
}

Value itemsOf(Interpreter& interpreter, const Value& self, Arguments& arguments)
{
    bound("dict.items", arguments, {});
    return viewOf(interpreter, self, Flavour::Items);
}

Value gotten(Interpreter& interpreter, const Value& self, Arguments& arguments)
{
    if (!arguments.named.empty()) {
        fail("dict.get takes no named arguments");
    }
    const auto given = bound("dict.get", arguments, {"key", "default"});
    const Value* value =
        self.dict().find(interpreter.meter(), demanded(given[0], "dict.get", "key"));
    return value != nullptr ? *value : given[1].value_or(Value::none());
}

std::optional<Value> dictAttribute(const Value& self, const std::string& name)
{
    static constexpr std::array<std::pair<const char*, Body>, 5> kMethods {{
        {"keys", keysOf},
        {"values", valuesOf},
        {"items", itemsOf},
        {"get", gotten},
        {"copy", copied},
    }};
    for (const auto& [known, body] : kMethods) {
        if (name == known) {
            return method(self, name, body);
        }
    }
    return isOneOf(name, {"clear", "pop", "popitem", "setdefault", "update", "fromkeys"})
        ? std::optional(shut(self, name))
        : std::nullopt;
}

std::optional<Value> numberAttribute(const Value& self, const std::string& name)
{
    if (name == "real") {
        return self.is(Kind::Bool) ? Value::integer(self.whole()) : self;
    }
    if (name == "imag") {
        return self.isWhole() ? Value::integer(0) : Value::real(0);
    }
    if (self.isWhole() && isOneOf(name, {"numerator", "denominator"})) {
        return Value::integer(name == "numerator" ? self.whole() : 1);
    }
    if (self.isWhole() && name == "bit_length") {
        return method(self, name, [](Interpreter&, const Value& value, Arguments& arguments) {
            bound("int.bit_length", arguments, {});
            Whole bits = 0;
            for (Whole rest = value.whole(); rest != 0; rest /= 2) {
                ++bits;
            }
            return Value::integer(bits);
        });
    }
    if (name == "is_integer") {
        return method(self, name, [](Interpreter&, const Value& value, Arguments& arguments) {
            bound("float.is_integer", arguments, {});
            return Value::boolean(value.isWhole() || std::floor(value.number()) == value.number());
        });
    }
    if (isOneOf(name,
                {"conjugate", "as_integer_ratio", "to_bytes", "from_bytes", "bit_count", "hex",
                 "fromhex"})) {
        fail("the method '" + name + "' of a number is not supported");
    }
    return std::nullopt;
}

} // namespace

std::optional<Value> attributeOf(Interpreter&, const Value& value, const std::string& name)
{
    if (name.size() > 4 && name.starts_with("__") && name.ends_with("__")) {
        return shut(value, name);
    }
    switch (value.kind()) {
    case Kind::Bool:
    case Kind::Integer:
    case Kind::Float:
        return numberAttribute(value, name);
    case Kind::Text:
        return textMethod(value, name);
    case Kind::Sequence:
        return sequenceAttribute(value, name);
    case Kind::Dict:
        return dictAttribute(value, name);
    case Kind::Namespace: {
        const Value* field = value.names().find(name);
        return field != nullptr ? std::optional(*field) : std::nullopt;
    }
    case Kind::Callable:
        return value.callable().attribute(name);
    default:
        return std::nullopt;
    }
}

} // namespace pissarro::core::inline prompt::jinja
