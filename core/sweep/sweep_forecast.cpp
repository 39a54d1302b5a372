// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sweep/sweep_forecast.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/base/machine_memory.h"
#include "core/dataset/batches.h"
#include "core/model/rank_pattern.h"
#include "core/run/run_directory.h"
#include "core/session/open_model.h"
#include "core/tensor/devices.h"
#include "core/text/message_text.h"
#include "core/train/memory_estimate.h"
#include "core/train/shared_inputs.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>

namespace pissarro::core::inline sweep {

namespace {

constexpr double kShareOfForward = 1.0 / 3.0; // of a step's time: the backward pass is twice it
constexpr double kShareOfMemory = 0.9; // of the machine's that runs may take together

// What a run's length follows from.
struct Load {
    std::int64_t steps = 0;
    double tokens = 0.0; // that its steps train on
    double heldTokens = 0.0; // that its evaluations read, all of them
    std::int64_t largest = 0; // tokens of the largest micro-batch
};

// Of ready batches: the tokens of one pass, and what a pass is.
struct Pass {
    double tokens = 0.0;
    std::int64_t largest = 0;
    std::int64_t batches = 0;
};

Pass passOver(const std::string& file, const JobContext& job)
{
    const auto source = fileBatches(file);
    Pass pass;
    pass.batches = source->batchesPerEpoch();
    for (std::int64_t i = 0; i < pass.batches; ++i) {
        job.throwIfCancelled();
        pass.tokens += static_cast<double>(source->next().tokens());
    }
    pass.largest = source->largest(pass.batches);
    return pass;
}

class Foreteller {
public:
    Foreteller(const JobContext& job, const PaceOf& paceOf)
        : m_job(job)
        , m_paceOf(paceOf)
    {
    }

    void add(const PlannedRun& run, SweepForecast& forecast)
    {
        m_job.throwIfCancelled();
        RunSpec spec = run.spec;
        takeModelPath(spec);
        const auto files = m_shared.files(spec.model);
        requireRank(run, *files);
        const Load load = loadOf(spec, *files);
        const Pace pace = paceOfRun(spec);
        forecast.steps += load.steps;
        forecast.seconds += pace.startSeconds
            + pace.secondsPerToken * (load.tokens + kShareOfForward * load.heldTokens);
        forecast.diskBytes += estimateDisk(*files, spec, {}, load.steps).total();
        forecast.memoryBytes =
            std::max(forecast.memoryBytes, estimateMemory(*files, spec, {}, load.largest).total());
    }

private:
    // Of a model that is a run the folder where its weights lie.
    static void takeModelPath(RunSpec& spec)
    {
        const std::filesystem::path named(spec.model);
        std::error_code ignored;
        spec.model = std::filesystem::exists(named / kRunFile, ignored)
            ? weightsOf(spec.model).string()
            : resolveModel(spec.model).string();
    }

    static void requireRank(const PlannedRun& run, const ModelFiles& files)
    {
        const auto modules = selectModules(files, run.spec.targets);
        if (hasAdapter(run.spec.method) && run.spec.initAdapter.empty()) {
            checkRanks(modules, run.spec.rank, run.spec.patterns);
        }
    }

    Load loadOf(const RunSpec& spec, const ModelFiles& files)
    {
        return spec.batches.empty() ? loadOfData(spec, files) : loadOfBatches(spec);
    }

    Load loadOfBatches(const RunSpec& spec)
    {
        const auto found = m_passes.find(spec.batches);
        const Pass pass = found != m_passes.end()
            ? found->second
            : m_passes[spec.batches] = passOver(spec.batches, m_job);
        Load load;
        load.steps = totalSteps(spec, pass.batches);
        load.tokens = pass.tokens * epochsAfter(spec, load.steps, pass.batches);
        load.largest = pass.largest;
        return load;
    }

