// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/kernels/kernels.h"

#include <ATen/core/Tensor.h>
#include <c10/util/Exception.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

// The one place where a tensor's memory is taken: a pointer into a GPU's, or into numbers of another type, is refused here
// instead of followed. Asked once for each pointer, in release builds too: some nanoseconds.

namespace pissarro::core::inline tensor {

// The type of the tensors whose numbers S reads; std::uint16_t and std::uint32_t: their bits.
template <class S>
constexpr at::ScalarType storedType()
{
    if constexpr (std::is_same_v<S, double>) {
        return at::kDouble;
    } else if constexpr (std::is_same_v<S, float> || std::is_same_v<S, std::uint32_t>) {
        return at::kFloat;
    } else if constexpr (std::is_same_v<S, std::int64_t>) {
        return at::kLong;
    } else if constexpr (std::is_same_v<S, std::int16_t>) {
        return at::kShort;
    } else if constexpr (std::is_same_v<S, std::uint8_t>) {
        return at::kByte;
    } else {
        static_assert(
            std::is_same_v<
                S,
                kernels::
                    Bf16> || std::is_same_v<S, c10::BFloat16> || std::is_same_v<S, std::uint16_t>,
            "no tensor holds these");
        return at::kBFloat16;
    }
}

[[noreturn]] void refuseHostPointer(const at::Tensor& t, at::ScalarType wanted);

inline void requireOnHost(const at::Tensor& t, at::ScalarType wanted)
{
    if (!t.is_cpu() || t.scalar_type() != wanted) {
        refuseHostPointer(t, wanted);
    }
}

// A tensor's numbers as the kernels see them, from its first on; how far apart they lie is told by its strides.
// Throws: Error{Internal} for a tensor that is not in the machine's memory, or of another type.
template <class S>
const S* in(const at::Tensor& t)
{
    requireOnHost(t, storedType<S>());
    return static_cast<const S*>(t.const_data_ptr());
}
template <class S>
S* out(const at::Tensor& t)
{
    requireOnHost(t, storedType<S>());
    return static_cast<S*>(t.mutable_data_ptr());
}

// All of its bytes, whatever its type, as files hold them. Throws: as in(), and where it is not contiguous.
std::span<const std::byte> hostBytes(const at::Tensor& t);
std::span<std::byte> hostBytesOut(const at::Tensor& t);

// An address for a kernel that runs where the tensor is, a GPU: it is passed on and followed there alone.
// Throws: Error{Internal} for another type.
template <class S>
S* deviceAddress(const at::Tensor& t)
{
    if (t.scalar_type() != storedType<std::remove_const_t<S>>()) {
        refuseHostPointer(t, storedType<std::remove_const_t<S>>());
    }
    if constexpr (std::is_const_v<S>) {
        return static_cast<S*>(t.const_data_ptr());
    } else {
        return static_cast<S*>(t.mutable_data_ptr());
    }
}

// Calls body.operator()<S>() with the storage type of `type`.
template <class Body>
void withStorage(at::ScalarType type, const Body& body)
{
    switch (type) {
    case at::kFloat:
        return body.template operator()<float>();
    case at::kDouble:
        return body.template operator()<double>();
    case at::kBFloat16:
        return body.template operator()<kernels::Bf16>();
    default:
        TORCH_CHECK(false, "fused operators know float32, float64 and bfloat16, not ", type);
    }
}

} // namespace pissarro::core::inline tensor
