// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/fmt.h"
#include "core/sandbox/confined_start_p.h"
#include "core/sandbox/landlock_scratch_p.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <dirent.h>
#include <filesystem>
#include <memory>
#include <set>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

namespace pissarro::core::inline sandbox {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMostFiles = 8192;
constexpr int kDeepest = 64;
constexpr int kTries = 8;
constexpr const char* kPrefix = "pissarro-sandbox-";

std::uint64_t bytesOf(const struct stat& about)
{
    return static_cast<std::uint64_t>(about.st_blocks) * 512;
}

// A folder that a stranger made, as itself and not what a link leads to; also one that it closed to everybody.
Descriptor openFolder(int at, const char* name)
{
    constexpr int kHow = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    Descriptor folder(openat(at, name, kHow));
    if (folder.get() >= 0 || errno != EACCES) {
        return folder;
    }
    const Descriptor place(openat(at, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (place.get() < 0
        || chmod(fmt::format("/proc/self/fd/{}", place.get()).c_str(), S_IRWXU) != 0) {
        return folder;
    }
    return Descriptor(openat(at, name, kHow));
}

// Each name in it, with what it is, until `visit` returns false.
template <class Visit>
void eachIn(int folder, Visit visit)
{
    const int own = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR* const opened = own >= 0 ? fdopendir(own) : nullptr;
    if (opened == nullptr) {
        Descriptor closes(own);
        return;
    }
    const std::unique_ptr<DIR, int (*)(DIR*)> list(opened, &closedir);
    while (const dirent* const one = readdir(list.get())) {
        const std::string name = one->d_name;
        struct stat about { };
        if (name != "." && name != ".."
            && fstatat(folder, name.c_str(), &about, AT_SYMLINK_NOFOLLOW) == 0
            && !visit(name, about)) {
            return;
        }
    }
}

// Empties a folder, however deep: what lies in one below is brought up, so that two are open at a time.
void emptyFolder(int top)
{
    std::uint64_t fresh = 0;
    for (bool again = true; again;) {
        again = false;
        eachIn(top, [&](const std::string& name, const struct stat& about) {
            if (!S_ISDIR(about.st_mode)) {
                again |= unlinkat(top, name.c_str(), 0) == 0;
                return true;
            }
            const Descriptor below = openFolder(top, name.c_str());
            fchmod(below.get(), S_IRWXU);
            eachIn(below.get(), [&](const std::string& inner, const struct stat& its) {
                if (!S_ISDIR(its.st_mode)) {
                    return unlinkat(below.get(), inner.c_str(), 0) == 0;
                }
                openFolder(below.get(), inner.c_str()); // one that is closed cannot be moved
                std::string moved; // a name that the program has not given
                do {
                    moved = fmt::format("{}{}", kPrefix, fresh++);
                } while (faccessat(top, moved.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0);
                return renameat(below.get(), inner.c_str(), top, moved.c_str()) == 0;
            });
            again |= unlinkat(top, name.c_str(), AT_REMOVEDIR) == 0;
            return true;
        });
    }
}

// What folders hold, until it is too much.
struct Held {
    std::uint64_t bytes = 0, files = 0;
    bool isTooDeep = false;
};

void add(int folder, int depth, Held& held)
{
    eachIn(folder, [&](const std::string& name, const struct stat& about) {
        held.bytes += bytesOf(about);
        ++held.files;
        held.isTooDeep |= depth > kDeepest;
        if (S_ISDIR(about.st_mode) && !held.isTooDeep) {
            if (const Descriptor below = openFolder(folder, name.c_str()); below.get() >= 0) {
                add(below.get(), depth + 1, held);
            }
        }
        return held.files <= kMostFiles && !held.isTooDeep;
    });
}

// Files that are in no folder any more.
std::uint64_t removedBytes(dev_t device, const std::vector<pid_t>& processes)
{
    std::set<ino_t> seen;
    std::uint64_t bytes = 0;
    for (const pid_t process : processes) {
        std::error_code gone;
        for (fs::directory_iterator one(fmt::format("/proc/{}/fd", process), gone), end;
             !gone && one != end; one.increment(gone)) {
            struct stat about { };
            if (stat(one->path().c_str(), &about) == 0 && S_ISREG(about.st_mode)
                && about.st_nlink == 0 && about.st_dev == device
                && seen.insert(about.st_ino).second) {
                bytes += bytesOf(about);
            }
        }
    }
    return bytes;
}

bool hasRoom(const fs::path& place, std::uint64_t bytes)
{
    struct statvfs about { };
    return access(place.c_str(), W_OK | X_OK) == 0 && statvfs(place.c_str(), &about) == 0
        && about.f_bavail * about.f_frsize >= 2 * bytes;
}

fs::path placeFor(std::uint64_t bytes)
{
    std::error_code none;
    for (const fs::path& place :
         {fs::path("/dev/shm"), fs::absolute(fs::temp_directory_path(none), none)}) {
        if (!place.empty() && hasRoom(place, bytes)) {
            return place;
        }
    }
    errno = ENOSPC;
    throwSystemError("no room for a scratch folder, in /dev/shm or where temporary files go");
}

// Folders of runs whose program is no more: nobody holds their lock.
void removeLeftFolders(const fs::path& place)
{
    std::error_code gone;
    for (fs::directory_iterator one(place, gone), end; !gone && one != end; one.increment(gone)) {
        struct stat about { };
        if (!one->path().filename().string().starts_with(kPrefix)
            || lstat(one->path().c_str(), &about) != 0
            || (about.st_uid != geteuid() && (geteuid() != 0 || about.st_uid != kNobody))) {
            continue;
        }
        const Descriptor folder = openFolder(AT_FDCWD, one->path().c_str());
        if (folder.get() >= 0 && flock(folder.get(), LOCK_EX | LOCK_NB) == 0) {
            emptyFolder(folder.get());
            rmdir(one->path().c_str());
        }
    }
}

} // namespace

LandlockScratch::LandlockScratch(uid_t owner, std::uint64_t bytes)
{
    const fs::path place = placeFor(bytes);
    removeLeftFolders(place);
    for (int tries = 0; m_folder.get() < 0; ++tries) {
        std::string path = place / (std::string(kPrefix) + "XXXXXX");
        if (mkdtemp(path.data()) == nullptr) {
            throwSystemError("no scratch folder");
        }
        Descriptor folder = openFolder(AT_FDCWD, path.c_str());
        struct stat about { };
        // Until it is locked, another program may take it for one that was left.
        if (folder.get() >= 0 && flock(folder.get(), LOCK_EX | LOCK_NB) == 0
            && stat(path.c_str(), &about) == 0
            && (owner == geteuid() || fchown(folder.get(), owner, owner) == 0)) {
            m_folder = std::move(folder);
            m_path = path;
        } else if (tries >= kTries) {
            throwSystemError("no scratch folder");
        } else {
            rmdir(path.c_str());
        }
    }
}

LandlockScratch::~LandlockScratch()
{
    emptyFolder(m_folder.get());
    rmdir(m_path.c_str());
}

bool LandlockScratch::isWithin(std::uint64_t bytes, const std::vector<pid_t>& processes) const
{
    struct stat about { };
    Held held;
    add(m_folder.get(), 1, held);
    return fstat(m_folder.get(), &about) == 0 && held.files <= kMostFiles && !held.isTooDeep
        && held.bytes + removedBytes(about.st_dev, processes) <= bytes;
}

} // namespace pissarro::core::inline sandbox
