// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/kernels/bf16_products_p.h"
#include "core/kernels/table.h"

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

const Bf16Kernels* bf16KernelsOf(Operations operations)
{
#ifdef PISSARRO_BF16_KERNELS
    static const Bf16Kernels kernels {bf16::productTasks, bf16::product,          bf16::thinTasks,
                                      bf16::thin,         bf16::outerTasks,       bf16::outer,
                                      bf16::attention,    bf16::attentionBackward};
    return operations >= Operations::Avx512Bf16 ? &kernels : nullptr;
#else
    (void)operations;
    return nullptr;
#endif
}

Table make(Operations operations)
{
    const Bf16Kernels* bf16 = bf16KernelsOf(operations);
    return {operations,
            pick(operations, float_avx512, float_avx2, float_plain),
            pick(operations, double_avx512, double_avx2, double_plain),
            pick(operations, bf16_avx512, bf16_avx2, bf16_plain),
            pick(operations, fourBit_avx512, fourBit_avx2, fourBit_plain),
            pick(operations, adamw_avx512, adamw_avx2, adamw_plain),
            bf16,
            bf16 != nullptr && operations != Operations::Amx};
}

// Made when it is asked for: what lists the kernels of an instruction set is compiled for it too.
template <Operations kWhich>
const Table& made()
{
    static const Table table = make(kWhich);
    return table;
}

} // namespace

const Table& tableOf(Operations operations)
{
    switch (operations) {
    case Operations::Plain:
        return made<Operations::Plain>();
    case Operations::Avx2:
        return made<Operations::Avx2>();
    case Operations::Avx512:
        return made<Operations::Avx512>();
    case Operations::Avx512Bf16:
        return made<Operations::Avx512Bf16>();
    case Operations::Amx:
        return made<Operations::Amx>();
    case Operations::LibTorch:
        break;
    }
    return made<Operations::LibTorch>();
}

} // namespace pissarro::core::kernels
