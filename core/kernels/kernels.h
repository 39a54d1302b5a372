// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/kernels/operations.h"

#include <cstdint>

namespace pissarro::core::kernels {

// The elementwise work of a decoder, fused, on raw rows: what LibTorch would do in five passes is one here.
//
// Each function works on rows [begin, end) of row-major arrays, so that a caller can split the rows among threads;
// it starts no thread itself. The same source is compiled for AVX-512, AVX2 and plain x86-64; table.h gives
// those of an instruction set.
// What is not finite stays so: a NaN or an infinity in an operand makes every result that depends on it what the
// formula makes of it, or another number that is not finite. Denormals count, but as operands of the bfloat16 dot
// product instruction, which takes them for zero. bfloat16 is rounded as bf16_round.h says.
// Types:  T is float, double or Bf16 (storage); sums run in Real<T>: float for float and Bf16, double for double.
// Legend: N tokens, D width, F intermediate, V vocabulary.
struct Bf16 {
    std::uint16_t bits;
};

template <class T>
struct RealOf {
    using Type = T;
};
template <>
struct RealOf<Bf16> {
    using Type = float;
};
template <class T>
using Real = typename RealOf<T>::Type;

// y = x w^T (w [O, K]) or x w (w [K, O]), plus the product of a second pair, plus bias, plus `add`.
// A stride is the distance of two rows in elements.
template <class T>
struct Product {
    std::int64_t rows = 0; // M
    std::int64_t columns = 0; // O
    struct Pair {
        const T* x = nullptr; // [M, K]
        std::int64_t xStride = 0;
        const T* w = nullptr; // [O, K], or [K, O] when `byColumns`
        std::int64_t wStride = 0;
        std::int64_t depth = 0; // K
        bool byColumns = false;
    };
    Pair main;
    Pair extra; // depth 0: none. The low-rank term of an adapted matrix
    const T* bias_O = nullptr;
    const T* add = nullptr; // [M, O], added before y is rounded; may be y itself
    std::int64_t addStride = 0;
    T* y = nullptr;
    std::int64_t yStride = 0;
};

// Grouped-query attention of one new token of each sequence over its kept keys, itself included.
template <class T>
struct KeptAttention {
    const std::int64_t* lengths = nullptr; // keys of each sequence
    std::int64_t heads = 0;
    std::int64_t kvHeads = 0;
    std::int64_t headDim = 0;
    std::int64_t capacity = 0; // keys that there is room for
    std::int64_t window = 0; // 0: all
    double scale = 0.0;
    const T* q = nullptr; // [B, heads headDim]
    std::int64_t qStride = 0;
    const T* keys = nullptr; // [B, kvHeads, capacity, headDim]
    const T* values = nullptr;
    T* y = nullptr; // [B, heads headDim], contiguous
};

// y = x rsqrt(mean(x^2) + eps) (w + offset); rstd_N receives the rsqrt.
template <class T>
struct Norm {
    const T* x_ND = nullptr;
    const T* w_D = nullptr;
    T* y_ND = nullptr;
    Real<T>* rstd_N = nullptr;
    std::int64_t d = 0;
    double eps = 0.0;
    double offset = 0.0;
};
// dx += the gradient of Norm's x: rstd (g - xhat mean(g xhat)), g = dy (w + offset), xhat = x rstd.
template <class T>
struct NormGradient {
    const T* dy_ND = nullptr;
    const T* x_ND = nullptr;
    const Real<T>* rstd_N = nullptr;
    const T* w_D = nullptr;
    T* dx_ND = nullptr;
    std::int64_t d = 0;
    double offset = 0.0;
};

// `heads` heads of width 2 half turned in place, the halves apart as Hugging Face lays them; direction -1 undoes it.
template <class T>
struct Rotation {
    T* x = nullptr; // row i begins at x + i stride
    std::int64_t stride = 0;
    const std::int64_t* positions_N = nullptr;
    const float* cosTable = nullptr; // [positions, half]
    const float* sinTable = nullptr;
    std::int64_t heads = 0;
    std::int64_t half = 0;
    double direction = 1.0;
};

enum class Gate { Silu, GeluTanh, GeluErf };

// Of Functions::gated() into dab, and its output again into out.
template <class T>
struct GatedGradient {
    const T* ab_N2F = nullptr;
    const T* dout_NF = nullptr;
    T* dab_N2F = nullptr;
    T* out_NF = nullptr;
    std::int64_t f = 0;
    Gate gate = Gate::Silu;
};

// loss_N = logsumexp(logits) - logits[label]; where `scale` is not 0 the logits become scale (softmax - onehot), their gradient.
template <class T>
struct CrossEntropy {
    T* logits_NV = nullptr;
    const std::int64_t* labels_N = nullptr;
    double* loss_N = nullptr;
    std::int64_t v = 0;
    double scale = 0.0;
};

template <class T>
struct Functions {
    void (*rmsNorm)(const Norm<T>& norm, std::int64_t begin, std::int64_t end);
    void (*rmsNormBackward)(const NormGradient<T>& gradient, std::int64_t begin, std::int64_t end);
    void (*rotate)(const Rotation<T>& rotation, std::int64_t begin, std::int64_t end);
    // out = gate(a) b, where a row of ab_N2F holds a then b.
    void (*gated)(const T* ab_N2F, T* out_NF, std::int64_t begin, std::int64_t end, std::int64_t f,
                  Gate gate);
    void (*gatedBackward)(const GatedGradient<T>& gradient, std::int64_t begin, std::int64_t end);
    void (*crossEntropy)(const CrossEntropy<T>& loss, std::int64_t begin, std::int64_t end);
    // Columns [begin, end) of a product of few rows, begin a multiple of 4: the weight is read once, from where it lies.
    // Requires: neither pair `byColumns`.
    void (*dots)(const Product<T>& product, std::int64_t begin, std::int64_t end);
    // Tasks: B kvHeads. scratch: headDim plus the longest length, of each caller its own.
    void (*attendKept)(const KeptAttention<T>& attention, Real<T>* scratch, std::int64_t begin,
                       std::int64_t end);
};

// A step of AdamW (Loshchilov & Hutter, arXiv:1711.05101), in torch.optim's order of operations:
//   w -= lr wd w;  m += (1 - beta1)(g - m);  v = beta2 v + (1 - beta2) g^2;
//   w -= lr / correction1 m / (sqrt(v) / sqrt(correction2) + eps),  correction = 1 - beta^step.
struct AdamWStep {
    double learningRate = 0.0;
    double weightDecay = 0.0;
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-8;
    double correction1 = 1.0;
    double correction2 = 1.0;
};

// Weights in bfloat16 whose float32 masters are w = bits(high << 16) + low: `high` is the master
// rounded to nearest even, as any copy in bfloat16 would be, and `low` what is missing, in units of
// its last place. Exact but for a master halfway between two bfloat16 values from above, one in
// 65,536, which becomes the float32 next to it.
struct AdamWSlice {
    std::uint16_t* high = nullptr;
    std::int16_t* low = nullptr;
    const float* gradient = nullptr;
    float* first = nullptr; // moments
    float* second = nullptr;
};
// On elements [begin, end).
using SplitAdamW = void (*)(const AdamWSlice& slice, const AdamWStep& step, std::int64_t begin,
                            std::int64_t end);

// Weights of four bits a value: each block of `blockSize` values is its largest magnitude times one
// of sixteen values of [-1, 1]. Two codes a byte, the first in the upper half.
struct FourBit {
    static constexpr int kChunk = 64; // values: every block size is a multiple
    static constexpr float kSmallest = 1e-38F; // a block of zeros is divided by this
    float code[16]; // by code
    float bounds[15]; // ascending: x gets the code that is the number of bounds below it
    std::int64_t blockSize = kChunk;
};
// Whole blocks [begin, end). Quantizing multiplies by the reciprocal in float32; dequantizing rounds
// the float32 product once.
struct FourBitFunctions {
    void (*quantize)(const FourBit& q, const float* x, std::uint8_t* codes, float* absmax,
                     std::int64_t begin, std::int64_t end);
    void (*toFloat)(const FourBit& q, const std::uint8_t* codes, const float* absmax, float* out,
                    std::int64_t begin, std::int64_t end);
    void (*toBf16)(const FourBit& q, const std::uint8_t* codes, const float* absmax, Bf16* out,
                   std::int64_t begin, std::int64_t end);
};

} // namespace pissarro::core::kernels
