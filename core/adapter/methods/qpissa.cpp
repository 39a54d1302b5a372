// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/adapter/method.h"

namespace pissarro::core {

// PiSSA (arXiv:2404.02948) on four bits: the residual is quantized, and what that leaves fitted again.
extern const MethodInfo kQpissa {
    .name = "qpissa",
    .title = "QPiSSA",
    .base = MethodBase::FourBit,
    .uses = {.svd = true, .iters = true},
    .twin = "qlora",
    .reference = "Meng et al., PiSSA, NeurIPS (2024), arXiv:2404.02948",
};

} // namespace pissarro::core
