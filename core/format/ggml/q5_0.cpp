// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/block_types.h"
#include "core/format/ggml/fifth_bits_p.h"
#include "core/format/stored_numbers.h"

namespace pissarro::core::inline format::inline ggml {

namespace {

constexpr std::size_t kBytes = 22; // float16 scale, 32 bits, 16 bytes of nibbles

void convert(const std::byte* data, std::int64_t blocks, float* out)
{
    for (std::int64_t n = 0; n < blocks; ++n, data += kBytes, out += kBlock) {
        std::uint8_t values[kBlock];
        unpackFiveBits(data + 2, values);
        std::int8_t centred[kBlock];
        for (std::int64_t i = 0; i < kBlock; ++i) {
            centred[i] = static_cast<std::int8_t>(values[i] - 16);
        }
        scaleInto<kBlock>(centred, halfToFloat(load<std::uint16_t>(data)), out);
    }
}

} // namespace

constinit const DTypeInfo kQ50 {.name = "Q5_0",
                                .ggml = 6,
                                .elements = kBlock,
                                .bytes = kBytes,
                                .toFloat32 = convert,
                                .isFinite = halvesAreFinite<kBytes, 0>};

} // namespace pissarro::core::inline format::inline ggml
