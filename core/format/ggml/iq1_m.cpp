// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/block_types.h"
#include "core/format/ggml/blocks_of_256_p.h"
#include "core/format/ggml/iq_grids_p.h"
#include "core/format/ggml/packed_bits_p.h"
#include "core/format/stored_numbers.h"

namespace pissarro::core::inline format::inline ggml {

namespace {

// 256 elements in sixteen groups: of each eight elements eleven bits that name a row of the grid and one that says whether an
// eighth is added to or taken from them, of each group a scale of three bits.
struct Block {
    std::uint8_t rows[32];
    std::uint8_t highRows[16]; // of two rows each: three bits of the row, the sign of the eighth
    std::uint16_t
        scales[4]; // of four groups each; in the top bits, a nibble each, the scale of the scales
};
static_assert(sizeof(Block) == 56);

std::uint16_t scaleOf(const Block& block)
{
    unsigned half = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        half |= block.scales[i] >> 12 << 4 * i;
    }
    return static_cast<std::uint16_t>(half);
}

void convert(const std::byte* data, std::int64_t blocks, float* out)
{
    for (std::int64_t n = 0; n < blocks; ++n, data += sizeof(Block), out += kSuperBlock) {
        const auto block = load<Block>(data);
        const float scale = halfToFloat(scaleOf(block));
        for (std::size_t group = 0; group < 16; ++group) {
            const unsigned high = block.highRows[group];
            const auto own =
                static_cast<float>(2 * (block.scales[group / 4] >> 3 * (group % 4) & 7U) + 1);
            for (std::size_t i = 0; i < 2; ++i) {
                const std::size_t eight = 2 * group + i;
                const unsigned bits = high >> 4 * i;
                const std::uint64_t row = kIq1Grid[block.rows[eight] | (bits & 7U) << 8];
                std::int8_t values[8];
                iq1Eighths<1>(&row, bits & 8U ? -1 : 1, values);
                scaleInto<8>(values, scale * own * 0.125F, out + 8 * eight);
            }
        }
    }
}

bool scalesAreFinite(const std::byte* data, std::uint64_t blocks)
{
    for (std::uint64_t i = 0; i < blocks; ++i, data += sizeof(Block)) {
        if ((scaleOf(load<Block>(data)) & kHalfExponent) == kHalfExponent) {
            return false;
        }
    }
    return true;
}

} // namespace

constinit const DTypeInfo kIq1M {.name = "IQ1_M",
                                 .ggml = 29,
                                 .elements = kSuperBlock,
                                 .bytes = sizeof(Block),
                                 .toFloat32 = convert,
                                 .isFinite = scalesAreFinite};

} // namespace pissarro::core::inline format::inline ggml
