// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <filesystem>

namespace pissarro::core::inline file {

// A file or folder that is being written under a name of its own, and is nothing before it is moved to its place: a process
// that has to end at once, within a signal's handler, takes it away with removeInFlight().
// Threads: any; so many at once as there are places for, what is beyond them is left to removeLeftovers().
class InFlight {
public:
    explicit InFlight(const std::filesystem::path& place);
    ~InFlight();
    InFlight(const InFlight&) = delete;
    InFlight& operator=(const InFlight&) = delete;

    // It is moved to its place now. Never returns once removeInFlight() has begun to take it away: what is moved must be whole,
    // and the process is about to end.
    void settle();

private:
    bool letGo(); // false: it was taken away

    std::atomic<char*>* m_slot = nullptr; // null: nobody knows of it
    char* m_path = nullptr;
};

// Removes all of them. For signal handlers: it asks the system alone, no memory and no lock. The process has to end with it.
void removeInFlight() noexcept;

} // namespace pissarro::core::inline file
