// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"
#include "core/infer/sampler.h"
#include "core/session/session.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline infer {

struct GenerateOptions : Sampling {
    std::int64_t maxNewTokens = 256;
    bool chat = false; // the prompt is a user message in the model's chat template
    // The prompt is a chat template's text: it holds its special tokens itself.
    bool rendered = false;
    std::vector<std::string> stops = {}; // texts that end it; what is said is cut before the first
};

struct GenerateResult {
    std::vector<std::int32_t> promptIds;
    std::vector<std::int32_t> newIds; // with the end token that stopped it, if one did
    std::string text; // of newIds, special tokens left out
    double prefillSeconds = 0.0; // of a batch its share
    double decodeSeconds = 0.0;
};

// What a model answers to one prompt, a token a step with a KV cache, so that several models can answer in turn.
// Requires: the session was opened with its tokenizer; session and job outlive it. Threads: one user at a time.
class Reply {
public:
    // Throws: Error{InvalidArgument} for options or a prompt of which nothing can be made.
    Reply(const session::Session& session, std::string_view prompt, const GenerateOptions& options,
          const JobContext& job);
    ~Reply();
    Reply(Reply&& other) noexcept;

    bool isOver() const; // it ended, or has maxNewTokens
    // The next token; the first step reads the prompt before it. Returns the text that is finished by it, whole UTF-8
    // characters; may be empty. Requires: !isOver().
    // Throws: Error{Numeric} for logits that are not finite; Cancelled within a token. It is over for good then.
    std::string step();
    const GenerateResult& result() const; // so far

private:
    struct Private;
    std::unique_ptr<Private> d;
};

// The whole of a Reply. onText gets each piece of finished text as it comes (whole UTF-8 characters).
// Of a session as often as one likes; the model is read once. Requires: it was opened with its tokenizer.
GenerateResult generate(const session::Session& session, std::string_view prompt,
                        const GenerateOptions& options,
                        const std::function<void(std::string_view)>& onText, const JobContext& job);
GenerateResult generate(const InferenceModel& model, std::string_view prompt,
                        const GenerateOptions& options,
                        const std::function<void(std::string_view)>& onText, const JobContext& job);

// Continues many prompts, `batchSize` of them together (engine.h); results in the order of `prompts`. A sampled prompt
// depends on the seed and on its place in `prompts`, not on the batch. onBatch is told how many prompts are done.
// Requires: batchSize >= 1. Throws: Error{InvalidArgument} for an empty prompt, by its number; Cancelled within a token.
std::vector<GenerateResult> generateAll(const session::Session& session,
                                        const std::vector<std::string>& prompts,
                                        const GenerateOptions& options, std::int64_t batchSize,
                                        const std::function<void(std::size_t)>& onBatch,
                                        const JobContext& job);
std::vector<GenerateResult> generateAll(const InferenceModel& model,
                                        const std::vector<std::string>& prompts,
                                        const GenerateOptions& options, std::int64_t batchSize,
                                        const std::function<void(std::size_t)>& onBatch,
                                        const JobContext& job);

} // namespace pissarro::core::inline infer
