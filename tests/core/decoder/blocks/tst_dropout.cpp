// SPDX-License-Identifier: GPL-3.0-or-later
// Dropout on adapters' inputs. As PEFT's lora_dropout it leaves the mean of what an adapter makes, s B A x, and gives it
// the variance s^2 sum over i of ((B A)_oi x_i)^2 p / (1 - p); masks are judged by that, over many of them.
#include "core/adapter/make_adapter_tensors.h"
#include "core/decoder/blocks/dropout_tensors.h"
#include "core/decoder/decoder_tensors.h"
#include "tests/core/decoder/blocks/finite_differences.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>

using namespace pissarro::core;
using namespace pissarro::tests;

namespace {

constexpr std::int64_t kMasks = 20'000;

at::Tensor masks(const Dropout& dropout, const std::string& module, std::int64_t rows)
{
    return keptNumbers(dropout, module, at::empty({rows, 33}, at::kFloat));
}

// q, k and v of the first layer, an adapter of rank 3 on q and on v.
struct Attended {
    Attended()
        : plan(layerPlan(tiny.config(), 0).attention)
        , projection(tiny.loader.projection({plan.query, plan.key, plan.value}, nullptr))
    {
        attach(0);
        attach(2);
        projection.refresh();
    }
    void attach(std::size_t part)
    {
        const Projection::Part& to = projection.parts()[part];
        projection.attach(
            part, {to.module, normal({3, plan.query.cols}) * 0.3, normal({to.rows, 3}) * 0.3, 0.5});
    }
    at::Tensor rowsOf(const at::Tensor& y_NO, std::size_t part) const
    {
        return y_NO.narrow(1, projection.parts()[part].offset, projection.parts()[part].rows);
    }

    TinyWeights tiny {"llama"};
    AttentionPlan plan;
    Projection projection;
};

struct Trained {
    double loss = 0.0;
    std::vector<at::Tensor> gradients;
};

// One micro-batch of a tiny model with adapters on every matrix.
Trained trainedOnce(const std::shared_ptr<const ModelFiles>& files, const Dropout& dropout,
                    bool checkpointing)
{
    const Backend& by = thisBackend();
    Decoder decoder(files, at::kDouble, by.device, JobContext(), by.plan());
    AdapterSet adapters;
    for (const LinearModule& module : files->linearModules()) {
        Adapter adapter = loraFactors(module, 3, 0.5, 9);
        adapter.b_OR = at::full({module.rows, 3}, 0.05, at::kDouble);
        adapters.push_back(adapter);
    }
    decoder.attach(adapters);
    decoder.setCheckpointing(checkpointing);
    Batch batch {1, 12, {}, {}, {}};
    for (std::int64_t t = 0; t < batch.length; ++t) {
        batch.ids.push_back(3 + 2 * t);
        batch.mask.push_back(1);
        batch.labels.push_back(3 + 2 * t);
    }
    const FlatBatch flat = flatten(batch, by.device);
    const double before = decoder.loss(flat);
    Trained trained;
    trained.loss = decoder.lossAndGradients(flat, 1.0, JobContext(), dropout);
    for (const Trainable* one : decoder.trainables()) {
        trained.gradients.push_back(one->gradient);
    }
    [&] { QCOMPARE(decoder.loss(flat), before); }(); // what only evaluates drops nothing
    return trained;
}

bool areEqual(const Trained& a, const Trained& b)
{
    return a.loss == b.loss && a.gradients.size() == b.gradients.size()
        && std::equal(a.gradients.begin(), a.gradients.end(), b.gradients.begin(),
                      [](const at::Tensor& x, const at::Tensor& y) { return at::equal(x, y); });
}

} // namespace

class DropoutTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase_data() { eachBackend(); }
    void initTestCase() { at::manual_seed(5); }

    void aMask_followsFromItsKey()
    {
        const Dropout one {0.25, 7, 3, 1};
        const at::Tensor mask = masks(one, "q_proj", 4001);
        const int threads = at::get_num_threads();
        at::set_num_threads(1);
        QVERIFY(at::equal(masks(one, "q_proj", 4001), mask));
        at::set_num_threads(threads);
        QVERIFY(at::equal(masks(one, "q_proj", 70), mask.narrow(0, 0, 70)));
        // A token has its mask wherever its micro-batch begins: 33 numbers a row end within a draw.
        for (const std::int64_t before : {1, 2, 777, 4000}) {
            const Dropout later {one.rate, one.seed, one.step, one.before + before};
            QVERIFY(at::equal(masks(later, "q_proj", 4001 - before),
                              mask.narrow(0, before, 4001 - before)));
        }
        const auto count = static_cast<double>(mask.numel());
        const double limit = 6 * std::sqrt(0.25 * 0.75 / count); // of a share, six deviations
        QVERIFY(std::abs(mask.sum().item<double>() / count - 0.75) < limit);
        // Another step, place in it, seed or module: as if thrown anew, so alike in 0.75^2 + 0.25^2 of the places.
        const std::vector<at::Tensor> others {
            masks({0.25, 8, 3, 1}, "q_proj", 4001), masks({0.25, 7, 4, 1}, "q_proj", 4001),
            masks({0.25, 7, 3, 2}, "q_proj", 4001), masks({0.25, 7, 1, 3}, "q_proj", 4001),
            masks(one, "k_proj", 4001)};
        for (const at::Tensor& other : others) {
            const double alike = other.eq(mask).sum().item<double>() / count;
            QVERIFY2(std::abs(alike - 0.625) < 6 * std::sqrt(0.625 * 0.375 / count),
                     qPrintable(QString::number(alike)));
        }
    }

    void theMeanAndTheVariance_areThoseOfTheFormula()
    {
        PISSARRO_NEEDS(golden() / "tiny" / "llama");
        Attended on;
        const at::Tensor x = normal({1, on.plan.query.cols});
        const at::Tensor many = x.expand({kMasks, x.size(1)}).contiguous();
        const at::Tensor whole = on.projection.forward(x);
        const double rate = 0.3;
        on.projection.setDropout({rate, 11, 1, 0});
        const at::Tensor dropped = on.projection.forward(many);
        for (const std::size_t part : {0U, 1U, 2U}) {
            const at::Tensor y = on.rowsOf(dropped, part);
            const at::Tensor mean = y.mean(0);
            const at::Tensor want = on.rowsOf(whole, part).squeeze(0);
            if (part == 1) { // without an adapter
                QVERIFY(maxDifference(y, want.expand_as(y)) < 1e-10);
                continue;
            }
            const Adapter& adapter = on.projection.adapters()[part / 2];
            const at::Tensor each = adapter.scale * adapter.b_OR.mm(adapter.a_RI) * x; // [O, I]
            const at::Tensor variance = each.square().sum(1) * (rate / (1 - rate));
            const at::Tensor off =
                (mean - want).abs() / (variance / static_cast<double>(kMasks)).sqrt();
            QVERIFY2(off.max().item<double>() < 6.0,
                     qPrintable(QString::number(off.max().item<double>())));
            const at::Tensor found = (y - mean).square().mean(0);
            QVERIFY((found / variance - 1.0).abs().max().item<double>() < 0.1);
        }
        on.projection.setDropout({});
        QVERIFY(at::equal(on.projection.forward(x), whole));
    }

    // PEFT throws for q and for v apart: what they make does not vary together.
    void adaptersOfOneInput_haveMasksOfTheirOwn()
    {
        PISSARRO_NEEDS(golden() / "tiny" / "llama");
        Attended on;
        const at::Tensor x = normal({1, on.plan.query.cols}).expand({kMasks, -1}).contiguous();
        on.projection.setDropout({0.5, 11, 1, 0});
        const at::Tensor y = on.projection.forward(x);
        const auto first = [&](std::size_t part) {
            const at::Tensor one = on.rowsOf(y, part).select(1, 0);
            const at::Tensor centred = one - one.mean();
            return centred / centred.square().mean().sqrt();
        };
        const double correlation = (first(0) * first(2)).mean().item<double>();
        QVERIFY(std::abs(correlation) < 6 / std::sqrt(static_cast<double>(kMasks)));
    }

    // With one mask, forward and backward.
    void gradients()
    {
        PISSARRO_NEEDS(golden() / "tiny" / "llama");
        Attended on;
        Projection& projection = on.projection;
        projection.setDropout({0.4, 3, 5, 2});
        at::Tensor x = normal({7, on.plan.query.cols});
        at::Tensor low;
        const at::Tensor y = projection.forward(x, {}, &low);
        const at::Tensor dy = normal(y.sizes());
        const auto gradient = projection.inputGradient(dy, true);
        projection.addGradients(dy, x, low, gradient.ds_NR);
        const auto f = [&] { return (projection.forward(x) * dy).sum().item<double>(); };
        QVERIFY(worst(x, gradient.dx_NI, f) < kBlockLimit);
        std::vector<Trainable*> trained;
        projection.collect(trained);
        QCOMPARE(trained.size(), std::size_t {4});
        for (Trainable* one : trained) {
            const double off = worst(one->value, one->gradient, [&] {
                projection.refresh();
                return f();
            });
            QVERIFY2(off < kBlockLimit, (one->name + ": " + std::to_string(off)).c_str());
        }
    }

    // A frozen term is a part of the weight: nothing of it is dropped, nor of its gradient.
    void whatCompletesAWeight_staysWhole()
    {
        PISSARRO_NEEDS(golden() / "tiny" / "llama");
        Attended on;
        Projection& projection = on.projection;
        projection.detachAll();
        const Projection::Part part = projection.parts()[0];
        projection.complete(0,
                            {part.module, normal({5, on.plan.query.cols}) * 0.3,
                             normal({part.rows, 5}) * 0.3, 0.5});
        const at::Tensor a = normal({3, on.plan.query.cols});
        projection.attach(0, {part.module, a, at::zeros({part.rows, 3}, a.options()), 0.5});
        projection.refresh();
        const at::Tensor x = normal({7, on.plan.query.cols});
        const at::Tensor y = projection.forward(x);
        const at::Tensor dy = normal(y.sizes());
        const at::Tensor dx = projection.inputGradient(dy, true).dx_NI;
        projection.setDropout({0.4, 3, 5, 2});
        QVERIFY(maxDifference(projection.forward(x), y) < 1e-12); // B is 0
        QVERIFY(maxDifference(projection.inputGradient(dy, true).dx_NI, dx) < 1e-12);
    }

    void aMicroBatch_repeats()
    {
        PISSARRO_NEEDS(golden() / "tiny" / "llama");
        const auto files = ModelFiles::open(golden() / "tiny" / "llama");
        const Trained none = trainedOnce(files, {}, false);
        QVERIFY(areEqual(trainedOnce(files, {0.0, 7, 2, 1}, false), none)); // the bits without it
        const Trained dropped = trainedOnce(files, {0.2, 7, 2, 1}, false);
        QVERIFY(dropped.loss != none.loss);
        QVERIFY(areEqual(trainedOnce(files, {0.2, 7, 2, 1}, false), dropped));
        QVERIFY(areEqual(trainedOnce(files, {0.2, 7, 2, 1}, true), dropped)); // computed again
        QVERIFY(trainedOnce(files, {0.2, 7, 2, 2}, false).loss != dropped.loss);
        QVERIFY(trainedOnce(files, {0.2, 7, 3, 1}, false).loss != dropped.loss);
    }

    // In bfloat16, by the backend's own products: the mean again, within its roundings.
    void inBfloat16_theMeanStays()
    {
        const Backend& by = thisBackend();
        const auto options = at::TensorOptions().dtype(at::kBFloat16).device(by.device);
        Projection projection({{"m", 0, 24, -1, 0, {}}}, 64, options, by.ops());
        projection.heldWeight(0).zero_();
        const at::Tensor a = normal({4, 64}) * 0.2;
        projection.attach(0, {"m", a, normal({24, 4}), 1.0});
        projection.refresh();
        const at::Tensor x = normal({1, 64}).to(at::kBFloat16).expand({4000, 64}).contiguous();
        const at::Tensor want = projection.forward(x.narrow(0, 0, 1)).to(at::kDouble).squeeze(0);
        projection.setDropout({0.25, 5, 1, 0});
        const at::Tensor y = projection.forward(x).to(at::kDouble);
        const at::Tensor deviation = (y - y.mean(0)).square().mean(0).sqrt();
        QVERIFY(deviation.gt(0.0).all().item<bool>());
        const at::Tensor off = (y.mean(0) - want).abs();
        const at::Tensor allowed = deviation * (6 / std::sqrt(4000.0)) + want.abs() / 128;
        QVERIFY(off.le(allowed + 1e-3).all().item<bool>());
    }
};

QTEST_GUILESS_MAIN(DropoutTest)
#include "tst_dropout.moc"
