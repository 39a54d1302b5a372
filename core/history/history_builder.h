// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/history/history.h"

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline history {

// Makes a History of figures in the order in which a file tells them.
//
// Told again in one session, a figure counts as it was told first: ranks write alike, and an evaluation after the end is of
// another state. A new session goes on from a checkpoint: where it tells again what trains, all that was told before from
// that step on is gone.
class HistoryBuilder {
public:
    // Throws: Error{Format} as a clause, above 64 million figures or 4,096 metrics.
    void add(std::string_view metric, std::int64_t step, double value);
    void setSteps(std::int64_t planned) { m_steps = planned; }
    void setStep(std::int64_t step); // told of, though without a figure
    void beginSession();
    void beginSessionAt(std::int64_t step); // whatever it tells, all from that step on is gone

    void countUnread(std::int64_t pieces = 1)
    {
        m_unread += pieces;
    } // lines, records or names that are none
    void noteTorn() { ++m_torn; } // the end of a file is cut off
    void note(Said sentence) { m_notes.push_back(std::move(sentence)); }

    History finish(); // once

private:
    static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
    // What one session tells of a metric: from `begin` on to the next one's.
    struct Stretch {
        std::size_t begin = 0;
        std::size_t session = 0;
        std::int64_t lowest = 0;
    };
    struct Metric {
        MetricSeries series;
        std::vector<Stretch> stretches;
    };

    std::vector<std::int64_t>
    gonesFrom() const; // for each session, from which step later ones tell anew
    void keep(const std::string& name, Metric& metric, const std::vector<std::int64_t>& gone);
    std::vector<Said> notes() const;

    std::map<std::string, Metric, std::less<>> m_metrics;
    std::vector<std::int64_t> m_from {kNever}; // of each session
    std::size_t m_figures = 0;
    std::int64_t m_step = 0;
    std::int64_t m_steps = 0;
    std::int64_t m_unread = 0;
    std::int64_t m_torn = 0;
    std::int64_t m_again = 0;
    std::vector<Said> m_notes;
};

} // namespace pissarro::core::inline history
