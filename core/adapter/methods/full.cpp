// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/adapter/method.h"

namespace pissarro::core::inline adapter::inline methods {

// Every weight, or the whole matrices of the targets.
extern const MethodInfo kFull {
    .name = "full",
    .title = "Full fine-tuning",
    .base = MethodBase::Trained,
    .twin = "pissa",
};

} // namespace pissarro::core::inline adapter::inline methods
