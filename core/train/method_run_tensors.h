// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/decoder/decoder_tensors.h"
#include "core/optim/optimizer_tensors.h"
#include "core/run/run_lock.h"
#include "core/run/run_log.h"
#include "core/session/checkpoint_tensors.h"
#include "core/session/given_adapter_tensors.h"
#include "core/train/trainer.h"

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace pissarro::core::inline training {

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
    RunInputs inputs;
    bool resume = false; // go on from the newest checkpoint
    bool restart = false; // with resume: a run without one begins anew
    SharedInputs* shared = nullptr; // outlives the run; null: nothing is kept for later ones
    std::function<double(std::int64_t step)> rate = {}; // empty: the schedule's
};

// What a step was, as the loop knows it.
struct StepFacts {
    std::string batchHash;
    double epoch = 0.0;
    std::int64_t tokens = 0; // of this step, without padding
    DataCursor cursor; // of the batch after it
    double elapsedS = 0.0; // since the first step began, pauses left out
    double computeSeconds = 0.0; // of this run's micro-batches
};

// The loss of the held-out examples, and of the two halves of their micro-batches (StepRecord).
struct HeldLoss {
    double all = 0.0;
    double choosing = StepRecord::kNotEvaluated;
    double reported = StepRecord::kNotEvaluated;
};

// One method's run: its model, adapters, optimizer and run directory.
// Threads: one user at a time.
class MethodRun {
public:
    // Takes the run directory: its lock, and the run that is there where the request resumes.
    // Throws: Error{Io}; Error{InvalidArgument} where another program trains there, where the run has another
    //   specification, or no checkpoint to go on from; Error{Format} where its model or data changed.
    MethodRun(RunSpec spec, const std::filesystem::path& directory, const TrainContext& context);
    // Loads the model, makes or reads the adapters, compares step 0 with the base, loads the newest checkpoint. `first`:
    // the run that was prepared first, whose frozen weights this one uses; null: none.
    // Throws: Error of every kind, Numeric when step 0 is not the base; Cancelled.
    void prepare(const MethodRun* first, const JobContext& job);

    // Adds one micro-batch to the gradients, weighed by `share`, its part of the step's counted tokens.
    // Throws: Cancelled.
    void accumulate(const FlatBatch& batch, double share, const JobContext& job);
    void dropStep(); // gives up what accumulate() has added since the last step
    // Finite check, clipping, optimizer. Throws: Error{Numeric} before anything is changed.
    void takeStep(const StepFacts& facts);
    // Ends the step: evaluates `held` (null: no), puts the model to the spec's eval_task where asked, writes the record. A
    // better loss of the held-out examples than ever before, or score where best_by says so, writes best/ and adapter/.
    // Throws: Cancelled: the step counts, and a checkpoint keeps what is missing.
    StepRecord recordStep(BatchSource* held, const JobContext& job, bool putToTask = false);
    bool owesRecord() const { return m_pending.has_value(); } // recordStep() is due

    void checkpoint(); // raw state, for resuming; older ones stay
    // Writes adapter/ (or model/ for full fine-tuning), a checkpoint where the state is whole, and run.json, in this
    // order: what the disk has no room for is the checkpoint. Throws: Error when one of them failed; the others are
    // written, and the run has failed.
    void finish(RunState state, const std::string& message);
    std::string bestText() const; // which step adapter/ is, where it is not the last; else empty
    void tell(RunState state); // into run.json, while it goes: running, paused
    void log(std::string_view text);

    const RunSummary& summary() const { return m_summary; }
    const std::vector<std::string>& notes() const { return m_notes; } // what is other than before
    bool isPrepared() const { return m_log != nullptr; }
    const TrainState& state() const { return m_state; }
    std::string title() const; // "PiSSA r16"
    bool
    changes(const std::string& module) const; // writes to its weight: by training, or the residual

private:
    void goOn(const RunSummary& before); // from what the directory holds
    void beginAnew(const RunSummary& before);
    bool isHead(const std::string& module) const; // trains whole beside an adapter
    bool differs(const std::string& module) const; // its weight in use is not the model's own
    // LoRA beside PiSSA with share_base: both on PiSSA's residual, W = W_res + scale B_0 A_0, of which there is one copy.
    bool completesFirst() const;
    WeightPlan weightPlan() const;
    void initialiseFull();
    void trainHead(); // what trains whole beside an adapter
    void initialise(const JobContext& job);
    std::shared_ptr<const ModelFiles> openBase(const JobContext& job);
    StepZero judge(const AdapterSet& initial, const std::optional<GivenAdapter>& given,
                   const at::Tensor& baseLogits, const JobContext& job);
    // `hasInitial`: the factors alone are there already, of a kind that has more.
    void keepFactors(const AdapterSet& start, const std::optional<GivenAdapter>& given,
                     bool hasInitial) const;
    AdapterSet makeAdapters(const JobContext& job) const;
    std::filesystem::path initialDirectory() const;
    // Means over counted tokens, nats.
    HeldLoss evaluate(BatchSource& held, const JobContext& job) const;
    double taskScore(const JobContext& job); // share of eval_task's questions that is right
    // The state after an evaluation of either or both; writes best/ where it is one.
    TrainState evaluated(std::optional<double> loss, std::optional<double> score);
    void writeOutcome(); // adapter/ or model/: of the best step, else of the last
    std::string withoutCheckpoint(const std::string& why) const;
    // `checkSource` throws where what `trained` looks into is no longer whole; asked before the folder takes its place.
    void writeModel(const std::map<std::string, at::Tensor>& trained,
                    const std::function<void()>& checkSource) const;
    void writeAdapter(const std::map<std::string, at::Tensor>& trained,
                      const std::function<void()>& checkSource) const;

    RunSpec m_spec;
    TrainContext m_context;
    // What the decoder reads: the request's model, or the run's own four-bit form of it.
    std::shared_ptr<const ModelFiles> m_files;
    RunSummary m_summary;
    const MethodRun* m_first = nullptr;
    bool m_goesOn = false; // a run was there
    bool m_beginsAnew = false; // from step 1, what it recorded kept aside
    std::vector<std::string> m_notes;
    std::unique_ptr<RunLock> m_lock;
    std::unique_ptr<RunLog> m_log;
    std::unique_ptr<Decoder> m_decoder;
    std::shared_ptr<const Tokenizer> m_tokenizer; // of eval_task; null: not asked yet
    // What was taken out of the untouched model's weights, which the conversion to a plain LoRA needs: PiSSA's start, or
    // that of the residual base of a given adapter; empty: nothing was.
    AdapterSet m_taken;
    TrainableSet m_trained;
    std::unique_ptr<Optimizer> m_optimizer;
    TrainState m_state;
    double m_lossSum = 0.0; // of the step's micro-batches
    std::int64_t m_stepTokens = 0; // of those micro-batches
    std::int64_t m_outcomeAt = -1; // the step at whose end adapter/ or model/ was last written
    bool m_whole = true; // false while an optimizer step is half done
    std::optional<StepRecord> m_pending; // of the step that is done and not recorded
};

} // namespace pissarro::core::inline training
