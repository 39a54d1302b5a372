// SPDX-License-Identifier: GPL-3.0-or-later
// The bfloat16 kernels against the same formulas in float64 on the same bfloat16 numbers. Limits: a product may be off
// by the rounding of its result (2^-8 of it) and a float32 sum; attention, whose probabilities are rounded too, by no
// more than 1.25 times what LibTorch's own bfloat16 kernel is off by (root mean square).
#include "core/decoder/ops/ops_tensors.h"
#include "tests/tools/golden.h"

#include <ATen/Parallel.h>

#include <algorithm>

using namespace pissarro::core;
using namespace pissarro::tests;

namespace {

// Of AVX512-BF16 also where LibTorch has matrix tiles and would make the large products: here ours are judged.
const Ops& ours()
{
    return opsFor(at::kCPU, kernels::Operations::Avx512Bf16);
}

at::Tensor random(std::int64_t rows, std::int64_t columns)
{
    return at::randn({rows, columns}).to(at::kBFloat16);
}

at::Tensor wide(const at::Tensor& t)
{
    return t.to(at::kDouble);
}

// Largest |y - exact| in units of what rounding allows: 1 is the limit.
double excess(const at::Tensor& y, const at::Tensor& exact, double depth)
{
    const at::Tensor allowed = exact.abs() / 256 + 1e-5 * std::sqrt(depth);
    return ((wide(y) - exact).abs() / allowed).max().item<double>();
}

double rms(const at::Tensor& y, const at::Tensor& exact)
{
    return (wide(y) - exact).square().mean().sqrt().item<double>();
}

// dqkv by the formula in float64.
at::Tensor exactGradient(const at::Tensor& dy, const at::Tensor& qkv,
                         const std::vector<Segment>& segments, const AttentionShape& shape)
{
    const Ops& ops = opsFor(at::kCPU, kernels::Operations::LibTorch);
    return ops.attentionBackward(wide(dy), wide(qkv), ops.attention(wide(qkv), segments, shape),
                                 segments, shape);
}

struct Peer {
    at::Tensor y;
    at::Tensor dqkv;
};

// LibTorch's own kernels in bfloat16, of one segment.
Peer byLibTorch(const at::Tensor& dy, const at::Tensor& qkv, const AttentionShape& shape)
{
    const std::int64_t length = qkv.size(0);
    const std::int64_t groups = shape.heads / shape.kvHeads;
    const auto headsOf = [&](const at::Tensor& t, std::int64_t first, std::int64_t count) {
        return t.narrow(1, first * shape.headDim, count * shape.headDim)
            .unflatten(1, {count, shape.headDim})
            .transpose(0, 1)
            .unsqueeze(0);
    };
    const at::Tensor q = headsOf(qkv, 0, shape.heads);
    const at::Tensor k = headsOf(qkv, shape.heads, shape.kvHeads).repeat_interleave(groups, 1);
    const at::Tensor v =
        headsOf(qkv, shape.heads + shape.kvHeads, shape.kvHeads).repeat_interleave(groups, 1);
    std::optional<at::Tensor> mask;
    if (shape.window > 0) {
        const at::Tensor ones = at::ones({length, length}, at::kBool);
        mask = at::zeros({length, length}, qkv.options())
                   .masked_fill_((ones.tril() & ones.triu(1 - shape.window)).logical_not(),
                                 -std::numeric_limits<double>::infinity());
    }
    const auto [y, lse] =
        at::_scaled_dot_product_flash_attention_for_cpu(q, k, v, 0.0, !mask, mask);
    const auto [dq, dk, dv] = at::_scaled_dot_product_flash_attention_for_cpu_backward(
        headsOf(dy, 0, shape.heads), q, k, v, y, lse, 0.0, !mask, mask);
    const auto fold = [](const at::Tensor& t) { return t.squeeze(0).transpose(0, 1).flatten(1); };
    const auto sumOfGroups = [&](const at::Tensor& t) {
        return t.unflatten(1, {shape.kvHeads, groups}).sum(2);
    };
    return {fold(y), at::cat({fold(dq), fold(sumOfGroups(dk)), fold(sumOfGroups(dv))}, 1)};
}

} // namespace

