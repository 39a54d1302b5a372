// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <sys/types.h>

namespace pissarro::core::inline sandbox {

struct TreeUse {
    int processes = 0;
    std::uint64_t bytes = 0; // of memory; what they share is counted for each unless `isExact`
    bool isExact = false;
};

// What a process and all below it use now, told by /proc; one that comes or goes meanwhile may be missed.
// Cost: some 20 µs for each process; where `exact`, more with its memory.
TreeUse treeUse(pid_t root, bool exact);

// Whether this system tells what a process has started.
bool canSeeChildren();

} // namespace pissarro::core::inline sandbox
