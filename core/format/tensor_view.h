// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/format/dtype.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace pissarro::core::inline format {

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

// The tensors of a file, in its order and by name.
class TensorTable {
public:
    // Throws: Error{Format} for a name that is there already.
    void add(TensorView view);
    const std::vector<TensorView>& all() const { return m_tensors; }
    const TensorView* find(std::string_view name) const; // null: absent

private:
    std::vector<TensorView> m_tensors;
    std::map<std::string, std::size_t, std::less<>> m_index;
};

// Converts `count` elements from element `first` on into float32.
// Cost: one pass. Requires: first and count are whole blocks (DTypeInfo::elements), inside the tensor.
// Throws: Error{Format} for types that are not floating point.
void toFloat32(const TensorView& view, std::int64_t first, std::int64_t count, float* out);

// False when an element is NaN or Inf; of block types the scales and minima decide. Integers are finite.
// Cost: one pass over the stored bytes at the speed of memory; of block types a number or two in each.
bool isFinite(const TensorView& view);

} // namespace pissarro::core::inline format
