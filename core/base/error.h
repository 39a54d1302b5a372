// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace pissarro::core::inline base {

// What kind of thing went wrong; decides the exit code of the command line and the banner's advice.
enum class ErrorKind {
    InvalidArgument, // a value that the caller chose does not fit: rank above the smaller side
    Io, // the system refused: missing file, no permission, disk full
    Format, // a file's content is not what its format demands
    Numeric, // NaN or Inf where a number is needed
    OutOfMemory,
    Internal, // a broken invariant of ours
};

// What is said of a thing that is named before it: "is not JSON", "has no answer". Of a line it is "line 3 is not JSON".
struct Clause {
    std::string text;
};

// The only exception that leaves core/, Cancelled apart.
//
// The message is one sentence with the numbers: what was needed, what was found, what to do. Callers
// put the file before it on the way up: `throw e.within(path.string())` gives "PATH: message". Whoever decides by what went
// wrong asks the members; the words of what() are for people.
class Error : public std::runtime_error {
public:
    Error(ErrorKind kind, const std::string& message)
        : std::runtime_error(message)
        , m_kind(kind)
    {
    }
    Error(ErrorKind kind, const Clause& clause)
        : std::runtime_error(clause.text)
        , m_kind(kind)
        , m_isClause(true)
    {
    }

    ErrorKind kind() const noexcept { return m_kind; }
    // Whether nothing is named before the message yet, and it waits for that.
    bool isClause() const noexcept { return m_isClause; }

    Error within(std::string_view context) const;
    // The same unless it is within that very one already: for readers some of whose parts name the file.
    Error withinOnce(std::string_view context) const;

private:
    ErrorKind m_kind;
    bool m_isClause = false;
    std::shared_ptr<const std::string>
        m_context; // the outermost; shared: to be copied without a throw
};

// Thrown by JobContext::checkpoint() when a stop was asked for. Not a failure: never shown as one.
class Cancelled : public std::exception {
public:
    const char* what() const noexcept override { return "cancelled"; }
};

// The failure of errno as a sentence: "No space left on device".
std::string systemErrorText(int errorNumber);

} // namespace pissarro::core::inline base
