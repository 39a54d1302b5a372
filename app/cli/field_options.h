// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/verb.h"
#include "core/run/spec_fields.h"

#include <functional>
#include <string_view>
#include <utility>
#include <vector>

namespace pissarro::cli {

// Called with what the line gives a setting: in its own kind, of a rank map the path, of a list each text alone.
using TakeValue = std::function<void(const core::FieldValue&)>;

// Adds the flag of a setting; its help, names and kind are the field's, `standard` is what the help says it is without.
CLI::Option* addField(CLI::App& verb, const core::FieldInfo& field,
                      const core::FieldValue& standard, TakeValue take);
// Numbers out of the field's range are wrong usage at once. `train` checks a whole spec instead.
// Throws: CLI::ValidationError
void requireInRange(const core::FieldInfo& field, const core::FieldValue& value);
void tellRange(CLI::Option& option, const core::FieldInfo& field); // in the help
// Throws: CLI::ValidationError for a value that the setting has no room for.
[[noreturn]] void refuseValue(const core::FieldInfo& field, const core::FieldValue& value);

// The flags of an options struct, their ranges checked. `target` outlives the parse.
template <class Owner>
void addFields(CLI::App& verb, const std::vector<core::Field<Owner>>& fields, Owner& target)
{
    for (const core::Field<Owner>& field : fields) {
        CLI::Option* option = addField(verb, field, field.get(target),
                                       [field, &target](const core::FieldValue& value) {
                                           requireInRange(field, value);
                                           if (!field.set(target, value)) {
                                               refuseValue(field, value);
                                           }
                                       });
        tellRange(*option, field);
    }
}

// The flag of a run's setting for a verb that keeps its value in `target`, its range checked.
template <class Value>
void addSpecField(CLI::App& verb, std::string_view key, Value& target)
{
    const core::SpecField& field = core::specField(key);
    CLI::Option* option = addField(verb, field, core::FieldCodec<Value>::to(target),
                                   [&field, &target](const core::FieldValue& value) {
                                       requireInRange(field, value);
                                       if (!core::FieldCodec<Value>::from(value, target)) {
                                           refuseValue(field, value);
                                       }
                                   });
    tellRange(*option, field);
}

} // namespace pissarro::cli
