// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/report/plot.h"

namespace pissarro::core::inline report {

Drawing drawnLines(const LinePlot& plot, double width, double height);
Drawing drawnBars(const BarPlot& plot, double width);
Drawing drawnHeatMap(const HeatMap& map, double width);

constexpr double kWordSize = 11.0;

} // namespace pissarro::core::inline report
