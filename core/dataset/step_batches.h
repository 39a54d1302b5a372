// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/batches.h"

#include <cstdint>
#include <string>
#include <vector>

namespace pissarro::core::inline dataset {

// Tokens of a micro-batch that the loss counts: labels that are not kIgnoreLabel behind a token that the mask shows.
std::int64_t countedTokens(const Batch& batch);

// The micro-batches of the next optimizer step: `gradAccum` of them, and what is left at the end of an epoch, which no
// step crosses.
std::vector<Batch> nextStep(BatchSource& source, std::int64_t gradAccum);

// Ids and labels of every micro-batch of the first epoch without their padding, by content: Fingerprint's text. Leaves the
// source at its start.
std::string epochFingerprint(BatchSource& source);

} // namespace pissarro::core::inline dataset
