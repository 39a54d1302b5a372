// SPDX-License-Identifier: GPL-3.0-or-later
// The fused operations, their gradients and products against LibTorch's operators and its autograd in float64: equal to
// 1e-12 in float64; float32 keeps 24 bits, so sums of some hundred terms lose at most 1e-5 of the largest.
#include "core/decoder/ops/attention_tensors.h"
#include "core/decoder/ops/fused_ops_tensors.h"
#include "core/decoder/ops/products_tensors.h"
#include "tests/tools/golden.h"

#include <ATen/ATen.h>

#include <limits>

using namespace pissarro::core;
using namespace pissarro::tests;

namespace {

at::Tensor normal(at::IntArrayRef shape)
{
    return at::randn(shape, at::kDouble);
}

bool near(const at::Tensor& found, const at::Tensor& wanted, double limit)
{
    return maxDifference(found, wanted)
        <= limit * std::max(1e-30, wanted.abs().max().item<double>());
}

} // namespace

class FusedOpsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { at::manual_seed(31); }

    void types_data()
    {
        QTest::addColumn<int>("type");
        QTest::addColumn<double>("limit");
        QTest::newRow("float64") << static_cast<int>(at::kDouble) << 1e-12;
        QTest::newRow("float32") << static_cast<int>(at::kFloat) << 1e-5;
    }

    void norm_isItsFormula_data() { types_data(); }
    void norm_isItsFormula()
    {
        QFETCH(int, type);
        QFETCH(double, limit);
        const auto scalar = static_cast<at::ScalarType>(type);
        for (const double offset : {0.0, 1.0}) {
            const at::Tensor x = normal({37, 48}).requires_grad_(true);
            const at::Tensor w = normal({48}).requires_grad_(true);
            const at::Tensor dy = normal({37, 48});
            const at::Tensor rstd = (x.square().mean(-1) + 1e-5).rsqrt();
            const at::Tensor y = x * rstd.unsqueeze(1) * (w + offset);
            y.backward(dy);
            const at::Tensor mine = x.detach().to(scalar);
            const at::Tensor weight = w.detach().to(scalar);
            const Normed normed = rmsNorm(mine, weight, 1e-5, offset);
            QVERIFY(near(normed.y_ND, y.detach(), limit));
            QVERIFY(near(normed.rstd_N, rstd.detach(), limit));
            at::Tensor dx = at::ones_like(mine); // it is added to
            rmsNormBackward(dy.to(scalar), mine, normed.rstd_N, weight, offset, dx);
            QVERIFY(near(dx - 1.0, x.grad(), 10 * limit));
            QVERIFY(near(rmsNormWeightGradient(dy.to(scalar), mine, normed.rstd_N), w.grad(),
                         10 * limit));
        }
    }

    // The first heads of a row turn, the others stay; backwards they come to where they were.
    void rotate_turnsPairsByTheirPosition_data() { types_data(); }
    void rotate_turnsPairsByTheirPosition()
    {
        QFETCH(int, type);
        QFETCH(double, limit);
        const auto scalar = static_cast<at::ScalarType>(type);
        const std::int64_t half = 4;
        const at::Tensor angle = at::rand({20, half}) * 6.0;
        const RotaryTable table {angle.cos(), angle.sin()};
        const at::Tensor positions = at::tensor({3, 0, 19, 3, 7}, at::kLong);
        const at::Tensor x = normal({5, 3 * 2 * half});
        at::Tensor turned = x.to(scalar);
        rotate(turned, positions, table, 2, 1.0);
        const at::Tensor cos = table.cos_TH.index_select(0, positions).to(at::kDouble).unsqueeze(1);
        const at::Tensor sin = table.sin_TH.index_select(0, positions).to(at::kDouble).unsqueeze(1);
        const at::Tensor heads = x.view({5, 3, 2 * half}).narrow(1, 0, 2);
        const at::Tensor a = heads.narrow(2, 0, half);
        const at::Tensor b = heads.narrow(2, half, half);
        const at::Tensor wanted = at::cat({a * cos - b * sin, b * cos + a * sin}, 2);
        QVERIFY(near(turned.view({5, 3, 2 * half}).narrow(1, 0, 2), wanted, limit));
        QVERIFY(at::equal(turned.narrow(1, 4 * half, 2 * half),
                          x.to(scalar).narrow(1, 4 * half, 2 * half)));
        rotate(turned, positions, table, 2, -1.0);
        QVERIFY(near(turned, x, 10 * std::max(limit, 1e-7))); // cos² + sin² of float32 is 1 to 1e-7
    }

    void gate_isItsFormula_data()
    {
        QTest::addColumn<int>("activation");
        QTest::addColumn<int>("type");
        QTest::addColumn<double>("limit");
        for (const auto& [name, activation] :
             {std::pair("silu", Activation::Silu), std::pair("gelu tanh", Activation::GeluTanh),
              std::pair("gelu erf", Activation::GeluErf)}) {
            QTest::addRow("%s, float64", name)
                << static_cast<int>(activation) << static_cast<int>(at::kDouble) << 1e-12;
            QTest::addRow("%s, float32", name)
                << static_cast<int>(activation) << static_cast<int>(at::kFloat) << 1e-5;
        }
    }
    void gate_isItsFormula()
    {
        QFETCH(int, activation);
        QFETCH(int, type);
        QFETCH(double, limit);
        const auto kind = static_cast<Activation>(activation);
        const auto scalar = static_cast<at::ScalarType>(type);
        const at::Tensor ab = (normal({11, 50}) * 2.0).requires_grad_(true);
        const at::Tensor dy = normal({11, 25});
        const at::Tensor a = ab.narrow(1, 0, 25);
        const at::Tensor out = (kind == Activation::Silu           ? at::silu(a)
                                    : kind == Activation::GeluTanh ? at::gelu(a, "tanh")
                                                                   : at::gelu(a, "none"))
            * ab.narrow(1, 25, 25);
        out.backward(dy);
        const at::Tensor mine = ab.detach().to(scalar);
        QVERIFY(near(gated(mine, kind), out.detach(), limit));
        const GatedGradient gradient = gatedBackward(mine, dy.to(scalar), kind);
        QVERIFY(near(gradient.dab_N2F, ab.grad(), limit));
        QVERIFY(near(gradient.out_NF, out.detach(), limit));
    }

    void crossEntropy_isLibTorchs_data() { types_data(); }
    void crossEntropy_isLibTorchs()
    {
        QFETCH(int, type);
        QFETCH(double, limit);
        const auto scalar = static_cast<at::ScalarType>(type);
        const at::Tensor logits = (normal({13, 70}) * 5.0).requires_grad_(true);
        const at::Tensor labels = at::randint(0, 70, {13}, at::kLong);
        const at::Tensor rows =
            at::cross_entropy_loss(logits, labels, /*weight=*/ {}, at::Reduction::None);
        (rows.sum() * 0.25).backward();
        const at::Tensor mine = logits.detach().to(scalar);
        QVERIFY(near(crossEntropyPerRow(mine, labels), rows.detach(), limit));
        at::Tensor changed = mine.clone();
        const double sum = rows.sum().item<double>();
        QVERIFY(std::abs(crossEntropyInPlace(changed, labels, 0.0) - sum) <= limit * sum);
        QVERIFY(at::equal(changed, mine)); // without a scale the logits stay
        QVERIFY(std::abs(crossEntropyInPlace(changed, labels, 0.25) - sum) <= limit * sum);
        QVERIFY(near(changed, logits.grad(), limit));
    }

    void products_areTheirSums_data() { types_data(); }
    void products_areTheirSums()
    {
        QFETCH(int, type);
        QFETCH(double, limit);
        const auto scalar = static_cast<at::ScalarType>(type);
        for (const std::int64_t rows : {std::int64_t {3}, kThinRows + 7}) {
            const at::Tensor x = normal({rows, 20});
            const at::Tensor w = normal({9, 20});
            const at::Tensor low = normal({rows, 4});
            const at::Tensor up = normal({9, 4});
            const at::Tensor bias = normal({9});
            const at::Tensor add = normal({rows, 9});
            const auto as = [&](const at::Tensor& t) { return t.to(scalar); };
            const at::Tensor plain = x.mm(w.t());
            QVERIFY(near(product(as(x), as(w), Side::Rows), plain, limit));
            QVERIFY(near(product(as(x), as(w.t().contiguous()), Side::Columns), plain, limit));
            const at::Tensor whole = plain + low.mm(up.t()) + bias + add;
            QVERIFY(near(product(as(x), as(w), Side::Rows, {as(low), as(up)}, as(bias), as(add)),
                         whole, limit));
            at::Tensor sum = as(normal({20, 9}));
            const at::Tensor before = sum.to(at::kDouble);
            addOuterProduct(sum, as(x), as(add), 0.5);
            QVERIFY(near(sum, before + 0.5 * x.t().mm(add), limit));
        }
        for (const std::int64_t rows : {1, 40, 41, 1000}) {
            QVERIFY(productRows(rows, scalar, at::kCPU) >= rows);
        }
        QCOMPARE(productRows(41, at::kDouble, at::kCPU), std::int64_t {41});
    }

    // Causal, grouped, with a window: softmax(q k^T / sqrt(D)) v of each head, and its gradient.
    void attention_isItsFormula_data()
    {
        QTest::addColumn<int>("window");
        QTest::addColumn<int>("type");
        QTest::addColumn<double>("limit");
        for (const int window : {0, 3}) {
            QTest::addRow("window %d, float64", window)
                << window << static_cast<int>(at::kDouble) << 1e-11;
            QTest::addRow("window %d, float32", window)
                << window << static_cast<int>(at::kFloat) << 1e-5;
        }
    }
    void attention_isItsFormula()
    {
        QFETCH(int, window);
        QFETCH(int, type);
        QFETCH(double, limit);
        const auto scalar = static_cast<at::ScalarType>(type);
        const AttentionShape shape {4, 2, 8, window};
        const std::vector<Segment> segments {{0, 6}, {6, 5}};
        const at::Tensor qkv = normal({11, 8 * 8}).requires_grad_(true);
        const at::Tensor dy = normal({11, 32});
        std::vector<at::Tensor> parts;
        for (const Segment& segment : segments) {
            const std::int64_t t = segment.length;
            const at::Tensor rows =
                qkv.narrow(0, segment.offset, t).view({t, 8, 8}).transpose(0, 1);
            const at::Tensor q = rows.narrow(0, 0, 4);
            const at::Tensor k = rows.narrow(0, 4, 2).repeat_interleave(2, 0);
            const at::Tensor v = rows.narrow(0, 6, 2).repeat_interleave(2, 0);
            at::Tensor hidden = at::ones({t, t}, at::TensorOptions().dtype(at::kBool)).triu(1);
            if (window > 0) {
                hidden = hidden.logical_or(
                    at::ones({t, t}, at::TensorOptions().dtype(at::kBool)).tril(-window));
            }
            const at::Tensor scores =
                (q.matmul(k.transpose(-1, -2)) / std::sqrt(8.0))
                    .masked_fill(hidden, -std::numeric_limits<double>::infinity());
            parts.push_back(scores.softmax(-1).matmul(v).transpose(0, 1).reshape({t, 32}));
        }
        const at::Tensor y = at::cat(parts, 0);
        y.backward(dy);
        const at::Tensor mine = qkv.detach().to(scalar);
        const AttentionSaved saved = attention(mine, segments, shape);
        QVERIFY(near(saved.y_NC, y.detach(), limit));
        QVERIFY(near(attentionBackward(dy.to(scalar), mine, saved, segments, shape), qkv.grad(),
                     10 * limit));
    }
};

QTEST_GUILESS_MAIN(FusedOpsTest)
#include "tst_fused_ops.moc"
