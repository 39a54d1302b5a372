// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decoder/ops/bf16_ops_p.h"
#include "core/kernels/table.h"

#include <memory>

namespace pissarro::core::inline decoder::inline ops {

namespace {

using kernels::Operations;

std::unique_ptr<const Ops> makeForCpu(Operations operations)
{
    if (operations == Operations::LibTorch) {
        return std::make_unique<LibTorchCpuOps>();
    }
    const kernels::Table& table = kernels::tableOf(operations);
    if (table.bf16 == nullptr) {
        return std::make_unique<KernelOps>(table);
    }
    return std::make_unique<Bf16Ops>(table);
}

// Made when it is asked for: a processor has not all of them.
template <Operations kWhich>
const Ops& forCpu()
{
    static const std::unique_ptr<const Ops> ops = makeForCpu(kWhich);
    return *ops;
}

} // namespace

const Ops& opsFor(at::Device device, Operations operations)
{
    if (!device.is_cpu()) {
        static const LibTorchOps elsewhere;
        return elsewhere;
    }
    switch (operations) {
    case Operations::Plain:
        return forCpu<Operations::Plain>();
    case Operations::Avx2:
        return forCpu<Operations::Avx2>();
    case Operations::Avx512:
        return forCpu<Operations::Avx512>();
    case Operations::Avx512Bf16:
        return forCpu<Operations::Avx512Bf16>();
    case Operations::Amx:
        return forCpu<Operations::Amx>();
    case Operations::LibTorch:
        break;
    }
    return forCpu<Operations::LibTorch>();
}

} // namespace pissarro::core::inline decoder::inline ops
