// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/adapter/adapter_tensors.h"
#include "core/base/job_context.h"
#include "core/decoder/decoder_tensors.h"
#include "core/session/open_model.h"
#include "core/weights/model_writer.h"

#include <map>
#include <memory>
#include <optional>
#include <string>

namespace pissarro::core::inline session {

// A run as its trainer had it at a state: raw factors on the base that they were trained on, whose weights are rounded to
// the type as they were in training.
struct TrainedModel {
    std::shared_ptr<const ModelFiles> files; // what the run read
    std::unique_ptr<Decoder> decoder;
    AdapterSet
        taken; // what was taken out of the untouched model's weights: PiSSA's start; empty: nothing
    AdapterSet trained;
    SavedWeights saved; // what trained whole beside them
};

// Of the usual state, or a given one. Requires: a run with an adapter.
// Throws: Error{Format} without a checkpoint; Cancelled.
TrainedModel openTrained(const RunSummary& run, at::ScalarType type, const JobContext& job);
TrainedModel openTrained(const RunSummary& run, const StoredState& state, at::ScalarType type,
                         const JobContext& job);

// A trained state as other programs read it, RUN/adapter of that state: a plain LoRA for the untouched model.
struct PlainLora {
    AdapterSet adapters;
    PeftDescription description; // refers to the files
};
// Formula: convertToLora() where something was taken out of the untouched weights, else the factors as they are.
PlainLora plainLoraOf(const RunSummary& run, const ModelFiles& files, const AdapterSet& trained,
                      const AdapterSet& taken);

// The weights of a full fine-tuning at a state, RUN/model of that state, over the files that it began with: in the type
// that it trained in, those that did not train too. Undefined: as the files have it.
// Throws (the provider as well): Error{Format} for the state of another model.
WeightProvider trainedWeights(const RunSummary& run, const StoredState& state,
                              std::shared_ptr<const ModelFiles> files);

// What fine-tuning made of a model, as weights: a model of its own, or a plain LoRA for the base.
struct TunedForm {
    std::shared_ptr<const ModelFiles> model; // null: the adapters are all
    AdapterSet adapters;
};
// `tuned`: a model, or a PEFT folder for `base`; of a run tunedFormOf(). Throws: Error{Io}; Error{Format}; Cancelled.
TunedForm openTuned(const std::filesystem::path& tuned, const ModelFiles& base,
                    const JobContext& job);

// A decoder with these weights. Requires: the files are not in four bits where the provider gives a linear weight.
// Throws: Cancelled.
std::unique_ptr<Decoder> openWith(const std::shared_ptr<const ModelFiles>& files,
                                  const WeightProvider& weights, at::ScalarType type,
                                  at::Device device, const JobContext& job);

// The files that a run with an adapter reads its frozen weights from: the run's own four bits, or the model it names.
std::shared_ptr<const ModelFiles> trainedFilesOf(const RunSummary& run);

// What a run with an adapter began with, from its own folder: for the trainer that goes on and for whoever opens it.
struct RunStart {
    AdapterSet factors;
    AdapterSet taken; // out of the untouched model's weights; empty: nothing
};
RunStart startOf(const RunSummary& run, const ModelFiles& files); // Throws: Error{Format}

// The factors of a run with an adapter at a state, or those of a PEFT folder.
struct RunFactors {
    AdapterSet taken = {}; // out of the untouched weights; empty: nothing
    AdapterSet trained = {};
    SavedWeights saved = {}; // what trained whole beside them
};
// What of `weights`, by name, is of modules that train whole beside an adapter.
SavedWeights savedOf(const std::map<std::string, at::Tensor>& weights, const ModelFiles& files);
// `files`: trainedFilesOf(). Throws: Error{Format} without that state.
RunFactors factorsOf(const RunSummary& run, const StoredState& state, const ModelFiles& files);

// Whether the trainer takes the adapter's start out of the weights in memory: isResidual(), and no adapter was given.
bool reducesBase(const RunSpec& spec);
bool reducesBase(const RunSpec& spec, Method method); // its twin of this method

// A decoder over files as a plan says: what it shares with a twin's, what will change, what is made for each product instead
// of being held. The one place where a decoder is built. Throws: Error{Format}; Cancelled.
std::unique_ptr<Decoder> openPlanned(const std::shared_ptr<const ModelFiles>& files,
                                     at::ScalarType type, at::Device device, const JobContext& job,
                                     const WeightPlan& plan);

// A decoder on the files' weights, less what was taken out of them, with what was trained on it; both may be empty. Weights
// that something is taken out of are held, even where the files have four bits; all others are used in place where there is
// a donor (WeightPlan) that has the files' weights untouched. Throws: Error{Format}; Cancelled.
std::unique_ptr<Decoder> openAdapted(const std::shared_ptr<const ModelFiles>& files,
                                     const RunFactors& factors, at::ScalarType type,
                                     at::Device device, const JobContext& job,
                                     const Decoder* donor = nullptr);

// W - scale B_0 A_0 in the place of each W: computed in float32 whatever the type of the base, rounded last.
// Requires: the decoder holds these weights. Throws: Cancelled.
void takeFromBase(Decoder& decoder, const AdapterSet& taken, const JobContext& job);

} // namespace pissarro::core::inline session
