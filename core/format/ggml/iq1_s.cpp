// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/block_types.h"
#include "core/format/ggml/blocks_of_256_p.h"
#include "core/format/ggml/iq_grids_p.h"
#include "core/format/ggml/packed_bits_p.h"
#include "core/format/stored_numbers.h"

namespace pissarro::core::inline format::inline ggml {

namespace {

// 256 elements in eight groups: of each eight elements eleven bits that name a row of the grid, of each group a scale of
// three bits and whether an eighth is added to or taken from its elements.
struct Block {
    std::uint16_t scale; // float16
    std::uint8_t rows[32];
    std::uint16_t groups[8]; // three bits of each row, the scale, the sign of the eighth
};
static_assert(sizeof(Block) == 50);

void convert(const std::byte* data, std::int64_t blocks, float* out)
{
    for (std::int64_t n = 0; n < blocks; ++n, data += sizeof(Block), out += kSuperBlock) {
        const auto block = load<Block>(data);
        const float scale = halfToFloat(block.scale);
        for (std::size_t group = 0; group < 8; ++group) {
            const unsigned bits = block.groups[group];
            std::uint64_t eights[4];
            for (std::size_t i = 0; i < 4; ++i) {
                eights[i] = kIq1Grid[block.rows[4 * group + i] | (bits >> 3 * i & 7U) << 8];
            }
            std::int8_t values[32];
            iq1Eighths<4>(eights, bits & 0x8000U ? -1 : 1, values);
            const auto own = static_cast<float>(2 * (bits >> 12 & 7U) + 1);
            scaleInto<32>(values, scale * own * 0.125F, out + 32 * group);
        }
    }
}

} // namespace

constinit const DTypeInfo kIq1S {.name = "IQ1_S",
                                 .ggml = 19,
                                 .elements = kSuperBlock,
                                 .bytes = sizeof(Block),
                                 .toFloat32 = convert,
                                 .isFinite = halvesAreFinite<sizeof(Block), 0>};

} // namespace pissarro::core::inline format::inline ggml
