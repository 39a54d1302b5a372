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

// What `operations` compute the elementwise work by.
template <class Made>
Made pick(Operations operations, Made (*avx512)(), Made (*avx2)(), Made (*plain)())
{
    switch (operations) {
    case Operations::Avx512:
    case Operations::Avx512Bf16:
    case Operations::Amx:
        return avx512();
    case Operations::Avx2:
        return avx2();
    case Operations::LibTorch:
    case Operations::Plain:
        break;
    }
    return plain();
}

} // namespace

template <>
Functions<float> functionsOf<float>(Operations operations)
{
    return pick(operations, float_avx512, float_avx2, float_plain);
}

template <>
Functions<double> functionsOf<double>(Operations operations)
{
    return pick(operations, double_avx512, double_avx2, double_plain);
}

template <>
Functions<Bf16> functionsOf<Bf16>(Operations operations)
{
    return pick(operations, bf16_avx512, bf16_avx2, bf16_plain);
}

template <class T>
const Functions<T>& functions()
{
    static const Functions<T> chosen = functionsOf<T>(operations());
    return chosen;
}
template const Functions<float>& functions<float>();
template const Functions<double>& functions<double>();
template const Functions<Bf16>& functions<Bf16>();

FourBitFunctions fourBitFunctionsOf(Operations operations)
{
    return pick(operations, fourBit_avx512, fourBit_avx2, fourBit_plain);
}

const FourBitFunctions& fourBitFunctions()
{
    static const FourBitFunctions chosen = fourBitFunctionsOf(operations());
    return chosen;
}

SplitAdamW splitAdamWOf(Operations operations)
{
    return pick(operations, adamw_avx512, adamw_avx2, adamw_plain);
}

SplitAdamW splitAdamW()
{
    static const SplitAdamW chosen = splitAdamWOf(operations());
    return chosen;
}

bool ownKernels()
{
    static const bool own = operations() != Operations::LibTorch;
    return own;
}

const Bf16Kernels* bf16Kernels()
{
#ifdef PISSARRO_BF16_KERNELS
    static const bool known = operations() >= Operations::Avx512Bf16;
    static const Bf16Kernels kernels {bf16::productTasks, bf16::product,          bf16::thinTasks,
                                      bf16::thin,         bf16::outerTasks,       bf16::outer,
                                      bf16::attention,    bf16::attentionBackward};
    return known ? &kernels : nullptr;
#else
    return nullptr;
#endif
}

bool ownLargeProducts()
{
    return bf16Kernels() != nullptr && operations() != Operations::Amx;
}

const char* instructionSet()
{
    switch (operations()) {
    case Operations::Avx512:
    case Operations::Avx512Bf16:
    case Operations::Amx:
        return "AVX-512";
    case Operations::Avx2:
        return "AVX2";
    case Operations::LibTorch:
    case Operations::Plain:
        break;
    }
    return "x86-64";
}

} // namespace pissarro::core::kernels
