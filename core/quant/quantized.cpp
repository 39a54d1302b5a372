// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/kernels/table.h"
#include "core/quant/quantized_gpu_tensors.h"
#include "core/tensor/host_pointer_tensors.h"
#include "core/tensor/parallel_tasks.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <bit>
#include <cmath>

namespace pissarro::core::inline quant {

namespace {

constexpr std::int64_t kTaskValues = 1 << 16;

// Calls work(first, last) on shares of `blocks`.
template <class Work>
void eachShare(std::int64_t blocks, std::int64_t blockSize, const Work& work)
{
    const std::int64_t share = std::max<std::int64_t>(1, kTaskValues / blockSize);
    eachTask((blocks + share - 1) / share, [&](std::int64_t begin, std::int64_t end) {
        work(begin * share, std::min(end * share, blocks));
    });
}

// max |x|, at least `least`; a NaN is above everything. Magnitudes order as their bits do.
float largestMagnitude(const float* x, std::int64_t size, float least)
{
    auto most = std::bit_cast<std::int32_t>(least);
    for (std::int64_t i = 0; i < size; ++i) {
        most = std::max(most, std::bit_cast<std::int32_t>(x[i]) & 0x7fffffff);
    }
    return std::bit_cast<float>(most);
}

// The last block where it is short: divided by its absmax, and an odd last value leaves half a byte,
// which then holds the code of zero.
void quantizeRest(const kernels::FourBit& q, const float* x, std::int64_t size, std::uint8_t* codes,
                  float* absmax)
{
    const float largest = largestMagnitude(x, size, kernels::FourBit::kSmallest);
    *absmax = largest;
    const auto rankOf = [&](float value) {
        return static_cast<std::uint8_t>(
            std::lower_bound(std::begin(q.bounds), std::end(q.bounds), value)
            - std::begin(q.bounds));
    };
    for (std::int64_t i = 0; i < size; i += 2) {
        const std::uint8_t first = rankOf(std::clamp(x[i] / largest, -1.0F, 1.0F));
        const std::uint8_t second =
            rankOf(i + 1 < size ? std::clamp(x[i + 1] / largest, -1.0F, 1.0F) : 0.0F);
        codes[i / 2] = static_cast<std::uint8_t>((first << 4) | second);
    }
}

template <class T>
void dequantizeRest(const kernels::FourBit& q, const std::uint8_t* codes, float absmax,
                    std::int64_t size, T* out)
{
    for (std::int64_t i = 0; i < size; ++i) {
        out[i] = T(fourBitValue(q, codes, i, absmax));
    }
}

void ranksToCodes(QuantType type, at::Tensor& codes_H)
{
    const auto code = codeOfRank(type);
    std::array<std::uint8_t, 256> table {};
    for (std::size_t byte = 0; byte < table.size(); ++byte) {
        table[byte] = static_cast<std::uint8_t>((code[byte >> 4] << 4) | code[byte & 15U]);
    }
    auto* bytes = out<std::uint8_t>(codes_H);
    std::transform(bytes, bytes + codes_H.numel(), bytes,
                   [&](std::uint8_t byte) { return table[byte]; });
}

void doubleQuantize(const at::Tensor& absmax_K, QuantizedMatrix& q)
{
    const at::Tensor offset = absmax_K.mean();
    const at::Tensor centred_K = absmax_K - offset;
    const std::int64_t count = centred_K.numel();
    q.offset = offset.item<float>();
    const float* values = in<float>(centred_K);
    auto* codes = out<std::uint8_t>(q.absmax_K);
    auto* largest = out<float>(q.nestedAbsmax_G);
    for (std::int64_t first = 0; first < count; first += kNestedBlock) {
        const std::int64_t end = std::min(count, first + kNestedBlock);
        const float most = largestMagnitude(values + first, end - first, 0.0F);
        largest[first / kNestedBlock] = most;
        for (std::int64_t i = first; i < end; ++i) {
            codes[i] = most > 0.0F ? dynamicCode(values[i] * (1.0F / most)) : 0;
        }
    }
}

} // namespace

at::Tensor QuantizedMatrix::absmax() const
{
    if (!isDouble()) {
        return absmax_K;
    }
    const std::int64_t count = absmax_K.numel();
    at::Tensor wide_K = at::empty({count}, nestedAbsmax_G.options());
    const auto* codes = in<std::uint8_t>(absmax_K);
    const auto* groups = in<float>(nestedAbsmax_G);
    auto* values = out<float>(wide_K);
    const auto& map = dynamicMap();
    for (std::int64_t i = 0; i < count; ++i) {
        values[i] = map[codes[i]] * groups[i / kNestedBlock];
    }
    return wide_K.add_(offset); // a rounding of its own: product and sum are not fused
}

std::int64_t QuantizedMatrix::bytes() const
{
    return static_cast<std::int64_t>(codes_H.nbytes() + absmax_K.nbytes()
                                     + (isDouble() ? nestedAbsmax_G.nbytes() + sizeof offset : 0));
}

QuantizedMatrix unfilledMatrix(std::int64_t rows, std::int64_t cols, const QuantOptions& options)
{
    if (options.blockSize < kQuantBlock || options.blockSize % kQuantBlock != 0) {
        throw Error(
            ErrorKind::InvalidArgument,
            fmt::format("the block size {} is no multiple of 64 (expected 64, 128, 256, ...)",
                        options.blockSize));
    }
    const std::int64_t blocks = (rows * cols + options.blockSize - 1) / options.blockSize;
    QuantizedMatrix q;
    q.type = options.type;
    q.rows = rows;
    q.cols = cols;
    q.blockSize = options.blockSize;
    q.codes_H = at::empty({(rows * cols + 1) / 2}, at::kByte);
    q.absmax_K = at::empty({blocks}, options.doubleQuant ? at::kByte : at::kFloat);
    if (options.doubleQuant) {
        q.nestedAbsmax_G = at::empty({(blocks + kNestedBlock - 1) / kNestedBlock}, at::kFloat);
    }
    return q;
}

QuantizedMatrix quantize(const at::Tensor& w_OI, const QuantOptions& options)
{
    const at::Tensor values = w_OI.to(at::kFloat).contiguous();
    const std::int64_t size = values.numel();
    QuantizedMatrix q = unfilledMatrix(w_OI.size(0), w_OI.size(1), options);
    const std::int64_t blocks = size / options.blockSize;
    const std::int64_t rest = size % options.blockSize;
    const at::Tensor wide_K = options.doubleQuant ? at::empty({q.absmax_K.numel()}, at::kFloat)
                                                  : q.absmax_K; // not in 8 bits yet
    const kernels::FourBit format = fourBit(options.type, options.blockSize);
    const float* x = in<float>(values);
    auto* codes = out<std::uint8_t>(q.codes_H);
    auto* absmax = out<float>(wide_K);
    eachShare(blocks, options.blockSize, [&](std::int64_t begin, std::int64_t end) {
        kernels::tableOf().fourBit.quantize(format, x, codes, absmax, begin, end);
    });
    if (rest > 0) {
        const std::int64_t done = blocks * options.blockSize;
        quantizeRest(format, x + done, rest, codes + done / 2, absmax + blocks);
    }
    if (options.type != QuantType::Nf4) {
        ranksToCodes(options.type, q.codes_H);
    }
    if (options.doubleQuant) {
        doubleQuantize(wide_K, q);
    }
    return q;
}

void dequantizeInto(const QuantizedMatrix& q, at::Tensor& out_OI)
{
    if (!q.codes_H.is_cpu()) {
        return dequantizeOnGpu(q, out_OI);
    }
    const kernels::FourBit format = fourBit(q.type, q.blockSize);
    const at::Tensor absmax_K = q.absmax();
    const std::int64_t size = q.rows * q.cols;
    const std::int64_t blocks = size / q.blockSize;
    const std::int64_t done = blocks * q.blockSize;
    const auto* codes = in<std::uint8_t>(q.codes_H);
    const auto* absmax = in<float>(absmax_K);
    const auto& functions = kernels::tableOf().fourBit;
    if (out_OI.scalar_type() == at::kFloat) {
        auto* values = out<float>(out_OI);
        eachShare(blocks, q.blockSize, [&](std::int64_t begin, std::int64_t end) {
            functions.toFloat(format, codes, absmax, values, begin, end);
        });
        if (done < size) {
            dequantizeRest(format, codes + done / 2, absmax[blocks], size - done, values + done);
        }
        return;
    }
    auto* values = out<kernels::Bf16>(out_OI);
    eachShare(blocks, q.blockSize, [&](std::int64_t begin, std::int64_t end) {
        functions.toBf16(format, codes, absmax, values, begin, end);
    });
    if (done < size) {
        dequantizeRest(format, codes + done / 2, absmax[blocks], size - done,
                       out<c10::BFloat16>(out_OI) + done);
    }
}

at::Tensor dequantize(const QuantizedMatrix& q, at::ScalarType type)
{
    at::Tensor out_OI = at::empty({q.rows, q.cols}, q.codes_H.options().dtype(type));
    dequantizeInto(q, out_OI);
    return out_OI;
}

at::Tensor throughInt8(const at::Tensor& w_OI)
{
    const at::Tensor values = w_OI.to(at::kFloat);
    const at::Tensor largest_O1 = values.abs().amax(1, /*keepdim=*/true);
    const at::Tensor codes_OI = at::round(values * (127.0 / largest_O1));
    return at::where(largest_O1 == 0, at::zeros_like(values), codes_OI * (largest_O1 / 127.0));
}

} // namespace pissarro::core::inline quant