class TestBf16Kernels : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        const auto& present = kernels::presentOperations();
        if (std::find(present.begin(), present.end(), kernels::Operations::Avx512Bf16)
            == present.end()) {
            QSKIP("this processor has no AVX512-BF16");
        }
        at::manual_seed(11);
    }

    void product_data()
    {
        QTest::addColumn<int>("rows");
        QTest::addColumn<int>("columns");
        QTest::addColumn<int>("depth");
        QTest::addColumn<int>("rank"); // of the extra term
        QTest::newRow("one tile") << 16 << 48 << 32 << 0;
        QTest::newRow("odd rows, odd columns") << 29 << 131 << 70 << 0;
        QTest::newRow("a width of one") << 17 << 1 << 2 << 2;
        QTest::newRow("SmolLM2 q, k, v") << 203 << 960 << 576 << 48;
        QTest::newRow("deeper than a block") << 601 << 100 << 5000 << 6;
        QTest::newRow("a head backwards") << 40 << 64 << 49152 << 0;
        QTest::newRow("many rows") << 1031 << 52 << 90 << 34;
    }

    void product()
    {
        QFETCH(int, rows);
        QFETCH(int, columns);
        QFETCH(int, depth);
        QFETCH(int, rank);
        for (const Side side : {Side::Rows, Side::Columns}) {
            const bool byRows = side == Side::Rows;
            // Views of wider tensors: the strides are not the widths.
            const at::Tensor x = random(rows, depth + 6).narrow(1, 2, depth);
            const at::Tensor w = byRows ? random(columns, depth) : random(depth, columns);
            at::Tensor exact = byRows ? wide(x).mm(wide(w).t()) : wide(x).mm(wide(w));
            ExtraTerm extra;
            if (rank > 0) {
                extra = {random(rows, rank),
                         byRows ? random(columns, rank) : random(rank, columns)};
                exact = exact + wide(extra.x_NR).mm(byRows ? wide(extra.w).t() : wide(extra.w));
            }
            QVERIFY(excess(ours().product(x, w, side, extra), exact, depth) < 1.0);
            const at::Tensor bias = random(1, columns).squeeze(0);
            const at::Tensor add = random(rows, columns + 3).narrow(1, 1, columns);
            exact = exact + wide(bias) + wide(add);
            QVERIFY(excess(ours().product(x, w, side, extra, bias, add), exact, depth) < 1.0);
        }
    }

    void fewRows_data()
    {
        QTest::addColumn<int>("columns");
        QTest::addColumn<int>("depth");
        QTest::addColumn<int>("rank");
        QTest::newRow("SmolLM2 q, k, v") << 960 << 576 << 48;
        QTest::newRow("odd columns, a cut chunk") << 37 << 70 << 6;
        QTest::newRow("narrower than a tile") << 3 << 2 << 0;
    }

    // Decoding's products: right, and a row's numbers are the same whoever stands beside it.
    void fewRows()
    {
        QFETCH(int, columns);
        QFETCH(int, depth);
        QFETCH(int, rank);
        const at::Tensor x = random(16, depth + 2).narrow(1, 0, depth);
        const at::Tensor w = random(columns, depth);
        const at::Tensor bias = random(1, columns).squeeze(0);
        const at::Tensor add = random(16, columns);
        const at::Tensor low = random(16, std::max(rank, 2));
        const at::Tensor s = random(columns, std::max(rank, 2));
        at::Tensor exact = wide(x).mm(wide(w).t()) + wide(bias) + wide(add);
        if (rank > 0) {
            exact = exact + wide(low).mm(wide(s).t());
        }
        at::Tensor whole;
        for (const std::int64_t rows : {16, 7, 4, 3, 2, 1}) {
            const auto top = [rows](const at::Tensor& t) { return t.narrow(0, 0, rows); };
            const at::Tensor y =
                ours().product(top(x), w, Side::Rows,
                               rank > 0 ? ExtraTerm {top(low), s} : ExtraTerm {}, bias, top(add));
            QVERIFY(excess(y, top(exact), depth) < 1.0);
            whole = whole.defined() ? whole : y;
            QVERIFY(at::equal(y, top(whole)));
        }
    }

    // The tasks are cut by the number of threads: the numbers must not show it.
    void sameForEachThreadCount()
    {
        const at::Tensor x = random(333, 2500);
        const at::Tensor w = random(200, 2500);
        const int threads = at::get_num_threads();
        at::set_num_threads(1);
        const at::Tensor one = ours().product(x, w, Side::Rows);
        at::set_num_threads(5);
        const at::Tensor five = ours().product(x, w, Side::Rows);
        at::set_num_threads(threads);
        QVERIFY(at::equal(one, five));
    }

    void outerProduct_data()
    {
        QTest::addColumn<int>("tokens");
        QTest::addColumn<int>("rows");
        QTest::addColumn<int>("columns");
        QTest::newRow("factor B") << 203 << 192 << 16;
        QTest::newRow("factor A") << 1400 << 48 << 576;
        QTest::newRow("odd everything") << 17 << 3 << 1;
        QTest::newRow("several groups, several blocks") << 2051 << 900 << 70;
    }

    void outerProduct()
    {
        QFETCH(int, tokens);
        QFETCH(int, rows);
        QFETCH(int, columns);
        const at::Tensor a = random(tokens, rows + 5).narrow(1, 3, rows);
        const at::Tensor b = random(tokens, columns + 1).narrow(1, 1, columns);
        const at::Tensor before = at::randn({rows, columns});
        at::Tensor g = before.clone();
        ours().addOuterProduct(g, a, b, 0.25);
        const at::Tensor exact = wide(before) + 0.25 * wide(a).t().mm(wide(b));
        QVERIFY((wide(g) - exact).abs().max().item<double>() < 1e-5 * std::sqrt(tokens));
    }

    void attention_data()
    {
        QTest::addColumn<int>("heads");
        QTest::addColumn<int>("kvHeads");
        QTest::addColumn<int>("headDim");
        QTest::addColumn<int>("window");
        QTest::newRow("SmolLM2") << 9 << 3 << 64 << 0;
        QTest::newRow("one key head") << 4 << 1 << 256 << 0;
        QTest::newRow("no groups") << 2 << 2 << 16 << 0;
        QTest::newRow("head of 80") << 4 << 2 << 80 << 0;
        QTest::newRow("head of 128, a window") << 4 << 2 << 128 << 50;
        QTest::newRow("a window of one") << 2 << 1 << 32 << 1;
    }

    void attention()
    {
        QFETCH(int, heads);
        QFETCH(int, kvHeads);
        QFETCH(int, headDim);
        QFETCH(int, window);
        const AttentionShape shape {heads, kvHeads, headDim, window};
        std::vector<Segment> segments;
        std::int64_t tokens = 0;
        for (const int length : {1, 2, 47, 49, 64, 65, 200, 307}) {
            segments.push_back({tokens, length});
            tokens += length;
        }
        const at::Tensor qkv = random(tokens, (heads + 2 * kvHeads) * headDim);
        const at::Tensor dy = random(tokens, heads * headDim);
        const AttentionSaved saved = ours().attention(qkv, segments, shape);
        QVERIFY(saved.own);
        const at::Tensor y = ours().attention(wide(qkv), segments, shape).y_NC;
        const at::Tensor dqkv = ours().attentionBackward(dy, qkv, saved, segments, shape);
        for (const Segment& segment : segments) {
            const auto part = [&](const at::Tensor& t) {
                return t.narrow(0, segment.offset, segment.length);
            };
            const Peer peer = byLibTorch(part(dy), part(qkv), shape);
            const std::vector<Segment> alone {{0, segment.length}};
            const at::Tensor gradient =
                exactGradient(part(dy).contiguous(), part(qkv).contiguous(), alone, shape);
            const double forward = rms(part(saved.y_NC), part(y)) / rms(peer.y, part(y));
            const double backward = rms(part(dqkv), gradient) / rms(peer.dqkv, gradient);
            QVERIFY2(!(forward > 1.25), qPrintable(QString::number(forward)));
            QVERIFY2(!(backward > 1.25), qPrintable(QString::number(backward)));
            QVERIFY(rms(part(dqkv), gradient)
                    < 0.01 * gradient.square().mean().sqrt().item<double>() + 1e-12);
        }
    }
};

QTEST_GUILESS_MAIN(TestBf16Kernels)
#include "tst_bf16_kernels.moc"
