// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/adapter/adapter_kind_tensors.h"
#include "core/adapter/adapter_tensors.h"

namespace pissarro::core::inline adapter {

// The two factors that every kind begins with: A [R, I] and B [O, R].
inline AdapterTensor factorA()
{
    return {"lora_A", &Adapter::a_RI,
            [](std::int64_t /*rows*/, std::int64_t cols, std::int64_t rank) {
                return std::vector<std::int64_t> {rank, cols};
            }};
}

inline AdapterTensor factorB()
{
    return {"lora_B", &Adapter::b_OR,
            [](std::int64_t rows, std::int64_t /*cols*/, std::int64_t rank) {
                return std::vector<std::int64_t> {rows, rank};
            }};
}

} // namespace pissarro::core::inline adapter
