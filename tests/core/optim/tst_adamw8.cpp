// SPDX-License-Identifier: GPL-3.0-or-later
// AdamW in 8 bits against eight steps of bitsandbytes' AdamW8bit (tests/tools/make_optimizer_fixtures.py), and against our
// own AdamW. What holds of every optimizer (names, size, going on) is in tst_optimizer.cpp.
#include "core/format/four_bit.h"
#include "core/optim/optimizer_tensors.h"
#include "tests/tools/golden.h"

#include <ATen/CPUGeneratorImpl.h>

#include <map>

using namespace pissarro::core;
using namespace pissarro::tests;

namespace {

constexpr int kSteps = 8;
constexpr double kRate = 1e-3;
constexpr OptimizerSettings kSettings {.weightDecay = 0.1};
constexpr std::int64_t kStill = 100; // elements without a gradient

std::map<std::string, at::Tensor> byName(const Optimizer& optimizer)
{
    const NamedTensors tensors = optimizer.tensors();
    return {tensors.begin(), tensors.end()};
}

// The float32 master of a trainable.
at::Tensor masterOf(const Trainable& one)
{
    if (!one.low.defined()) {
        return one.value;
    }
    const at::Tensor high = one.value.view(at::kShort).to(at::kInt).bitwise_left_shift(16);
    return (high + one.low.to(at::kInt)).view(at::kFloat);
}

} // namespace

class TestAdamW8 : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void maps()
    {
        const Golden golden(kFile);
        QVERIFY(at::equal(at::tensor(at::ArrayRef<float>(dynamicMap())), golden["dynamic"]));
        QVERIFY(at::equal(at::tensor(at::ArrayRef<float>(unsignedDynamicMap())),
                          golden["unsigned_dynamic"]));
    }

    void steps_areThoseOfBitsandbytes_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<bool>("split");
        QTest::newRow("8 bits") << "large" << false;
        QTest::newRow("8 bits, split master") << "large" << true;
        QTest::newRow("small, float32") << "small" << false;
    }
    // The order of operations is theirs, so that on most processors every bit is. Another instruction set may round a sum
    // otherwise and put one number in a thousand on the other side of a bound: its code is then the next one.
    void steps_areThoseOfBitsandbytes()
    {
        QFETCH(QString, name);
        QFETCH(bool, split);
        const Golden golden(kFile);
        const std::string key = name.toStdString();
        const at::Tensor start = golden[key + ".start"];
        Trainable one = split ? trainableWeight(key, start.clone())
                              : Trainable {key, start.to(at::kFloat), {}, {}};
        QCOMPARE(one.low.defined(), split);
        const auto optimizer = optimizerNamed("adamw8").make(TrainableSet({&one}), kSettings);
        for (int step = 1; step <= kSteps; ++step) {
            one.sum().copy_(golden[key + ".gradient." + std::to_string(step)]);
            optimizer->step(kRate);
        }
        const at::Tensor off = (masterOf(one) - golden[key + ".value"]).abs();
        const std::int64_t many = off.numel() / 1000;
        QVERIFY(at::sum(off > 1e-6).item<std::int64_t>() <= many);
        QVERIFY(off.max().item<double>() < kRate / 10);
        const auto state = byName(*optimizer);
        QCOMPARE(state.size(), std::size_t(1 + split + (name == "large" ? 4 : 2)));
        for (const char* moment : {".exp_avg", ".exp_avg_sq"}) {
            const at::Tensor ours = state.at(key + moment);
            const at::Tensor theirs = golden[key + moment];
            QCOMPARE(ours.scalar_type(), theirs.scalar_type());
            if (ours.scalar_type() != at::kByte) {
                QVERIFY(relativeDifference(ours, theirs) < 1e-6);
                continue;
            }
            const at::Tensor apart = (ours.to(at::kInt) - theirs.to(at::kInt)).abs();
            QVERIFY(apart.max().item<int>() <= 1);
            QVERIFY(apart.sum().item<std::int64_t>() <= many);
            const std::string absmax = key + moment + ".absmax";
            QVERIFY(relativeDifference(state.at(absmax), golden[absmax]) < 1e-5);
        }
    }

    // A moment of zero stays one: a weight without a gradient only decays, bit for bit as with AdamW.
    void whatHasNoGradient_doesNotDrift()
    {
        const Golden golden(kFile);
        const at::Tensor start = golden["large.start"].to(at::kFloat);
        Trainable coded {"w", start.clone(), {}, {}};
        at::Tensor still = start.view({-1}).narrow(0, 0, kStill).clone();
        const auto optimizer = optimizerNamed("adamw8").make(TrainableSet({&coded}), kSettings);
        for (int step = 1; step <= kSteps; ++step) {
            coded.sum().copy_(golden["large.gradient." + std::to_string(step)]);
            optimizer->step(kRate);
            still.mul_(1.0 - kRate * kSettings.weightDecay);
        }
        QVERIFY(at::equal(coded.value.view({-1}).narrow(0, 0, kStill), still));
    }

    // Two hundred steps of noise on a slope, longer than a slice: the way is AdamW's, to a few per cent of its length.
    void theWay_isThatOfAdamW()
    {
        constexpr std::int64_t kSize = 300'001;
        at::Generator generator = at::make_generator<at::CPUGeneratorImpl>(3);
        const at::Tensor start = at::randn({kSize}, generator);
        const at::Tensor slope = at::randn({kSize}, generator);
        Trainable coded {"w", start.clone(), {}, {}};
        Trainable wide {"w", start.clone(), {}, {}};
        const auto ours = optimizerNamed("adamw8").make(TrainableSet({&coded}), {});
        const auto theirs = optimizerNamed("adamw").make(TrainableSet({&wide}), {});
        for (int step = 1; step <= 200; ++step) {
            const at::Tensor gradient = slope + at::randn({kSize}, generator);
            for (Trainable* one : {&coded, &wide}) {
                one->sum().copy_(gradient);
            }
            ours->step(kRate);
            theirs->step(kRate);
        }
        const double apart = relativeDifference(coded.value - start, wide.value - start);
        qInfo("%.2g of the way apart", apart);
        QVERIFY(apart < 0.05);
        QVERIFY(apart > 0.0); // or nothing was rounded
    }

private:
    const std::filesystem::path kFile =
        std::filesystem::path(PISSARRO_SOURCE) / "tests/fixtures/adamw8/adamw8.safetensors";
};

QTEST_GUILESS_MAIN(TestAdamW8)
#include "tst_adamw8.moc"
