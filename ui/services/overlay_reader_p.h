// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/services/overlay.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <tuple>

namespace pissarro::ui {

// Reads the runs of an Overlay, and makes what is drawn of them. Threads: one at a time; what it returns, any.
class OverlayReader {
public:
    // Reads what is new, and what is wanted of a run for the first time; `partly` is given what there is so far, a few times
    // a second. Returns what is drawn now; nothing where that is the picture of serial `known`.
    // Throws: Cancelled; what was read until then is kept.
    std::optional<OverlayPicture> look(const QVector<OverlayRun>& runs, const OverlayWish& wish,
                                       quint64 known, const core::JobContext& job,
                                       const std::function<void(OverlayPicture)>& partly = {});

private:
    using Clock = std::chrono::steady_clock;
    // Files with size and time: whether a run has told more.
    using Marks =
        std::vector<std::tuple<std::string, std::uintmax_t, std::filesystem::file_time_type>>;

    struct Entry {
        std::uint64_t reading = 0; // which one this is, of all; 0: it was not read
        OverlayRun run; // as it was read, with the two below
        QString metric;
        core::HistoryAxis axis = core::HistoryAxis::Step;
        Marks marks;
        Clock::time_point readAt;
        Clock::duration took {};
        core::HistoryCurve curve; // without steps where they are x
        OverlayFacts facts;
        QByteArray drawnBy; // what `drawn` depends on
        std::vector<OverlayCurve> drawn;
    };
    // Points with the steps that they are of.
    struct Line {
        std::vector<core::CurvePoint> points;
        std::vector<std::int64_t> steps;
    };
    struct Band {
        QByteArray drawnBy;
        std::vector<OverlayCurve> drawn;
    };

    static bool isReadFor(const Entry& entry, const OverlayWish& wish);
    static Marks marksOf(const std::filesystem::path& path);
    bool isWanted(const Entry& entry, const OverlayRun& run, const OverlayWish& wish,
                  const Marks& marks) const;
    void read(Entry& entry, const OverlayRun& run, const OverlayWish& wish, Marks marks,
              const core::JobContext& job);
    void forgetOthers(const QVector<OverlayRun>& runs);

    OverlayPicture pictureOf(const QVector<OverlayRun>& runs, const OverlayWish& wish);
    const std::vector<OverlayCurve>& linesOf(Entry& entry, const OverlayWish& wish, bool withRaw);
    const std::vector<OverlayCurve>& bandOf(const QString& recipe, const QStringList& runs,
                                            const OverlayWish& wish);
    Line lineOf(const Entry& entry, const OverlayWish& wish) const; // before it is smoothed
    QByteArray madeBy(const Entry& entry, const OverlayWish& wish) const;

    std::map<QString, Entry> m_entries; // by path
    std::map<QString, Band> m_bands; // by recipe
    std::uint64_t m_readings = 0;
    quint64 m_serial = 0; // of what would be drawn now
    QVector<OverlayRun> m_runs; // that it is of
    OverlayWish m_wish;
};

} // namespace pissarro::ui
