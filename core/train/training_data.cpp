// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/train/training_data.h"

#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/dataset/step_batches.h"
#include "core/file/fingerprint.h"
#include "core/tasks/questions.h"
#include "core/text/message_text.h"
#include "core/text/number_text.h"
#include "core/tokenizer/tokenizer.h"
#include "core/train/shared_inputs.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace pissarro::core::inline training {

namespace {

std::string sourceOf(const RunSpec& spec)
{
    return shownPath(spec.batches.empty() ? spec.data : spec.batches);
}

void checkIds(const Batch& batch, std::int64_t vocabulary, const RunSpec& spec)
{
    for (std::size_t i = 0; i < batch.ids.size(); ++i) {
        const bool label = batch.labels[i] != kIgnoreLabel
            && (batch.labels[i] < 0 || batch.labels[i] >= vocabulary);
        if (batch.ids[i] < 0 || batch.ids[i] >= vocabulary || label) {
            throw Error(ErrorKind::Format,
                        fmt::format("{}: holds the token id {} (expected 0 to {}); is it made for "
                                    "another model?",
                                    sourceOf(spec), label ? batch.labels[i] : batch.ids[i],
                                    vocabulary - 1));
        }
    }
}

void checkTargets(const Batch& batch, const ModelConfig& config, const RunSpec& spec)
{
    for (const double target : batch.targets) {
        const bool isClass = target == std::floor(target) && target >= 0.0
            && target < static_cast<double>(config.head.labels);
        if (!(batch.regression ? std::isfinite(target) : isClass)) {
            throw Error(ErrorKind::Format,
                        fmt::format("{}: holds the label {} (expected {})", sourceOf(spec),
                                    numberText(target),
                                    batch.regression
                                        ? std::string("a finite number")
                                        : fmt::format("0 to {}, the classes of the model's head",
                                                      config.head.labels - 1)));
        }
    }
}

[[noreturn]] void refuseStep(const RunSpec& spec, std::int64_t first, std::size_t count)
{
    const std::int64_t last = first + static_cast<std::int64_t>(count) - 1;
    const std::string which = count == 1
        ? fmt::format("micro-batch {}, a step of its own, holds", last)
        : fmt::format("micro-batches {} to {}, which are one step, hold", first, last);
    throw Error(ErrorKind::Format,
                fmt::format("{}: {} no token to learn (expected a label other than -100 that the "
                            "mask shows); leave {} out or choose another --grad-accum",
                            sourceOf(spec), which, count == 1 ? "it" : "them"));
}

// The first of the rows; all of them where none of those counts.
Batch firstRows(Batch batch)
{
    Batch few = batch;
    few.rows = std::min(kProbeRows, batch.rows);
    const auto size = static_cast<std::size_t>(few.rows * few.length);
    few.ids.resize(size);
    few.labels.resize(size);
    few.mask.resize(size);
    few.types.resize(few.types.empty() ? 0 : size);
    few.targets.resize(few.targets.empty() ? 0 : static_cast<std::size_t>(few.rows));
    return countedTokens(few) > 0 ? few : batch;
}

// Every micro-batch of the steps of one epoch; later ones hold the same examples. Returns the first rows that count.
Batch checked(BatchSource& source, const RunSpec& spec, const ModelConfig& config,
              const JobContext& job)
{
    Batch first;
    const std::int64_t perEpoch = source.batchesPerEpoch();
    const std::int64_t steps = totalSteps(spec, perEpoch);
    const std::int64_t stepsPerEpoch = (perEpoch + spec.gradAccum - 1) / spec.gradAccum;
    for (std::int64_t step = 0; step < std::min(steps, stepsPerEpoch); ++step) {
        job.throwIfCancelled();
        const std::vector<Batch> batches = nextStep(source, spec.gradAccum);
        bool counts = false;
        for (const Batch& batch : batches) {
            checkIds(batch, config.vocabulary, spec);
            checkTargets(batch, config, spec);
            if (countedTokens(batch) > 0) {
                counts = true;
                first = first.rows > 0 ? std::move(first) : batch;
            }
        }
        if (!counts) {
            refuseStep(spec, step * spec.gradAccum, batches.size());
        }
    }
    source.seek({});
    return firstRows(std::move(first));
}

} // namespace

TrainingData openTrainingData(const RunSpec& spec, const ModelFiles& files, const JobContext& job,
                              SharedInputs* shared, const std::string& now)
{
    if (spec.evalTask != kNoTask) { // what is wrong with its questions is told before a run begins
        readQuestions(taskNamed(spec.evalTask), spec.evalTaskData, spec.evalTaskRows, job);
        openTokenizer(files.path());
    }
    TrainingData data;
    const std::int64_t vocabulary = files.config().vocabulary;
    if (!spec.batches.empty()) {
        const HeadShape& head = files.config().head;
        data.training = fileBatches(spec.batches,
                                    head.kind != HeadKind::Sequence ? BatchesOf::Tokens
                                        : head.labels == 1          ? BatchesOf::Numbers
                                                                    : BatchesOf::Classes);
        data.probe = checked(*data.training, spec, files.config(), job);
        data.inputs.data = spec.batches;
        data.inputs.examples = fileFingerprint(spec.batches, job);
        data.inputs.exampleCount = data.training->batchesPerEpoch() * data.training->rows();
        return data;
    }
    SharedInputs own;
    const SharedInputs::Data read = (shared != nullptr ? *shared : own).data(spec, files, job, now);
    const auto& tokenizer = read.tokenizer;
    std::shared_ptr<const TokenizedData> examples = read.rows;
    for (const Said& note : read.notes) {
        data.notes.push_back(shownPath(spec.data) + ": " + note.text());
    }
    // A padding token may be one that has no row of the embedding.
    const bool hasPad = tokenizer->padId() >= 0 && tokenizer->padId() < vocabulary;
    const std::int32_t pad =
        std::max<std::int32_t>(0, hasPad ? tokenizer->padId() : tokenizer->eosId());
    data.inputs.data = spec.data;
    data.inputs.now = read.now;
    data.inputs.tokenizer = tokenizerFingerprint(files.path());
    if (spec.evalRatio > 0.0) {
        auto rest = std::make_shared<TokenizedData>(*examples); // another run may hold others out
        auto held = std::make_shared<TokenizedData>(holdOut(*rest, spec.evalRatio, spec.seed));
        data.inputs.heldCount = static_cast<std::int64_t>(held->examples.size());
        data.held = shuffledBatches(std::move(held), spec.batchSize, spec.seed, pad);
        examples = std::move(rest);
    }
    data.inputs.exampleCount = static_cast<std::int64_t>(examples->examples.size());
    for (std::int64_t i = 0; data.held && i < data.held->batchesPerEpoch(); ++i) {
        checkIds(data.held->next(), vocabulary, spec);
    }
    data.training = shuffledBatches(std::move(examples), spec.batchSize, spec.seed, pad);
    data.inputs.examples = epochFingerprint(*data.training)
        + (data.held ? epochFingerprint(*data.held) : std::string());
    data.probe = checked(*data.training, spec, files.config(), job);
    return data;
}

} // namespace pissarro::core::inline training
