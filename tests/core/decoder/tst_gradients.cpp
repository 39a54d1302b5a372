// SPDX-License-Identifier: GPL-3.0-or-later
// The whole decoder with adapters and with all weights, against central finite differences in float64. Its blocks alone:
// blocks/tst_*.cpp.
#include "core/adapter/make_adapter_tensors.h"
#include "core/decoder/decoder_tensors.h"
#include "tests/core/decoder/blocks/finite_differences.h"

#include <ATen/Parallel.h>

#include <set>

using namespace pissarro::core;
using namespace pissarro::tests;

class TestGradients : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase_data() { eachBackend(); }
    void initTestCase()
    {
        at::set_num_threads(1); // tiny tensors: a second thread would only wait
        at::manual_seed(5);
    }

    void batchesOfManyLengths_haveFewShapes()
    {
        const Ops& ops = theseOps();
        std::set<std::int64_t> shapes;
        for (std::int64_t rows = 1; rows <= 4096; ++rows) {
            QCOMPARE(ops.productRows(rows, at::kFloat), rows);
            const std::int64_t filled = ops.productRows(rows, at::kBFloat16);
            QVERIFY(filled >= rows && filled - rows < std::max<std::int64_t>(16, rows / 8 + 1));
            shapes.insert(filled);
        }
        QVERIFY(shapes.size() <= 52 || shapes.size() == 4096); // 8 of each octave; our own kernels
        QCOMPARE(ops.productRows(0, at::kBFloat16), std::int64_t {0});
    }

    // On a batch that is filled up in bfloat16: what the tokens that were added learn and teach is nothing.
    void tokensAdded_changeNothing()
    {
        PISSARRO_NEEDS(golden());
        const auto files = ModelFiles::open(golden() / "tiny" / "llama-bias-tied");
        const at::Device device = thisBackend().device;
        Batch batch {1, 37, {}, {}, {}};
        for (std::int64_t t = 0; t < batch.length; ++t) {
            batch.ids.push_back((3 + 7 * t) % files->config().vocabulary);
            batch.mask.push_back(1);
            batch.labels.push_back(t > 9 ? batch.ids.back() : kIgnoreLabel);
        }
        std::vector<at::Tensor> sums;
        std::vector<double> losses;
        for (const at::ScalarType type : {at::kBFloat16, at::kFloat}) {
            Decoder decoder(files, type, device, {}, thisBackend().plan());
            decoder.trainWeights([](const std::string& /*module*/) { return true; });
            losses.push_back(decoder.lossAndGradients(flatten(batch, device), 1.0, {}));
            QVERIFY(std::abs(decoder.loss(flatten(batch, device), {}) - losses.back()) < 1e-3);
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
        for (const char* name : {"llama-bias-tied", "mistral-swa16", "gemma", "qwen2", "qwen3"}) {
            QTest::newRow(name) << QString::fromLatin1(name);
        }
    }

    void wholeDecoder()
    {
        QFETCH(QString, model);
        const bool own = &theseOps() == &opsFor(thisBackend().device);
        if (!own && model != "llama-bias-tied") {
            return; // each family by this process's backend; by the others one, and each block of all: blocks/
        }
        const auto directory = golden() / "tiny" / model.toStdString();
        PISSARRO_NEEDS(directory);
        const auto files = ModelFiles::open(directory);
        const Golden sample(directory / "golden.safetensors");
        const FlatBatch batch = flatten(toBatch(sample["padded.input_ids"], sample["padded.labels"],
                                                sample["padded.attention_mask"]),
                                        thisBackend().device);
        Decoder decoder(files, at::kDouble, thisBackend().device, JobContext(),
                        thisBackend().plan());
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
