// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/run_directory.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/file/atomic_file.h"
#include "core/file/regular_file.h"
#include "core/model/base_files.h"
#include "core/run/run_checkpoints.h"
#include "core/run/run_json_p.h"
#include "core/run/run_lock.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <iterator>
#include <limits>
#include <sys/stat.h>
#include <tuple>

namespace pissarro::core::inline run {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kLargestRunFile = 16ull << 20; // a run.json is a few kilobytes
constexpr std::array kGrowing {kRunFile, kMetricsFile};
constexpr std::chrono::minutes kSilence {10}; // of a trainer elsewhere before it counts as gone
constexpr std::uint64_t kTail = 8 << 10; // bytes of metrics.jsonl that hold its newest lines
constexpr std::uint64_t kPiece = 4U << 20U; // bytes of metrics.jsonl that are read at a time
constexpr std::size_t kLongestLine = 1U << 20U; // of a record, which has some hundred
constexpr int kSearchDepth = 3; // root / run / twin, and one folder a person sorted by

// The run folders of a request: `directory` itself, or those of its twins.
std::vector<fs::path> foldersOfRequest(const fs::path& directory)
{
    const auto isRun = [](const fs::path& folder) {
        std::error_code ignored;
        return fs::is_regular_file(folder / kRunFile, ignored);
    };
    if (isRun(directory)) {
        return {directory};
    }
    std::vector<fs::path> folders;
    for (const Method method : allMethods()) {
        if (const fs::path twin = directory / methodName(method); isRun(twin)) {
            folders.push_back(twin);
        }
    }
    return folders;
}

void collectRuns(const fs::path& folder, int depth, const JobContext& job,
                 std::vector<RunSummary>& found)
{
    std::error_code ignored;
    if (fs::is_regular_file(folder / kRunFile, ignored)) {
        try {
            found.push_back(readRun(folder, job));
        } catch (const Error&) {
            // a broken run is left out; opening it by hand tells what is wrong
        }
        return;
    }
    if (depth == 0) {
        return;
    }
    fs::directory_iterator entry(folder, fs::directory_options::skip_permission_denied, ignored);
    for (; !ignored && entry != fs::directory_iterator(); entry.increment(ignored)) {
        job.throwIfCancelled();
        std::error_code unreadable;
        if (entry->is_directory(unreadable) && !unreadable) {
            collectRuns(entry->path(), depth - 1, job, found);
        }
    }
}

bool wroteLately(const fs::path& directory)
{
    const auto now = fs::file_time_type::clock::now();
    return std::any_of(kGrowing.begin(), kGrowing.end(), [&](const char* name) {
        std::error_code missing;
        const auto written = fs::last_write_time(directory / name, missing);
        return !missing && now - written < kSilence;
    });
}

// Of the newest whole lines of metrics.jsonl, at most `count`, in their order.
std::vector<StepRecord> newestRecords(const fs::path& directory, std::size_t count)
{
    std::vector<StepRecord> records;
    const auto file = RegularFile::open(directory / kMetricsFile);
    if (!file) {
        return records;
    }
    const std::string tail = file->tail(kTail);
    std::size_t end = tail.rfind('\n'); // what follows is torn
    while (end != std::string::npos && end > 0 && records.size() < count) {
        const std::size_t before = tail.rfind('\n', end - 1);
        const std::size_t begin = before == std::string::npos ? 0 : before + 1;
        if (auto record = stepFromJson(std::string_view(tail).substr(begin, end - begin))) {
            records.push_back(std::move(*record));
        }
        end = before;
    }
    std::reverse(records.begin(), records.end());
    return records;
}

RunEnd endOf(const std::vector<StepRecord>& newest)
{
    RunEnd end;
    if (!newest.empty()) {
        const StepRecord& last = newest.back();
        end.loss = last.loss;
        end.meanLoss = meanLoss(newest, 0, RunEnd::kMeanOver);
        if (last.elapsedS > 0.0) {
            end.tokensPerS = static_cast<double>(last.tokens) / last.elapsedS;
        }
    }
    return end;
}

bool isHeldSomewhere(const fs::path& directory)
{
    if (RunLock::isHeld(directory)) {
        return true;
    }
    const auto holder = lastHolder(directory);
    return holder && !holder->isHere() && wroteLately(directory);
}

} // namespace

void appendRecords(std::vector<StepRecord>& records, const std::vector<StepRecord>& newer)
{
    for (const StepRecord& record : newer) {
        while (!records.empty() && records.back().step >= record.step) {
            records.pop_back();
        }
        records.push_back(record);
    }
}

void writeRun(const RunSummary& run)
{
    writeFileAtomically(run.directory / kRunFile, runToJson(run));
}

RunSummary readRun(const fs::path& directory, const JobContext& job)
{
    const fs::path file = directory / kRunFile;
    refuseTwins(directory);
    // Asked before reading and, when it was not held, after: a run that ends or begins in between is
    // not taken for an interrupted one.
    const bool held = isHeldSomewhere(directory);
    const std::string text = readWholeFile(file, kLargestRunFile, job);
    RunSummary summary;
    try {
        summary = runFromJson(text, job);
    } catch (const Error& error) {
        throw Error(ErrorKind::Format, error.what()).within(shownPath(file));
    }
    summary.directory = directory;
    if (isLive(summary.state) && !held && !isHeldSomewhere(directory)) {
        summary.state = RunState::Interrupted;
    }
    const auto newest = newestRecords(directory, static_cast<std::size_t>(RunEnd::kMeanOver));
    summary.step = newest.empty() ? 0 : newest.back().step;
    summary.end = endOf(newest);
    summary.checkpointStep = newestCheckpoint(directory);
    return summary;
}

