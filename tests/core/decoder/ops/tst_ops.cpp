// SPDX-License-Identifier: GPL-3.0-or-later
// Every backend of this machine, in each type that it is given, against LibTorch's formulas in float64 on the same numbers,
// which the finite differences of blocks/ hold. Limits are of || a - b || / || b ||: sums in another order, exponentials
// of our own (float32: 2e-5), roundings of bfloat16 (half a place is 2e-3 of a number, some of them one after the other).
#include "core/decoder/decoder_tensors.h"
#include "tests/core/decoder/ops/backends.h"
#include "tests/tools/golden.h"

#include <ATen/ATen.h>

#include <cmath>

using namespace pissarro::core;
using namespace pissarro::tests;

namespace {

const Ops& exactOps()
{
    return opsFor(at::kCPU, kernels::Operations::LibTorch);
}

at::Tensor exact(const at::Tensor& t)
{
    return t.defined() ? t.cpu().to(at::kDouble) : t;
}

void checkNear(const at::Tensor& got, const at::Tensor& want, double limit, const char* what)
{
    const double off = relativeDifference(got.cpu(), want);
    QVERIFY2(off < limit, qPrintable(QStringLiteral("%1: %2").arg(QLatin1String(what)).arg(off)));
}

// Numbers of a test's type, where its backend computes.
struct Numbers {
    at::ScalarType type;

    at::Tensor operator()(at::IntArrayRef shape) const
    {
        return at::randn(shape, at::kDouble).to(type).to(thisBackend().device);
    }
};

at::Tensor placed(const at::Tensor& t)
{
    return t.to(thisBackend().device);
}

} // namespace

