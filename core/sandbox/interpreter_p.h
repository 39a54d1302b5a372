// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

namespace pissarro::core::inline sandbox {

struct Interpreter {
    std::string program; // the executable itself, no link
    std::vector<std::string> readable; // what it reads: libraries, each there and no link
    int landlock = 0; // the ABI of Landlock that confines it, at most; 0: namespaces do
};

// Asks the interpreter, by name (of PATH) or path, where it lives: it is run once, as it is, for 10 s at most.
// Throws: Error{InvalidArgument} where it cannot be started or is no Python 3; Error{Io}.
Interpreter findInterpreter(const std::string& name);

} // namespace pissarro::core::inline sandbox
