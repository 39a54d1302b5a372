// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

namespace pissarro::core::inline decoder::inline blocks {

// What a block takes for each token of a micro-batch, in elements of the compute dtype.
struct BlockMemory {
    std::int64_t saved = 0; // from the forward to the backward pass
    std::int64_t temporary = 0; // at once, while the block computes: one layer's at a time

    friend BlockMemory operator+(const BlockMemory& a, const BlockMemory& b)
    {
        return {a.saved + b.saved, a.temporary + b.temporary};
    }
};

} // namespace pissarro::core::inline decoder::inline blocks
