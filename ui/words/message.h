// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace pissarro::ui {

// A message of core for the window, where nobody types options: "go on with --resume" becomes "go on with resume",
// "expected --as merged" becomes "expected as merged". Paths and file names that hold two dashes stay as they are.
QString withoutOptionDashes(const QString& message);

} // namespace pissarro::ui
