// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/run_directory.h"
#include "ui/words/twin_rates.h"

#include <QString>
#include <QVector>

namespace pissarro::ui {

// How runs stand, in words. Strip, card and list take them from here, so that they cannot say different things.

// "Interrupted".
QString stateWord(core::RunState state);

// "Step 0: PiSSA equals the base within 1.2e-3 ✓", made of the numbers; why it failed is core's own sentence.
// Requires: run.stepZero.
QString stepZeroLine(const core::RunSummary& run);

// What trained beside the first of a request's runs, as starting it again is told.
QVector<core::Method> twinMethods(const QVector<core::RunSummary>& runs);

// The learning rates of those that had another one than the first.
TwinRates twinRatesOf(const QVector<core::RunSummary>& runs);

// Of a run with its twins: the one that a person has to know first (running, failed, interrupted, stopped, finished).
core::RunState stateOf(const QVector<core::RunSummary>& runs);

// Of its folder: "2026-11-28-pissa-r16"; of a twin, which lies in a folder of its request and is named after its method,
// with that: "2026-11-28/lora".
QString nameOf(const core::RunSummary& run);

// Of a curve that begins later, where a run was resumed and the records of its steps before are gone.
// Requires: firstStep > 1.
QString missingSteps(std::int64_t firstStep);

// The step of the adapter that runs keep: "20"; of twins that were best at different steps "20 (PiSSA), 30 (LoRA)".
QString keptSteps(const QVector<core::RunSummary>& runs);

// "Interrupted at step 20 of 240". steps 0: not known, the word alone.
QString stateLine(core::RunState state, std::int64_t step, std::int64_t steps);

} // namespace pissarro::ui
