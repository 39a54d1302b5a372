// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/train/trainer.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace pissarro::core::inline model {
class ModelFiles;
} // namespace pissarro::core::inline model

namespace pissarro::core::inline training {

// What a request says beyond its fields, and what is asked of it before a run folder is made. All but checkRequest()
// require: the spec's paths are absolute.

// Before any work: what the spec says must do for each method, and each is there once. Throws: Error{InvalidArgument}.
void checkRequest(const TrainRequest& request);

// A model that is named by the run which made it becomes the folder where it lies. Throws: as weightsOf().
void takeModelOfRun(RunSpec& spec);

std::vector<Method> methodsOf(const TrainRequest& request); // the spec's own first
RunSpec specOf(const TrainRequest& request, Method method); // the spec's, or that of a twin
// Twins that go on keep the rates that they have, but for those that the request names.
void keepTwinRates(TrainRequest& request);
// A run that goes on alone in a folder of twins, named by that folder, is taken in its own: its twin was never begun, or is
// left where it is. Throws: Error{InvalidArgument} where the folder holds no run of that method, or is itself one run and
// twins are asked for.
void takePlaceOfRun(TrainRequest& request, TrainObserver& observer);
std::filesystem::path directoryOf(const TrainRequest& request, Method method);
// Whether there is a run to go on with; --resume alone does not make a folder ours.
bool goesOn(const TrainRequest& request);
// Of a run that goes on the message tells where its model lay. Throws: Error{Io}.
std::filesystem::path modelPathOf(const TrainRequest& request);

// What a chat template's strftime_now says: when the run began, also to one that goes on; "2026-02-03T04:05:06".
std::string timeOfRun(const TrainRequest& request);

// The same of its data, or its batches. Of a run that begins whoever reads them tells.
void requireDataOf(const TrainRequest& request);

// Whether the run folders may be taken, and takes them: run_place.h, with what the spec reads as inputs.
void checkPlaces(const TrainRequest& request);
void claimPlaces(const TrainRequest& request);

// A given adapter is read once for what is to be said of it, before a run folder is made. Throws: Error{Format}.
void checkGiven(const TrainRequest& request, const ModelFiles& files, TrainObserver& observer);
// A disk that is too small is told of before the start; the run may still fit, if it ends early.
// Tells of a head whose numbers are drawn. Throws: Error{InvalidArgument} for an encoder without a head for texts.
void requireTrainable(const ModelFiles& files, TrainObserver& observer);
void tellOfDisk(const TrainRequest& request, const ModelFiles& files, std::int64_t steps,
                TrainObserver& observer);

} // namespace pissarro::core::inline training
