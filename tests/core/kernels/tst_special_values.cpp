// SPDX-License-Identifier: GPL-3.0-or-later
// The elementwise kernels of each instruction set, and four bits, on what is not finite, by the rule of special_values.h.
#include "core/base/error.h"
#include "core/kernels/bf16_round.h"
#include "core/kernels/kernels.h"
#include "core/kernels/operations.h"
#include "core/kernels/table.h"
#include "core/quant/quantized_gpu_tensors.h"
#include "tests/core/kernels/special_values.h"

using namespace pissarro::core;
using namespace pissarro::tests;
using kernels::Bf16;
using kernels::Operations;

namespace {

at::Tensor gateOf(const at::Tensor& a, kernels::Gate gate)
{
    return gate == kernels::Gate::Silu    ? at::silu(a)
        : gate == kernels::Gate::GeluTanh ? at::gelu(a, "tanh")
                                          : at::gelu(a);
}

at::Tensor slopeOf(const at::Tensor& a, kernels::Gate gate)
{
    const at::Tensor one = at::ones_like(a);
    return gate == kernels::Gate::Silu    ? at::silu_backward(one, a)
        : gate == kernels::Gate::GeluTanh ? at::gelu_backward(one, a, "tanh")
                                          : at::gelu_backward(one, a);
}

template <class S>
struct Elementwise {
    kernels::Functions<S> f;
    at::ScalarType type;

    at::Tensor random(at::IntArrayRef sizes) const { return at::randn(sizes).to(type); }
    at::Tensor real(at::IntArrayRef sizes) const { return at::empty(sizes, at::kFloat); }

