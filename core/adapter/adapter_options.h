// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/adapter/method.h"
#include "core/file/output.h"
#include "core/model/rank_pattern.h"
#include "core/settings/svd_options.h"

#include <cstdint>
#include <string>
#include <vector>

namespace pissarro::core::inline adapter {

// How adapters are made; the fields are those of RunSpec.
struct AdapterOptions {
    Method method; // initModel(): on the model as it is, not on four bits
    std::int64_t rank = 16;
    double alpha = 16;
    RankPatterns patterns;
    bool rslora = false;
    double slice = 0.0; // Pissa with exact SVD only
    SvdOptions svd;
    std::vector<std::string> targets; // globs; empty: every linear matrix of the layers
    std::uint64_t seed = 0; // of LoRA's A and of the fast SVD
    std::string device = "auto"; // where matrices are decomposed: "auto", "cpu", "cuda", "cuda:1"
    int threads = 0; // 0: as many as allowedCores() says
    bool copyBase =
        false; // LoRA only: write the base beside the adapter although it is the untouched model
    OutputRule output; // what else is read (a rank map), and whether an earlier output is replaced
};

} // namespace pissarro::core::inline adapter
