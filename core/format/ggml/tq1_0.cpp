// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/block_types.h"
#include "core/format/ggml/blocks_of_256_p.h"
#include "core/format/ggml/packed_bits_p.h"
#include "core/format/stored_numbers.h"

namespace pissarro::core::inline format::inline ggml {

namespace {

// 256 elements of -1, 0, 1: five in a byte, four in each of the last ones.
struct Block {
    std::uint8_t fives[48];
    std::uint8_t fours[4];
    std::uint16_t scale; // float16
};
static_assert(sizeof(Block) == 54);

// A byte is a fraction of 256, its digits are those of base 3: digit 0 of each byte first, then digit 1 and so on.
template <std::size_t Bytes, std::size_t Digits>
void unpack(const std::uint8_t* packed, std::int8_t* values)
{
    std::uint8_t fraction[Bytes];
    std::memcpy(fraction, packed, Bytes);
    for (std::size_t digit = 0; digit < Digits; ++digit) {
        for (std::size_t i = 0; i < Bytes; ++i) {
            values[Bytes * digit + i] = static_cast<std::int8_t>((fraction[i] * 3 >> 8) - 1);
            fraction[i] = static_cast<std::uint8_t>(fraction[i] * 3);
        }
    }
}

void convert(const std::byte* data, std::int64_t blocks, float* out)
{
    for (std::int64_t n = 0; n < blocks; ++n, data += sizeof(Block), out += kSuperBlock) {
        const auto block = load<Block>(data);
        std::int8_t values[kSuperBlock];
        unpack<32, 5>(block.fives, values);
        unpack<16, 5>(block.fives + 32, values + 160);
        unpack<4, 4>(block.fours, values + 240);
        scaleInto<kSuperBlock>(values, halfToFloat(block.scale), out);
    }
}

} // namespace

constinit const DTypeInfo kTq10 {.name = "TQ1_0",
                                 .ggml = 34,
                                 .elements = kSuperBlock,
                                 .bytes = sizeof(Block),
                                 .toFloat32 = convert,
                                 .isFinite = halvesAreFinite<sizeof(Block), 52>};

} // namespace pissarro::core::inline format::inline ggml
