// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/file/output.h"

#include "core/base/error.h"
#include "core/file/file_lock.h"
#include "core/file/output_marker.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <optional>
#include <pwd.h>
#include <set>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace pissarro::core::inline file {

namespace fs = std::filesystem;

namespace {

using FileId = std::pair<dev_t, ino_t>; // the file itself, however it is named

constexpr std::size_t kMostFiles = 100'000; // looked at below one input

std::optional<FileId> idOf(const fs::path& path)
{
    struct stat status { };
    if (path.empty() || ::stat(path.c_str(), &status) != 0) {
        return std::nullopt;
    }
    return FileId {status.st_dev, status.st_ino};
}

bool isThere(const fs::path& path)
{
    std::error_code failed;
    return fs::exists(fs::symlink_status(path, failed)); // a link to nothing too
}

// The folders above `path`, the nearest first, as the system has them.
std::vector<FileId> idsAbove(const fs::path& path)
{
    std::vector<FileId> ids;
    std::error_code failed;
    for (fs::path at = fs::weakly_canonical(fs::absolute(path), failed); !failed;
         at = at.parent_path()) {
        const fs::path above = at.parent_path();
        if (above.empty() || above == at) {
            break;
        }
        if (const auto id = idOf(above)) {
            ids.push_back(*id);
        }
    }
    return ids;
}

bool contains(const std::vector<FileId>& ids, const FileId& one)
{
    return std::find(ids.begin(), ids.end(), one) != ids.end();
}

// The input's files: itself, and what is below it. A link leads to the file that is read.
void visitFiles(const fs::path& input, const std::function<bool(const fs::path&)>& stop)
{
    std::error_code failed;
    if (!fs::is_directory(input, failed)) {
        stop(input);
        return;
    }
    std::size_t count = 0;
    fs::recursive_directory_iterator entry(input, fs::directory_options::skip_permission_denied,
                                           failed);
    for (; !failed && entry != fs::recursive_directory_iterator() && count < kMostFiles;
         entry.increment(failed), ++count) {
        if (stop(entry->path())) {
            return;
        }
    }
}

// How `place`, which is there, meets an input: "is", "lies in" or "holds". Nothing: it does not.
std::optional<std::string> meets(const fs::path& place, const fs::path& input)
{
    const auto own = idOf(place);
    const auto other = idOf(input);
    if (!own || !other) {
        return std::nullopt;
    }
    if (*own == *other) {
        return "is";
    }
    if (contains(idsAbove(place), *other)) {
        return "lies in";
    }
    if (contains(idsAbove(input), *own)) {
        return "holds";
    }
    std::optional<std::string> found; // by a link, hard or soft, of a single file
    visitFiles(input, [&](const fs::path& file) {
        std::error_code failed;
        if (idOf(file) == own) {
            found = "is";
        } else if (fs::is_symlink(file, failed) && contains(idsAbove(file), *own)) {
            found = "holds";
        }
        return found.has_value();
    });
    return found;
}

[[noreturn]] void refuse(const fs::path& place, const std::string& why)
{
    throw Error(ErrorKind::InvalidArgument, shownPath(place) + ": " + why);
}

// /, home, the current folder and those above them.
void refuseProtected(const fs::path& folder)
{
    const auto own = idOf(folder);
    const char* home = std::getenv("HOME");
    const struct passwd* user = ::getpwuid(::getuid());
    std::error_code failed;
    for (const fs::path& kept :
         {fs::path("/"), fs::path(home == nullptr ? "" : home),
          fs::path(user == nullptr ? "" : user->pw_dir), fs::current_path(failed)}) {
        if (own && (idOf(kept) == own || (!kept.empty() && contains(idsAbove(kept), *own)))) {
            refuse(folder,
                   "is or holds " + shownPath(kept)
                       + ", which --force never replaces; choose another place");
        }
    }
}

// Whoever works in a folder holds a lock in it: .lock of a run (core/run/run_lock.h), FILE.lock of what many programs change
// (file_lock.h).
void refuseInUse(const fs::path& folder)
{
    std::error_code failed;
    fs::recursive_directory_iterator entry(folder, failed);
    for (; !failed && entry != fs::recursive_directory_iterator(); entry.increment(failed)) {
        if (!entry->path().filename().string().ends_with(".lock")) {
            continue;
        }
        if (isLockedElsewhere(::open(entry->path().c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK))) {
            refuse(folder,
                   "is in use: a program works there; end that first, or choose another folder");
        }
    }
}

// What stands in a folder besides what a killed writer left of it; nothing: it is as good as empty.
std::optional<fs::path> firstIn(const fs::path& folder)
{
    std::error_code failed;
    const fs::directory_iterator all(folder, failed);
    if (failed) {
        throw Error(ErrorKind::Io,
                    shownPath(folder) + ": cannot be read: " + failed.message()
                        + "; choose another place");
    }
    for (const fs::directory_entry& entry : all) {
        if (!isLeftover(entry.path().filename().string())) {
            return entry.path();
        }
    }
    return std::nullopt;
}

// "out/" names the same folder as "out".
fs::path withoutSlash(const fs::path& folder)
{
    return folder.has_filename() || !folder.has_relative_path() ? folder : folder.parent_path();
}

} // namespace