    Kernel rmsNorm() const
    {
        return {"rmsNorm",
                {random({kRows, kWidth}), random({kWidth})},
                kWidth,
                [this](const Tensors& in_) {
                    at::Tensor y = at::empty_like(in_[0]);
                    at::Tensor rstd = real({kRows});
                    f.rmsNorm({in<S>(in_[0]), in<S>(in_[1]), out<S>(y), out<float>(rstd), kWidth,
                               1e-6, 0.0},
                              0, kRows);
                    return Tensors {y};
                },
                [](const Tensors& x) {
                    return Tensors {x[0] * (x[0].square().mean(-1, true) + 1e-6).rsqrt() * x[1]};
                }};
    }
    Kernel rmsNormBackward() const
    {
        const at::Tensor x = random({kRows, kWidth});
        return {"rmsNormBackward",
                {random({kRows, kWidth}), x, random({kWidth}), random({kRows, kWidth})},
                kWidth,
                [this](const Tensors& t) {
                    const at::Tensor rstd = (t[1].to(at::kFloat).square().mean(-1) + 1e-6).rsqrt();
                    at::Tensor dx = t[3].clone();
                    f.rmsNormBackward({in<S>(t[0]), in<S>(t[1]), in<float>(rstd), in<S>(t[2]),
                                       out<S>(dx), kWidth, 0.0},
                                      0, kRows);
                    return Tensors {dx};
                },
                [](const Tensors& t) {
                    const at::Tensor rstd = (t[1].square().mean(-1, true) + 1e-6).rsqrt();
                    const at::Tensor xhat = t[1] * rstd;
                    const at::Tensor g = t[0] * t[2];
                    return Tensors {t[3] + rstd * (g - xhat * (g * xhat).mean(-1, true))};
                }};
    }
    Kernel rotate() const
    {
        const at::Tensor angles = at::rand({kRows, 10});
        return {"rotate",
                {random({kRows, kWidth})},
                kWidth,
                [this, angles](const Tensors& t) {
                    at::Tensor x = t[0].clone();
                    const at::Tensor positions = at::arange(kRows);
                    const at::Tensor c = angles.cos();
                    const at::Tensor s = angles.sin();
                    f.rotate({out<S>(x), kWidth, positions.const_data_ptr<std::int64_t>(),
                              in<float>(c), in<float>(s), 2, 10, 1.0},
                             0, kRows);
                    return Tensors {x};
                },
                [angles](const Tensors& t) {
                    const at::Tensor x = t[0].view({kRows, 2, 2, 10});
                    const at::Tensor c = angles.cos().to(at::kDouble).unsqueeze(1);
                    const at::Tensor s = angles.sin().to(at::kDouble).unsqueeze(1);
                    const at::Tensor a = x.select(2, 0);
                    const at::Tensor b = x.select(2, 1);
                    return Tensors {at::stack({a * c - b * s, b * c + a * s}, 2)};
                }};
    }
    Kernel gated(kernels::Gate gate) const
    {
        return {"gated",
                {random({kRows, 2 * kWidth})},
                kWidth,
                [this, gate](const Tensors& t) {
                    at::Tensor y = at::empty({kRows, kWidth}, t[0].options());
                    f.gated(in<S>(t[0]), out<S>(y), 0, kRows, kWidth, gate);
                    return Tensors {y};
                },
                [gate](const Tensors& t) {
                    return Tensors {gateOf(t[0].narrow(1, 0, kWidth), gate)
                                    * t[0].narrow(1, kWidth, kWidth)};
                }};
    }
    Kernel gatedBackward(kernels::Gate gate) const
    {
        return {
            "gatedBackward",
            {random({kRows, 2 * kWidth}), random({kRows, kWidth})},
            kWidth,
            [this, gate](const Tensors& t) {
                at::Tensor dab = at::empty_like(t[0]);
                at::Tensor y = at::empty_like(t[1]);
                f.gatedBackward({in<S>(t[0]), in<S>(t[1]), out<S>(dab), out<S>(y), kWidth, gate}, 0,
                                kRows);
                return Tensors {dab, y};
            },
            [gate](const Tensors& t) {
                const at::Tensor a = t[0].narrow(1, 0, kWidth);
                const at::Tensor b = t[0].narrow(1, kWidth, kWidth);
                const at::Tensor value = gateOf(a, gate);
                return Tensors {at::cat({t[1] * b * slopeOf(a, gate), t[1] * value}, 1), value * b};
            }};
    }
    Kernel crossEntropy() const
    {
        return {"crossEntropy",
                {random({kRows, kWidth})},
                kWidth,
                [this](const Tensors& t) {
                    at::Tensor gradient = t[0].clone();
                    at::Tensor loss = at::empty({kRows}, at::kDouble);
                    const at::Tensor labels = at::arange(kRows);
                    f.crossEntropy({out<S>(gradient), labels.const_data_ptr<std::int64_t>(),
                                    out<double>(loss), kWidth, 0.5},
                                   0, kRows);
                    return Tensors {gradient, loss.unsqueeze(1).expand({kRows, kWidth})};
                },
                [](const Tensors& t) {
                    const at::Tensor labels = at::arange(kRows).unsqueeze(1);
                    const at::Tensor lse = t[0].logsumexp(1, true);
                    at::Tensor gradient = (t[0] - lse).exp();
                    gradient.scatter_add_(1, labels, at::full_like(labels, -1, gradient.options()));
                    return Tensors {gradient * 0.5,
                                    (lse - t[0].gather(1, labels)).expand({kRows, kWidth})};
                }};
    }
    Kernel dots() const
    {
        return {"dots",
                {random({kRows, kWidth}), random({7, kWidth}), random({kRows, 6}), random({7, 6}),
                 random({7}), random({kRows, 7})},
                7,
                [this](const Tensors& t) {
                    at::Tensor y = at::empty_like(t[5]);
                    kernels::Product<S> p;
                    p.rows = kRows;
                    p.columns = 7;
                    p.main = {in<S>(t[0]), kWidth, in<S>(t[1]), kWidth, kWidth, false};
                    p.extra = {in<S>(t[2]), 6, in<S>(t[3]), 6, 6, false};
                    p.bias_O = in<S>(t[4]);
                    p.add = in<S>(t[5]);
                    p.addStride = 7;
                    p.y = out<S>(y);
                    p.yStride = 7;
                    f.dots(p, 0, 7);
                    return Tensors {y};
                },
                [](const Tensors& t) {
                    return Tensors {at::mm(t[0], t[1].t()) + at::mm(t[2], t[3].t()) + t[4] + t[5]};
                }};
    }
    Kernel attendKept() const
    {
        constexpr std::int64_t kKeys = 6;
        return {"attendKept",
                {random({2, 4, 8}), random({2, 2, kKeys, 8}), random({2, 2, kKeys, 8})},
                32,
                [this](const Tensors& t) {
                    const std::vector<std::int64_t> lengths {kKeys, kKeys};
                    at::Tensor y = at::empty_like(t[0]);
                    kernels::KeptAttention<S> a;
                    a.lengths = lengths.data();
                    a.heads = 4;
                    a.kvHeads = 2;
                    a.headDim = 8;
                    a.capacity = kKeys;
                    a.scale = 0.35;
                    a.q = in<S>(t[0]);
                    a.qStride = 32;
                    a.keys = in<S>(t[1]);
                    a.values = in<S>(t[2]);
                    a.y = out<S>(y);
                    std::vector<float> scratch(8 + kKeys);
                    f.attendKept(a, scratch.data(), 0, 4);
                    return Tensors {y};
                },
                [](const Tensors& t) {
                    const at::Tensor k = at::repeat_interleave(t[1], 2, 1);
                    const at::Tensor v = at::repeat_interleave(t[2], 2, 1);
                    const at::Tensor s = (t[0].unsqueeze(2) * k).sum(-1) * 0.35;
                    return Tensors {(at::softmax(s, -1).unsqueeze(-1) * v).sum(2)};
                }};
    }

