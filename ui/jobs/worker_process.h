// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/run_follower.h"
#include "core/train/trainer.h"
#include "ui/words/twin_rates.h"

#include <QString>

#include <filesystem>

namespace pissarro::ui {

// pissarro-cli beside this program or on the PATH; empty where there is none.
QString trainerProgram();

// Starts pissarro-cli on `request` as a process of its own session, which outlives this one, and
// returns what watches it. `rates`: of twins; they stand in for those of the request. Its spec is RUNDIR/spec.json, its messages go to the end of
// RUNDIR/worker.log.
// Throws: core::Error{Io} when the program is not there or does not start, or the folder cannot be
// written. Threads: any.
core::FollowRequest startTrainer(const core::TrainRequest& request, const TwinRates& rates = {});

// Starts pissarro-cli on the sweep of `folder` in the same way, and returns its process; what it says goes to the end of
// sweepLog(). It lets a paused sweep go on, works at it with as many programs as it names, then asks what it was to be asked.
// runsCode: a person agreed that what models write is run, in the sandbox.
// Throws: core::Error{Io} as above. Threads: any.
qint64 startSweeper(const std::filesystem::path& folder, bool runsCode);
std::filesystem::path sweepLog(const std::filesystem::path& folder);

} // namespace pissarro::ui
