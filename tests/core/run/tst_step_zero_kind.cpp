// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/run/step_zero_kind.h"

#include <QtTest/QtTest>

using namespace pissarro::core;

namespace {

StepZero zeroOf(double largest, double mean, double base, double adapted, bool passed = true)
{
    StepZero zero;
    zero.maxLogitDifference = largest;
    zero.meanLogitDifference = mean;
    zero.baseLoss = base;
    zero.adaptedLoss = adapted;
    zero.passed = passed;
    return zero;
}

RunSpec specOf(const char* method, BaseDType dtype, const char* given = "")
{
    RunSpec spec;
    spec.method = methodNamed(method);
    spec.dtype = dtype;
    spec.initAdapter = given;
    return spec;
}

} // namespace

class TestStepZeroKind : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void isToldByTheNumbers()
    {
        const RunSpec wide = specOf("pissa", BaseDType::Float32);
        QCOMPARE(kindOf(zeroOf(0.0, 0.0, 2.0, 2.0), wide), StepZeroKind::Exact);
        QCOMPARE(kindOf(zeroOf(1e-3, 1e-4, 2.0, 2.0), wide), StepZeroKind::Close);
        QCOMPARE(kindOf(zeroOf(1.0, 0.5, 2.0, 3.0, false), wide), StepZeroKind::Failed);
        QCOMPARE(kindOf(zeroOf(3.0, 0.9, 2.0, 2.2), specOf("qlora", BaseDType::Float32)),
                 StepZeroKind::Quantized);
    }

    // An adapter that is given and fresh begins at the base as one made here does; one that was trained does not.
    void aGivenAdapterGoesOn_whereItIsFarFromTheBase()
    {
        const RunSpec given = specOf("lora", BaseDType::Float32, "adapters/a");
        QCOMPARE(kindOf(zeroOf(1e-3, 1e-4, 2.0, 2.0), given), StepZeroKind::Close);
        QCOMPARE(kindOf(zeroOf(2.0, 0.4, 2.0, 1.5), given), StepZeroKind::GoesOn);
    }

    void bfloat16IsJudgedByMeanAndLoss()
    {
        const StepZero rounded = zeroOf(0.9, 0.1, 2.0, 2.04);
        QVERIFY(isCloseToBase(rounded, BaseDType::BFloat16));
        QVERIFY(!isCloseToBase(rounded, BaseDType::Float32));
        QVERIFY(!isCloseToBase(zeroOf(0.9, 0.1, 2.0, 2.06), BaseDType::BFloat16));
        QVERIFY(!isCloseToBase(zeroOf(0.9, 0.6, 2.0, 2.0), BaseDType::BFloat16));
    }
};

QTEST_GUILESS_MAIN(TestStepZeroKind)
#include "tst_step_zero_kind.moc"
