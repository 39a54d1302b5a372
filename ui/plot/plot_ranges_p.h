// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/plot/plot_shape.h"
#include "ui/plot/qcustomplot.h"

#include <optional>

namespace pissarro::ui {

// `range` moved and shrunk into `bounds`, in log space for a log axis.
QCPRange boundedRange(QCPRange range, QCPRange bounds, bool log);
bool isSame(const QCPRange& a, const QCPRange& b); // within a millionth of b
// The extent as a range with room around it; the limits that a page set stand as they are.
QCPRange paddedRange(Extent extent, std::optional<double> lower, std::optional<double> upper,
                     bool log, double room);

} // namespace pissarro::ui