    Load loadOfData(const RunSpec& spec, const ModelFiles& files)
    {
        const SharedInputs::Data data = m_shared.data(spec, files, m_job);
        const DatasetSummary& summary = data.rows->summary;
        const std::vector<std::int32_t>& lengths = summary.lengths;
        const auto rows = static_cast<std::int64_t>(lengths.size());
        const std::int64_t held = spec.evalRatio > 0.0 ? heldOutCount(rows, spec.evalRatio) : 0;
        const std::int64_t perEpoch = (rows - held + spec.batchSize - 1) / spec.batchSize;
        const double ofARow = std::accumulate(lengths.begin(), lengths.end(), 0.0)
            / static_cast<double>(std::max<std::int64_t>(1, rows));
        Load load;
        load.steps = totalSteps(spec, perEpoch);
        load.tokens =
            ofARow * static_cast<double>(rows - held) * epochsAfter(spec, load.steps, perEpoch);
        const std::int64_t evaluations = 1
            + (spec.evalEvery > 0 ? std::max<std::int64_t>(0, load.steps - 1) / spec.evalEvery : 0);
        load.heldTokens = ofARow * static_cast<double>(held * evaluations);
        load.largest = largestMicroBatch(&summary, spec);
        return load;
    }

    // Measured once for all that decides it; rank and method hardly do.
    Pace paceOfRun(const RunSpec& spec)
    {
        const std::string key =
            fmt::format("{}\n{}\n{}\n{}\n{}", spec.model, resolvedDevice(spec.device),
                        dtypeTitle(resolvedDType(spec.dtype, spec.device)), spec.threads,
                        spec.gradientCheckpointing);
        const auto found = m_paces.find(key);
        return found != m_paces.end() ? found->second : m_paces[key] = m_paceOf(spec, m_job);
    }

    const JobContext& m_job;
    const PaceOf& m_paceOf;
    SharedInputs m_shared;
    std::map<std::string, Pass> m_passes;
    std::map<std::string, Pace> m_paces;
};

void warn(SweepForecast& forecast, int workers, const std::filesystem::path& folder)
{
    const auto bytes = [](std::int64_t count) {
        return bytesText(static_cast<std::uint64_t>(count));
    };
    if (forecast.freeBytes >= 0 && forecast.diskBytes > forecast.freeBytes) {
        forecast.warnings.push_back(fmt::format(
            "{}: the sweep will need about {} on disk, {} are free: make room, or keep fewer "
            "checkpoints",
            shownPath(folder), bytes(forecast.diskBytes), bytes(forecast.freeBytes)));
    }
    if (workers > forecast.workersThatFit) {
        forecast.warnings.push_back(
            fmt::format("{} workers need about {} of memory, the machine has {}: {} at a time",
                        workers, bytes(workers * forecast.memoryBytes), bytes(machineMemoryBytes()),
                        forecast.workersThatFit));
    }
}

} // namespace

SweepForecast forecastSweep(const SweepPlan& plan, int workers, const std::filesystem::path& folder,
                            const JobContext& job, const PaceOf& paceOf)
{
    SweepForecast forecast;
    forecast.runs = plan.runs.size();
    forecast.repeated = plan.repeated;
    Foreteller foreteller(job, paceOf);
    bool onProcessor = true;
    std::optional<Error> refusal; // the first
    for (const PlannedRun& run : plan.runs) {
        try {
            foreteller.add(run, forecast);
        } catch (const Error& error) {
            refusal = refusal ? refusal : error;
            forecast.warnings.push_back(
                fmt::format("run {} will be refused: {}", run.name, error.what()));
        }
        onProcessor = onProcessor && resolvedDevice(run.spec.device) == "cpu";
    }
    if (refusal && forecast.warnings.size() == plan.runs.size()) {
        throw *refusal;
    }
    forecast.freeBytes = freeDiskBytes(folder);
    // A card's memory is its own: how many runs it holds is left to who asks for them.
    const double fit = kShareOfMemory * static_cast<double>(machineMemoryBytes())
        / static_cast<double>(std::max<std::int64_t>(1, forecast.memoryBytes));
    forecast.workersThatFit =
        onProcessor ? std::clamp(static_cast<int>(std::min(fit, 1e6)), 1, kMostWorkers) : workers;
    warn(forecast, workers, folder);
    return forecast;
}

} // namespace pissarro::core::inline sweep
