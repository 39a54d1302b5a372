// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace pissarro::ui {

// Makes the sizes that open widgets were given in pixels (least and greatest sides, icons, rows and columns of tables)
// `ratio` times what they are: scaled() has another answer from now on, and whoever asked it before does not ask again.
// What paints or lays out by scaled() at each look follows by itself; windows keep their size. Going back gives the sizes
// that were there, to the pixel. Called when the text has changed.
void rescaleTakenSizes(double ratio);
// The same of fonts that widgets were given. Called after the new style sheet, which puts those back that were there before.
void rescaleTakenFonts(double ratio);

} // namespace pissarro::ui