OutputRule OutputRule::with(std::vector<fs::path> more) const
{
    OutputRule rule = *this;
    rule.inputs.insert(rule.inputs.end(), more.begin(), more.end());
    return rule;
}

void requireNoInput(const fs::path& place, const OutputRule& rule)
{
    for (const fs::path& input : rule.inputs) {
        if (const auto how = meets(place, input)) {
            refuse(place,
                   *how + " what is read (" + shownPath(input)
                       + "), which is never replaced; choose another place for the output");
        }
    }
}

ExistingFile checkOutputFile(const fs::path& file, const OutputRule& rule)
{
    requireUtf8(file);
    std::error_code failed;
    if (fs::is_directory(file, failed)) {
        throw Error(ErrorKind::Io,
                    shownPath(file) + ": cannot be written: it is a folder; name a file in it");
    }
    if (isThere(file)) {
        if (!fs::is_regular_file(file, failed)) {
            throw Error(
                ErrorKind::Io,
                shownPath(file)
                    + ": cannot be written: it exists and is not a regular file; choose another "
                      "name");
        }
        requireNoInput(file, rule);
        if (rule.overwrite == Overwrite::Never) {
            refuse(file, "is there already; choose another name, or replace it with --force");
        }
        if (rule.overwrite == Overwrite::Ours && !isOurFile(file)) {
            refuse(file,
                   "was not written by this program (it lacks the mark “generator: pissarro”): "
                   "--force does not replace it; choose another name");
        }
        return ExistingFile::Replace;
    }
    const fs::path folder = fs::absolute(file).parent_path();
    if (!fs::is_directory(folder, failed)) {
        throw Error(ErrorKind::Io,
                    shownPath(file) + ": cannot be written: " + shownPath(folder)
                        + " is no folder; make it first or choose another place");
    }
    return ExistingFile::Refuse;
}

ExistingFolder checkOutputFolder(const fs::path& folder, const OutputRule& rule)
{
    requireUtf8(folder);
    const fs::path place = withoutSlash(folder);
    if (!isThere(place)) {
        return ExistingFolder::Refuse;
    }
    std::error_code failed;
    if (!fs::is_directory(place, failed)) {
        throw Error(ErrorKind::Io,
                    shownPath(place)
                        + ": cannot be written: it is not a folder; choose another name");
    }
    const auto first = firstIn(place);
    if (!first) {
        return ExistingFolder::Refuse; // an empty one is filled
    }
    requireNoInput(place, rule);
    if (rule.overwrite == Overwrite::Never) {
        refuse(place,
               "is there already and is not empty (it holds "
                   + shownText(first->filename().string())
                   + "); choose another folder, or replace an earlier output with --force");
    }
    refuseProtected(place);
    const auto foreign = foreignIn(place);
    if (foreign && *foreign == place) {
        refuse(place,
               "was not written by this program (its file .pissarro is missing or was changed): "
               "--force does not "
               "replace it; choose another folder");
    }
    if (foreign) {
        refuse(place,
               "holds " + shownText(foreign->lexically_relative(place).string())
                   + ", which this program did not write or which was changed: --force does not "
                     "replace it; move that away or choose another folder");
    }
    refuseInUse(place);
    return ExistingFolder::Replace;
}

void writeOutputFile(const fs::path& file, std::string_view text, const OutputRule& rule)
{
    AtomicFile out(file, checkOutputFile(file, rule));
    out.write(text);
    out.commit();
}

void writeOutputFolder(const fs::path& folder, const std::function<void(const fs::path&)>& fill,
                       const OutputRule& rule)
{
    writeDirectoryAtomically(folder, fill, checkOutputFolder(folder, rule));
}

void emptyOurFolder(const fs::path& folder, const std::string& held)
{
    if (const auto foreign = foreignIn(folder)) {
        refuse(folder,
               "holds " + shownText(foreign->lexically_relative(folder).string())
                   + ", which this program did not write; move that away or choose another folder");
    }
    try {
        for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
            if (entry.path().filename() != kFolderMarker && entry.path().filename() != held) {
                fs::remove_all(entry.path());
            }
        }
        if (held.empty()) {
            fs::remove(folder / kFolderMarker);
        }
    } catch (const fs::filesystem_error& e) {
        throw Error(ErrorKind::Io,
                    shownPath(folder) + ": cannot be replaced: " + e.code().message());
    }
}

} // namespace pissarro::core::inline file
