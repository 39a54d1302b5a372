// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/kernels/kernels.h"

#include <cstdint>

namespace pissarro::core::kernels {

// Matrix products and attention in bfloat16 with float32 sums, by the processor's own instruction (AVX512-BF16).
//
// What LibTorch gives up on this kind of machine: its general product reaches 60 to 90 % of what the instruction can do
// on a decoder's shapes, its attention backward a few per cent. Here the second operand is packed on the fly, a panel
// of 48 columns at a time, which costs about 1 % of the product and no memory that lasts.
// Each function does the tasks [begin, end) of the number that its …Tasks() gives, so that a caller can split them
// among threads; it starts no thread itself. Every element's sum runs in the order of k: the result does not depend
// on the split. Denormals count as zero (that is the instruction).
// Shapes: row-major; a stride is the distance of two rows in elements. The depths of a product are even.

// g += scale a^T b in float32: the gradient of a weight or of a factor.
struct OuterProduct {
    std::int64_t depth = 0; // N, the tokens; any number
    std::int64_t rows = 0; // M
    std::int64_t columns = 0; // O
    const Bf16* a = nullptr; // [N, M]
    std::int64_t aStride = 0;
    const Bf16* b = nullptr; // [N, O]
    std::int64_t bStride = 0;
    float scale = 1.0F;
    float* g = nullptr; // [M, O]
    std::int64_t gStride = 0;
};

// Causal grouped-query attention of segments on a flat token axis (see core/decoder/ops/ops_tensors.h).
// Requires: headDim a multiple of 16, at most 256.
struct Attention {
    const std::int64_t* offsets = nullptr; // first token of each segment
    const std::int64_t* lengths = nullptr;
    std::int64_t segments = 0;
    std::int64_t heads = 0;
    std::int64_t kvHeads = 0;
    std::int64_t headDim = 0;
    std::int64_t window = 0; // 0: all before
    float scale = 0.0F;
    const Bf16* qkv = nullptr; // [N, (heads + 2 kvHeads) headDim], contiguous
    Bf16* y = nullptr; // [N, heads headDim]; the backward pass only reads it
    float* lse = nullptr; // [N, heads]; the backward pass only reads it
    const Bf16* dy = nullptr; // backward: [N, heads headDim]
    Bf16* dqkv = nullptr; // backward: as qkv
};

struct Bf16Kernels {
    std::int64_t (*productTasks)(const Product<Bf16>& product, int threads);
    void (*product)(const Product<Bf16>& product, int threads, std::int64_t begin,
                    std::int64_t end);
    // For a few rows, as decoding has them: no packing. Requires: neither pair `byColumns`.
    std::int64_t (*thinTasks)(const Product<Bf16>& product);
    void (*thin)(const Product<Bf16>& product, std::int64_t begin, std::int64_t end);
    std::int64_t (*outerTasks)(const OuterProduct& outer);
    void (*outer)(const OuterProduct& outer, std::int64_t begin, std::int64_t end);
    // Tasks: segments times kvHeads, the same for both directions.
    void (*attention)(const Attention& attention, std::int64_t begin, std::int64_t end);
    void (*attentionBackward)(const Attention& attention, std::int64_t begin, std::int64_t end);
};

} // namespace pissarro::core::kernels
