// SPDX-License-Identifier: GPL-3.0-or-later
// TensorBoard's event files, of whatever trainer: one for each start of a program, in the folder of a run.
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/file/event_records.h"
#include "core/file/intact.h"
#include "core/file/mapped_file.h"
#include "core/format/event_message.h"
#include "core/history/history_builder.h"
#include "core/history/history_format.h"
#include "core/text/foreign_text.h"
#include "core/text/message_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <tuple>

namespace pissarro::core::inline history {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMark = "tfevents";
constexpr std::string_view kRuns =
    "runs"; // where the Trainer puts them, in a folder for each start
constexpr std::size_t kCheckEvery = 1000; // records
constexpr std::size_t kHeadBytes = 4096; // that tell what a file is which is none

bool takes(std::string_view fileName)
{
    return fileName.find(kMark) != std::string_view::npos;
}

// The seconds in "events.out.tfevents.1742826235.HOST.1.0"; 0: none.
std::int64_t timeOf(const fs::path& file)
{
    const std::string name = file.filename().string();
    std::int64_t time = 0;
    if (const std::size_t at = name.find(kMark); at != std::string::npos) {
        std::from_chars(name.data() + std::min(name.size(), at + kMark.size() + 1),
                        name.data() + name.size(), time);
    }
    return time;
}

// What lies in `folder` and passes, oldest first.
std::vector<fs::path> filesOf(const fs::path& folder)
{
    std::vector<fs::path> files;
    std::error_code unreadable;
    fs::directory_iterator entry(folder, unreadable);
    for (; !unreadable && entry != fs::directory_iterator(); entry.increment(unreadable)) {
        std::error_code gone;
        if (takes(entry->path().filename().string()) && entry->is_regular_file(gone)) {
            files.push_back(entry->path());
        }
    }
    std::sort(files.begin(), files.end(), [](const fs::path& a, const fs::path& b) {
        return std::make_tuple(timeOf(a), a) < std::make_tuple(timeOf(b), b);
    });
    return files;
}

std::vector<fs::path> find(const fs::path& folder)
{
    for (const fs::path& place : {folder, folder / kRuns}) {
        if (auto files = filesOf(place); !files.empty()) {
            return files;
        }
    }
    std::vector<fs::path> newest; // of the folders of starts
    std::error_code unreadable;
    fs::directory_iterator entry(folder / kRuns, unreadable);
    for (; !unreadable && entry != fs::directory_iterator(); entry.increment(unreadable)) {
        auto files = filesOf(entry->path());
        if (!files.empty() && (newest.empty() || timeOf(newest.back()) < timeOf(files.back()))) {
            newest = std::move(files);
        }
    }
    return newest;
}

class EventFilesReader {
public:
    EventFilesReader(HistoryBuilder& builder, const JobContext& job)
        : m_builder(builder)
        , m_job(job)
    {
    }

    void read(const fs::path& file)
    {
        const auto mapped = MappedFile::open(file);
        const auto* const begin = reinterpret_cast<const char*>(mapped->bytes().data());
        const std::string_view bytes(begin, mapped->bytes().size());
        EventRecords records(bytes);
        EventReader reader;
        m_axisStep = -1;
        std::size_t count = 0;
        for (std::string_view data; records.next(data); ++count) {
            if (count % kCheckEvery == 0) {
                m_job.checkpoint(static_cast<double>(records.at())
                                     / static_cast<double>(bytes.size()),
                                 "Reading");
            }
            const auto event = reader.read(data);
            if (!event) {
                m_builder.countUnread();
                continue;
            }
            take(*event, count == 0);
        }
        requireIntact(mapped->bytes().data());
        tellEnd(records, bytes, file);
    }

private:
    void take(const Event& event, bool isFirst)
    {
        const bool hasTime = std::isfinite(event.wallTime);
        if (isFirst && hasTime) {
            if (!(m_last < event.wallTime)) { // beside the one before: another rank
                m_begin = std::min(m_begin, event.wallTime);
            } else if (std::isfinite(m_last)) {
                m_builder.beginSession();
            }
        }
        if (event.sessionStart) {
            m_builder.beginSessionAt(event.step);
        }
        if (hasTime) {
            m_begin = std::min(m_begin, event.wallTime);
            m_last = std::max(m_last, event.wallTime);
        }
        for (const EventScalar& scalar : event.scalars) {
            m_builder.add(metricOfTag(scalar.tag), event.step, scalar.value);
        }
        if (hasTime && !event.scalars.empty() && event.step != m_axisStep) {
            m_axisStep = event.step;
            m_builder.add(metric::kElapsed, event.step, event.wallTime - m_begin);
        }
    }

    void tellEnd(const EventRecords& records, std::string_view bytes, const fs::path& file)
    {
        m_builder.countUnread(records.damaged());
        if (records.end() == EventRecords::End::Torn) {
            m_builder.noteTorn();
        } else if (records.end() == EventRecords::End::Damaged && records.at() == 0) {
            refuseForeign(bytes.substr(0, kHeadBytes));
            throw Error(ErrorKind::Format,
                        Clause {"is no TensorBoard event file (expected records with their "
                                "checksums); choose another file"});
        } else if (records.end() == EventRecords::End::Damaged) {
            constexpr const char* kSentence = PISSARRO_SAID(
                "pissarro::core", "%1 is damaged at byte %2, and what follows there was not read");
            m_builder.note({kSentence,
                            kSentence,
                            1,
                            {shownPath(file.filename()), fmt::format("{}", records.at())}});
        }
    }

    HistoryBuilder& m_builder;
    const JobContext& m_job;
    double m_begin = std::numeric_limits<double>::infinity(); // of the run
    double m_last = -std::numeric_limits<double>::infinity(); // of all files so far
    std::int64_t m_axisStep = -1;
};

void read(std::span<const fs::path> files, HistoryBuilder& builder, const JobContext& job)
{
    EventFilesReader reader(builder, job);
    for (const fs::path& file : files) {
        try {
            reader.read(file);
        } catch (const Error& e) {
            throw e.withinOnce(shownPath(file));
        }
    }
}

} // namespace

extern const HistoryFormat kEventFiles;
const HistoryFormat kEventFiles {"events.out.tfevents.*", "TensorBoard", takes, find, read};

} // namespace pissarro::core::inline history
