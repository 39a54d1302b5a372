// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/block_types.h"
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

constexpr std::int64_t kElements = 256;

// The 128 elements of a half lie in four runs of 32: bytes 0–31 and 32–63 of `low` hold runs 0 and 1 in their low halves,
// 2 and 3 in their high ones; byte i of `high` holds two bits of element i of each run.
void unpack(const Block& block, std::int32_t* values)
{
    for (std::int64_t half = 0; half < 2; ++half) {
        for (std::int64_t run = 0; run < 4; ++run) {
            const std::uint8_t* const low = block.low + 64 * half + 32 * (run % 2);
            const std::uint8_t* const high = block.high + 32 * half;
            for (std::int64_t i = 0; i < 32; ++i) {
                const int four = (low[i] >> (4 * (run / 2))) & 15;
                const int two = (high[i] >> (2 * run)) & 3;
                *values++ = (four | (two << 4)) - 32;
            }
        }
    }
}

// value = scale · scales[i / 16] · element i. Products have 11 + 7 + 5 bits and are exact in float32; this order gives a
// zero its sign.
void convert(const std::byte* data, std::int64_t blocks, float* out)
{
    for (std::int64_t n = 0; n < blocks; ++n, data += sizeof(Block), out += kElements) {
        const auto block = load<Block>(data);
        const float scale = halfToFloat(block.scale);
        std::int32_t values[kElements];
        unpack(block, values);
        float converted[kElements];
        for (std::int64_t group = 0; group < 16; ++group) {
            const float own = scale * static_cast<float>(block.scales[group]);
            for (std::int64_t i = 16 * group; i < 16 * (group + 1); ++i) {
                converted[i] = own * static_cast<float>(values[i]);
            }
        }
        std::memcpy(out, converted, sizeof converted);
    }
}

} // namespace

constinit const DTypeInfo kQ6K {.name = "Q6_K",
                                .ggml = 14,
                                .elements = kElements,
                                .bytes = sizeof(Block),
                                .toFloat32 = convert,
                                .isFinite = halvesAreFinite<sizeof(Block), 208>};

} // namespace pissarro::core::inline format::inline ggml
