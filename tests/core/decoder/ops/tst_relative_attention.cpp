// SPDX-License-Identifier: GPL-3.0-or-later
// Attention by distances: rows of the table against transformers' make_log_bucket_position (5.23), scores against the formula
// written out, gradients against central differences.
#include "core/decoder/ops/relative_attention_tensors.h"
#include "tests/core/decoder/blocks/finite_differences.h"

#include <ATen/Parallel.h>

using namespace pissarro::core;
using namespace pissarro::tests;

namespace {

RelativePositions positionsOf(std::int64_t buckets, std::int64_t furthest)
{
    RelativePositions positions;
    positions.span = buckets > 0 ? buckets : furthest;
    positions.buckets = buckets;
    positions.furthest = furthest;
    return positions;
}

} // namespace

class RelativeAttentionTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase_data() { eachBackend(); }
    void initTestCase()
    {
        at::set_num_threads(1); // tiny tensors: a second thread would only wait
        at::manual_seed(7);
    }

    void rows_areThoseOfTransformers()
    {
        const at::Tensor rows = distanceRows(positionsOf(8, 64), 20, at::kCPU);
        QCOMPARE(rows.numel(), std::int64_t {39});
        const std::vector<std::int64_t> want {2,  2,  2,  2,  2,  2,  2,  2,  2,  3,  3,  3,  3,
                                              3,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 13,
                                              13, 13, 13, 13, 14, 14, 14, 14, 14, 14, 14, 14, 14};
        for (std::size_t i = 0; i < want.size(); ++i) {
            QCOMPARE(rows[static_cast<std::int64_t>(i)].item<std::int64_t>(), want[i]);
        }
        // Of the published models: 256 buckets, 512 positions.
        const at::Tensor published = distanceRows(positionsOf(256, 512), 400, at::kCPU);
        const std::vector<std::pair<std::int64_t, std::int64_t>> some {
            {1, 257},   {127, 383}, {128, 384}, {129, 385},
            {140, 393}, {200, 425}, {300, 463}, {399, 489}};
        for (const auto& [distance, row] : some) {
            QCOMPARE(published[399 + distance].item<std::int64_t>(), row);
            QCOMPARE(published[399 - distance].item<std::int64_t>(), 512 - row);
        }
    }

    void withoutBuckets_aDistanceIsItsRow()
    {
        const at::Tensor rows = distanceRows(positionsOf(0, 4), 7, at::kCPU);
        const std::vector<std::int64_t> want {0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 7, 7, 7};
        for (std::size_t i = 0; i < want.size(); ++i) {
            QCOMPARE(rows[static_cast<std::int64_t>(i)].item<std::int64_t>(), want[i]);
        }
    }

    void gradients_data()
    {
        QTest::addColumn<bool>("keys");
        QTest::addColumn<bool>("queries");
        QTest::newRow("content alone") << false << false;
        QTest::newRow("c2p") << true << false;
        QTest::newRow("p2c") << false << true;
        QTest::newRow("both") << true << true;
    }

    void gradients()
    {
        QFETCH(bool, keys);
        QFETCH(bool, queries);
        constexpr std::int64_t kTokens = 9;
        RelativeHeads heads {
            normal({2, kTokens, 4}), normal({2, kTokens, 4}), normal({2, kTokens, 4}), {}, {}};
        heads.distanceKeys_HPD = keys ? normal({2, 16, 4}) : at::Tensor();
        heads.distanceQueries_HPD = queries ? normal({2, 16, 4}) : at::Tensor();
        const at::Tensor rows = distanceRows(positionsOf(8, 64), kTokens, heads.q_HTD.device());
        const at::Tensor dy = normal({2, kTokens, 4});
        const auto f = [&] {
            return (attendRelative(heads, rows, 0.3, {}) * dy).sum().item<double>();
        };
        const at::Tensor y = attendRelative(heads, rows, 0.3, {});
        const RelativeHeads d = attendRelativeBackward(dy, heads, y, rows, 0.3);
        QVERIFY(worst(heads.q_HTD, d.q_HTD, f) < kLimit);
        QVERIFY(worst(heads.k_HTD, d.k_HTD, f) < kLimit);
        QVERIFY(worst(heads.v_HTD, d.v_HTD, f) < kLimit);
        QCOMPARE(d.distanceKeys_HPD.defined(), keys);
        QCOMPARE(d.distanceQueries_HPD.defined(), queries);
        QVERIFY(!keys || worst(heads.distanceKeys_HPD, d.distanceKeys_HPD, f) < kLimit);
        QVERIFY(!queries || worst(heads.distanceQueries_HPD, d.distanceQueries_HPD, f) < kLimit);
    }

    // One score by hand, and a key that is hidden.
    void scores_areTheFormula()
    {
        const at::Tensor q = normal({1, 3, 2});
        const at::Tensor k = normal({1, 3, 2});
        const at::Tensor v = normal({1, 3, 2});
        const at::Tensor dk = normal({1, 16, 2});
        const at::Tensor dq = normal({1, 16, 2});
        const at::Tensor rows = distanceRows(positionsOf(8, 64), 3, q.device());
        at::Tensor s = at::zeros({3, 3}, q.options());
        for (std::int64_t i = 0; i < 3; ++i) {
            for (std::int64_t j = 0; j < 3; ++j) {
                const auto row = rows[i - j + 2].item<std::int64_t>();
                s[i][j] = 0.5
                    * (q[0][i].dot(k[0][j]) + q[0][i].dot(dk[0][row]) + k[0][j].dot(dq[0][row]));
            }
        }
        const at::Tensor want = at::matmul(at::softmax(s, -1), v[0]);
        QVERIFY(
            (attendRelative({q, k, v, dk, dq}, rows, 0.5, {})[0] - want).abs().max().item<double>()
            < 1e-12);
        const at::Tensor mask = whole({1, 1, 0});
        const at::Tensor seen =
            at::matmul(at::softmax(s.narrow(1, 0, 2), -1), v[0].narrow(0, 0, 2));
        QVERIFY((attendRelative({q, k, v, dk, dq}, rows, 0.5, mask)[0] - seen)
                    .abs()
                    .max()
                    .item<double>()
                < 1e-12);
    }
};

QTEST_GUILESS_MAIN(RelativeAttentionTest)
#include "tst_relative_attention.moc"
