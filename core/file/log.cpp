// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/file/log.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/file/user_folder_p.h"
#include "core/text/escaped_text.h"
#include "core/text/number_text.h"

#include <array>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace pissarro::core::inline file {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kLargest = 1'000'000; // bytes of a file
constexpr std::size_t kLongest = 4000; // bytes of a message
constexpr std::array kNames {"info", "warning", "error"}; // of LogLevel

// A descriptor of the log, closed at the end.
class LogDescriptor {
public:
    // No other kind of file than a regular one: a pipe would wait for its reader, a link may lead anywhere.
    explicit LogDescriptor(const fs::path& path)
        : m_descriptor(::open(path.c_str(),
                              O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW,
                              0600))
    {
    }
    ~LogDescriptor()
    {
        if (m_descriptor >= 0) {
            ::close(m_descriptor);
        }
    }
    LogDescriptor(const LogDescriptor&) = delete;
    LogDescriptor& operator=(const LogDescriptor&) = delete;

    bool isOpen() const { return m_descriptor >= 0; }

    // Whether `path` still is this file, a regular one with room for a line.
    enum class Room { Enough, TooLittle, None };
    Room room(std::size_t lineBytes) const
    {
        struct ::stat status { };
        if (::fstat(m_descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
            return Room::None;
        }
        const auto size = static_cast<std::uint64_t>(status.st_size);
        return size + lineBytes <= kLargest ? Room::Enough : Room::TooLittle;
    }

    // Puts the file aside unless another writer is doing so or has done: of many that find it full one moves it.
    void putAside(const fs::path& path) const
    {
        if (::flock(m_descriptor, LOCK_EX | LOCK_NB) != 0) {
            return;
        }
        struct ::stat own { };
        struct ::stat there { };
        if (::fstat(m_descriptor, &own) == 0 && ::stat(path.c_str(), &there) == 0
            && own.st_ino == there.st_ino && own.st_dev == there.st_dev) {
            ::rename(path.c_str(), (path.string() + ".1").c_str());
        }
    }

    // In one call: lines of several writers do not mix.
    void write(const std::string& line) const
    {
        if (::write(m_descriptor, line.data(), line.size()) < 0) {
            return; // a full disk: there is nobody to tell
        }
    }

private:
    int m_descriptor;
};

std::string lineOf(const LogEntry& entry)
{
    const auto ms =
        std::chrono::floor<std::chrono::milliseconds>(entry.time.time_since_epoch()).count();
    const std::time_t seconds = ms / 1000;
    std::tm parts {};
    ::gmtime_r(&seconds, &parts);
    std::array<char, 32> time {};
    std::strftime(time.data(), time.size(), "%Y-%m-%dT%H:%M:%S", &parts);
    const auto level = static_cast<std::size_t>(entry.level);
    const bool cut = entry.message.size() > kLongest;
    return fmt::format("{}.{:03}Z {} {}/{} {}{}\n", time.data(), ms % 1000,
                       level < kNames.size() ? kNames.at(level) : "?", ::getpid(), entry.thread,
                       terminalLine(entry.message.substr(0, kLongest)), cut ? "…" : "");
}

void append(const std::string& line)
{
    const fs::path path = logFile();
    // The second time is for a folder that is not there yet, or for the file that follows a full one.
    for (const bool again : {false, true}) {
        const LogDescriptor log(path);
        if (!log.isOpen()) {
            std::error_code failed;
            fs::create_directories(path.parent_path(), failed);
            continue;
        }
        const auto room = log.room(line.size());
        if (room == LogDescriptor::Room::TooLittle && !again) {
            log.putAside(path);
        } else if (room != LogDescriptor::Room::None) {
            log.write(line);
            return;
        }
    }
}

} // namespace

fs::path logFile()
{
    return userFolder("XDG_STATE_HOME", ".local/state").value_or("/tmp/.local/state") / "pissarro"
        / "pissarro.log";
}

std::int64_t thisThread()
{
    return ::gettid();
}

void writeLog(const LogEntry& entry) noexcept
{
    const int before = errno;
    try {
        append(lineOf(entry));
    } catch (const std::exception&) { // no memory
    }
    errno = before;
}

void writeLog(LogLevel level, const std::string& message) noexcept
{
    try {
        writeLog(LogEntry {level, message});
    } catch (const std::exception&) { // no memory
    }
}

void logged(const std::string& job, const std::function<void()>& body)
{
    const auto start = std::chrono::steady_clock::now();
    const auto tell = [&](LogLevel level, const char* how, const char* line) noexcept {
        try {
            const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
            writeLog(level,
                     job + how + " after " + numberText(std::round(10.0 * taken.count()) / 10.0)
                         + " s" + (line != nullptr ? std::string(": ") + line : ""));
        } catch (const std::exception&) { // no memory
        }
    };
    writeLog(LogLevel::Info, job + " begins");
    try {
        body();
    } catch (const Cancelled&) {
        tell(LogLevel::Info, " was cancelled", nullptr);
        throw;
    } catch (const std::exception& e) {
        tell(LogLevel::Error, " failed", e.what());
        throw;
    }
    tell(LogLevel::Info, " is done", nullptr);
}

} // namespace pissarro::core::inline file
