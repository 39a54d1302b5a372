// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/train/run_directory.h"
#include "core/train/run_spec.h"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace pissarro::core {

// Which model speaks: a base, perhaps with a PEFT adapter on it, or what a run made.
struct InferenceModel {
    std::string model; // folder, .gguf, id, or a run directory: the tuned model
    std::filesystem::path adapter = {}; // PEFT folder; empty: none, or the run's own
    BaseDType dtype = BaseDType::Float32; // computed in; the file's own dtype is converted
    std::string device = "auto";
    int threads = 0; // 0: as many as the machine has cores
    // Takes what a person should know of the adapter, a line at a time; empty: nobody wants to know.
    std::function<void(std::string_view line)> warn = {};
};

// What a model that was named is on disk.
struct ModelParts {
    std::filesystem::path base; // folder or .gguf; the tokenizer lies there too
    std::filesystem::path adapter; // PEFT folder that belongs on it; empty: none
    std::optional<RunSummary> run; // where a run was named
};

// The parts of MODEL, MODEL + ADAPTER or RUNDIR. A run of PiSSA or LoRA is the untouched model and RUN/adapter, one with a
// base in four bits RUN/base and RUN/adapter, full fine-tuning RUN/model.
// Throws: Error{Io} when nothing is there; Error{Format} for a run without a result, a folder of twins, or an adapter
//   beside a run.
ModelParts partsOf(const std::string& model, const std::filesystem::path& adapter = {});

// The untouched model that the run's plain LoRA belongs to (RUN/adapter): the one that it trained on, `trainedOn`, also
// where that is in four bits, since what quantization took away is not of low rank. A run that went on from a given adapter
// leads back to the model that its base is the residual of, where the factors that were taken out of it are known.
std::filesystem::path untouchedModelOf(const RunSummary& run,
                                       const std::filesystem::path& trainedOn);

// The factors that a run began with, in PEFT's layout: initialAdapterOf(), but for a run that went on from an adapter which
// had moved away from what was taken out of its base: RUN/<method>_start then, and initialAdapterOf() is what was taken.
std::filesystem::path startAdapterOf(const RunSummary& run);

} // namespace pissarro::core
