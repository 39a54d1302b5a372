// SPDX-License-Identifier: GPL-3.0-or-later
// Every operator that has its own backward pass, against central finite differences in float64 (step 1e-5, so the
// truncation error is about 1e-10): the fused operators alone, and the whole decoder with adapters and with all weights.
#include "core/adapter/make_adapter_tensors.h"
#include "core/decoder/decoder_tensors.h"
#include "core/decoder/ops/products_tensors.h"
#include "tests/tools/golden.h"

#include <ATen/Parallel.h>

#include <functional>
#include <limits>
#include <set>

using namespace pissarro::core;
using namespace pissarro::tests;

namespace {

constexpr double kStep = 1e-5;
constexpr double kLimit = 1e-7;

// Worst difference between `gradient` and central differences of f at 12 spread elements of x, relative to the largest.
double worst(at::Tensor x, const at::Tensor& gradient, const std::function<double()>& f)
{
    at::Tensor flat = x.view(-1);
    const at::Tensor wanted = gradient.reshape(-1);
    const double scale = std::max(1e-12, wanted.abs().max().item<double>());
    double largest = 0.0;
    const std::int64_t stride = std::max<std::int64_t>(1, flat.numel() / 12);
    for (std::int64_t i = 0; i < flat.numel(); i += stride) {
        const double before = flat[i].item<double>();
        flat[i] = before + kStep;
        const double up = f();
        flat[i] = before - kStep;
        const double down = f();
        flat[i] = before;
        largest = std::max(largest,
                           std::abs((up - down) / (2 * kStep) - wanted[i].item<double>()) / scale);
    }
    return largest;
}

at::Tensor normal(at::IntArrayRef shape)
{
    return at::randn(shape, at::kDouble);
}

} // namespace

