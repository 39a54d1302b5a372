// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/compare/paper.h"

#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline compare {

// Puts a table of the paper down as it is printed: a row a line, cells between bars, "53.22±0.55" with its deviation, "–" for
// none.
//
//   columns: "GSM8K | MATH";  line: "PiSSA | pissa | 128 | 53.22±0.55 | 7.47±0.34"
//   that is: row | method here, or nothing | rank and T: "128 5"; 0: the recipe's | cells
std::vector<PaperFigure> paperFigures(std::string_view columns,
                                      const std::vector<std::string_view>& lines);

} // namespace pissarro::core::inline compare
