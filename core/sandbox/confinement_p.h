// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/sandbox/descriptor_p.h"
#include "core/sandbox/interpreter_p.h"
#include "core/sandbox/sandbox.h"

#include <memory>
#include <string>
#include <sys/types.h>

namespace pissarro::core::inline sandbox {

// What a confined interpreter begins with: these descriptors beside an empty standard input, and nothing else.
struct ConfinedInput {
    int output = -1; // standard output and error
    int program = -1; // becomes 3: the text that the runner reads
    int verdict = -1; // becomes 4: where the runner says what the program ended with
    int waits = -1; // becomes 5: where the runner waits: before the program, and at its end
};

// Whether something comes, or the end, within what setting up may take.
bool isReadableInTime(int descriptor);

class Warden;

// A tree of processes, seen from outside. Its first is "init" of its namespace, or the keeper of what Landlock confines: it
// gone, all are.
struct Confined {
    pid_t pid = -1;
    pid_t first =
        -1; // the process that became the interpreter: the same, or the keeper's one child
    Descriptor process; // readable once the first process has ended
    std::string fault; // not empty: the system refused a part, in words, and nothing runs
    std::shared_ptr<Warden> warden; // where there are no namespaces: it decides while it runs
};

// Starts `interpreter -I -B -u -c runner` confined as sandbox.h says.
// Throws: Error{Io} where there is no process to be had.
Confined startConfined(const Interpreter& interpreter, const std::string& runner,
                       const SandboxLimits& limits, const ConfinedInput& input);

// The second way, without namespaces (confinement_landlock.cpp).
Confined startByLandlock(const Interpreter& interpreter, const std::string& runner,
                         const SandboxLimits& limits, const ConfinedInput& input);
// The status of its first process as endConfined() has it; the keeper is gone.
int endByLandlock(Confined& confined, int status);

// Whether this user namespace has a second user: in one of a single user, as some containers are, there is none to become.
bool hasNobody();

// Ends all of it and returns when it is gone: the status as of waitpid().
int endConfined(Confined& confined);

} // namespace pissarro::core::inline sandbox
