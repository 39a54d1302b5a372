// SPDX-License-Identifier: GPL-3.0-or-later
// trainer_log.jsonl of LLaMA-Factory: a line each time that its trainer logs, from every rank that has the file.
#include "core/history/history_builder.h"
#include "core/history/history_format.h"
#include "core/history/json_lines.h"
#include "core/history/json_numbers.h"
#include "core/text/json_value.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace pissarro::core::inline history {

namespace {

constexpr std::string_view kFile = "trainer_log.jsonl";
constexpr double kBytesOfGb = 1024.0 * 1024.0 * 1024.0;
// Where the line stands and what follows from that: no metrics.
constexpr std::array<std::string_view, 5> kPlace {"current_steps", "total_steps", "percentage",
                                                  "elapsed_time", "remaining_time"};

// Which lines are of a program that went on from a checkpoint, and how long it all took.
//
// Ranks wait for each other at every step, so a line that is more than one told step behind is of such a program; so is
// one whose clock has begun again. All others that repeat a step are those of another rank.
class Sessions {
public:
    // Whether a line of that step begins a new one. `clock`: seconds since its program began; NaN: not told.
    bool begins(std::int64_t step, double clock)
    {
        const auto at = std::lower_bound(
            m_told.begin(), m_told.end(), step,
            [](const Told& told, std::int64_t wanted) { return told.step < wanted; });
        const bool isFarBehind = m_told.end() - at > 2;
        const bool isAnew = at != m_told.begin() && clock < std::prev(at)->clock / 2.0;
        if (!isFarBehind && !isAnew) {
            if (at == m_told.end()) {
                m_told.push_back({step, clock, m_before + clock});
            }
            return false;
        }
        m_told.erase(at, m_told.end());
        m_before = m_told.empty() ? 0.0 : m_told.back().elapsed;
        m_told.push_back({step, clock, m_before + clock});
        return true;
    }
    double elapsed(double clock) const { return m_before + clock; } // of all sessions

private:
    struct Told {
        std::int64_t step = 0;
        double clock = 0.0;
        double elapsed = 0.0;
    };
    std::vector<Told> m_told; // ascending
    double m_before = 0.0; // seconds of the sessions before, as far as they count
};

double clockOf(const nlohmann::json& record)
{
    const auto text = jsonFieldAs<std::string>(record, "elapsed_time");
    return text ? secondsOf(*text).value_or(std::nan("")) : std::nan("");
}

bool takeLine(const nlohmann::json& record, Sessions& sessions, HistoryBuilder& builder)
{
    const auto step = jsonFieldAs<std::int64_t>(record, "current_steps");
    if (!step || *step < 0) {
        return false;
    }
    const double clock = clockOf(record);
    if (sessions.begins(*step, clock)) {
        builder.beginSession();
    }
    builder.setStep(*step);
    builder.setSteps(jsonFieldAs<std::int64_t>(record, "total_steps").value_or(0));
    for (const auto& [key, value] : record.items()) {
        if (std::find(kPlace.begin(), kPlace.end(), key) != kPlace.end()) {
            continue;
        }
        if (const auto figure = figureOf(value)) {
            const std::string name = metricOf(key);
            builder.add(name, *step, name == metric::kMemory ? *figure * kBytesOfGb : *figure);
        }
    }
    if (std::isfinite(clock)) {
        builder.add(metric::kElapsed, *step, sessions.elapsed(clock));
    }
    return true;
}

void read(std::span<const std::filesystem::path> files, HistoryBuilder& builder,
          const JobContext& job)
{
    Sessions sessions;
    readJsonLines(files.front(), builder, job, [&](const nlohmann::json& record) {
        return takeLine(record, sessions, builder);
    });
}

} // namespace

extern const HistoryFormat kTrainerLog;
const HistoryFormat kTrainerLog {kFile, "LLaMA-Factory", isNamed<kFile>, fileNamed<kFile>, read};

} // namespace pissarro::core::inline history
