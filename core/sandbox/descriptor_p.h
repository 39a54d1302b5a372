// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <cerrno>
#include <fcntl.h>
#include <string>
#include <unistd.h>
#include <utility>

namespace pissarro::core::inline sandbox {

// A file descriptor that is closed with its owner.
class Descriptor {
public:
    Descriptor() = default;
    explicit Descriptor(int number)
        : m_number(number)
    {
    }
    Descriptor(Descriptor&& other) noexcept
        : m_number(std::exchange(other.m_number, -1))
    {
    }
    Descriptor& operator=(Descriptor&& other) noexcept
    {
        std::swap(m_number, other.m_number);
        return *this;
    }
    ~Descriptor() { close(); }

    int get() const { return m_number; }
    void close()
    {
        if (m_number >= 0) {
            ::close(std::exchange(m_number, -1));
        }
    }

private:
    int m_number = -1;
};

[[noreturn]] inline void throwSystemError(const std::string& what)
{
    const int number = errno;
    throw Error(ErrorKind::Io, "the sandbox: " + what + ": " + systemErrorText(number));
}

// What is read from, what is written to; no program that is started has them unless it is given them.
inline std::pair<Descriptor, Descriptor> makePipe()
{
    int ends[2] = {-1, -1};
    if (pipe2(ends, O_CLOEXEC) != 0) {
        throwSystemError("no pipe");
    }
    return {Descriptor(ends[0]), Descriptor(ends[1])};
}

} // namespace pissarro::core::inline sandbox
