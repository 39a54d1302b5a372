// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/sandbox/descriptor_p.h"

#include <cstdint>
#include <string>
#include <sys/types.h>
#include <vector>

namespace pissarro::core::inline sandbox {

// The folder of one run where it cannot have one in a memory of its own: in that of all (/dev/shm), else where temporary files
// go. It is gone with this, whatever the program made of it; no process that writes to it may be left then. One that lies
// there since its program was ended by force is removed by the next.
class LandlockScratch {
public:
    // `owner`: whose it is. Throws: Error{Io} where there is no room for `bytes`.
    LandlockScratch(uid_t owner, std::uint64_t bytes);
    ~LandlockScratch();
    LandlockScratch(const LandlockScratch&) = delete;
    LandlockScratch& operator=(const LandlockScratch&) = delete;

    const std::string& path() const { return m_path; }

    // Whether it holds no more than `bytes`, a few thousand files, and no folder deeper than 64; with what these processes
    // still hold open of what was removed. One that changes meanwhile may be counted as it was.
    bool isWithin(std::uint64_t bytes, const std::vector<pid_t>& processes) const;

private:
    std::string m_path;
    Descriptor m_folder; // locked, as long as it is in use
};

} // namespace pissarro::core::inline sandbox
