// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plot/heat_scale.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <vector>

namespace pissarro::ui {

HeatEnds heatEnds(const HeatScale& scale, const QVector<double>& values)
{
    Q_ASSERT(scale.beyond >= 0.0 && scale.beyond < 0.5);
    std::vector<double> known;
    std::copy_if(values.begin(), values.end(), std::back_inserter(known),
                 [](double value) { return std::isfinite(value); });
    std::sort(known.begin(), known.end());
    HeatEnds ends;
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    ends.least = known.empty() ? kInfinity : known.front();
    ends.most = known.empty() ? -kInfinity : known.back();
    ends.lower = ends.least;
    ends.upper = ends.most;
    if (!known.empty()) {
        const auto beyond =
            static_cast<std::size_t>(scale.beyond * static_cast<double>(known.size()));
        ends.lower = known[beyond];
        ends.upper = known[known.size() - 1 - beyond];
        const auto step = std::lower_bound(scale.steps.cbegin(), scale.steps.cend(), ends.upper);
        ends.upper = step == scale.steps.cend() ? ends.upper : *step;
    }
    ends.lower = scale.lower.value_or(ends.lower);
    ends.upper = scale.upper.value_or(ends.upper);
    return ends;
}

} // namespace pissarro::ui
