// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QVector>

namespace pissarro::ui {

// How runs of one method are told from each other: in the method's colour, by dash and by shade. A shade is nearer to the
// text's colour, so that none is paler than the method's own.
struct RunStroke {
    QColor color;
    QVector<double> dash; // in widths of the line; empty: whole

    friend bool operator==(const RunStroke&, const RunStroke&) = default;
};

constexpr int kRunStrokes = 12; // that differ; then they begin again

// Of the run at that place among those of its method, from 0: the first whole and in the method's own colour, the second
// dashed. By the theme in force.
RunStroke runStroke(const QColor& method, int place);

} // namespace pissarro::ui
