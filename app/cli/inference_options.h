// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/verb.h"
#include "core/infer/inference.h"

#include <optional>

namespace pissarro::cli {

// MODEL, --adapter, --checkpoint, --dtype, --device and --threads: which model speaks.
void addInferenceModel(CLI::App& verb, core::InferenceModel& model);
// The last three of them: how it computes.
void addComputing(CLI::App& verb, core::InferenceModel& model);
// What is to be known of an adapter becomes warning lines, which state of a run speaks a message, kept in `took`.
// Throws: UsageError for --checkpoint with a model that is no run.
void tellInto(Session& session, core::InferenceModel& model,
              std::optional<core::StoredState>& took);

} // namespace pissarro::cli
