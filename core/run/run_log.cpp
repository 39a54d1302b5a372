// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/run_log.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/file/atomic_file.h"
#include "core/run/run_lock.h"
#include "core/text/escaped_text.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"

#include <array>
#include <bit>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>

namespace pissarro::core {

namespace {

constexpr std::uint64_t kMetricsLimit = 4ULL << 30U;

[[noreturn]] void throwIo(const std::filesystem::path& path, const std::string& what)
{
    throw Error(ErrorKind::Io, path.string() + ": " + what + ": " + systemErrorText(errno));
}

std::uint32_t crc32c(std::string_view bytes)
{
    static const auto table = [] {
        std::array<std::uint32_t, 256> t {};
        for (std::uint32_t i = 0; i < 256; ++i) {
            std::uint32_t c = i;
            for (int bit = 0; bit < 8; ++bit) {
                c = (c >> 1U) ^ ((c & 1U) != 0 ? 0x82f63b78U : 0U);
            }
            t[i] = c;
        }
        return t;
    }();
    std::uint32_t crc = ~0U;
    for (const char c : bytes) {
        crc = (crc >> 8U) ^ table[(crc ^ static_cast<unsigned char>(c)) & 0xffU];
    }
    return ~crc;
}

template <class T>
void putRaw(std::string& out, T value)
{
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    out.append(bytes, sizeof value);
}

// Protobuf: a varint, a length-delimited field, a 64-bit and a 32-bit field.
void putVarint(std::string& out, std::uint64_t value)
{
    while (value >= 0x80U) {
        out.push_back(static_cast<char>((value & 0x7fU) | 0x80U));
        value >>= 7U;
    }
    out.push_back(static_cast<char>(value));
}

void putBytes(std::string& out, unsigned field, std::string_view bytes)
{
    putVarint(out, (field << 3U) | 2U);
    putVarint(out, bytes.size());
    out.append(bytes);
}

std::string tensorBoardRecord(std::string_view event)
{
    const auto masked = [](std::uint32_t crc) {
        return ((crc >> 15U) | (crc << 17U)) + 0xa282ead8U;
    };
    std::string record;
    putRaw(record, static_cast<std::uint64_t>(event.size()));
    putRaw(record, masked(crc32c(record)));
    record.append(event);
    putRaw(record, masked(crc32c(event)));
    return record;
}

double wallTime()
{
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

std::string eventHead()
{
    std::string event;
    putVarint(event, (1U << 3U) | 1U); // wall_time
    putRaw(event, wallTime());
    return event;
}

std::string scalarEvent(std::int64_t step, std::string_view tag, double scalar)
{
    std::string value;
    putBytes(value, 1, tag);
    putVarint(value, (2U << 3U) | 5U); // simple_value
    putRaw(value, static_cast<float>(scalar));
    std::string summary;
    putBytes(summary, 1, value);
    std::string event = eventHead();
    putVarint(event, 2U << 3U); // step
    putVarint(event, static_cast<std::uint64_t>(step));
    putBytes(event, 5, summary);
    return event;
}

std::filesystem::path eventFile(const std::filesystem::path& runDirectory)
{
    return runDirectory
        / fmt::format("events.out.tfevents.{:010}.{}.{}.0", static_cast<std::int64_t>(wallTime()),
                      hostName(), thisProcess());
}

// The step of a line of metrics; nothing for one that a crash tore, or that has none.
std::optional<std::int64_t> stepOf(std::string_view line, std::int64_t number,
                                   const std::filesystem::path& path)
{
    const auto record =
        nlohmann::json::parse(line.begin(), line.end(), nullptr, /*allow_exceptions=*/false);
    if (!record.is_object() || !record.contains("step")) {
        return std::nullopt;
    }
    const auto step = jsonAs<std::int64_t>(record["step"]);
    if (!step) {
        throw Error(
            ErrorKind::Format,
            fmt::format(
                "{}: line {} has a step that is {} (expected a whole number); remove that line",
                shownPath(path), number, record["step"].type_name()));
    }
    return step;
}

// Leaves only whole records up to `keepSteps`, so that appending goes on where the checkpoint stands.
std::filesystem::path prepareMetrics(const std::filesystem::path& runDirectory,
                                     std::int64_t keepSteps)
{
    const auto path = runDirectory / kMetricsFile;
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) {
        return path;
    }
    std::string kept;
    const std::string old = readWholeFile(path, kMetricsLimit);
    std::size_t begin = 0;
    std::int64_t number = 0;
    for (std::size_t end = old.find('\n'); end != std::string::npos; end = old.find('\n', begin)) {
        const std::string line = old.substr(begin, end - begin + 1);
        ++number;
        if (stepOf(line, number, path).value_or(keepSteps + 1) <= keepSteps) {
            kept += line;
        }
        begin = end + 1;
    }
    if (kept != old) {
        writeFileAtomically(path, kept);
    }
    return path;
}

} // namespace

AppendFile::AppendFile(std::filesystem::path path)
    : m_path(std::move(path))
    , m_descriptor(::open(m_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644))
{
    if (m_descriptor < 0) {
        throwIo(m_path, "cannot be written");
    }
}

AppendFile::~AppendFile()
{
    ::close(m_descriptor);
}

void AppendFile::append(std::string_view bytes)
{
    struct ::stat status { };
    if (::fstat(m_descriptor, &status) == 0 && status.st_nlink == 0) {
        throw Error(ErrorKind::Io,
                    m_path.string()
                        + ": was removed while the run went on; nothing more is kept of it");
    }
    while (!bytes.empty()) {
        const ssize_t written = ::write(m_descriptor, bytes.data(), bytes.size());
        if (written < 0 && errno != EINTR) {
            throwIo(m_path, "cannot be written");
        }
        bytes.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
    }
}

TensorBoardLog::TensorBoardLog(const std::filesystem::path& runDirectory)
    : m_file(eventFile(runDirectory))
{
    std::string event = eventHead();
    putBytes(event, 3, "brain.Event:2"); // file_version
    m_file.append(tensorBoardRecord(event));
}

void TensorBoardLog::add(const StepRecord& record)
{
    std::string out;
    out += tensorBoardRecord(scalarEvent(record.step, "train/loss", record.loss));
    out += tensorBoardRecord(scalarEvent(record.step, "train/grad_norm", record.gradNorm));
    out += tensorBoardRecord(scalarEvent(record.step, "train/learning_rate", record.learningRate));
    out += tensorBoardRecord(scalarEvent(record.step, "train/epoch", record.epoch));
    m_file.append(out);
}

RunLog::RunLog(const std::filesystem::path& runDirectory, std::int64_t keepSteps)
    : m_metrics(prepareMetrics(runDirectory, keepSteps))
    , m_text(runDirectory / "log.txt")
    , m_tensorBoard(runDirectory)
{
}

void RunLog::add(const StepRecord& record)
{
    m_metrics.append(record.toJson() + "\n");
    m_tensorBoard.add(record);
}

void RunLog::message(std::string_view text)
{
    m_text.append(utcNow() + " " + terminalLine(text) + "\n");
}

std::string utcNow()
{
    const std::time_t now = std::time(nullptr);
    std::tm parts {};
    gmtime_r(&now, &parts);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text;
}

} // namespace pissarro::core
