// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/evaluate/evaluate.h"
#include "core/text/text_difference.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline evaluate {

// What a person is shown of questions and answers.

// Each row of a task's data as it is asked, without a template around it; of MT-Bench its turns, a blank line between them; of
// perplexity each text. `rows`: as of EvaluationSpec.
// Throws: Error{Io}, Error{Format} naming file and line; Error{InvalidArgument} for a task that is not known;
//   Cancelled.
std::vector<std::string> askedTexts(std::string_view task, const std::filesystem::path& data,
                                    std::int64_t rows = 0, const JobContext& job = {});

// The same of an evaluation; none where its data are gone, cannot be read, or have changed since. Throws: Cancelled.
std::vector<std::string> askedTexts(const Evaluation& evaluation, const JobContext& job);

// What was written, a text a turn; nothing of a choice or a window.
std::vector<std::string> writtenTurns(const Transcript& transcript);

// The part of an answer that the scorer took for it: where what it extracted stands last, whole. A number may stand there with
// thousands separators. nullopt: it found none, or what it read stands nowhere as it is told.
std::optional<TextPart> readPart(std::string_view output, const Score& score);

} // namespace pissarro::core::inline evaluate
