// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/sandbox/descriptor_p.h"

#include <cstdint>
#include <string>
#include <vector>

namespace pissarro::core::inline sandbox {

// Landlock: the kernel's rules of a process on itself and all that it starts (Linux 5.13). What it can deny grows with its
// ABI: 1 files, 2 moves between folders, 3 truncation, 4 TCP, 5 the commands of devices, 6 abstract sockets and signals,
// 7 says what is logged.
constexpr int kLandlockKnown = 7;

// The ABI of this kernel, kLandlockKnown at most; 0: none, and errno says why. A kernel that has less than it says (as some
// of RHEL 9) is taken by what it has.
int landlockAbi();

// What may be reached; nothing else may.
struct LandlockAccess {
    std::vector<std::string> readable; // files, and folders with all that is below: also executed
    std::vector<std::string> devices; // files: read and written
    std::string scratch; // a folder: everything but to execute, and to make devices and sockets
};

struct LandlockRules {
    Descriptor set; // for landlock_restrict_self(); none: `fault` says why
    int abi = 0; // as of which it denies
    std::uint32_t flags = 0; // of landlock_restrict_self()
    std::string fault;
};

// `abi`: no more than landlockAbi().
LandlockRules landlockRules(const LandlockAccess& access, int abi);

} // namespace pissarro::core::inline sandbox
