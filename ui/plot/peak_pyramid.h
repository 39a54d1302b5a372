// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>

#include <cstdint>
#include <functional>
#include <vector>

namespace pissarro::ui {

// Lowest and highest value of stretches of a curve that grows at its end, the stretches of each level twice as long as those
// below: what a plot draws of a million points without losing a peak. About 2 bytes a point. NaN is no value.
// Threads: one.
class PeakPyramid {
public:
    // The value of a point, whose index is below size().
    using Values = std::function<double(qsizetype)>;

    qsizetype size() const { return m_size; } // points so far
    // Points [size(), size) are there by now. Cost: twice theirs.
    void grow(qsizetype size, const Values& values);

    // Points of [from, to) to draw, their indices rising: all of them where they are at most `most`, else the lowest and the
    // highest of each of about `most` stretches, and the first and the last point. Whatever value a point of [from, to)
    // has, one drawn in its stretch is as low and one as high. Of a stretch without values the first point is drawn: the
    // gap. Cost: most, not to - from.
    std::vector<qsizetype> pick(qsizetype from, qsizetype to, qsizetype most,
                                const Values& values) const;

private:
    struct Peaks {
        std::uint32_t lowest = kNone; // indices
        std::uint32_t highest = kNone;
    };
    static constexpr std::uint32_t kNone = 0xffffffff;
    static constexpr qsizetype kBase = 8; // points of a stretch of level 0

    static void add(Peaks& to, std::uint32_t index, const Values& values);
    static void addPeaks(std::vector<qsizetype>& picked, const Peaks& peaks, qsizetype first);
    Peaks peaksOf(qsizetype from, qsizetype to, const Values& values) const;

    qsizetype m_size = 0;
    // m_levels[k][i]: of points [i, i + 1) * kBase * 2^k; whole stretches only.
    std::vector<std::vector<Peaks>> m_levels;
};

} // namespace pissarro::ui
