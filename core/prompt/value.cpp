// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/prompt/python_text_p.h"
#include "core/prompt/value_p.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace pissarro::core::inline prompt::jinja {
namespace {

struct Missing : Object {
    std::string message;
    bool unsafe = false;
};

struct Function final : Callable {
    std::function<Value(Interpreter&, Arguments&)> body;
    Value call(Interpreter& interpreter, Arguments& arguments) override
    {
        return body(interpreter, arguments);
    }
};

int depthAfter(int deepest)
{
    if (deepest >= kDepthLimit) {
        fail(fmt::format("values are nested deeper than {} levels", kDepthLimit));
    }
    return deepest + 1;
}

} // namespace

void fail(const std::string& message)
{
    throw Error(ErrorKind::Format, message);
}

void Meter::spend(std::uint64_t steps)
{
    if (steps > m_left) {
        m_left = 0;
        fail("the template takes too many steps: it does not end within what a rendering may cost");
    }
    m_left -= steps;
}

void Meter::checkText(std::size_t bytes) const
{
    if (bytes > m_textLimit) {
        fail(fmt::format("the template makes a text of more than {} bytes", m_textLimit));
    }
}

void Meter::claimText(std::size_t bytes)
{
    checkText(bytes);
    spend(1 + bytes / 8);
}

void Meter::claimElements(std::size_t count)
{
    spend(1 + 4 * std::uint64_t {count});
}

Value Value::undefined(std::string message, bool unsafe)
{
    auto missing = std::make_shared<Missing>();
    missing->message = std::move(message);
    missing->unsafe = unsafe;
    return object(Kind::Undefined, std::move(missing));
}

Value Value::boolean(bool value)
{
    Value out(Kind::Bool);
    out.m_integer = value ? 1 : 0;
    return out;
}

Value Value::integer(Whole value)
{
    Value out(Kind::Integer);
    out.m_integer = value;
    return out;
}

Value Value::real(double value)
{
    Value out(Kind::Float);
    out.m_real = value;
    return out;
}

Value Value::plainText(std::string text, bool markup)
{
    auto object = std::make_shared<Text>();
    object->bytes = std::move(text);
    object->markup = markup;
    return Value::object(Kind::Text, std::move(object));
}

Value Value::object(Kind kind, std::shared_ptr<Object> object)
{
    Value out(kind);
    out.m_object = std::move(object);
    return out;
}

// The reader of JSON has bounded depth and size already.
Value Value::fromJson(const nlohmann::ordered_json& json)
{
    switch (json.type()) {
    case nlohmann::ordered_json::value_t::boolean:
        return boolean(json.get<bool>());
    case nlohmann::ordered_json::value_t::number_integer:
        return integer(json.get<std::int64_t>());
    case nlohmann::ordered_json::value_t::number_unsigned:
        return integer(json.get<std::uint64_t>());
    case nlohmann::ordered_json::value_t::number_float:
        return real(json.get<double>());
    case nlohmann::ordered_json::value_t::string:
        return plainText(json.get<std::string>());
    case nlohmann::ordered_json::value_t::array: {
        auto list = std::make_shared<Sequence>();
        for (const auto& item : json) {
            list->items.push_back(fromJson(item));
            list->depth = std::max(list->depth, 1 + list->items.back().depth());
        }
        return object(Kind::Sequence, std::move(list));
    }
    case nlohmann::ordered_json::value_t::object: {
        auto dict = std::make_shared<Dict>();
        for (const auto& [key, item] : json.items()) {
            dict->byText.emplace(key, dict->entries.size());
            dict->entries.emplace_back(plainText(key), fromJson(item));
            dict->depth = std::max(dict->depth, 1 + dict->entries.back().second.depth());
        }
        return object(Kind::Dict, std::move(dict));
    }
    default:
        return none();
    }
}

const std::string& Value::text() const
{
    return static_cast<const Text&>(*m_object).bytes;
}

bool Value::isMarkup() const
{
    return is(Kind::Text) && static_cast<const Text&>(*m_object).markup;
}

const Sequence& Value::sequence() const
{
    return static_cast<const Sequence&>(*m_object);
}

const Dict& Value::dict() const
{
    return static_cast<const Dict&>(*m_object);
}

Iterator& Value::iterator() const
{
    return static_cast<Iterator&>(*m_object);
}

