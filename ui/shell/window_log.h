// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/file/log.h"

#include <QString>

namespace pissarro::ui {

// The way of the window to the log that all of Pissarro writes (core/file/log.h): the lines are made by the caller and
// written by a thread of its own, in the order of the calls, so that a home folder that hangs does not hold up the window.
// Threads: any.
QString windowLogPath();
void logWindow(const QString& text, core::LogLevel level = core::LogLevel::Error);
void logWindowStart(); // which version begins, on what machine
void flushWindowLog(); // waits until all of it is written, for the end of the program and for tests

} // namespace pissarro::ui
