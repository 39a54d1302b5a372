// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"
#include "core/model/model_files.h"

#include <cstdint>
#include <string>
#include <vector>

namespace pissarro::core::inline analysis {

// What the fast SVD costs and misses on these very matrices, setting by setting, beside the exact one.
struct MeterOptions {
    std::vector<int> niters {1, 2, 4, 8, 16};
    std::vector<std::int64_t> ranks {1, 2, 4, 8, 16, 32, 64, 128}; // cut to what each matrix has
    std::vector<std::int64_t> oversamplings {8};
    int repeats = 3; // of each timing; the median counts
    std::uint64_t seed = 0;
};

struct MeterRow {
    bool exact = false; // niter and oversampling have no meaning then
    int niter = 0;
    std::int64_t rank = 0;
    std::int64_t oversampling = 0;
    double seconds = 0.0; // of all chosen matrices together, medians summed; one thread
    // Of all matrices of the model, by their share of the work: O I for fast, O I K + K^3 for exact.
    double projectedSeconds = 0.0;
    // Means over the chosen matrices; 0 for exact.
    double subspaceError = 0.0; // (mean sin^2 of the principal angles)^1/2, the worse of both sides
    double reconstructionError =
        0.0; // ||W - fast||_F / ||W - best||_F - 1: excess over Eckart-Young
    double initError =
        0.0; // mean |B A exact - B A fast| over the entries: what table 6 of the paper sums
};

// Decomposes every chosen matrix exactly and with every setting. Rows: niter by niter, oversampling, rank; exact last.
// One matrix at a time is in memory.
// Throws: Error{InvalidArgument} for an empty choice; Cancelled within one decomposition.
std::vector<MeterRow> measureFastSvd(const ModelFiles& files,
                                     const std::vector<LinearModule>& modules,
                                     const MeterOptions& options, const JobContext& job);

// The rows as tables niter x rank, one for time and one for each error, laid out as table 6 of arXiv:2404.02948: Markdown.
std::string meterToMarkdown(const std::vector<MeterRow>& rows);
std::string meterToCsv(const std::vector<MeterRow>& rows); // a line a row, with a header

} // namespace pissarro::core::inline analysis
