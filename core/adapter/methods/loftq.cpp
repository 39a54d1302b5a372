// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/adapter/method.h"

namespace pissarro::core {

// arXiv:2310.08659: W is quantized, then the adapter fitted to what that leaves, T times in turn.
extern const MethodInfo kLoftq {
    .name = "loftq",
    .title = "LoftQ",
    .base = MethodBase::FourBit,
    .uses = {.svd = true, .iters = true},
    .twin = "qpissa",
    .quantizesFirst = true,
    .reference = "Li et al., LoftQ, ICLR (2024), arXiv:2310.08659",
};

} // namespace pissarro::core
