// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/bnb_layout_tensors.h"
#include "core/tensor/dtypes_tensors.h"
#include "core/tensor/host_pointer_tensors.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>

namespace pissarro::core::inline quant {

namespace {

// Blanks fill it up to a length that no number changes: shapes are told before values are known.
at::Tensor bytesOf(std::string text)
{
    constexpr std::size_t kLength = 256;
    text.resize(std::max(kLength, text.size()), ' ');
    at::Tensor bytes = at::empty({static_cast<std::int64_t>(text.size())}, at::kByte);
    std::memcpy(hostBytesOut(bytes).data(), text.data(), text.size());
    return bytes;
}

template <std::size_t N>
at::Tensor floats(const std::array<float, N>& values)
{
    return at::tensor(at::ArrayRef<float>(values));
}

} // namespace

BnbTensors bnbTensors(const std::string& weight, const QuantizedMatrix& q, const std::string& dtype)
{
    nlohmann::ordered_json state {{"quant_type", quantTypeName(q.type)},
                                  {"blocksize", q.blockSize},
                                  {"dtype", dtype},
                                  {"shape", {q.rows, q.cols}}};
    if (q.isDouble()) {
        state["nested_blocksize"] = kNestedBlock;
        state["nested_dtype"] = "float32";
        state["nested_offset"] = q.offset;
    }
    BnbTensors result;
    const auto add = [&](const std::string& suffix, const at::Tensor& tensor) {
        result.specs.push_back(
            {weight + suffix, fileDType(tensor.scalar_type()), tensor.sizes().vec()});
        result.tensors.push_back(tensor.contiguous());
    };
    add("", q.codes_H.unsqueeze(1));
    add(".absmax", q.absmax_K);
    add(".quant_map", floats(quantCode(q.type)));
    if (q.isDouble()) {
        add(".nested_absmax", q.nestedAbsmax_G);
        add(".nested_quant_map", floats(dynamicMap()));
    }
    add(".quant_state.bitsandbytes__" + std::string(quantTypeName(q.type)), bytesOf(state.dump()));
    return result;
}

} // namespace pissarro::core::inline quant
