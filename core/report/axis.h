// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

namespace pissarro::core::inline report {

// A number as people read it: four significant digits at most, thousands apart, "1.2e-3", "−0.5"; "–" for none (NaN).
std::string figureText(double value, int digits = 4);
// Of one column: with as many decimals each, "6.043" over "6.060"; where they are of very unlike size each for itself.
std::vector<std::string> columnTexts(const std::vector<double>& values, int digits = 4);
std::string percentText(double share, int decimals = 1); // 0.243: "24.3 %"
// A name of files as people read it: "no_difference" and "eval_loss" with spaces.
std::string spacedName(std::string name);

// A value on an axis, from 0 (its low end) to 1. Requires: low < high; of a logarithmic one both above 0.
struct Scale {
    double low = 0.0;
    double high = 1.0;
    bool isLog = false;

    double
    place(double value) const; // NaN for what has none: NaN, on a logarithmic axis 0 and less
};

struct Tick {
    double at = 0.0;
    std::string label;
};

// Ticks at 1, 2 and 5 times powers of ten, `most` of them at most but no fewer than two; of a logarithmic scale at 1 of each
// decade, or at 1, 2, 5 where it has few. All of them lie within the scale.
std::vector<Tick> niceTicks(const Scale& scale, int most);

// A scale that holds the values with some room; finite values alone count, of a logarithmic one those above 0. Where there is
// nothing, or one value, a scale around it.
Scale scaleOver(const std::vector<double>& values, bool isLog);

} // namespace pissarro::core::inline report
