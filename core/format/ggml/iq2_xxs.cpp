// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/block_types.h"
#include "core/format/ggml/blocks_of_256_p.h"
#include "core/format/ggml/iq_grids_p.h"
#include "core/format/ggml/packed_bits_p.h"
#include "core/format/stored_numbers.h"

namespace pissarro::core::inline format::inline ggml {

namespace {

// 256 elements in eight groups: four bytes that name a row of the grid for eight elements each, then 32 bits: the signs of
// each eight, in seven bits, and the group's scale in the top four.
struct Block {
    std::uint16_t scale; // float16
    std::uint8_t groups[64];
};
static_assert(sizeof(Block) == 66);

void convert(const std::byte* data, std::int64_t blocks, float* out)
{
    for (std::int64_t n = 0; n < blocks; ++n, data += sizeof(Block), out += kSuperBlock) {
        const auto block = load<Block>(data);
        const float scale = halfToFloat(block.scale);
        for (std::size_t group = 0; group < 8; ++group) {
            const std::uint8_t* const rows = block.groups + 8 * group;
            std::uint32_t signs;
            std::memcpy(&signs, rows + 4, sizeof signs);
            std::uint64_t eights[4];
            for (std::size_t i = 0; i < 4; ++i) {
                eights[i] = withSigns(kIq2XxsGrid[rows[i]], evenSigns(signs >> 7 * i));
            }
            std::int8_t values[32];
            std::memcpy(values, eights, sizeof values);
            scaleInto<32>(values, scale * (0.5F + static_cast<float>(signs >> 28)) * 0.25F,
                          out + 32 * group);
        }
    }
}

} // namespace

constinit const DTypeInfo kIq2Xxs {.name = "IQ2_XXS",
                                   .ggml = 16,
                                   .elements = kSuperBlock,
                                   .bytes = sizeof(Block),
                                   .toFloat32 = convert,
                                   .isFinite = halvesAreFinite<sizeof(Block), 0>};

} // namespace pissarro::core::inline format::inline ggml
