// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"
#include "core/file/output.h"
#include "core/session/open_model.h"

#include <filesystem>

namespace pissarro::core::inline infer {

// Writes logits of a file of ids: `logits` [B, T, V] float32, of a head of whole texts [B, labels].
// ids: a safetensors file with `input_ids` [B, T] (I64) and optionally `attention_mask` and `token_type_ids`, or a JSON list of
// lists of one length. Logits at masked positions are written as they come out.
// Throws: Error{Format} naming the file (an id outside the vocabulary, lists of different length), Error{Io}.
// `out` is written by the rule for outputs (core/file/output.h); model, adapter and ids are inputs.
void writeLogits(const InferenceModel& model, const std::filesystem::path& ids,
                 const std::filesystem::path& out, Overwrite overwrite, const JobContext& job);

} // namespace pissarro::core::inline infer
