// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// The only door to QCustomPlot: its 2.1 header needs Qt's plain keywords and warns under our flags.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Woverloaded-virtual"
#include <qcustomplot.h> // IWYU pragma: export
#pragma GCC diagnostic pop
