// SPDX-License-Identifier: GPL-3.0-or-later
// AdamW: split masters against LibTorch's fused kernel on whole float32 ones and the formula in
// float64. Limit: each of 200 steps may round by half a unit in the last place of the largest
// weight, always the same way (1 - lr wd is a float32 too); ours and LibTorch's are both held to it,
// and ours to a quarter more than LibTorch's.
#include "core/optim/optimizer_tensors.h"
#include "tests/tools/golden.h"

#include <cmath>

using namespace pissarro::core;
using namespace pissarro::tests;

namespace {

constexpr int kSteps = 200;
constexpr std::int64_t kSize = 100'003; // no multiple of a vector or a task

// The float32 master of a split weight.
at::Tensor masterOf(const Trainable& trainable)
{
    const at::Tensor high = trainable.value.view(at::kShort).to(at::kInt).bitwise_left_shift(16);
    return (high + trainable.low.to(at::kInt)).view(at::kFloat);
}

at::Tensor gradientOf(int step)
{
    at::Generator generator = at::make_generator<at::CPUGeneratorImpl>(7 + step);
    return at::randn({kSize}, generator).mul_(std::pow(10.0, step % 5 - 4));
}

} // namespace

class TestOptimizer : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aSplitMaster_goesWhereAWholeOneGoes()
    {
        constexpr double kRate = 1e-3;
        constexpr double kDecay = 0.1;
        const at::Tensor start = at::randn({kSize}).to(at::kBFloat16);
        Trainable split = trainableWeight("w", start.clone());
        QVERIFY(split.low.defined());
        Trainable whole {"w", start.to(at::kFloat), {}, {}};
        at::Tensor exact = start.to(at::kDouble);
        at::Tensor first = at::zeros_like(exact);
        at::Tensor second = at::zeros_like(exact);
        AdamW ours({&split}, kDecay);
        AdamW torchs({&whole}, kDecay);
        for (int step = 1; step <= kSteps; ++step) {
            const at::Tensor g = gradientOf(step);
            split.sum().copy_(g);
            whole.sum().copy_(g);
            ours.step(kRate);
            torchs.step(kRate);
            const at::Tensor wide = g.to(at::kDouble);
            exact.mul_(1.0 - kRate * kDecay);
            first.add_(wide - first, 0.1);
            second.mul_(0.999).addcmul_(wide, wide, 0.001);
            const double one = 1.0 - std::pow(0.9, step);
            const double two = 1.0 - std::pow(0.999, step);
            exact.sub_(kRate / one * first / ((second / two).sqrt() + 1e-8));
            // What the model computes with is the master in bfloat16, as a copy would be.
            const at::Tensor off =
                (masterOf(split).to(at::kBFloat16).to(at::kFloat) - split.value.to(at::kFloat))
                    .abs();
            QVERIFY(off.max().item<float>() == 0.0F);
        }
        const double largest = exact.abs().max().item<double>();
        const double ourOff = (masterOf(split).to(at::kDouble) - exact).abs().max().item<double>();
        const double torchOff = (whole.value.to(at::kDouble) - exact).abs().max().item<double>();
        qInfo("off by %.2e, LibTorch's by %.2e, of %.2f", ourOff, torchOff, largest);
        const double limit = kSteps * std::pow(2.0, -24) * largest;
        QVERIFY2(ourOff < limit, qPrintable(QString::number(ourOff)));
        QVERIFY(torchOff < limit);
        QVERIFY(ourOff < 1.25 * torchOff);
        QVERIFY((split.value.to(at::kFloat) - whole.value).abs().max().item<double>() > 1e-4);
    }

    // Without a step, the split of any float32 gives it back, but for exact halves.
    void aStepOfNothing_keepsTheMaster()
    {
        Trainable split = trainableWeight("w", at::randn({kSize}).to(at::kBFloat16));
        AdamW optimizer({&split}, 0.0);
        split.sum().copy_(gradientOf(1));
        optimizer.step(1e-3);
        const at::Tensor before = masterOf(split).clone();
        QVERIFY((before - split.value.to(at::kFloat)).abs().max().item<float>() > 0.0F);
        optimizer.step(0.0);
        QVERIFY(at::equal(masterOf(split), before));

        split.low.fill_(-32768); // halfway from below, after rounding up to an odd or even value
        const at::Tensor halves = masterOf(split).clone();
        optimizer.step(0.0);
        const at::Tensor off = masterOf(split).view(at::kInt) - halves.view(at::kInt);
        QVERIFY(off.abs().max().item<int>() <= 1);
    }

    void floatsAndDoubles_areWhole()
    {
        const at::Tensor floats = at::randn({3, 4});
        const Trainable whole = trainableWeight("w", floats);
        QVERIFY(!whole.low.defined());
        QVERIFY(whole.value.is_alias_of(floats));
        QCOMPARE(trainableWeight("w", floats.to(at::kDouble)).masterType(), at::kDouble);
    }
};

QTEST_GUILESS_MAIN(TestOptimizer)
#include "tst_optimizer.moc"
