// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plot/peak_pyramid.h"

#include <algorithm>
#include <cmath>

namespace pissarro::ui {

void PeakPyramid::add(Peaks& to, std::uint32_t index, const Values& values)
{
    if (index == kNone) {
        return;
    }
    const double value = values(index);
    if (std::isnan(value)) {
        return;
    }
    if (to.lowest == kNone || value < values(to.lowest)) {
        to.lowest = index;
    }
    if (to.highest == kNone || value > values(to.highest)) {
        to.highest = index;
    }
}

// By the longest whole stretches that lie in [from, to).
PeakPyramid::Peaks PeakPyramid::peaksOf(qsizetype from, qsizetype to, const Values& values) const
{
    const auto isThere = [this, to](qsizetype at, std::size_t level, qsizetype stretch) {
        return level < m_levels.size() && at % stretch == 0 && at + stretch <= to
            && static_cast<std::size_t>(at / stretch) < m_levels[level].size();
    };
    Peaks peaks;
    for (qsizetype at = from; at < to;) {
        if (!isThere(at, 0, kBase)) {
            add(peaks, static_cast<std::uint32_t>(at), values);
            ++at;
            continue;
        }
        std::size_t level = 0;
        qsizetype stretch = kBase;
        while (isThere(at, level + 1, 2 * stretch)) {
            ++level;
            stretch *= 2;
        }
        const Peaks& whole = m_levels[level][static_cast<std::size_t>(at / stretch)];
        add(peaks, whole.lowest, values);
        add(peaks, whole.highest, values);
        at += stretch;
    }
    return peaks;
}

void PeakPyramid::grow(qsizetype size, const Values& values)
{
    m_size = size;
    if (m_levels.empty()) {
        m_levels.emplace_back();
    }
    std::vector<Peaks>& base = m_levels.front();
    for (auto i = static_cast<qsizetype>(base.size()); (i + 1) * kBase <= m_size; ++i) {
        base.push_back(peaksOf(i * kBase, (i + 1) * kBase, values));
    }
    for (std::size_t level = 0; m_levels[level].size() >= 2; ++level) {
        if (level + 1 == m_levels.size()) {
            m_levels.emplace_back();
        }
        const std::vector<Peaks>& below = m_levels[level];
        std::vector<Peaks>& above = m_levels[level + 1];
        while (2 * (above.size() + 1) <= below.size()) {
            const std::size_t left = 2 * above.size();
            Peaks both = below[left];
            add(both, below[left + 1].lowest, values);
            add(both, below[left + 1].highest, values);
            above.push_back(both);
        }
    }
}

void PeakPyramid::addPeaks(std::vector<qsizetype>& picked, const Peaks& peaks, qsizetype first)
{
    qsizetype one = peaks.lowest == kNone ? first : peaks.lowest;
    qsizetype other = peaks.highest == kNone ? first : peaks.highest;
    if (other < one) {
        std::swap(one, other);
    }
    for (const qsizetype index : {one, other}) {
        if (picked.empty() || picked.back() < index) {
            picked.push_back(index);
        }
    }
}

std::vector<qsizetype> PeakPyramid::pick(qsizetype from, qsizetype to, qsizetype most,
                                         const Values& values) const
{
    from = std::clamp<qsizetype>(from, 0, m_size);
    to = std::clamp<qsizetype>(to, from, m_size);
    std::vector<qsizetype> picked;
    if (to - from <= std::max(most, 2 * kBase)) {
        for (qsizetype i = from; i < to; ++i) {
            picked.push_back(i);
        }
        return picked;
    }
    qsizetype stretch = kBase;
    while ((to - from) / stretch > most) {
        stretch *= 2;
    }
    picked.push_back(from);
    for (qsizetype at = from; at < to;) {
        const qsizetype end = std::min(to, (at / stretch + 1) * stretch);
        addPeaks(picked, peaksOf(at, end, values), at);
        at = end;
    }
    if (picked.back() < to - 1) {
        picked.push_back(to - 1);
    }
    return picked;
}

} // namespace pissarro::ui
