// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <linux/filter.h>
#include <vector>

namespace pissarro::core::inline sandbox {

// Which system calls a program in the sandbox has, as a filter of the kernel: what Python needs to compute, to use its
// scratch folder, threads, children and pipes. All others do not exist for it (ENOSYS): no socket but a pair, no other
// program, no namespace, mount, ptrace, key, shared memory, bpf or io_uring. `interpreter`: the descriptor of the one
// program that is started, once.
std::vector<sock_filter> sandboxFilter(int interpreter);

// Whether the filter is written for this processor.
bool hasSandboxFilter();

} // namespace pissarro::core::inline sandbox
