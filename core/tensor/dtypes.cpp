// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/tensor/dtypes_tensors.h"
#include "core/tensor/host_pointer_tensors.h"
#include "core/text/message_text.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

namespace pissarro::core::inline tensor {

namespace {

struct TensorType {
    at::ScalarType type;
    DType dtype;
};

// LibTorch's types and what files call them, in the order in which messages name what a model may be stored as.
const std::array<TensorType, 10>& tensorTypes()
{
    static const std::array<TensorType, 10> kTypes {{
        {at::kDouble, DType::F64},
        {at::kFloat, DType::F32},
        {at::kBFloat16, DType::BF16},
        {at::kHalf, DType::F16},
        {at::kLong, DType::I64},
        {at::kInt, DType::I32},
        {at::kShort, DType::I16},
        {at::kChar, DType::I8},
        {at::kByte, DType::U8},
        {at::kBool, DType::Bool},
    }};
    return kTypes;
}

template <typename Test>
const TensorType* findType(const Test& test)
{
    const auto found = std::find_if(tensorTypes().begin(), tensorTypes().end(), test);
    return found == tensorTypes().end() ? nullptr : &*found;
}

} // namespace

DType fileDType(at::ScalarType type)
{
    const auto* const found = findType([&](const TensorType& one) { return one.type == type; });
    if (found == nullptr) {
        throw Error(ErrorKind::Internal, "a tensor type that files do not know");
    }
    return found->dtype;
}

at::ScalarType storableType(const std::string& dtype)
{
    std::vector<std::string_view> known;
    for (const TensorType& one : tensorTypes()) {
        const std::string_view name = one.dtype.info().hfName;
        if (name.empty()) {
            continue;
        }
        if (name == dtype) {
            return one.type;
        }
        known.push_back(name);
    }
    throw Error(
        ErrorKind::InvalidArgument,
        fmt::format("a model cannot be stored as {} (expected {})", dtype, listText(known)));
}

at::ScalarType tensorType(DType dtype)
{
    const auto* const found = findType([&](const TensorType& one) { return one.dtype == dtype; });
    if (found == nullptr) {
        throw Error(ErrorKind::Format,
                    fmt::format("tensor type {} cannot be used in place", dtypeName(dtype)));
    }
    return found->type;
}

at::Tensor tensorOver(const TensorView& view)
{
    const at::ScalarType type = tensorType(view.dtype);
    const auto address = reinterpret_cast<std::uintptr_t>(view.data);
    if (address % std::max<std::size_t>(1, dtypeSize(view.dtype)) != 0) {
        at::Tensor copy = at::empty(view.shape, type); // safetensors headers need not be aligned
        std::memcpy(hostBytesOut(copy).data(), view.data, view.sizeBytes);
        return copy;
    }
    // LibTorch has no const storage; callers only read.
    return at::from_blob(const_cast<std::byte*>(view.data), view.shape,
                         at::TensorOptions().dtype(type));
}

} // namespace pissarro::core::inline tensor
