// SPDX-License-Identifier: GPL-3.0-or-later
// What trains whole beside an adapter, as PEFT keeps it: its names, and a folder written and read.
#include "core/adapter/adapter_tensors.h"
#include "core/adapter/saved_weights_tensors.h"
#include "core/base/error.h"
#include "core/decoder/decoder_tensors.h"
#include "tests/core/decoder/family_models.h"

#include <QTest>

#include <cmath>

using namespace pissarro::core;
using namespace pissarro::tests;
using nlohmann::json;
using pissarro::test::errorOf;

namespace {

constexpr const char* kClassifier =
    R"({"architectures": ["BertForSequenceClassification"], "id2label": {"0": "a", "1": "b", "2": "c"}})";

} // namespace

class SavedWeightsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { at::manual_seed(5); }

    void names_areThoseOfPeft()
    {
        const std::vector<std::string> modules {"classifier", "classifier.dense"};
        QCOMPARE(*savedName("base_model.model.classifier.weight", modules),
                 std::string("classifier.weight"));
        QCOMPARE(*savedName("base_model.model.classifier.modules_to_save.default.bias", modules),
                 std::string("classifier.bias"));
        QCOMPARE(*savedName("base_model.model.classifier.dense.bias", modules),
                 std::string("classifier.dense.bias"));
        for (const char* other :
             {"base_model.model.score.weight", "classifier.weight",
              "base_model.model.classifier.lora_A.weight", "base_model.model.classifier"}) {
            QVERIFY2(!savedName(other, modules), other);
        }
        QCOMPARE(savedKey("classifier.weight"), std::string("base_model.model.classifier.weight"));
        const auto endsOf = [](const std::vector<std::string>& weights) {
            SavedWeights saved;
            for (const std::string& name : weights) {
                saved.emplace(name, at::zeros({1}));
            }
            return savedEnds(saved);
        };
        using Names = std::vector<std::string>;
        QCOMPARE(endsOf({"classifier.dense.weight", "classifier.out_proj.weight"}),
                 Names {"classifier"});
        QCOMPARE(endsOf({"pre_classifier.weight", "classifier.bias"}),
                 (Names {"classifier", "pre_classifier"}));
        QCOMPARE(endsOf({"bert.pooler.dense.weight", "classifier.bias"}),
                 (Names {"classifier", "pooler"}));
    }

    void modules_areThoseOfTheHead()
    {
        const auto of = [](const char* type, const char* settings) {
            return savedModulesOf(*FamilyModel(type, settings).files());
        };
        using Names = std::vector<std::string>;
        QCOMPARE(of("bert", kClassifier), Names {"classifier"});
        QCOMPARE(of("bert", "{}"), Names());
        QCOMPARE(of("roberta", kClassifier), (Names {"classifier.dense", "classifier.out_proj"}));
        QCOMPARE(of("distilbert", kClassifier), (Names {"pre_classifier", "classifier"}));
        QCOMPARE(of("deberta-v2", kClassifier), (Names {"pooler.dense", "classifier"}));
    }

    void aFolder_isReadBack()
    {
        const FamilyModel model("bert", kClassifier);
        const pissarro::test::Scratch scratch;
        write(model, scratch.path(), at::randn({3, 24}));
        const PeftAdapter read = readPeftAdapter(scratch.path(), *model.files());
        QCOMPARE(read.adapters.size(), std::size_t {1});
        QCOMPARE(read.saved.size(), std::size_t {2});
        QVERIFY(at::equal(read.saved.at("classifier.bias"), at::ones({3})));
        const json config = json::parse(pissarro::test::readBytes(scratch / "adapter_config.json"));
        QVERIFY(config.at("modules_to_save") == json::array({"classifier"}));
        QCOMPARE(config.at("task_type").get<std::string>(), std::string("SEQ_CLS"));
        // One of the two matrices that end alike: named in full, or PEFT would adapt the other too.
        QVERIFY(config.at("target_modules") == json::array({"bert.encoder.layer.0.output.dense"}));
        QCOMPARE(headOfAdapter(scratch.path()).labels, std::int64_t {3});
        Decoder decoder(model.files(), at::kFloat, at::kCPU, JobContext());
        decoder.setWeights(read.saved);
        const at::Tensor ids = at::tensor({2, 5, 3}, at::kLong).unsqueeze(0);
        const at::Tensor other = decoder.logits(ids, {});
        decoder.setWeights({{"classifier.bias", at::zeros({3})}});
        QVERIFY((other - decoder.logits(ids, {}) - 1.0).abs().max().item<float>() < 1e-5F);
        QVERIFY(errorOf([&] { decoder.setWeights({{"score.weight", at::zeros({3})}}); }));
    }

    void whatDoesNotFit_isRefused()
    {
        const FamilyModel model("bert", kClassifier);
        const pissarro::test::Scratch scratch;
        const auto whyNot = [&] {
            const auto error = errorOf([&] { readPeftAdapter(scratch.path(), *model.files()); });
            return error ? std::string(error->what()) : std::string();
        };
        write(model, scratch.path(), at::randn({4, 24}));
        QVERIFY(whyNot().find("'classifier.weight' has the shape [4, 24]") != std::string::npos);
        write(model, scratch.path(), at::full({3, 24}, std::nan("")));
        QVERIFY(whyNot().find("NaN") != std::string::npos);
        write(model, scratch.path(), at::randn({3, 24}));
        json config = json::parse(pissarro::test::readBytes(scratch / "adapter_config.json"));
        config["task_type"] = "CAUSAL_LM"; // of what writes text whole modules are none
        pissarro::test::writeBytes(scratch / "adapter_config.json", config.dump());
        QVERIFY(whyNot().find("modules_to_save") != std::string::npos);
    }

private:
    static void write(const FamilyModel& model, const std::filesystem::path& folder,
                      const at::Tensor& weight)
    {
        const AdapterSet adapters {
            {"bert.encoder.layer.0.output.dense", at::randn({2, 20}), at::randn({24, 2}), 1.0}};
        PeftDescription description {"base", 2, 2.0, false, model.files().get()};
        description.saved = {{"classifier.weight", weight}, {"classifier.bias", at::ones({3})}};
        writePeftAdapter(folder, adapters, description);
    }
};

QTEST_GUILESS_MAIN(SavedWeightsTest)
#include "tst_saved_weights.moc"
