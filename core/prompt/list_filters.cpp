// SPDX-License-Identifier: GPL-3.0-or-later
// Filters that choose, order or count. Those of texts are in text_filters.cpp.
#include "core/prompt/filters_p.h"
#include "core/prompt/interpreter_p.h"
#include "core/prompt/python_text_p.h"

#include <algorithm>
#include <unordered_map>

namespace pissarro::core::inline prompt::jinja {
namespace {

bool given(const std::optional<Value>& value)
{
    return value && !value->is(Kind::None);
}

// "a.b.0" of an element, step by step; none where a step is missing and `otherwise` is given.
Value reached(Interpreter& self, const Value& element, const Value& path,
              const std::optional<Value>& otherwise = std::nullopt)
{
    if (path.isWhole()) {
        return self.item(element, path);
    }
    Value value = element;
    for (const std::string& step : splitAt(textOf(self.meter(), path), ".", -1, false)) {
        const bool isNumber = !step.empty() && step.size() < 10
            && std::all_of(step.begin(), step.end(), [](char c) { return c >= '0' && c <= '9'; });
        value =
            self.item(value, isNumber ? Value::integer(std::stoll(step)) : Value::plainText(step));
        if (value.is(Kind::Undefined) && otherwise) {
            return *otherwise;
        }
    }
    return value;
}

Value inLowerCase(Interpreter& self, const Value& value, bool caseCounts)
{
    return value.is(Kind::Text) && !caseCounts ? newText(self.meter(), lowerText(value.text()))
                                               : value;
}

// What an element is ordered by: attributes of "a,b.c", in lower case unless case counts.
Value orderOf(Interpreter& self, const Value& element, const std::optional<Value>& attribute,
              bool caseCounts)
{
    if (!given(attribute)) {
        return inLowerCase(self, element, caseCounts);
    }
    if (attribute->isWhole()) {
        return inLowerCase(self, reached(self, element, *attribute), caseCounts);
    }
    std::vector<Value> keys;
    for (const std::string& path : splitAt(textOf(self.meter(), *attribute), ",", -1, false)) {
        keys.push_back(
            inLowerCase(self, reached(self, element, Value::plainText(path)), caseCounts));
    }
    return newList(self.meter(), std::move(keys));
}

std::vector<Value> ordered(Interpreter& self, const std::vector<Value>& items,
                           const std::vector<Value>& keys, bool reverse)
{
    std::vector<std::size_t> order(items.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
        order[i] = i;
    }
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return reverse ? isLess(self.meter(), keys[b], keys[a])
                       : isLess(self.meter(), keys[a], keys[b]);
    });
    std::vector<Value> out;
    for (const std::size_t at : order) {
        out.push_back(items[at]);
    }
    return out;
}

Value sorted(Interpreter& self, const Value& input, Arguments& arguments)
{
    const auto with = bound("sort", arguments, {"reverse", "case_sensitive", "attribute"});
    const std::vector<Value> items = elementsOf(self.meter(), input);
    std::vector<Value> keys;
    for (const Value& item : items) {
        keys.push_back(orderOf(self, item, with[2], with[1] && isTrue(*with[1])));
    }
    return newList(self.meter(), ordered(self, items, keys, with[0] && isTrue(*with[0])));
}

Value sortedDict(Interpreter& self, const Value& input, Arguments& arguments)
{
    const auto with = bound("dictsort", arguments, {"case_sensitive", "by", "reverse"});
    if (!input.is(Kind::Dict)) {
        fail("dictsort is given a " + typeName(input) + " (expected a dict)");
    }
    const std::string by = with[1] ? textOf(self.meter(), *with[1]) : std::string("key");
    if (by != "key" && by != "value") {
        fail("dictsort orders by 'key' or 'value' only");
    }
    std::vector<Value> pairs;
    std::vector<Value> keys;
    for (const auto& [key, value] : input.dict().entries) {
        pairs.push_back(newList(self.meter(), {key, value}, Sequence::Flavour::Tuple));
        keys.push_back(inLowerCase(self, by == "key" ? key : value, with[0] && isTrue(*with[0])));
    }
    return newList(self.meter(), ordered(self, pairs, keys, with[2] && isTrue(*with[2])));
}

