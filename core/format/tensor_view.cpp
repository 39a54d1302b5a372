// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/tensor_view.h"

#include "core/base/error.h"
#include "core/text/message_text.h"

#include <bit>
#include <cassert>
#include <cstring>

static_assert(std::endian::native == std::endian::little,
              "files are little-endian and read in place");

namespace pissarro::core {

namespace {

constexpr std::int64_t kBlock = 32; // elements of a GGUF block

// Loops below have a fixed length of kBlock over local arrays: compilers turn them into vector code
// without being told that input and output do not overlap or are aligned.

float bitsToFloat(std::uint32_t bits)
{
    return std::bit_cast<float>(bits);
}

float bfloat16ToFloat(std::uint16_t bits)
{
    return bitsToFloat(static_cast<std::uint32_t>(bits) << 16);
}

// IEEE half to single without a branch, subnormals included (as ggml's ggml_compute_fp16_to_fp32).
float halfToFloat(std::uint16_t half)
{
    const std::uint32_t word = static_cast<std::uint32_t>(half) << 16;
    const std::uint32_t sign = word & 0x80000000U;
    const std::uint32_t twice = word + word;
    const float normal = bitsToFloat((twice >> 4) + (0xE0U << 23)) * 0x1.0p-112F;
    const float subnormal = bitsToFloat((twice >> 17) | (126U << 23)) - 0.5F;
    const bool isSubnormal = twice < (1U << 27);
    return bitsToFloat(sign | std::bit_cast<std::uint32_t>(isSubnormal ? subnormal : normal));
}

template <typename T>
T load(const std::byte* data)
{
    T value;
    std::memcpy(&value, data, sizeof value);
    return value;
}

// Converts `count` elements of a fixed-size type in runs of kBlock.
template <typename Stored, typename Convert>
void convertRun(const std::byte* data, std::int64_t count, float* out, Convert convert)
{
    Stored in[kBlock];
    float converted[kBlock];
    std::int64_t done = 0;
    for (; done + kBlock <= count; done += kBlock) {
        std::memcpy(in, data + done * static_cast<std::int64_t>(sizeof(Stored)), sizeof in);
        for (std::int64_t i = 0; i < kBlock; ++i) {
            converted[i] = convert(in[i]);
        }
        std::memcpy(out + done, converted, sizeof converted);
    }
    for (; done < count; ++done) {
        out[done] = convert(load<Stored>(data + done * static_cast<std::int64_t>(sizeof(Stored))));
    }
}

// Q8_0: float16 scale, 32 signed bytes.
void convertQ8_0(const std::byte* data, float* out)
{
    const float scale = halfToFloat(load<std::uint16_t>(data));
    std::int8_t values[kBlock];
    std::memcpy(values, data + 2, sizeof values);
    float converted[kBlock];
    for (std::int64_t i = 0; i < kBlock; ++i) {
        converted[i] = static_cast<float>(values[i]) * scale;
    }
    std::memcpy(out, converted, sizeof converted);
}

// 16 bytes of nibbles: element i is the low half of byte i, element i + 16 the high half.
void unpackNibbles(const std::byte* data, std::int32_t* values)
{
    std::uint8_t packed[kBlock / 2];
    std::memcpy(packed, data, sizeof packed);
    for (std::int64_t i = 0; i < kBlock / 2; ++i) {
        values[i] = packed[i] & 15;
        values[i + kBlock / 2] = packed[i] >> 4;
    }
}

// Q4_0: float16 scale, 16 bytes of nibbles; value = scale * (nibble - 8).
void convertQ4_0(const std::byte* data, float* out)
{
    const float scale = halfToFloat(load<std::uint16_t>(data));
    std::int32_t values[kBlock];
    unpackNibbles(data + 2, values);
    float converted[kBlock];
    for (std::int64_t i = 0; i < kBlock; ++i) {
        converted[i] = static_cast<float>(values[i] - 8) * scale;
    }
    std::memcpy(out, converted, sizeof converted);
}

// Q4_1: float16 scale, float16 minimum, 16 bytes of nibbles; value = scale * nibble + minimum. The
// product is exact in float32, so a fused multiply-add gives the same bits.
void convertQ4_1(const std::byte* data, float* out)
{
    const float scale = halfToFloat(load<std::uint16_t>(data));
    const float minimum = halfToFloat(load<std::uint16_t>(data + 2));
    std::int32_t values[kBlock];
    unpackNibbles(data + 4, values);
    float converted[kBlock];
    for (std::int64_t i = 0; i < kBlock; ++i) {
        converted[i] = static_cast<float>(values[i]) * scale + minimum;
    }
    std::memcpy(out, converted, sizeof converted);
}

std::size_t blockBytes(DType dtype)
{
    switch (dtype) {
    case DType::Q8_0:
        return 34;
    case DType::Q4_0:
        return 18;
    case DType::Q4_1:
        return 20;
    default:
        return 0;
    }
}

// NaN and Inf are the numbers whose exponent has every bit set. No early end within a run: a loop
// without a branch becomes vector code.
template <typename Word, Word Exponent>
bool exponentsAreFinite(const std::byte* data, std::uint64_t count)
{
    constexpr std::uint64_t kRun = 1024;
    Word words[kRun];
    for (std::uint64_t done = 0; done < count; done += kRun) {
        const std::uint64_t run = count - done < kRun ? count - done : kRun;
        std::memcpy(words, data + done * sizeof(Word), run * sizeof(Word));
        std::memset(words + run, 0, (kRun - run) * sizeof(Word));
        Word found = 0;
        for (std::uint64_t i = 0; i < kRun; ++i) {
            found |= static_cast<Word>((words[i] & Exponent) == Exponent);
        }
        if (found != 0) {
            return false;
        }
    }
    return true;
}

constexpr std::uint16_t kHalfExponent = 0x7C00;

// The `halves` float16 numbers that each block begins with.
bool blocksAreFinite(const TensorView& view, std::size_t halves)
{
    const std::size_t block = blockBytes(view.dtype);
    for (std::uint64_t at = 0; at + block <= view.sizeBytes; at += block) {
        for (std::size_t i = 0; i < halves; ++i) {
            const auto half = load<std::uint16_t>(view.data + at + 2 * i);
            if ((half & kHalfExponent) == kHalfExponent) {
                return false;
            }
        }
    }
    return true;
}

} // namespace

std::string_view dtypeName(DType dtype)
{
    switch (dtype) {
    case DType::F64:
        return "F64";
    case DType::F32:
        return "F32";
    case DType::F16:
        return "F16";
    case DType::BF16:
        return "BF16";
    case DType::I64:
        return "I64";
    case DType::I32:
        return "I32";
    case DType::I16:
        return "I16";
    case DType::I8:
        return "I8";
    case DType::U8:
        return "U8";
    case DType::Bool:
        return "BOOL";
    case DType::Q8_0:
        return "Q8_0";
    case DType::Q4_0:
        return "Q4_0";
    case DType::Q4_1:
        return "Q4_1";
    case DType::Nf4:
        return "NF4";
    case DType::Fp4:
        return "FP4";
    }
    return "?";
}

std::size_t dtypeSize(DType dtype)
{
    switch (dtype) {
    case DType::F64:
    case DType::I64:
        return 8;
    case DType::F32:
    case DType::I32:
        return 4;
    case DType::F16:
    case DType::BF16:
    case DType::I16:
        return 2;
    case DType::I8:
    case DType::U8:
    case DType::Bool:
        return 1;
    case DType::Q8_0:
    case DType::Q4_0:
    case DType::Q4_1:
    case DType::Nf4:
    case DType::Fp4:
        return 0;
    }
    return 0;
}

std::uint64_t dtypeBytes(DType dtype, std::uint64_t elements)
{
    if (dtype == DType::Nf4 || dtype == DType::Fp4) {
        return (elements + 1) / 2;
    }
    const std::size_t block = blockBytes(dtype);
    return block != 0 ? elements / kBlock * block : elements * dtypeSize(dtype);
}

void toFloat32(const TensorView& view, std::int64_t first, std::int64_t count, float* out)
{
    assert(first >= 0 && count >= 0 && first + count <= view.elements());
    assert(blockBytes(view.dtype) == 0 || (first % kBlock == 0 && count % kBlock == 0));
    const std::byte* data = view.data + dtypeBytes(view.dtype, static_cast<std::uint64_t>(first));
    const std::size_t block = blockBytes(view.dtype);
    switch (view.dtype) {
    case DType::F32:
        if (count > 0) {
            std::memcpy(out, data, static_cast<std::size_t>(count) * sizeof(float));
        }
        return;
    case DType::F64:
        return convertRun<double>(data, count, out, [](double x) { return static_cast<float>(x); });
    case DType::F16:
        return convertRun<std::uint16_t>(data, count, out, halfToFloat);
    case DType::BF16:
        return convertRun<std::uint16_t>(data, count, out, bfloat16ToFloat);
    case DType::Q8_0:
    case DType::Q4_0:
    case DType::Q4_1: {
        const auto convert = view.dtype == DType::Q8_0 ? convertQ8_0
            : view.dtype == DType::Q4_0                ? convertQ4_0
                                                       : convertQ4_1;
        for (std::int64_t done = 0; done < count; done += kBlock, data += block) {
            convert(data, out + done);
        }
        return;
    }
    default:
        throw Error(ErrorKind::Format,
                    "tensor " + shownText(view.name) + " holds "
                        + std::string(dtypeName(view.dtype)) + " (expected a floating-point type)");
    }
}

bool isFinite(const TensorView& view)
{
    const auto count = static_cast<std::uint64_t>(view.elements());
    switch (view.dtype) {
    case DType::F64:
        return exponentsAreFinite<std::uint64_t, 0x7FF0'0000'0000'0000U>(view.data, count);
    case DType::F32:
        return exponentsAreFinite<std::uint32_t, 0x7F80'0000U>(view.data, count);
    case DType::F16:
        return exponentsAreFinite<std::uint16_t, kHalfExponent>(view.data, count);
    case DType::BF16:
        return exponentsAreFinite<std::uint16_t, 0x7F80>(view.data, count);
    case DType::Q8_0:
    case DType::Q4_0:
        return blocksAreFinite(view, 1);
    case DType::Q4_1:
        return blocksAreFinite(view, 2);
    default:
        return true;
    }
}

} // namespace pissarro::core
