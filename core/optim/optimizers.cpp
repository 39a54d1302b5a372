// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/optim/optimizer_kind.h"
#include "core/text/enum_names.h"

#include <algorithm>

namespace pissarro::core::inline optim {

// Each in a file of its own.
extern const OptimizerKind kAdamW, kAdamW8;

const std::vector<const OptimizerKind*>& allOptimizers()
{
    static const std::vector<const OptimizerKind*> all {&kAdamW, &kAdamW8};
    return all;
}

const OptimizerKind& defaultOptimizer()
{
    return *allOptimizers().front();
}

const OptimizerKind* findOptimizer(std::string_view name)
{
    const auto& all = allOptimizers();
    const auto found = std::find_if(all.begin(), all.end(),
                                    [&](const OptimizerKind* one) { return one->name == name; });
    return found == all.end() ? nullptr : *found;
}

const OptimizerKind& optimizerNamed(std::string_view name)
{
    std::vector<Named<const OptimizerKind*>> names;
    for (const OptimizerKind* one : allOptimizers()) {
        names.push_back({one, one->name});
    }
    return *parseIn(names, "optimizer", name);
}

std::string optimizerNames()
{
    std::string names;
    for (const OptimizerKind* one : allOptimizers()) {
        names += (names.empty() ? "" : ", ") + std::string(one->name);
    }
    return names;
}

} // namespace pissarro::core::inline optim