std::filesystem::path defaultRunRoot()
{
    if (const char* xdg = std::getenv("XDG_DATA_HOME"); xdg != nullptr && *xdg == '/') {
        return std::filesystem::path(xdg) / "pissarro" / "runs";
    }
    const char* home = std::getenv("HOME");
    return std::filesystem::path(home != nullptr ? home : "/tmp") / ".local" / "share" / "pissarro"
        / "runs";
}

fs::path baseOf(const RunSummary& run)
{
    return run.directory / "base";
}

fs::path initialAdapterOf(const RunSummary& run)
{
    return (isFourBit(run.spec.method) ? baseOf(run) : run.directory)
        / factorsFolder(methodName(run.spec.method), FactorsAre::Init);
}

std::vector<RunSummary> runsOfRequest(const fs::path& directory, const JobContext& job)
{
    std::vector<RunSummary> runs;
    for (const fs::path& folder : foldersOfRequest(directory)) {
        runs.push_back(readRun(folder, job));
    }
    return runs;
}

void refuseTwins(const fs::path& directory)
{
    const std::vector<fs::path> folders = foldersOfRequest(directory);
    if (folders.empty() || folders.front() == directory) {
        return;
    }
    throw Error(ErrorKind::Format,
                fmt::format("{}: holds {} {}", shownPath(directory),
                            folders.size() > 1
                                ? "the runs of several methods; name one of them, such as"
                                : "a run in a folder of its own and is none itself; name",
                            shownPath(folders.front())));
}

bool isListedBefore(const RunSummary& a, const RunSummary& b)
{
    if (a.startedAt != b.startedAt) {
        return a.startedAt > b.startedAt;
    }
    const fs::path parentA = a.directory.parent_path();
    const fs::path parentB = b.directory.parent_path();
    const std::ptrdiff_t placeA = placeOf(a.spec.method);
    const std::ptrdiff_t placeB = placeOf(b.spec.method);
    return std::tie(parentA, placeA, a.directory) < std::tie(parentB, placeB, b.directory);
}

std::vector<RunSummary> findRuns(const fs::path& root, const JobContext& job)
{
    std::vector<RunSummary> found;
    collectRuns(root, kSearchDepth, job, found);
    std::sort(found.begin(), found.end(), isListedBefore);
    return found;
}

MetricsTail::MetricsTail(const fs::path& runDirectory)
    : m_path(runDirectory / kMetricsFile)
{
}

std::vector<StepRecord> MetricsTail::poll(const JobContext& job)
{
    std::vector<StepRecord> records;
    const auto file = RegularFile::open(m_path);
    if (!file) {
        return records;
    }
    const std::uint64_t size = file->size();
    if (size < m_offset || (m_inode != 0 && file->inode() != m_inode)) {
        m_offset = 0;
        m_partial.clear();
    }
    m_inode = file->inode();
    while (m_offset < size) {
        if (job.isCancelled()) { // what was taken is given to nobody
            m_offset = 0;
            m_partial.clear();
            throw Cancelled();
        }
        const std::string piece = file->read(m_offset, std::min(kPiece, size - m_offset));
        if (piece.empty()) {
            break;
        }
        m_offset += piece.size();
        m_partial += piece;
        takeLines(records);
        if (m_partial.size() > kLongestLine) { // no record: a hole in the file, or another file
            m_partial.clear();
            m_offset = size;
        }
    }
    return records;
}

void MetricsTail::takeLines(std::vector<StepRecord>& records)
{
    std::size_t start = 0;
    for (std::size_t end = m_partial.find('\n'); end != std::string::npos;
         end = m_partial.find('\n', start)) {
        if (auto record = stepFromJson(std::string_view(m_partial).substr(start, end - start))) {
            records.push_back(std::move(*record));
        }
        start = end + 1;
    }
    m_partial.erase(0, start);
}

double meanLoss(std::span<const StepRecord> records, std::int64_t lastStep, std::int64_t count)
{
    double sum = 0.0;
    std::int64_t taken = 0;
    for (auto record = records.rbegin(); record != records.rend() && taken < count; ++record) {
        if (lastStep == 0 || record->step <= lastStep) {
            sum += record->loss;
            ++taken;
        }
    }
    return taken == 0 ? std::numeric_limits<double>::quiet_NaN() : sum / static_cast<double>(taken);
}

double MovingAverage::next(double value)
{
    if (!std::isfinite(value)) {
        return value;
    }
    m_average = m_average * m_weight + (1.0 - m_weight) * value;
    m_share *= m_weight;
    return m_average / (1.0 - m_share);
}

std::vector<double> smoothed(const std::vector<double>& values, double weight)
{
    MovingAverage average(weight);
    std::vector<double> result;
    result.reserve(values.size());
    for (const double value : values) {
        result.push_back(average.next(value));
    }
    return result;
}

} // namespace pissarro::core::inline run
