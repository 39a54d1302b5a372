// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <exception>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace pissarro::core {

// What kind of thing went wrong; decides the exit code of the command line and the banner's advice.
enum class ErrorKind {
    InvalidArgument, // a value that the caller chose does not fit: rank above the smaller side
    Io, // the system refused: missing file, no permission, disk full
    Format, // a file's content is not what its format demands
    Numeric, // NaN or Inf where a number is needed
    OutOfMemory,
    Internal, // a broken invariant of ours
};

// The only exception that leaves core/, Cancelled apart.
//
// The message is one sentence with the numbers: what was needed, what was found, what to do. Callers
// put the file before it on the way up: `throw e.within(path.string())` gives "PATH: message".
class Error : public std::runtime_error {
public:
    Error(ErrorKind kind, const std::string& message)
        : std::runtime_error(message)
        , m_kind(kind)
    {
    }

    ErrorKind kind() const noexcept { return m_kind; }
    Error within(std::string_view context) const
    {
        return {m_kind, std::string(context) + ": " + what()};
    }

private:
    ErrorKind m_kind;
};

// Thrown by JobContext::checkpoint() when a stop was asked for. Not a failure: never shown as one.
class Cancelled : public std::exception {
public:
    const char* what() const noexcept override { return "cancelled"; }
};

// The failure of errno as a sentence: "No space left on device".
std::string systemErrorText(int errorNumber);

} // namespace pissarro::core
