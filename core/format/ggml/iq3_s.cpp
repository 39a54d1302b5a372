// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/block_types.h"
#include "core/format/ggml/blocks_of_256_p.h"
#include "core/format/ggml/iq_grids_p.h"
#include "core/format/ggml/packed_bits_p.h"
#include "core/format/stored_numbers.h"

namespace pissarro::core::inline format::inline ggml {

namespace {

// 256 elements in eight groups: of each four elements nine bits that name a row of the grid, of each eight a byte of signs,
// of each group a scale of four bits.
struct Block {
    std::uint16_t scale; // float16
    std::uint8_t rows[64];
    std::uint8_t highRows[8]; // a bit of each row
    std::uint8_t signs[32];
    std::uint8_t scales[4];
};
static_assert(sizeof(Block) == 110);

void convert(const std::byte* data, std::int64_t blocks, float* out)
{
    for (std::int64_t n = 0; n < blocks; ++n, data += sizeof(Block), out += kSuperBlock) {
        const auto block = load<Block>(data);
        const float scale = halfToFloat(block.scale);
        for (std::size_t group = 0; group < 8; ++group) {
            const auto row = [&](std::size_t i) -> std::uint64_t {
                const unsigned high = block.highRows[group] >> i & 1U;
                return kIq3SGrid[block.rows[8 * group + i] | high << 8];
            };
            std::uint64_t eights[4];
            for (std::size_t i = 0; i < 4; ++i) {
                eights[i] =
                    withSigns(row(2 * i) | row(2 * i + 1) << 32, block.signs[4 * group + i]);
            }
            std::int8_t values[32];
            std::memcpy(values, eights, sizeof values);
            const int own = block.scales[group / 2] >> 4 * (group % 2) & 15;
            scaleInto<32>(values, scale * static_cast<float>(1 + 2 * own), out + 32 * group);
        }
    }
}

} // namespace

constinit const DTypeInfo kIq3S {.name = "IQ3_S",
                                 .ggml = 21,
                                 .elements = kSuperBlock,
                                 .bytes = sizeof(Block),
                                 .toFloat32 = convert,
                                 .isFinite = halvesAreFinite<sizeof(Block), 0>};

} // namespace pissarro::core::inline format::inline ggml
