// SPDX-License-Identifier: GPL-3.0-or-later
// What stands behind `is`.
#include "core/prompt/filters_p.h"
#include "core/prompt/interpreter_p.h"
#include "core/prompt/python_text_p.h"

#include <algorithm>
#include <unordered_map>

namespace pissarro::core::inline prompt::jinja {
namespace {

void demandNone(const char* test, const Arguments& arguments)
{
    bound(test, arguments, {});
}

Value other(const char* test, const Arguments& arguments)
{
    return demanded(bound(test, arguments, {"other"})[0], test, "other");
}

bool leavesRest(Interpreter& self, const Value& value, Whole divisor, Whole rest)
{
    const Value left = applyOperator(self.meter(), "%", value, Value::integer(divisor));
    return areEqual(self.meter(), left, Value::integer(rest));
}

bool isWordOf(Interpreter& self, const Value& value, bool upper)
{
    bool hasCased = false;
    for (const char32_t c : codePointsOf(textOf(self.meter(), value))) {
        hasCased = hasCased || isCased(c);
        if (isCased(c) && !(upper ? isUpper(c) : isLower(c))) {
            return false;
        }
    }
    return hasCased;
}

bool isSized(const Value& value)
{
    switch (value.kind()) {
    case Kind::Sequence:
        return value.sequence().flavour <= Sequence::Flavour::Range;
    case Kind::Undefined:
    case Kind::Text:
    case Kind::Dict:
        return true;
    default:
        return false;
    }
}

using Map = std::unordered_map<std::string, TestBody>;

void addConstants(Map& map)
{
    map["defined"] = [](Interpreter&, const Value& v, Arguments& a) {
        demandNone("defined", a);
        return !v.is(Kind::Undefined);
    };
    map["undefined"] = [](Interpreter&, const Value& v, Arguments& a) {
        demandNone("undefined", a);
        return v.is(Kind::Undefined);
    };
    map["none"] = [](Interpreter&, const Value& v, Arguments& a) {
        demandNone("none", a);
        return v.is(Kind::None);
    };
    map["boolean"] = [](Interpreter&, const Value& v, Arguments& a) {
        demandNone("boolean", a);
        return v.is(Kind::Bool);
    };
    map["true"] = [](Interpreter&, const Value& v, Arguments& a) {
        demandNone("true", a);
        return v.is(Kind::Bool) && v.whole() != 0;
    };
    map["false"] = [](Interpreter&, const Value& v, Arguments& a) {
        demandNone("false", a);
        return v.is(Kind::Bool) && v.whole() == 0;
    };
}

void addKinds(Map& map)
{
    map["integer"] = [](Interpreter&, const Value& v, Arguments& a) {
        demandNone("integer", a);
        return v.is(Kind::Integer);
    };
    map["float"] = [](Interpreter&, const Value& v, Arguments& a) {
        demandNone("float", a);
        return v.is(Kind::Float);
    };
    map["number"] = [](Interpreter&, const Value& v, Arguments& a) {
        demandNone("number", a);
        return v.isNumber();
    };
    map["string"] = [](Interpreter&, const Value& v, Arguments& a) {
        demandNone("string", a);
        return v.is(Kind::Text);
    };
    map["mapping"] = [](Interpreter&, const Value& v, Arguments& a) {
        demandNone("mapping", a);
        return v.is(Kind::Dict);
    };
    map["sequence"] = [](Interpreter&, const Value& v, Arguments& a) {
        demandNone("sequence", a);
        return isSized(v);
    };
    map["iterable"] = [](Interpreter&, const Value& v, Arguments& a) {
        demandNone("iterable", a);
        return isSized(v) || v.is(Kind::Sequence) || v.is(Kind::Iterator);
    };
    map["callable"] = [](Interpreter&, const Value& v, Arguments& a) {
        demandNone("callable", a);
        return v.is(Kind::Undefined) || (v.is(Kind::Callable) && v.callable().isCallable());
    };
    map["escaped"] = [](Interpreter&, const Value& v, Arguments& a) {
        demandNone("escaped", a);
        return v.isMarkup();
    };
}

void addComparisons(Map& map)
{
    map["eq"] = [](Interpreter& self, const Value& v, Arguments& a) {
        return areEqual(self.meter(), v, other("eq", a));
    };
    map["ne"] = [](Interpreter& self, const Value& v, Arguments& a) {
        return !areEqual(self.meter(), v, other("ne", a));
    };
    map["lt"] = [](Interpreter& self, const Value& v, Arguments& a) {
        return isLess(self.meter(), v, other("lt", a), "<");
    };
    map["gt"] = [](Interpreter& self, const Value& v, Arguments& a) {
        return isLess(self.meter(), other("gt", a), v, ">");
    };
    map["le"] = [](Interpreter& self, const Value& v, Arguments& a) {
        const Value right = other("le", a);
        return isLess(self.meter(), v, right, "<=") || areEqual(self.meter(), v, right);
    };
    map["ge"] = [](Interpreter& self, const Value& v, Arguments& a) {
        const Value right = other("ge", a);
        return isLess(self.meter(), right, v, ">=") || areEqual(self.meter(), v, right);
    };
    map["=="] = map["equalto"] = map["eq"];
    map["!="] = map["ne"];
    map["<"] = map["lessthan"] = map["lt"];
    map[">"] = map["greaterthan"] = map["gt"];
    map["<="] = map["le"];
    map[">="] = map["ge"];
    map["in"] = [](Interpreter& self, const Value& v, Arguments& a) {
        return isContained(self.meter(), v, other("in", a));
    };
    map["sameas"] = [](Interpreter&, const Value& v, Arguments& a) {
        return areSame(v, other("sameas", a));
    };
}

void addProperties(Map& map)
{
    map["odd"] = [](Interpreter& self, const Value& v, Arguments& a) {
        demandNone("odd", a);
        return leavesRest(self, v, 2, 1);
    };
    map["even"] = [](Interpreter& self, const Value& v, Arguments& a) {
        demandNone("even", a);
        return leavesRest(self, v, 2, 0);
    };
    map["divisibleby"] = [](Interpreter& self, const Value& v, Arguments& a) {
        const Value rest = applyOperator(self.meter(), "%", v, other("divisibleby", a));
        return areEqual(self.meter(), rest, Value::integer(0));
    };
    map["lower"] = [](Interpreter& self, const Value& v, Arguments& a) {
        demandNone("lower", a);
        return isWordOf(self, v, false);
    };
    map["upper"] = [](Interpreter& self, const Value& v, Arguments& a) {
        demandNone("upper", a);
        return isWordOf(self, v, true);
    };
    map["filter"] = [](Interpreter&, const Value& v, Arguments& a) {
        demandNone("filter", a);
        return v.is(Kind::Text) && filterNamed(v.text()) != nullptr;
    };
    map["test"] = [](Interpreter&, const Value& v, Arguments& a) {
        demandNone("test", a);
        return v.is(Kind::Text) && testNamed(v.text()) != nullptr;
    };
}

} // namespace

TestBody testNamed(const std::string& name)
{
    static const Map map = [] {
        Map made;
        addConstants(made);
        addKinds(made);
        addComparisons(made);
        addProperties(made);
        return made;
    }();
    const auto place = map.find(name);
    return place == map.end() ? nullptr : place->second;
}

} // namespace pissarro::core::inline prompt::jinja