Namespace& Value::names() const
{
    return static_cast<Namespace&>(*m_object);
}

Callable& Value::callable() const
{
    return static_cast<Callable&>(*m_object);
}

int Value::depth() const
{
    return is(Kind::Sequence) ? sequence().depth : is(Kind::Dict) ? dict().depth : 0;
}

std::string Value::undefinedMessage() const
{
    return m_object ? static_cast<const Missing&>(*m_object).message : "the value is undefined";
}

void Dict::set(Meter& meter, const Value& key, const Value& value)
{
    if (key.is(Kind::Dict)
        || (key.is(Kind::Sequence) && key.sequence().flavour != Sequence::Flavour::Tuple)) {
        fail("a " + typeName(key) + " cannot be the key of a dict");
    }
    meter.claimElements(1);
    depth = std::max(depth, depthAfter(std::max(key.depth(), value.depth())));
    if (key.is(Kind::Text)) {
        const auto [place, isNew] = byText.emplace(key.text(), entries.size());
        if (!isNew) {
            entries[place->second].second = value;
            return;
        }
    } else {
        for (auto& [known, held] : entries) {
            if (!known.is(Kind::Text) && areEqual(meter, known, key)) {
                held = value;
                return;
            }
        }
    }
    entries.emplace_back(key, value);
}

const Value* Dict::find(const std::string& key) const
{
    const auto place = byText.find(key);
    return place == byText.end() ? nullptr : &entries[place->second].second;
}

const Value* Dict::find(Meter& meter, const Value& key) const
{
    if (key.is(Kind::Text)) {
        return find(key.text());
    }
    for (const auto& [known, value] : entries) {
        if (!known.is(Kind::Text) && areEqual(meter, known, key)) {
            return &value;
        }
    }
    return nullptr;
}

std::vector<Value> Iterator::rest()
{
    if (make) {
        const auto source = std::exchange(make, nullptr);
        items = source();
    }
    std::vector<Value> out(items.begin() + static_cast<std::ptrdiff_t>(at), items.end());
    items.clear();
    at = 0;
    return out;
}

void Namespace::set(const std::string& name, const Value& value)
{
    for (auto& [known, held] : fields) {
        if (known == name) {
            held = value;
            return;
        }
    }
    fields.emplace_back(name, value);
}

const Value* Namespace::find(std::string_view name) const
{
    for (const auto& [known, value] : fields) {
        if (known == name) {
            return &value;
        }
    }
    return nullptr;
}

Value newText(Meter& meter, std::string text, bool markup)
{
    meter.claimText(text.size());
    return Value::plainText(std::move(text), markup);
}

Value newList(Meter& meter, std::vector<Value> items, Sequence::Flavour flavour)
{
    meter.claimElements(items.size());
    auto list = std::make_shared<Sequence>();
    int deepest = 0;
    for (const Value& item : items) {
        deepest = std::max(deepest, item.depth());
    }
    list->depth = depthAfter(deepest);
    list->items = std::move(items);
    list->flavour = flavour;
    return Value::object(Kind::Sequence, std::move(list));
}

Value newDict(Meter& meter, std::vector<std::pair<Value, Value>> entries)
{
    auto dict = std::make_shared<Dict>();
    for (const auto& [key, value] : entries) {
        dict->set(meter, key, value);
    }
    return Value::object(Kind::Dict, std::move(dict));
}

Value newIterator(std::function<std::vector<Value>()> make, std::string shown)
{
    auto iterator = std::make_shared<Iterator>();
    iterator->make = std::move(make);
    iterator->shown = std::move(shown);
    return Value::object(Kind::Iterator, std::move(iterator));
}

Value newFunction(std::string name, std::function<Value(Interpreter&, Arguments&)> body)
{
    auto function = std::make_shared<Function>();
    function->name = std::move(name);
    function->body = std::move(body);
    return Value::object(Kind::Callable, std::move(function));
}

Whole wholeOf(const Value& value)
{
    if (value.is(Kind::Undefined)) {
        fail(value.undefinedMessage());
    }
    if (!value.isWhole()) {
        fail("a value of the type " + typeName(value) + " cannot be read as an integer");
    }
    return value.whole();
}

} // namespace pissarro::core::inline prompt::jinja
