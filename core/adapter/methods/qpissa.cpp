// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/adapter/alternation_tensors.h"
#include "core/adapter/method.h"

namespace pissarro::core::inline adapter::inline methods {

namespace {

// Formula:  R := W; T times: L := the best rank-r approximation of R; Q := nf4(W - L); R := W - deq(Q).
//   T = 1 is PiSSA with a quantized residual. L is not fitted again after the last quantization.
MethodStart start(const StartInput& input, const JobContext& job)
{
    Alternation state(input, job);
    for (int t = 1; t <= input.iters; ++t) {
        state.fit(t == 1 ? state.weight() : state.unquantized(), t);
        state.quantizeRest();
        state.tell(t);
    }
    return state.start();
}

} // namespace

// PiSSA on four bits (arXiv:2404.02948, algorithm 1, as its authors' code does it).
extern const MethodInfo kQpissa {
    .name = "qpissa",
    .title = "QPiSSA",
    .base = MethodBase::FourBit,
    .uses = {.svd = true, .iters = true},
    .twin = "qlora",
    .start = start,
    .reference = "Meng et al., PiSSA, NeurIPS (2024), arXiv:2404.02948",
};

} // namespace pissarro::core::inline adapter::inline methods
