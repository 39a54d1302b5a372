// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/block_types.h"
#include "core/format/ggml/codes_p.h"
#include "core/format/ggml/packed_bits_p.h"
#include "core/format/stored_numbers.h"

namespace pissarro::core::inline format::inline ggml {

namespace {

// 64 elements in four groups, each with a scale of eight bits: no sign, four of exponent, three of mantissa.
struct Block {
    std::uint8_t scales[4];
    std::uint8_t nibbles[32];
};
static_assert(sizeof(Block) == 36);

constexpr std::int64_t kElements = 64;
constexpr std::size_t kGroup = 16;
constexpr CodePairs kPairs = pairsOf(kFloat4Codes);

// Half of what each byte stands for, since the codes are doubled. 0x7F, which is no number, is read as 0; the bit of the sign
// is not looked at but there.
constexpr std::array<float, 256> halfScales()
{
    std::array<float, 256> scales {};
    for (std::size_t i = 0; i < scales.size(); ++i) {
        const auto mantissa = static_cast<float>(i & 7);
        float scale = mantissa * 0x1p-10F;
        if (const std::size_t exponent = i >> 3 & 15; exponent > 0) {
            scale = (1.0F + mantissa / 8.0F) * 0x1p-7F * static_cast<float>(1U << exponent) / 2.0F;
        }
        scales[i] = i == 0x7F ? 0.0F : scale;
    }
    return scales;
}
constexpr std::array<float, 256> kScales = halfScales();

void convert(const std::byte* data, std::int64_t blocks, float* out)
{
    for (std::int64_t n = 0; n < blocks; ++n, data += sizeof(Block), out += kElements) {
        const auto block = load<Block>(data);
        for (std::size_t group = 0; group < 4; ++group) {
            std::int8_t values[kGroup];
            unpackCodes<kGroup / 2>(kPairs, block.nibbles + kGroup / 2 * group, values);
            scaleInto<kGroup>(values, kScales[block.scales[group]], out + kGroup * group);
        }
    }
}

} // namespace

constinit const DTypeInfo kNvFp4 {.name = "NVFP4",
                                  .ggml = 40,
                                  .elements = kElements,
                                  .bytes = sizeof(Block),
                                  .toFloat32 = convert};

} // namespace pissarro::core::inline format::inline ggml
