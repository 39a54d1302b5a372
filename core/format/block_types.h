// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/format/dtype.h"

namespace pissarro::core::inline format::inline ggml {

// ggml's types of blocks, each a file of ggml/; dtypes.cpp lists them.
extern const DTypeInfo kQ80;
extern const DTypeInfo kQ40;
extern const DTypeInfo kQ41;
extern const DTypeInfo kQ6K;

} // namespace pissarro::core::inline format::inline ggml
