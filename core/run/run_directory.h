// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"
#include "core/run/run_inputs.h"
#include "core/run/run_spec.h"
#include "core/run/run_state.h"

#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline run {

// One optimizer step, as a line of metrics.jsonl.
struct StepRecord {
    std::int64_t step = 0; // from 1
    double epoch = 0.0;
    double loss = 0.0; // mean over the step's counted tokens, nats
    double gradNorm = 0.0; // of everything that trains, before clipping
    double learningRate = 0.0; // used in this step
    std::int64_t tokens = 0; // cumulative, without padding
    double elapsedS = 0.0; // since the first step began, pauses left out
    double tokensPerS = 0.0; // of this step
    std::int64_t memoryBytes = 0; // peak resident set so far, or peak of the CUDA allocator
    std::string batchHash; // equal in twins at the same step
    double evalLoss = kNotEvaluated; // of the held-out examples after this step; NaN: not evaluated
    // The same of two halves of their micro-batches (choosingHalf() of core/stats): settings are chosen by the one and
    // reported by the other. NaN: not evaluated, or there is one micro-batch.
    double evalChoosing = kNotEvaluated;
    double evalReported = kNotEvaluated;
    double evalScore = kNotEvaluated; // of the run's eval_task after this step; NaN: not asked

    static constexpr double kNotEvaluated = std::numeric_limits<double>::quiet_NaN();
    std::string toJson() const; // one line, no newline; a number that is not finite becomes null
};

// The record of a metrics.jsonl line; null numbers come back as NaN. Empty for a line that is none:
// torn, or an evaluation line.
std::optional<StepRecord> stepFromJson(std::string_view line);

// Adds `newer` to `records`; steps that are there already (a resumed run trains them again) are
// replaced.
void appendRecords(std::vector<StepRecord>& records, const std::vector<StepRecord>& newer);

// Where a quantized run's step-0 difference comes from, each the mean |difference of logits| that one more step of the
// making brings: W -> R + s B A in a wider float than the run computes in (svd: 0 but for that float's rounding),
// R rounded to the compute dtype (rounding), R quantized (quantization).
struct StepZeroParts {
    double svd = 0.0;
    double rounding = 0.0;
    double quantization = 0.0;
    double plain = 0.0; // what W itself quantized moves, without an adapter: QLoRA's start
};

// How far the model with its fresh adapters is from the base on a real batch.
struct StepZero {
    double maxLogitDifference = 0.0;
    double meanLogitDifference = 0.0;
    double baseLoss = 0.0;
    double adaptedLoss = 0.0;
    bool passed = false;
    std::string verdict; // one sentence with the limit
    std::optional<StepZeroParts> parts; // of methods that quantize the base
};

// A program that trained the run, from its start or from a checkpoint.
struct RunSession {
    std::string startedAt; // ISO 8601, UTC
    std::string device;
    std::map<std::string, std::string> versions;
    std::int64_t fromStep = 0; // the checkpoint that it went on from; 0: the start
};

// What the newest lines of metrics.jsonl tell: of a file of any length only its end is read.
struct RunEnd {
    double loss =
        StepRecord::kNotEvaluated; // of the newest step; NaN: there is none, or it was none
    double meanLoss = StepRecord::kNotEvaluated; // of the last kMeanOver steps
    double tokensPerS = StepRecord::kNotEvaluated; // of the whole run, pauses left out

    static constexpr std::int64_t kMeanOver = 5;
};

// A run as its directory tells it: who trains writes it, who looks reads it.
struct RunSummary {
    std::filesystem::path directory;
    RunSpec spec;
    RunState state = RunState::Running;
    std::string message; // why it failed, or ended early; empty otherwise
    std::string device; // "CPU, 2 threads"; with `versions` of the newest session
    std::string
        operations; // "avx512bf16": kernels::operationsName(); empty in runs of older versions
    std::string startedAt; // ISO 8601, UTC
    std::int64_t steps = 0; // planned
    std::int64_t step = 0; // done, by metrics.jsonl; not in run.json
    RunEnd end; // of the steps done; not in run.json
    std::int64_t checkpointStep =
        0; // of the newest whole checkpoint; 0: there is none; not in run.json
    std::int64_t trainableParameters = 0;
    std::int64_t modelParameters = 0;
    double initSeconds = 0.0; // SVD and residual
    std::int64_t estimatedMemoryBytes = 0; // of the whole request, by estimateMemory()
    std::optional<StepZero> stepZero;
    double bestEvalLoss = StepRecord::kNotEvaluated; // lowest loss of the held-out examples
    double bestScore = StepRecord::kNotEvaluated; // highest of eval_task, where best_by asks for it
    std::int64_t bestStep = 0; // where it was; best/ holds that state
    std::int64_t adapterStep =
        0; // of adapter/ (or model/): the best step, else the last; 0: not written yet
    RunInputs inputs; // what it began with
    std::vector<RunSession> sessions; // oldest first
    std::map<std::string, std::string> versions; // "pissarro", "libtorch", ...: what trains it
};

