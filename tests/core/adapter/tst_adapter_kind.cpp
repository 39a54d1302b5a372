// SPDX-License-Identifier: GPL-3.0-or-later
// What an adapter is made of, by its kind: its tensors' names and shapes, its term, and the folder that PEFT reads.
#include "core/adapter/adapter_kind.h"
#include "core/adapter/adapter_kind_tensors.h"
#include "core/adapter/adapter_tensors.h"
#include "core/adapter/make_adapter_tensors.h"
#include "core/base/error.h"
#include "tests/cli/tiny_model.h"
#include "tests/core/file/test_files.h"
#include "tests/tools/golden.h"

#include <ATen/ATen.h>

#include <nlohmann/json.hpp>

using namespace pissarro;
using namespace pissarro::core;
using namespace pissarro::tests;

namespace {

constexpr const char* kModule = "model.layers.0.self_attn.q_proj";

Adapter adapterOf(std::int64_t rank, double scale)
{
    return {kModule, at::randn({rank, kTinyWidth}), at::randn({kTinyWidth, rank}), scale};
}

} // namespace

class TestAdapterKind : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        at::manual_seed(14);
        writeTinyModel(m_folder / "model");
        m_files = ModelFiles::open(m_folder / "model");
    }

    void plainLowRank_isPeftsLora()
    {
        const auto& tensors = kPlainLowRank.tensors;
        QCOMPARE(tensors.size(), 2U);
        QCOMPARE(peftName(kModule, tensors[0]),
                 "base_model.model." + std::string(kModule) + ".lora_A.weight");
        QCOMPARE(masterName(kModule, tensors[1]), std::string(kModule) + ".lora_B");
        const std::vector<std::int64_t> a {4, 20};
        const std::vector<std::int64_t> b {30, 4};
        QVERIFY(tensors[0].shape(30, 20, 4) == a);
        QVERIFY(tensors[1].shape(30, 20, 4) == b);
        const Adapter adapter = adapterOf(4, 0.5);
        QVERIFY(adapter.kind == &kPlainLowRank);
        QVERIFY((adapter.*tensors[0].value).is_same(adapter.a_RI));
        QVERIFY((adapter.*tensors[1].value).is_same(adapter.b_OR));
    }

    // A folder tells its kind by its config alone, so no two may look alike; each writes what it is read by.
    void aConfig_isOfOneKind()
    {
        const auto& all = allAdapterKinds();
        QVERIFY(std::find(all.begin(), all.end(), &kPlainLowRank) != all.end());
        for (std::size_t i = 0; i < all.size(); ++i) {
            Adapter adapter = adapterOf(4, 2.0);
            adapter.kind = all[i];
            for (const AdapterTensor& tensor : adapter.kind->tensors) {
                adapter.*tensor.value = at::randn(tensor.shape(kTinyWidth, kTinyWidth, 4));
            }
            const auto folder = m_folder / ("kind" + std::to_string(i));
            writePeftAdapter(folder, {adapter}, described());
            QCOMPARE(
                peftConfigFromJson(test::readBytes(folder / "adapter_config.json"), peftForms())
                    .form,
                i);
            const PeftAdapter read = readPeftAdapter(folder, *m_files);
            QVERIFY(read.adapters.front().kind == all[i]);
        }
    }

    // The names that PEFT 0.21.2 writes: no ".weight" behind the magnitude, one number a row.
    void dora_isPeftsDora()
    {
        const AdapterKind& dora = adapterKindNamed("dora");
        QCOMPARE(dora.tensors.size(), 3U);
        QCOMPARE(peftName(kModule, dora.tensors[2]),
                 "base_model.model." + std::string(kModule) + ".lora_magnitude_vector");
        QCOMPARE(masterName(kModule, dora.tensors[2]),
                 std::string(kModule) + ".lora_magnitude_vector");
        QVERIFY(dora.tensors[2].shape(30, 20, 4) == std::vector<std::int64_t> {30});
        Adapter adapter = adapterOf(4, 2.0);
        adapter.kind = &dora;
        const at::Tensor w = at::randn({kTinyWidth, kTinyWidth});
        const at::Tensor whole = w + 2.0 * adapter.b_OR.mm(adapter.a_RI);
        adapter.magnitude_O = dora.norm(adapter, w);
        QVERIFY(maxDifference(adapter.magnitude_O, whole.square().sum(1).sqrt()) < 1e-4);
        QVERIFY(maxDifference(mergedWeight(w, adapter), whole) < 1e-5); // it began there
        adapter.magnitude_O = adapter.magnitude_O * 2.0;
        QVERIFY(maxDifference(mergedWeight(w, adapter), whole * 2.0) < 1e-4);
        writePeftAdapter(m_folder / "dora", {adapter}, described());
        const auto config =
            nlohmann::json::parse(test::readBytes(m_folder / "dora/adapter_config.json"));
        QVERIFY(config["use_dora"] == true && config["peft_type"] == "LORA");
        const PeftAdapter read = readPeftAdapter(m_folder / "dora", *m_files);
        QVERIFY(read.adapters.front().kind == &dora);
        QVERIFY(at::equal(read.adapters.front().magnitude_O, adapter.magnitude_O));
        const AdapterSet plain = asFactors(read.adapters);
        QVERIFY(plain.front().kind == &kPlainLowRank && !plain.front().magnitude_O.defined());
    }

    // A row of zeros, as pruned models have them, has no length to divide by.
    void aRowOfZeros_staysOne()
    {
        Adapter adapter = adapterOf(4, 2.0);
        adapter.b_OR[3].zero_();
        adapter.kind = &adapterKindNamed("dora");
        const at::Tensor w = at::randn({kTinyWidth, kTinyWidth});
        w[3].zero_();
        adapter.magnitude_O = adapter.kind->norm(adapter, w);
        const at::Tensor merged = mergedWeight(w, adapter);
        QVERIFY(at::isfinite(merged).all().item<bool>());
        QVERIFY(!merged[3].any().item<bool>());
    }

    void kinds_areListed()
    {
        QCOMPARE(defaultAdapterKind().name, std::string_view("lora"));
        QVERIFY(findAdapterKind("vera") == nullptr);
        QVERIFY_THROWS_EXCEPTION(Error, adapterKindNamed("vera"));
        const LinearModule& module = m_files->linearModules().front();
        for (const AdapterKind* kind : allAdapterKinds()) {
            QVERIFY(findAdapterKind(kind->named.name) == kind);
            QVERIFY(!kind->named.title.empty());
            const auto sizes = adapterSizes(*kind, module, 4);
            QCOMPARE(sizes.size(), kind->tensors.size());
            QCOMPARE(sizes[0], 4 * module.cols);
            std::int64_t sum = 0;
            for (const std::int64_t size : sizes) {
                sum += size;
            }
            QCOMPARE(adapterParameters(kind->named.name, {module}, 4, {}), sum);
        }
        QCOMPARE(adapterParameters("lora", m_files->linearModules(), 4, {}),
                 adapterParameters(m_files->linearModules(), 4, RankPatterns {}));
    }

    // (x A^T) S^T is scale B A x; float32's rounding of sums of 32 is left.
    void theTerm_isScaleTimesBA()
    {
        for (const double scale : {0.5, 1.0}) {
            const Adapter adapter = adapterOf(4, scale);
            const AdapterTerm term = adapter.kind->term(adapter);
            const at::Tensor x = at::randn({5, kTinyWidth});
            const at::Tensor found = x.mm(term.a_RI.t()).mm(term.s_OR.t());
            const at::Tensor wanted = scale
                * x.to(at::kDouble)
                      .mm(adapter.a_RI.to(at::kDouble).t())
                      .mm(adapter.b_OR.to(at::kDouble).t());
            QVERIFY(maxDifference(found, wanted) < 1e-5 * wanted.abs().max().item<double>());
        }
    }

    // Every tensor of the kind, bit for bit, under its name; and the keys that older versions of PEFT read too.
    void aFolder_readsBack()
    {
        const Adapter adapter = adapterOf(4, 2.0);
        writePeftAdapter(m_folder / "peft", {adapter}, described());
        const auto file = SafetensorsFile::open(m_folder / "peft/adapter_model.safetensors");
        QCOMPARE(file.tensors().size(), adapter.kind->tensors.size());
        for (const AdapterTensor& tensor : adapter.kind->tensors) {
            QVERIFY(file.find(peftName(kModule, tensor)) != nullptr);
        }
        const auto config =
            nlohmann::json::parse(test::readBytes(m_folder / "peft/adapter_config.json"));
        const nlohmann::json wanted {{"alpha_pattern", nlohmann::json::object()},
                                     {"base_model_name_or_path", "m"},
                                     {"bias", "none"},
                                     {"fan_in_fan_out", false},
                                     {"inference_mode", true},
                                     {"init_lora_weights", true},
                                     {"lora_alpha", 8},
                                     {"lora_dropout", 0.0},
                                     {"modules_to_save", nullptr},
                                     {"peft_type", "LORA"},
                                     {"r", 4},
                                     {"rank_pattern", nlohmann::json::object()},
                                     {"target_modules", {kModule}}, // one layer of two
                                     {"task_type", "CAUSAL_LM"},
                                     {"use_rslora", false}};
        QVERIFY2(config == wanted, config.dump().c_str());
        const PeftAdapter read = readPeftAdapter(m_folder / "peft", *m_files);
        QCOMPARE(read.adapters.size(), 1U);
        const Adapter& back = read.adapters.front();
        QVERIFY(at::equal(back.a_RI, adapter.a_RI) && at::equal(back.b_OR, adapter.b_OR));
        QCOMPARE(back.scale, 2.0);
        QVERIFY(back.kind == adapter.kind);
    }

    // PEFT writes bias "all" or "lora_only" of models without biases too: then none is in the file, and it is plain LoRA.
    void biasesThatAreNotThere_areNone()
    {
        const Adapter adapter = adapterOf(4, 2.0);
        for (const char* bias : {"all", "lora_only"}) {
            const auto folder = m_folder / bias;
            writePeftAdapter(folder, {adapter}, described());
            auto config = nlohmann::json::parse(test::readBytes(folder / "adapter_config.json"));
            config["bias"] = bias;
            test::writeBytes(folder / "adapter_config.json", config.dump());
            std::string said;
            const PeftAdapter read = readPeftAdapter(
                folder, *m_files, [&](std::string_view line) { said += std::string(line) + "\n"; });
            QVERIFY(at::equal(read.adapters.at(0).a_RI, adapter.a_RI));
            QVERIFY(at::equal(read.adapters.at(0).b_OR, adapter.b_OR));
            const std::string wanted =
                std::string("has bias ") + bias + ", and the file holds none";
            QVERIFY2(said.find(wanted) != std::string::npos, said.c_str());
        }
    }

    void refuses_whatIsNotOfTheKind_data()
    {
        QTest::addColumn<QString>("names"); // of the tensors, all [4, 32]
        QTest::addColumn<QString>("says");
        const QString name = QStringLiteral("base_model.model.%1.").arg(kModule);
        QTest::newRow("one alone")
            << name + "lora_A.weight" << QStringLiteral("has only one of lora_A and lora_B");
        QTest::newRow("another tensor")
            << name + "lora_magnitude_vector"
            << QStringLiteral(
                   "(expected base_model.model.<module>.lora_A.weight or .lora_B.weight)");
        QTest::newRow("a training state")
            << name + "lora_A.default.weight"
            << QStringLiteral("(expected base_model.model.<module>.lora_A.weight or "
                              ".lora_B.weight); save it with PEFT's save_pretrained");
        QTest::newRow("a trained bias") // as PEFT 0.21.2 names it
            << name + "lora_A.weight " + name + "lora_B.weight " + name + "base_layer.bias"
            << QStringLiteral(
                   "base_layer.bias': it trained biases beside its factors, which is not "
                   "supported; merge it");
        // As PEFT saves an adapter of the embedding or the head by default, its weights beside the factors.
        QTest::newRow("an adapted head")
            << name + "lora_A.weight " + name
                + "lora_B.weight base_model.model.lm_head."
                  "base_layer.weight"
            << QStringLiteral(
                   "lm_head.base_layer.weight': it adapts the head, which is not supported; merge");
        QTest::newRow("an adapted embedding")
            << QStringLiteral("base_model.model.model.embed_tokens.base_layer.weight")
            << QStringLiteral("it adapts the embedding, which is not supported; merge it");
        QTest::newRow("an adapted embedding without its weights")
            << QStringLiteral("base_model.model.model.embed_tokens.lora_embedding_A")
            << QStringLiteral("it adapts the embedding, which is not supported; merge it");
        QTest::newRow("a head of its own")
            << QStringLiteral("base_model.model.lm_head.weight")
            << QStringLiteral("it has weights of its own for the head, as PEFT saves them where "
                              "embedding or head are adapted or trained, which is not supported");
        QTest::newRow("another shape") << name + "lora_A.weight " + name + "lora_B.weight"
                                       << QStringLiteral("do not fit its 32 x 32");
        QTest::newRow("wrapped twice") << "base_model.model." + name + "lora_A.weight"
                                       << QStringLiteral("prefix base_model.model. twice");
    }
    void refuses_whatIsNotOfTheKind()
    {
        QFETCH(QString, names);
        QFETCH(QString, says);
        writePeftAdapter(m_folder / "other", {adapterOf(4, 2.0)}, described());
        std::vector<TensorSpec> specs;
        for (const QString& name : names.split(' ')) {
            specs.push_back({name.toStdString(), DType::F32, {4, kTinyWidth}});
        }
        const auto path = m_folder / "other/adapter_model.safetensors";
        SafetensorsWriter writer(path, specs);
        const at::Tensor some = at::randn({4, kTinyWidth});
        for (std::size_t i = 0; i < specs.size(); ++i) {
            writer.append(some.const_data_ptr(), some.nbytes());
        }
        writer.commit();
        const auto error = test::errorOf([&] { readPeftAdapter(m_folder / "other", *m_files); });
        QCOMPARE(test::complaint(error, path, says.toStdString()), QString());
    }

private:
    PeftDescription described() const
    {
        PeftDescription description;
        description.baseModel = "m";
        description.rank = 4;
        description.alpha = 8;
        description.files = m_files.get();
        return description;
    }

    test::Scratch m_folder;
    std::shared_ptr<const ModelFiles> m_files;
};

QTEST_GUILESS_MAIN(TestAdapterKind)
#include "tst_adapter_kind.moc"
