// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/adapter/adapter_kind.h"
#include "core/adapter/method.h"
#include "core/base/job_context.h"
#include "core/dataset/dataset.h"
#include "core/dataset/labelled_texts.h"
#include "core/model/model_files.h"
#include "core/model/rank_pattern.h"
#include "core/optim/optimizer_kind.h"
#include "core/settings/quant_options.h"
#include "core/settings/svd_options.h"
#include "core/text/enum_names.h"

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline run {

enum class Schedule { Constant, Linear, Cosine };
enum class BaseDType { Auto, Float32, BFloat16 }; // Auto: see resolvedDType()
enum class BestBy { Loss, Score }; // of the held-out examples, or of eval_task

} // namespace pissarro::core::inline run

namespace pissarro::core {

template <>
struct EnumNames<Schedule> {
    static constexpr std::array all {
        Named<Schedule> {Schedule::Constant, "constant"},
        Named<Schedule> {Schedule::Linear, "linear"},
        Named<Schedule> {Schedule::Cosine, "cosine"},
    };
};
template <>
struct EnumNames<BaseDType> {
    static constexpr std::array all {
        Named<BaseDType> {BaseDType::Auto, "auto"},
        Named<BaseDType> {BaseDType::Float32, "float32"},
        Named<BaseDType> {BaseDType::BFloat16, "bfloat16"},
    };
};

template <>
struct EnumNames<BestBy> {
    static constexpr std::array all {
        Named<BestBy> {BestBy::Loss, "loss"},
        Named<BestBy> {BestBy::Score, "score"},
    };
};

} // namespace pissarro::core

namespace pissarro::core::inline run {

constexpr std::string_view kNoTask = "none";

std::string_view scheduleName(Schedule schedule);
Schedule parseSchedule(std::string_view text);
std::string_view dtypeTitle(BaseDType dtype); // "auto", "float32", "bfloat16"
BaseDType parseBaseDType(std::string_view text);

// Everything that decides a run's numbers: with it and the code the run repeats bit for bit.
// Defaults are the paper's recipe (GraphPKU/PiSSA scripts), scaled where one workstation needs it.
// run.json holds the same names in snake_case. What else is told of a member is its row in spec_fields.cpp.
struct RunSpec {
    std::string model; // as given; resolved by resolveModel()
    std::string data; // a file of rows (core/dataset/dataset.h); empty with `batches`
    std::string batches; // safetensors of ready micro-batches, instead of `data`
    std::string initAdapter; // PEFT folder to start from, instead of initialising; empty: none
    PromptTemplate promptTemplate = PromptTemplate::Alpaca;
    std::string columns; // parseColumnMap(); empty: found by their names
    LearnedTurns learned = LearnedTurns::All;
    bool strict = false; // a bad row of the data is an error; false: it is left out and told of
    std::string labels; // parseLabels(): of a new head that sorts texts; empty: none is wanted

    Method method;
    std::int64_t rank = 16;
    double alpha = 16; // scaling: adapterScale(); the paper keeps alpha = rank
    RankPatterns patterns; // rank_pattern, alpha_pattern: single modules that differ
    std::string adapterKind {
        defaultAdapterKind().name}; // one of adapterKindNames(); with initAdapter: that folder's
    bool rslora = false; // scale by alpha / sqrt(rank) instead of alpha / rank
    double dropout = 0.0; // share of an adapter's inputs that training drops at random; 0: none
    // PiSSA only: which singular triplets become the adapter. 0: the principal ones, 1: the minor ones, between: those
    // that begin at round(slice (K - rank)). The paper's appendix F compares 0, 0.5 and 1.
    double slice = 0.0;
    SvdOptions svd;
    int iters = 5; // T, QPiSSA and LoftQ only
    QuantOptions quant; // methods with a four-bit base only
    std::vector<std::string> targets; // globs; empty: q k v o gate up down in every layer

