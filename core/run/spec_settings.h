// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/run_spec.h"

#include <string>
#include <vector>

namespace pissarro::core::inline run {

// A key of run.json with its value as text, as SpecDifference has it.
struct SpecSetting {
    std::string key;
    std::string value; // "2e-5"; empty for an empty text
    bool isDefault = false; // what a spec without the key has
};

// Every key of the spec, in the order of RunSpec.
std::vector<SpecSetting> settingsOf(const RunSpec& spec);

} // namespace pissarro::core::inline run
