// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/look/run_stroke.h"

#include "ui/look/theme.h"

#include <algorithm>
#include <array>

namespace pissarro::ui {

namespace {

constexpr std::array kShades {0.0, 0.32, 0.6}; // of the way to the text's colour

const std::array<QVector<double>, 4>& dashes()
{
    static const std::array<QVector<double>, 4> kDashes {
        QVector<double> {}, {5.0, 2.5}, {1.5, 1.8}, {7.0, 2.0, 1.5, 2.0}};
    return kDashes;
}

} // namespace

RunStroke runStroke(const QColor& method, int place)
{
    // Whole and dashed in each shade, then the dotted ones.
    const int at = std::max(0, place) % kRunStrokes;
    const int pair = at / 2;
    const auto shade = static_cast<std::size_t>(pair) % kShades.size();
    const std::size_t dash = static_cast<std::size_t>(at) % 2 + (at < kRunStrokes / 2 ? 0U : 2U);
    const QColor text = Theme::instance().colors().text;
    return {kShades[shade] == 0.0 ? method : Theme::mixed(method, text, kShades[shade]),
            dashes()[dash]};
}

} // namespace pissarro::ui