    double learningRate = 2e-5;
    Schedule schedule = Schedule::Cosine;
    double warmupRatio = 0.03; // warm-up steps = ceil(ratio * steps); the first rate is 0 then
    std::string optimizer {defaultOptimizer().name}; // one of allOptimizers()
    double beta1 = OptimizerSettings().beta1;
    double beta2 = OptimizerSettings().beta2;
    double epsilon = OptimizerSettings().epsilon;
    double weightDecay = OptimizerSettings().weightDecay; // on everything that trains
    double clip = 0.0; // largest gradient norm; 0: no clipping
    std::int64_t batchSize = 8; // rows of a micro-batch
    // Micro-batches of a step, at the end of an epoch those that are left. Each counted token of the step weighs the
    // same, however its rows are split.
    std::int64_t gradAccum = 1;
    std::int64_t maxLength = 512; // tokens of a row, longer ones are cut
    std::int64_t steps = 0; // optimizer steps; 0: by `epochs`
    double epochs = 1.0;
    BaseDType dtype =
        BaseDType::Auto; // of the frozen base; adapters are float32; run.json: resolved
    std::uint64_t seed = 0;
    int threads = 0; // 0: as many as allowedCores() says
    std::string device = "auto"; // auto, cpu, cuda, cuda:1
    // Checkpoints between those that every end of a run writes: by steps and by time, each 0 to leave it.
    std::int64_t checkpointEvery = 0;
    double checkpointMinutes = 15.0;
    std::int64_t keepCheckpoints = 2; // the newest ones; best/ is kept beside
    // Examples held out of `data`, chosen by `seed`, and only evaluated; 0: none.
    double evalRatio = 0.0;
    std::int64_t evalEvery = 0; // steps between evaluations; 0: only after the last step
    std::int64_t patience =
        0; // evaluations in a row without a better loss that end the run; 0: never
    // A task that the model is put to as it trains, on the first rows of its data, greedily answered: its score is the share
    // that is right by the task's first rule, answers having max_length tokens at most. One whose answers have no need to be
    // run, or "none".
    std::string evalTask {kNoTask};
    std::string evalTaskData;
    std::int64_t evalTaskRows = 32;
    std::int64_t evalTaskEvery = 0; // steps between; 0: only after the last step
    BestBy bestBy = BestBy::Loss; // what best/ is the best of, and what patience waits for
    // LoRA beside PiSSA works on PiSSA's residual and what that lacks of the base, W = W_res + s B A: one copy of the
    // weights less, but other roundings than those of the run alone.
    bool shareBase = false;
    // Keep only the input of each layer and compute it again in the backward pass: less memory, a third more work.
    bool gradientCheckpointing = false;
};

// "3", "no,yes,perhaps", or "1" of a number. Throws: Error{InvalidArgument} without the key's name.
LabelSet parseLabels(const std::string& text);
// The head that a run gives its model, drawn by the run's seed; labels 0: none.
NewHead newHeadOf(const RunSpec& spec);

// How the rows of spec.data are read. Throws: Error{InvalidArgument} for columns that are none.
DataOptions dataOptionsOf(const RunSpec& spec);

// What Auto is on a device ("auto", "cpu", "cuda:1"): bfloat16 on a GPU, and on a processor with bfloat16 products (kernels::
// operations()); float32 on others, where it is several times faster. The other types are themselves.
BaseDType resolvedDType(BaseDType dtype, std::string_view device);
// One line that says what Auto is and why; empty for the other types.
std::string autoDTypeNote(BaseDType dtype, std::string_view device);

// A field of the spec that is out of its range, for the form and for the error line.
struct SpecProblem {
    std::string key; // "learning_rate"
    std::string message; // "must be above 0 and at most 1, found -2"
};

// Ranges that need no model. Empty: all is well.
std::vector<SpecProblem> checkSpec(const RunSpec& spec);

std::string specToJson(const RunSpec& spec); // indented, keys in the order above
// Throws: Error{Format} for JSON that is none, Error{InvalidArgument} naming an unknown key or a
// value out of range.
RunSpec specFromJson(std::string_view text, const JobContext& job = {});

// A key of run.json in which specs differ, with the value of each spec as text: "2e-5", "q_proj,
// v_proj".
struct SpecDifference {
    std::string key;
    std::vector<std::string> values; // in the order of the specs
};

// Keys with different values, in the order of RunSpec. Fewer than two specs: none.
std::vector<SpecDifference> specDifferences(const std::vector<RunSpec>& specs);

// The pissarro-cli line that does the same, arguments quoted for a POSIX shell, defaults left out.
std::string specToCommand(const RunSpec& spec, const std::vector<Method>& twins,
                          const std::string& runDirectory);

// Optimizer steps of the run. An epoch ends where it ends: its last step takes the micro-batches that are left.
// Formula: steps, else ceil(epochs * ceil(batchesPerEpoch / gradAccum)).
std::int64_t totalSteps(const RunSpec& spec, std::int64_t batchesPerEpoch);
// Epochs seen after `steps` optimizer steps: micro-batches by batchesPerEpoch.
double epochsAfter(const RunSpec& spec, std::int64_t steps, std::int64_t batchesPerEpoch);

// Learning rate of step `step` (from 1) of `steps`, as transformers' get_*_schedule_with_warmup
// gives it. Formula:  n = step - 1, w = ceil(warmupRatio * steps); n < w: lr n / w; else constant
// lr;
//   linear lr (steps - n) / (steps - w); cosine lr (1 + cos(pi (n - w) / (steps - w))) / 2, each
//   with max(1, .) below.
double learningRateAt(const RunSpec& spec, std::int64_t step, std::int64_t steps);

} // namespace pissarro::core::inline run
