// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/file/output.h"
#include "core/sweep/sweep_state.h"

#include <cstdint>
#include <filesystem>
#include <functional>

namespace pissarro::core::inline sweep {

constexpr const char* kSweepFile = "sweep.json";
constexpr const char* kEvaluations = "eval"; // folder of what the runs were asked

// A sweep on disk: DIR/sweep.json holds what was asked for and the state of each run, DIR/runs/<name>/ is that run, an ordinary
// run folder.
//
// Windows, command lines and other machines may work at one sweep side by side: each change reads the file under its lock,
// changes it and moves a new one into its place, so that a reader, and whoever is there after a power cut, sees the state
// before the change or after it.
// Threads: any number of users, in this and other programs.
class SweepStore {
public:
    // Opens a sweep that is there. Throws: Error{Io}, Error{Format} naming the file; Error{InvalidArgument} as planSweep().
    explicit SweepStore(std::filesystem::path folder);

    const std::filesystem::path& folder() const { return m_folder; } // absolute
    const SweepSpec& spec() const { return m_spec; }
    const SweepPlan& plan() const { return m_plan; }
    std::filesystem::path runFolder(const std::string& name) const;

    SweepState read() const; // Throws: Error{Io}, Error{Format} naming the file
    // Returns the state after `change`, which is written when it differs. What `change` throws changes nothing.
    // Throws: Error{Io}, Error{Format} naming the file.
    SweepState change(const std::function<void(SweepState&)>& change) const;

    // What the file is known by: another number once it was written again. 0: there is none. Cost: one look at the folder.
    std::uint64_t version() const;

    // Held by the program that trains a run, and by the system for it: it ends with the program. FILE of a FileLock.
    std::filesystem::path claimFile(const std::string& name) const;

private:
    SweepState readLocked() const;
    void write(const SweepState& state) const;

    std::filesystem::path m_folder;
    SweepSpec m_spec;
    SweepPlan m_plan;
};

// Whether a sweep is in the folder.
bool holdsSweep(const std::filesystem::path& folder);

// Whether openSweep() would begin it, for what has to be asked before: an earlier output goes with the beginning. Nothing is
// touched. Throws: as openSweep().
bool beginsSweep(const std::filesystem::path& folder, const SweepSpec& spec,
                 const OutputRule& rule);

// Opens the sweep of `folder`, or begins it there: a folder that is missing or empty is taken by the rule for outputs
// (core/file/output.h), and one that holds this very sweep is gone on with, whatever was done of it.
// Throws: Error{InvalidArgument} naming what differs where it holds another sweep, or something else; as planSweep(); Error{Io}.
SweepStore openSweep(const std::filesystem::path& folder, const SweepSpec& spec,
                     const OutputRule& rule);

} // namespace pissarro::core::inline sweep
