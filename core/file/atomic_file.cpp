// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/file/atomic_file.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/file/output_marker.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

namespace pissarro::core::inline file {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void failWith(const fs::path& path, const std::string& what, int errorNumber)
{
    throw Error(ErrorKind::Io, what + ": " + systemErrorText(errorNumber)).within(shownPath(path));
}

// A name beside `path` that no other writer of this or another process uses.
fs::path siblingOf(const fs::path& path)
{
    static std::atomic<unsigned> counter {0};
    return path.parent_path()
        / fmt::format(".{}.tmp-{}-{}", path.filename().string(), ::getpid(), counter++);
}

fs::path folderOf(const fs::path& path)
{
    return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

// The place to write: of a link that is followed, so that it stays one, where it leads. Refuses what is no regular file
// (/dev/null, a folder).
fs::path writableTarget(const fs::path& path, Links links)
{
    std::error_code ignored;
    const bool isLink = fs::is_symlink(path, ignored);
    const fs::path target =
        isLink && links == Links::Follow ? fs::weakly_canonical(path, ignored) : path;
    const fs::file_status status = fs::status(target, ignored);
    const bool goesAway = isLink && links == Links::Replace;
    if (!goesAway && fs::exists(status) && !fs::is_regular_file(status)) {
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

[[noreturn]] void refuseWhatIsThere(const fs::path& path)
{
    throw Error(
        ErrorKind::InvalidArgument,
        shownPath(path)
            + ": is there already and is not replaced; choose another name or take it away");
}

// Moves the whole file `fresh` to `path` where nothing is; what appeared there meanwhile is refused.
void moveToNewName(const fs::path& fresh, const fs::path& path)
{
    if (::renameat2(AT_FDCWD, fresh.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) == 0) {
        return;
    }
    if (errno == EEXIST) {
        refuseWhatIsThere(path);
    }
    if (errno != EINVAL && errno != ENOSYS) {
        failWith(path, "cannot be written", errno);
    }
    std::error_code failed;
    if (fs::is_directory(fresh, failed)) { // replaces nothing but an empty folder
        if (::rename(fresh.c_str(), path.c_str()) != 0) {
            failWith(path, "cannot be written", errno);
        }
        return;
    }
    // A file system without that call: an empty file takes the name first, which only one can do.
    const int placed = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (placed < 0 && errno == EEXIST) {
        refuseWhatIsThere(path);
    }
    if (placed < 0) {
        failWith(path, "cannot be written", errno);
    }
    ::close(placed);
    if (::rename(fresh.c_str(), path.c_str()) != 0) {
        const int reason = errno;
        ::unlink(path.c_str());
        failWith(path, "cannot be written", reason);
    }
}

// A name that nothing has: "adapter.old-1".
fs::path nameAside(const fs::path& folder)
{
    for (unsigned i = 1;; ++i) {
        fs::path aside = folder;
        aside += fmt::format(".old-{}", i);
        std::error_code failed;
        if (!fs::exists(fs::symlink_status(aside, failed))) {
            return aside;
        }
    }
}

// Puts `fresh` in the place of the folder `target`, whose content stays whole under another name until the new one
// stands; then it is deleted if all of it is ours.
void replaceFolder(const fs::path& fresh, const fs::path& target, ExistingFolder existing)
{
    if (existing == ExistingFolder::Replace && foreignIn(target)) { // it was ours before the work
        throw Error(ErrorKind::InvalidArgument,
                    shownPath(target)
                        + ": holds what this program did not write and is not replaced; choose "
                          "another folder");
    }
    fs::path old = fresh;
    if (::renameat2(AT_FDCWD, fresh.c_str(), AT_FDCWD, target.c_str(), RENAME_EXCHANGE) != 0) {
        // The file system cannot exchange: move the old one aside, and back should the second step
        // fail.
        old = siblingOf(target);
        if (::rename(target.c_str(), old.c_str()) != 0) {
            failWith(target, "cannot be replaced", errno);
        }
        if (::rename(fresh.c_str(), target.c_str()) != 0) {
            const int reason = errno;
            ::rename(old.c_str(), target.c_str());
            failWith(target, "cannot be replaced", reason);
        }
    }
    std::error_code ignored;
    if (foreignIn(old)) {
        fs::rename(old, nameAside(target), ignored);
    } else {
        fs::remove_all(old, ignored);
    }
}

bool isCurrentFolder(const fs::path& folder)
{
    std::error_code failed;
    return fs::equivalent(folder, fs::current_path(failed), failed);
}

// Whether an empty folder must be filled as it stands: another cannot be put in its place (a mount, rights above it),
// or a shell stands in it.
bool mustBeFilledInPlace(const fs::path& folder)
{
    struct statx own { };
    const bool mounted = ::statx(AT_FDCWD, folder.c_str(), 0, STATX_BASIC_STATS, &own) != 0
        || (own.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
    return mounted || isCurrentFolder(folder) || ::access(folderOf(folder).c_str(), W_OK) != 0;
}

// Moves what `fresh`, which lies in `folder`, holds one step up; the marker goes last.
void moveUp(const fs::path& fresh, const fs::path& folder)
{
    std::vector<fs::path> names;
    for (const fs::directory_entry& entry : fs::directory_iterator(fresh)) {
        names.push_back(entry.path().filename());
    }
    std::partition(names.begin(), names.end(),
                   [](const fs::path& name) { return name != kFolderMarker; });
    for (const fs::path& name : names) {
        moveToNewName(fresh / name, folder / name);
    }
    fs::remove(fresh);
}

// Where the new folder is filled: beside its place, or in it.
fs::path stagingFolder(const fs::path& place, bool inPlace)
{
    return siblingOf(inPlace ? place / place.filename() : place);
}

void moveIntoPlace(const fs::path& fresh, const fs::path& place, ExistingFolder existing)
{
    struct stat status { };
    if (::lstat(place.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) {
        if (!fs::is_empty(place)) {
            if (existing == ExistingFolder::Refuse) {
                refuseWhatIsThere(place);
            }
            replaceFolder(fresh, place, existing);
            return;
        }
        ::chmod(fresh.c_str(), status.st_mode & 07777U); // the rights that it was given
    }
    if (::rename(fresh.c_str(), place.c_str()) != 0) { // of an empty folder, or of nothing
        if (errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR) {
            refuseWhatIsThere(place);
        }
        failWith(place, "cannot be written", errno);
    }
}

// The message with the place that a person named instead of the folder beside it, which is gone by then.
std::string withNameOf(const fs::path& place, const fs::path& fresh, std::string message)
{
    const std::string temporary = fresh.filename().string();
    for (std::size_t at = message.find(temporary); at != std::string::npos;
         at = message.find(temporary, at)) {
        message.replace(at, temporary.size(), place.filename().string());
    }
    return message;
}

// PID of ".NAME.tmp-PID-N", 0 for every other name; `stem` becomes NAME.
pid_t writerOf(std::string_view name, std::string_view& stem)
{
    const std::size_t at = name.rfind(".tmp-");
    if (!name.starts_with('.') || at == std::string_view::npos || at < 2) {
        return 0;
    }
    stem = name.substr(1, at - 1);
    const char* end = name.data() + name.size();
    pid_t process = 0;
    unsigned count = 0;
    const auto first = std::from_chars(name.data() + at + 5, end, process);
    if (first.ec != std::errc() || first.ptr == end || *first.ptr != '-' || process < 1) {
        return 0;
    }
    const auto second = std::from_chars(first.ptr + 1, end, count);
    return second.ec == std::errc() && second.ptr == end ? process : 0;
}

} // namespace

AtomicFile::AtomicFile(fs::path path, ExistingFile existing, Links links)
    : m_path(writableTarget(path, links))
    , m_temporary(siblingOf(m_path))
    , m_inFlight(m_temporary)
    , m_existing(existing)
{
    removeLeftovers(folderOf(m_path), m_path.filename().string());
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
    try {
        if (::close(std::exchange(m_descriptor, -1)) != 0) {
            failWith(m_path, "cannot be written", errno);
        }
        if (m_existing == ExistingFile::Refuse) {
            moveToNewName(m_temporary, m_path);
        } else if (::rename(m_temporary.c_str(), m_path.c_str()) != 0) {
            failWith(m_path, "cannot be written", errno);
        }
    } catch (const Error&) {
        ::unlink(m_temporary.c_str());
        throw;
    }
    if (durability == Durability::PowerCut) {
        syncDirectory(folderOf(m_path));
    }
}

void writeFileAtomically(const fs::path& path, std::string_view text)
{
    AtomicFile out(path, ExistingFile::Replace, Links::Replace);
    out.write(text);
    out.commit();
}

namespace {

// Up to `size` bytes, fewer at the file's end or once the job is stopped; the problem in words, or empty.
std::string readInto(std::string& text, int descriptor, std::size_t size, const JobContext& job)
{
    constexpr std::size_t kPiece = 4U << 20U; // a few milliseconds
    text.reserve(size);
    std::size_t have = 0;
    while (have < size && !job.isCancelled()) {
        text.resize(std::min(size, have + kPiece));
        const ssize_t got = ::read(descriptor, text.data() + have, text.size() - have);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return "cannot be read: " + systemErrorText(errno);
        }
        if (got == 0) {
            break;
        }
        have += static_cast<std::size_t>(got);
    }
    text.resize(have);
    return {};
}

} // namespace

std::string readWholeFile(const fs::path& path, std::uint64_t limitBytes, const JobContext& job)
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
        problem = fmt::format("has {} bytes (expected at most {}); it is not the file it should be",
                              status.st_size, limitBytes);
    } else {
        problem = readInto(text, descriptor, static_cast<std::size_t>(status.st_size), job);
    }
    ::close(descriptor);
    job.throwIfCancelled();
    if (!problem.empty()) {
        throw Error(ErrorKind::Io, problem).within(shownPath(path));
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
                              const std::function<void(const fs::path&)>& fill,
                              ExistingFolder existing)
{
    // "out/" names the same folder as "out", and a link stays one.
    std::error_code failed;
    const fs::path named = target.has_filename() ? target : target.parent_path();
    const fs::path place = fs::is_symlink(named, failed) || named == "." || named == ".."
        ? fs::weakly_canonical(named, failed)
        : named;
    if (!place.has_filename() || (fs::exists(place, failed) && !fs::is_directory(place, failed))) {
        throw Error(ErrorKind::Io,
                    shownPath(target)
                        + ": cannot be written: it is not a folder; choose another name");
    }
    removeLeftovers(place, place.filename().string()); // of one that was filled in place
    const bool inPlace = fs::is_directory(place, failed) && fs::is_empty(place, failed)
        && mustBeFilledInPlace(place);
    const fs::path fresh = stagingFolder(place, inPlace);
    fs::create_directories(folderOf(fresh), failed);
    removeLeftovers(folderOf(fresh), place.filename().string());
    if (failed || !fs::create_directory(fresh, failed)) {
        failWith(place, "cannot be written", failed.value());
    }
    InFlight inFlight(fresh);
    try {
        fill(fresh);
        markFolder(fresh);
        syncTree(fresh);
        inFlight.settle();
        if (inPlace) {
            moveUp(fresh, place);
        } else {
            moveIntoPlace(fresh, place, existing);
        }
        syncDirectory(inPlace ? place : folderOf(place));
    } catch (const fs::filesystem_error& e) {
        fs::remove_all(fresh, failed);
        failWith(place, "cannot be written", e.code().value());
    } catch (const Error& e) {
        fs::remove_all(fresh, failed);
        throw Error(e.kind(), withNameOf(place, fresh, e.what()));
    } catch (...) {
        fs::remove_all(fresh, failed);
        throw;
    }
}

bool isLeftover(std::string_view name)
{
    std::string_view stem;
    const pid_t process = writerOf(name, stem);
    return process != 0 && ::kill(process, 0) != 0 && errno == ESRCH;
}

void removeLeftovers(const fs::path& directory, const std::string& name)
{
    std::error_code failed;
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(directory, failed)) {
        const std::string own = entry.path().filename().string();
        std::string_view stem;
        writerOf(own, stem);
        if (isLeftover(own) && (name.empty() || stem == name)) {
            found.push_back(entry.path());
        }
    }
    for (const auto& path : found) {
        fs::remove_all(path, failed);
    }
}

} // namespace pissarro::core::inline file
