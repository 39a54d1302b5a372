// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/adapter/adapter_tensors.h"
#include "core/base/job_context.h"
#include "core/decoder/decoder_tensors.h"
#include "core/export/export_run.h"
#include "core/session/open_model_tensors.h"
#include "core/tensor/threads.h"

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <memory>

namespace pissarro::core::inline exports {

// Files of a folder, its marker left out. Throws: Error{Io}; Cancelled.
void copyFiles(const std::filesystem::path& from, const std::filesystem::path& to,
               const JobContext& job);

// A run read back: its models, its factors at step 0 and now; and what every form is written and proved with.
class RunExport {
public:
    // Throws: Error{Format} for a run whose model or state is not there, or was changed; Error{Io}.
    RunExport(const std::filesystem::path& runDirectory, const StateChoice& choice,
              const JobContext& job);

    const RunSummary& run() const { return m_run; }
    const StoredState& state() const { return m_state; }
    const JobContext& job() const { return m_job; }
    bool full() const { return !hasAdapter(m_run.spec.method); }
    bool isHeld() const { return m_held; } // RUN/adapter, or RUN/model, is the state
    const std::shared_ptr<const ModelFiles>& trainedFiles() const { return m_trainedFiles; }
    const std::shared_ptr<const ModelFiles>& baseFiles() const { return m_baseFiles; }
    const AdapterSet& taken() const { return m_taken; }
    const AdapterSet& trained() const { return m_trained; }
    const PlainLora& plain() const { return m_plain; }

    void readAdapters(); // Requires: not full()
    OutputRule ruleFor(const ExportOptions& options) const;

    enum class On { Untouched, Trained }; // which base a form stands on
    // Throws: Error{Numeric} unless these give the trained model's logits.
    void compare(const std::shared_ptr<const ModelFiles>& files, const RunFactors& factors, On base,
                 ExportReport& report) const;
    void checkPlainLora() const; // the same of the plain LoRA, before anything is rounded
    void expectModel(const std::shared_ptr<const ModelFiles>& files); // compare() is with it
    void expectWeights(const WeightProvider& weights); // on what the run was given
    void writeModel(const ModelFiles& files, const WeightProvider& weights,
                    const std::filesystem::path& folder, const ExportOptions& options,
                    ExportReport& report) const;

private:
    bool isRounded() const { return m_run.spec.dtype == BaseDType::BFloat16; }
    at::Tensor logitsOf(const std::shared_ptr<const ModelFiles>& files, const RunFactors& factors,
                        at::ScalarType type = at::kFloat) const;
    void require(bool good, const ExportReport& report, const char* expected) const;

    RunSummary m_run;
    StoredState m_state;
    bool m_held; // RUNDIR/adapter, or RUNDIR/model, is that state
    const JobContext& m_job;
    std::shared_ptr<const ModelFiles> m_trainedFiles; // what the run was given
    std::shared_ptr<const ModelFiles> m_baseFiles; // the untouched model
    FlatBatch m_probe;
    ThreadBudget m_threads;
    AdapterSet m_taken; // out of the untouched weights
    AdapterSet m_trained; // as the checkpoint has them
    PlainLora m_plain; // RUNDIR/adapter of that state
    at::Tensor m_wanted; // logits of the trained model in float32
    // The same where the base is a residual that was stored rounded: on the untouched weights less what was taken, which is
    // what a plain LoRA can give. Undefined: that is m_wanted.
    at::Tensor m_unrounded;
    at::Tensor m_own; // in the type that it was trained in; undefined: float32
};

} // namespace pissarro::core::inline exports
