// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/run_directory.h"

#include <QVector>

class QObject;

namespace pissarro::ui {

class Machine;

// Copies the commands that train such runs again, a line each, each into a folder beside the run's that is not there yet:
// once `machine` has looked for those, where `context` still lives.
void copyCommandsOf(const QVector<core::RunSummary>& runs, Machine& machine, QObject* context);

} // namespace pissarro::ui
