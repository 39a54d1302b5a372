// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/block_types.h"
#include "core/format/ggml/blocks_of_256_p.h"
#include "core/format/ggml/packed_bits_p.h"
#include "core/format/stored_numbers.h"

namespace pissarro::core::inline format::inline ggml {

namespace {

// 256 elements in sixteen groups: two bits of each element as in Q2_K, a third one, and scales of six bits.
struct Block {
    std::uint8_t
        third[32]; // byte i: element i of each run of 32; 4 is taken away where it is not set
    std::uint8_t pairs[64];
    std::uint8_t
        scales[12]; // eight bytes of low halves, then four with two bits of each of four scales
    std::uint16_t scale; // float16
};
static_assert(sizeof(Block) == 110);

void unpackScales(const std::uint8_t* packed, std::int8_t* scales)
{
    for (std::size_t i = 0; i < 16; ++i) {
        const int low = packed[i % 8] >> (i < 8 ? 0 : 4) & 15;
        const int high = packed[8 + i % 4] >> 2 * (i / 4) & 3;
        scales[i] = static_cast<std::int8_t>((low | high << 4) - 32);
    }
}

void convert(const std::byte* data, std::int64_t blocks, float* out)
{
    for (std::int64_t n = 0; n < blocks; ++n, data += sizeof(Block), out += kSuperBlock) {
        const auto block = load<Block>(data);
        const float scale = halfToFloat(block.scale);
        std::int8_t scales[16];
        unpackScales(block.scales, scales);
        std::uint8_t third[32]; // moves on by a bit with each run
        std::memcpy(third, block.third, sizeof third);
        std::int8_t values[kSuperBlock];
        for (std::size_t half = 0; half < 2; ++half) {
            std::uint8_t pairs[32];
            std::memcpy(pairs, block.pairs + 32 * half, sizeof pairs);
            for (std::size_t run = 0; run < 4; ++run) {
                std::int8_t* const element = values + 128 * half + 32 * run;
                for (std::size_t i = 0; i < 32; ++i) {
                    const int bits = (pairs[i] & 3) | (third[i] & 1) << 2;
                    element[i] = static_cast<std::int8_t>(bits - 4);
                    pairs[i] >>= 2;
                    third[i] >>= 1;
                }
            }
        }
        for (std::size_t group = 0; group < 16; ++group) {
            scaleInto<16>(values + 16 * group, scale * static_cast<float>(scales[group]),
                          out + 16 * group);
        }
    }
}

} // namespace

constinit const DTypeInfo kQ3K {.name = "Q3_K",
                                .ggml = 11,
                                .elements = kSuperBlock,
                                .bytes = sizeof(Block),
                                .toFloat32 = convert,
                                .isFinite = halvesAreFinite<sizeof(Block), 108>};

} // namespace pissarro::core::inline format::inline ggml
