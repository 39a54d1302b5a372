// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/data/tokenizer.h"
#include "core/jobs/job_context.h"
#include "core/train/run_spec.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core {

// Which model speaks: a base, and perhaps a PEFT adapter on it.
struct InferenceModel {
    std::string model; // folder, .gguf or id
    std::filesystem::path adapter; // PEFT folder; empty: none
    BaseDType dtype = BaseDType::Float32; // computed in; the file's own dtype is converted
    std::string device = "auto";
    int threads = 0; // 0: as many as the machine has cores
};

// Writes logits of a file of ids: `logits` [B, T, V] float32.
// ids: a safetensors file with `input_ids` [B, T] (I64) and optionally `attention_mask`, or a JSON list of lists of one
// length. Logits at masked positions are written as they come out.
// Throws: Error{Format} naming the file (an id outside the vocabulary, lists of different length), Error{Io}.
void writeLogits(const InferenceModel& model, const std::filesystem::path& ids,
                 const std::filesystem::path& out, const JobContext& job);

struct GenerateOptions {
    std::int64_t maxNewTokens = 256;
    bool greedy = false; // else sampled with temperature and top-p
    double temperature = 1.0; // above 0
    double topP = 1.0; // in (0, 1]
    std::uint64_t seed = 0;
    bool chat = false; // the prompt is a user message in the model's chat template
};

struct GenerateResult {
    std::vector<std::int32_t> promptIds;
    std::vector<std::int32_t> newIds; // with the end token that stopped it, if one did
    std::string text; // of newIds, special tokens left out
    double prefillSeconds = 0.0;
    double decodeSeconds = 0.0;
};

// Continues a prompt with a KV cache. onText gets each piece of finished text as it comes (whole UTF-8 characters).
GenerateResult generate(const InferenceModel& model, std::string_view prompt,
                        const GenerateOptions& options,
                        const std::function<void(std::string_view)>& onText, const JobContext& job);

} // namespace pissarro::core
