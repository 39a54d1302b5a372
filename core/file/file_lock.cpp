// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/file/file_lock.h"

#include <cerrno>
#include <fcntl.h>
#include <string>
#include <sys/file.h>
#include <unistd.h>

namespace pissarro::core::inline file {

namespace {

int openLock(const std::filesystem::path& file, int flags)
{
    return ::open((file.string() + ".lock").c_str(), flags | O_CLOEXEC, 0644);
}

} // namespace

FileLock::FileLock(const std::filesystem::path& file)
    : m_descriptor(openLock(file, O_RDWR | O_CREAT))
{
    while (m_descriptor >= 0 && ::flock(m_descriptor, LOCK_EX) != 0 && errno == EINTR) { }
}

FileLock::~FileLock()
{
    if (m_descriptor >= 0) {
        ::close(m_descriptor);
    }
}

std::unique_ptr<FileLock> FileLock::ifFree(const std::filesystem::path& file)
{
    const int descriptor = openLock(file, O_RDWR | O_CREAT);
    if (descriptor >= 0 && ::flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        ::close(descriptor);
        return nullptr;
    }
    return std::unique_ptr<FileLock>(new FileLock(descriptor)); // its constructor is private
}

bool FileLock::isHeld(const std::filesystem::path& file)
{
    const int descriptor = openLock(file, O_RDONLY);
    if (descriptor < 0) {
        return false;
    }
    const bool held = ::flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    ::close(descriptor);
    return held;
}

} // namespace pissarro::core::inline file
