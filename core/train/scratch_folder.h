// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/file/in_flight.h"

#include <filesystem>
#include <memory>
#include <string>

namespace pissarro::core::inline training {

// A folder below TMPDIR for a training that is only measured; it goes with this. A second Ctrl-C takes away what is in it; what
// a program that was killed left goes with the next: its name is "pissarro-WORD-PID-XXXXXX", and it is locked for as long as its maker lives, which
// also tells across containers that share the place.
// Throws: Error{Io} where it cannot be made.
class ScratchFolder {
public:
    explicit ScratchFolder(const std::string& purpose); // "pace": a word of its name
    ~ScratchFolder();
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;

    const std::filesystem::path& path() const { return m_path; }

private:
    std::filesystem::path m_path;
    int m_lock = -1; // the folder itself
    std::unique_ptr<InFlight> m_inFlight;
};

// Removes those of this user below TMPDIR whose maker is gone. What cannot be removed stays.
void removeDeadScratch();

} // namespace pissarro::core::inline training
