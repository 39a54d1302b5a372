// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/block_types.h"
#include "core/format/ggml/blocks_of_256_p.h"
#include "core/format/ggml/iq_grids_p.h"
#include "core/format/ggml/packed_bits_p.h"
#include "core/format/stored_numbers.h"

namespace pissarro::core::inline format::inline ggml {

namespace {

// 256 elements in eight groups: of each four elements a byte that names a row of the grid, of each group 32 bits: the signs
// of each eight, in seven bits, and a scale in the top four.
struct Block {
    std::uint16_t scale; // float16
    std::uint8_t rows[64];
    std::uint8_t signs[32];
};
static_assert(sizeof(Block) == 98);

void convert(const std::byte* data, std::int64_t blocks, float* out)
{
    for (std::int64_t n = 0; n < blocks; ++n, data += sizeof(Block), out += kSuperBlock) {
        const auto block = load<Block>(data);
        const float scale = halfToFloat(block.scale);
        for (std::size_t group = 0; group < 8; ++group) {
            const std::uint8_t* const rows = block.rows + 8 * group;
            std::uint32_t signs;
            std::memcpy(&signs, block.signs + 4 * group, sizeof signs);
            std::uint64_t eights[4];
            for (std::size_t i = 0; i < 4; ++i) {
                const std::uint64_t second = kIq3XxsGrid[rows[2 * i + 1]];
                eights[i] =
                    withSigns(kIq3XxsGrid[rows[2 * i]] | second << 32, evenSigns(signs >> 7 * i));
            }
            std::int8_t values[32];
            std::memcpy(values, eights, sizeof values);
            scaleInto<32>(values, scale * (0.5F + static_cast<float>(signs >> 28)) * 0.5F,
                          out + 32 * group);
        }
    }
}

} // namespace

constinit const DTypeInfo kIq3Xxs {.name = "IQ3_XXS",
                                   .ggml = 18,
                                   .elements = kSuperBlock,
                                   .bytes = sizeof(Block),
                                   .toFloat32 = convert,
                                   .isFinite = halvesAreFinite<sizeof(Block), 0>};

} // namespace pissarro::core::inline format::inline ggml
