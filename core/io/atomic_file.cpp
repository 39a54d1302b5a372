// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/atomic_file.h"

#include "core/base/error.h"
#include "core/io/message_text.h"

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

namespace pissarro::core {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void failWith(const fs::path& path, const std::string& what, int errorNumber)
{
    throw Error(ErrorKind::Io, shownPath(path) + ": " + what + ": " + systemErrorText(errorNumber));
}

// A name beside `path` that no other writer of this or another process uses.
fs::path siblingOf(const fs::path& path)
{
    static std::atomic<unsigned> counter {0};
    return path.parent_path()
        / ("." + path.filename().string() + ".tmp-" + std::to_string(::getpid()) + "-"
           + std::to_string(counter++));
}

fs::path folderOf(const fs::path& path)
{
    return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

// Follows a link, so that writing through it keeps the link; refuses what is no regular file
// (/dev/null, a folder).
fs::path writableTarget(const fs::path& path)
{
    std::error_code ignored;
    const fs::path target =
        fs::is_symlink(path, ignored) ? fs::weakly_canonical(path, ignored) : path;
    const fs::file_status status = fs::status(target, ignored);
    if (fs::exists(status) && !fs::is_regular_file(status)) {
        throw Error(
            ErrorKind::Io,
            shownPath(path)
                + ": cannot be written: it exists and is not a regular file; choose another name");
    }
    if (!target.has_filename()) {
        throw Error(ErrorKind::Io,
                    shownPath(path) + ": cannot be written: it names no file; give a file name");
    }
    return target;
}

void syncTree(const fs::path& folder)
{
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
        if (entry.is_directory() || entry.is_regular_file()) {
            syncDirectory(entry.path());
        }
    }
    syncDirectory(folder);
}

// Puts `fresh` in the place of the existing folder `target`; afterwards `fresh` names the old
// content or nothing.
void exchangeFolders(const fs::path& fresh, const fs::path& target)
{
    if (::renameat2(AT_FDCWD, fresh.c_str(), AT_FDCWD, target.c_str(), RENAME_EXCHANGE) == 0) {
        return;
    }
    // The file system cannot exchange: move the old one aside, and back should the second step
    // fail.
    const fs::path aside = siblingOf(target);
    if (::rename(target.c_str(), aside.c_str()) != 0) {
        failWith(target, "cannot be replaced", errno);
    }
    if (::rename(fresh.c_str(), target.c_str()) != 0) {
        const int reason = errno;
        ::rename(aside.c_str(), target.c_str());
        failWith(target, "cannot be replaced", reason);
    }
    std::error_code ignored;
    fs::remove_all(aside, ignored);
}

} // namespace