    void all(double relative) const
    {
        tryKernel(rmsNorm(), relative);
        tryKernel(rmsNormBackward(), relative);
        tryKernel(rotate(), relative);
        for (const auto gate :
             {kernels::Gate::Silu, kernels::Gate::GeluTanh, kernels::Gate::GeluErf}) {
            tryKernel(gated(gate), relative);
            tryKernel(gatedBackward(gate), relative);
        }
        tryKernel(crossEntropy(), relative);
        tryKernel(dots(), relative);
        tryKernel(attendKept(), relative);
    }
};

Kernel splitAdamW(kernels::SplitAdamW step)
{
    constexpr double kRate = 1e-2;
    kernels::AdamWStep how;
    how.learningRate = kRate;
    how.weightDecay = 0.1;
    how.correction1 = 0.1;
    how.correction2 = 0.001;
    const at::Tensor w = at::randn({kWidth}).to(at::kBFloat16);
    return {"splitAdamW",
            {w, at::randn({kWidth}), at::randn({kWidth}), at::rand({kWidth})},
            1,
            [=](const Tensors& t) {
                at::Tensor high = t[0].clone();
                at::Tensor low = at::zeros({kWidth}, at::kShort);
                at::Tensor first = t[2].clone();
                at::Tensor second = t[3].clone();
                step({out<std::uint16_t>(high), out<std::int16_t>(low), in<float>(t[1]),
                      out<float>(first), out<float>(second)},
                     how, 0, kWidth);
                at::Tensor master = at::empty({kWidth});
                for (std::int64_t i = 0; i < kWidth; ++i) {
                    out<std::uint32_t>(master)[i] =
                        (static_cast<std::uint32_t>(in<std::uint16_t>(high)[i]) << 16)
                        + static_cast<std::uint32_t>(
                            static_cast<std::int32_t>(in<std::int16_t>(low)[i]));
                }
                return Tensors {master, first, second, high};
            },
            [=](const Tensors& t) {
                const at::Tensor first = t[2] + 0.1 * (t[1] - t[2]);
                const at::Tensor second = 0.999 * t[3] + 0.001 * t[1].square();
                const at::Tensor master = t[0] * (1 - kRate * 0.1)
                    - kRate / 0.1 * first / (second.sqrt() / std::sqrt(0.001) + 1e-8);
                return Tensors {master, first, second, master};
            }};
}

} // namespace

