// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/block_types.h"
#include "core/format/ggml/blocks_of_256_p.h"
#include "core/format/ggml/packed_bits_p.h"
#include "core/format/stored_numbers.h"

namespace pissarro::core::inline format::inline ggml {

namespace {

// 256 elements of -1, 0, 1 (and 2, which no quantizer writes), two bits each, laid out as in Q2_K.
struct Block {
    std::uint8_t pairs[64];
    std::uint16_t scale; // float16
};
static_assert(sizeof(Block) == 66);

void convert(const std::byte* data, std::int64_t blocks, float* out)
{
    for (std::int64_t n = 0; n < blocks; ++n, data += sizeof(Block), out += kSuperBlock) {
        const auto block = load<Block>(data);
        std::int8_t values[kSuperBlock];
        for (std::size_t half = 0; half < 2; ++half) {
            for (std::size_t i = 0; i < 32; ++i) {
                const int four = block.pairs[32 * half + i];
                values[128 * half + i] = static_cast<std::int8_t>((four & 3) - 1);
                values[128 * half + 32 + i] = static_cast<std::int8_t>((four >> 2 & 3) - 1);
                values[128 * half + 64 + i] = static_cast<std::int8_t>((four >> 4 & 3) - 1);
                values[128 * half + 96 + i] = static_cast<std::int8_t>((four >> 6) - 1);
            }
        }
        scaleInto<kSuperBlock>(values, halfToFloat(block.scale), out);
    }
}

} // namespace

constinit const DTypeInfo kTq20 {.name = "TQ2_0",
                                 .ggml = 35,
                                 .elements = kSuperBlock,
                                 .bytes = sizeof(Block),
                                 .toFloat32 = convert,
                                 .isFinite = halvesAreFinite<sizeof(Block), 64>};

} // namespace pissarro::core::inline format::inline ggml
