// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/block_types.h"
#include "core/format/dtype.h"
#include "core/format/stored_numbers.h"
#include "core/kernels/bf16_round.h"

#include <algorithm>
#include <array>
#include <bit>

static_assert(std::endian::native == std::endian::little,
              "files are little-endian and read in place");

namespace pissarro::core::inline format {

namespace {

void copyFloats(const std::byte* data, std::int64_t count, float* out)
{
    if (count > 0) {
        std::memcpy(out, data, static_cast<std::size_t>(count) * sizeof(float));
    }
}

// Converts numbers of a fixed size in runs: loops of a fixed length over local arrays become vector code without the
// compiler being told that input and output do not overlap or are aligned.
template <typename Stored, auto Convert>
void convertRun(const std::byte* data, std::int64_t count, float* out)
{
    constexpr std::int64_t kRun = 32;
    Stored in[kRun];
    float converted[kRun];
    std::int64_t done = 0;
    for (; done + kRun <= count; done += kRun) {
        std::memcpy(in, data + done * static_cast<std::int64_t>(sizeof(Stored)), sizeof in);
        for (std::int64_t i = 0; i < kRun; ++i) {
            converted[i] = Convert(in[i]);
        }
        std::memcpy(out + done, converted, sizeof converted);
    }
    for (; done < count; ++done) {
        out[done] = Convert(load<Stored>(data + done * static_cast<std::int64_t>(sizeof(Stored))));
    }
}

constexpr auto kNarrow = [](double x) { return static_cast<float>(x); };
constexpr auto kHalf = [](std::uint16_t bits) { return halfToFloat(bits); };
constexpr auto kBfloat16 = [](std::uint16_t bits) { return kernels::widenBf16(bits); };

// S.EEEE.MMM without infinities: the one NaN has every bit set (OCP, "8-bit floating point").
constexpr std::array<float, 256> fp8Numbers()
{
    std::array<float, 256> numbers {};
    for (std::uint32_t i = 0; i < numbers.size(); ++i) {
        const std::uint32_t exponent = i >> 3 & 15;
        const auto mantissa = static_cast<float>(i & 7);
        const float magnitude = exponent == 0
            ? mantissa * 0x1p-9F
            : std::bit_cast<float>((exponent + 120) << 23) * (1.0F + mantissa / 8.0F);
        const std::uint32_t bits =
            (i & 127) == 127 ? 0x7FC0'0000U : std::bit_cast<std::uint32_t>(magnitude);
        numbers[i] = std::bit_cast<float>(bits | i >> 7 << 31);
    }
    return numbers;
}
constexpr std::array<float, 256> kFp8Numbers = fp8Numbers();

constexpr auto kE4m3 = [](std::uint8_t bits) { return kFp8Numbers[bits]; };
// The upper half of a float16.
constexpr auto kE5m2 = [](std::uint8_t bits) {
    return halfToFloat(static_cast<std::uint16_t>(bits << 8));
};
// 2^(bits - 127); 255 is NaN.
constexpr auto kE8m0 = [](std::uint8_t bits) {
    return std::bit_cast<float>(bits == 0        ? 0x0040'0000U
                                    : bits < 255 ? static_cast<std::uint32_t>(bits) << 23
                                                 : 0x7FC0'0000U);
};

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
        for (const Word word : words) {
            found |= static_cast<Word>((word & Exponent) == Exponent);
        }
        if (found != 0) {
            return false;
        }
    }
    return true;
}

constexpr DTypeInfo kF64 {.name = "F64",
                          .bytes = 8,
                          .toFloat32 = convertRun<double, kNarrow>,
                          .isFinite = exponentsAreFinite<std::uint64_t, 0x7FF0'0000'0000'0000U>};
constexpr DTypeInfo kF32 {.name = "F32",
                          .hfName = "float32",
                          .ggml = 0,
                          .bytes = 4,
                          .toFloat32 = copyFloats,
                          .isFinite = exponentsAreFinite<std::uint32_t, 0x7F80'0000U>};
constexpr DTypeInfo kF16 {.name = "F16",
                          .hfName = "float16",
                          .ggml = 1,
                          .bytes = 2,
                          .toFloat32 = convertRun<std::uint16_t, kHalf>,
                          .isFinite = exponentsAreFinite<std::uint16_t, kHalfExponent>,
                          .coarseness = {0x1p-11, 0x1p-25}};
constexpr DTypeInfo kBF16 {.name = "BF16",
                           .hfName = "bfloat16",
                           .ggml = 30,
                           .bytes = 2,
                           .toFloat32 = convertRun<std::uint16_t, kBfloat16>,
                           .isFinite = exponentsAreFinite<std::uint16_t, 0x7F80>,
                           .coarseness = {0x1p-8, 0x1p-134}};
constexpr DTypeInfo kFp8E4M3 {.name = "F8_E4M3",
                              .bytes = 1,
                              .toFloat32 = convertRun<std::uint8_t, kE4m3>,
                              .isFinite = exponentsAreFinite<std::uint8_t, 0x7F>,
                              .coarseness = {0x1p-4, 0x1p-10}};
constexpr DTypeInfo kFp8E5M2 {.name = "F8_E5M2",
                              .bytes = 1,
                              .toFloat32 = convertRun<std::uint8_t, kE5m2>,
                              .isFinite = exponentsAreFinite<std::uint8_t, 0x7C>,
                              .coarseness = {0x1p-3, 0x1p-17}};
constexpr DTypeInfo kE8M0 {.name = "F8_E8M0",
                           .bytes = 1,
                           .toFloat32 = convertRun<std::uint8_t, kE8m0>,
                           .isFinite = exponentsAreFinite<std::uint8_t, 0xFF>};
constexpr DTypeInfo kI64 {.name = "I64", .bytes = 8};
constexpr DTypeInfo kI32 {.name = "I32", .bytes = 4};
constexpr DTypeInfo kI16 {.name = "I16", .bytes = 2};
constexpr DTypeInfo kI8 {.name = "I8", .bytes = 1};
constexpr DTypeInfo kU8 {.name = "U8", .bytes = 1};
constexpr DTypeInfo kU64 {.name = "U64", .bytes = 8};
constexpr DTypeInfo kU32 {.name = "U32", .bytes = 4};
constexpr DTypeInfo kU16 {.name = "U16", .bytes = 2};
constexpr DTypeInfo kBool {.name = "BOOL", .bytes = 1};
constexpr DTypeInfo kNf4 {.name = "NF4", .elements = 2, .bytes = 1, .needsScales = true};
constexpr DTypeInfo kFp4 {.name = "FP4", .elements = 2, .bytes = 1, .needsScales = true};
constexpr DTypeInfo kScaledFp8 {.name = "FP8", .bytes = 1, .needsScales = true};
constexpr DTypeInfo kInt8 {.name = "INT8", .bytes = 1, .needsScales = true};
constexpr DTypeInfo kGptq {.name = "GPTQ", .elements = 2, .bytes = 1, .needsScales = true};
constexpr DTypeInfo kAwq {.name = "AWQ", .elements = 2, .bytes = 1, .needsScales = true};

// clang-format off
constexpr std::array kAll {
    DType(kF64), DType(kF32), DType(kF16), DType(kBF16),
    DType(kI64), DType(kI32), DType(kI16), DType(kI8), DType(kU8), DType(kU64), DType(kU32), DType(kU16), DType(kBool),
    DType(kFp8E4M3), DType(kFp8E5M2), DType(kE8M0),
    DType(kQ80),
    DType(kQ40),
    DType(kQ41),
    DType(kQ50),
    DType(kQ51),
    DType(kQ2K),
    DType(kQ3K),
    DType(kQ4K),
    DType(kQ5K),
    DType(kQ6K),
    DType(kIq4Nl),
    DType(kIq4Xs),
    DType(kIq3Xxs),
    DType(kIq3S),
    DType(kIq2Xxs),
    DType(kIq2Xs),
    DType(kIq2S),
    DType(kIq1S),
    DType(kIq1M),
    DType(kMxFp4),
    DType(kNvFp4),
    DType(kTq10),
    DType(kTq20),
    DType(kNf4), DType(kFp4),
    DType(kScaledFp8), DType(kInt8), DType(kGptq), DType(kAwq),
};
// clang-format on

} // namespace

constinit const DType DType::F64 {kF64};
constinit const DType DType::F32 {kF32};
constinit const DType DType::F16 {kF16};
constinit const DType DType::BF16 {kBF16};
constinit const DType DType::I64 {kI64};
constinit const DType DType::I32 {kI32};
constinit const DType DType::I16 {kI16};
constinit const DType DType::I8 {kI8};
constinit const DType DType::U8 {kU8};
constinit const DType DType::Bool {kBool};
constinit const DType DType::Fp8E4M3 {kFp8E4M3};
constinit const DType DType::Fp8E5M2 {kFp8E5M2};
constinit const DType DType::E8M0 {kE8M0};
constinit const DType DType::Nf4 {kNf4};
constinit const DType DType::Fp4 {kFp4};
constinit const DType DType::ScaledFp8 {kScaledFp8};
constinit const DType DType::Int8 {kInt8};
constinit const DType DType::Gptq {kGptq};
constinit const DType DType::Awq {kAwq};

std::span<const DType> allDTypes()
{
    return kAll;
}

std::optional<DType> dtypeNamed(std::string_view name)
{
    const auto* const found =
        std::find_if(kAll.begin(), kAll.end(), [&](DType d) { return d.info().name == name; });
    return found == kAll.end() ? std::nullopt : std::optional(*found);
}

bool operator<(DType a, DType b)
{
    return std::find(kAll.begin(), kAll.end(), a) < std::find(kAll.begin(), kAll.end(), b);
}

std::string_view dtypeName(DType dtype)
{
    return dtype.info().name;
}

std::size_t dtypeSize(DType dtype)
{
    return dtype.info().elements == 1 ? dtype.info().bytes : 0;
}

std::uint64_t dtypeBytes(DType dtype, std::uint64_t elements)
{
    const auto block = static_cast<std::uint64_t>(dtype.info().elements);
    return (elements / block + (elements % block != 0 ? 1 : 0)) * dtype.info().bytes;
}

std::string_view modelDType(DType dtype)
{
    return dtype.info().hfName.empty() ? kF32.hfName : dtype.info().hfName;
}

std::string_view dtypeWords(DType dtype)
{
    return dtype.info().hfName.empty() ? dtype.info().name : dtype.info().hfName;
}

bool isWeightType(DType dtype)
{
    return dtype.info().toFloat32 != nullptr || dtype.info().needsScales;
}

} // namespace pissarro::core::inline format
