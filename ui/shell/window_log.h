// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace pissarro::ui {

// $XDG_STATE_HOME/pissarro/window.log (~/.local/state/pissarro/window.log): what the window told in red, a line each.
// Two files of 256 kB at most: window.log and, older, window.log.1.
QString windowLogPath();

// Appends "2026-11-28T20:15:03 TEXT", line ends in the text made visible. Written by a thread of its own, in the order of
// the calls; where it cannot be written, nothing happens. Threads: any.
void logWindow(const QString& text);
void flushWindowLog(); // waits until all of it is written, for the end of the program and for tests

} // namespace pissarro::ui
