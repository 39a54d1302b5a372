// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"
#include "core/dataset/batches.h"
#include "core/model/model_files.h"
#include "core/run/run_inputs.h"
#include "core/run/run_spec.h"

#include <memory>
#include <string>
#include <vector>

namespace pissarro::core::inline training {

class SharedInputs;

constexpr std::int64_t kProbeRows = 2; // rows of a micro-batch that step 0 is compared on

// What a run learns from.
struct TrainingData {
    std::unique_ptr<BatchSource> training; // at its start
    std::unique_ptr<BatchSource> held; // examples that are only evaluated; null: none
    Batch probe; // what step 0 is compared on: the first rows with a token that the loss counts
    RunInputs inputs; // the data's part of what a run is known by
    std::vector<std::string> notes; // what of the rows is not used, or otherwise than one may think
};

// Opens the spec's data or ready batches and looks at every micro-batch that the run will take in its first epoch.
// Throws: Error{Io}; Error{Format} naming the file and a token id that the model lacks, or the step whose micro-batches
//   hold no label to learn; Cancelled.
// `shared`: keeps the tokens for a later run; null: nothing is kept. `now`: what a chat template's strftime_now says; empty: the
// clock.
TrainingData openTrainingData(const RunSpec& spec, const ModelFiles& files, const JobContext& job,
                              SharedInputs* shared = nullptr, const std::string& now = {});

} // namespace pissarro::core::inline training
