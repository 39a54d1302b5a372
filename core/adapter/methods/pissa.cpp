// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/adapter/method.h"

namespace pissarro::core {

// arXiv:2404.02948: the leading singular triplets become the adapter, the rest stays frozen.
extern const MethodInfo kPissa {
    .name = "pissa",
    .title = "PiSSA",
    .base = MethodBase::Residual,
    .uses = {.svd = true, .slice = true},
    .twin = "lora",
};

} // namespace pissarro::core
