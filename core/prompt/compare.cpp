// SPDX-License-Identifier: GPL-3.0-or-later
// How values compare: truth, equality, order, membership, length.
#include "core/prompt/python_text_p.h"
#include "core/prompt/value_p.h"

#include <algorithm>

namespace pissarro::core::inline prompt::jinja {
namespace {

using Flavour = Sequence::Flavour;

bool sequencesEqual(Meter& meter, const Sequence& a, const Sequence& b)
{
    if (a.flavour != b.flavour || a.items.size() != b.items.size()) {
        return false;
    }
    for (std::size_t i = 0; i < a.items.size(); ++i) {
        if (!areEqual(meter, a.items[i], b.items[i])) {
            return false;
        }
    }
    return true;
}

bool dictsEqual(Meter& meter, const Dict& a, const Dict& b)
{
    if (a.entries.size() != b.entries.size()) {
        return false;
    }
    for (const auto& [key, value] : a.entries) {
        const Value* other = b.find(meter, key);
        if (other == nullptr || !areEqual(meter, value, *other)) {
            return false;
        }
    }
    return true;
}

} // namespace

std::string typeName(const Value& value)
{
    switch (value.kind()) {
    case Kind::Undefined:
        return "Undefined";
    case Kind::None:
        return "NoneType";
    case Kind::Bool:
        return "bool";
    case Kind::Integer:
        return "int";
    case Kind::Float:
        return "float";
    case Kind::Text:
        return value.isMarkup() ? "Markup" : "str";
    case Kind::Sequence:
        switch (value.sequence().flavour) {
        case Flavour::List:
            return "list";
        case Flavour::Tuple:
            return "tuple";
        case Flavour::Range:
            return "range";
        case Flavour::Keys:
            return "dict_keys";
        case Flavour::Values:
            return "dict_values";
        case Flavour::Items:
            return "dict_items";
        }
        break;
    case Kind::Dict:
        return "dict";
    case Kind::Iterator:
        return value.iterator().shown;
    case Kind::Namespace:
        return "Namespace";
    case Kind::Callable:
        break;
    }
    return "function";
}

bool isTrue(const Value& value)
{
    switch (value.kind()) {
    case Kind::Undefined:
    case Kind::None:
        return false;
    case Kind::Bool:
    case Kind::Integer:
        return value.whole() != 0;
    case Kind::Float:
        return value.number() != 0;
    case Kind::Text:
        return !value.text().empty();
    case Kind::Sequence:
        return !value.sequence().items.empty();
    case Kind::Dict:
        return !value.dict().entries.empty();
    default:
        return true;
    }
}

bool areSame(const Value& a, const Value& b)
{
    if (a.kind() != b.kind()) {
        return false;
    }
    switch (a.kind()) {
    case Kind::None:
        return true;
    case Kind::Bool:
    case Kind::Integer:
        return a.whole() == b.whole();
    case Kind::Text:
        return a.identity() == b.identity()
            || a.text() == b.text(); // Python keeps equal literals once
    case Kind::Float:
        return a.number() == b.number();
    default:
        return a.identity() == b.identity();
    }
}

bool areEqual(Meter& meter, const Value& a, const Value& b)
{
    meter.spend(1);
    if (a.isNumber() && b.isNumber()) {
        return a.isWhole() && b.isWhole() ? a.whole() == b.whole() : a.number() == b.number();
    }
    if (a.kind() != b.kind()) {
        return false;
    }
    switch (a.kind()) {
    case Kind::Undefined:
    case Kind::None:
        return true;
    case Kind::Text:
        return a.text() == b.text();
    case Kind::Sequence:
        return a.identity() == b.identity() || sequencesEqual(meter, a.sequence(), b.sequence());
    case Kind::Dict:
        return a.identity() == b.identity() || dictsEqual(meter, a.dict(), b.dict());
    default:
        return a.identity() == b.identity();
    }
}

bool isLess(Meter& meter, const Value& a, const Value& b, const char* op)
{
    meter.spend(1);
    if (a.isNumber() && b.isNumber()) {
        return a.isWhole() && b.isWhole() ? a.whole() < b.whole() : a.number() < b.number();
    }
    if (a.is(Kind::Text) && b.is(Kind::Text)) {
        meter.spend(std::min(a.text().size(), b.text().size()) / 8);
        return a.text() < b.text(); // bytes of UTF-8 are in the order of the code points
    }
    const auto isOrdered = [](const Value& value) {
        return value.is(Kind::Sequence)
            && (value.sequence().flavour == Flavour::List
                || value.sequence().flavour == Flavour::Tuple);
    };
    if (isOrdered(a) && isOrdered(b) && a.sequence().flavour == b.sequence().flavour) {
        const auto& left = a.sequence().items;
        const auto& right = b.sequence().items;
        for (std::size_t i = 0; i < std::min(left.size(), right.size()); ++i) {
            if (!areEqual(meter, left[i], right[i])) {
                return isLess(meter, left[i], right[i], op);
            }
        }
        return left.size() < right.size();
    }
    for (const Value* side : {&a, &b}) {
        if (side->is(Kind::Undefined)) {
            fail(side->undefinedMessage());
        }
    }
    fail(std::string("'") + op + "' is not supported between " + typeName(a) + " and "
         + typeName(b));
}

bool isContained(Meter& meter, const Value& element, const Value& container)
{
    if (container.is(Kind::Text)) {
        if (!element.is(Kind::Text)) {
            fail("'in' a text needs a text on its left, not " + typeName(element));
        }
        meter.spend(container.text().size() / 8);
        return container.text().find(element.text()) != std::string::npos;
    }
    if (container.is(Kind::Dict)) {
        if (element.is(Kind::Dict)
            || (element.is(Kind::Sequence) && element.sequence().flavour == Flavour::List)) {
            fail("a " + typeName(element) + " cannot be the key of a dict");
        }
        return container.dict().find(meter, element) != nullptr;
    }
    const std::vector<Value> items = elementsOf(meter, container);
    return std::any_of(items.begin(), items.end(),
                       [&](const Value& item) { return areEqual(meter, item, element); });
}

std::vector<Value> elementsOf(Meter& meter, const Value& value)
{
    std::vector<Value> out;
    switch (value.kind()) {
    case Kind::Undefined:
        return out;
    case Kind::Text:
        meter.claimElements(value.text().size());
        for (const std::string& character : charactersOf(value.text())) {
            out.push_back(Value::plainText(character, value.isMarkup()));
        }
        return out;
    case Kind::Sequence:
        meter.claimElements(value.sequence().items.size());
        return value.sequence().items;
    case Kind::Dict:
        meter.claimElements(value.dict().entries.size());
        for (const auto& [key, held] : value.dict().entries) {
            out.push_back(key);
        }
        return out;
    case Kind::Iterator:
        out = value.iterator().rest();
        meter.claimElements(out.size());
        return out;
    default:
        fail("a value of the type " + typeName(value) + " cannot be walked through");
    }
}

std::optional<std::size_t> lengthOf(const Value& value)
{
    switch (value.kind()) {
    case Kind::Undefined:
        return 0;
    case Kind::Text:
        return characterCount(value.text());
    case Kind::Sequence:
        return value.sequence().items.size();
    case Kind::Dict:
        return value.dict().entries.size();
    default:
        return std::nullopt;
    }
}

} // namespace pissarro::core::inline prompt::jinja
