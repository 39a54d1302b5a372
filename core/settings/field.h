// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/format/pattern_values.h"
#include "core/text/enum_names.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace pissarro::core::inline settings {

// The value of any setting; an enumeration is the name of its value.
using FieldValue =
    std::variant<bool, std::int64_t, std::uint64_t, double, std::string, std::vector<std::string>,
                 PatternValues<std::int64_t>, PatternValues<double>>;

// From lowest to highest, both included unless `open`, which leaves the lowest out.
struct FieldLimits {
    double lowest = 0.0;
    double highest = 0.0;
    bool open = false;
};

// What is told of a setting once; JSON, flags, help, form and messages are made from it.
struct FieldInfo {
    std::string key; // of JSON: "learning_rate"
    std::string flag; // "--lr"
    std::string label; // of a form's row, in English: "Learning rate"
    std::string help; // of the flag and of the tool tip
    std::optional<FieldLimits> limits = {}; // of a number; none: any
    std::vector<std::int64_t> only = {}; // the whole numbers that it may be; empty: any
    std::vector<std::string_view> choices = {}; // of a text: the names that it may be; empty: any
    std::vector<Named<double>> names = {}; // of numbers that have one on the command line
    std::string_view expected = {}; // by a number whose type is narrower than FieldValue's
};

// A setting of an Owner (SvdOptions, RunSpec).
template <class Owner>
struct Field : FieldInfo {
    std::function<FieldValue(const Owner&)> get = {};
    // False, and nothing is changed: another kind of value, an unknown name, or a number that the type has no room for.
    std::function<bool(Owner&, const FieldValue&)> set = {};
};

// Whether they are the same, a number that is none being itself.
bool sameValue(const FieldValue& a, const FieldValue& b);
// "must be a whole number from 1 to 8, found 9", of a value that `field` allows not; empty: it is allowed.
std::string rangeProblem(const FieldInfo& field, const FieldValue& value);
// "KEY must be one of a, b, found 'c'"
std::string choiceProblem(const FieldInfo& field, const std::string& name,
                          const std::string& found);
// As a word of a command line, and as people read it: "2e-5", "q_proj,v_proj"; a list of texts joined by `comma`.
std::string fieldText(const FieldValue& value, std::string_view comma = ", ");

// An enumeration, or a handle to a row of a list, whose values stand by their names.
template <class Value>
concept HasNames = requires
{
    EnumNames<Value>::all;
};

// How a type stands in a FieldValue. Others than these specialise it beside themselves.
template <class Value>
struct FieldCodec {
    static FieldValue to(const Value& value)
    {
        if constexpr (HasNames<Value>) {
            return std::string(nameIn(EnumNames<Value>::all, value));
        } else if constexpr (std::is_same_v<Value, int>) {
            return std::int64_t {value};
        } else {
            return value;
        }
    }

    static bool from(const FieldValue& given, Value& value)
    {
        if constexpr (HasNames<Value>) {
            const auto* name = std::get_if<std::string>(&given);
            for (const auto& entry : EnumNames<Value>::all) {
                if (name != nullptr && entry.name == *name) {
                    value = entry.value;
                    return true;
                }
            }
            return false;
        } else if constexpr (std::is_same_v<Value, int>) {
            const auto* wide = std::get_if<std::int64_t>(&given);
            const bool fits = wide != nullptr && std::in_range<int>(*wide);
            value = fits ? static_cast<int>(*wide) : value;
            return fits;
        } else {
            const auto* same = std::get_if<Value>(&given);
            if (same != nullptr) {
                value = *same;
            }
            return same != nullptr;
        }
    }

    static void describe(FieldInfo& field)
    {
        if constexpr (HasNames<Value>) {
            for (const auto& entry : EnumNames<Value>::all) {
                field.choices.push_back(entry.name);
            }
        } else if constexpr (std::is_same_v<Value, int>) {
            field.expected = "a whole number of at most 32 bits";
        }
    }
};

// The field for one member: memberField<&SvdOptions::kind>({"svd", "--svd", …}).
template <auto Member, class Owner, class Value>
Field<Owner> memberFieldOf(FieldInfo info, Value Owner::*)
{
    FieldCodec<Value>::describe(info);
    return {std::move(info),
            [](const Owner& owner) { return FieldCodec<Value>::to(owner.*Member); },
            [](Owner& owner, const FieldValue& value) {
                return FieldCodec<Value>::from(value, owner.*Member);
            }};
}
template <auto Member>
auto memberField(FieldInfo info)
{
    return memberFieldOf<Member>(std::move(info), Member);
}

// The field of a part as one of the whole that holds it.
template <class Owner, class Part>
Field<Owner> liftedField(Field<Part> field, Part Owner::*part)
{
    return {std::move(static_cast<FieldInfo&>(field)),
            [part, get = std::move(field.get)](const Owner& owner) { return get(owner.*part); },
            [part, set = std::move(field.set)](Owner& owner, const FieldValue& value) {
                return set(owner.*part, value);
            }};
}

} // namespace pissarro::core::inline settings
