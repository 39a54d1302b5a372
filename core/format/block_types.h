// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/format/dtype.h"

namespace pissarro::core::inline format::inline ggml {

// ggml's types of blocks, each a file of ggml/; dtypes.cpp lists them.
extern const DTypeInfo kQ80;
extern const DTypeInfo kQ40;
extern const DTypeInfo kQ41;
extern const DTypeInfo kQ6K;
extern const DTypeInfo kQ50;
extern const DTypeInfo kQ51;
extern const DTypeInfo kQ2K;
extern const DTypeInfo kQ3K;
extern const DTypeInfo kQ4K;
extern const DTypeInfo kQ5K;
extern const DTypeInfo kIq4Nl;
extern const DTypeInfo kIq4Xs;
extern const DTypeInfo kIq3Xxs;
extern const DTypeInfo kIq3S;
extern const DTypeInfo kIq2Xxs;
extern const DTypeInfo kIq2Xs;
extern const DTypeInfo kIq2S;
extern const DTypeInfo kIq1S;
extern const DTypeInfo kIq1M;
extern const DTypeInfo kMxFp4;
extern const DTypeInfo kNvFp4;
extern const DTypeInfo kTq10;
extern const DTypeInfo kTq20;

} // namespace pissarro::core::inline format::inline ggml
