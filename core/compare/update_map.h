// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"
#include "core/linalg/spectrum.h"
#include "core/model/model_files.h"
#include "core/run/run_checkpoints.h"
#include "core/run/run_directory.h"

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace pissarro::core::inline compare {

// Where training went: for each matrix and each state that is kept, what the run changed.
//
// Formula: Delta W = s (B_t A_t - B_0 A_0), the factors at the state less those that the run began with, whatever the method: B_0
//   is zero of a LoRA, and W_res + s B_0 A_0 or deq(Q) + s B_0 A_0 what was there before the first step. Of a whole matrix
//   that trained W_t - W_0.

// Cosines of principal angles, descending; 1 is a direction that both subspaces have. Empty: there is nothing to compare with.
struct SideCosines {
    std::vector<double> output; // among the out_features
    std::vector<double> input; // among the in_features
};

struct ModuleUpdate {
    static constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

    LinearModule module;
    std::int64_t rank = 0; // of its adapter; 0: the whole matrix trained
    // Of Delta W: every singular value; those that a product of thin factors cannot have are exactly zero.
    Spectrum delta;
    double relativeNorm =
        kUnknown; // ||Delta W||_F / ||W||_F; unknown: the untouched model is not at hand
    // Leading directions of Delta W against the columns of B_0 and the rows of A_0: PiSSA's U_r and V_r. A LoRA has no B_0.
    SideCosines toStart;
    SideCosines toBase; // against as many leading singular directions of W
    // ||W - W_start||_F / ||W||_F of a base in four bits with its fresh adapter; unknown otherwise.
    double startError = kUnknown;

    double norm() const { return std::sqrt(delta.squaredNorm); }
};

struct StateUpdate {
    std::int64_t step = 0;
    std::string title; // "step 40, the last one"
    bool isUsual = false; // the best where evaluations chose one, else the last
    std::vector<ModuleUpdate> modules; // in the order of ModelFiles::linearModules()
};

struct RunUpdate {
    std::filesystem::path path; // what was named
    std::vector<StateUpdate> states; // oldest first; never empty
    std::vector<std::string> notes; // what could not be told, and why: a sentence each
    const StateUpdate& usual() const;
};

struct UpdateMapOptions {
    std::vector<std::string> modules; // globs; empty: every matrix that trained
    std::int64_t directions =
        16; // of Delta W and of W that are compared; fewer where there are fewer
    bool everyState = true; // else the usual one alone
    bool withBase = true; // reads W: relative norms and angles to it
};

// Hears how the update of a run comes about, for whoever shows it meanwhile. Calls come one after the other, from any thread.
class UpdateObserver {
public:
    virtual ~UpdateObserver() = default;

    // Before the first matrix: every state with its modules and their ranks; `delta` of each is empty, and stays so for one that
    // is not measured yet.
    virtual void begun(const RunUpdate& /*frame*/) { }
    // A matrix, by its place among the modules: at each state.
    virtual void measured(std::size_t /*place*/, const std::vector<ModuleUpdate>& /*states*/) { }
};

// Of a run at each state that it keeps. Weights are read once a matrix, whatever the number of states; the leading directions of W
// come out of the cache of exact factors (core/linalg/factor_cache_tensors.h) where they are there.
// Memory: a matrix and its factors a thread. Cost: without W that of thin QR decompositions.
// Throws: Error{Format}: no state is kept, or it belongs to another run; Error{Numeric}; Cancelled within one matrix;
//   Error{Io}: the model is gone. One that was changed since is a note: what the factors tell stands.
// `observer`: null: nobody listens.
RunUpdate updateOfRun(const RunSummary& run, const UpdateMapOptions& options, const JobContext& job,
                      UpdateObserver* observer = nullptr);

// Of the pair that `export --as pair` writes (base, <method>_init, <method>_ft), or a PEFT folder, whose base its config
// names: one state, step 0. Throws: Error{Io}; Error{Format}; Cancelled.
RunUpdate updateOfPair(const std::filesystem::path& folder, const UpdateMapOptions& options,
                       const JobContext& job);
// Whether updateOfPair() can be asked.
bool isPairOrAdapter(const std::filesystem::path& folder);

// Spectra of one matrix before and after, for a plot.
struct SpectraBesides {
    std::string module;
    Spectrum before; // W at the start of the run
    Spectrum after; // W + Delta W
    Spectrum delta;
};
// At the usual state. Throws: as updateOfRun().
std::vector<SpectraBesides>
spectraOf(const RunSummary& run, const std::vector<std::string>& modules, const JobContext& job);

} // namespace pissarro::core::inline compare
