// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace pissarro::core::inline prompt::jinja {

__extension__ using Whole = __int128; // Python's has no end; beyond 127 bits it is refused

constexpr int kDepthLimit =
    150; // of values within values, calls within calls, blocks within blocks

enum class Kind {
    Undefined,
    None,
    Bool,
    Integer,
    Float,
    Text,
    Sequence, // list, tuple, range and the views of a dict
    Dict,
    Iterator, // a generator: gives its elements once
    Namespace,
    Callable, // functions, bound methods, macros, and objects such as `loop`
};

// Counts what a rendering costs; every part that could grow asks first.
class Meter {
public:
    Meter(std::uint64_t steps, std::size_t textBytes)
        : m_left(steps)
        , m_textLimit(textBytes)
    {
    }
    void spend(std::uint64_t steps); // Throws: Error{Format} when nothing is left
    void checkText(std::size_t bytes) const; // a text that is growing
    void claimText(std::size_t bytes); // before or after a text of that size is made
    void claimElements(std::size_t count);

private:
    std::uint64_t m_left;
    std::size_t m_textLimit;
};

struct Object {
    Object() = default;
    Object(const Object&) = default;
    Object& operator=(const Object&) = default;
    virtual ~Object() = default;
};

struct Text;
struct Sequence;
struct Dict;
struct Iterator;
struct Namespace;
struct Callable;

// A value of the template's language, as Python has it. Texts and containers are shared and never change, apart from
// namespaces.
class Value {
public:
    Value() = default; // undefined
    static Value none() { return Value(Kind::None); }
    static Value undefined(std::string message, bool unsafe = false);
    static Value boolean(bool value);
    static Value integer(Whole value);
    static Value real(double value);
    static Value plainText(std::string text, bool markup = false); // not counted: texts of ours
    static Value object(Kind kind, std::shared_ptr<Object> object);
    static Value fromJson(const nlohmann::ordered_json& json);

    Kind kind() const { return m_kind; }
    bool is(Kind kind) const { return m_kind == kind; }
    bool isNumber() const { return is(Kind::Bool) || is(Kind::Integer) || is(Kind::Float); }
    bool isWhole() const { return is(Kind::Bool) || is(Kind::Integer); }
    Whole whole() const { return m_integer; } // Requires: isWhole()
    double number() const { return is(Kind::Float) ? m_real : static_cast<double>(m_integer); }
    const std::string& text() const; // Requires: Text
    bool isMarkup() const;
    const Sequence& sequence() const;
    const Dict& dict() const;
    Iterator& iterator() const;
    Namespace& names() const;
    Callable& callable() const;
    const Object* identity() const { return m_object.get(); }
    int depth() const; // containers within containers

    // Why a name, attribute or element is not there; raised when more is asked of it than to be printed.
    std::string undefinedMessage() const;

private:
    explicit Value(Kind kind)
        : m_kind(kind)
    {
    }
    Kind m_kind = Kind::Undefined;
    Whole m_integer = 0;
    double m_real = 0;
    std::shared_ptr<Object> m_object;
};

struct Text : Object {
    std::string bytes; // valid UTF-8
    bool markup = false; // made by escape or safe: what is joined to it is escaped
};

struct Sequence : Object {
    enum class Flavour { List, Tuple, Range, Keys, Values, Items };
    std::vector<Value> items;
    Flavour flavour = Flavour::List;
    std::string shown; // of a range: "range(0, 3)"
    int depth = 1;
};

struct Dict : Object {
    std::vector<std::pair<Value, Value>> entries; // in the order of insertion
    std::unordered_map<std::string, std::size_t> byText; // places of the keys that are texts
    int depth = 1;

    void set(Meter& meter, const Value& key,
             const Value& value); // Throws for a key Python cannot hash
    const Value* find(Meter& meter, const Value& key) const;
    const Value* find(const std::string& key) const;
};

struct Iterator : Object {
    std::string shown; // "generator"
    std::function<std::vector<Value>()> make; // asked when the first element is
    std::vector<Value> items;
    std::size_t at = 0;

    std::vector<Value> rest();
};

struct Namespace : Object {
    std::vector<std::pair<std::string, Value>> fields;
    void set(const std::string& name, const Value& value);
    const Value* find(std::string_view name) const;
};

struct Arguments {
    std::vector<Value> positional;
    std::vector<std::pair<std::string, Value>> named;
};

class Interpreter;

struct Callable : Object {
    std::string name; // for messages: "str.split", "range"
    virtual Value call(Interpreter& interpreter, Arguments& arguments) = 0;
    virtual std::optional<Value> attribute(const std::string&) { return std::nullopt; }
    virtual bool isCallable() const { return true; }
    virtual std::string shown() const { return {}; } // empty: an address, which is refused
};

[[noreturn]] void fail(const std::string& message);

Value newText(Meter& meter, std::string text, bool markup = false);
Value newList(Meter& meter, std::vector<Value> items,
              Sequence::Flavour flavour = Sequence::Flavour::List);
Value newDict(Meter& meter, std::vector<std::pair<Value, Value>> entries);
Value newIterator(std::function<std::vector<Value>()> make, std::string shown = "generator");
Value newFunction(std::string name, std::function<Value(Interpreter&, Arguments&)> body);

std::string typeName(const Value& value); // "str", "NoneType"
bool isTrue(const Value& value);
bool areEqual(Meter& meter, const Value& a, const Value& b);
bool areSame(const Value& a, const Value& b); // Python's `is`
bool isLess(Meter& meter, const Value& a, const Value& b, const char* op = "<");
bool isContained(Meter& meter, const Value& element, const Value& container);
std::vector<Value> elementsOf(Meter& meter, const Value& value); // what a `for` walks
std::optional<std::size_t> lengthOf(const Value& value); // nullopt: it has none

std::string textOf(Meter& meter, const Value& value); // Python's str()
std::string reprOf(Meter& meter, const Value& value);
std::string integerText(Whole value, unsigned base = 10);
std::string floatText(double value);
Whole wholeOf(const Value& value); // for indices and counts; Throws as Python does

struct JsonStyle {
    bool escapeAll = false; // ensure_ascii
    std::optional<std::string> indent; // of one level; absent: one line
    std::string itemSeparator = ", ";
    std::string keySeparator = ": ";
    bool sortKeys = false;
};
std::string jsonOf(Meter& meter, const Value& value, const JsonStyle& style);

} // namespace pissarro::core::inline prompt::jinja