class TestGradients : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        at::set_num_threads(1); // tiny tensors: a second thread would only wait
        at::manual_seed(5);
    }

    void norm()
    {
        at::Tensor x = normal({7, 12});
        at::Tensor w = normal({12});
        const at::Tensor dy = normal({7, 12});
        for (const double offset : {0.0, 1.0}) {
            const auto f = [&] {
                return (rmsNorm(x, w, 1e-5, offset).y_ND * dy).sum().item<double>();
            };
            const Normed normed = rmsNorm(x, w, 1e-5, offset);
            at::Tensor dx = at::zeros_like(x);
            rmsNormBackward(dy, x, normed.rstd_N, w, offset, dx);
            QVERIFY(worst(x, dx, f) < kLimit);
            QVERIFY(worst(w, rmsNormWeightGradient(dy, x, normed.rstd_N), f) < kLimit);
        }
    }

    void rotation()
    {
        ModelConfig config;
        config.headDim = 8;
        const RotaryTable table = makeRotaryTable(config, 40, at::kCPU);
        const at::Tensor positions =
            at::tensor(std::vector<std::int64_t> {0, 3, 17, 39}, at::kLong);
        at::Tensor x = normal({4, 24}); // two heads turn, the third stays
        const at::Tensor dy = normal({4, 24});
        const auto f = [&] {
            at::Tensor y = x.clone();
            rotate(y, positions, table, 2, 1.0);
            return (y * dy).sum().item<double>();
        };
        at::Tensor dx = dy.clone();
        rotate(dx, positions, table, 2, -1.0);
        QVERIFY(worst(x, dx, f) < kLimit);
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
        const GatedGradient gradient = gatedBackward(ab, dy, kind);
        QVERIFY(
            worst(ab, gradient.dab_N2F, [&] { return (gated(ab, kind) * dy).sum().item<double>(); })
            < kLimit);
        QVERIFY(maxDifference(gradient.out_NF, gated(ab, kind)) < 1e-14);
    }

    void crossEntropy()
    {
        at::Tensor logits = normal({6, 33});
        const at::Tensor labels = at::randint(33, {6}, at::kLong);
        const auto f = [&] {
            at::Tensor copy = logits.clone();
            return 0.25 * crossEntropyInPlace(copy, labels, 0.0);
        };
        at::Tensor gradient = logits.clone();
        crossEntropyInPlace(gradient, labels, 0.25);
        QVERIFY(worst(logits, gradient, f) < kLimit);
        const at::Tensor want =
            -at::log_softmax(logits, 1).gather(1, labels.unsqueeze(1)).squeeze(1);
        QVERIFY(maxDifference(crossEntropyPerRow(logits, labels), want) < 1e-12);
    }

    void attentions_data()
    {
        QTest::addColumn<int>("kvHeads");
        QTest::addColumn<int>("window");
        QTest::newRow("every head its own") << 4 << 0;
        QTest::newRow("grouped") << 2 << 0;
        QTest::newRow("one for all, window") << 1 << 3;
    }

    void attentions()
    {
        QFETCH(int, kvHeads);
        QFETCH(int, window);
        const AttentionShape shape {4, kvHeads, 6, window};
        const std::vector<Segment> segments {{0, 5}, {5, 1}, {6, 7}};
        at::Tensor qkv = normal({13, (4 + 2 * kvHeads) * 6});
        const at::Tensor dy = normal({13, 24});
        const auto f = [&] {
            return (attention(qkv, segments, shape).y_NC * dy).sum().item<double>();
        };
        const at::Tensor dqkv =
            attentionBackward(dy, qkv, attention(qkv, segments, shape), segments, shape);
        QVERIFY(worst(qkv, dqkv, f) < kLimit);
    }

    // A query whose scores are all -inf has no softmax: LibTorch's attention alone would say 0, and hide a broken model.
    void aRowWithoutAScore_isNoNumber_data() { attentions_data(); }
    void aRowWithoutAScore_isNoNumber()
    {
        QFETCH(int, kvHeads);
        QFETCH(int, window);
        const AttentionShape shape {4, kvHeads, 6, window};
        at::Tensor qkv = normal({5, (4 + 2 * kvHeads) * 6}).abs();
        qkv[4][0] = -std::numeric_limits<double>::infinity(); // the last query of head 0
        const std::vector<Segment> one {{0, 5}};
        const at::Tensor y = attention(qkv, one, shape).y_NC.view({5, 4, 6});
        QVERIFY(y[4][0].isnan().all().item<bool>());
        QVERIFY(y.narrow(0, 0, 4).isfinite().all().item<bool>());
        QVERIFY(y[4].narrow(0, 1, 3).isfinite().all().item<bool>());

        const auto headsOf = [&](int first, int count) {
            return qkv.narrow(1, first * 6, count * 6).unflatten(1, {count, 6}).contiguous();
        };
        const at::Tensor q = headsOf(0, 4);
        const at::Tensor k = headsOf(4, kvHeads).transpose(0, 1).contiguous();
        const at::Tensor v = headsOf(4 + kvHeads, kvHeads).transpose(0, 1).contiguous();
        const at::Tensor cached = attentionCached(q.narrow(0, 4, 1), k, v, shape).view({4, 6});
        const at::Tensor kept =
            attentionOfOne(q.narrow(0, 4, 1), k.unsqueeze(0), v.unsqueeze(0), {5}, shape)
                .view({4, 6});
        for (const at::Tensor& each : {cached, kept}) {
            QVERIFY(each[0].isnan().all().item<bool>());
            QVERIFY(maxDifference(each.narrow(0, 1, 3), y[4].narrow(0, 1, 3)) < 1e-12);
        }
    }

    void batchesOfManyLengths_haveFewShapes()
    {
        std::set<std::int64_t> shapes;
        for (std::int64_t rows = 1; rows <= 4096; ++rows) {
            QCOMPARE(productRows(rows, at::kFloat, at::kCPU), rows);
            const std::int64_t filled = productRows(rows, at::kBFloat16, at::kCPU);
            QVERIFY(filled >= rows && filled - rows < std::max<std::int64_t>(16, rows / 8 + 1));
            shapes.insert(filled);
        }
        QVERIFY(shapes.size() <= 52 || shapes.size() == 4096); // 8 of each octave; our own kernels
        QCOMPARE(productRows(0, at::kBFloat16, at::kCPU), std::int64_t {0});
    }

    // On a batch that is filled up in bfloat16: what the tokens that were added learn and teach is nothing.
    void tokensAdded_changeNothing()
    {
        PISSARRO_NEEDS(golden());
        const auto files = ModelFiles::open(golden() / "tiny" / "llama-bias-tied");
        Batch batch {1, 37, {}, {}, {}};
        for (std::int64_t t = 0; t < batch.length; ++t) {
            batch.ids.push_back((3 + 7 * t) % files->config().vocabulary);
            batch.mask.push_back(1);
            batch.labels.push_back(t > 9 ? batch.ids.back() : kIgnoreLabel);
        }
        std::vector<at::Tensor> sums;
        std::vector<double> losses;
        for (const at::ScalarType type : {at::kBFloat16, at::kFloat}) {
            Decoder decoder(files, type, at::kCPU, {});
            decoder.trainWeights([](const std::string& /*module*/) { return true; });
            losses.push_back(decoder.lossAndGradients(flatten(batch, at::kCPU), 1.0, {}));
            QVERIFY(std::abs(decoder.loss(flatten(batch, at::kCPU), {}) - losses.back()) < 1e-3);
            std::vector<at::Tensor> flat;
            for (Trainable* one : decoder.trainables()) {
                flat.push_back(one->sum().to(at::kFloat).flatten());
            }
            sums.push_back(at::cat(flat));
        }
        QVERIFY(std::abs(losses[0] - losses[1]) < 2e-2);
        const double apart = ((sums[0] - sums[1]).norm() / sums[1].norm()).item<double>();
        QVERIFY2(apart < 2e-2,
                 qPrintable(QString::number(apart))); // two bfloat16 places, some layers
    }

    void wholeDecoder_data()
    {
        QTest::addColumn<QString>("model");
        for (const char* name : {"llama-bias-tied", "mistral-swa16", "gemma", "qwen2"}) {
            QTest::newRow(name) << QString::fromLatin1(name);
        }
    }

    void wholeDecoder()
    {
        PISSARRO_NEEDS(golden());
        QFETCH(QString, model);
        const auto directory = golden() / "tiny" / model.toStdString();
        const auto files = ModelFiles::open(directory);
        const Golden sample(directory / "golden.safetensors");
        const FlatBatch batch = flatten(toBatch(sample["padded.input_ids"], sample["padded.labels"],
                                                sample["padded.attention_mask"]),
                                        at::kCPU);
        Decoder decoder(files, at::kDouble, at::kCPU, JobContext());
        AdapterSet adapters;
        for (const LinearModule& module : files->linearModules()) {
            Adapter adapter = loraFactors(module, 3, 0.5, 9);
            adapter.b_OR = normal({module.rows, 3}) * 0.05;
            adapters.push_back(adapter);
        }
        decoder.attach(adapters);
        decoder.trainWeights([](const std::string&) { return true; });
        decoder.refresh();
        decoder.lossAndGradients(batch, 1.0, JobContext());
        const auto f = [&] {
            decoder.refresh();
            return decoder.loss(batch);
        };
        for (const Trainable* trainable : decoder.trainables()) {
            const double off = worst(trainable->value, trainable->gradient, f);
            // Losses of about 6 keep 15 digits: the quotient is good to 1e-10 / gradient.
            const double floor =
                1e-9 / std::max(1e-12, trainable->gradient.abs().max().item<double>());
            QVERIFY2(off < 1e-5 + floor, (trainable->name + ": " + std::to_string(off)).c_str());
        }
    }
};

QTEST_GUILESS_MAIN(TestGradients)
#include "tst_gradients.moc"
