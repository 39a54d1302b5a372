// SPDX-License-Identifier: GPL-3.0-or-later
// The judgement of step 0, on logits made for it.
#include "core/train/step_zero_tensors.h"

#include <ATen/ATen.h>

#include <QTest>

#include <limits>

using namespace pissarro::core;

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

at::Tensor baseLogits()
{
    return at::linspace(-2.0, 2.0, 24).view({3, 8});
}

FlatBatch probe()
{
    FlatBatch batch;
    batch.labels_M = at::arange(3, at::kLong);
    return batch;
}

// The base's logits with one of them moved.
at::Tensor moved(double by)
{
    at::Tensor logits = baseLogits();
    logits[1][4] += by;
    return logits;
}

} // namespace

class StepZeroTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aFreshAdapter_isTheBase_data()
    {
        QTest::addColumn<bool>("bfloat16");
        QTest::addColumn<double>("by");
        QTest::addColumn<bool>("passes");
        QTest::addColumn<QString>("says");
        QTest::newRow("equal") << false << 0.0 << true << "equals the base exactly";
        QTest::newRow("rounding") << false << 1e-3 << true << "equals the base within";
        QTest::newRow("off") << false << 0.01 << false << "That is no rounding";
        QTest::newRow("off, downward") << false << -0.01 << false << "is not the base";
        QTest::newRow("rounding of bfloat16") << true << 0.1 << true << "rounding of bfloat16";
        QTest::newRow("off in bfloat16") << true << 20.0 << false << "--dtype float32";
        for (const bool bfloat16 : {false, true}) {
            QTest::addRow("NaN %d", bfloat16) << bfloat16 << kNaN << false << "not finite";
            QTest::addRow("Inf %d", bfloat16) << bfloat16 << kInf << false << "not finite";
        }
    }
    void aFreshAdapter_isTheBase()
    {
        QFETCH(bool, bfloat16);
        QFETCH(double, by);
        QFETCH(bool, passes);
        QFETCH(QString, says);
        RunSpec spec;
        spec.dtype = bfloat16 ? BaseDType::BFloat16 : BaseDType::Float32;
        const StepZero zero = judgeStepZero(spec, probe(), baseLogits(), moved(by), {});
        QVERIFY2(zero.passed == passes, zero.verdict.c_str());
        QVERIFY2(QString::fromStdString(zero.verdict).contains(says), zero.verdict.c_str());
        if (std::isfinite(by)) {
            QVERIFY(std::abs(zero.maxLogitDifference - std::abs(by)) < 1e-5);
            QVERIFY(std::abs(zero.meanLogitDifference - std::abs(by) / 24) < 1e-6);
        }
    }

    // An adapter on four bits is to bring them nearer to the untouched model, or leave them where they are.
    void fourBits_areNotTakenFurtherAway_data()
    {
        QTest::addColumn<double>("alone");
        QTest::addColumn<double>("adapted");
        QTest::addColumn<bool>("passes");
        QTest::newRow("nearer") << 1.0 << 0.2 << true;
        QTest::newRow("as far") << 1.0 << 1.0 << true;
        QTest::newRow("as far the other way") << 1.0 << -1.0 << true;
        QTest::newRow("a little further") << 1.0 << 1.05 << true;
        QTest::newRow("further") << 1.0 << 1.2 << false;
        QTest::newRow("off an exact base") << 0.0 << 0.1 << false;
        QTest::newRow("NaN") << 1.0 << kNaN << false;
        QTest::newRow("Inf") << 1.0 << kInf << false;
        QTest::newRow("both Inf") << kInf << kInf << false;
        QTest::newRow("both NaN") << kNaN << kNaN << false;
    }
    void fourBits_areNotTakenFurtherAway()
    {
        QFETCH(double, alone);
        QFETCH(double, adapted);
        QFETCH(bool, passes);
        const StepZero zero = judgeFourBit(probe(), baseLogits(), moved(alone), moved(adapted), {});
        QVERIFY2(zero.passed == passes, zero.verdict.c_str());
        const QString verdict = QString::fromStdString(zero.verdict);
        QVERIFY2(verdict.contains(passes                       ? "quantization moves the logits by"
                                      : std::isfinite(adapted) ? "was made for another base"
                                                               : "not finite"),
                 zero.verdict.c_str());
    }

    // A fresh adapter is judged by the weights: what they gain may show in no logit, and what a logit gains is no proof.
    void fourBits_areJudgedByTheirWeights_data()
    {
        QTest::addColumn<double>("alone");
        QTest::addColumn<double>("adapted");
        QTest::addColumn<bool>("passes");
        QTest::newRow("nearer") << 0.09 << 0.08 << true;
        QTest::newRow("as far") << 0.09 << 0.09 << true;
        QTest::newRow("rounding") << 0.09 << 0.09001 << true;
        QTest::newRow("further") << 0.09 << 0.092 << false;
        QTest::newRow("exact") << 0.0 << 0.0 << true;
        QTest::newRow("off an exact base") << 0.0 << 0.001 << false;
        QTest::newRow("of another model") << 1.4 << 1.3 << false;
        QTest::newRow("a principal part was taken") << 1.4 << 0.09 << true;
        QTest::newRow("NaN") << 0.09 << kNaN << false;
    }
    void fourBits_areJudgedByTheirWeights()
    {
        QFETCH(double, alone);
        QFETCH(double, adapted);
        QFETCH(bool, passes);
        for (const double logits : {0.2, 5.0}) {
            const FourBitFit fit {"model.layers.1.mlp.up_proj", alone, adapted};
            const StepZero zero = judgeFourBit(probe(), baseLogits(), moved(1.0), moved(logits),
                                               {StepZeroParts {0.1, 0.2, 0.3, 0.4}, fit});
            const QString verdict = QString::fromStdString(zero.verdict);
            QVERIFY2(zero.passed == passes, zero.verdict.c_str());
            QVERIFY2(passes
                         || verdict.contains(QLatin1String("The weights of model.layers.1.mlp.")),
                     zero.verdict.c_str());
            QVERIFY2(!verdict.contains(QLatin1String("..")), zero.verdict.c_str());
            QVERIFY(verdict.contains(QLatin1String(". Of that SVD 0.1,")));
        }
        const StepZero broken =
            judgeFourBit(probe(), baseLogits(), moved(1.0), moved(kNaN), {{}, FourBitFit {}});
        QVERIFY(!broken.passed);
    }
};

QTEST_GUILESS_MAIN(StepZeroTest)
#include "tst_step_zero.moc"
