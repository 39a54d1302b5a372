// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// Numbers as files hold them, for the rows of dtype.h: how one becomes a float32, and which are no finite number.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace pissarro::core::inline format {

constexpr std::uint16_t kHalfExponent = 0x7C00; // every bit set: NaN or Inf

template <typename T>
T load(const std::byte* data)
{
    T value;
    std::memcpy(&value, data, sizeof value);
    return value;
}

// IEEE half to single without a branch, subnormals included (as ggml's ggml_compute_fp16_to_fp32).
inline float halfToFloat(std::uint16_t half)
{
    const std::uint32_t word = static_cast<std::uint32_t>(half) << 16;
    const std::uint32_t sign = word & 0x80000000U;
    const std::uint32_t twice = word + word;
    const float normal = std::bit_cast<float>((twice >> 4) + (0xE0U << 23)) * 0x1.0p-112F;
    const float subnormal = std::bit_cast<float>((twice >> 17) | (126U << 23)) - 0.5F;
    const bool isSubnormal = twice < (1U << 27);
    return std::bit_cast<float>(sign
                                | std::bit_cast<std::uint32_t>(isSubnormal ? subnormal : normal));
}

// Whether the float16 numbers at the bytes At of each block of Bytes bytes are finite.
template <std::size_t Bytes, std::size_t... At>
bool halvesAreFinite(const std::byte* data, std::uint64_t blocks)
{
    const auto isFinite = [](const std::byte* half) {
        return (load<std::uint16_t>(half) & kHalfExponent) != kHalfExponent;
    };
    for (std::uint64_t i = 0; i < blocks; ++i, data += Bytes) {
        if (!(isFinite(data + At) && ...)) {
            return false;
        }
    }
    return true;
}

} // namespace pissarro::core::inline format
