// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/block_types.h"
#include "core/format/ggml/blocks_of_32_p.h"
#include "core/format/ggml/codes_p.h"
#include "core/format/ggml/packed_bits_p.h"
#include "core/format/stored_numbers.h"

#include <cmath>

namespace pissarro::core::inline format::inline ggml {

namespace {

constexpr std::size_t kBytes = 17; // a power of two, 16 bytes of nibbles
constexpr CodePairs kPairs = pairsOf(kFloat4Codes);

// 2^(exponent - 128): half of what the byte says, since the codes are doubled. The two smallest are subnormal.
float halfPower(std::uint8_t exponent)
{
    return std::bit_cast<float>(exponent < 2 ? 0x0020'0000U << exponent
                                             : static_cast<std::uint32_t>(exponent - 1) << 23);
}

void convert(const std::byte* data, std::int64_t blocks, float* out)
{
    for (std::int64_t n = 0; n < blocks; ++n, data += kBytes, out += kBlock) {
        std::uint8_t nibbles[kBlock / 2];
        std::memcpy(nibbles, data + 1, sizeof nibbles);
        std::int8_t values[kBlock];
        unpackCodes<kBlock / 2>(kPairs, nibbles, values);
        scaleInto<kBlock>(values, halfPower(static_cast<std::uint8_t>(*data)), out);
    }
}

// The largest powers leave float32 with the largest codes.
bool powersAreFinite(const std::byte* data, std::uint64_t blocks)
{
    constexpr std::byte kSafe {252}; // 12 · 2^124 is finite
    for (std::uint64_t i = 0; i < blocks; ++i, data += kBytes) {
        if (*data > kSafe) {
            float values[kBlock];
            convert(data, 1, values);
            for (const float value : values) {
                if (!std::isfinite(value)) {
                    return false;
                }
            }
        }
    }
    return true;
}

} // namespace

constinit const DTypeInfo kMxFp4 {.name = "MXFP4",
                                  .ggml = 39,
                                  .elements = kBlock,
                                  .bytes = kBytes,
                                  .toFloat32 = convert,
                                  .isFinite = powersAreFinite};

} // namespace pissarro::core::inline format::inline ggml
