// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/adapter/method.h"
#include "core/base/job_context.h"
#include "core/model/model_files.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace pissarro::core::inline analysis {

// What a rank leaves of a few matrices in four bits, for whoever drags a rank: what ranks share is kept for the matrices
// asked for last.
// Memory: for each of them W in float32 and the singular vectors of its smaller side.
// Threads: one call at a time, on any.
class QuantErrorProbe {
public:
    // Requires: iterates(method), iters >= 1.
    QuantErrorProbe(std::shared_ptr<const ModelFiles> files, Method method, int iters);
    ~QuantErrorProbe();

    struct Question {
        LinearModule module;
        std::int64_t rank = 0;
    };
    // The nuclear error of each as a share of QLoRA's, 0 where QLoRA leaves nothing; several at a time, each on one thread.
    // Throws: Error{InvalidArgument} for a rank above the smaller side; Error{Format} for NaN or Inf; both name the module.
    //   Cancelled within one decomposition.
    std::vector<double> sharesAt(const std::vector<Question>& questions, const JobContext& job);

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace pissarro::core::inline analysis
