// SPDX-License-Identifier: GPL-3.0-or-later
// The CUDA kernel's source run by threads of the CPU, and the kernel itself where there is a card, against the CPU's
// kernels, which tst_nf4 holds against bitsandbytes: bit for bit.
#include "core/kernels/cuda/four_bit_cuda.h"
#include "core/quant/quantized_gpu_tensors.h"
#include "core/tensor/devices.h"
#include "tests/core/kernels/cuda/cuda_on_cpu.h"
#include "tests/tools/pch_torch.h"
// clang-format off
#include "core/kernels/cuda/four_bit_cuda_impl.h" // after the stand-ins for CUDA's names
// clang-format on

using namespace pissarro::core;

namespace {

template <class T>
void runOnCpu(const kernels::FourBitOnCard& q, T* out, bool aligned)
{
    constexpr std::int64_t kPerBlock = kernels::kPerThread * kernels::kThreads;
    launchOnCpu(static_cast<unsigned>((q.size + kPerBlock - 1) / kPerBlock), kernels::kThreads,
                [&] { kernels::dequantize(q, out, aligned); });
}

// In a tensor one longer at either end, whose ends must stay what they are.
template <class T>
at::Tensor madeOnCpu(const QuantizedMatrix& q, at::ScalarType type, bool aligned)
{
    constexpr std::int64_t kBefore = 64 / sizeof(T);
    const std::int64_t size = q.rows * q.cols;
    at::Tensor out = at::full({size + 2 * kBefore}, 7.0, type);
    runOnCpu(onCard(q), out.mutable_data_ptr<T>() + kBefore, aligned);
    const bool intact = out.narrow(0, 0, kBefore).eq(7.0).all().template item<bool>()
        && out.narrow(0, size + kBefore, kBefore).eq(7.0).all().template item<bool>();
    return intact ? out.narrow(0, kBefore, size).view({q.rows, q.cols}) : at::Tensor();
}

struct Shape {
    const char* name;
    std::int64_t rows;
    std::int64_t cols;
    std::int64_t blockSize = kQuantBlock;
    QuantType type = QuantType::Nf4;
};

const Shape kShapes[] {
    {"whole blocks", 64, 64},
    {"a short block after many, several of the card's blocks", 96, 65},
    {"more than one group of nested absmax", 300, 64},
    {"blocks of 256", 48, 100, 256},
    {"an odd end", 7, 37},
    {"a single value", 1, 1},
    {"fp4", 30, 50, 128, QuantType::Fp4},
};

// Calls check(q, name) for each shape, with plain and with double-quantized absmax.
template <class Check>
void eachMatrix(const Check& check)
{
    for (const Shape& shape : kShapes) {
        for (const bool nested : {false, true}) {
            const at::Tensor w_OI = at::randn({shape.rows, shape.cols});
            check(quantize(w_OI, {shape.type, shape.blockSize, nested}),
                  std::string(shape.name) + (nested ? ", double-quantized" : ""));
        }
    }
}

QuantizedMatrix onDevice(QuantizedMatrix q, at::Device device)
{
    q.codes_H = q.codes_H.to(device);
    q.absmax_K = q.absmax_K.to(device);
    if (q.isDouble()) {
        q.nestedAbsmax_G = q.nestedAbsmax_G.to(device);
    }
    return q;
}

} // namespace

class TestFourBitCuda : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void sourceOnTheCpu()
    {
        eachMatrix([](const QuantizedMatrix& q, const std::string& name) {
            for (const bool aligned : {true, false}) {
                QVERIFY2(
                    at::equal(madeOnCpu<float>(q, at::kFloat, aligned), dequantize(q, at::kFloat)),
                    name.c_str());
                QVERIFY2(at::equal(madeOnCpu<c10::BFloat16>(q, at::kBFloat16, aligned),
                                   dequantize(q, at::kBFloat16)),
                         name.c_str());
            }
        });
    }

    void onTheCard()
    {
        if (availableDevices().size() < 2) {
            QSKIP("no NVIDIA card with LibTorch's CUDA library");
        }
        eachMatrix([](const QuantizedMatrix& q, const std::string& name) {
            const QuantizedMatrix there = onDevice(q, c10::Device(c10::kCUDA, 0));
            for (const at::ScalarType type : {at::kFloat, at::kBFloat16}) {
                const at::Tensor wanted = dequantize(q, type);
                QVERIFY2(at::equal(dequantize(there, type).cpu(), wanted), name.c_str());
                at::Tensor byLibTorch =
                    at::empty(wanted.sizes(), there.codes_H.options().dtype(type));
                dequantizeByLibTorch(there, byLibTorch);
                QVERIFY2(at::equal(byLibTorch.cpu(), wanted), name.c_str());
            }
        });
    }
};

QTEST_GUILESS_MAIN(TestFourBitCuda)
#include "tst_four_bit_cuda.moc"