template <bool Most>
Value extreme(Interpreter& self, const Value& input, Arguments& arguments)
{
    const auto with = bound(Most ? "max" : "min", arguments, {"case_sensitive", "attribute"});
    const bool caseCounts = with[0] && isTrue(*with[0]);
    std::optional<Value> best;
    Value bestKey;
    for (const Value& item : elementsOf(self.meter(), input)) {
        const Value key = given(with[1])
            ? inLowerCase(self, reached(self, item, *with[1]), caseCounts)
            : inLowerCase(self, item, caseCounts);
        if (!best
            || (Most ? isLess(self.meter(), bestKey, key) : isLess(self.meter(), key, bestKey))) {
            best = item;
            bestKey = key;
        }
    }
    return best.value_or(Value::undefined("there is no aggregated item: the sequence is empty"));
}

Value summed(Interpreter& self, const Value& input, Arguments& arguments)
{
    const auto with = bound("sum", arguments, {"attribute", "start"});
    Value total = with[1].value_or(Value::integer(0));
    for (const Value& item : elementsOf(self.meter(), input)) {
        total = applyOperator(self.meter(), "+", total,
                              given(with[0]) ? reached(self, item, *with[0]) : item);
    }
    return total;
}

Value distinct(Interpreter& self, const Value& input, Arguments& arguments)
{
    const auto with = bound("unique", arguments, {"case_sensitive", "attribute"});
    const bool caseCounts = with[0] && isTrue(*with[0]);
    const std::optional<Value> attribute = with[1];
    return newIterator([&self, input, attribute, caseCounts] {
        std::vector<Value> out;
        Dict seen;
        for (const Value& item : elementsOf(self.meter(), input)) {
            const Value key = inLowerCase(
                self, given(attribute) ? reached(self, item, *attribute) : item, caseCounts);
            const std::size_t before = seen.entries.size();
            seen.set(self.meter(), key, Value::none());
            if (seen.entries.size() > before) {
                out.push_back(item);
            }
        }
        return out;
    });
}

// groupby: equal keys of the ordered elements, with the key as the first of them has it.
Value groupedBy(Interpreter& self, const Value& input, Arguments& arguments)
{
    const auto with = bound("groupby", arguments, {"attribute", "default", "case_sensitive"});
    const Value& path = demanded(with[0], "groupby", "attribute");
    const bool caseCounts = with[2] && isTrue(*with[2]);
    const std::vector<Value> items = elementsOf(self.meter(), input);
    const auto keyOf = [&](const Value& item) {
        return inLowerCase(self, reached(self, item, path, with[1]), caseCounts);
    };
    std::vector<Value> keys;
    for (const Value& item : items) {
        keys.push_back(keyOf(item));
    }
    std::vector<Value> groups;
    std::vector<Value> members;
    const auto close = [&] {
        if (members.empty()) {
            return;
        }
        const Value key = reached(self, members.front(), path, with[1]);
        Value pair = newList(self.meter(), {key, newList(self.meter(), std::move(members))},
                             Sequence::Flavour::Tuple);
        auto group = std::make_shared<Sequence>(pair.sequence());
        group->shown = "group";
        groups.push_back(Value::object(Kind::Sequence, std::move(group)));
        members.clear();
    };
    for (const Value& item : ordered(self, items, keys, false)) {
        if (!members.empty() && !areEqual(self.meter(), keyOf(members.front()), keyOf(item))) {
            close();
        }
        members.push_back(item);
    }
    close();
    return newList(self.meter(), std::move(groups));
}

Value lengthOfValue(Interpreter&, const Value& input, Arguments& arguments)
{
    bound("length", arguments, {});
    const std::optional<std::size_t> length = lengthOf(input);
    if (!length) {
        fail("a value of the type " + typeName(input) + " has no length");
    }
    return Value::integer(static_cast<Whole>(*length));
}

Value firstOf(Interpreter& self, const Value& input, Arguments& arguments)
{
    bound("first", arguments, {});
    const std::vector<Value> items = elementsOf(self.meter(), input);
    return items.empty() ? Value::undefined("there is no first item: the sequence is empty")
                         : items.front();
}

Value lastOf(Interpreter& self, const Value& input, Arguments& arguments)
{
    bound("last", arguments, {});
    if (input.is(Kind::Iterator)) {
        fail("last is given a generator, which has no end to begin from");
    }
    const std::vector<Value> items = elementsOf(self.meter(), input);
    return items.empty() ? Value::undefined("there is no last item: the sequence is empty")
                         : items.back();
}

