// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/block_types.h"
#include "core/format/ggml/blocks_of_256_p.h"
#include "core/format/ggml/packed_bits_p.h"
#include "core/format/stored_numbers.h"

namespace pissarro::core::inline format::inline ggml {

namespace {

// 256 elements in eight groups: their scales and minima in six bits, and the scale of each of these.
struct Block {
    std::uint16_t scale; // float16
    std::uint16_t minimum; // float16
    std::uint8_t scales[12];
    std::uint8_t nibbles[128];
};
static_assert(sizeof(Block) == 144);

// Two groups of 32 lie in 32 bytes, the first in the low halves.
void convert(const std::byte* data, std::int64_t blocks, float* out)
{
    for (std::int64_t n = 0; n < blocks; ++n, data += sizeof(Block), out += kSuperBlock) {
        const auto block = load<Block>(data);
        const float scale = halfToFloat(block.scale);
        const float minimum = halfToFloat(block.minimum);
        const SixBitScales scales(block.scales);
        for (std::size_t pair = 0; pair < 4; ++pair) {
            std::uint8_t values[64];
            for (std::size_t i = 0; i < 32; ++i) {
                values[i] = block.nibbles[32 * pair + i] & 15;
                values[32 + i] = block.nibbles[32 * pair + i] >> 4;
            }
            for (std::size_t half = 0; half < 2; ++half) {
                const std::size_t group = 2 * pair + half;
                scaleInto<32>(values + 32 * half, scale * static_cast<float>(scales.scale[group]),
                              -(minimum * static_cast<float>(scales.minimum[group])),
                              out + 32 * group);
            }
        }
    }
}

} // namespace

constinit const DTypeInfo kQ4K {.name = "Q4_K",
                                .ggml = 12,
                                .elements = kSuperBlock,
                                .bytes = sizeof(Block),
                                .toFloat32 = convert,
                                .isFinite = halvesAreFinite<sizeof(Block), 0, 2>};

} // namespace pissarro::core::inline format::inline ggml
