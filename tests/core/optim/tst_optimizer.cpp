// SPDX-License-Identifier: GPL-3.0-or-later
// AdamW: split masters against LibTorch's fused kernel on whole float32 ones and the formula in
// float64. Limit: each of 200 steps may round by half a unit in the last place of the largest
// weight, always the same way (1 - lr wd is a float32 too); ours and LibTorch's are both held to it,
// and ours to a quarter more than LibTorch's.
#include "core/base/error.h"
#include "core/optim/optimizer_kind.h"
#include "core/optim/optimizer_tensors.h"
#include "core/optim/trainable_set_tensors.h"
#include "core/optim/trainable_tensors.h"
#include "tests/core/file/test_files.h"
#include "tests/tools/golden.h"

#include <cmath>
#include <set>

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

std::unique_ptr<Optimizer> adamW(const std::vector<Trainable*>& trained, double weightDecay)
{
    return optimizerNamed("adamw").make(TrainableSet(trained), {.weightDecay = weightDecay});
}

Trainable madeOf(bool split, const at::Tensor& start)
{
    return split ? trainableWeight("w" + std::to_string(start.numel()), start.to(at::kBFloat16))
                 : Trainable {"w" + std::to_string(start.numel()), start.clone(), {}, {}};
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
        const auto ours = adamW({&split}, kDecay);
        const auto torchs = adamW({&whole}, kDecay);
        for (int step = 1; step <= kSteps; ++step) {
            const at::Tensor g = gradientOf(step);
            split.sum().copy_(g);
            whole.sum().copy_(g);
            ours->step(kRate);
            torchs->step(kRate);
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
        const auto optimizer = adamW({&split}, 0.0);
        split.sum().copy_(gradientOf(1));
        optimizer->step(1e-3);
        const at::Tensor before = masterOf(split).clone();
        QVERIFY((before - split.value.to(at::kFloat)).abs().max().item<float>() > 0.0F);
        optimizer->step(0.0);
        QVERIFY(at::equal(masterOf(split), before));

        split.low.fill_(-32768); // halfway from below, after rounding up to an odd or even value
        const at::Tensor halves = masterOf(split).clone();
        optimizer->step(0.0);
        const at::Tensor off = masterOf(split).view(at::kInt) - halves.view(at::kInt);
        QVERIFY(off.abs().max().item<int>() <= 1);
    }

    // What the spec says of it counts, in whole and in split masters alike: one step from the formula in float64.
    void betasAndEpsilon_areTheSettings()
    {
        const OptimizerSettings settings {0.1, 0.8, 0.95, 1e-2};
        const at::Tensor start = at::randn({kSize}).to(at::kBFloat16);
        Trainable split = trainableWeight("w", start.clone());
        Trainable whole {"w", start.to(at::kFloat), {}, {}};
        const auto ours = defaultOptimizer().make(TrainableSet({&split}), settings);
        const auto torchs = defaultOptimizer().make(TrainableSet({&whole}), settings);
        at::Tensor exact = start.to(at::kDouble);
        at::Tensor first = at::zeros_like(exact);
        at::Tensor second = at::zeros_like(exact);
        constexpr double kRate = 1e-2;
        for (int step = 1; step <= 3; ++step) {
            const at::Tensor g = gradientOf(step);
            split.sum().copy_(g);
            whole.sum().copy_(g);
            ours->step(kRate);
            torchs->step(kRate);
            const at::Tensor wide = g.to(at::kDouble);
            exact.mul_(1.0 - kRate * settings.weightDecay);
            first.add_(wide - first, 1.0 - settings.beta1);
            second.mul_(settings.beta2).addcmul_(wide, wide, 1.0 - settings.beta2);
            const double one = 1.0 - std::pow(settings.beta1, step);
            const double two = 1.0 - std::pow(settings.beta2, step);
            exact.sub_(kRate / one * first / ((second / two).sqrt() + settings.epsilon));
        }
        QVERIFY(maxDifference(masterOf(split), exact) < 1e-5);
        QVERIFY(maxDifference(whole.value, exact) < 1e-5);
    }

    // Of every kind: the state has names, what is foretold of its size is what it takes, and from what is copied into
    // its tensors it goes on bit for bit.
    void everyKind_isCountedAndGoesOn_data()
    {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<bool>("split");
        for (const OptimizerKind* kind : allOptimizers()) {
            const QByteArray name(kind->name.data(), static_cast<qsizetype>(kind->name.size()));
            QTest::addRow("%s, whole", name.constData()) << name << false;
            QTest::addRow("%s, split", name.constData()) << name << true;
        }
    }
    void everyKind_isCountedAndGoesOn()
    {
        QFETCH(QByteArray, name);
        QFETCH(bool, split);
        const OptimizerKind& kind = optimizerNamed(name.toStdString());
        const auto small = [&](float fill) { return madeOf(split, at::full({3, 7}, fill)); };
        const auto large = [&](float fill) { return madeOf(split, at::full({61, 83}, fill)); };
        Trainable a1 = small(0.5F), b1 = large(-0.25F);
        Trainable a2 = small(0.0F), b2 = large(0.0F);
        const TrainableSet here({&a1, &b1}), there({&a2, &b2});
        const auto first = kind.make(here, {});
        const auto second = kind.make(there, {});
        const auto push = [](const TrainableSet& set, Optimizer& optimizer, int step) {
            for (Trainable* one : set) {
                one->sum().copy_(
                    gradientOf(step).narrow(0, 0, one->value.numel()).view_as(one->value));
            }
            optimizer.step(1e-2);
        };
        for (int step = 1; step <= 3; ++step) {
            push(here, *first, step);
        }
        std::int64_t bytes = 0;
        const NamedTensors from = first->tensors();
        const NamedTensors to = second->tensors();
        QCOMPARE(from.size(), to.size());
        std::set<std::string> names;
        for (std::size_t i = 0; i < from.size(); ++i) {
            QCOMPARE(from[i].first, to[i].first);
            names.insert(from[i].first);
            bytes += static_cast<std::int64_t>(from[i].second.nbytes());
            to[i].second.copy_(from[i].second);
        }
        QCOMPARE(names.size(), from.size());
        const auto expected = [&](const Trainable& one) {
            return 4 * one.value.numel() + kind.stateBytes(one.value.numel());
        };
        QCOMPARE(bytes, expected(a1) + expected(b1));
        second->setSteps(first->steps());
        for (int step = 4; step <= 6; ++step) {
            push(here, *first, step);
            push(there, *second, step);
        }
        for (std::size_t i = 0; i < from.size(); ++i) {
            QVERIFY2(at::equal(from[i].second, to[i].second), from[i].first.c_str());
        }
    }

    void namesThatThereAreNot_areRefused()
    {
        const auto error = pissarro::test::errorOf([] { optimizerNamed("sgd"); });
        QVERIFY(error && error->kind() == ErrorKind::InvalidArgument);
        const std::string text = error->what();
        QVERIFY2(text.starts_with("optimizer must be one of " + optimizerNames() + ", found "),
                 text.c_str());
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
