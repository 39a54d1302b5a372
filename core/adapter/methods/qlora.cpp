// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/adapter/method.h"

namespace pissarro::core {

// arXiv:2305.14314: W in four bits, LoRA's start on it.
extern const MethodInfo kQlora {
    .name = "qlora",
    .title = "QLoRA",
    .base = MethodBase::FourBit,
    .twin = "qpissa",
};

} // namespace pissarro::core
