// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core {

// Element types that files hold. The Q types are GGUF blocks of 32 elements along the last axis; Nf4
// and Fp4 are codes of bitsandbytes, two a byte, which need their absmax beside them to be numbers.
enum class DType { F64, F32, F16, BF16, I64, I32, I16, I8, U8, Bool, Q8_0, Q4_0, Q4_1, Nf4, Fp4 };

std::string_view dtypeName(DType dtype); // "F32", "BF16", "Q4_1": as safetensors and GGUF write it
std::size_t dtypeSize(DType dtype); // bytes of one element; 0 for block types and codes
std::uint64_t dtypeBytes(DType dtype, std::uint64_t elements); // bytes of a whole tensor

// A tensor inside a mapped file. Valid as long as the file object that gave it lives.
struct TensorView {
    std::string name;
    DType dtype = DType::F32;
    std::vector<std::int64_t> shape; // slowest axis first, as PyTorch; a scalar has none
    const std::byte* data = nullptr; // little-endian, row-major, not necessarily aligned
    std::uint64_t sizeBytes = 0;

    std::int64_t elements() const
    {
        std::int64_t n = 1;
        for (const std::int64_t side : shape) {
            n *= side;
        }
        return n;
    }
};

// Converts `count` elements from element `first` on into float32.
// Cost: one pass. Requires: first and count are multiples of 32 for block types, inside the tensor.
// Throws: Error{Format} for types that are not floating point.
void toFloat32(const TensorView& view, std::int64_t first, std::int64_t count, float* out);

// False when an element is NaN or Inf; of block types the scales and minima decide. Integers are finite.
// Cost: one pass over the stored bytes at the speed of memory; block types one number in 32.
bool isFinite(const TensorView& view);

} // namespace pissarro::core
