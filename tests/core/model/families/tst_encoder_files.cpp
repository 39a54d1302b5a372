// SPDX-License-Identifier: GPL-3.0-or-later
// Folders of encoders under the names that are in use, with what they lack and what they have too much.
#include "core/model/families/encoder_head.h"
#include "core/model/model_config.h"
#include "core/model/model_files.h"
#include "core/model/plan/layer_plan.h"
#include "tests/core/model/model_folders.h"

#include <QTest>

#include <nlohmann/json.hpp>
#include <set>

using namespace pissarro;
using core::HeadKind;
using core::ModelFiles;
using nlohmann::json;
using test::errorOf;
using test::StoredTensor;

namespace {

using Tensors = std::vector<StoredTensor>;

StoredTensor tensor(const std::string& name, const std::vector<std::int64_t>& shape)
{
    std::int64_t count = 1;
    for (const std::int64_t side : shape) {
        count *= side;
    }
    std::string bytes;
    for (std::int64_t i = 0; i < count; ++i) {
        test::put(bytes, 0.125F * static_cast<float>(i % 13) + static_cast<float>(name.size()));
    }
    return {name, core::DType::F32, shape, bytes};
}

// A folder with every weight that the config asks for, before `change` has had it.
class Folder {
public:
    Folder(const char* modelType, const json& settings,
           const std::function<void(Tensors&, json&)>& change = {})
    {
        const core::Family& family = core::familyOf(modelType);
        json config {{"model_type", modelType},      {family.keys.layers, 2},
                     {family.keys.width, 12},        {family.keys.heads, 2},
                     {family.keys.ffn, 20},          {"vocab_size", 17},
                     {"max_position_embeddings", 9}, {"torch_dtype", "float32"}};
        for (const auto& [key, value] : settings.items()) {
            config[key] = value;
        }
        write(config);
        Tensors tensors;
        for (const core::ExpectedWeight& weight :
             core::expectedWeights(core::readModelConfig(m_folder / "config.json"))) {
            tensors.push_back(tensor(weight.name, weight.shape));
        }
        if (change) {
            change(tensors, config);
        }
        write(config);
        test::writeTensors(m_folder / "model.safetensors", tensors);
    }
    std::shared_ptr<const ModelFiles> open(const core::NewHead& head = {}) const
    {
        return ModelFiles::open(m_folder.path(), core::Opening::Checked, head);
    }

private:
    void write(const json& config) { test::writeBytes(m_folder / "config.json", config.dump()); }

    test::Scratch m_folder;
};

// Each weight's name by `rename`.
std::function<void(Tensors&, json&)> renamed(std::function<void(std::string&)> rename)
{
    return [rename = std::move(rename)](Tensors& tensors, json& /*config*/) {
        for (StoredTensor& one : tensors) {
            rename(one.name);
        }
    };
}

void replace(std::string& text, const std::string& from, const std::string& to)
{
    const std::size_t at = text.find(from);
    if (at != std::string::npos) {
        text.replace(at, from.size(), to);
    }
}

const json kClasses {{"architectures", {"BertForSequenceClassification"}},
                     {"id2label", {{"0", "no"}, {"1", "yes"}, {"2", "perhaps"}}}};
const json kDisentangled {{"relative_attention", true},   {"position_buckets", 4},
                          {"pos_att_type", "p2c|c2p"},    {"share_att_key", true},
                          {"norm_rel_ebd", "layer_norm"}, {"position_biased_input", false}};

} // namespace

class EncoderFilesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    // As TensorFlow's first models were converted, and saved from the inner class.
    void olderNames_areRead()
    {
        const Folder plain("bert", json::object());
        const Folder older("bert", json::object(), renamed([](std::string& name) {
                               replace(name, "LayerNorm.weight", "LayerNorm.gamma");
                               replace(name, "LayerNorm.bias", "LayerNorm.beta");
                           }));
        QCOMPARE(older.open()->weights().size(), plain.open()->weights().size());
        const Folder inner(
            "bert", {{"architectures", {"BertModel"}}}, renamed([](std::string& name) {
                name.erase(0, name.starts_with("bert.") ? std::string("bert.").size() : 0);
            }));
        QVERIFY(inner.open()->config().head.kind == HeadKind::None);
        QVERIFY(inner.open()->find("bert.embeddings.word_embeddings.weight") != nullptr);
    }

    void whatNoHeadReads_isTold()
    {
        const Folder folder("bert", json::object(), [](Tensors& tensors, json& /*config*/) {
            for (const char* name :
                 {"bert.pooler.dense.weight", "cls.seq_relationship.weight",
                  "cls.predictions.decoder.bias", "bert.embeddings.position_ids"}) {
                tensors.push_back(tensor(name, {2, 3}));
            }
        });
        const auto files = folder.open();
        QCOMPARE(files->notes().size(), std::size_t {1});
        QVERIFY(files->notes().front().find("and 2 more") != std::string::npos);
        const Folder strange("bert", json::object(), [](Tensors& tensors, json& /*config*/) {
            tensors.push_back(tensor("bert.encoder.layer.0.extra.weight", {2, 3}));
        });
        const auto error = errorOf([&] { strange.open(); });
        QVERIFY(error && error->kind() == core::ErrorKind::Format);
    }

    // The types of a layer's matrices tell them apart; globs match the end of a name, as PEFT's target_modules.
    void modules_areToldApart()
    {
        const auto files = Folder("bert", json::object()).open();
        std::set<std::string> types;
        for (const core::LinearModule& module : files->linearModules()) {
            types.insert(module.type);
        }
        QCOMPARE(types,
                 (std::set<std::string> {"query", "key", "value", "attention.output.dense",
                                         "intermediate.dense", "output.dense"}));
        QCOMPARE(core::selectModules(*files, {"query"}).size(), std::size_t {2});
        QCOMPARE(core::selectModules(*files, {"output.dense"}).size(), std::size_t {4});
        QCOMPARE(core::selectModules(*files, {"attention.output.dense"}).size(), std::size_t {2});
        QCOMPARE(core::selectModules(*files, {"dense"}).size(), std::size_t {6});
        QVERIFY(errorOf([&] { core::selectModules(*files, {"ense"}); }));
    }

    void deberta_hasTwoNamesOfItsHead()
    {
        for (const bool legacy : {true, false}) {
            json settings = kDisentangled;
            settings["legacy"] = legacy;
            const std::string from = legacy ? "cls.predictions" : "lm_predictions.lm_head";
            const Folder folder("deberta-v2", settings, renamed([&](std::string& name) {
                                    replace(name, "cls.predictions.transform", "X");
                                    replace(name, "cls.predictions", "lm_predictions.lm_head");
                                    replace(name, "X", "lm_predictions.lm_head");
                                }));
            const auto files = folder.open();
            QVERIFY(files->find(from + ".bias") != nullptr);
            QVERIFY(files->find(legacy ? from + ".transform.dense.weight" : from + ".dense.weight")
                    != nullptr);
        }
        const Folder unused("deberta-v2", kDisentangled, [](Tensors& tensors, json& /*config*/) {
            tensors.push_back(tensor("deberta.embeddings.position_embeddings.weight", {9, 12}));
            tensors.push_back(tensor("mask_predictions.dense.weight", {2, 3}));
        });
        QCOMPARE(unused.open()->notes().size(), std::size_t {1});
    }

    void aNewHead_isDrawn_data()
    {
        QTest::addColumn<QString>("type");
        QTest::addColumn<QStringList>("modules");
        QTest::newRow("bert") << "bert" << QStringList {"bert.pooler.dense", "classifier"};
        QTest::newRow("roberta") << "roberta"
                                 << QStringList {"classifier.dense", "classifier.out_proj"};
        QTest::newRow("distilbert") << "distilbert" << QStringList {"pre_classifier", "classifier"};
        QTest::newRow("deberta") << "deberta-v2" << QStringList {"pooler.dense", "classifier"};
    }
    void aNewHead_isDrawn()
    {
        QFETCH(QString, type);
        QFETCH(QStringList, modules);
        const Folder folder(type.toStdString().c_str(), json::object());
        const auto files = folder.open({3, 5, {"a", "b", "c"}});
        QVERIFY(files->config().head.kind == HeadKind::Sequence);
        QCOMPARE(files->config().head.labels, std::int64_t {3});
        QStringList drawn;
        for (const std::string& module : files->drawnModules()) {
            drawn << QString::fromStdString(module);
        }
        QCOMPARE(drawn, modules);
        const std::string last = modules.back().toStdString();
        const auto numbersOf = [&](const ModelFiles& of, const std::string& name) {
            std::vector<float> numbers(static_cast<std::size_t>(of.find(name)->elements()));
            of.readFloat32(name, numbers.data());
            of.release(name);
            return numbers;
        };
        const auto weight = numbersOf(*files, last + ".weight");
        QCOMPARE(weight.size(), std::size_t {36});
        QVERIFY(weight == numbersOf(*folder.open({3, 5}), last + ".weight"));
        QVERIFY(weight != numbersOf(*folder.open({3, 6}), last + ".weight"));
        QVERIFY(std::all_of(weight.begin(), weight.end(),
                            [](float x) { return x != 0.0F && std::abs(x) < 0.15F; }));
        QCOMPARE(numbersOf(*files, last + ".bias"), std::vector<float>(3, 0.0F));
        files->requireFinite(last + ".weight");
        files->prefetch(last + ".weight");
        QVERIFY(!files->identityOf(last + ".weight").empty());
        // Written down it is read back the same.
        const json config = json::parse(core::configToJson(files->config(), "float32"));
        QVERIFY(config.at("architectures")[0].get<std::string>().ends_with(
            "ForSequenceClassification"));
        QCOMPARE(config.at("id2label").at("2").get<std::string>(), std::string("c"));
    }

    void aHeadThatIsThere_isKept()
    {
        const Folder folder("bert", kClasses);
        const auto files = folder.open({3, 1});
        QVERIFY(files->drawnModules().empty());
        QCOMPARE(files->config().head.labelNames.back(), std::string("perhaps"));
        const auto error = errorOf([&] { folder.open({2, 1}); });
        QVERIFY(error && error->kind() == core::ErrorKind::InvalidArgument);
        QVERIFY(std::string(error->what()).find("3 labels already") != std::string::npos);
    }

    void aClassifierWithoutItsPooler_isRefused()
    {
        const Folder folder("bert", kClasses, [](Tensors& tensors, json& /*config*/) {
            std::erase_if(tensors, [](const StoredTensor& one) {
                return one.name.starts_with("bert.pooler.");
            });
        });
        const auto error = errorOf([&] { folder.open(); });
        QVERIFY(error && std::string(error->what()).find("bert.pooler.dense") != std::string::npos);
        // Asked for, it is drawn.
        QCOMPARE(folder.open({3, 1})->drawnModules(),
                 std::vector<std::string> {"bert.pooler.dense"});
    }

    void aDecoder_isGivenNoHead()
    {
        const test::Scratch scratch;
        test::copyModel(scratch / "llama");
        const auto error = errorOf([&] {
            ModelFiles::open(scratch / "llama", core::Opening::Checked, {2, 0});
        });
        QVERIFY(error && error->kind() == core::ErrorKind::InvalidArgument);
    }

    void configs_areRefused_data()
    {
        QTest::addColumn<QString>("type");
        QTest::addColumn<QByteArray>("settings");
        QTest::addColumn<QString>("why");
        const auto row = [](const char* type, const char* settings, const char* why) {
            QTest::newRow(settings)
                << QString::fromLatin1(type) << QByteArray(settings) << QString::fromLatin1(why);
        };
        row("bert", R"({"position_embedding_type": "relative_key"})", "position_embedding_type");
        row("bert", R"({"is_decoder": true})", "is_decoder");
        row("bert", R"({"type_vocab_size": 0})", "type_vocab_size");
        row("bert",
            R"({"architectures": ["BertForSequenceClassification"], "problem_type": "multi_label_classification"})",
            "problem_type");
        row("bert", R"({"architectures": ["BertForSequenceClassification"], "num_labels": -1})",
            "num_labels");
        row("deberta-v2", R"({"relative_attention": true, "position_buckets": 3})",
            "position_buckets is 3");
        row("deberta-v2",
            R"({"relative_attention": true, "position_buckets": 16, "max_relative_positions": 9})",
            "furthest distance 9");
        row("deberta-v2", R"({"embedding_size": 8})", "embedding_size");
        row("deberta-v2", R"({"conv_kernel_size": 4})", "conv_kernel_size");
        row("deberta-v2", R"({"conv_kernel_size": 3, "conv_groups": 5})", "groups that divide");
        row("deberta-v2", R"({"conv_kernel_size": 3, "conv_act": "swiglu"})", "conv_act");
        row("deberta-v2", R"({"position_buckets": 99999999999999})", "position_buckets");
    }
    void configs_areRefused()
    {
        QFETCH(QString, type);
        QFETCH(QByteArray, settings);
        QFETCH(QString, why);
        const auto error = errorOf([&] {
            Folder(type.toStdString().c_str(), json::parse(settings.toStdString())).open();
        });
        QVERIFY(error && error->kind() == core::ErrorKind::Format);
        QVERIFY2(QString::fromUtf8(error->what()).contains(why), error->what());
    }
};

QTEST_GUILESS_MAIN(EncoderFilesTest)
#include "tst_encoder_files.moc"
