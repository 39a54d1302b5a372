// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/history/history.h"
#include "core/history/history_format.h"
#include "ui/services/overlay_reader_p.h"
#include "ui/words/message.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace pissarro::ui {

namespace {

namespace fs = std::filesystem;

constexpr auto kPartly = std::chrono::milliseconds(150); // between pictures while runs are read
// A file that grows is read again as a whole: for so many times as long as that took it is left alone.
constexpr int kRest = 50;

fs::path fileOf(const OverlayRun& run)
{
    return fs::path((run.log.isEmpty() ? run.path : run.log).toStdString());
}

OverlayFacts factsOf(const core::History& history, const core::HistoryCurve& curve)
{
    OverlayFacts facts;
    facts.trainer = QString::fromStdString(history.title);
    facts.step = history.step;
    facts.steps = history.steps;
    for (const auto& [name, series] : history.metrics) {
        facts.metrics.append(QString::fromStdString(name));
    }
    for (const core::Said& note : history.notes) {
        facts.notes.append(messageText(note));
    }
    for (const core::CurvePoint& point : curve.points) {
        if (std::isfinite(point.y)) {
            facts.last = point.y;
            facts.lowest = std::isnan(facts.lowest) ? point.y : std::min(facts.lowest, point.y);
        }
    }
    return facts;
}

} // namespace

OverlayReader::Marks OverlayReader::marksOf(const fs::path& path)
{
    std::vector<fs::path> files;
    std::error_code unknown;
    if (!fs::is_directory(path, unknown)) {
        files.push_back(path);
    } else {
        for (const core::HistoryFormat* format : core::allHistoryFormats()) {
            const auto found = format->find(path);
            files.insert(files.end(), found.begin(), found.end());
        }
    }
    Marks marks;
    for (const fs::path& file : files) {
        std::error_code gone;
        const std::uintmax_t size = fs::file_size(file, gone);
        const fs::file_time_type time = fs::last_write_time(file, gone);
        if (!gone) {
            marks.emplace_back(file.string(), size, time);
        }
    }
    return marks;
}

bool OverlayReader::isWanted(const Entry& entry, const OverlayRun& run, const OverlayWish& wish,
                             const Marks& marks) const
{
    if (!isReadFor(entry, wish) || entry.run != run) {
        return true;
    }
    return entry.marks != marks && Clock::now() - entry.readAt >= kRest * entry.took;
}

void OverlayReader::read(Entry& entry, const OverlayRun& run, const OverlayWish& wish, Marks marks,
                         const core::JobContext& job)
{
    const Clock::time_point begin = Clock::now();
    core::HistoryCurve curve;
    OverlayFacts facts;
    const bool isYoung = !run.log.isEmpty() && marks.empty(); // its first step is to come
    try {
        if (!isYoung) {
            const core::History history = core::readHistory(fileOf(run), job);
            curve = core::curveOf(history, wish.metric.toStdString(), wish.axis, run.flopsPerToken);
            facts = factsOf(history, curve);
        }
    } catch (const core::Error& e) {
        facts.problem = QString::fromStdString(e.what());
    }
    if (wish.axis == core::HistoryAxis::Step) {
        curve.steps = {};
    }
    entry.run = run;
    entry.metric = wish.metric;
    entry.axis = wish.axis;
    entry.marks = std::move(marks);
    entry.curve = std::move(curve);
    entry.facts = std::move(facts);
    entry.took = Clock::now() - begin;
    entry.readAt = Clock::now();
    entry.reading = ++m_readings;
    ++m_serial;
}

void OverlayReader::forgetOthers(const QVector<OverlayRun>& runs)
{
    std::erase_if(m_entries, [&runs](const auto& one) {
        return std::none_of(runs.cbegin(), runs.cend(),
                            [&one](const OverlayRun& run) { return run.path == one.first; });
    });
    std::erase_if(m_bands, [&runs](const auto& one) {
        return std::none_of(runs.cbegin(), runs.cend(),
                            [&one](const OverlayRun& run) { return run.recipe == one.first; });
    });
}

std::optional<OverlayPicture> OverlayReader::look(const QVector<OverlayRun>& runs,
                                                  const OverlayWish& wish, quint64 known,
                                                  const core::JobContext& job,
                                                  const std::function<void(OverlayPicture)>& partly)
{
    if (m_serial == 0 || runs != m_runs || !(wish == m_wish)) {
        ++m_serial;
    }
    m_runs = runs;
    m_wish = wish;
    forgetOthers(runs);
    Clock::time_point told = Clock::now();
    for (qsizetype i = 0; i < runs.size(); ++i) {
        job.throwIfCancelled();
        const OverlayRun& run = runs[i];
        Entry& entry = m_entries[run.path];
        Marks marks = marksOf(fileOf(run)); // before: what is written meanwhile is news then
        if (!isWanted(entry, run, wish, marks)) {
            continue;
        }
        job.checkpoint(static_cast<double>(i) / static_cast<double>(runs.size()), "Reading");
        read(entry, run, wish, std::move(marks), core::JobContext(job.stopToken()));
        if (partly && Clock::now() - told >= kPartly) {
            partly(pictureOf(runs, wish));
            told = Clock::now();
        }
    }
    return known == m_serial ? std::nullopt : std::optional(pictureOf(runs, wish));
}

} // namespace pissarro::ui
