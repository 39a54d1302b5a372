// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/decoder/blocks/attention_block_tensors.h"
#include "core/decoder/blocks/rotary_block_tensors.h"
#include "tests/core/decoder/blocks/finite_differences.h"

#include <ATen/Parallel.h>

#include <limits>
#include <numeric>

using namespace pissarro::core;
using namespace pissarro::tests;

namespace {

constexpr std::int64_t kTokens = 27; // of two sequences, of 20 and 7

// The first layer's attention of a tiny model, and a batch for it.
struct Attention {
    explicit Attention(const QString& model)
        : tiny(model.toUtf8().constData())
        , plan(layerPlan(tiny.config(), 0).attention)
        , block(plan, tiny.loader, nullptr)
        , rotary(tiny.config(), thisBackend().device)
        , table(rotary.upTo(kTokens))
    {
    }
    at::Tensor rows() const { return normal({kTokens, plan.query.cols}); }
    Pass pass() const { return {positions, segments, table}; }

    TinyWeights tiny;
    AttentionPlan plan;
    AttentionBlock block;
    RotaryBlock rotary;
    const RotaryTable& table;
    std::vector<Segment> segments {{0, 20}, {20, 7}};
    at::Tensor positions =
        at::cat({at::arange(20, at::kLong), at::arange(7, at::kLong)}).to(thisBackend().device);
};

} // namespace

class AttentionBlockTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase_data() { eachBackend(); }
    void initTestCase()
    {
        at::set_num_threads(1); // tiny tensors: a second thread would only wait
        at::manual_seed(5);
    }

    void operations_data()
    {
        QTest::addColumn<int>("kvHeads");
        QTest::addColumn<int>("window");
        QTest::newRow("every head its own") << 4 << 0;
        QTest::newRow("grouped") << 2 << 0;
        QTest::newRow("one for all, window") << 1 << 3;
    }

    void operations()
    {
        QFETCH(int, kvHeads);
        QFETCH(int, window);
        const AttentionShape shape {4, kvHeads, 6, window};
        const std::vector<Segment> segments {{0, 5}, {5, 1}, {6, 7}};
        at::Tensor qkv = normal({13, (4 + 2 * kvHeads) * 6});
        const at::Tensor dy = normal({13, 24});
        const Ops& ops = theseOps();
        const auto f = [&] {
            return (ops.attention(qkv, segments, shape).y_NC * dy).sum().item<double>();
        };
        const at::Tensor dqkv =
            ops.attentionBackward(dy, qkv, ops.attention(qkv, segments, shape), segments, shape);
        QVERIFY(worst(qkv, dqkv, f) < kLimit);
    }

    // Scores that are capped or fall with the distance, and a scale of the model's own.
    void shapedOperations_data()
    {
        QTest::addColumn<double>("scale");
        QTest::addColumn<double>("softCap");
        QTest::addColumn<double>("alibiScale");
        QTest::addColumn<int>("window");
        QTest::newRow("scale") << 0.2 << 0.0 << 0.0 << 0;
        QTest::newRow("scale, window") << 0.2 << 0.0 << 0.0 << 3;
        QTest::newRow("soft cap") << 0.0 << 0.7 << 0.0 << 0;
        QTest::newRow("soft cap, window") << 0.3 << 0.7 << 0.0 << 3;
        QTest::newRow("slopes") << 0.0 << 0.0 << 0.4 << 0;
    }

    AttentionShape shapedShape() const
    {
        QFETCH(double, scale);
        QFETCH(double, softCap);
        QFETCH(double, alibiScale);
        QFETCH(int, window);
        return {4, 2, 6, window, scale, softCap, alibiScale};
    }

    void shapedOperations()
    {
        const AttentionShape shape = shapedShape();
        const std::vector<Segment> segments {{0, 5}, {5, 1}, {6, 7}};
        at::Tensor qkv = normal({13, 8 * 6});
        const at::Tensor dy = normal({13, 24});
        const Ops& ops = theseOps();
        const auto f = [&] {
            return (ops.attention(qkv, segments, shape).y_NC * dy).sum().item<double>();
        };
        const at::Tensor dqkv =
            ops.attentionBackward(dy, qkv, ops.attention(qkv, segments, shape), segments, shape);
        QVERIFY(worst(qkv, dqkv, f) < kLimit);
    }

    // The formula written out, and the same of what is kept.
    void shapedScores_areTheirFormula_data() { shapedOperations_data(); }
    void shapedScores_areTheirFormula()
    {
        const AttentionShape shape = shapedShape();
        constexpr std::int64_t kLength = 7;
        const at::Tensor qkv = normal({kLength, 8 * 6});
        const auto headsOf = [&](std::int64_t first, std::int64_t count) {
            return qkv.narrow(1, first * 6, count * 6).unflatten(1, {count, 6}).transpose(0, 1);
        };
        const at::Tensor q = headsOf(0, 4);
        const at::Tensor k = headsOf(4, 2).contiguous();
        const at::Tensor v = headsOf(6, 2).contiguous();
        at::Tensor scores = q.matmul(k.repeat_interleave(2, 0).transpose(-1, -2))
            * (shape.scale > 0.0 ? shape.scale : 1.0 / std::sqrt(6.0));
        if (shape.softCap > 0.0) {
            scores = (scores / shape.softCap).tanh() * shape.softCap;
        }
        const at::Tensor index = at::arange(kLength, at::kLong).to(qkv.device());
        if (shape.alibiScale > 0.0) { // 2^-2, 2^-4, … of four heads: exact in bfloat16
            const at::Tensor slope = at::pow(0.25, at::arange(1, 5, at::kDouble)).to(qkv.device());
            scores = scores + slope.view({4, 1, 1}) * index * shape.alibiScale;
        }
        at::Tensor hidden = index.unsqueeze(0) > index.unsqueeze(1);
        if (shape.window > 0) {
            hidden = hidden | (index.unsqueeze(0) <= index.unsqueeze(1) - shape.window);
        }
        const at::Tensor want = scores.masked_fill(hidden, -std::numeric_limits<double>::infinity())
                                    .softmax(-1)
                                    .matmul(v.repeat_interleave(2, 0))
                                    .transpose(0, 1)
                                    .flatten(1);
        const Ops& ops = theseOps();
        QVERIFY(maxDifference(ops.attention(qkv, {{0, kLength}}, shape).y_NC, want) < 1e-12);
        const at::Tensor last = q.transpose(0, 1).contiguous();
        QVERIFY(maxDifference(ops.attentionCached(last.narrow(0, 4, 3), k, v, shape),
                              want.narrow(0, 4, 3))
                < 1e-12);
        QVERIFY(maxDifference(ops.attentionOfOne(last.narrow(0, 6, 1), k.unsqueeze(0),
                                                 v.unsqueeze(0), {kLength}, shape),
                              want.narrow(0, 6, 1))
                < 1e-12);
    }

    // A query whose scores are all -inf has no softmax: LibTorch's attention alone would say 0, and hide a broken model.
    void aRowWithoutAScore_isNoNumber_data() { operations_data(); }
    void aRowWithoutAScore_isNoNumber()
    {
        QFETCH(int, kvHeads);
        QFETCH(int, window);
        const AttentionShape shape {4, kvHeads, 6, window};
        at::Tensor qkv = normal({5, (4 + 2 * kvHeads) * 6}).abs();
        qkv[4][0] = -std::numeric_limits<double>::infinity(); // the last query of head 0
        const std::vector<Segment> one {{0, 5}};
        const Ops& ops = theseOps();
        const at::Tensor y = ops.attention(qkv, one, shape).y_NC.view({5, 4, 6});
        QVERIFY(y[4][0].isnan().all().item<bool>());
        QVERIFY(y.narrow(0, 0, 4).isfinite().all().item<bool>());
        QVERIFY(y[4].narrow(0, 1, 3).isfinite().all().item<bool>());

        const auto headsOf = [&](int first, int count) {
            return qkv.narrow(1, first * 6, count * 6).unflatten(1, {count, 6}).contiguous();
        };
        const at::Tensor q = headsOf(0, 4);
        const at::Tensor k = headsOf(4, kvHeads).transpose(0, 1).contiguous();
        const at::Tensor v = headsOf(4 + kvHeads, kvHeads).transpose(0, 1).contiguous();
        const at::Tensor cached = ops.attentionCached(q.narrow(0, 4, 1), k, v, shape).view({4, 6});
        const at::Tensor kept =
            ops.attentionOfOne(q.narrow(0, 4, 1), k.unsqueeze(0), v.unsqueeze(0), {5}, shape)
                .view({4, 6});
        for (const at::Tensor& each : {cached, kept}) {
            QVERIFY(each[0].isnan().all().item<bool>());
            QVERIFY(maxDifference(each.narrow(0, 1, 3), y[4].narrow(0, 1, 3)) < 1e-12);
        }
    }

    void gradients_data()
    {
        QTest::addColumn<QString>("model");
        QTest::addColumn<int>("more"); // that trains beside four matrices and their factors
        QTest::newRow("groups, biases of q, k, v") << QStringLiteral("qwen2") << 3;
        QTest::newRow("window of 16") << QStringLiteral("mistral-swa16") << 0;
        QTest::newRow("all biases") << QStringLiteral("llama-bias-tied") << 4;
        QTest::newRow("heads normed") << QStringLiteral("qwen3") << 2;
    }

    void gradients()
    {
        QFETCH(QString, model);
        QFETCH(int, more);
        PISSARRO_NEEDS(golden() / "tiny" / model.toStdString());
        Attention tiny(model);
        AttentionBlock& block = tiny.block;
        const auto trained = trainWhole(block);
        at::Tensor x = tiny.rows(); // normed
        const at::Tensor residual = tiny.rows();
        const at::Tensor dy = tiny.rows();
        const Pass pass = tiny.pass();
        const auto f = [&] {
            return (block.forward(x, residual, pass, nullptr, nullptr) * dy).sum().item<double>();
        };
        AttentionBlock::Saved saved;
        const at::Tensor y = block.forward(x, residual, pass, nullptr, &saved);
        QVERIFY(at::equal(y, block.forward(x, residual, pass, nullptr, nullptr)));
        QVERIFY(worst(x, block.backward(dy, x, pass, saved, true), f) < kBlockLimit);
        checkTrained(block, trained, 4 * 3 + static_cast<std::size_t>(more), f);
        QVERIFY(!block.backward(dy, x, pass, saved, false).defined());
    }

    // As by hand: each head of queries and keys over the root of its mean square, times the weight.
    void heads_areNormedInPlace()
    {
        PISSARRO_NEEDS(golden() / "tiny" / "qwen3");
        const TinyWeights tiny("qwen3");
        const AttentionPlan plan = layerPlan(tiny.config(), 1).attention;
        const HeadNorms keys(plan.keyNorm, tiny.loader, plan.heads * plan.headDim,
                             plan.kvHeads * plan.headDim);
        for (const std::int64_t tokens : {1, 5}) {
            const at::Tensor before =
                normal({tokens, (plan.heads + 2 * plan.kvHeads) * plan.headDim});
            at::Tensor qkv = before.clone();
            HeadNorms::Saved saved;
            keys.forward(qkv, &saved);
            const auto part = [&](const at::Tensor& t, std::int64_t first, std::int64_t heads) {
                return t.narrow(1, first * plan.headDim, heads * plan.headDim)
                    .reshape({tokens, heads, plan.headDim});
            };
            const at::Tensor x = part(before, plan.heads, plan.kvHeads);
            const at::Tensor w = tiny.loader.own(plan.keyNorm.name).value;
            const at::Tensor want =
                x / (x.square().mean(-1, true) + plan.keyNorm.epsilon).sqrt() * w;
            QVERIFY(maxDifference(part(qkv, plan.heads, plan.kvHeads), want) < 1e-12);
            QVERIFY(at::equal(part(qkv, 0, plan.heads), part(before, 0, plan.heads)));
            const std::int64_t values = plan.heads + plan.kvHeads;
            QVERIFY(at::equal(part(qkv, values, plan.kvHeads), part(before, values, plan.kvHeads)));
            QVERIFY(at::equal(saved.x_RD.view(x.sizes()), x)); // not written over
        }
    }

    void memory_isWhatIsSaved_data() { gradients_data(); }
    void memory_isWhatIsSaved()
    {
        QFETCH(QString, model);
        PISSARRO_NEEDS(golden() / "tiny" / model.toStdString());
        const Attention tiny(model);
        const at::Tensor x = tiny.rows();
        AttentionBlock::Saved saved;
        tiny.block.forward(x, x, tiny.pass(), nullptr, &saved);
        QVERIFY(!saved.qkvLow_NR.defined() && !saved.outputLow_NR.defined());
        std::int64_t held = saved.qkv_NC.numel() + saved.attended.y_NC.numel();
        for (const HeadNorms::Saved* heads : {&saved.query, &saved.key}) {
            if (heads->x_RD.defined()) {
                held += heads->x_RD.numel() + 2 * heads->rstd_R.numel(); // float32 beside bfloat16
            }
        }
        QCOMPARE(held, AttentionBlock::memory(tiny.plan).saved * kTokens);
    }

    // Two sequences fed as beginning, one by one and as a chunk, against the whole at once.
    void whatIsKept_isAttendedTo_data() { gradients_data(); }
    void whatIsKept_isAttendedTo()
    {
        QFETCH(QString, model);
        PISSARRO_NEEDS(golden() / "tiny" / model.toStdString());
        const Attention tiny(model);
        const at::Tensor x = tiny.rows();
        const at::Tensor want = tiny.block.forward(x, x, tiny.pass(), nullptr, nullptr);
        KvLayer kept;
        std::vector<std::int64_t> lengths {0, 0};
        const std::vector<std::vector<std::int64_t>> steps {{12, 3}, {1, 1}, {1, 1}, {6, 2}};
        for (const auto& step : steps) {
            std::vector<std::vector<std::int32_t>> ids;
            std::vector<at::Tensor> rows; // of x and of what is wanted
            for (std::size_t row = 0; row < 2; ++row) {
                ids.emplace_back(static_cast<std::size_t>(step[row]), 1);
                rows.push_back(at::arange(lengths[row], lengths[row] + step[row], at::kLong)
                                   .add(static_cast<std::int64_t>(row) * 20)
                                   .to(thisBackend().device));
            }
            const NewTokens added(ids, lengths, at::kDouble, thisBackend().device, theseOps());
            const at::Tensor which = at::cat(rows);
            const at::Tensor fed = x.index_select(0, which);
            const Pass pass {added.positions_N, added.segments, tiny.table, {}, &added};
            const at::Tensor y = tiny.block.forward(fed, fed, pass, &kept, nullptr);
            QVERIFY(maxDifference(y, want.index_select(0, which)) < 1e-10);
            lengths = added.lengths;
        }
        QCOMPARE(lengths, (std::vector<std::int64_t> {20, 7}));
    }
};

QTEST_GUILESS_MAIN(AttentionBlockTest)
#include "tst_attention_block.moc"
