// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/file/trash.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/file/user_folder_p.h"
#include "core/text/message_text.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fcntl.h>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <tuple>
#include <unistd.h>

namespace pissarro::core::inline file {

namespace {

namespace fs = std::filesystem;

constexpr int kMostNames = 10'000; // of one name in the trash

[[noreturn]] void refuse(const fs::path& path, const std::string& what)
{
    throw Error(ErrorKind::Io, shownPath(path) + ": " + what);
}

[[noreturn]] void refuseBySystem(const fs::path& path, int reason)
{
    refuse(path, "cannot be moved to the trash: " + systemErrorText(reason));
}

std::optional<struct ::stat> statusOf(const fs::path& path)
{
    struct ::stat status { };
    return ::lstat(path.c_str(), &status) == 0 ? std::optional(status) : std::nullopt;
}

// As the specification wants it: reserved characters of a URI but the slash, and all that is not ASCII.
std::string percentEncoded(const std::string& path)
{
    constexpr std::string_view kPlain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~/";
    std::string out;
    for (const char c : path) {
        if (kPlain.find(c) != std::string_view::npos) {
            out.push_back(c);
        } else {
            out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        }
    }
    return out;
}

// The other way; nullopt: it is torn.
std::optional<std::string> percentDecoded(std::string_view text)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out.push_back(text[i]);
            continue;
        }
        const std::string digits(text.substr(i + 1, 2));
        char* end = nullptr;
        const long value = std::strtol(digits.c_str(), &end, 16);
        if (digits.size() != 2 || end != digits.c_str() + 2) {
            return std::nullopt;
        }
        out.push_back(static_cast<char>(value));
        i += 2;
    }
    return out;
}

// The device of the nearest folder that is there.
std::optional<dev_t> deviceOf(fs::path folder)
{
    while (!folder.empty()) {
        if (const auto status = statusOf(folder)) {
            return status->st_dev;
        }
        if (folder == folder.root_path()) {
            break;
        }
        folder = folder.parent_path();
    }
    return std::nullopt;
}

fs::path topOf(const fs::path& path, dev_t device)
{
    fs::path top = path.parent_path();
    while (top != top.root_path()) {
        const auto above = statusOf(top.parent_path());
        if (!above || above->st_dev != device) {
            break;
        }
        top = top.parent_path();
    }
    return top;
}

struct Trash {
    fs::path folder;
    fs::path base; // that paths in it are told from; empty: they are absolute
};

Trash trashFor(const fs::path& path, dev_t device)
{
    const auto data = userFolder("XDG_DATA_HOME", ".local/share");
    if (data && deviceOf(*data / "Trash") == device) {
        return {*data / "Trash", {}};
    }
    const fs::path top = topOf(path, device);
    const std::string user = fmt::format("{}", ::getuid());
    const auto shared = statusOf(top / ".Trash"); // of all, where it cannot be misused
    if (shared && S_ISDIR(shared->st_mode) && (shared->st_mode & S_ISVTX) != 0) {
        return {top / ".Trash" / user, top};
    }
    return {top / (".Trash-" + user), top};
}

void makeFolders(const Trash& trash, const fs::path& path)
{
    std::error_code failed;
    fs::create_directories(trash.folder.parent_path(), failed);
    for (const fs::path& folder : {trash.folder, trash.folder / "files", trash.folder / "info"}) {
        if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
            refuseBySystem(path, errno);
        }
        const auto status = statusOf(folder);
        if (!status || !S_ISDIR(status->st_mode)) {
            refuse(path, shownPath(folder) + " is no folder; the trash cannot be used");
        }
    }
}

std::string infoText(const fs::path& path, const Trash& trash)
{
    const std::time_t now = std::time(nullptr);
    std::tm parts {};
    ::localtime_r(&now, &parts);
    char date[32];
    std::strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &parts);
    const fs::path told = trash.base.empty() ? path : path.lexically_relative(trash.base);
    return "[Trash Info]\nPath=" + percentEncoded(told.string()) + "\nDeletionDate=" + date + "\n";
}

