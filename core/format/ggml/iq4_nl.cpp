// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/block_types.h"
#include "core/format/ggml/blocks_of_32_p.h"
#include "core/format/ggml/codes_p.h"
#include "core/format/ggml/packed_bits_p.h"
#include "core/format/stored_numbers.h"

namespace pissarro::core::inline format::inline ggml {

namespace {

constexpr std::size_t kBytes = 18; // float16 scale, 16 bytes of nibbles
constexpr CodePairs kPairs = pairsOf(kIq4Codes);

void convert(const std::byte* data, std::int64_t blocks, float* out)
{
    for (std::int64_t n = 0; n < blocks; ++n, data += kBytes, out += kBlock) {
        std::uint8_t nibbles[kBlock / 2];
        std::memcpy(nibbles, data + 2, sizeof nibbles);
        std::int8_t values[kBlock];
        unpackCodes<kBlock / 2>(kPairs, nibbles, values);
        scaleInto<kBlock>(values, halfToFloat(load<std::uint16_t>(data)), out);
    }
}

} // namespace

constinit const DTypeInfo kIq4Nl {.name = "IQ4_NL",
                                  .ggml = 20,
                                  .elements = kBlock,
                                  .bytes = kBytes,
                                  .toFloat32 = convert,
                                  .isFinite = halvesAreFinite<kBytes, 0>};

} // namespace pissarro::core::inline format::inline ggml
