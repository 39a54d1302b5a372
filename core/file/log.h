// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace pissarro::core::inline file {

// The log of all Pissarro's programs of a person, for the report of a fault: when each began on what machine, which long
// jobs it did, and the line of each failure. A line each, in UTC:
//
//   2026-11-28T20:15:03.120Z error 4711/4713 export of runs/a failed after 0.3 s: runs/a: …
//
// (level: info, warning or error; process/thread). Never over 1 MB, but for a line of each that writes at the turn; then it
// becomes pissarro.log.1, and what had that name goes.

// $XDG_STATE_HOME/pissarro/pissarro.log, else ~/.local/state/pissarro/pissarro.log.
std::filesystem::path logFile();

enum class LogLevel { Info, Warning, Error };

std::int64_t thisThread(); // as the system numbers it

// Made where something happens; may be written later, by another thread.
struct LogEntry {
    LogLevel level = LogLevel::Info;
    std::string message; // made one line of at most 4,000 bytes (core/text/escaped_text.h)
    std::chrono::system_clock::time_point time = std::chrono::system_clock::now();
    std::int64_t thread = thisThread();
};

// Appends a line. Where it cannot be written, nothing happens: it waits for no other writer, throws nothing and leaves
// errno as it was. Cost: an open and a write, some 20 µs. Threads: any, of any number of programs.
void writeLog(const LogEntry& entry) noexcept;
void writeLog(LogLevel level, const std::string& message) noexcept;

// Runs a long job of which the log tells that it begins, and that it is done, was cancelled, or failed with what line, and
// after how long. `job` names it: "export of runs/a". Throws: what `body` throws.
void logged(const std::string& job, const std::function<void()>& body);

} // namespace pissarro::core::inline file
