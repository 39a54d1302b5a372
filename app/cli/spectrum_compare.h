// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/verb.h"
#include "core/analysis/svd_meter.h"
#include "core/model/model_files.h"

#include <memory>
#include <string>
#include <vector>

namespace pissarro::cli {

// `spectrum --against TUNED`: what fine-tuning did to each matrix.
struct AgainstOptions {
    std::string tuned;
    std::int64_t rank = 16; // of the subspaces
    Output output; // .json, .csv or .safetensors
    bool json = false;
};
ExitCode spectrumAgainst(const std::shared_ptr<const core::ModelFiles>& files,
                         const std::vector<core::LinearModule>& modules,
                         const AgainstOptions& options, Session& session);

// `spectrum --meter`: time and error of the fast SVD on these matrices.
struct MeterRequest {
    core::MeterOptions how;
    Output output; // .json, .csv or .md
    bool json = false;
};
ExitCode spectrumMeter(const core::ModelFiles& files,
                       const std::vector<core::LinearModule>& modules, const MeterRequest& request,
                       Session& session);

} // namespace pissarro::cli
