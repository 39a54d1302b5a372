// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/block_types.h"
#include "core/format/ggml/blocks_of_256_p.h"
#include "core/format/ggml/iq_grids_p.h"
#include "core/format/ggml/packed_bits_p.h"
#include "core/format/stored_numbers.h"

namespace pissarro::core::inline format::inline ggml {

namespace {

// 256 elements in sixteen groups: of each eight elements ten bits that name a row of the grid and a byte of signs, of each
// group a scale of four bits.
struct Block {
    std::uint16_t scale; // float16
    std::uint8_t rows[32];
    std::uint8_t signs[32];
    std::uint8_t highRows[8]; // two bits of each row
    std::uint8_t scales[8];
};
static_assert(sizeof(Block) == 82);

void convert(const std::byte* data, std::int64_t blocks, float* out)
{
    for (std::int64_t n = 0; n < blocks; ++n, data += sizeof(Block), out += kSuperBlock) {
        const auto block = load<Block>(data);
        const float scale = halfToFloat(block.scale);
        for (std::size_t group = 0; group < 16; ++group) {
            std::uint64_t eights[2];
            for (std::size_t i = 0; i < 2; ++i) {
                const std::size_t eight = 2 * group + i;
                const unsigned high = block.highRows[eight / 4] >> 2 * (eight % 4) & 3U;
                eights[i] = withSigns(kIq2SGrid[block.rows[eight] | high << 8], block.signs[eight]);
            }
            std::int8_t values[16];
            std::memcpy(values, eights, sizeof values);
            const int own = block.scales[group / 2] >> 4 * (group % 2) & 15;
            scaleInto<16>(values, scale * (0.5F + static_cast<float>(own)) * 0.25F,
                          out + 16 * group);
        }
    }
}

} // namespace

constinit const DTypeInfo kIq2S {.name = "IQ2_S",
                                 .ggml = 22,
                                 .elements = kSuperBlock,
                                 .bytes = sizeof(Block),
                                 .toFloat32 = convert,
                                 .isFinite = halvesAreFinite<sizeof(Block), 0>};

} // namespace pissarro::core::inline format::inline ggml