constexpr const char* kRunFile = "run.json";
constexpr const char* kMetricsFile = "metrics.jsonl";

// The spec's keys at top level, and the rest of the summary in an object "run". specFromJson() takes it as it is.
// Throws: Error{InvalidArgument} for a spec number that is not finite; other numbers that are not become null.
std::string runToJson(const RunSummary& run);

// Writes RUNDIR/run.json atomically; the folder is there. Throws: Error{Io}.
void writeRun(const RunSummary& run);

// Reads RUNDIR/run.json. Throws: Error{Io}, Error{Format} naming the file; as refuseTwins(); Cancelled, also within a file.
RunSummary readRun(const std::filesystem::path& directory, const JobContext& job = {});

// Where runs go unless told otherwise: $XDG_DATA_HOME/pissarro/runs.
std::filesystem::path defaultRunRoot();

// RUNDIR/base: the four-bit folder that the run made and trains on, in bitsandbytes' layout. For methods that quantize.
std::filesystem::path baseOf(const RunSummary& run);
// Where the factors of step 0 are kept, in PEFT's layout: RUNDIR/<method>_init, or in the run's own base.
std::filesystem::path initialAdapterOf(const RunSummary& run);

// The runs of one request: `directory` itself, or its twins, each in a folder named after its
// method, in the order of Method. Empty: there is none. Throws: as readRun().
std::vector<RunSummary> runsOfRequest(const std::filesystem::path& directory,
                                      const JobContext& job = {});

// A folder of twins where one run is asked for. Throws: Error{Format} that names them.
void refuseTwins(const std::filesystem::path& directory);

// Whether a list has `a` before `b`: the one that began later, twins in the order of methods.
bool isListedBefore(const RunSummary& a, const RunSummary& b);

// Every run below `root` (a folder that holds run.json; twins lie one deeper), newest first. Broken
// ones are left out. Throws: Cancelled, also within a file.
std::vector<RunSummary> findRuns(const std::filesystem::path& root, const JobContext& job = {});

// Reads metrics.jsonl as it grows: each call returns the whole lines that came since the last one.
// A torn last line waits for its end; a line that is no record is skipped, and so is the rest
// of a file with a line of more than a megabyte: it is no record of steps. A file that was replaced
// or cut is read from its start again: feed appendRecords() with the result. So is one after a call
// that was stopped. Threads: one user at a time.
class MetricsTail {
public:
    explicit MetricsTail(const std::filesystem::path& runDirectory);
    // No file yet: empty. Throws: Cancelled, also within the file.
    std::vector<StepRecord> poll(const JobContext& job = {});

private:
    void takeLines(std::vector<StepRecord>& records);

    std::filesystem::path m_path;
    std::uint64_t m_offset = 0;
    std::uint64_t m_inode = 0;
    std::string m_partial;
};

// Mean loss over the `count` newest records up to `lastStep` (0: up to the newest); NaN when there is none.
double meanLoss(std::span<const StepRecord> records, std::int64_t lastStep, std::int64_t count);

// Exponential moving average with bias correction, as TensorBoard smooths: weight in [0, 1), 0 leaves as is.
class MovingAverage {
public:
    explicit MovingAverage(double weight)
        : m_weight(weight)
    {
    }
    double weight() const { return m_weight; }
    double
    next(double value); // the average with it; what is not finite is given back, and not in it

private:
    double m_weight;
    double m_average = 0.0;
    double m_share = 1.0; // weight^n: what the start value 0 still holds
};

// Of all of them.
std::vector<double> smoothed(const std::vector<double>& values, double weight);

} // namespace pissarro::core::inline run
