// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/file/intact.h"
#include "core/format/bnb_weight.h"
#include "core/quant/four_bit_maker_tensors.h"
#include "core/quant/quantized_tensors.h"
#include "core/tensor/dtypes_tensors.h"

#include <ATen/ATen.h>

namespace pissarro::core::inline quant {

namespace {

at::Tensor over(const void* data, std::int64_t count, at::ScalarType type)
{
    return at::from_blob(const_cast<void*>(data), {count}, at::TensorOptions().dtype(type));
}

at::Tensor floatsOver(const std::vector<float>& values)
{
    return over(values.data(), static_cast<std::int64_t>(values.size()), at::kFloat);
}

QuantizedMatrix matrixOver(const BnbWeight& stored, at::Device device)
{
    QuantizedMatrix q;
    q.type = stored.type;
    q.rows = stored.codes.shape[0];
    q.cols = stored.codes.shape[1];
    q.blockSize = stored.blockSize;
    q.codes_H = over(stored.codes.data, (stored.codes.elements() + 1) / 2, at::kByte).to(device);
    if (stored.isDouble()) {
        q.absmax_K =
            over(stored.nestedCodes.data, stored.nestedCodes.elements(), at::kByte).to(device);
        q.nestedAbsmax_G = floatsOver(stored.nestedAbsmax).to(device);
        q.offset = stored.offset;
    } else {
        q.absmax_K = floatsOver(stored.absmax).to(device);
    }
    return q;
}

} // namespace

WeightMaker fourBitMaker(const std::shared_ptr<const ModelFiles>& files, const std::string& module,
                         at::Device device)
{
    const BnbWeight* stored = files->fourBitWeight(module + ".weight");
    if (stored == nullptr) {
        return {};
    }
    const at::ScalarType rounded = tensorType(stored->dtype);
    return [files, codes = stored->codes.data, q = matrixOver(*stored, device),
            rounded](at::Tensor& out_OI) {
        const at::ScalarType wanted = out_OI.scalar_type();
        if (wanted == rounded || (wanted == at::kBFloat16 && rounded == at::kFloat)) {
            dequantizeInto(q, out_OI);
        } else { // rounded as stored first
            out_OI.copy_(dequantize(q, at::kFloat).to(rounded));
        }
        requireIntact(codes);
    };
}

} // namespace pissarro::core::inline quant
