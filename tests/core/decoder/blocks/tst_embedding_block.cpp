// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decoder/blocks/embedding_block_tensors.h"
#include "tests/core/decoder/blocks/finite_differences.h"

#include <ATen/Parallel.h>

using namespace pissarro::core;
using namespace pissarro::tests;

class EmbeddingBlockTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase_data() { eachBackend(); }
    void initTestCase()
    {
        at::set_num_threads(1); // tiny tensors: a second thread would only wait
        at::manual_seed(5);
    }

    void gradients_data()
    {
        QTest::addColumn<QString>("model");
        QTest::newRow("rows") << QStringLiteral("llama");
        QTest::newRow("times sqrt(width)") << QStringLiteral("gemma");
    }

    void gradients()
    {
        QFETCH(QString, model);
        PISSARRO_NEEDS(golden() / "tiny" / model.toStdString());
        const TinyWeights tiny(model.toUtf8().constData());
        const EmbeddingPlan plan = embeddingPlan(tiny.config());
        EmbeddingBlock block(plan, tiny.loader, nullptr);
        QVERIFY(!block.trains());
        const auto trained = trainWhole(block);
        QVERIFY(block.trains());
        QCOMPARE(trained.size(), std::size_t {1});
        const at::Tensor ids = whole({7, 5, 6, 5, 8}); // one twice
        const at::Tensor dy = normal({5, plan.width});
        at::Tensor dx = dy.clone();
        const at::Tensor positions = whole({0, 1, 2, 3, 4});
        block.backward(ids, positions, dx);
        const auto f = [&] { return (block.forward(ids, positions) * dy).sum().item<double>(); };
        const at::Tensor& gradient = trained[0]->gradient;
        const auto read = [](const at::Tensor& t_VD) { return t_VD.narrow(0, 5, 4); };
        QVERIFY(worst(read(trained[0]->value), read(gradient), f) < kLimit);
        QVERIFY(gradient.narrow(0, 0, 5).eq(0.0).all().item<bool>()); // rows that nobody read
        QVERIFY(gradient.narrow(0, 9, plan.vocabulary - 9).eq(0.0).all().item<bool>());
    }

    // As torch's padding_idx.
    void thePadsRow_learnsNothing()
    {
        PISSARRO_NEEDS(golden() / "tiny" / "llama");
        const TinyWeights tiny("llama");
        EmbeddingPlan plan = embeddingPlan(tiny.config());
        plan.padId = 4;
        EmbeddingBlock block(plan, tiny.loader, nullptr);
        const auto trained = trainWhole(block);
        at::Tensor dx = at::ones({3, plan.width}, normal({1}).options());
        block.backward(whole({4, 3, 4}), whole({0, 1, 2}), dx);
        QVERIFY(trained[0]->gradient[4].eq(0.0).all().item<bool>());
        QVERIFY(trained[0]->gradient[3].eq(1.0).all().item<bool>());
    }
};

QTEST_GUILESS_MAIN(EmbeddingBlockTest)
#include "tst_embedding_block.moc"