// The info file is made first: its name is taken, then, and nobody takes it between.
int takeName(const fs::path& path, const Trash& trash, Trashed& trashed)
{
    const std::string name = path.filename().string();
    for (int i = 1; i <= kMostNames; ++i) {
        const std::string taken = i == 1 ? name : fmt::format("{}.{}", name, i);
        trashed.info = trash.folder / "info" / (taken + ".trashinfo");
        trashed.file = trash.folder / "files" / taken;
        const int descriptor =
            ::open(trashed.info.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (descriptor < 0 && errno != EEXIST) {
            refuseBySystem(path, errno);
        }
        if (descriptor < 0) {
            continue;
        }
        if (!statusOf(trashed.file)) {
            return descriptor;
        }
        ::close(descriptor); // left there by somebody who told nothing of it
        ::unlink(trashed.info.c_str());
    }
    refuse(path, "the trash holds too many of that name; empty it");
}

// What an info file says.
struct InfoRead {
    std::string path; // decoded, as it is told
    std::string date; // "2026-11-29T21:05:00", which sorts as text
};

InfoRead readInfo(const fs::path& info)
{
    InfoRead read;
    std::ifstream file(info);
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("Path=")) {
            read.path = percentDecoded(std::string_view(line).substr(5)).value_or("");
        } else if (line.starts_with("DeletionDate=")) {
            read.date = line.substr(13);
        }
    }
    return read;
}

// Absolute, without links but its own name.
fs::path plainOriginal(const fs::path& path)
{
    std::error_code failed;
    fs::path plain = fs::absolute(path, failed).lexically_normal();
    plain = plain.has_filename() ? plain : plain.parent_path();
    const fs::path folder = fs::weakly_canonical(plain.parent_path(), failed);
    return failed ? plain : folder / plain.filename();
}

} // namespace

std::optional<Trashed> newestInTrash(const fs::path& original)
{
    const fs::path wanted = plainOriginal(original);
    const auto device = deviceOf(wanted.parent_path());
    if (!device) {
        return std::nullopt;
    }
    const Trash trash = trashFor(wanted, *device);
    std::optional<Trashed> newest;
    std::tuple<std::string, std::size_t, std::string> latest; // of a second: the name taken later
    std::error_code unreadable;
    fs::directory_iterator entry(trash.folder / "info", unreadable);
    for (; !unreadable && entry != fs::directory_iterator(); entry.increment(unreadable)) {
        const fs::path& info = entry->path();
        if (info.extension() != ".trashinfo") {
            continue;
        }
        const InfoRead read = readInfo(info);
        const fs::path there = trash.base.empty() ? fs::path(read.path) : trash.base / read.path;
        const std::string name = info.stem().string();
        std::tuple key {read.date, name.size(), name};
        if (there == wanted && statusOf(trash.folder / "files" / name)
            && (!newest || latest < key)) {
            newest = Trashed {wanted, trash.folder / "files" / name, info};
            latest = std::move(key);
        }
    }
    return newest;
}

Trashed moveToTrash(const fs::path& path)
{
    std::error_code failed;
    // Of a link the folder that it lies in is followed, not the link itself.
    fs::path plain = fs::absolute(path, failed).lexically_normal();
    plain = plain.has_filename() ? plain : plain.parent_path();
    const fs::path folder = fs::canonical(plain.parent_path(), failed);
    Trashed trashed {failed ? plain : folder / plain.filename(), {}, {}};
    const auto status = statusOf(trashed.original);
    if (failed || !status) {
        refuse(path, "there is no such file or folder");
    }
    const Trash trash = trashFor(trashed.original, status->st_dev);
    makeFolders(trash, path);
    const int descriptor = takeName(trashed.original, trash, trashed);
    const std::string text = infoText(trashed.original, trash);
    const bool isWritten =
        ::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    int reason = isWritten ? 0 : errno;
    ::close(descriptor);
    if (isWritten && std::rename(trashed.original.c_str(), trashed.file.c_str()) != 0) {
        reason = errno;
    }
    if (reason != 0) {
        ::unlink(trashed.info.c_str());
        refuseBySystem(path, reason);
    }
    return trashed;
}

void restoreFromTrash(const Trashed& trashed)
{
    if (statusOf(trashed.original)) {
        refuse(trashed.original,
               "something is there again; move it away to bring back what is in the trash");
    }
    if (std::rename(trashed.file.c_str(), trashed.original.c_str()) != 0) {
        refuse(trashed.original,
               "cannot be brought back from the trash: " + systemErrorText(errno));
    }
    ::unlink(trashed.info.c_str());
}

} // namespace pissarro::core::inline file
