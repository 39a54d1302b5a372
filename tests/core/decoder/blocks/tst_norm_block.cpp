// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decoder/blocks/norm_block_tensors.h"
#include "tests/core/decoder/blocks/finite_differences.h"

#include <ATen/Parallel.h>

using namespace pissarro::core;
using namespace pissarro::tests;

class NormBlockTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase_data() { eachBackend(); }
    void initTestCase()
    {
        at::set_num_threads(1); // tiny tensors: a second thread would only wait
        at::manual_seed(5);
    }

    void operations()
    {
        at::Tensor x = normal({7, 12});
        at::Tensor w = normal({12});
        const at::Tensor dy = normal({7, 12});
        for (const double offset : {0.0, 1.0}) {
            const auto f = [&] {
                return (theseOps().rmsNorm(x, w, 1e-5, offset).y_ND * dy).sum().item<double>();
            };
            const Normed normed = theseOps().rmsNorm(x, w, 1e-5, offset);
            at::Tensor dx = at::zeros_like(x);
            theseOps().rmsNormBackward(dy, x, normed.rstd_N, w, offset, dx);
            QVERIFY(worst(x, dx, f) < kLimit);
            QVERIFY(worst(w, theseOps().rmsNormWeightGradient(dy, x, normed.rstd_N), f) < kLimit);
        }
    }

    void layerOperations_data()
    {
        QTest::addColumn<bool>("weight");
        QTest::addColumn<bool>("bias");
        QTest::newRow("alone") << false << false;
        QTest::newRow("weight") << true << false;
        QTest::newRow("weight and bias") << true << true;
    }

    // Against its formula, and its gradient against differences.
    void layerOperations()
    {
        QFETCH(bool, weight);
        QFETCH(bool, bias);
        at::Tensor x = normal({7, 12});
        const at::Tensor w = weight ? normal({12}) : at::Tensor();
        const at::Tensor b = bias ? normal({12}) : at::Tensor();
        const at::Tensor dy = normal({7, 12});
        const at::Tensor centred = x - x.mean(-1, true);
        at::Tensor want = centred / (centred.square().mean(-1, true) + 1e-5).sqrt();
        want = (weight ? want * w : want);
        want = (bias ? want + b : want);
        const Normed normed = theseOps().layerNorm(x, w, b, 1e-5);
        QVERIFY(maxDifference(normed.y_ND, want) < 1e-12);
        const auto f = [&] {
            return (theseOps().layerNorm(x, w, b, 1e-5).y_ND * dy).sum().item<double>();
        };
        at::Tensor dx = at::zeros_like(x);
        theseOps().layerNormBackward(dy, x, normed, w, dx);
        QVERIFY(worst(x, dx, f) < kLimit);
    }

    void gradients_data()
    {
        QTest::addColumn<QString>("model");
        QTest::newRow("weight") << QStringLiteral("llama");
        QTest::newRow("1 + weight") << QStringLiteral("gemma");
    }

    // The gradient of x is added to what is there.
    void gradients()
    {
        QFETCH(QString, model);
        PISSARRO_NEEDS(golden() / "tiny" / model.toStdString());
        const TinyWeights tiny(model.toUtf8().constData());
        const NormPlan plan = layerPlan(tiny.config(), 1).before;
        NormBlock block(plan, tiny.loader);
        at::Tensor x = normal({6, plan.width});
        const at::Tensor dy = normal({6, plan.width});
        const at::Tensor before = normal({6, plan.width});
        const auto f = [&] { return (block.forward(x).y_ND * dy).sum().item<double>(); };
        at::Tensor frozen = before.clone();
        block.backward(dy, x, block.forward(x), frozen);
        QVERIFY(worst(x, frozen - before, f) < kLimit);

        const auto trained = trainWhole(block);
        at::Tensor dx = before.clone();
        block.backward(dy, x, block.forward(x), dx);
        QVERIFY(at::equal(dx, frozen));
        checkTrained(block, trained, 1, f);
        QCOMPARE(trained[0]->name, plan.name + ".weight");
    }

    void memory_isItsInput()
    {
        QCOMPARE(NormBlock::memory(12).saved, std::int64_t {12});
        QCOMPARE(NormBlock::memory(12).temporary, std::int64_t {24});
    }
};

QTEST_GUILESS_MAIN(NormBlockTest)
#include "tst_norm_block.moc"
