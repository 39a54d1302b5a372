// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/run_log.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/file/atomic_file.h"
#include "core/file/event_records.h"
#include "core/file/regular_file.h"
#include "core/format/event_message.h"
#include "core/history/metric_names.h"
#include "core/run/run_lock.h"
#include "core/text/escaped_text.h"
#include "core/text/json_text.h"
#include "core/text/json_value.h"
#include "core/text/message_text.h"

#include <cerrno>
#include <chrono>
#include <cmath>
#include <ctime>
#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>

namespace pissarro::core::inline run {

namespace {

constexpr std::uint64_t kMetricsLimit = 4ULL << 30U;

[[noreturn]] void throwIo(const std::filesystem::path& path, const std::string& what)
{
    throw Error(ErrorKind::Io, path.string() + ": " + what + ": " + systemErrorText(errno));
}

double wallTime()
{
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

std::filesystem::path eventFile(const std::filesystem::path& runDirectory)
{
    return runDirectory
        / fmt::format("events.out.tfevents.{:010}.{}.{}.0", static_cast<std::int64_t>(wallTime()),
                      hostName(), thisProcess());
}

// The step of a line of metrics; nothing for one that a crash tore, that tells a figure twice, or that has none.
std::optional<std::int64_t> stepOf(std::string_view line, std::int64_t number,
                                   const std::filesystem::path& path)
{
    nlohmann::json record;
    try {
        record = parseOwnPlain(line);
    } catch (const Error&) {
        return std::nullopt;
    }
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
                                     std::int64_t keepSteps, const JobContext& job)
{
    const auto path = runDirectory / kMetricsFile;
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) {
        return path;
    }
    std::string kept;
    const std::string old = readWholeFile(path, kMetricsLimit, job);
    std::size_t begin = 0;
    std::int64_t number = 0;
    for (std::size_t end = old.find('\n'); end != std::string::npos; end = old.find('\n', begin)) {
        const std::string line = old.substr(begin, end - begin + 1);
        ++number;
        job.throwIfCancelled();
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
    , m_descriptor(openRegular(m_path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW))
{
    if (m_descriptor < 0) {
        throwIo(m_path,
                errno == ELOOP        ? "is a link, through which nothing is written; remove it"
                    : errno == EINVAL ? "is not a regular file; remove it"
                                      : "cannot be written");
    }
}

AppendFile::~AppendFile()
{
    ::close(m_descriptor);
}

void AppendFile::append(std::string_view bytes)
{
    struct ::stat written { };
    struct ::stat there { };
    if (::fstat(m_descriptor, &written) == 0
        && (::lstat(m_path.c_str(), &there) != 0 || there.st_ino != written.st_ino
            || there.st_dev != written.st_dev)) {
        throw Error(
            ErrorKind::Io,
            m_path.string()
                + ": was moved or removed while it was written; nothing more is kept of it");
    }
    while (!bytes.empty()) {
        const ssize_t count = ::write(m_descriptor, bytes.data(), bytes.size());
        if (count < 0 && errno != EINTR) {
            throwIo(m_path, "cannot be written");
        }
        bytes.remove_prefix(count > 0 ? static_cast<std::size_t>(count) : 0);
    }
}

TensorBoardLog::TensorBoardLog(const std::filesystem::path& runDirectory, std::int64_t keepSteps)
    : m_file(eventFile(runDirectory))
{
    std::string out = eventRecord(versionMessage(wallTime()));
    if (keepSteps > 0) {
        out += eventRecord(sessionStartMessage(wallTime(), keepSteps + 1));
    }
    m_file.append(out);
}

void TensorBoardLog::add(const StepRecord& record)
{
    std::string out;
    const auto scalar = [&](std::string_view metric, double value) {
        out += eventRecord(scalarMessage(wallTime(), record.step, trainerTag(metric), value));
    };
    scalar(metric::kLoss, record.loss);
    scalar(metric::kGradNorm, record.gradNorm);
    scalar(metric::kLearningRate, record.learningRate);
    scalar(metric::kEpoch, record.epoch);
    if (std::isfinite(record.evalLoss)) {
        scalar(metric::kEvalLoss, record.evalLoss);
    }
    if (std::isfinite(record.evalScore)) {
        scalar(metric::kEvalScore, record.evalScore);
    }
    m_file.append(out);
}

RunLog::RunLog(const std::filesystem::path& runDirectory, std::int64_t keepSteps,
               const JobContext& job)
    : m_metrics(prepareMetrics(runDirectory, keepSteps, job))
    , m_text(runDirectory / "log.txt")
    , m_tensorBoard(runDirectory, keepSteps)
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

std::string utcText(std::time_t time)
{
    std::tm parts {};
    gmtime_r(&time, &parts);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text;
}

std::string utcNow()
{
    return utcText(std::time(nullptr));
}

} // namespace pissarro::core::inline run
