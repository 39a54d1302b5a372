// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/jobs/job_context.h"
#include "core/train/run_spec.h"

#include <filesystem>
#include <string>

namespace pissarro::core {

// Which model speaks: a base, and perhaps a PEFT adapter on it.
struct InferenceModel {
    std::string model; // folder, .gguf or id
    std::filesystem::path adapter; // PEFT folder; empty: none
    BaseDType dtype = BaseDType::Float32; // computed in; the file's own dtype is converted
    std::string device = "auto";
    int threads = 0; // 0: as many as allowedCores() says
};

// Writes logits of a file of ids: `logits` [B, T, V] float32.
// ids: a safetensors file with `input_ids` [B, T] (I64) and optionally `attention_mask`, or a JSON list of lists of one
// length. Logits at masked positions are written as they come out.
// Throws: Error{Format} naming the file (an id outside the vocabulary, lists of different length), Error{Io}.
void writeLogits(const InferenceModel& model, const std::filesystem::path& ids,
                 const std::filesystem::path& out, const JobContext& job);

} // namespace pissarro::core
