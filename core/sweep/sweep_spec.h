// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/evaluate/evaluation_spec.h"
#include "core/run/spec_fields.h"
#include "core/sweep/early_ending.h"

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline sweep {

// A setting of the spec table and the values that it takes, in the order in which they are tried.
struct SweepAxis {
    std::string key; // "rank"
    std::vector<FieldValue> values; // one at least, each once
};

// A method with settings of its own, in the place of the axes that the others share: its rate, above all.
struct SweepTwin {
    Method method;
    std::vector<SweepAxis> own;
};

// What a person asks for: a base spec and what is varied over it. SWEEP.json:
//
//   base                   a run's spec, as run.json has it
//   axes                   {"method": ["pissa", "lora"], "rank": [8, 16], …}: every combination is a run; any setting
//   twins                  {"lora": {"learning_rate": [2e-4]}}: that method with values of its own; a value or a list
//   runs                   [{"method": "full", "learning_rate": 1e-5}, …]: single runs beside the grid
//   pair_alpha_with_rank   alpha = rank; where the base names an alpha, alpha / rank stays what it is there
//   stop                   {"rule": "halving", "first": 20, "keep_one_of": 3} or {"rule": "median", "first": 20, "every": 10},
//                          with "metric": "loss" or "eval_loss" and "within": ["method", "rank"] (early_ending.h)
//   eval                   {"task": "gsm8k", "data": FILE, …}: what the finished runs are asked (sweep_evaluation.h)
//   workers                runs at a time
struct SweepSpec {
    RunSpec base;
    std::vector<SweepAxis> axes; // in the order of the spec table, whatever the file's
    std::vector<SweepTwin> twins;
    std::vector<std::vector<SweepAxis>>
        runs; // of each single run its settings, each with one value
    bool pairAlphaWithRank = false;
    StopRule stop;
    std::optional<EvaluationSpec> evaluation; // without models: the runs are
    int workers = 1;
};

constexpr int kMostWorkers = 256;

// Paths that are there are made absolute, so that the sweep can be gone on with from any folder.
// Throws: Error{Format}, Error{InvalidArgument}, one line without the file's name: "axes: rank must be …".
SweepSpec sweepFromJson(std::string_view text);

// Every key, so that two sweeps are the same where these are: `workers` is left out. sweepFromJson() takes it.
nlohmann::ordered_json sweepToJson(const SweepSpec& spec);

// The first thing in which `asked` is not what `there` is: "axes: 8, 16 there, 4, 16 asked". Empty: they are the same.
std::string sweepDifference(const SweepSpec& there, const SweepSpec& asked);

} // namespace pissarro::core::inline sweep
