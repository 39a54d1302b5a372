// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace pissarro::core::inline format {

// How coarse the numbers of a type are: unit roundoff, and half of the smallest number above zero.
struct Coarseness {
    double relative = 0x1p-24; // of float32, which blocks are read as
    double absolute = 0x1p-150;
};

// One type of element, as files hold it. A new plain one is a row of dtypes.cpp; a new one of ggml's is a file of ggml/ and
// its line in block_types.h and dtypes.cpp. Nothing else names it.
struct DTypeInfo {
    std::string_view name; // "BF16", "Q4_1": as safetensors and GGUF write it
    std::string_view hfName = {}; // "bfloat16": a model is stored as it; empty: none is
    int ggml = -1; // its number in a GGUF; -1: is not read from there
    std::int64_t elements = 1; // of a block, along the last axis
    std::size_t bytes = 0; // of a block; little-endian, not necessarily aligned
    bool needsScales = false; // codes, which are numbers only with what is stored beside them
    // `blocks` blocks into elements * blocks numbers; null: it is no floating-point type.
    void (*toFloat32)(const std::byte* data, std::int64_t blocks, float* out) = nullptr;
    // False when one of them holds NaN or Inf; null: none can.
    bool (*isFinite)(const std::byte* data, std::uint64_t blocks) = nullptr;
    Coarseness coarseness = {};
};

// A handle to a row; two are equal when their row is the same. What code asks for by name is named here.
class DType {
public:
    static const DType F64, F32, F16, BF16, I64, I32, I16, I8, U8, Bool;
    static const DType Fp8E4M3, Fp8E5M2, E8M0; // E8M0: powers of two
    static const DType Nf4, Fp4; // codes of bitsandbytes, two a byte
    static const DType ScaledFp8, Int8, Gptq, Awq; // codes of CodedWeight (coded_weight.h)

    explicit constexpr DType(const DTypeInfo& info)
        : m_info(&info)
    {
    }

    const DTypeInfo& info() const { return *m_info; }

    friend bool operator==(DType a, DType b) { return a.m_info == b.m_info; }
    friend bool operator<(DType a, DType b); // as allDTypes() lists them

private:
    const DTypeInfo* m_info;
};

std::span<const DType> allDTypes(); // in the order in which messages name them
std::optional<DType> dtypeNamed(std::string_view name); // "BF16"; nullopt: there is none

std::string_view dtypeName(DType dtype); // "F32", "BF16", "Q4_1": as safetensors and GGUF write it
std::size_t dtypeSize(DType dtype); // bytes of one element; 0 for block types and codes
std::uint64_t dtypeBytes(DType dtype, std::uint64_t elements); // bytes of a whole tensor

// What a model of such weights is said to be stored as: "float32", "float16", "bfloat16". Blocks are read as float32.
std::string_view modelDType(DType dtype);
// "bfloat16", but "Q4_1": for people who ask what lies in the file.
std::string_view dtypeWords(DType dtype);

// Whether a model's weights may be of it: floating-point numbers, blocks or codes.
bool isWeightType(DType dtype);

} // namespace pissarro::core::inline format
