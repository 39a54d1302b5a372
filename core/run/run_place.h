// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/file/output.h"
#include "core/run/run_spec.h"

#include <filesystem>
#include <vector>

namespace pissarro::core::inline run {

// In a run folder: the spec of a run that a window starts in a process of its own.
constexpr const char* kSpecFile = "spec.json";
// Whether `file` is that of `directory`, a part of the run and no input that it must be kept from.
bool isOwnSpec(const std::filesystem::path& file, const std::filesystem::path& directory);

// Takes `directory` for a new run, by the rule for outputs (core/file/output.h): one that is missing (its parents too),
// empty, or left by a start of this program that recorded no step. A run that is there is replaced only when the rule
// says so, nobody trains in it and all of it is this program's; what a person put there stops it.
// `methods`: with more than one each has the folder RUNDIR/<method>, which is taken too.
// Throws: Error{InvalidArgument} naming what is there, with nothing touched; Error{Io}
void claimRunDirectory(const std::filesystem::path& directory, const std::vector<Method>& methods,
                       const OutputRule& rule);

// The same question, with nothing made or taken: before the work.
void checkRunDirectory(const std::filesystem::path& directory, const OutputRule& rule);

} // namespace pissarro::core::inline run
