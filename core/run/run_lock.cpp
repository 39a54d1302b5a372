// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/run_lock.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/file/atomic_file.h"
#include "core/file/file_lock.h"
#include "core/file/regular_file.h"
#include "core/text/json_text.h"
#include "core/text/json_value.h"
#include "core/text/number_text.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sys/file.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace pissarro::core::inline run {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kLargestNote = 64ULL << 10U; // of a lock or an order, which are a line

fs::path lockFile(const fs::path& runDirectory)
{
    return runDirectory / ".lock";
}

fs::path orderFile(const fs::path& request)
{
    return request / ".order";
}

std::string orderName(RunOrder order)
{
    switch (order) {
    case RunOrder::GoOn:
        return "go on";
    case RunOrder::Pause:
        return "pause";
    case RunOrder::Stop:
        return "stop";
    }
    throw Error(ErrorKind::Internal, "an order without a name");
}

// Null when there is no such file or it is no object.
nlohmann::json readNote(const fs::path& file)
{
    std::error_code ignored;
    if (!fs::is_regular_file(file, ignored)) {
        return nullptr;
    }
    try {
        auto note = parseOwnPlain(readWholeFile(file, kLargestNote));
        return note.is_object() ? note : nlohmann::json(nullptr);
    } catch (const Error&) {
        return nullptr; // removed meanwhile, torn, or not ours to read
    }
}

// A reader that looks whether the lock is held holds it for an instant itself: try again before
// giving up.
bool lockSoon(int descriptor)
{
    for (int attempt = 0; attempt < 20; ++attempt) {
        if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) {
            return true;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
}

// Written into the locked file itself: a file moved into its place would be another, unlocked one.
void writeHolder(int descriptor, const fs::path& request)
{
    const nlohmann::ordered_json note {{"process", thisProcess()},
                                       {"host", hostName()},
                                       {"request", fs::absolute(request).string()}};
    const std::string text =
        note.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
    // A disk that is full keeps nobody from training: the lock holds without its note.
    if (::ftruncate(descriptor, 0) != 0
        || ::pwrite(descriptor, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
        [[maybe_unused]] const int cut = ::ftruncate(descriptor, 0);
    }
}

// Each is ended by a zero. Of one that has ended: none.
std::vector<std::string> argumentsOf(std::int64_t process)
{
    std::ifstream file(fmt::format("/proc/{}/cmdline", process), std::ios::binary);
    std::vector<std::string> arguments;
    for (std::string one; std::getline(file, one, '\0');) {
        arguments.push_back(one);
    }
    return arguments;
}

bool holds(const std::vector<std::string>& arguments, const std::string& wanted)
{
    return std::find(arguments.begin(), arguments.end(), wanted) != arguments.end();
}

} // namespace

bool RunHolder::isHere() const
{
    return host == hostName();
}

RunLock::RunLock(const fs::path& runDirectory, const fs::path& request)
{
    m_descriptor = openRegular(lockFile(runDirectory), O_RDWR | O_CREAT | O_NOFOLLOW);
    if (m_descriptor < 0) {
        throw Error(ErrorKind::Io,
                    runDirectory.string()
                        + ": the run folder cannot be written: " + systemErrorText(errno));
    }
    if (!lockSoon(m_descriptor)) {
        ::close(m_descriptor);
        const auto holder = lastHolder(runDirectory);
        throw Error(ErrorKind::InvalidArgument,
                    runDirectory.string() + ": another program"
                        + (holder ? fmt::format(" (process {})", holder->process) : std::string())
                        + " is training in this folder; choose another run folder or wait for it");
    }
    writeHolder(m_descriptor, request);
}

RunLock::~RunLock()
{
    ::close(m_descriptor);
}

bool RunLock::isHeld(const fs::path& runDirectory)
{
    return isLockedElsewhere(openRegular(lockFile(runDirectory), O_RDONLY | O_NOFOLLOW));
}

std::optional<RunHolder> lastHolder(const fs::path& runDirectory)
{
    const nlohmann::json note = readNote(lockFile(runDirectory));
    if (note.is_null()) {
        return std::nullopt;
    }
    RunHolder holder;
    holder.process = jsonFieldAs<std::int64_t>(note, "process").value_or(0);
    holder.host = jsonFieldAs<std::string>(note, "host").value_or(std::string());
    holder.request = jsonFieldAs<std::string>(note, "request").value_or(std::string());
    return holder.process > 0 && !holder.request.empty() ? std::optional(holder) : std::nullopt;
}

void giveOrder(const fs::path& request, std::int64_t process, RunOrder order)
{
    const nlohmann::ordered_json note {{"process", process}, {"order", orderName(order)}};
    writeFileAtomically(orderFile(request), note.dump() + "\n");
}

RunOrder readOrder(const fs::path& request, std::int64_t process)
{
    const nlohmann::json note = readNote(orderFile(request));
    if (note.is_null() || jsonFieldAs<std::int64_t>(note, "process") != process) {
        return RunOrder::GoOn;
    }
    const auto name = jsonFieldAs<std::string>(note, "order");
    for (const RunOrder order : {RunOrder::Pause, RunOrder::Stop}) {
        if (name == orderName(order)) {
            return order;
        }
    }
    return RunOrder::GoOn;
}

std::int64_t thisProcess()
{
    return ::getpid();
}

bool processLives(std::int64_t process)
{
    if (process <= 0 || (::kill(static_cast<pid_t>(process), 0) != 0 && errno == ESRCH)) {
        return false;
    }
    // "4711 (name) S ...": a zombie, which nobody has waited for, has ended.
    std::ifstream file(fmt::format("/proc/{}/stat", process));
    std::string line;
    std::getline(file, line);
    const std::size_t name = line.rfind(')');
    return name == std::string::npos || name + 2 >= line.size() || line[name + 2] != 'Z';
}

bool trainsIn(std::int64_t process, const std::filesystem::path& request)
{
    const std::vector<std::string> arguments =
        processLives(process) ? argumentsOf(process) : std::vector<std::string>();
    return holds(arguments, "train") && holds(arguments, request.string());
}

bool someoneTrainsIn(const std::filesystem::path& request)
{
    std::error_code failed;
    for (fs::directory_iterator entry("/proc", failed);
         !failed && entry != fs::directory_iterator(); entry.increment(failed)) {
        const auto process = numberIn<std::int64_t>(entry->path().filename().string());
        const std::vector<std::string> arguments =
            process ? argumentsOf(*process) : std::vector<std::string>();
        const bool isMeant =
            holds(arguments, "train")
            && std::any_of(arguments.begin(), arguments.end(), [&](const std::string& one) {
                   std::error_code missing;
                   return fs::equivalent(entry->path() / "cwd" / one, request, missing);
               });
        if (isMeant && processLives(*process)) {
            return true;
        }
    }
    return false;
}

std::string hostName()
{
    std::array<char, 256> name {};
    return ::gethostname(name.data(), name.size() - 1) == 0 && name[0] != '\0' ? name.data()
                                                                               : "localhost";
}

} // namespace pissarro::core::inline run
