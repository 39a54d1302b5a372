// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace pissarro::core::inline run {

// The program that trains in a run directory, as RUNDIR/.lock names it.
struct RunHolder {
    std::int64_t process = 0;
    std::string host;
    std::filesystem::path request; // RUNDIR as it was given to train(); twins lie one deeper
    bool isHere() const; // on this machine, whose processes and locks can be seen
};

// Keeps a second program off a run directory: a lock of the system on RUNDIR/.lock, which ends with
// the process.
// Throws: Error{Io} when the folder cannot be written, Error{InvalidArgument} naming the process
// while another one trains there.
class RunLock {
public:
    RunLock(const std::filesystem::path& runDirectory, const std::filesystem::path& request);
    ~RunLock();
    RunLock(const RunLock&) = delete;
    RunLock& operator=(const RunLock&) = delete;

    // Whether a program of this machine, this one included, holds the lock of `runDirectory`.
    static bool isHeld(const std::filesystem::path& runDirectory);

private:
    int m_descriptor = -1;
};

// Who wrote the lock of `runDirectory` last, whether or not it still holds it. Empty: nobody, or a
// file that says nothing.
std::optional<RunHolder> lastHolder(const std::filesystem::path& runDirectory);

// What another program asks of the one that trains: a small file RUNDIR/.order of the request,
// which the trainer reads before each step. It names the process that is meant, so that a file left
// by a crash stops nobody.
enum class RunOrder { GoOn, Pause, Stop };

// Throws: Error{Io}.
void giveOrder(const std::filesystem::path& request, std::int64_t process, RunOrder order);
// GoOn when there is none, or it is for another process.
RunOrder readOrder(const std::filesystem::path& request, std::int64_t process);

std::int64_t thisProcess();
bool processLives(std::int64_t process); // of this machine; a zombie does not
// Whether that process is a command that was told to train in `request`, before or after it has made a run there.
bool trainsIn(std::int64_t process, const std::filesystem::path& request);
// Whether any process of this machine is one, however its command names the folder. Cost: a file of each process.
bool someoneTrainsIn(const std::filesystem::path& request);
std::string hostName();

} // namespace pissarro::core::inline run
