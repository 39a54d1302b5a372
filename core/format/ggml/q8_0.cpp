// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/block_types.h"
#include "core/format/ggml/blocks_of_32_p.h"
#include "core/format/stored_numbers.h"

namespace pissarro::core::inline format::inline ggml {

namespace {

constexpr std::size_t kBytes = 34; // float16 scale, 32 signed bytes

void convert(const std::byte* data, std::int64_t blocks, float* out)
{
    for (std::int64_t n = 0; n < blocks; ++n, data += kBytes, out += kBlock) {
        const float scale = halfToFloat(load<std::uint16_t>(data));
        std::int8_t values[kBlock];
        std::memcpy(values, data + 2, sizeof values);
        float converted[kBlock];
        for (std::int64_t i = 0; i < kBlock; ++i) {
            converted[i] = static_cast<float>(values[i]) * scale;
        }
        std::memcpy(out, converted, sizeof converted);
    }
}

} // namespace

constinit const DTypeInfo kQ80 {.name = "Q8_0",
                                .ggml = 8,
                                .elements = kBlock,
                                .bytes = kBytes,
                                .toFloat32 = convert,
                                .isFinite = halvesAreFinite<kBytes, 0>};

} // namespace pissarro::core::inline format::inline ggml