class TestSpecialValues : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { at::manual_seed(5); }

    void elementwise_data()
    {
        QTest::addColumn<int>("operations");
        for (const Operations one : kernels::presentOperations()) {
            if (one != Operations::LibTorch) {
                QTest::newRow(std::string(kernels::operationsName(one)).c_str())
                    << static_cast<int>(one);
            }
        }
    }
    void elementwise()
    {
        QFETCH(int, operations);
        const kernels::Table& table = kernels::tableOf(static_cast<Operations>(operations));
        Elementwise<float> {table.float32, at::kFloat}.all(2e-5);
        Elementwise<Bf16> {table.bfloat16, at::kBFloat16}.all(1e-2);
        tryKernel(splitAdamW(table.splitAdamW), 1e-2);
    }

    void fourBits_data() { elementwise_data(); }
    // A block that holds what is not finite dequantizes to nothing that is; its neighbours are as ever.
    void fourBits()
    {
        QFETCH(int, operations);
        const auto functions = kernels::tableOf(static_cast<Operations>(operations)).fourBit;
        const kernels::FourBit format = fourBit(QuantType::Nf4, 64);
        for (const Special& special : kSpecials) {
            for (const std::int64_t place : {64, 101, 127}) { // in the second of three blocks
                at::Tensor x = at::randn({192});
                plant(x, place, special);
                const bool finite = std::isfinite(in<float>(x)[place]);
                at::Tensor codes = at::zeros({96}, at::kByte);
                at::Tensor absmax = at::empty({3});
                at::Tensor floats = at::empty({192});
                at::Tensor halves = at::empty({192}, at::kBFloat16);
                functions.quantize(format, in<float>(x), out<std::uint8_t>(codes),
                                   out<float>(absmax), 0, 3);
                functions.toFloat(format, in<std::uint8_t>(codes), in<float>(absmax),
                                  out<float>(floats), 0, 3);
                functions.toBf16(format, in<std::uint8_t>(codes), in<float>(absmax),
                                 out<Bf16>(halves), 0, 3);
                for (const at::Tensor& found : {floats, halves.to(at::kFloat)}) {
                    const at::Tensor whole = at::isfinite(found).view({3, 64});
                    QVERIFY2(whole[0].all().item<bool>() && whole[2].all().item<bool>(),
                             special.name);
                    QVERIFY2(finite ? whole[1].all().item<bool>() : !whole[1].any().item<bool>(),
                             special.name);
                }
            }
        }
    }

    // Short last blocks, 8-bit scales and INT8 are on the same terms.
    void quantizedMatrices()
    {
        for (const QuantType type : {QuantType::Nf4, QuantType::Fp4}) {
            for (const bool nested : {false, true}) {
                for (const Special& special : kSpecials) {
                    for (const std::int64_t place : {3, 70, 201}) { // the last block is short
                        at::Tensor w = at::randn({14, 15});
                        plant(w, place, special);
                        const bool finite = std::isfinite(in<float>(w)[place]);
                        QuantOptions options;
                        options.type = type;
                        options.doubleQuant = nested;
                        const at::Tensor back =
                            dequantize(quantize(w, options), at::kFloat).flatten();
                        QCOMPARE(std::isfinite(back[place].item<double>()), finite);
                        const at::Tensor bytes = throughInt8(w).flatten();
                        QCOMPARE(std::isfinite(bytes[place].item<double>()), finite);
                    }
                }
            }
        }
    }

    // The one rounding: every upper half of a float32 with each pattern of lower bits that decides.
    void roundsAsLibTorch()
    {
        for (std::uint32_t upper = 0; upper < 0x10000U; ++upper) {
            for (const std::uint32_t lower : {0U, 1U, 0x7fffU, 0x8000U, 0x8001U, 0xffffU}) {
                const auto x = std::bit_cast<float>((upper << 16) | lower);
                const std::uint16_t ours = kernels::roundToBf16(x);
                if (std::isnan(x)) {
                    QVERIFY(std::isnan(kernels::widenBf16(ours)));
                    QCOMPARE(std::signbit(kernels::widenBf16(ours)), std::signbit(x));
                } else {
                    QCOMPARE(ours, c10::BFloat16(x).x);
                }
            }
        }
    }
};

QTEST_GUILESS_MAIN(TestSpecialValues)
#include "tst_special_values.moc"
