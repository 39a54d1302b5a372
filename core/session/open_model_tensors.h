// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/adapter/adapter_tensors.h"
#include "core/jobs/job_context.h"
#include "core/model/decoder_tensors.h"
#include "core/session/open_model.h"

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
// Throws: Error{Io}, Error{Format}, Error{InvalidArgument} for an unknown device; Cancelled.
OpenedModel openModel(const InferenceModel& model, const JobContext& job);

// A run as its trainer had it after the last checkpoint: raw factors on the base that they were trained on, whose weights
// are rounded to the type as they were in training.
struct TrainedModel {
    std::shared_ptr<const ModelFiles> files; // what the run read
    std::unique_ptr<Decoder> decoder;
    AdapterSet
        taken; // what was taken out of the untouched model's weights: PiSSA's start; empty: nothing
    AdapterSet trained;
};

// Requires: a run with an adapter. Throws: Error{Format} without a checkpoint; Cancelled.
TrainedModel openTrained(const RunSummary& run, at::ScalarType type, const JobContext& job);

// The files that a run with an adapter reads its frozen weights from: the run's own four bits, or the model it names.
std::shared_ptr<const ModelFiles> trainedFilesOf(const RunSummary& run);

// Whether the trainer takes the adapter's start out of the weights in memory: PiSSA that was not given an adapter.
bool reducesBase(const RunSpec& spec);

// A decoder on the files' weights, less what was taken out of them (may be empty): these are held, even where the files have
// four bits. Throws: Error{Format}; Cancelled.
std::unique_ptr<Decoder> openReduced(const std::shared_ptr<const ModelFiles>& files,
                                     const AdapterSet& taken, at::ScalarType type,
                                     at::Device device, const JobContext& job);

// W - scale B_0 A_0 in the place of each W: computed in float32 whatever the type of the base, rounded last.
// Requires: the decoder holds these weights. Throws: Cancelled.
void takeFromBase(Decoder& decoder, const AdapterSet& taken, const JobContext& job);

} // namespace pissarro::core
