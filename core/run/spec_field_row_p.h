// SPDX-License-Identifier: GPL-3.0-or-later
// How a row of spec_fields.cpp is written.
#pragma once

#include "core/run/spec_fields.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pissarro::core {

// A method stands by its name.
template <>
struct FieldCodec<Method> {
    static FieldValue to(Method method) { return std::string(method->name); }
    static bool from(const FieldValue& given, Method& method)
    {
        const auto* name = std::get_if<std::string>(&given);
        for (const Method one : allMethods()) {
            if (name != nullptr && one->name == *name) {
                method = one;
                return true;
            }
        }
        return false;
    }
    static void describe(FieldInfo& field)
    {
        for (const Method one : allMethods()) {
            field.choices.push_back(one->name);
        }
    }
};

} // namespace pissarro::core

namespace pissarro::core::inline run {

// A row in the making; what is not said stays as SpecField has it.
class Row {
public:
    explicit Row(Field<RunSpec> field) { static_cast<Field<RunSpec>&>(m_field) = std::move(field); }

    Row& within(double lowest, double highest)
    {
        m_field.limits = FieldLimits {lowest, highest};
        return *this;
    }
    Row& above(double lowest, double highest)
    {
        m_field.limits = FieldLimits {lowest, highest, true};
        return *this;
    }
    Row& free() { return resumes(Resume::Free); }
    Row& place() { return resumes(Resume::Place); }
    Row& advanced(std::string unit = {})
    {
        m_field.level = Level::Advanced;
        m_field.unit = std::move(unit);
        return *this;
    }
    Row& elsewhere()
    {
        m_field.level = Level::Elsewhere;
        return *this;
    }
    Row& usedBy(std::string who, std::function<bool(const SpecUse&)> applies)
    {
        m_field.who = std::move(who);
        m_field.applies = std::move(applies);
        return *this;
    }
    Row& checked(std::function<std::string(const RunSpec&)> problem)
    {
        m_field.problem = std::move(problem);
        return *this;
    }
    Row& named(std::vector<Named<double>> names)
    {
        m_field.names = std::move(names);
        return *this;
    }
    Row& helped(std::string help)
    {
        m_field.help = std::move(help);
        return *this;
    }

    const std::string& key() const { return m_field.key; }
    operator SpecField() const { return m_field; } // NOLINT: a list of rows is a list of fields

private:
    Row& resumes(Resume resume)
    {
        m_field.resume = resume;
        return *this;
    }

    SpecField m_field;
};

// Those of spec_reading_fields.cpp.
std::vector<SpecField> readingFields();

template <auto Member>
Row row(const char* key, const char* flag, const char* label, std::string help)
{
    return Row(
        memberField<Member>({.key = key, .flag = flag, .label = label, .help = std::move(help)}));
}

template <class Part>
std::vector<Row> rowsOf(std::vector<Field<Part>> fields, Part RunSpec::*part)
{
    std::vector<Row> rows;
    for (Field<Part>& field : fields) {
        rows.emplace_back(liftedField(std::move(field), part));
    }
    return rows;
}

// `wrong` unless `good`.
inline std::string unless(bool good, std::string wrong)
{
    return good ? std::string() : std::move(wrong);
}

template <class Kind>
std::string_view nameOf(const Kind* kind)
{
    return kind->name;
}
template <class Kind>
std::string_view nameOf(const Kind& kind)
{
    return kind.name;
}

// A text that is one of the names of a list of the program.
template <auto Member, class List>
Row listedRow(FieldInfo info, const List& list)
{
    for (const auto& one : list) {
        info.choices.push_back(nameOf(one));
    }
    const auto choices = info.choices;
    const auto isKnown = [choices](const std::string& name) {
        return std::find(choices.begin(), choices.end(), name) != choices.end();
    };
    auto field = memberField<Member>(std::move(info));
    field.set = [isKnown](RunSpec& spec, const FieldValue& value) {
        const auto* name = std::get_if<std::string>(&value);
        if (name == nullptr || !isKnown(*name)) {
            return false;
        }
        spec.*Member = *name;
        return true;
    };
    return Row(std::move(field)).checked([isKnown, choices](const RunSpec& spec) {
        std::string names;
        for (const std::string_view name : choices) {
            names += (names.empty() ? "" : ", ") + std::string(name);
        }
        return unless(isKnown(spec.*Member),
                      "must be one of " + names + ", found " + shownText(spec.*Member));
    });
}

} // namespace pissarro::core::inline run
