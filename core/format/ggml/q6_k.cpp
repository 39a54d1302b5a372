// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/block_types.h"
#include "core/format/ggml/blocks_of_256_p.h"
#include "core/format/ggml/packed_bits_p.h"
#include "core/format/stored_numbers.h"

namespace pissarro::core::inline format::inline ggml {

namespace {

// 256 elements: the low four bits of each, the high two, a scale for every 16, the scale of the scales.
struct Block {
    std::uint8_t low[128];
    std::uint8_t high[64];
    std::int8_t scales[16];
    std::uint16_t scale; // float16
};
static_assert(sizeof(Block) == 210);

// The 128 elements of a half lie in four runs of 32: bytes 0–31 and 32–63 of `low` hold runs 0 and 1 in their low halves,
// 2 and 3 in their high ones; byte i of `high` holds two bits of element i of each run.
void unpack(const Block& block, std::int8_t* values)
{
    for (std::size_t half = 0; half < 2; ++half) {
        std::int8_t* const run = values + 128 * half;
        for (std::size_t i = 0; i < 32; ++i) {
            const int first = block.low[64 * half + i];
            const int second = block.low[64 * half + 32 + i];
            const int high = block.high[32 * half + i];
            run[i] = static_cast<std::int8_t>(((first & 15) | (high & 3) << 4) - 32);
            run[32 + i] = static_cast<std::int8_t>(((second & 15) | (high >> 2 & 3) << 4) - 32);
            run[64 + i] = static_cast<std::int8_t>((first >> 4 | (high >> 4 & 3) << 4) - 32);
            run[96 + i] = static_cast<std::int8_t>((second >> 4 | (high >> 6) << 4) - 32);
        }
    }
}

// value = scale · scales[i / 16] · element i. Products have 11 + 7 + 5 bits and are exact in float32; this order gives a
// zero its sign.
void convert(const std::byte* data, std::int64_t blocks, float* out)
{
    for (std::int64_t n = 0; n < blocks; ++n, data += sizeof(Block), out += kSuperBlock) {
        const auto block = load<Block>(data);
        const float scale = halfToFloat(block.scale);
        std::int8_t values[kSuperBlock];
        unpack(block, values);
        for (std::size_t group = 0; group < 16; ++group) {
            scaleInto<16>(values + 16 * group, scale * static_cast<float>(block.scales[group]),
                          out + 16 * group);
        }
    }
}

} // namespace

constinit const DTypeInfo kQ6K {.name = "Q6_K",
                                .ggml = 14,
                                .elements = kSuperBlock,
                                .bytes = sizeof(Block),
                                .toFloat32 = convert,
                                .isFinite = halvesAreFinite<sizeof(Block), 208>};

} // namespace pissarro::core::inline format::inline ggml
