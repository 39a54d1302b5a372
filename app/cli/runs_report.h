// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/history/history.h"
#include "core/library/project.h"
#include "core/run/run_filter.h"
#include "core/run/run_list.h"

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace pissarro::cli {

// A run of the list, with what is said of it.
struct ShownRun {
    std::shared_ptr<const core::ListedRun> listed; // never null
    core::RunMark mark;
    std::optional<core::History> history; // of another program's run, where it was read
    std::string problem; // why it was not; empty: it was
};

// What the verb prints beside name, state and loss.
using ShownColumns = std::vector<const core::RunColumn*>;

// {"runs": [{"path", "name", "state", "step", "steps", "last_loss", …}]}; `columns` are keys of each run.
nlohmann::ordered_json runsJson(const std::vector<ShownRun>& runs, const ShownColumns& columns,
                                core::RunGrouping by);
// A line a run, in columns; groups under their titles.
std::string runsText(const std::vector<ShownRun>& runs, const ShownColumns& columns,
                     core::RunGrouping by);

} // namespace pissarro::cli
