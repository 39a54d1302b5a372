// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/infer/likelihood.h"
#include "core/session/session.h"

#include <cstdint>
#include <vector>

namespace pissarro::core::inline infer {

// log p of each id of a continuation that is no special token, hidden behind the mask token while all others are seen: a
// pseudo-likelihood (Salazar et al. 2020, arXiv:1910.14659), not the probability of a text.
// Cost: a pass over context and continuation for each id, some at once.
// Throws: Error{InvalidArgument} for a model without a head for hidden tokens, or a tokenizer without a mask token; Cancelled.
std::vector<double> maskedLikelihoods(const session::Choir& choir, const Continuation& one,
                                      std::int64_t tokensAtOnce, const JobContext& job);

} // namespace pissarro::core::inline infer