AtomicFile::AtomicFile(fs::path path)
    : m_path(writableTarget(path))
    , m_temporary(siblingOf(m_path))
{
    m_descriptor = ::open(m_temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (m_descriptor < 0) {
        failWith(m_path, "cannot be written", errno);
    }
}

AtomicFile::~AtomicFile()
{
    if (m_descriptor >= 0) {
        ::close(m_descriptor);
        ::unlink(m_temporary.c_str());
    }
}

void AtomicFile::write(const void* data, std::size_t sizeBytes)
{
    const char* next = static_cast<const char*>(data);
    while (sizeBytes > 0) {
        const ssize_t written = ::write(m_descriptor, next, sizeBytes);
        if (written < 0) {
            if (errno == EINTR) {
                continue;
            }
            failWith(m_path, "cannot be written", errno);
        }
        next += written;
        sizeBytes -= static_cast<std::size_t>(written);
    }
}

void AtomicFile::commit(Durability durability)
{
    if (durability == Durability::PowerCut && ::fsync(m_descriptor) != 0) {
        failWith(m_path, "cannot be written", errno);
    }
    // From here on the destructor has nothing to close; a failure below removes the temporary
    // itself.
    const int closed = ::close(std::exchange(m_descriptor, -1));
    const int reason = closed != 0 ? errno : 0;
    if (closed != 0 || ::rename(m_temporary.c_str(), m_path.c_str()) != 0) {
        const int renameReason = errno;
        ::unlink(m_temporary.c_str());
        failWith(m_path, "cannot be written", reason != 0 ? reason : renameReason);
    }
    if (durability == Durability::PowerCut) {
        syncDirectory(folderOf(m_path));
    }
}

void writeFileAtomically(const fs::path& path, std::string_view text)
{
    AtomicFile out(path);
    out.write(text);
    out.commit();
}

std::string readWholeFile(const fs::path& path, std::uint64_t limitBytes)
{
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0) {
        failWith(path, "cannot be opened", errno);
    }
    struct stat status { };
    std::string text;
    std::string problem;
    if (::fstat(descriptor, &status) != 0) {
        problem = "cannot be read: " + systemErrorText(errno);
    } else if (!S_ISREG(status.st_mode)) {
        problem = "is not a regular file; give the path of a file";
    } else if (static_cast<std::uint64_t>(status.st_size) > limitBytes) {
        problem = "has " + std::to_string(status.st_size) + " bytes (expected at most "
            + std::to_string(limitBytes) + "); it is not the file it should be";
    } else {
        text.resize(static_cast<std::size_t>(status.st_size));
        std::size_t have = 0;
        while (have < text.size()) {
            const ssize_t got = ::read(descriptor, text.data() + have, text.size() - have);
            if (got < 0 && errno == EINTR) {
                continue;
            }
            if (got < 0) {
                problem = "cannot be read: " + systemErrorText(errno);
            }
            if (got <= 0) {
                break;
            }
            have += static_cast<std::size_t>(got);
        }
        text.resize(have);
    }
    ::close(descriptor);
    if (!problem.empty()) {
        throw Error(ErrorKind::Io, shownPath(path) + ": " + problem);
    }
    return text;
}

void syncDirectory(const fs::path& directory)
{
    const int descriptor = ::open(directory.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        failWith(directory, "cannot be synchronised", errno);
    }
    const int result = ::fsync(descriptor);
    const int reason = errno;
    ::close(descriptor);
    // Some network file systems cannot fsync a folder and say EINVAL: nothing more can be done
    // there.
    if (result != 0 && reason != EINVAL && reason != EROFS) {
        failWith(directory, "cannot be synchronised", reason);
    }
}

void writeDirectoryAtomically(const fs::path& target,
                              const std::function<void(const fs::path&)>& fill)
{
    // "out/" names the same folder as "out".
    const fs::path place = target.has_filename() ? target : target.parent_path();
    if (!place.has_filename() || (fs::exists(place) && !fs::is_directory(place))) {
        throw Error(ErrorKind::Io,
                    shownPath(target)
                        + ": cannot be written: it is not a folder; choose another name");
    }
    const fs::path fresh = siblingOf(place);
    std::error_code failed;
    fs::create_directories(folderOf(place), failed);
    if (failed || !fs::create_directory(fresh, failed)) {
        failWith(place, "cannot be written", failed.value());
    }
    try {
        fill(fresh);
        syncTree(fresh);
        if (fs::exists(place)) {
            exchangeFolders(fresh, place);
        } else if (::rename(fresh.c_str(), place.c_str()) != 0) {
            failWith(place, "cannot be written", errno);
        }
        syncDirectory(folderOf(place));
    } catch (const fs::filesystem_error& e) {
        fs::remove_all(fresh, failed);
        failWith(place, "cannot be written", e.code().value());
    } catch (...) {
        fs::remove_all(fresh, failed);
        throw;
    }
    fs::remove_all(fresh, failed); // the old content, after an exchange
}

void removeLeftovers(const std::filesystem::path& directory)
{
    std::error_code failed;
    std::vector<std::filesystem::path> found;
    for (const auto& entry : std::filesystem::directory_iterator(directory, failed)) {
        const std::string name = entry.path().filename().string();
        if (name.starts_with('.') && name.find(".tmp-") != std::string::npos) {
            found.push_back(entry.path());
        }
    }
    for (const auto& path : found) {
        std::filesystem::remove_all(path, failed);
    }
}

} // namespace pissarro::core
