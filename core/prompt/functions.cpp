// SPDX-License-Identifier: GPL-3.0-or-later
// The names that every template has: range, dict, namespace, cycler, joiner, raise_exception, strftime_now.
#include "core/base/fmt.h"
#include "core/prompt/filters_p.h"
#include "core/prompt/interpreter_p.h"

#include <algorithm>
#include <array>
#include <ctime>

namespace pissarro::core::inline prompt::jinja {
namespace {

Value rangeOf(Interpreter& self, Arguments& arguments)
{
    constexpr Whole kRangeLimit = 100'000; // the sandbox's own
    const auto& given = arguments.positional;
    if (given.empty() || given.size() > 3 || !arguments.named.empty()) {
        fail("range takes one to three integers");
    }
    std::vector<Whole> bounds;
    for (const Value& value : given) {
        bounds.push_back(wholeOf(value));
    }
    const Whole first = bounds.size() > 1 ? bounds[0] : 0;
    const Whole last = bounds.size() > 1 ? bounds[1] : bounds[0];
    const Whole step = bounds.size() > 2 ? bounds[2] : 1;
    constexpr Whole kFar = Whole {1} << 62;
    if (step == 0 || std::max({first, last, step}) > kFar
        || std::min({first, last, step}) < -kFar) {
        fail("range has a step of zero or a bound beyond 62 bits");
    }
    const Whole span = step > 0 ? last - first : first - last;
    const Whole stride = step > 0 ? step : -step;
    if (span > 0 && (span + stride - 1) / stride > kRangeLimit) {
        fail("a range has more than 100000 elements, which the sandbox does not allow");
    }
    std::vector<Value> items;
    for (Whole at = first; step > 0 ? at < last : at > last; at += step) {
        items.push_back(Value::integer(at));
    }
    Value out = newList(self.meter(), std::move(items), Sequence::Flavour::Range);
    auto range = std::make_shared<Sequence>(out.sequence());
    range->shown = "range(" + integerText(first) + ", " + integerText(last)
        + (step == 1 ? "" : ", " + integerText(step)) + ")";
    return Value::object(Kind::Sequence, std::move(range));
}

// dict(mapping or pairs, name=value …)
std::vector<std::pair<Value, Value>> pairsOf(Interpreter& self, const char* function,
                                             const Arguments& arguments)
{
    std::vector<std::pair<Value, Value>> out;
    if (arguments.positional.size() > 1) {
        fail(std::string(function) + " takes one value and names");
    }
    for (const Value& source : arguments.positional) {
        if (source.is(Kind::Dict)) {
            out = source.dict().entries;
            continue;
        }
        for (const Value& pair : elementsOf(self.meter(), source)) {
            const std::vector<Value> parts = elementsOf(self.meter(), pair);
            if (parts.size() != 2) {
                fail(fmt::format("{} is given an element of {} parts (expected key and value)",
                                 function, parts.size()));
            }
            out.emplace_back(parts[0], parts[1]);
        }
    }
    for (const auto& [name, value] : arguments.named) {
        out.emplace_back(Value::plainText(name), value);
    }
    return out;
}

class DictMaker final : public Callable {
public:
    DictMaker() { name = "dict"; }
    Value call(Interpreter& self, Arguments& arguments) override
    {
        return newDict(self.meter(), pairsOf(self, "dict", arguments));
    }
    std::optional<Value> attribute(const std::string& wanted) override
    {
        if (wanted != "fromkeys") {
            return std::nullopt;
        }
        return newFunction("dict.fromkeys", [](Interpreter& self, Arguments& arguments) {
            const auto given = bound("dict.fromkeys", arguments, {"iterable", "value"});
            std::vector<std::pair<Value, Value>> entries;
            for (const Value& key :
                 elementsOf(self.meter(), demanded(given[0], "dict.fromkeys", "iterable"))) {
                entries.emplace_back(key, given[1].value_or(Value::none()));
            }
            return newDict(self.meter(), std::move(entries));
        });
    }
};

class Cycler final : public Callable, public std::enable_shared_from_this<Cycler> {
public:
    explicit Cycler(std::vector<Value> items)
        : m_items(std::move(items))
    {
        name = "cycler";
    }
    Value call(Interpreter&, Arguments&) override { fail("a cycler cannot be called"); }
    bool isCallable() const override { return false; }
    std::optional<Value> attribute(const std::string& wanted) override
    {
        if (wanted == "current") {
            return m_items[m_at];
        }
        if (wanted == "next") {
            return newFunction("cycler.next", [me = shared_from_this()](Interpreter&, Arguments&) {
                const Value out = me->m_items[me->m_at];
                me->m_at = (me->m_at + 1) % me->m_items.size();
                return out;
            });
        }
        if (wanted == "reset") {
            return newFunction("cycler.reset", [me = shared_from_this()](Interpreter&, Arguments&) {
                me->m_at = 0;
                return Value::none();
            });
        }
        return std::nullopt;
    }

private:
    std::vector<Value> m_items;
    std::size_t m_at = 0;
};

class Joiner final : public Callable {
public:
    explicit Joiner(Value separator)
        : m_separator(std::move(separator))
    {
        name = "joiner";
    }
    Value call(Interpreter&, Arguments&) override
    {
        return std::exchange(m_used, true) ? m_separator : Value::plainText("");
    }

private:
    Value m_separator;
    bool m_used = false;
};

// The fixed time of a test, or the clock's; local.
std::tm timeOf(const std::optional<std::string>& now)
{
    std::tm parts {};
    if (!now) {
        const std::time_t clock = std::time(nullptr);
        localtime_r(&clock, &parts);
        return parts;
    }
    const char* end = strptime(now->c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
    if (end == nullptr || *end != '\0') {
        fail("the time is '" + *now + "' (expected 2026-02-03T04:05:06)");
    }
    parts.tm_isdst = -1;
    return parts;
}

Value strftimeNow(Interpreter& self, Arguments& arguments)
{
    const auto given = bound("strftime_now", arguments, {"format"});
    const std::string format = textOf(self.meter(), demanded(given[0], "strftime_now", "format"));
    constexpr std::size_t kFormatLimit = 4096;
    if (format.size() > kFormatLimit) {
        fail(fmt::format("strftime_now is given a format of {} bytes", format.size()));
    }
    // A width such as %99999d is the C library's own and not Python's: it could fill the memory.
    constexpr std::string_view kDirectives = "aAbBcCdDeFgGhHIjmMnprRsStTuUVwWxXyYzZ%";
    for (std::size_t at = format.find('%'); at != std::string::npos;
         at = format.find('%', at + 2)) {
        const bool hasFlag = at + 1 < format.size() && format[at + 1] == '-';
        const char letter =
            at + 1 + (hasFlag ? 1 : 0) < format.size() ? format[at + 1 + (hasFlag ? 1 : 0)] : '\0';
        if (letter == '\0' || kDirectives.find(letter) == std::string_view::npos) {
            fail("strftime_now is given a directive that is not known in '" + format + "'");
        }
    }
    const std::tm parts = timeOf(self.now());
    std::string text(format.size() * 32 + 64, '\0');
    text.resize(std::strftime(text.data(), text.size(), format.c_str(), &parts));
    return newText(self.meter(), std::move(text));
}

Value raiseException(Interpreter& self, Arguments& arguments)
{
    const auto given = bound("raise_exception", arguments, {"message"});
    fail(textOf(self.meter(), demanded(given[0], "raise_exception", "message")));
}

Value newNamespaceOf(Interpreter& self, Arguments& arguments)
{
    std::vector<std::pair<std::string, Value>> fields;
    for (const auto& [key, value] : pairsOf(self, "namespace", arguments)) {
        fields.emplace_back(textOf(self.meter(), key), value);
    }
    return self.newNamespace(std::move(fields));
}

Value newCycler(Interpreter&, Arguments& arguments)
{
    if (arguments.positional.empty()) {
        fail("cycler needs at least one value");
    }
    return Value::object(Kind::Callable, std::make_shared<Cycler>(arguments.positional));
}

Value newJoiner(Interpreter&, Arguments& arguments)
{
    const auto given = bound("joiner", arguments, {"sep"});
    return Value::object(Kind::Callable,
                         std::make_shared<Joiner>(given[0].value_or(Value::plainText(", "))));
}

Value loremIpsum(Interpreter&, Arguments&)
{
    fail("lipsum() writes random text, which no chat template can mean; it is not supported");
}

} // namespace

std::optional<Value> globalNamed(Interpreter&, const std::string& name)
{
    using Body = Value (*)(Interpreter&, Arguments&);
    static constexpr std::array<std::pair<const char*, Body>, 7> kFunctions {{
        {"range", rangeOf},
        {"namespace", newNamespaceOf},
        {"raise_exception", raiseException},
        {"strftime_now", strftimeNow},
        {"cycler", newCycler},
        {"joiner", newJoiner},
        {"lipsum", loremIpsum},
    }};
    if (name == "dict") {
        return Value::object(Kind::Callable, std::make_shared<DictMaker>());
    }
    for (const auto& [known, body] : kFunctions) {
        if (name == known) {
            return newFunction(name, body);
        }
    }
    return std::nullopt;
}

} // namespace pissarro::core::inline prompt::jinja
