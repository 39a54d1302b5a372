// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/block_types.h"
#include "core/format/ggml/blocks_of_32_p.h"
#include "core/format/stored_numbers.h"

namespace pissarro::core::inline format::inline ggml {

namespace {

constexpr std::size_t kBytes = 20; // float16 scale, float16 minimum, 16 bytes of nibbles

void convert(const std::byte* data, std::int64_t blocks, float* out)
{
    for (std::int64_t n = 0; n < blocks; ++n, data += kBytes, out += kBlock) {
        const float scale = halfToFloat(load<std::uint16_t>(data));
        const float minimum = halfToFloat(load<std::uint16_t>(data + 2));
        std::int32_t values[kBlock];
        unpackNibbles(data + 4, values);
        float converted[kBlock];
        for (std::int64_t i = 0; i < kBlock; ++i) {
            // The product is exact in float32, so a fused multiply-add gives the same bits.
            converted[i] = static_cast<float>(values[i]) * scale + minimum;
        }
        std::memcpy(out, converted, sizeof converted);
    }
}

} // namespace

constinit const DTypeInfo kQ41 {.name = "Q4_1",
                                .ggml = 3,
                                .elements = kBlock,
                                .bytes = kBytes,
                                .toFloat32 = convert,
                                .isFinite = halvesAreFinite<kBytes, 0, 2>};

} // namespace pissarro::core::inline format::inline ggml
