// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/decoder_tensors.h"
#include "core/train/checkpoint_tensors.h"
#include "core/train/optimizer_tensors.h"
#include "core/train/run_lock.h"
#include "core/train/run_log.h"
#include "core/train/trainer.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace pissarro::core {

class MethodRun;

// What the runs of one request share.
struct TrainContext {
    std::filesystem::path request; // RUNDIR of the request
    std::shared_ptr<const ModelFiles> files;
    std::vector<LinearModule> targets; // of adapters; for full fine-tuning what the globs name
    std::int64_t steps = 0;
    FlatBatch probe; // a real batch for the step-0 comparison
    c10::Device device {c10::kCPU};
    std::string deviceTitle;
    std::int64_t estimatedMemoryBytes = 0;
    // The run that was prepared first, whose frozen weights the others use; null: this one.
    const MethodRun* first = nullptr;
    std::int64_t resumeStep =
        0; // the last step that every run of the request has a whole checkpoint of
};

// What a step was, as the loop knows it.
struct StepFacts {
    std::string batchHash;
    double epoch = 0.0;
    std::int64_t tokens = 0; // of this step, without padding
    double elapsedS = 0.0; // since the first step began, pauses left out
    double computeSeconds = 0.0; // of this run's micro-batches
    BatchSource* held = nullptr; // examples to evaluate after the step; null: none
};

// One method's run: its model, adapters, optimizer and run directory.
// Threads: one user at a time.
class MethodRun {
public:
    // Loads the model, makes or reads the adapters, compares step 0 with the base, opens the run directory.
    // With `resume` the newest checkpoint is loaded.
    // Throws: Error of every kind, Numeric when step 0 is not the base; Cancelled.
    MethodRun(RunSpec spec, const std::filesystem::path& directory, const TrainContext& context,
              bool resume, const JobContext& job);

    // Adds one micro-batch to the gradients, weighed by `share`, its part of the step's counted tokens.
    // Throws: Cancelled.
    void accumulate(const FlatBatch& batch, double share, const JobContext& job);
    // Ends the step: finite check, clipping, optimizer, evaluation where asked, record. A better loss of the held-out
    // examples than ever before writes best/. Throws: Error{Numeric} before anything is changed.
    StepRecord finishStep(const StepFacts& facts);

    void checkpoint(const DataCursor& cursor); // raw state, for resuming
    // Writes adapter/ (or model/ for full fine-tuning) and run.json with the state.
    void finish(RunState state, const std::string& message);
    void log(std::string_view text) { m_log->message(text); }

    const RunSummary& summary() const { return m_summary; }
    const TrainState& state() const { return m_state; }
    std::string title() const; // "PiSSA r16"
    bool
    changes(const std::string& module) const; // writes to its weight: by training, or the residual

private:
    bool differs(const std::string& module) const; // its weight in use is not the model's own
    // LoRA beside PiSSA with share_base: both on PiSSA's residual, W = W_res + scale B_0 A_0, of which there is one copy.
    bool completesFirst() const;
    WeightPlan weightPlan() const;
    void initialiseFull();
    void initialise(const JobContext& job, bool goesOn);
    std::shared_ptr<const ModelFiles> openBase(const JobContext& job, bool goesOn);
    StepZero judge(const AdapterSet& initial, const at::Tensor& baseLogits, const JobContext& job);
    AdapterSet makeAdapters(const JobContext& job) const;
    void subtractInitial(const AdapterSet& initial,
                         const JobContext& job); // the residual takes the weight's place
    std::filesystem::path initialDirectory() const;
    double evaluate(BatchSource& held) const; // mean over counted tokens, nats
    void noteEvaluation(double loss);
    void writeOutcome(const std::filesystem::path& adapterName,
                      const std::filesystem::path& modelName) const;

    RunSpec m_spec;
    TrainContext m_context;
    // What the decoder reads: the request's model, or the run's own four-bit form of it.
    std::shared_ptr<const ModelFiles> m_files;
    RunSummary m_summary;
    std::unique_ptr<RunLock> m_lock;
    std::unique_ptr<RunLog> m_log;
    std::unique_ptr<Decoder> m_decoder;
    AdapterSet m_initial; // where PiSSA's factors began; the conversion needs them
    std::unique_ptr<AdamW> m_optimizer;
    TrainState m_state;
    double m_lossSum = 0.0; // of the step's micro-batches
};

} // namespace pissarro::core
