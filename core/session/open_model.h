// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/run/run_checkpoints.h"
#include "core/run/run_directory.h"
#include "core/run/run_spec.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline model {
class ModelFiles;
} // namespace pissarro::core::inline model

namespace pissarro::core::inline tokenizer {
class Tokenizer;
} // namespace pissarro::core::inline tokenizer

namespace pissarro::core::inline session {

// Which model speaks: a base, perhaps with a PEFT adapter on it, or what a run made.
struct InferenceModel {
    std::string model; // folder, .gguf, id, or a run directory: the tuned model
    std::filesystem::path adapter = {}; // PEFT folder; empty: none, or the run's own
    BaseDType dtype = BaseDType::Float32; // computed in; the file's own dtype is converted
    std::string device = "auto";
    int threads = 0; // 0: as many as the machine has cores
    // Takes what a person should know of the files and the adapter, a line at a time; empty: nobody wants to know.
    std::function<void(std::string_view line)> warn = {};
    StateChoice checkpoint = {}; // of a run; has no meaning for another model
    // Told which state of a run was opened; empty: nobody wants to know.
    std::function<void(const StoredState& state)> took = {};
};

// What a model that was named is on disk.
struct ModelParts {
    std::filesystem::path base; // folder or .gguf
    std::filesystem::path adapter; // PEFT folder that belongs on it; empty: none
    std::optional<RunSummary> run; // where a run was named
    std::optional<StoredState> state; // the run's that was chosen
    bool raw = false; // it is not what RUN/adapter or RUN/model holds: session::open() converts it
    std::filesystem::path
        tokenizer; // where it lies: the model that the run trained on, or its own copy
};

// The parts of MODEL, MODEL + ADAPTER or RUNDIR. A run of PiSSA or LoRA is the untouched model and RUN/adapter, one with a
// base in four bits RUN/base and RUN/adapter, full fine-tuning RUN/model; of a state that is not the one in RUN/adapter or
// RUN/model the base alone.
// Throws: Error{Io} when nothing is there; Error{Format} for a run without that state, or a folder of twins;
//   Error{InvalidArgument} for an adapter beside a run.
ModelParts partsOf(const std::string& model, const std::filesystem::path& adapter = {},
                   const StateChoice& checkpoint = {});

// The base's files, with the head that a run or an adapter gives a model which has none. Throws: as ModelFiles::open().
std::shared_ptr<const ModelFiles> baseFilesOf(const ModelParts& parts);

// The tokenizer of what was named. Throws: as openTokenizer(); Error{Format} where a run's was changed since.
std::shared_ptr<const Tokenizer> tokenizerOf(const ModelParts& parts);

// Where the weights of MODEL or RUNDIR lie as they are, for what works on weights instead of computing with them: of a
// full fine-tuning RUN/model. Throws: as partsOf(); Error{InvalidArgument} for a run whose tuned model is in no one folder,
//   saying how to write it.
std::filesystem::path weightsOf(const std::string& model);
// What compareWithTuned() takes for `tuned` on `base`: of a run RUN/adapter, which must be for that base, or RUN/model.
// Throws: as weightsOf(); Error{InvalidArgument} naming the base that it belongs to.
std::filesystem::path tunedFormOf(const std::string& tuned, const ModelFiles& base);
// Throws: Error{InvalidArgument} where a run was named in the place of a PEFT folder.
void refuseRunAsAdapter(const std::filesystem::path& adapter);

// Everything that is read when MODEL, MODEL + ADAPTER or RUNDIR is opened, for OutputRule: what was named, the model that it
// stands for, what a run trained on and the untouched model that an adapter was taken out of. What is not there is left out.
std::vector<std::filesystem::path> readPlaces(const std::string& model,
                                              const std::filesystem::path& adapter = {});
std::vector<std::filesystem::path> readPlaces(const RunSummary& run);
// The same of what a training reads, its data too.
std::vector<std::filesystem::path> readPlaces(const RunSpec& spec);

// The state of a run that is chosen: findState(), but of a run that keeps none what RUN/adapter or RUN/model holds, which
// has no directory then. Throws: as findState().
StoredState stateOf(const RunSummary& run, const StateChoice& choice);
// Whether RUN/adapter, of full fine-tuning RUN/model, is there and holds this very state.
bool holdsState(const RunSummary& run, const StoredState& state);

// The untouched model that the run's plain LoRA belongs to (RUN/adapter): the one that it trained on, `trainedOn`, also
// where that is in four bits, since what quantization took away is not of low rank. A run that went on from a given adapter
// leads back to the model that its base is the residual of, where the factors that were taken out of it are known.
std::filesystem::path untouchedModelOf(const RunSummary& run,
                                       const std::filesystem::path& trainedOn);

// The factors that a run began with, in PEFT's layout: initialAdapterOf(), but for a run that went on from an adapter which
// had moved away from what was taken out of its base, or on four bits with a kind of adapter that has more than factors:
// RUN/<method>_start then, and initialAdapterOf() is what was taken, or the factors that the base was made with.
std::filesystem::path startAdapterOf(const RunSummary& run);

} // namespace pissarro::core::inline session
