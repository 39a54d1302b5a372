// SPDX-License-Identifier: GPL-3.0-or-later
// Sweeps as texts, and what stands for the trainer where a test is about the queue: it writes a run folder step by step as the
// trainer does, with losses that follow from the spec alone.
#pragma once

#include "core/run/run_directory.h"
#include "core/run/run_log.h"
#include "core/sweep/sweep_runner.h"
#include "core/tensor/devices.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>

namespace pissarro::tests {

// JSON with ' for ".
inline std::string quoted(std::string text)
{
    std::replace(text.begin(), text.end(), '\'', '"');
    return text;
}

inline core::SweepSpec sweepOf(const std::string& text)
{
    return core::sweepFromJson(quoted(text));
}

// {'base': {…six steps on nothing…}, MORE}
inline core::SweepSpec smallSweep(const std::string& more)
{
    return sweepOf("{'base': {'model': 'm', 'data': 'd.jsonl', 'steps': 6, 'dtype': 'float32', "
                   "'device': 'cpu'}, "
                   + more + "}");
}

// Falls with the steps; lower for rates near 1e-3 and for higher ranks.
inline double scriptedLoss(const core::RunSpec& spec, std::int64_t step)
{
    return 1.0 + std::abs(std::log10(spec.learningRate) + 3.0)
        + 1.0 / static_cast<double>(spec.rank) + 1.0 / static_cast<double>(step)
        + 0.01 * static_cast<double>(spec.seed);
}

inline core::StepRecord scriptedStep(const core::RunSpec& spec, std::int64_t step)
{
    core::StepRecord record;
    record.step = step;
    record.loss = scriptedLoss(spec, step);
    record.learningRate = spec.learningRate;
    record.tokens = 10 * step;
    record.elapsedS = 0.5 * static_cast<double>(step);
    record.tokensPerS = 20.0;
    record.batchHash = "b" + std::to_string(step);
    if (spec.evalRatio > 0.0 && step == spec.steps) {
        record.evalLoss = record.loss + 0.5;
        record.evalChoosing = record.loss + 0.4;
        record.evalReported = record.loss + 0.6;
    }
    return record;
}

// Rates of 1 run away at step 3.
inline std::vector<core::RunSummary> scriptedTrain(const core::TrainRequest& request,
                                                   core::TrainObserver& observer,
                                                   const core::JobContext& job)
{
    namespace fs = std::filesystem;
    fs::create_directories(request.runDirectory);
    core::RunSummary run;
    if (request.resume && fs::exists(request.runDirectory / core::kRunFile)) {
        run = core::readRun(request.runDirectory);
    }
    run.directory = request.runDirectory;
    run.spec = request.spec;
    run.steps = request.spec.steps;
    run.state = core::RunState::Running;
    run.startedAt = "2026-11-29T15:00:00Z";
    run.trainableParameters = 100 * request.spec.rank;
    core::writeRun(run);
    observer.runPrepared(0, run);
    run.state = core::RunState::Finished;
    {
        core::RunLog log(request.runDirectory, run.step);
        while (run.step < run.steps) {
            job.throwIfCancelled();
            if (request.control->stopRequested()) {
                run.state = core::RunState::Stopped;
                break;
            }
            if (request.spec.learningRate >= 1.0 && run.step == 2) {
                run.state = core::RunState::Failed;
                run.message = "the loss is not finite at step 3";
                core::writeRun(run);
                throw core::Error(core::ErrorKind::Numeric, run.message);
            }
            const core::StepRecord record = scriptedStep(request.spec, ++run.step);
            log.add(record);
            observer.stepDone(0, record);
        }
    }
    core::writeRun(run);
    return {run};
}

inline core::SweepOptions scripted()
{
    core::SweepOptions options;
    options.train = scriptedTrain;
    return options;
}

} // namespace pissarro::tests
