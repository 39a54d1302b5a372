// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/evaluate/evaluate.h"
#include "core/text/text_difference.h"

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
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

// What is right, in short: of GSM8K's worked answer the number behind "#### ", of a choice the text that is right; as the data
// have it else. Empty: nothing is.
std::string shownGold(const nlohmann::json& gold);

// One of the texts between which a model chose.
struct WeighedChoice {
    std::string text;
    double logLikelihood = 0.0; // nats, of the whole text
    std::int64_t tokens = 0; // 0: not known
    bool isRight = false;
};
std::vector<WeighedChoice> weighedChoices(const Transcript& transcript); // none: it was no choice

// The part of an answer that the scorer took for it: where what it extracted stands last, whole. A number may stand there with
// thousands separators. nullopt: it found none, or what it read stands nowhere as it is told.
std::optional<TextPart> readPart(std::string_view output, const Score& score);

} // namespace pissarro::core::inline evaluate
