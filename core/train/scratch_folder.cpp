// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/scratch_folder.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <string_view>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace pissarro::core::inline training {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kOurs = "pissarro-";
constexpr std::string_view kRandom = "XXXXXX"; // as mkdtemp() wants it

// "pissarro-WORD-PID-XXXXXX"
bool isScratchName(std::string_view name)
{
    if (!name.starts_with(kOurs)) {
        return false;
    }
    const std::size_t last = name.rfind('-');
    const std::size_t before = name.rfind('-', last - 1);
    if (before == std::string_view::npos || before < kOurs.size()
        || name.size() - last - 1 != kRandom.size()) {
        return false;
    }
    const std::string_view process = name.substr(before + 1, last - before - 1);
    return !process.empty()
        && std::all_of(process.begin(), process.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// The folder, locked; -1: there is none, or its maker lives.
int lockFolder(const fs::path& folder, int wait)
{
    const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int locked = -1;
    while (descriptor >= 0 && (locked = ::flock(descriptor, LOCK_EX | wait)) != 0
           && errno == EINTR) { }
    if (descriptor >= 0 && locked != 0) {
        ::close(descriptor);
        return -1;
    }
    return descriptor;
}

// Whether the descriptor's folder is what stands at the path, and this user's.
bool stands(int descriptor, const fs::path& folder)
{
    struct stat held { };
    struct stat there { };
    return ::fstat(descriptor, &held) == 0 && ::lstat(folder.c_str(), &there) == 0
        && held.st_dev == there.st_dev && held.st_ino == there.st_ino && held.st_uid == ::geteuid();
}

} // namespace

void removeDeadScratch()
{
    std::error_code failed;
    std::vector<fs::path> found;
    fs::directory_iterator entry(fs::temp_directory_path(failed), failed);
    for (; !failed && entry != fs::directory_iterator(); entry.increment(failed)) {
        if (isScratchName(entry->path().filename().string())) {
            found.push_back(entry->path());
        }
    }
    for (const fs::path& folder : found) {
        const int lock = lockFolder(folder, LOCK_NB);
        if (lock >= 0) {
            if (stands(lock, folder)) {
                std::error_code ignored;
                fs::remove_all(folder, ignored);
            }
            ::close(lock);
        }
    }
}

ScratchFolder::ScratchFolder(const std::string& purpose)
{
    removeDeadScratch();
    const fs::path pattern =
        fs::temp_directory_path() / fmt::format("{}{}-{}-{}", kOurs, purpose, ::getpid(), kRandom);
    for (;;) {
        std::string name = pattern.string();
        if (::mkdtemp(name.data()) == nullptr) {
            throw Error(ErrorKind::Io,
                        fmt::format("{}: cannot be made (expected room and permission for a "
                                    "folder); set TMPDIR to one",
                                    shownPath(pattern)));
        }
        m_path = name;
        m_lock = lockFolder(m_path, 0);
        // On a disk without locks it is nobody's, and not locked for others either: it stays until this ends.
        if (m_lock < 0 ? fs::exists(m_path) : stands(m_lock, m_path)) {
            m_inFlight = std::make_unique<InFlight>(m_path);
            return;
        }
        ::close(m_lock); // between the two calls another program took it for a dead one's
    }
}

ScratchFolder::~ScratchFolder()
{
    std::error_code ignored; // what stays lies below /tmp
    fs::remove_all(m_path, ignored);
    if (m_lock >= 0) {
        ::close(m_lock);
    }
}

} // namespace pissarro::core::inline training
