// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/run_spec.h"
#include "core/settings/field.h"

#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline run {

// A key of run.json with its value as text, as SpecDifference has it.
struct SpecSetting {
    std::string key;
    std::string value; // "2e-5"; empty for an empty text
    bool isDefault = false; // what a spec without the key has
};

// Whether the key is of a learning rate, which stands as rateText() has it wherever people read it.
bool isRate(std::string_view key);
// Of a setting, or a column of runs, as people read it beside others of its key: fieldText(), a rate as rateText().
std::string settingText(std::string_view key, const FieldValue& value);

// Every key of the spec, in the order of RunSpec.
std::vector<SpecSetting> settingsOf(const RunSpec& spec);

} // namespace pissarro::core::inline run
