// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/report/drawing.h"

#include <string>

namespace pissarro::core::inline report {

// As an <svg> element of a page that has svgStyle() in its style sheet, so that one drawing is light and dark.
std::string svgOf(const Drawing& drawing);
std::string svgStyle();
// "--s0:#0072b2;…": what svgStyle() reads.
std::string colorVariables(bool dark);
// The class of svgStyle() for what is filled with the paint: "f s0"; of Ink::Heat none.
std::string fillClass(const Paint& paint);

} // namespace pissarro::core::inline report
