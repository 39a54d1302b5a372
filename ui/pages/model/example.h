// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/linalg/spectrum.h"
#include "ui/services/run_series.h"

#include <cstdint>

namespace pissarro::ui {

// What the first screen shows before there is a model: one matrix and two short runs, as they were measured.
struct Example {
    core::Spectrum spectrum; // complete, of q_proj in layer 14
    std::int64_t rank = 0; // of the runs
    std::int64_t largestRank = 0; // that every matrix of the model has
    std::int64_t parametersPerRank = 0; // of the adapters on all linear matrices
    std::int64_t modelParameters = 0;
    RunSeries pissa; // its twin saw the same batches
    RunSeries lora;
};

// resources/demo/example.json, written by make_example.py there, which names model, data and runs. Throws: core::Error where
// the program was built with another file.
Example readExample();

} // namespace pissarro::ui
