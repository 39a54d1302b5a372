// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/block_types.h"
#include "core/format/ggml/fifth_bits_p.h"
#include "core/format/stored_numbers.h"

namespace pissarro::core::inline format::inline ggml {

namespace {

constexpr std::size_t kBytes = 24; // float16 scale, float16 minimum, 32 bits, 16 bytes of nibbles

void convert(const std::byte* data, std::int64_t blocks, float* out)
{
    for (std::int64_t n = 0; n < blocks; ++n, data += kBytes, out += kBlock) {
        std::uint8_t values[kBlock];
        unpackFiveBits(data + 4, values);
        scaleInto<kBlock>(values, halfToFloat(load<std::uint16_t>(data)),
                          halfToFloat(load<std::uint16_t>(data + 2)), out);
    }
}

} // namespace

constinit const DTypeInfo kQ51 {.name = "Q5_1",
                                .ggml = 7,
                                .elements = kBlock,
                                .bytes = kBytes,
                                .toFloat32 = convert,
                                .isFinite = halvesAreFinite<kBytes, 0, 2>};

} // namespace pissarro::core::inline format::inline ggml
