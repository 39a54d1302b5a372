// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/file/file_lock.h"

#include "core/file/regular_file.h"

#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <string>
#include <sys/file.h>
#include <thread>
#include <unistd.h>

namespace pissarro::core::inline file {

namespace {

int openLock(const std::filesystem::path& file, int flags)
{
    return openRegular(file.string() + ".lock", flags | O_NOFOLLOW);
}

} // namespace

bool isLockedElsewhere(int descriptor)
{
    if (descriptor < 0) {
        return false;
    }
    const bool held = ::flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    ::close(descriptor);
    return held;
}

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

std::unique_ptr<FileLock> FileLock::whenFree(const std::filesystem::path& file,
                                             const JobContext& job, std::string_view waiting)
{
    for (;;) {
        if (std::unique_ptr<FileLock> lock = ifFree(file)) {
            return lock;
        }
        job.checkpoint(-1.0, waiting);
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
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
    return isLockedElsewhere(openLock(file, O_RDONLY));
}

} // namespace pissarro::core::inline file
