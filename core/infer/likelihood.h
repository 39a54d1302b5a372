// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/job_context.h"
#include "core/session/session.h"
#include "core/tasks/perplexity.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pissarro::core::inline infer {

// What may follow a context, and is asked how likely it is. Ids; the context has at least one.
struct Continuation {
    std::vector<std::int32_t> context;
    std::vector<std::int32_t> ids;
    std::size_t voice = 0; // of the choir
};

// log p of each id of each continuation, natural, float64. A context that neighbours of one voice have in common is read once.
// `tokensAtOnce`: of one pass; a single continuation may have more. onDone is told those that are ready, in order.
// Of an encoder each id that is no special token, hidden while all others are seen: a pseudo-likelihood.
// Throws: Error{InvalidArgument} for an empty context or an id beyond the model's; Error{Numeric} where one is NaN; Cancelled.
std::vector<std::vector<double>> logLikelihoods(
    const session::Choir& choir, const std::vector<Continuation>& continuations,
    std::int64_t tokensAtOnce,
    const std::function<void(std::size_t index, const std::vector<double>& found)>& onDone,
    const JobContext& job);

// The windows of a text as what is asked of a voice, one for each that has tokens that count. Rolling windows are encoded
// without special tokens, as lm-evaluation-harness does; others as the model is used.
// Throws: as windowsOf(); Error{InvalidArgument} for rolling windows where the tokenizer names no beginning; Cancelled.
std::vector<Continuation> windowsOfText(const Tokenizer& tokenizer, const std::string& text,
                                        const WindowPlan& plan, std::size_t voice,
                                        const JobContext& job);

// The ids of a context and of what follows it, as lm-evaluation-harness splits them: encoded as one text, spaces at the end
// of the context being the continuation's. The context's are not empty: an empty one is the beginning-of-sequence token,
// else the end's. Throws: Error{InvalidArgument} where the tokenizer has neither; Cancelled.
std::pair<std::vector<std::int32_t>, std::vector<std::int32_t>>
splitIds(const Tokenizer& tokenizer, std::string_view context, std::string_view continuation,
         bool addSpecial, const JobContext& job = {});

} // namespace pissarro::core::inline infer
