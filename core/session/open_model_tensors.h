// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/adapter/adapter_tensors.h"
#include "core/base/job_context.h"
#include "core/decoder/decoder_tensors.h"
#include "core/session/open_model.h"
#include "core/weights/model_writer.h"

#include <memory>
#include <optional>

namespace pissarro::core {

// A model that is ready to compute.
struct OpenedModel {
    ModelParts parts;
    std::shared_ptr<const ModelFiles> files; // of parts.base
    std::unique_ptr<Decoder> decoder; // with its adapter on it
};

// Opens what is named as something ready: the one way that verbs and pages get a decoder. Requires: a
// ThreadBudget of model.threads.
// Throws: Error{Io}; Error{Format}, also where a run's model was changed since; Error{InvalidArgument} for an unknown
//   device; Cancelled.
OpenedModel openModel(const InferenceModel& model, const JobContext& job);

// A run as its trainer had it at a state: raw factors on the base that they were trained on, whose weights are rounded to
// the type as they were in training.
struct TrainedModel {
    std::shared_ptr<const ModelFiles> files; // what the run read
    std::unique_ptr<Decoder> decoder;
    AdapterSet
        taken; // what was taken out of the untouched model's weights: PiSSA's start; empty: nothing
    AdapterSet trained;
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

// Whether the trainer takes the adapter's start out of the weights in memory: isResidual(), and no adapter was given.
bool reducesBase(const RunSpec& spec);
bool reducesBase(const RunSpec& spec, Method method); // its twin of this method

// A decoder on the files' weights, less what was taken out of them (may be empty): these are held, even where the files have
// four bits. Throws: Error{Format}; Cancelled.
std::unique_ptr<Decoder> openReduced(const std::shared_ptr<const ModelFiles>& files,
                                     const AdapterSet& taken, at::ScalarType type,
                                     at::Device device, const JobContext& job);

// W - scale B_0 A_0 in the place of each W: computed in float32 whatever the type of the base, rounded last.
// Requires: the decoder holds these weights. Throws: Cancelled.
void takeFromBase(Decoder& decoder, const AdapterSet& taken, const JobContext& job);

} // namespace pissarro::core
