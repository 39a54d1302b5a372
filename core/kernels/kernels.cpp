// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/kernels/kernels.h"

#include "core/kernels/bf16_products_p.h"

namespace pissarro::core::kernels {

Functions<float> float_avx512();
Functions<float> float_avx2();
Functions<float> float_plain();
Functions<double> double_avx512();
Functions<double> double_avx2();
Functions<double> double_plain();
Functions<Bf16> bf16_avx512();
Functions<Bf16> bf16_avx2();
Functions<Bf16> bf16_plain();
FourBitFunctions fourBit_avx512();
FourBitFunctions fourBit_avx2();
FourBitFunctions fourBit_plain();
SplitAdamW adamw_avx512();
SplitAdamW adamw_avx2();
SplitAdamW adamw_plain();

namespace {

enum class Isa { Plain, Avx2, Avx512 };

Isa detect()
{
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0
        && __builtin_cpu_supports("avx512vl") != 0 && __builtin_cpu_supports("avx512dq") != 0) {
        return Isa::Avx512;
    }
    if (__builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0) {
        return Isa::Avx2;
    }
    return Isa::Plain;
}

template <class Made>
Made pick(Made (*avx512)(), Made (*avx2)(), Made (*plain)())
{
    switch (detect()) {
    case Isa::Avx512:
        return avx512();
    case Isa::Avx2:
        return avx2();
    case Isa::Plain:
        break;
    }
    return plain();
}

} // namespace

template <>
const Functions<float>& functions<float>()
{
    static const Functions<float> chosen = pick(float_avx512, float_avx2, float_plain);
    return chosen;
}

template <>
const Functions<double>& functions<double>()
{
    static const Functions<double> chosen = pick(double_avx512, double_avx2, double_plain);
    return chosen;
}

template <>
const Functions<Bf16>& functions<Bf16>()
{
    static const Functions<Bf16> chosen = pick(bf16_avx512, bf16_avx2, bf16_plain);
    return chosen;
}

const FourBitFunctions& fourBitFunctions()
{
    static const FourBitFunctions chosen = pick(fourBit_avx512, fourBit_avx2, fourBit_plain);
    return chosen;
}

SplitAdamW splitAdamW()
{
    static const SplitAdamW chosen = pick(adamw_avx512, adamw_avx2, adamw_plain);
    return chosen;
}

const Bf16Kernels* bf16Kernels()
{
#ifdef PISSARRO_BF16_KERNELS
    static const bool known = detect() == Isa::Avx512 && __builtin_cpu_supports("avx512bf16") != 0;
    static const Bf16Kernels kernels {bf16::productTasks, bf16::product,          bf16::thinTasks,
                                      bf16::thin,         bf16::outerTasks,       bf16::outer,
                                      bf16::attention,    bf16::attentionBackward};
    return known ? &kernels : nullptr;
#else
    return nullptr;
#endif
}

bool hasMatrixTiles()
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("amx-bf16") != 0;
}

const char* instructionSet()
{
    switch (detect()) {
    case Isa::Avx512:
        return "AVX-512";
    case Isa::Avx2:
        return "AVX2";
    case Isa::Plain:
        break;
    }
    return "x86-64";
}

} // namespace pissarro::core::kernels
