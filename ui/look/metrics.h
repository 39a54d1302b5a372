// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFont>

namespace pissarro::ui {

// Sizes stand in the source as they are drawn beside text of 13 px (UI.md). What is shown is in proportion to the text of the
// person who reads it: that of the system's font, larger or smaller as the settings say. Lines of one or two pixels stay.
// Another size while the window is open: Theme::setText().

constexpr int kDrawnText = 13; // px

// px for what is `drawn` px beside text of 13 px; where anything is drawn at least 1.
int scaled(double drawn);

QFont sized(QFont font, double drawn); // of the height of text that is `drawn`

// A style sheet with every "12u", drawn px, as pixels.
QString scaledSheet(const QString& sheet);

// By what the system's font is scaled, in percent: 100 is as it is. Sizes that were taken before stay: Theme::setText().
constexpr int kLeastText = 75;
constexpr int kMostText = 250;
void setTextPercent(int percent);
double textScale(); // px for a drawn one

// Asks the system for its font once more; true: it is another one now.
bool takeSystemFont();

QFont textFont(); // the system's, Inter where there is, of that size

} // namespace pissarro::ui
