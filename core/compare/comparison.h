// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/analysis/rank_map.h"
#include "core/compare/compared_run.h"
#include "core/compare/paper.h"
#include "core/compare/quant_errors.h"
#include "core/compare/rank_proposal.h"
#include "core/compare/run_claims.h"
#include "core/compare/run_differences.h"
#include "core/compare/scoreboard.h"
#include "core/compare/update_map.h"
#include "core/file/output.h"

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace pissarro::core::inline compare {

struct CompareOptions {
    std::vector<std::filesystem::path> evaluations; // folders of `eval`
    std::vector<std::filesystem::path> quantErrors; // files of `quant-error`
    bool withUpdate = true; // where the update went: reads weights
    UpdateMapOptions update;
    double share = kProposedShare; // of the proposed maps of ranks
    std::int64_t spectra =
        1; // matrices whose σ before and after is computed: those that changed most
    std::string experiment; // of the paper, beside which one's own results are laid; empty: none
};

// What was found in one run.
struct RunFindings {
    std::optional<RunUpdate> update; // none: it keeps no state, or was not asked for
    std::optional<RankMap> ranks; // proposed for the next run; none of whole matrices
    std::vector<SpectraBesides> spectra;
};

// Everything that is told of runs side by side: what a page shows, a report says and the command line prints.
struct RunComparison {
    std::vector<ComparedRun> runs;
    RunDifferences differences;
    std::vector<Scoreboard> evaluations;
    std::vector<MeasuredQuantErrors> quantErrors;
    RunClaims claims;
    std::vector<RunFindings> findings; // of each run
    const PaperExperiment* experiment = nullptr; // null: none was asked for
    std::vector<std::string> notes; // what could not be told, and why: a sentence each
};

// Throws: Error{InvalidArgument} where a path holds no run, or there is no such experiment; Error{Io}, Error{Format} of a run or
//   an evaluation that cannot be read; Cancelled. Whatever of a run's weights cannot be read becomes a note.
RunComparison compareRuns(const std::vector<std::filesystem::path>& paths,
                          const CompareOptions& options, const JobContext& job);

// The rule with all that the runs were made of, which is known once they are open: a report replaces none of it.
OutputRule withBases(const OutputRule& rule, const RunComparison& found);

// DESIGN §7: {"runs", "differences", "update", "claims", "sentence"}, and beyond it "basis", "inputs", "step_zero", "checkpoints"
// (every measure of each state that is kept), "rank_maps", "notes".
nlohmann::ordered_json comparisonJson(const RunComparison& comparison);

} // namespace pissarro::core::inline compare
