// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/model/expert_tensors.h"
#include "core/model/model_files.h"
#include "core/model/plan/layer_plan.h"
#include "tests/core/model/model_folders.h"

#include <QTest>

using namespace pissarro;
using core::DType;
using core::ModelConfig;
using core::TensorView;
using test::errorOf;

namespace {

// A folder of DeepSeek-V3's form with two layers and a tensor of a third.
void writeDrafting(const test::fs::path& folder, int draftLayers)
{
    const nlohmann::json config {{"model_type", "deepseek_v3"},
                                 {"hidden_size", 8},
                                 {"num_hidden_layers", 2},
                                 {"num_attention_heads", 2},
                                 {"intermediate_size", 6},
                                 {"vocab_size", 10},
                                 {"n_routed_experts", 2},
                                 {"num_experts_per_tok", 1},
                                 {"moe_intermediate_size", 4},
                                 {"n_group", 1},
                                 {"topk_group", 1},
                                 {"first_k_dense_replace", 1},
                                 {"q_lora_rank", nullptr},
                                 {"kv_lora_rank", 4},
                                 {"qk_nope_head_dim", 4},
                                 {"qk_rope_head_dim", 2},
                                 {"v_head_dim", 4},
                                 {"torch_dtype", "bfloat16"},
                                 {"num_nextn_predict_layers", draftLayers}};
    test::writeBytes(folder / "config.json", config.dump());
    std::vector<test::StoredTensor> tensors;
    for (const core::ExpectedWeight& weight :
         core::expectedWeights(core::readModelConfig(folder / "config.json"))) {
        std::size_t count = 1;
        for (const std::int64_t side : weight.shape) {
            count *= static_cast<std::size_t>(side);
        }
        tensors.push_back({weight.name, DType::F32, weight.shape, std::string(4 * count, '\0')});
    }
    tensors.push_back({"model.layers.2.eh_proj.weight", DType::F32, {2}, std::string(8, '\0')});
    test::writeTensors(folder / "model.safetensors", tensors);
}

// Three experts of width 4 and ffn 2, one layer.
ModelConfig mixture()
{
    ModelConfig config;
    config.layers = 1;
    config.width = 4;
    config.names.mixture.router = "block_sparse_moe.gate";
    config.names.mixture.experts = "block_sparse_moe.experts";
    config.names.mixture.gate = "w1";
    config.names.mixture.up = "w3";
    config.names.mixture.down = "w2";
    config.mixture.experts = 3;
    config.mixture.ffn = 2;
    return config;
}

std::vector<float> counted(std::size_t count)
{
    std::vector<float> numbers;
    for (std::size_t i = 0; i < count; ++i) {
        numbers.push_back(static_cast<float>(i));
    }
    return numbers;
}

TensorView viewOf(const std::string& name, const std::vector<std::int64_t>& shape,
                  const std::vector<float>& numbers)
{
    return {name, DType::F32, shape, reinterpret_cast<const std::byte*>(numbers.data()),
            numbers.size() * sizeof(float)};
}

} // namespace

class ExpertTensorsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void fusedTensors_areTakenApart()
    {
        const std::vector<float> both = counted(3 * 4 * 4);
        const std::vector<float> down = counted(3 * 4 * 2);
        const std::vector<float> router = counted(3 * 4);
        std::vector<TensorView> weights {
            viewOf("model.layers.0.mlp.experts.gate_up_proj", {3, 4, 4}, both),
            viewOf("model.layers.0.mlp.experts.down_proj", {3, 4, 2}, down),
            viewOf("model.layers.0.mlp.gate.weight", {3, 4}, router),
            viewOf("model.norm.weight", {4}, router)};
        core::splitFusedExperts(weights, mixture());
        QCOMPARE(weights.size(), std::size_t {11});
        const auto at = [&](const std::string& name) {
            const auto found = std::find_if(weights.begin(), weights.end(),
                                            [&](const TensorView& w) { return w.name == name; });
            return found == weights.end() ? TensorView {} : *found;
        };
        const std::string expert = "model.layers.0.block_sparse_moe.experts.2.";
        const TensorView gate = at(expert + "w1.weight");
        QVERIFY(gate.shape == (std::vector<std::int64_t> {2, 4}));
        float numbers[8] = {};
        core::toFloat32(gate, 0, 8, numbers);
        QCOMPARE(numbers[0], 32.0F); // behind two experts of 16
        const TensorView up = at(expert + "w3.weight");
        core::toFloat32(up, 0, 8, numbers);
        QVERIFY(up.shape == gate.shape && numbers[0] == 40.0F);
        const TensorView second = at(expert + "w2.weight");
        core::toFloat32(second, 0, 8, numbers);
        QVERIFY(second.shape == (std::vector<std::int64_t> {4, 2}) && numbers[7] == 23.0F);
        QVERIFY(at("model.layers.0.block_sparse_moe.gate.weight").data != nullptr);
        QVERIFY(at("model.norm.weight").data != nullptr);
    }

    void aDenseModel_isLeftAlone()
    {
        const std::vector<float> numbers = counted(24);
        std::vector<TensorView> weights {
            viewOf("model.layers.0.mlp.experts.down_proj", {3, 4, 2}, numbers)};
        core::splitFusedExperts(weights, ModelConfig {});
        QCOMPARE(weights.size(), std::size_t {1});
        QCOMPARE(weights.front().name, std::string("model.layers.0.mlp.experts.down_proj"));
    }

    void layersThatDraft_areLeftAlone()
    {
        const test::Scratch scratch;
        writeDrafting(scratch.path(), 1);
        const auto files = core::ModelFiles::open(scratch.path());
        QCOMPARE(files->notes().size(), std::size_t {1});
        QVERIFY(files->notes().front().find("eh_proj") != std::string::npos);
        QVERIFY(files->find("model.layers.2.eh_proj.weight") == nullptr);
        QVERIFY(files->isPrecise("model.layers.1.mlp.gate.e_score_correction_bias"));
        QVERIFY(!files->isPrecise("model.layers.1.mlp.gate.weight"));
        const test::Scratch other;
        writeDrafting(other.path(), 0);
        const auto error = errorOf([&] { core::ModelFiles::open(other.path()); });
        QVERIFY(error && std::string(error->what()).find("eh_proj") != std::string::npos);
    }

    void refuses_anotherShape_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QVariantList>("shape");
        const QString down = QStringLiteral("down_proj");
        const QString both = QStringLiteral("gate_up_proj");
        QTest::newRow("experts") << down << QVariantList {2, 4, 3};
        QTest::newRow("two sides") << down << QVariantList {3, 8};
        QTest::newRow("an odd number of rows") << both << QVariantList {3, 1, 8};
        QTest::newRow("more than there is") << both << QVariantList {3, 4, 8};
        QTest::newRow("nothing") << down << QVariantList {3, 0, 8};
    }
    void refuses_anotherShape()
    {
        QFETCH(QString, name);
        QFETCH(QVariantList, shape);
        std::vector<std::int64_t> sides;
        for (const QVariant& side : shape) {
            sides.push_back(side.toLongLong());
        }
        const std::vector<float> numbers = counted(24);
        std::vector<TensorView> weights {
            viewOf("model.layers.0.mlp.experts." + name.toStdString(), sides, numbers)};
        const auto error = errorOf([&] { core::splitFusedExperts(weights, mixture()); });
        QVERIFY(error && error->kind() == core::ErrorKind::Format);
        QVERIFY(std::string(error->what()).find("each of the 3 experts") != std::string::npos);
        QVERIFY(errorOf([&] {
            core::matricesOfExperts(viewOf("blk.0.ffn_down_exps.weight", {4, 3, 2}, numbers), "x.*",
                                    mixture());
        }));
    }
};

QTEST_GUILESS_MAIN(ExpertTensorsTest)
#include "tst_expert_tensors.moc"
