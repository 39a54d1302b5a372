// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/block_types.h"
#include "core/format/ggml/blocks_of_32_p.h"
#include "core/format/stored_numbers.h"

namespace pissarro::core::inline format::inline ggml {

namespace {

constexpr std::size_t kBytes = 18; // float16 scale, 16 bytes of nibbles

void convert(const std::byte* data, std::int64_t blocks, float* out)
{
    for (std::int64_t n = 0; n < blocks; ++n, data += kBytes, out += kBlock) {
        const float scale = halfToFloat(load<std::uint16_t>(data));
        std::int32_t values[kBlock];
        unpackNibbles(data + 2, values);
        float converted[kBlock];
        for (std::int64_t i = 0; i < kBlock; ++i) {
            converted[i] = static_cast<float>(values[i] - 8) * scale;
        }
        std::memcpy(out, converted, sizeof converted);
    }
}

} // namespace

constinit const DTypeInfo kQ40 {.name = "Q4_0",
                                .ggml = 2,
                                .elements = kBlock,
                                .bytes = kBytes,
                                .toFloat32 = convert,
                                .isFinite = halvesAreFinite<kBytes, 0>};

} // namespace pissarro::core::inline format::inline ggml
