// SPDX-License-Identifier: GPL-3.0-or-later
// The decoder against transformers (golden/tiny, made by golden/scripts/make_tiny.py): logits,
// losses, hidden states, every stored gradient, padding, greedy decoding. Tolerance 1e-4 on logits:
// float32 and float64 of the peer differ by at most 1.4e-6, one wrong feature changes them by 6e-3
// and more.
#include "core/base/machine_memory.h"
#include "core/decoder/decoder_tensors.h"
#include "core/train/memory_estimate.h"
#include "tests/core/decoder/ops/backends.h"
#include "tests/tools/golden.h"

#include <ATen/ATen.h>

using namespace pissarro::core;
using namespace pissarro::tests;

class TestDecoder : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void equalsTransformers_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<int>("backend");
        for (const char* name :
             {"llama", "llama-bias-tied", "llama-rope-linear", "llama3-rope-scaled", "mistral-gqa",
              "mistral-swa16", "mistral-headdim24", "gemma", "gemma-gelu", "qwen2", "qwen3"}) {
            if (std::filesystem::exists(golden() / "tiny" / name)) { // no golden folder has all
                addRows(name, name);
            }
        }
    }

    void equalsTransformers()
    {
        QFETCH(QString, name);
        QFETCH(int, backend);
        const Backend& by = presentBackends()[static_cast<std::size_t>(backend)];
        const auto directory = golden() / "tiny" / name.toStdString();
        const Golden want(directory / "golden.safetensors");
        const auto files = ModelFiles::open(directory);
        Decoder decoder(files, at::kFloat, by.device, JobContext(), by.plan());
        const at::Tensor ids = want["input_ids"];
        const at::Tensor labels = want["labels"];
        checkBelow(maxDifference(decoder.logits(ids, {}), want["logits"]), 1e-4, "logits");
        checkBelow(
            maxDifference(decoder.logits(want["padded.input_ids"], want["padded.attention_mask"]),
                          want["padded.logits"]),
            1e-4, "padded logits");
        const FlatBatch batch = flatten(toBatch(ids, labels, at::ones_like(ids)), by.device);
        const FlatBatch padded = flatten(
            toBatch(want["padded.input_ids"], want["padded.labels"], want["padded.attention_mask"]),
            by.device);
        checkBelow(std::abs(decoder.loss(batch) - want["loss"].item<double>()), 1e-5, "loss");
        checkBelow(std::abs(decoder.loss(padded) - want["padded.loss"].item<double>()), 1e-5,
                   "padded loss");
        const auto hidden = decoder.hiddenStates(batch);
        for (std::size_t i = 0; i < hidden.size(); ++i) {
            checkBelow(maxDifference(hidden[i].cpu().view(want["hidden.0"].sizes()),
                                     want["hidden." + std::to_string(i)]),
                       1e-4, "hidden state " + std::to_string(i));
        }
    }

    void gradientsEqualTransformers_data() { equalsTransformers_data(); }

    void gradientsEqualTransformers()
    {
        QFETCH(QString, name);
        QFETCH(int, backend);
        const Backend& by = presentBackends()[static_cast<std::size_t>(backend)];
        const auto directory = golden() / "tiny" / name.toStdString();
        const Golden want(directory / "golden.safetensors");
        Decoder decoder(ModelFiles::open(directory), at::kFloat, by.device, JobContext(),
                        by.plan());
        decoder.trainWeights([](const std::string&) { return true; });
        const at::Tensor ids = want["input_ids"];
        const FlatBatch batch =
            flatten(toBatch(ids, want["labels"], at::ones_like(ids)), by.device);
        checkBelow(std::abs(decoder.lossAndGradients(batch, 1.0, JobContext())
                            - want["loss"].item<double>()),
                   1e-5, "loss");
        double squares = 0.0;
        int norms = 0;
        int whole = 0;
        for (const Trainable* trainable : decoder.trainables()) {
            const double norm = trainable->gradient.norm().item<double>();
            squares += norm * norm;
            if (want.has("gradnorm." + trainable->name)) {
                const double wanted = want["gradnorm." + trainable->name].item<double>();
                checkBelow(std::abs(norm - wanted) / std::max(wanted, 1e-6), 1e-4,
                           "norm of " + trainable->name);
                ++norms;
            }
            if (want.has("grad." + trainable->name)) {
                checkBelow(
                    relativeDifference(trainable->gradient.cpu(), want["grad." + trainable->name]),
                    1e-4, trainable->name);
                ++whole;
            }
        }
        QCOMPARE(whole, 5);
        QCOMPARE(norms, static_cast<int>(decoder.trainables().size()));
        const double total = want["gradnorm.total"].item<double>();
        checkBelow(std::abs(std::sqrt(squares) - total) / total, 1e-4, "total gradient norm");
    }

    void greedyEqualsTransformers_data() { equalsTransformers_data(); }

    void greedyEqualsTransformers()
    {
        QFETCH(QString, name);
        QFETCH(int, backend);
        const Backend& by = presentBackends()[static_cast<std::size_t>(backend)];
        const auto directory = golden() / "tiny" / name.toStdString();
        const at::Tensor want = Golden(directory / "golden.safetensors")["greedy"][0].contiguous();
        const Decoder decoder(ModelFiles::open(directory), at::kFloat, by.device, JobContext(),
                              by.plan());
        const auto* ids = want.const_data_ptr<std::int64_t>();
        KvCache cache;
        at::Tensor logits = decoder.feed({std::vector<std::int32_t>(ids, ids + 10)}, cache)[0];
        for (std::int64_t i = 10; i < want.numel(); ++i) {
            const auto next = logits.argmax().item<std::int64_t>();
            QCOMPARE(next, ids[i]);
            logits = decoder.feed({std::vector {static_cast<std::int32_t>(next)}}, cache)[0];
        }
    }

    void batchEqualsItsRowsAlone_data()
    {
        equalsTransformers_data();
        addRows("llama, bfloat16", "llama");
    }

    // Sequences of different length, one of them dropped on the way, against each by itself: prefill, single tokens
    // and a chunk. In bfloat16, where a batch is filled up, two of its places (logits below 1).
    void batchEqualsItsRowsAlone()
    {
        QFETCH(QString, name);
        QFETCH(int, backend);
        const Backend& by = presentBackends()[static_cast<std::size_t>(backend)];
        const bool narrow = QByteArray(QTest::currentDataTag()).contains("bfloat16,");
        const auto directory = golden() / "tiny" / name.toStdString();
        const at::Tensor ids = Golden(directory / "golden.safetensors")["greedy"][0].contiguous();
        const auto* first = ids.const_data_ptr<std::int64_t>();
        const Decoder decoder(ModelFiles::open(directory), narrow ? at::kBFloat16 : at::kFloat,
                              by.device, JobContext(), by.plan());
        const auto tokens = [&](std::int64_t from, std::int64_t count) {
            return std::vector<std::int32_t>(first + from, first + from + count);
        };
        std::vector<std::vector<std::int32_t>> next {tokens(0, 3), tokens(1, 20), tokens(5, 11)};
        std::vector<KvCache> alone(3);
        std::vector<std::size_t> active {0, 1, 2};
        KvCache together;
        for (int step = 0; step < 12; ++step) {
            const at::Tensor logits = decoder.feed(next, together);
            for (std::size_t row = 0; row < active.size(); ++row) {
                const at::Tensor single = decoder.feed({next[row]}, alone[active[row]])[0];
                checkBelow(maxDifference(logits[static_cast<std::int64_t>(row)], single),
                           narrow ? 1.6e-2 : 1e-5, "logits of step " + std::to_string(step));
            }
            if (step == 4) {
                active = {2, 0}; // one has ended, the others change places
                together.keep({2, 0});
            }
            next.clear();
            for (const std::size_t sequence : active) {
                const auto place = static_cast<std::int64_t>(sequence) + step;
                next.push_back(tokens(place, step == 7 ? 4 : 1));
            }
        }
        QCOMPARE(together.lengths[1], 3 + 11 + 3);
    }

    // Prompts of a length each: nothing that is made for a length stays. 120 of them held 200 MB of LibTorch's code where
    // the large products in bfloat16 are its own.
    void promptsOfManyLengths_holdNoMore()
    {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
        QSKIP("sanitizers hold memory of their own");
#endif
        const auto files = ModelFiles::open(golden() / "tiny" / "llama");
        const Decoder decoder(files, at::kBFloat16, at::kCPU, JobContext());
        std::vector<std::int64_t> held; // after each prompt
        for (std::size_t size = 150; size > 1;
             --size) { // a prompt's length, and sequences of one token more
            KvCache cache;
            decoder.feed({std::vector<std::int32_t>(size, 5)}, cache);
            decoder.feed({{5}}, cache);
            KvCache many;
            for (int step = 0; step < 2; ++step) {
                decoder.feed(std::vector(size, std::vector<std::int32_t> {5}), many);
            }
            held.push_back(processMemoryBytes());
        }
        const std::int64_t more = (held.back() - held[20]) >> 20;
        QVERIFY2(more < 40, qPrintable(QStringLiteral("%1 MB more").arg(more)));
    }

    // A twin on the weights of another decoder: in place but for what either changes, and the same numbers.
    void usesADonorsWeights()
    {
        const auto directory = golden() / "tiny" / "llama";
        const auto files = ModelFiles::open(directory);
        const Decoder donor(files, at::kFloat, at::kCPU, JobContext());
        const std::string changed = "model.layers.0.self_attn.v_proj";
        Decoder twin(
            files, at::kFloat, at::kCPU, JobContext(),
            {&donor, [&](const std::string& module) { return module != changed; }, {}, {}});
        const auto isShared = [&](const std::string& module) {
            return twin.weightOf(module).is_alias_of(donor.weightOf(module));
        };
        QVERIFY(!isShared(changed));
        QVERIFY(!isShared("model.layers.0.self_attn.q_proj")); // stacked with it
        QVERIFY(isShared("model.layers.0.mlp.up_proj"));
        QVERIFY(isShared("model.layers.1.self_attn.v_proj"));
        const at::Tensor ids = Golden(directory / "golden.safetensors")["input_ids"];
        const at::Tensor before = donor.logits(ids, {});
        QVERIFY(at::equal(twin.logits(ids, {}), before));
        twin.heldWeight(changed).zero_();
        QVERIFY(!at::equal(twin.logits(ids, {}), before));
        QVERIFY(at::equal(donor.logits(ids, {}), before));
    }

    // Weights that are made for each product: the same numbers, and nothing to write to.
    void makesItsWeights()
    {
        const auto directory = golden() / "tiny" / "llama";
        const auto files = ModelFiles::open(directory);
        const Decoder held(files, at::kFloat, at::kCPU, JobContext());
        std::map<std::string, int> made;
        WeightPlan plan;
        plan.makes = [&](const std::string& module) -> WeightMaker {
            if (module.ends_with("k_proj")) {
                return {}; // held beside its neighbours
            }
            return [&, module](at::Tensor& out_OI) {
                ++made[module];
                out_OI.copy_(held.weightOf(module));
            };
        };
        const Decoder decoder(files, at::kFloat, at::kCPU, JobContext(), plan);
        const at::Tensor ids = Golden(directory / "golden.safetensors")["input_ids"];
        QVERIFY(at::equal(decoder.logits(ids, {}), held.logits(ids, {})));
        QVERIFY(made["model.layers.1.mlp.down_proj"] > 0);
        QCOMPARE(made.size(), files->linearModules().size() / 7 * 6);
        QVERIFY_THROWS_EXCEPTION(Error, decoder.heldWeight("model.layers.0.mlp.up_proj"));
    }

private:
    // One for each backend: "llama, avx2".
    static void addRows(const char* title, const char* name)
    {
        for (std::size_t i = 0; i < presentBackends().size(); ++i) {
            QTest::newRow((title + (", " + presentBackends()[i].name)).c_str())
                << QString::fromLatin1(name) << static_cast<int>(i);
        }
    }
    static void checkBelow(double found, double limit, const std::string& what)
    {
        QVERIFY2(
            found <= limit,
            (what + " differs by " + std::to_string(found) + ", at most " + std::to_string(limit))
                .c_str());
    }
};

QTEST_GUILESS_MAIN(TestDecoder)
#include "tst_decoder.moc"