class TestOps : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase_data() { eachBackend(); }
    void initTestCase() { at::manual_seed(5); }

    void isChosenByNameAndDevice()
    {
        for (const kernels::Operations one : kernels::presentOperations()) {
            QCOMPARE(opsFor(at::kCPU, one).name(), kernels::operationsName(one));
        }
        QCOMPARE(&opsFor(at::kCPU), &opsFor(at::kCPU, kernels::operations()));
        QCOMPARE(opsFor(at::Device(at::kCUDA, 0)).name(), std::string_view("libtorch"));
    }

    // Several in one process: a decoder computes with what it was made with, also on the weights of another.
    void aDecoder_keepsItsOwn()
    {
        PISSARRO_NEEDS(golden() / "tiny" / "llama");
        const auto files = ModelFiles::open(golden() / "tiny" / "llama");
        const Backend& by = thisBackend();
        const Decoder plain(files, at::kFloat, at::kCPU, JobContext(),
                            presentBackends().front().plan());
        const Decoder decoder(files, at::kFloat, by.device, JobContext(), by.plan());
        QCOMPARE(&decoder.ops(), &by.ops());
        const at::Tensor ids = at::arange(3, 23, at::kLong).unsqueeze(0);
        const at::Tensor logits = decoder.logits(ids, {});
        checkNear(logits, exact(plain.logits(ids, {})), 1e-4, "logits");
        if (!by.device.is_cpu()) {
            return; // a twin shares weights of its own device
        }
        WeightPlan plan = by.plan();
        plan.donor = &plain;
        const Decoder twin(files, at::kFloat, at::kCPU, JobContext(), plan);
        QVERIFY(at::equal(twin.logits(ids, {}), logits));
    }

    void types_data()
    {
        QTest::addColumn<int>("type");
        QTest::addColumn<double>("limit");
        QTest::newRow("float64") << static_cast<int>(at::kDouble) << 1e-9;
        QTest::newRow("float32") << static_cast<int>(at::kFloat) << 2e-5;
        QTest::newRow("bfloat16") << static_cast<int>(at::kBFloat16) << 1e-2;
    }
    void types()
    {
        QFETCH(int, type);
        const Numbers numbers {static_cast<at::ScalarType>(type)};
        QCOMPARE(numbers({2, 3}).scalar_type(), numbers.type);
        const Ops& ops = theseOps();
        for (const std::int64_t rows : {0, 1, 40, 41, 1000}) {
            const std::int64_t filled = ops.productRows(rows, numbers.type);
            QVERIFY(filled >= rows && filled <= rows + std::max<std::int64_t>(16, rows / 8));
        }
    }

    void norms_data() { types_data(); }
    void norms()
    {
        QFETCH(int, type);
        QFETCH(double, limit);
        const Numbers numbers {static_cast<at::ScalarType>(type)};
        const Ops& ops = theseOps();
        const at::Tensor x = numbers({9, 40});
        const at::Tensor w = numbers({40});
        const at::Tensor dy = numbers({9, 40});
        const Normed got = ops.rmsNorm(x, w, 1e-6, 1.0);
        const Normed want = exactOps().rmsNorm(exact(x), exact(w), 1e-6, 1.0);
        checkNear(got.y_ND, want.y_ND, limit, "norm");
        checkNear(got.rstd_N, want.rstd_N, limit, "rstd");
        at::Tensor dx = dy.clone();
        at::Tensor wanted = exact(dy);
        ops.rmsNormBackward(dy, x, got.rstd_N, w, 1.0, dx);
        exactOps().rmsNormBackward(exact(dy), exact(x), want.rstd_N, exact(w), 1.0, wanted);
        checkNear(dx, wanted, limit, "gradient");
        checkNear(ops.rmsNormWeightGradient(dy, x, got.rstd_N),
                  exactOps().rmsNormWeightGradient(exact(dy), exact(x), want.rstd_N), limit,
                  "gradient of the weight");
    }

    void rotations_data() { types_data(); }
    void rotations()
    {
        QFETCH(int, type);
        QFETCH(double, limit);
        const Numbers numbers {static_cast<at::ScalarType>(type)};
        const at::Tensor angles = at::rand({16, 6}, at::kFloat) * 6;
        const RotaryTable table {placed(angles.cos()), placed(angles.sin())};
        const RotaryTable onCpu {angles.cos(), angles.sin()};
        const at::Tensor positions = at::arange(5, at::kLong) * 3;
        const at::Tensor before = numbers({5, 36});
        for (const double direction : {1.0, -1.0}) {
            at::Tensor x = before.clone(); // two heads turn, the third stays
            at::Tensor want = exact(before);
            theseOps().rotate(x, placed(positions), table, 2, direction);
            exactOps().rotate(want, positions, onCpu, 2, direction);
            checkNear(x, want, limit, "rotated");
            QVERIFY(at::equal(x.narrow(1, 24, 12), before.narrow(1, 24, 12)));
        }
    }

    void gates_data() { types_data(); }
    void gates()
    {
        QFETCH(int, type);
        QFETCH(double, limit);
        const Numbers numbers {static_cast<at::ScalarType>(type)};
        const at::Tensor ab = numbers({5, 38});
        const at::Tensor dy = numbers({5, 19});
        for (const Activation kind :
             {Activation::Silu, Activation::GeluTanh, Activation::GeluErf}) {
            const at::Tensor want = exactOps().gated(exact(ab), kind);
            checkNear(theseOps().gated(ab, kind), want, limit, "gate");
            const GatedGradient got = theseOps().gatedBackward(ab, dy, kind);
            checkNear(got.out_NF, want, limit, "gate again");
            checkNear(got.dab_N2F, exactOps().gatedBackward(exact(ab), exact(dy), kind).dab_N2F,
                      limit, "gradient");
        }
    }

    void losses_data() { types_data(); }
    void losses()
    {
        QFETCH(int, type);
        QFETCH(double, limit);
        const Numbers numbers {static_cast<at::ScalarType>(type)};
        const at::Tensor logits = numbers({6, 133});
        const at::Tensor labels = at::randint(133, {6}, at::kLong);
        checkNear(theseOps().crossEntropyPerRow(logits.clone(), placed(labels)),
                  exactOps().crossEntropyPerRow(exact(logits), labels), limit, "rows");
        for (const double scale : {0.0, 0.25}) {
            at::Tensor got = logits.clone();
            at::Tensor want = exact(logits);
            const double loss = theseOps().crossEntropyInPlace(got, placed(labels), scale);
            const double wanted = exactOps().crossEntropyInPlace(want, labels, scale);
            QVERIFY(std::abs(loss - wanted) < limit * wanted);
            checkNear(got, want, limit, "gradient");
        }
    }

    void products_data() { types_data(); }
    void products()
    {
        QFETCH(int, type);
        QFETCH(double, limit);
        const Numbers numbers {static_cast<at::ScalarType>(type)};
        for (const Side side : {Side::Rows, Side::Columns}) {
            const auto weight = [&](std::int64_t rows, std::int64_t columns) {
                return side == Side::Rows ? numbers({rows, columns}) : numbers({columns, rows});
            };
            for (const std::int64_t rows : {1, 7, 40, 90}) { // few, and many
                const at::Tensor x = numbers({rows, 48});
                const at::Tensor w = weight(35, 48);
                const ExtraTerm extra {numbers({rows, 6}), weight(35, 6)};
                const ExtraTerm wide {exact(extra.x_NR), exact(extra.w)};
                const at::Tensor bias = numbers({35});
                const at::Tensor add = numbers({rows, 35});
                checkNear(theseOps().product(x, w, side),
                          exactOps().product(exact(x), exact(w), side), limit, "product");
                checkNear(
                    theseOps().product(x, w, side, extra, bias, add),
                    exactOps().product(exact(x), exact(w), side, wide, exact(bias), exact(add)),
                    limit, "product and what is added");
            }
        }
        const at::Tensor a = numbers({90, 13});
        const at::Tensor b = numbers({90, 20});
        const at::ScalarType master = numbers.type == at::kDouble ? at::kDouble : at::kFloat;
        at::Tensor g = placed(at::ones({13, 20}, master));
        at::Tensor want = at::ones({13, 20}, at::kDouble);
        theseOps().addOuterProduct(g, a, b, 0.25);
        exactOps().addOuterProduct(want, exact(a), exact(b), 0.25);
        checkNear(g, want, limit, "outer product");
    }

    void attends_data()
    {
        QTest::addColumn<int>("type");
        QTest::addColumn<double>("limit");
        QTest::addColumn<int>("window");
        for (const int window : {0, 5}) {
            const auto row = [window](const char* type) -> QTestData& {
                return QTest::newRow((type + (", window " + std::to_string(window))).c_str());
            };
            row("float64") << static_cast<int>(at::kDouble) << 1e-9 << window;
            row("float32") << static_cast<int>(at::kFloat) << 2e-5 << window;
            row("bfloat16") << static_cast<int>(at::kBFloat16) << 2e-2 << window;
        }
    }
    void attends()
    {
        QFETCH(int, type);
        QFETCH(double, limit);
        QFETCH(int, window);
        const Numbers numbers {static_cast<at::ScalarType>(type)};
        const Ops& ops = theseOps();
        const AttentionShape shape {4, 2, 16, window};
        const std::vector<Segment> segments {{0, 9}, {9, 1}, {10, 23}};
        const at::Tensor qkv = numbers({33, 128});
        const at::Tensor dy = numbers({33, 64});
        const AttentionSaved got = ops.attention(qkv, segments, shape);
        const AttentionSaved want = exactOps().attention(exact(qkv), segments, shape);
        checkNear(got.y_NC, want.y_NC, limit, "attention");
        checkNear(ops.attentionBackward(dy, qkv, got, segments, shape),
                  exactOps().attentionBackward(exact(dy), exact(qkv), want, segments, shape), limit,
                  "gradient");
        at::Tensor mask = at::ones({33}, at::kLong);
        mask.narrow(0, 0, 4).zero_();
        checkNear(ops.attention(qkv, {{0, 33}}, shape, placed(mask)).y_NC.narrow(0, 4, 29),
                  exactOps().attention(exact(qkv), {{0, 33}}, shape, mask).y_NC.narrow(0, 4, 29),
                  limit, "attention to some keys");
    }

    void attendsToWhatIsKept_data() { attends_data(); }
    void attendsToWhatIsKept()
    {
        QFETCH(int, type);
        QFETCH(double, limit);
        QFETCH(int, window);
        const Numbers numbers {static_cast<at::ScalarType>(type)};
        const AttentionShape shape {4, 2, 16, window};
        const at::Tensor q = numbers({3, 4, 16});
        const at::Tensor k = numbers({2, 11, 16});
        const at::Tensor v = numbers({2, 11, 16});
        checkNear(theseOps().attentionCached(q, k, v, shape),
                  exactOps().attentionCached(exact(q), exact(k), exact(v), shape), limit, "chunk");
        const at::Tensor keys = numbers({3, 2, 12, 16});
        const at::Tensor values = numbers({3, 2, 12, 16});
        for (const std::vector<std::int64_t>& lengths :
             {std::vector<std::int64_t> {12, 7, 1}, std::vector<std::int64_t> {12, 12, 12}}) {
            checkNear(
                theseOps().attentionOfOne(q, keys, values, lengths, shape),
                exactOps().attentionOfOne(exact(q), exact(keys), exact(values), lengths, shape),
                limit, "one token");
        }
    }
};

QTEST_GUILESS_MAIN(TestOps)
#include "tst_ops.moc"
