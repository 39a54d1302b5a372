// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"
#include "core/linalg/spectrum.h"
#include "core/model/model_files.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace pissarro::core::inline analysis {

// What fine-tuning did to one matrix: Delta W = W_tuned - W_base.
struct UpdateSpectrum {
    std::string module;
    Spectrum base;
    Spectrum tuned;
    Spectrum delta;
    double relativeNorm = 0.0; // ||Delta W||_F / ||W||_F
    // Cosines of the principal angles between the leading singular subspaces of W and of Delta W, descending: 1 where a
    // direction of the update lies within the base's principal ones. As many as `rank`, fewer where Delta W has fewer.
    std::vector<double> outputCosines; // left: of out_features
    std::vector<double> inputCosines; // right: of in_features
};

struct UpdateOptions {
    std::int64_t rank = 16; // of the subspaces compared; cut to what a matrix has
};

// Compares matrix by matrix with a fine-tuned model of the same shapes, or with a PEFT adapter for `base`.
//
// onResult is called once for each module in the order of completion, one call at a time, on the calling thread or on one
// of LibTorch's. Holds one matrix of each model a thread.
// Throws: Error{InvalidArgument} when the architectures differ (naming the module), Error{Format}, Error{Numeric};
//   Cancelled within one matrix.
void compareWithTuned(
    const std::shared_ptr<const ModelFiles>& base,
    const std::filesystem::path& tuned, // model, or folder with adapter_config.json
    const std::vector<LinearModule>& modules, const UpdateOptions& options,
    const std::function<void(UpdateSpectrum)>& onResult, const JobContext& job);

} // namespace pissarro::core::inline analysis
