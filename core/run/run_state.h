// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace pissarro::core::inline run {

struct RunSummary;

// The one state of a run and its one word: "running", "paused", "finished", "finished early", "stopped", "failed",
// "interrupted".
//
// Interrupted is what a reader finds: the file says running or paused, but no program holds the run's lock any more, nor
// has one of another machine, whose locks are not seen here, written within ten minutes.
// FinishedEarly: the evaluations ended it, `patience` of them in a row without a better loss.
enum class RunState { Running, Paused, Finished, FinishedEarly, Stopped, Failed, Interrupted };

std::string_view runStateName(RunState state);
RunState parseRunState(std::string_view text); // Throws: Error{Format} naming the words
bool isLive(RunState state); // a program works on it: running, paused
bool isComplete(RunState state); // came to its own end: finished, finished early

// One sentence for strip, card and list: "interrupted at step 20 of 240; resuming goes on from the checkpoint of step
// 16", "failed at step 3 of 240: …".
std::string runStateText(const RunSummary& run);

// The last line that says something of RUNDIR/worker.log: what a trainer in a process of its own said last. Of twins the
// log lies in the folder above. Empty: there is none.
std::string lastWords(const std::filesystem::path& runDirectory);

} // namespace pissarro::core::inline run
