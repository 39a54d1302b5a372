// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/format/dtype.h"

namespace pissarro::core {

// ggml's types of blocks, each a file of ggml/; dtypes.cpp lists them.
extern const DTypeInfo kQ8_0;
extern const DTypeInfo kQ4_0;
extern const DTypeInfo kQ4_1;
extern const DTypeInfo kQ6_K;

} // namespace pissarro::core
