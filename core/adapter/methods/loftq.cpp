// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/adapter/alternation_tensors.h"
#include "core/adapter/method.h"

namespace pissarro::core::inline adapter::inline methods {

namespace {

// Formula:  L := 0; T times: Q := nf4(W - L); L := the best rank-r approximation of W - deq(Q).
MethodStart start(const StartInput& input, const JobContext& job)
{
    Alternation state(input, job);
    for (int t = 1; t <= input.iters; ++t) {
        state.quantizeRest();
        state.fit(state.unquantized(), t);
        state.tell(t);
    }
    return state.start();
}

} // namespace

// arXiv:2310.08659, algorithm 1.
extern const MethodInfo kLoftq {
    .name = "loftq",
    .title = "LoftQ",
    .base = MethodBase::FourBit,
    .uses = {.svd = true, .iters = true},
    .twin = "qpissa",
    .start = start,
    .quantizesFirst = true,
    .reference = "Li et al., LoftQ, ICLR (2024), arXiv:2310.08659",
};

} // namespace pissarro::core::inline adapter::inline methods
