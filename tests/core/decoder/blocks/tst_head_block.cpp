// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decoder/blocks/head_block_tensors.h"
#include "tests/core/decoder/blocks/finite_differences.h"

#include <ATen/Parallel.h>

using namespace pissarro::core;
using namespace pissarro::tests;

namespace {

constexpr std::int64_t kRows = 260; // more than a slice of logits

} // namespace

class HeadBlockTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase_data() { eachBackend(); }
    void initTestCase()
    {
        at::set_num_threads(1); // tiny tensors: a second thread would only wait
        at::manual_seed(5);
    }

    void crossEntropy()
    {
        at::Tensor logits = normal({6, 33});
        const at::Tensor labels = at::randint(33, {6}, at::kLong).to(thisBackend().device);
        const auto f = [&] {
            at::Tensor copy = logits.clone();
            return 0.25 * theseOps().crossEntropyInPlace(copy, labels, 0.0);
        };
        at::Tensor gradient = logits.clone();
        theseOps().crossEntropyInPlace(gradient, labels, 0.25);
        QVERIFY(worst(logits, gradient, f) < kLimit);
        const at::Tensor want =
            -at::log_softmax(logits, 1).gather(1, labels.unsqueeze(1)).squeeze(1);
        QVERIFY(maxDifference(theseOps().crossEntropyPerRow(logits, labels), want) < 1e-12);
    }

    void gradients_data()
    {
        QTest::addColumn<QString>("model");
        QTest::addColumn<bool>("tied");
        QTest::newRow("a matrix of its own") << QStringLiteral("llama") << false;
        QTest::newRow("the embedding's") << QStringLiteral("qwen2") << true;
    }

    void gradients()
    {
        QFETCH(QString, model);
        QFETCH(bool, tied);
        PISSARRO_NEEDS(golden() / "tiny" / model.toStdString());
        const TinyWeights tiny(model.toUtf8().constData());
        const HeadPlan plan = headPlan(tiny.config());
        QCOMPARE(plan.tied, tied);
        EmbeddingBlock embedding(embeddingPlan(tiny.config()), tiny.loader, nullptr);
        HeadBlock block(plan, tiny.loader, embedding, nullptr);
        const auto trained = trainWhole(block);
        const auto ofEmbedding = trainWhole(embedding);
        at::Tensor x = normal({kRows, plan.norm.width});
        const at::Tensor labels =
            at::randint(plan.logits.rows, {kRows}, at::kLong).to(thisBackend().device);
        const auto f = [&] { return 0.5 * block.loss(x, labels, {}); };
        at::Tensor dx;
        QCOMPARE(block.lossAndGradient(x, labels, 0.5, dx, {}), block.loss(x, labels, {}));
        QVERIFY(worst(x, dx, f) < kBlockLimit);
        checkTrained(block, trained, tied ? 1 : 2, f);
        if (tied) {
            checkTrained(block, ofEmbedding, 1, f);
        } else {
            QVERIFY(!ofEmbedding[0]->gradient.defined());
        }
    }

    void aLoss_isTheMeanOfTheLogits()
    {
        PISSARRO_NEEDS(golden() / "tiny" / "gemma");
        const TinyWeights tiny("gemma");
        const EmbeddingBlock embedding(embeddingPlan(tiny.config()), tiny.loader, nullptr);
        const HeadBlock block(headPlan(tiny.config()), tiny.loader, embedding, nullptr);
        const at::Tensor x = normal({kRows, tiny.config().width});
        const at::Tensor labels =
            at::randint(tiny.config().vocabulary, {kRows}, at::kLong).to(thisBackend().device);
        const double want =
            theseOps().crossEntropyPerRow(block.forward(x), labels).mean().item<double>();
        QVERIFY(std::abs(block.loss(x, labels, {}) - want) < 1e-12);
        QCOMPARE(block.loss(x.narrow(0, 0, 0), labels.narrow(0, 0, 0), {}), 0.0);
    }

    // However many tokens count, logits of a slice of them exist.
    void memory_isOfASlice()
    {
        const HeadPlan plan {{"model.norm", 4}, {"lm_head", 100, 4}, false};
        QCOMPARE(HeadBlock::memory(plan, 10), std::int64_t {2 * 10 * 100});
        QVERIFY(HeadBlock::memory(plan, kRows) < 2 * kRows * 100);
        QCOMPARE(HeadBlock::memory(plan, 1'000'000), HeadBlock::memory(plan, kRows));
    }
};

QTEST_GUILESS_MAIN(HeadBlockTest)
#include "tst_head_block.moc"
