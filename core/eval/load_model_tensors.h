// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/eval/inference.h"
#include "core/model/decoder_tensors.h"

#include <memory>

namespace pissarro::core {

// A decoder with the adapter that is named, ready to compute. Requires: a ThreadBudget of
// model.threads.
// Throws: Error{Io}, Error{Format}, Error{InvalidArgument} for an unknown device; Cancelled.
std::unique_ptr<Decoder> loadModel(const InferenceModel& model, const JobContext& job);

} // namespace pissarro::core
