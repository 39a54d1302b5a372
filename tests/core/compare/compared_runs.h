// SPDX-License-Identifier: GPL-3.0-or-later
// Short runs on the tiny model of tests/cli/tiny_model.h, one folder for all tests of a program.
#pragma once

#include "core/train/trainer.h"
#include "tests/cli/tiny_model.h"
#include "tests/core/file/test_files.h"

namespace pissarro::tests {

// A folder with the tiny model and eight batches.
struct TinyPlace {
    TinyPlace()
    {
        writeTinyModel(scratch / "model");
        writeTinyBatches(scratch / "batches.safetensors", 8);
    }
    std::filesystem::path operator/(const std::string& name) const { return scratch / name; }

    core::RunSpec spec(std::string_view method) const
    {
        core::RunSpec made;
        made.model = (scratch / "model").string();
        made.batches = (scratch / "batches.safetensors").string();
        made.method = core::methodNamed(method);
        made.rank = 4;
        made.alpha = 4;
        made.iters = 1;
        made.learningRate = 1e-3;
        made.schedule = core::Schedule::Constant;
        made.warmupRatio = 0.0;
        made.batchSize = 4; // as the file has them
        made.steps = 4;
        made.checkpointEvery = 2;
        made.keepCheckpoints = 8;
        made.dtype = core::BaseDType::Float32;
        made.device = "cpu";
        made.threads = 1;
        return made;
    }

    core::RunSummary train(const core::RunSpec& spec, const std::string& name,
                           const std::vector<core::Method>& twins = {}) const
    {
        core::TrainObserver silent;
        return core::train({spec, twins, scratch / name, false, nullptr}, silent,
                           core::JobContext())
            .front();
    }

    test::Scratch scratch;
};

} // namespace pissarro::tests
