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

// The same for a program without namespaces of its own, whose files Landlock guards as of `abi`. What reaches further there is
// not there: another group or session, other processes' priority and processors, owners of signals (F_SETOWN), modes and times
// of files, sockets that send to a name; truncation that Landlock does not see. Each new thread and process, and each signal,
// is asked of who listens to the filter (SECCOMP_RET_USER_NOTIF), as no filter counts or knows whose a number is.
std::vector<sock_filter> landlockFilter(int interpreter, int abi);

// Whether the filter is written for this processor.
bool hasSandboxFilter();

} // namespace pissarro::core::inline sandbox
