// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <stdexcept>
#include <string>

namespace pissarro::cli {

// What the shell gets back; scripts rely on the numbers.
enum class ExitCode {
    Done = 0,
    Failed = 1,
    WrongUsage = 2,
    BadInput = 3, // a file or value that does not fit: missing, corrupt, rank above a matrix's side
    Interrupted = 130, // SIGINT or SIGTERM, as a shell counts it
};

// The command line itself is wrong, found after parsing: "--text and --file exclude each other".
class UsageError : public std::runtime_error {
public:
    explicit UsageError(const std::string& message)
        : std::runtime_error(message)
    {
    }
};

inline ExitCode exitCodeOf(core::ErrorKind kind)
{
    switch (kind) {
    case core::ErrorKind::Format:
    case core::ErrorKind::Io:
    case core::ErrorKind::InvalidArgument:
        return ExitCode::BadInput;
    case core::ErrorKind::Numeric:
    case core::ErrorKind::OutOfMemory:
    case core::ErrorKind::Internal:
        return ExitCode::Failed;
    }
    return ExitCode::Failed;
}

} // namespace pissarro::cli
