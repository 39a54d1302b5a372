// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/adapter/method.h"

namespace pissarro::core {

// arXiv:2106.09685: A is random, B zero, W stays as it is.
extern const MethodInfo kLora {
    .name = "lora",
    .title = "LoRA",
    .base = MethodBase::Untouched,
    .twin = "pissa",
};

} // namespace pissarro::core
