// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/model_files.h"

#include <string>
#include <vector>

namespace pissarro::core::inline model {

// What selectModules() gives, or the sentence that it throws: for a form that asks at every key.
struct ModuleSelection {
    std::vector<LinearModule> modules; // empty where there is a problem
    std::string problem; // empty: none
};
ModuleSelection trySelectModules(const ModelFiles& files, const std::vector<std::string>& globs);

} // namespace pissarro::core::inline model
