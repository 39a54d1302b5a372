// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QVector>

#include <optional>

namespace pissarro::ui {

// Where the colours of a HeatMap end. An end that is set stands. One that is not is the data's, less the few cells furthest
// out, which would leave all the others one colour: they have the colour of the end, and the bar says so.
struct HeatScale {
    std::optional<double> lower = {};
    std::optional<double> upper = {};
    double beyond = 0.0; // share of the cells that may lie beyond an end that is not set
    // An upper end that is not set is the first of these, ascending, that the data's is not above: it stands while the
    // values move a little. Above the last, and without any: as it falls.
    QVector<double> steps = {};
    // Of differences: the colours at the lower and the upper end, the card's between them. Not valid: cividis.
    QColor lowerColor = {};
    QColor upperColor = {};
};

struct HeatEnds {
    double lower = 0.0;
    double upper = 1.0;
    double least = 0.0; // of the values; above `most`: there is none
    double most = -1.0;

    bool known() const { return least <= most; }
};
// NaN and infinite values are left out. Requires: scale.beyond in [0, 0.5). Without any value lower is above upper.
HeatEnds heatEnds(const HeatScale& scale, const QVector<double>& values);

} // namespace pissarro::ui