// Jinja draws one; a rendering that is to be the same each time takes the first.
Value drawn(Interpreter& self, const Value& input, Arguments& arguments)
{
    bound("random", arguments, {});
    const std::vector<Value> items = elementsOf(self.meter(), input);
    return items.empty() ? Value::undefined("there is no random item: the sequence is empty")
                         : items.front();
}

Value reversed(Interpreter& self, const Value& input, Arguments& arguments)
{
    bound("reverse", arguments, {});
    std::vector<Value> items = elementsOf(self.meter(), input);
    std::reverse(items.begin(), items.end());
    if (!input.is(Kind::Text)) {
        return newIterator([items] { return items; }, "list_reverseiterator");
    }
    std::string out;
    for (const Value& item : items) {
        out += item.text();
    }
    return newText(self.meter(), std::move(out), input.isMarkup());
}

Value listOf(Interpreter& self, const Value& input, Arguments& arguments)
{
    bound("list", arguments, {});
    return newList(self.meter(), elementsOf(self.meter(), input));
}

Value joinOf(Interpreter& self, const Value& input, Arguments& arguments)
{
    const auto with = bound("join", arguments, {"d", "attribute"});
    const std::string between = with[0] ? textOf(self.meter(), *with[0]) : std::string();
    std::string out;
    bool first = true;
    for (const Value& item : elementsOf(self.meter(), input)) {
        out += first ? "" : between;
        first = false;
        out += textOf(self.meter(), given(with[1]) ? reached(self, item, *with[1]) : item);
        self.meter().checkText(out.size());
    }
    return newText(self.meter(), std::move(out));
}

Value defaulted(Interpreter&, const Value& input, Arguments& arguments)
{
    const auto with = bound("default", arguments, {"default_value", "boolean"});
    const bool alsoFalse = with[1] && isTrue(*with[1]);
    return input.is(Kind::Undefined) || (alsoFalse && !isTrue(input))
        ? with[0].value_or(Value::plainText(""))
        : input;
}

Value itemsOf(Interpreter& self, const Value& input, Arguments& arguments)
{
    bound("items", arguments, {});
    if (!input.is(Kind::Dict) && !input.is(Kind::Undefined)) {
        fail("items is given a " + typeName(input) + " (expected a dict)");
    }
    return newIterator([&self, input] {
        std::vector<Value> out;
        if (input.is(Kind::Dict)) {
            for (const auto& [key, value] : input.dict().entries) {
                out.push_back(newList(self.meter(), {key, value}, Sequence::Flavour::Tuple));
            }
        }
        return out;
    });
}

// map and select take what is false for empty: none, too.
std::vector<Value> chosenFrom(Interpreter& self, const Value& input)
{
    return isTrue(input) ? elementsOf(self.meter(), input) : std::vector<Value>();
}

// map('filter', …) or map(attribute='a.b', default=…)
Value mapped(Interpreter& self, const Value& input, Arguments& arguments)
{
    Arguments rest = arguments;
    if (rest.positional.empty()) {
        const auto with = bound("map", rest, {"attribute", "default"});
        const Value path = demanded(with[0], "map", "attribute");
        const std::optional<Value> otherwise = with[1];
        return newIterator([&self, input, path, otherwise] {
            std::vector<Value> out;
            for (const Value& item : chosenFrom(self, input)) {
                out.push_back(reached(self, item, path, otherwise));
            }
            return out;
        });
    }
    const std::string name = textOf(self.meter(), rest.positional.front());
    rest.positional.erase(rest.positional.begin());
    return newIterator([&self, input, name, rest] {
        std::vector<Value> out;
        for (const Value& item : chosenFrom(self, input)) {
            Arguments each = rest;
            out.push_back(self.filter(name, item, each));
        }
        return out;
    });
}

// select('test', …), reject, selectattr('attribute', 'test', …), rejectattr; without a test: what is true.
template <bool ByAttribute, bool Keep>
Value selected(Interpreter& self, const Value& input, Arguments& arguments)
{
    Arguments rest = arguments;
    Value path;
    const auto takeFirst = [&] {
        Value value = rest.positional.front();
        rest.positional.erase(rest.positional.begin());
        return value;
    };
    if (ByAttribute) {
        if (rest.positional.empty()) {
            fail("selectattr is not given its argument 'attribute'");
        }
        path = takeFirst();
    }
    const std::string name = rest.positional.empty() ? "" : textOf(self.meter(), takeFirst());
    return newIterator([&self, input, path, name, rest] {
        std::vector<Value> out;
        for (const Value& item : chosenFrom(self, input)) {
            const Value looked = ByAttribute ? reached(self, item, path) : item;
            Arguments each = rest;
            if ((name.empty() ? isTrue(looked) : self.test(name, looked, each)) == Keep) {
                out.push_back(item);
            }
        }
        return out;
    });
}

