// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/tensor/host_pointer_tensors.h"

#include <string>

namespace pissarro::core::inline tensor {

namespace {

void requireBytesOnHost(const at::Tensor& t)
{
    if (!t.is_cpu() || !t.is_contiguous()) {
        throw Error(ErrorKind::Internal,
                    fmt::format("the bytes of a tensor on {}{} were asked for", t.device().str(),
                                t.is_contiguous() ? "" : ", not contiguous,"));
    }
}

} // namespace

void refuseHostPointer(const at::Tensor& t, at::ScalarType wanted)
{
    const std::string held = t.defined()
        ? fmt::format("{} on {}", c10::toString(t.scalar_type()), t.device().str())
        : "no tensor";
    throw Error(ErrorKind::Internal,
                fmt::format("a pointer to {} was asked of {}", c10::toString(wanted), held));
}

std::span<const std::byte> hostBytes(const at::Tensor& t)
{
    requireBytesOnHost(t);
    return {static_cast<const std::byte*>(t.const_data_ptr()), t.nbytes()};
}

std::span<std::byte> hostBytesOut(const at::Tensor& t)
{
    requireBytesOnHost(t);
    return {static_cast<std::byte*>(t.mutable_data_ptr()), t.nbytes()};
}

} // namespace pissarro::core::inline tensor
