// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <sys/types.h>
#include <vector>

namespace pissarro::core::inline sandbox {

struct TreeUse {
    int processes = 0;
    std::uint64_t bytes = 0; // of memory; what they share is counted for each unless `isExact`
    bool isExact = false;
};

// What a process and all below it use now, told by /proc; one that comes or goes meanwhile may be missed.
// Cost: some 20 µs for each process; where `exact`, more with its memory.
TreeUse treeUse(pid_t root, bool exact);

// A thread of such a tree.
struct TreeTask {
    pid_t task = 0;
    pid_t process = 0; // whose thread it is: its number outside
    pid_t parent = 0; // of the process; 0: of the root
};
// A process and all below it, thread by thread; what comes or goes meanwhile may be missed.
std::vector<TreeTask> treeTasks(pid_t root);

// Whether this system tells what a process has started.
bool canSeeChildren();
pid_t firstChildOf(pid_t process); // of its first thread, the oldest one; -1: none

// The system call that the first thread of a process waits in.
struct WaitingCall {
    long number = -1;
    std::array<std::uint64_t, 6> arguments {};
    std::uint64_t stack = 0; // the stack pointer, as it was called
};
// Nothing: it runs, is gone, or waits in no call. Every process may be asked that the caller might trace.
std::optional<WaitingCall> waitingCall(pid_t process);
// Whether this system tells that.
bool canSeeCalls();

} // namespace pissarro::core::inline sandbox
