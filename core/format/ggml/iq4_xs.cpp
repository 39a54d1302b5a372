// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/block_types.h"
#include "core/format/ggml/blocks_of_256_p.h"
#include "core/format/ggml/codes_p.h"
#include "core/format/ggml/packed_bits_p.h"
#include "core/format/stored_numbers.h"

namespace pissarro::core::inline format::inline ggml {

namespace {

// 256 elements in eight groups, each coded as IQ4_NL, with a scale of six bits.
struct Block {
    std::uint16_t scale; // float16
    std::uint16_t highScales; // two bits of each group
    std::uint8_t lowScales[4]; // four bits of each group
    std::uint8_t nibbles[128];
};
static_assert(sizeof(Block) == 136);

constexpr CodePairs kPairs = pairsOf(kIq4Codes);

void convert(const std::byte* data, std::int64_t blocks, float* out)
{
    for (std::int64_t n = 0; n < blocks; ++n, data += sizeof(Block), out += kSuperBlock) {
        const auto block = load<Block>(data);
        const float scale = halfToFloat(block.scale);
        for (std::size_t group = 0; group < 8; ++group) {
            const int low = block.lowScales[group / 2] >> 4 * (group % 2) & 15;
            const int high = block.highScales >> 2 * group & 3;
            std::int8_t values[32];
            unpackCodes<16>(kPairs, block.nibbles + 16 * group, values);
            scaleInto<32>(values, scale * static_cast<float>((low | high << 4) - 32),
                          out + 32 * group);
        }
    }
}

} // namespace

constinit const DTypeInfo kIq4Xs {.name = "IQ4_XS",
                                  .ggml = 23,
                                  .elements = kSuperBlock,
                                  .bytes = sizeof(Block),
                                  .toFloat32 = convert,
                                  .isFinite = halvesAreFinite<sizeof(Block), 0>};

} // namespace pissarro::core::inline format::inline ggml
