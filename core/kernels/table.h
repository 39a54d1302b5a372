// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/kernels/bf16_kernels.h"
#include "core/kernels/kernels.h"
#include "core/kernels/operations.h"

#include <type_traits>

namespace pissarro::core::kernels {

// All kernels of one of the Operations. LibTorch's are the plain ones, for what LibTorch lacks.
struct Table {
    Operations operations;
    Functions<float> float32;
    Functions<double> float64;
    Functions<Bf16> bfloat16;
    FourBitFunctions fourBit;
    SplitAdamW splitAdamW;
    const Bf16Kernels* bf16; // null where the operations have no AVX512-BF16
    // Whether these make the large products too: not where LibTorch's have matrix tiles (AMX) to run on, which beat ours.
    bool largeProducts;

    template <class T>
    const Functions<T>& functions() const
    {
        if constexpr (std::is_same_v<T, float>) {
            return float32;
        } else if constexpr (std::is_same_v<T, double>) {
            return float64;
        } else {
            return bfloat16;
        }
    }
};

// Those of this process unless others are named. Requires: they are among presentOperations(). Threads: any.
const Table& tableOf(Operations operations = kernels::operations());

} // namespace pissarro::core::kernels
