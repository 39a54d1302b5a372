// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/spec_fields.h"

#include <nlohmann/json.hpp>

namespace pissarro::core::inline run {

// The value of one setting as run.json holds it, for files that hold single settings: the axes of a sweep.

// Throws: Error{InvalidArgument} for a number that is none: a file has no room for it.
nlohmann::ordered_json valueToJson(const SpecField& field, const FieldValue& value);
// Throws: Error{InvalidArgument} "rank must be a whole number from 1 to 65536, found 0": another kind, an unknown name, out
// of its range. What depends on other settings is left to checkSpec().
FieldValue valueFromJson(const SpecField& field, const nlohmann::ordered_json& value);

} // namespace pissarro::core::inline run
