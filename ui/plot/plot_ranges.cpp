// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plot/plot_ranges_p.h"

#include <algorithm>
#include <cmath>

namespace pissarro::ui {

QCPRange boundedRange(QCPRange range, QCPRange bounds, bool log)
{
    if (!log) {
        return range.bounded(bounds.lower, bounds.upper);
    }
    const auto logged = [](const QCPRange& r) {
        return QCPRange(std::log(std::max(r.lower, 1e-300)), std::log(std::max(r.upper, 1e-300)));
    };
    const QCPRange inside = logged(range).bounded(logged(bounds).lower, logged(bounds).upper);
    return {std::exp(inside.lower), std::exp(inside.upper)};
}

bool isSame(const QCPRange& a, const QCPRange& b)
{
    const double tolerance = 1e-6 * std::max(std::abs(b.size()), 1e-300);
    return std::abs(a.lower - b.lower) < tolerance && std::abs(a.upper - b.upper) < tolerance;
}

QCPRange paddedRange(Extent extent, std::optional<double> lower, std::optional<double> upper,
                     bool log, double room)
{
    if (extent.isEmpty()) {
        extent = log ? Extent {0.1, 10.0} : Extent {0.0, 1.0};
    }
    QCPRange range(extent.lower, extent.upper);
    if (log) {
        const double factor = std::pow(std::max(range.upper / range.lower, 1.2), room);
        range = {range.lower / factor, range.upper * factor};
    } else {
        const double size =
            range.size() > 0 ? range.size() : std::max(std::abs(range.upper) * 0.1, 1e-6);
        const double pad = size * (range.size() > 0 ? room : 1.0);
        range = {range.lower - pad, range.upper + pad};
    }
    range.lower = lower.value_or(range.lower);
    range.upper = upper.value_or(range.upper);
    if (!(range.upper > range.lower)) {
        range.upper = log ? range.lower * 10 : range.lower + 1;
    }
    return range;
}

} // namespace pissarro::ui
