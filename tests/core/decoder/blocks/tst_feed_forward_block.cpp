// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decoder/blocks/feed_forward_block_tensors.h"
#include "tests/core/decoder/blocks/finite_differences.h"

#include <ATen/Parallel.h>

using namespace pissarro::core;
using namespace pissarro::tests;

class FeedForwardBlockTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase_data() { eachBackend(); }
    void initTestCase()
    {
        at::set_num_threads(1); // tiny tensors: a second thread would only wait
        at::manual_seed(5);
    }

    void gates_data()
    {
        QTest::addColumn<int>("activation");
        QTest::newRow("silu") << static_cast<int>(Activation::Silu);
        QTest::newRow("gelu tanh") << static_cast<int>(Activation::GeluTanh);
        QTest::newRow("gelu erf") << static_cast<int>(Activation::GeluErf);
    }

    void gates()
    {
        QFETCH(int, activation);
        const auto kind = static_cast<Activation>(activation);
        at::Tensor ab = normal({5, 18});
        const at::Tensor dy = normal({5, 9});
        const Ops& ops = theseOps();
        const GatedGradient gradient = ops.gatedBackward(ab, dy, kind);
        QVERIFY(worst(ab, gradient.dab_N2F,
                      [&] { return (ops.gated(ab, kind) * dy).sum().item<double>(); })
                < kLimit);
        QVERIFY(maxDifference(gradient.out_NF, ops.gated(ab, kind)) < 1e-14);
        // Without a gate: the same function of what is not multiplied.
        QVERIFY(
            worst(ab, ops.activatedBackward(ab, at::cat({dy, dy}, 1), kind),
                  [&] {
                      return (ops.activated(ab, kind) * at::cat({dy, dy}, 1)).sum().item<double>();
                  })
            < kLimit);
        QVERIFY(maxDifference(ops.activated(ab.narrow(1, 0, 9), kind) * ab.narrow(1, 9, 9),
                              gradient.out_NF)
                < 1e-12);
    }

    void gradients_data()
    {
        QTest::addColumn<QString>("model");
        QTest::addColumn<int>("biases");
        QTest::newRow("silu, biases") << QStringLiteral("llama-bias-tied") << 3;
        QTest::newRow("gelu tanh") << QStringLiteral("gemma") << 0;
    }

    void gradients()
    {
        QFETCH(QString, model);
        QFETCH(int, biases);
        PISSARRO_NEEDS(golden() / "tiny" / model.toStdString());
        const TinyWeights tiny(model.toUtf8().constData());
        FeedForwardBlock block(layerPlan(tiny.config(), 0).feed, tiny.loader, nullptr);
        const auto trained = trainWhole(block);
        const std::int64_t width = tiny.config().width;
        at::Tensor x = normal({7, width}); // normed
        const at::Tensor residual = normal({7, width});
        const at::Tensor dy = normal({7, width});
        const auto f = [&] {
            return (block.forward(x, residual, nullptr) * dy).sum().item<double>();
        };
        FeedForwardBlock::Saved saved;
        const at::Tensor y = block.forward(x, residual, &saved);
        QVERIFY(at::equal(y, block.forward(x, residual, nullptr)));
        QVERIFY(worst(x, block.backward(dy, x, saved), f) < kBlockLimit);
        checkTrained(block, trained, 3 * 3 + static_cast<std::size_t>(biases), f);
    }

    void memory_isWhatIsSaved()
    {
        PISSARRO_NEEDS(golden() / "tiny" / "llama");
        const TinyWeights tiny("llama");
        const FeedForwardPlan plan = layerPlan(tiny.config(), 0).feed;
        const FeedForwardBlock block(plan, tiny.loader, nullptr);
        const at::Tensor x = normal({7, tiny.config().width});
        FeedForwardBlock::Saved saved;
        block.forward(x, x, &saved);
        QVERIFY(!saved.gateUpLow_NR.defined() && !saved.downLow_NR.defined());
        QCOMPARE(FeedForwardBlock::memory(plan).saved * 7, saved.gateUp_N2F.numel());
    }
};

QTEST_GUILESS_MAIN(FeedForwardBlockTest)
#include "tst_feed_forward_block.moc"
