// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace pissarro::core::inline base {

// How many threads this process may compute on, at least 1: no more than the processors it may run on (affinity), than
// its control groups grant of them, and than OMP_NUM_THREADS (without it MKL_NUM_THREADS) and OMP_THREAD_LIMIT say.
// Threads: any.
int allowedCores();
std::string threadsText(int threads); // "1 thread", "2 threads"

// Whole cores that the control groups of a process grant, with every group above them: cpu.max of version 2,
// cpu.cfs_quota_us of version 1. `proc` holds its `cgroup` and `mountinfo` (/proc/self); absent: no limit.
std::optional<int> coresOfGroups(const std::filesystem::path& proc);

} // namespace pissarro::core::inline base
