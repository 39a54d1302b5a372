// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/stats/conclusion.h"
#include "core/stats/sample.h"
#include "core/sweep/sweep_store.h"
#include "core/text/said.h"

#include <cstdint>
#include <functional>
#include <limits>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace pissarro::core::inline sweep {

// What a run is judged by.
struct RunScore {
    double choosing = std::numeric_limits<double>::quiet_NaN(); // on the half that chooses rates
    double reported = std::numeric_limits<double>::quiet_NaN(); // on the other half
    std::int64_t step = 0; // of the evaluation that is reported
    std::vector<bool> solved = {}; // of questions, see TriedRun; empty: a loss
};

// A run of the sweep with its figures.
struct SweepRow {
    std::string name;
    SweepRunState state = SweepRunState::Waiting;
    std::string message;
    Method method;
    std::int64_t rank = 0;
    double learningRate = 0.0;
    std::uint64_t seed = 0;
    std::vector<SpecSetting> varied; // of the plan
    std::int64_t step = 0;
    std::int64_t steps = 0; // planned; 0: it was never begun
    std::int64_t trainableParameters = 0;
    double trainLoss =
        std::numeric_limits<double>::quiet_NaN(); // mean of the last tenth of its steps
    RunScore score; // NaN of runs that are not done
    double seconds = 0.0; // of its steps
    double tokensPerS = 0.0;
    std::int64_t memoryBytes = 0;
};

// A figure against a setting: a point of each value, a line of each method.
struct SeriesPoint {
    std::string value; // of the setting: "16"
    double number = std::numeric_limits<double>::quiet_NaN(); // the value where it is one
    double rate = 0.0; // the learning rate taken, where rates are chosen
    SampleSummary score; // over seeds, of the reported half
    std::int64_t parameters = 0; // that train
};
struct Series {
    std::string method; // "PiSSA"
    std::string setting; // what is held equal beside it: "iters 5"; empty: nothing else varies
    std::vector<SeriesPoint> points; // ascending where values are numbers
};

enum class ScoreKind { HeldOutLoss, TrainLoss, Given };

inline constexpr const char* kMethodKey = "method";

struct SweepResults {
    ScoreKind scoreKind = ScoreKind::HeldOutLoss;
    std::string measure; // "held-out loss", "gsm8k"
    std::vector<SweepRow> rows; // in the order of the plan
    // The figure of the paper: score against rank at each method's best rate, chosen by the other half. The same for any setting
    // that varies and is no rate, seed or method: T, niter. Where none does, by kMethodKey: a point a method.
    std::vector<std::pair<std::string, std::vector<Series>>> ablations; // by key
    std::vector<Series> rateSensitivity; // score against rate
    std::vector<Conclusion>
        conclusions; // with the claims «at the same rate» and «at the best rate of each»
    std::vector<Said>
        notes; // whole; what must be said beside: ended early, diverged, how rates were chosen
};

// Gives the score of a run that is done, by another measure than its held-out loss: an evaluation. nullopt: it has none.
using ScoreOf = std::function<std::optional<RunScore>(const PlannedRun& run)>;

struct ResultOptions {
    ScoreOf scoreOf =
        {}; // empty: the held-out loss, or the training loss where nothing is held out
    bool lowerIsBetter = true;
    std::string measure = "score"; // what scoreOf gives: "gsm8k"
};

// Collects what there is of a sweep; it may still be under way.
//
// Score of a run: of its evaluations that with the lowest loss on the choosing half (of equals the first), and its loss on the
// other half, which had no say. Runs that were ended early, failed or wait have no score, so that a rate whose run was ended
// is no method's best rate: the notes say so.
// Where nothing is held out, or one micro-batch alone, rates are chosen by the very losses that are reported, which the claims
// are marked with.
// Throws: Error{Io}, Error{Format} naming a file.
SweepResults resultsOf(const SweepStore& store, const ResultOptions& options = {});

nlohmann::ordered_json resultsToJson(const SweepResults& results);
std::string resultsToCsv(const SweepResults& results); // a line a run

} // namespace pissarro::core::inline sweep
