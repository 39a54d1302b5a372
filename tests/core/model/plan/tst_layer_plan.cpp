// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/plan/layer_plan.h"
#include "core/model/plan/model_plan.h"
#include "core/model/plan/part_plans.h"

#include <QTest>

#include <algorithm>

using namespace pissarro::core;

namespace {

using Shape = std::vector<std::int64_t>;

ModelConfig small()
{
    ModelConfig config;
    config.layers = 3;
    config.width = 16;
    config.heads = 4;
    config.kvHeads = 2;
    config.headDim = 6;
    config.ffn = 20;
    config.vocabulary = 50;
    return config;
}

std::vector<std::string> namesOf(const std::vector<ExpectedWeight>& weights)
{
    std::vector<std::string> names;
    for (const ExpectedWeight& weight : weights) {
        names.push_back(weight.name);
    }
    return names;
}

} // namespace

class LayerPlanTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void shapes_followTheHeads()
    {
        const LayerPlan plan = layerPlan(small(), 2);
        const std::vector<std::pair<std::string, Shape>> expected {
            {"model.layers.2.self_attn.q_proj", {24, 16}},
            {"model.layers.2.self_attn.k_proj", {12, 16}},
            {"model.layers.2.self_attn.v_proj", {12, 16}},
            {"model.layers.2.self_attn.o_proj", {16, 24}},
            {"model.layers.2.mlp.gate_proj", {20, 16}},
            {"model.layers.2.mlp.up_proj", {20, 16}},
            {"model.layers.2.mlp.down_proj", {16, 20}},
        };
        std::vector<std::pair<std::string, Shape>> found;
        for (const LinearPlan& linear : plan.linears()) {
            found.push_back({linear.name, {linear.rows, linear.cols}});
            QVERIFY(!linear.bias);
        }
        QVERIFY(found == expected);
        QCOMPARE(plan.before.name, std::string("model.layers.2.input_layernorm"));
        QCOMPARE(plan.middle.name, std::string("model.layers.2.post_attention_layernorm"));
        QVERIFY(plan.before.width == 16 && plan.middle.width == 16);
    }

    // Of the layers from a first one on, or of those that are named; without a window none has one.
    void aWindow_isThatOfItsLayers()
    {
        ModelConfig config = small();
        config.slidingWindow = 16;
        config.firstWindowLayer = 1;
        QCOMPARE(config.windowOf(0), std::int64_t {0});
        QCOMPARE(config.windowOf(1), std::int64_t {16});
        QCOMPARE(layerPlan(config, 0).attention.window, std::int64_t {0});
        QCOMPARE(layerPlan(config, 1).attention.window, std::int64_t {16});
        config.windowLayers = {true, false, true};
        QCOMPARE(config.windowOf(0), std::int64_t {16});
        QCOMPARE(config.windowOf(1), std::int64_t {0});
        config.slidingWindow = 0;
        QCOMPARE(config.windowOf(0), std::int64_t {0});
    }

    void modules_followTheData()
    {
        std::vector<std::string> names;
        for (const std::string& name : layerPlan(small(), 0).modules()) {
            names.push_back(name.substr(std::string("model.layers.0.").size()));
        }
        QVERIFY(names
                == (std::vector<std::string> {"input_layernorm", "self_attn.q_proj",
                                              "self_attn.k_proj", "self_attn.v_proj",
                                              "self_attn.o_proj", "post_attention_layernorm",
                                              "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"}));
    }

    void experts_areModulesOfTheirOwn()
    {
        ModelConfig config = small();
        config.mixture.experts = 2;
        config.mixture.chosen = 1;
        config.mixture.ffn = 5;
        config.mixture.sharedFfn = 7;
        config.mixture.sharedGate = config.mixture.correction = true;
        config.mixture.layers = {false, true, true};
        QVERIFY(!layerPlan(config, 0).mixture.exists() && layerPlan(config, 0).feed.exists());
        const LayerPlan plan = layerPlan(config, 1);
        QVERIFY(plan.mixture.exists() && !plan.feed.exists());
        std::vector<std::pair<std::string, Shape>> found;
        for (const LinearPlan& linear : plan.linears()) {
            found.push_back({linear.name.substr(15), {linear.rows, linear.cols}});
        }
        const std::vector<std::pair<std::string, Shape>> expected {
            {"self_attn.q_proj", {24, 16}},
            {"self_attn.k_proj", {12, 16}},
            {"self_attn.v_proj", {12, 16}},
            {"self_attn.o_proj", {16, 24}},
            {"mlp.shared_experts.gate_proj", {7, 16}},
            {"mlp.shared_experts.up_proj", {7, 16}},
            {"mlp.shared_experts.down_proj", {16, 7}},
            {"mlp.experts.0.gate_proj", {5, 16}},
            {"mlp.experts.0.up_proj", {5, 16}},
            {"mlp.experts.0.down_proj", {16, 5}},
            {"mlp.experts.1.gate_proj", {5, 16}},
            {"mlp.experts.1.up_proj", {5, 16}},
            {"mlp.experts.1.down_proj", {16, 5}},
        };
        QVERIFY(found == expected);
        const std::vector<std::string> weights = namesOf(expectedWeights(config));
        for (const char* const name :
             {"model.layers.1.mlp.gate.weight", "model.layers.1.mlp.gate.e_score_correction_bias",
              "model.layers.1.mlp.shared_expert_gate.weight",
              "model.layers.2.mlp.experts.1.down_proj.weight",
              "model.layers.0.mlp.gate_proj.weight"}) {
            QVERIFY2(std::count(weights.begin(), weights.end(), name) == 1, name);
        }
        const std::vector<std::string> modules = plan.modules();
        QVERIFY(std::count(modules.begin(), modules.end(), "model.layers.1.mlp.gate") == 1);
    }

    void latentAttention_hasNarrowVectors()
    {
        ModelConfig config = small();
        config.kvHeads = 4;
        config.latent = {10, 12, 8, 20};
        const AttentionPlan plan = layerPlan(config, 0).attention;
        std::vector<std::pair<std::string, Shape>> found;
        for (const LinearPlan& linear : plan.inputs()) {
            found.push_back({linear.name.substr(25), {linear.rows, linear.cols}});
        }
        const std::vector<std::pair<std::string, Shape>> expected {
            {"q_a_proj", {12, 16}},
            {"q_b_proj", {56, 12}},
            {"kv_a_proj_with_mqa", {16, 16}},
            {"kv_b_proj", {112, 10}},
        };
        QVERIFY(found == expected);
        QVERIFY(plan.output.rows == 16 && plan.output.cols == 80);
        QVERIFY(plan.headDim == 20 && plan.latent.rank() == 10 && plan.norms().size() == 2);
        QCOMPARE(config.keptNumbers(), std::int64_t {2 * 4 * 20});
        QVERIFY(partsOf(layerPlan(config, 0), plan.query.name).empty());
        config.latent.queryRank = 0;
        const AttentionPlan plain = layerPlan(config, 0).attention;
        QVERIFY(!plain.latent.queryDown.exists() && plain.query.cols == 16);
        QCOMPARE(plain.query.name, std::string("model.layers.0.self_attn.q_proj"));
        QCOMPARE(plain.norms().size(), std::size_t {1});
    }

    // Matrices of distances read the table, not the tokens that queries, keys and values are made of at once.
    void distances_haveMatricesBesideTheTokens()
    {
        ModelConfig config = small();
        config.relative.span = 8;
        config.relative.contentToPosition = config.relative.positionToContent = true;
        config.names.positionKey = "self_attn.pos_key_proj";
        config.names.positionQuery = "self_attn.pos_query_proj";
        const LayerPlan plan = layerPlan(config, 0);
        QCOMPARE(plan.attention.inputs().size(), std::size_t {3});
        const std::vector<LinearPlan> linears = plan.linears();
        QCOMPARE(linears.size(), std::size_t {9});
        QCOMPARE(linears[3].name, std::string("model.layers.0.self_attn.pos_key_proj"));
        QCOMPARE(linears[4].name, std::string("model.layers.0.self_attn.pos_query_proj"));
        QVERIFY(linears[3].rows == 12 && linears[4].rows == 24 && linears[3].cols == 16);
        const std::vector<std::string> modules = plan.modules();
        for (const LinearPlan& linear : linears) {
            QVERIFY(std::count(modules.begin(), modules.end(), linear.name) == 1);
        }
        config.relative.shared = true;
        QCOMPARE(layerPlan(config, 0).linears().size(), std::size_t {7});
    }

    void biases_areWhereTheConfigHasThem()
    {
        ModelConfig config = small();
        config.qkvBias = true;
        const AttentionPlan some = layerPlan(config, 0).attention;
        QVERIFY(some.query.bias && some.key.bias && some.value.bias && !some.output.bias);
        config.qkvBias = false;
        config.oBias = true;
        const AttentionPlan other = layerPlan(config, 0).attention;
        QVERIFY(!other.query.bias && !other.key.bias && !other.value.bias && other.output.bias);
        QVERIFY(!layerPlan(config, 0).feed.down.bias);
        config.mlpBias = true;
        const FeedForwardPlan feed = layerPlan(config, 0).feed;
        QVERIFY(feed.gate.bias && feed.up.bias && feed.down.bias);
    }

    void heads_areNormed_whereTheConfigSaysSo()
    {
        ModelConfig config = small();
        config.rmsEpsilon = 0.25;
        QVERIFY(layerPlan(config, 0).attention.headNorms().empty());
        QVERIFY(layerPlan(config, 0).attention.queryNorm.name.empty());
        config.queryKeyNorm = QueryKeyNorm::Head;
        const std::vector<NormPlan> norms = layerPlan(config, 1).attention.headNorms();
        QCOMPARE(norms.size(), std::size_t {2});
        QCOMPARE(norms[0].name, std::string("model.layers.1.self_attn.q_norm"));
        QCOMPARE(norms[1].name, std::string("model.layers.1.self_attn.k_norm"));
        for (const NormPlan& norm : norms) {
            QVERIFY(norm.width == config.headDim && norm.epsilon == 0.25 && norm.offset == 0.0);
        }
        const std::vector<std::string> modules = layerPlan(config, 1).modules();
        QCOMPARE(modules[4], norms[0].name); // before what they lead to
        QCOMPARE(modules[5], norms[1].name);
        QCOMPARE(expectedWeights(config).size(),
                 expectedWeights(small()).size() + static_cast<std::size_t>(2 * config.layers));
        QCOMPARE(expectedWeights(config)[9].shape, (Shape {config.headDim}));
    }

    void windows_areThoseOfEachLayer()
    {
        ModelConfig config = small();
        config.slidingWindow = 8;
        config.firstWindowLayer = 1;
        QCOMPARE(layerPlan(config, 0).attention.window, 0);
        QCOMPARE(layerPlan(config, 1).attention.window, 8);
        config.windowLayers = {true, false, true};
        QCOMPARE(layerPlan(config, 0).attention.window, 8);
        QCOMPARE(layerPlan(config, 1).attention.window, 0);
    }

    // Rows of a matrix that makes several things at once, in either order; one that makes one thing has no parts.
    void parts_areTheRowsOfEach()
    {
        ModelConfig config = small();
        QVERIFY(partsOf(layerPlan(config, 0), "model.layers.0.self_attn.q_proj").empty());
        QVERIFY(partsOf(layerPlan(config, 0), "model.layers.0.mlp.gate_proj").empty());
        config.names.query = "self_attn.qkv";
        config.names.key.clear();
        config.names.value.clear();
        config.names.up.clear();
        const auto shown = [&](const char* module) {
            std::string text;
            for (const MatrixPart& part : partsOf(layerPlan(config, 1), module)) {
                text += part.title + std::to_string(part.count());
                for (const MatrixPart::Rows& rows : part.rows) {
                    text += ":" + std::to_string(rows.first) + "+" + std::to_string(rows.count);
                }
                text += " ";
            }
            return text;
        };
        const LayerPlan plan = layerPlan(config, 1);
        QVERIFY(plan.attention.query.rows == 48 && plan.feed.gate.rows == 40);
        QCOMPARE(plan.linears().size(), std::size_t {4});
        QCOMPARE(shown("model.layers.1.self_attn.qkv"),
                 std::string("q24:0+24 k12:24+12 v12:36+12 "));
        QCOMPARE(shown("model.layers.1.mlp.gate_proj"), std::string("gate20:0+20 up20:20+20 "));
        config.fusedOrder = FusedOrder::Groups;
        QCOMPARE(shown("model.layers.1.self_attn.qkv"),
                 std::string("q24:0+12:24+12 k12:12+6:36+6 v12:18+6:42+6 "));
        QVERIFY(shown("model.layers.1.self_attn.o_proj").empty());
    }

    // Exports are written in this order.
    void weights_comeInTheOrderOfFiles()
    {
        ModelConfig config = small();
        config.layers = 1;
        config.qkvBias = true;
        const std::vector<ExpectedWeight> weights = expectedWeights(config);
        const std::string layer = "model.layers.0.";
        QVERIFY(
            namesOf(weights)
            == (std::vector<std::string> {
                "model.embed_tokens.weight", layer + "input_layernorm.weight",
                layer + "self_attn.q_proj.weight", layer + "self_attn.q_proj.bias",
                layer + "self_attn.k_proj.weight", layer + "self_attn.k_proj.bias",
                layer + "self_attn.v_proj.weight", layer + "self_attn.v_proj.bias",
                layer + "self_attn.o_proj.weight", layer + "mlp.gate_proj.weight",
                layer + "mlp.up_proj.weight", layer + "mlp.down_proj.weight",
                layer + "post_attention_layernorm.weight", "model.norm.weight", "lm_head.weight"}));
        QCOMPARE(weights.front().shape, (Shape {50, 16}));
        QCOMPARE(weights[3].shape, (Shape {24}));
        QCOMPARE(weights.back().shape, (Shape {50, 16}));
        config.tiedEmbeddings = true;
        QCOMPARE(expectedWeights(config).size(), weights.size() - 1);
    }
};

QTEST_GUILESS_MAIN(LayerPlanTest)

#include "tst_layer_plan.moc"
