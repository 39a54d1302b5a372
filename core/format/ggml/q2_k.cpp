// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/block_types.h"
#include "core/format/ggml/blocks_of_256_p.h"
#include "core/format/ggml/packed_bits_p.h"
#include "core/format/stored_numbers.h"

namespace pissarro::core::inline format::inline ggml {

namespace {

// 256 elements in sixteen groups: the scale of each in the low half of its byte, the minimum in the high half.
struct Block {
    std::uint8_t scales[16];
    std::uint8_t pairs[64]; // of bits
    std::uint16_t scale; // float16
    std::uint16_t minimum; // float16
};
static_assert(sizeof(Block) == 84);

// A half of 128 elements lies in 32 bytes: bits 2r and 2r + 1 of byte i are element i of its run r of 32.
void convert(const std::byte* data, std::int64_t blocks, float* out)
{
    for (std::int64_t n = 0; n < blocks; ++n, data += sizeof(Block), out += kSuperBlock) {
        const auto block = load<Block>(data);
        const float scale = halfToFloat(block.scale);
        const float minimum = halfToFloat(block.minimum);
        std::uint8_t values[kSuperBlock];
        for (std::size_t half = 0; half < 2; ++half) {
            for (std::size_t i = 0; i < 32; ++i) {
                const unsigned four = block.pairs[32 * half + i];
                values[128 * half + i] = four & 3U;
                values[128 * half + 32 + i] = four >> 2 & 3U;
                values[128 * half + 64 + i] = four >> 4 & 3U;
                values[128 * half + 96 + i] = static_cast<std::uint8_t>(four >> 6);
            }
        }
        for (std::size_t group = 0; group < 16; ++group) {
            scaleInto<16>(values + 16 * group, scale * static_cast<float>(block.scales[group] & 15),
                          -(minimum * static_cast<float>(block.scales[group] >> 4)),
                          out + 16 * group);
        }
    }
}

} // namespace

constinit const DTypeInfo kQ2K {.name = "Q2_K",
                                .ggml = 10,
                                .elements = kSuperBlock,
                                .bytes = sizeof(Block),
                                .toFloat32 = convert,
                                .isFinite = halvesAreFinite<sizeof(Block), 80, 82>};

} // namespace pissarro::core::inline format::inline ggml
