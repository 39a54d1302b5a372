// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/run_follower.h"
#include "core/train/trainer.h"
#include "ui/words/twin_rates.h"

#include <QString>

namespace pissarro::ui {

// pissarro-cli beside this program or on the PATH; empty where there is none.
QString trainerProgram();

// Starts pissarro-cli on `request` as a process of its own session, which outlives this one, and
// returns what watches it. `rates`: of twins; they stand in for those of the request. Its spec is RUNDIR/spec.json, its messages go to the end of
// RUNDIR/worker.log.
// Throws: core::Error{Io} when the program is not there or does not start, or the folder cannot be
// written. Threads: any.
core::FollowRequest startTrainer(const core::TrainRequest& request, const TwinRates& rates = {});

} // namespace pissarro::ui
