// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/services/machine_pace.h"

namespace pissarro::ui {

namespace {
constexpr qint64 kShortestMs = 200; // opening and starting weigh too much in less
}

double paceOf(const QElapsedTimer& clock, double work)
{
    const qint64 took = clock.elapsed();
    return took >= kShortestMs && work > 0.0 ? static_cast<double>(took) / 1000.0 / work : 0.0;
}

void keepPace(const Setting<double>& setting, double pace)
{
    if (pace > 0.0) {
        store(setting, pace);
    }
}

} // namespace pissarro::ui
