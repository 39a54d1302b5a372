// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/verb.h"
#include "core/eval/inference.h"

namespace pissarro::cli {

// MODEL, --adapter, --dtype, --device and --threads: which model speaks.
void addInferenceModel(CLI::App& verb, core::InferenceModel& model);
// What is to be known of an adapter becomes warning lines.
void warnInto(Session& session, core::InferenceModel& model);

} // namespace pissarro::cli
