// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/tensor/dtypes_tensors.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace pissarro::core {

DType fileDType(at::ScalarType type)
{
    switch (type) {
    case at::kDouble:
        return DType::F64;
    case at::kFloat:
        return DType::F32;
    case at::kHalf:
        return DType::F16;
    case at::kBFloat16:
        return DType::BF16;
    case at::kLong:
        return DType::I64;
    case at::kInt:
        return DType::I32;
    case at::kShort:
        return DType::I16;
    case at::kByte:
        return DType::U8;
    default:
        throw Error(ErrorKind::Internal, "a tensor type that files do not know");
    }
}

at::ScalarType storableType(const std::string& dtype)
{
    if (dtype == "bfloat16") {
        return at::kBFloat16;
    }
    if (dtype == "float16") {
        return at::kHalf;
    }
    if (dtype != "float32") {
        throw Error(ErrorKind::InvalidArgument,
                    "a model cannot be stored as " + dtype
                        + " (expected float32, bfloat16 or float16)");
    }
    return at::kFloat;
}

at::ScalarType tensorType(DType dtype)
{
    switch (dtype) {
    case DType::F64:
        return at::kDouble;
    case DType::F32:
        return at::kFloat;
    case DType::F16:
        return at::kHalf;
    case DType::BF16:
        return at::kBFloat16;
    case DType::I64:
        return at::kLong;
    case DType::I32:
        return at::kInt;
    case DType::I16:
        return at::kShort;
    case DType::I8:
        return at::kChar;
    case DType::U8:
        return at::kByte;
    case DType::Bool:
        return at::kBool;
    default:
        break;
    }
    throw Error(ErrorKind::Format,
                "tensor type " + std::string(dtypeName(dtype)) + " cannot be used in place");
}

at::Tensor tensorOver(const TensorView& view)
{
    const at::ScalarType type = tensorType(view.dtype);
    const auto address = reinterpret_cast<std::uintptr_t>(view.data);
    if (address % std::max<std::size_t>(1, dtypeSize(view.dtype)) != 0) {
        at::Tensor copy = at::empty(view.shape, type); // safetensors headers need not be aligned
        std::memcpy(copy.data_ptr(), view.data, view.sizeBytes);
        return copy;
    }
    // LibTorch has no const storage; callers only read.
    return at::from_blob(const_cast<std::byte*>(view.data), view.shape,
                         at::TensorOptions().dtype(type));
}

} // namespace pissarro::core