Value inBatches(Interpreter& self, const Value& input, Arguments& arguments)
{
    const auto with = bound("batch", arguments, {"linecount", "fill_with"});
    const Whole size = wholeOf(demanded(with[0], "batch", "linecount"));
    if (size < 1 || size > 1'000'000) {
        fail("batch is given a size that is not within 1 and 1000000");
    }
    const std::optional<Value> fill = with[1];
    return newIterator([&self, input, size, fill] {
        std::vector<Value> out;
        std::vector<Value> batch;
        for (const Value& item : elementsOf(self.meter(), input)) {
            batch.push_back(item);
            if (static_cast<Whole>(batch.size()) == size) {
                out.push_back(newList(self.meter(), std::move(batch)));
                batch.clear();
            }
        }
        if (!batch.empty()) {
            if (given(fill)) {
                batch.resize(static_cast<std::size_t>(size), *fill);
            }
            out.push_back(newList(self.meter(), std::move(batch)));
        }
        return out;
    });
}

Value inSlices(Interpreter& self, const Value& input, Arguments& arguments)
{
    const auto with = bound("slice", arguments, {"slices", "fill_with"});
    const Whole wanted = wholeOf(demanded(with[0], "slice", "slices"));
    if (wanted < 1 || wanted > 100'000) {
        fail("slice is given a count that is not within 1 and 100000");
    }
    const auto count = static_cast<std::size_t>(wanted);
    const std::optional<Value> fill = with[1];
    return newIterator([&self, input, count, fill] {
        const std::vector<Value> items = elementsOf(self.meter(), input);
        const std::size_t each = items.size() / count;
        const std::size_t more = items.size() % count;
        std::vector<Value> out;
        std::size_t at = 0;
        for (std::size_t slice = 0; slice < count; ++slice) {
            std::vector<Value> part;
            for (const std::size_t end = at + each + (slice < more ? 1 : 0); at < end; ++at) {
                part.push_back(items[at]);
            }
            if (given(fill) && slice >= more) {
                part.push_back(*fill);
            }
            out.push_back(newList(self.meter(), std::move(part)));
        }
        return out;
    });
}

Value attributeNamed(Interpreter& self, const Value& input, Arguments& arguments)
{
    const auto with = bound("attr", arguments, {"name"});
    const std::string name = textOf(self.meter(), demanded(with[0], "attr", "name"));
    if (input.is(Kind::Undefined)) {
        fail(input.undefinedMessage());
    }
    return attributeOf(self, input, name)
        .value_or(
            Value::undefined("'" + typeName(input) + " object' has no attribute '" + name + "'"));
}

} // namespace

FilterBody listFilterNamed(const std::string& name)
{
    static const std::unordered_map<std::string, FilterBody> map {
        {"sort", sorted},
        {"dictsort", sortedDict},
        {"max", extreme<true>},
        {"min", extreme<false>},
        {"sum", summed},
        {"unique", distinct},
        {"groupby", groupedBy},
        {"length", lengthOfValue},
        {"count", lengthOfValue},
        {"first", firstOf},
        {"last", lastOf},
        {"random", drawn},
        {"reverse", reversed},
        {"list", listOf},
        {"join", joinOf},
        {"default", defaulted},
        {"d", defaulted},
        {"items", itemsOf},
        {"map", mapped},
        {"select", selected<false, true>},
        {"reject", selected<false, false>},
        {"selectattr", selected<true, true>},
        {"rejectattr", selected<true, false>},
        {"batch", inBatches},
        {"slice", inSlices},
        {"attr", attributeNamed},
    };
    const auto place = map.find(name);
    return place == map.end() ? nullptr : place->second;
}

FilterBody filterNamed(const std::string& name)
{
    for (const auto part :
         {textFilterNamed, listFilterNamed, numberFilterNamed, markupFilterNamed}) {
        if (const FilterBody filter = part(name)) {
            return filter;
        }
    }
    return nullptr;
}

} // namespace pissarro::core::inline prompt::jinja
