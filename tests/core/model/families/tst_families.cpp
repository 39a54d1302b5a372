// SPDX-License-Identifier: GPL-3.0-or-later
// What holds for every family of the list, so that a new one is tested by being in it.
#include "core/base/fmt.h"
#include "core/format/dtype.h"
#include "core/model/families/family.h"
#include "core/model/families/gguf_header.h"
#include "core/model/model_config.h"
#include "core/model/model_files.h"
#include "core/model/plan/layer_plan.h"
#include "tests/core/model/model_folders.h"

#include <QTest>

#include <map>
#include <nlohmann/json.hpp>
#include <set>

using namespace pissarro;
using core::Family;
using core::GgufChange;
using core::GgufName;
using core::ModelConfig;
using nlohmann::json;
using test::errorOf;

namespace {

QString shown(std::string_view text)
{
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

void addGgufFamilies()
{
    QTest::addColumn<QString>("type");
    for (const Family* family : core::allFamilies()) {
        if (!family->ggufName.empty()) {
            QTest::newRow(std::string(family->modelType).c_str()) << shown(family->modelType);
        }
    }
}

// Small ones, under the family's own keys: others are refused.
json expertSettings(const Family& family)
{
    const std::string_view type = family.modelType;
    if (type == "mixtral") {
        return {{"num_local_experts", 4}, {"num_experts_per_tok", 2}};
    }
    if (type == "qwen2_moe" || type == "qwen3_moe") {
        json settings {
            {"num_experts", 4}, {"num_experts_per_tok", 2}, {"moe_intermediate_size", 6}};
        if (type == "qwen2_moe") {
            settings["shared_expert_intermediate_size"] = 8;
        }
        return settings;
    }
    if (type.starts_with("deepseek")) {
        return {{"n_routed_experts", 4},
                {"num_experts_per_tok", 2},
                {"n_shared_experts", 1},
                {"moe_intermediate_size", 6},
                {"n_group", 2},
                {"topk_group", 1},
                {"first_k_dense_replace", 1}};
    }
    return json::object();
}

// Sizes under the family's own keys; those that it does not have say nothing.
ModelConfig read(const Family& family, const std::string& settings = "{}")
{
    const core::FamilyKeys& keys = family.keys;
    json config = json::parse(
        R"({"hidden_size": 16, "num_hidden_layers": 2, "vocab_size": 10, "intermediate_size": 12,
        "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 8, "torch_dtype": "float32"})");
    config[keys.width] = 16;
    config[keys.layers] = 2;
    config[keys.ffn] = 12;
    config[keys.heads] = 4;
    if (keys.kvHeads != nullptr) {
        config[keys.kvHeads] = 2;
    }
    if (keys.rotaryPart != nullptr) { // two numbers of a head at least
        config[keys.rotaryPart] = 0.5;
    }
    config["model_type"] = family.modelType;
    config.update(expertSettings(family));
    const json more = json::parse(settings);
    for (const auto& [key, value] : more.items()) {
        config[key] = value;
    }
    const test::Scratch scratch;
    test::writeBytes(scratch / "config.json", config.dump());
    ModelConfig read = core::readModelConfig(scratch / "config.json");
    read.unreadKeys.clear(); // a written config.json has none
    return read;
}

ModelConfig readBack(const ModelConfig& config)
{
    const test::Scratch scratch;
    test::writeBytes(scratch / "config.json", core::configToJson(config, config.dtype));
    ModelConfig back = core::readModelConfig(scratch / "config.json");
    back.unreadKeys.clear();
    return back;
}

// "model.layers.1.mlp.up_proj.weight": the row that names "model.layers.*.mlp.up_proj", and "1".
std::pair<const GgufName*, std::string> rowOf(const std::vector<GgufName>& names,
                                              const std::string& weight)
{
    const std::string prefix = "model.layers."; // of all families that have a name in GGUF files
    std::string stem = weight.substr(0, weight.rfind('.'));
    std::string layer;
    if (stem.starts_with(prefix)) {
        layer = stem.substr(prefix.size(), stem.find('.', prefix.size()) - prefix.size());
        stem.replace(prefix.size(), layer.size(), "*");
    }
    const std::string experts = "experts.";
    if (const std::size_t at = stem.find(experts); at != std::string::npos) {
        const std::size_t number = at + experts.size();
        const std::size_t end = stem.find('.', number);
        if (end != std::string::npos && stem.find_first_not_of("0123456789", number) == end) {
            stem.replace(number, end - number, "*"); // every expert's in one tensor
        }
    }
    const GgufName* found = nullptr;
    for (const GgufName& name : names) {
        found = name.ours == stem ? &name : found;
    }
    return {found, layer};
}

std::vector<float> numbersOf(const core::ExpectedWeight& weight)
{
    std::int64_t count = 1;
    for (const std::int64_t side : weight.shape) {
        count *= side;
    }
    std::vector<float> numbers;
    for (std::int64_t i = 0; i < count; ++i) {
        numbers.push_back(0.25F * static_cast<float>(i % 37)
                          + static_cast<float>(weight.name.size()));
    }
    return numbers;
}

// As llama.cpp's converter stores them.
std::string storedBytes(const core::ExpectedWeight& weight, GgufChange change, std::int64_t headDim)
{
    std::string bytes;
    for (const float number : numbersOf(weight)) {
        test::put(bytes, change == GgufChange::PlusOne ? number + 1.0F : number);
    }
    return change == GgufChange::PairedRows
        ? test::permuted(bytes, weight.shape[0], weight.shape[0] / headDim)
        : bytes;
}

// What a header without the family's own values says: llama.cpp's assumptions, written as a config.json has them.
std::string ggufSettings(const Family& family)
{
    json settings {{"head_dim", 8}};
    if (family.keys.rotaryPart != nullptr) {
        settings[family.keys.rotaryPart] = 1.0;
    }
    if (family.modelType.starts_with("gemma") && family.modelType != "gemma") {
        settings["query_pre_attn_scalar"] = 8;
    }
    if (family.modelType == "qwen3_moe") {
        settings["norm_topk_prob"] = true;
    }
    if (family.modelType == "deepseek") {
        settings["moe_layer_freq"] = 1;
    }
    settings["no_rope_layers"] = family.modelType == "smollm3" ? json {1, 1} : json();
    settings["attention_multiplier"] = family.modelType == "granite" ? json(0.25) : json();
    return settings.dump();
}

// A header that says what core/model reads of every family's.
test::GgufBuilder headerOf(const ModelConfig& config, const std::string& name)
{
    const auto u32 = [](std::int64_t number) { return static_cast<std::uint32_t>(number); };
    const std::string a = name + ".";
    test::GgufBuilder out;
    out.string("general.architecture", name)
        .u32(a + "block_count", u32(config.layers))
        .u32(a + "context_length", u32(config.maxPositions))
        .u32(a + "embedding_length", u32(config.width))
        .u32(a + "feed_forward_length", u32(config.ffn))
        .u32(a + "attention.head_count", u32(config.heads))
        .u32(a + "attention.head_count_kv", u32(config.kvHeads))
        .u32(a + "attention.key_length", u32(config.headDim))
        .f32(a + "rope.freq_base", static_cast<float>(config.ropeTheta))
        .u32(a + "rope.dimension_count", u32(config.turnedDims()))
        .f32(a + "attention.scale", 0.25F)
        .f32(a + "attention.layer_norm_rms_epsilon", static_cast<float>(config.rmsEpsilon));
    if (config.slidingWindow > 0) {
        out.u32(a + "attention.sliding_window", u32(config.slidingWindow));
    }
    const core::Mixture& mixture = config.mixture;
    if (mixture.experts > 0) {
        out.u32(a + "expert_count", u32(mixture.experts))
            .u32(a + "expert_used_count", u32(mixture.chosen))
            .u32(a + "expert_feed_forward_length", u32(mixture.ffn))
            .u32(a + "expert_shared_feed_forward_length", u32(mixture.sharedFfn))
            .u32(a + "expert_shared_count", u32(mixture.sharedFfn / mixture.ffn));
    }
    const auto id = [&](const char* key, std::int64_t value) {
        if (value >= 0) {
            out.u32(key, u32(value));
        }
    };
    id("tokenizer.ggml.bos_token_id", config.bosId);
    id("tokenizer.ggml.padding_token_id", config.padId);
    id("tokenizer.ggml.eos_token_id", config.eosIds.empty() ? -1 : config.eosIds.front());
    return out;
}

} // namespace

class FamiliesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void each_hasNamesOfItsOwn()
    {
        std::set<std::string_view> types, titles, classes, plain;
        for (const Family* family : core::allFamilies()) {
            QVERIFY(!family->modelType.empty() && !family->title.empty());
            QVERIFY(types.insert(family->modelType).second);
            QVERIFY(titles.insert(family->title).second);
            QVERIFY(classes.insert(family->className).second);
            // Of families with one name in GGUF files all but one must know themselves.
            QVERIFY(family->ggufName.empty() || family->isGguf != nullptr
                    || plain.insert(family->ggufName).second);
            QVERIFY(&core::familyOf(family->modelType) == family);
        }
        const auto error = errorOf([] { core::familyOf("mamba"); });
        QVERIFY(error && error->kind() == core::ErrorKind::Internal);
    }

    // The lists of the README are those of the registries; where one is not, the test says what it has to be.
    void readme_listsThemAll()
    {
        std::string families;
        for (const Family* family : core::allFamilies()) {
            families += fmt::format("{}{}", families.empty() ? "" : ", ", family->title);
        }
        std::string types;
        for (const core::DType dtype : core::allDTypes()) {
            if (core::isWeightType(dtype)) {
                types += fmt::format("{}{}", types.empty() ? "" : ", ", core::dtypeName(dtype));
            }
        }
        const std::string readme = test::readBytes(PISSARRO_SOURCE "/README.md");
        for (const std::string& list : {families, types}) {
            QVERIFY2(readme.find(fmt::format(": {}.", list)) != std::string::npos, list.c_str());
        }
    }

    // A family is adding a file: nobody else asks for its name. In core/tokenizer they are names of tokenizers.
    void noneIsNamed_elsewhere()
    {
        namespace fs = std::filesystem;
        const fs::path root = PISSARRO_SOURCE;
        std::size_t files = 0;
        for (const char* const top : {"core", "ui", "app"}) {
            for (const auto& entry : fs::recursive_directory_iterator(root / top)) {
                const std::string path = entry.path().lexically_relative(root).string();
                const std::string extension = entry.path().extension().string();
                if ((extension != ".h" && extension != ".cpp")
                    || path.starts_with("core/model/families/")
                    || path.starts_with("core/tokenizer/")) {
                    continue;
                }
                ++files;
                const std::string text = test::readBytes(entry.path());
                for (const Family* family : core::allFamilies()) {
                    const std::string quoted = "\"" + std::string(family->modelType) + "\"";
                    QVERIFY2(text.find(quoted) == std::string::npos, (path + quoted).c_str());
                }
            }
        }
        QVERIFY(files > 100);
    }

    // The first of the list, how many there are beside them, and who lists all.
    void anUnknownOne_isToldOfTheList()
    {
        constexpr std::size_t kTold = 12;
        const std::vector<const Family*>& all = core::allFamilies();
        Family unknown = *all.front();
        unknown.modelType = "mamba";
        const auto error = errorOf([&] { read(unknown); });
        QVERIFY(error);
        const QString said = shown(error->what());
        for (std::size_t i = 0; i < kTold; ++i) {
            QVERIFY(said.contains(shown(all[i]->modelType)));
        }
        QVERIFY(said.contains(QStringLiteral("or one of %1 more").arg(all.size() - kTold)));
        QVERIFY(said.contains(QStringLiteral("pissarro-cli inspect --help lists all")));
        QVERIFY(said.size() < 300);
    }

    void configs_readBackTheSame_data()
    {
        QTest::addColumn<QString>("type");
        QTest::addColumn<QByteArray>("settings");
        for (const Family* family : core::allFamilies()) {
            for (
                const char* const settings :
                {R"({})", R"({"attention_bias": true})", R"({"mlp_bias": true})",
                 R"({"sliding_window": 8})", R"({"sliding_window": null})",
                 R"({"use_sliding_window": true, "max_window_layers": 1})",
                 R"({"use_sliding_window": true, "layer_types": ["sliding_attention", "full_attention"]})",
                 R"({"tie_word_embeddings": true})", R"({"tie_word_embeddings": false})",
                 R"({"hidden_act": "silu"})", R"({"hidden_act": "gelu"})",
                 R"({"hidden_act": "gelu_new"})",
                 R"({"bos_token_id": 3, "eos_token_id": [4, 5], "pad_token_id": 0})",
                 R"({"bos_token_id": null, "eos_token_id": null, "pad_token_id": null})",
                 R"({"max_position_embeddings": 99, "rope_theta": 7.5, "rms_norm_eps": 0.25})",
                 R"({"rope_scaling": {"rope_type": "linear", "factor": 2}})"}) {
                QTest::newRow((std::string(family->modelType) + settings).c_str())
                    << shown(family->modelType) << QByteArray(settings);
            }
        }
    }

    void configs_readBackTheSame()
    {
        QFETCH(QString, type);
        QFETCH(QByteArray, settings);
        const Family& family = core::familyOf(type.toStdString());
        const ModelConfig config = read(family, settings.toStdString());
        QCOMPARE(config.modelType, std::string(family.modelType));
        QCOMPARE(config.architecture, std::string(family.title));
        QVERIFY(readBack(config) == config);
        const json written = json::parse(core::configToJson(config, config.dtype));
        QCOMPARE(written.at("architectures").front().get<std::string>(),
                 std::string(family.className));
    }

    void ggufNames_areOneToOne_data() { addGgufFamilies(); }
    void ggufNames_areOneToOne()
    {
        QFETCH(QString, type);
        const Family& family = core::familyOf(type.toStdString());
        const std::vector<GgufName> names = core::ggufNamesOf(read(family));
        std::set<std::string_view> theirs, ours, used;
        for (const GgufName& name : names) {
            QVERIFY2(theirs.insert(name.theirs).second, name.theirs.c_str());
            QVERIFY2(ours.insert(name.ours).second, name.ours.c_str());
            QCOMPARE(name.theirs.starts_with("blk.*."), name.ours.starts_with("model.layers.*."));
        }
        ModelConfig config = read(family);
        config.tiedEmbeddings = false; // with every weight that the family can have
        for (const core::ExpectedWeight& weight : core::expectedWeights(config)) {
            const GgufName* row = rowOf(names, weight.name).first;
            QVERIFY2(row != nullptr, weight.name.c_str());
            used.insert(row->ours);
        }
        QCOMPARE(used.size(), names.size());
    }

    // Mixtral's files of 2023.
    void aTensorForEachExpert_isRead()
    {
        const Family& family = core::familyOf("mixtral");
        const ModelConfig config = read(family, ggufSettings(family));
        const std::vector<GgufName> names = core::ggufNamesOf(config);
        test::GgufBuilder builder = headerOf(config, std::string(family.ggufName));
        for (const core::ExpectedWeight& weight : core::expectedWeights(config)) {
            const auto [row, layer] = rowOf(names, weight.name);
            std::string name = row->theirs;
            if (!layer.empty()) {
                name.replace(name.find('*'), 1, layer);
            }
            if (const std::size_t exps = name.find("_exps"); exps != std::string::npos) {
                const std::size_t expert = weight.name.find("experts.") + 8;
                name.replace(
                    exps, 5,
                    "." + weight.name.substr(expert, weight.name.find('.', expert) - expert));
            }
            builder.tensor(name + weight.name.substr(weight.name.rfind('.')), weight.shape, 0,
                           storedBytes(weight, row->change, config.headDim));
        }
        const test::Scratch scratch;
        test::writeBytes(scratch / "x.gguf", builder.bytes());
        const auto files = core::ModelFiles::open(scratch / "x.gguf");
        QVERIFY(files->config() == config);
        QCOMPARE(files->linearModules().size(), std::size_t {2 * (4 + 3 * 4)});
    }

    void ggufs_areReadAsTheirFamily_data() { addGgufFamilies(); }
    void ggufs_areReadAsTheirFamily()
    {
        QFETCH(QString, type);
        const Family& family = core::familyOf(type.toStdString());
        const ModelConfig config = read(family, ggufSettings(family));
        const std::vector<GgufName> names = core::ggufNamesOf(config);
        test::GgufBuilder builder = headerOf(config, std::string(family.ggufName));
        std::map<std::string, std::string> fused; // of a tensor for all experts, in their order
        for (const core::ExpectedWeight& weight : core::expectedWeights(config)) {
            const auto [row, layer] = rowOf(names, weight.name);
            std::string name = row->theirs;
            if (!layer.empty()) {
                name.replace(name.find('*'), 1, layer);
            }
            name += weight.name.substr(weight.name.rfind('.'));
            const std::string bytes = storedBytes(weight, row->change, config.headDim);
            if (name.find("_exps.") == std::string::npos) {
                builder.tensor(name, weight.shape, 0, bytes);
                continue;
            }
            std::string& all = fused[name];
            all += bytes;
            if (all.size() == bytes.size() * static_cast<std::size_t>(config.mixture.experts)) {
                builder.tensor(name, {config.mixture.experts, weight.shape[0], weight.shape[1]}, 0,
                               all);
            }
        }
        const test::Scratch scratch;
        test::writeBytes(scratch / "x.gguf", builder.bytes());
        const auto files = core::ModelFiles::open(scratch / "x.gguf");
        QCOMPARE(files->config().modelType, config.modelType);
        QVERIFY(files->config() == config);
        for (const core::ExpectedWeight& weight : core::expectedWeights(config)) {
            const std::vector<float> expected = numbersOf(weight);
            std::vector<float> found(expected.size());
            files->readFloat32(weight.name, found.data());
            QVERIFY2(found == expected, weight.name.c_str());
            QCOMPARE(files->isVerbatim(weight.name),
                     rowOf(names, weight.name).first->change == GgufChange::None);
        }
    }
};

QTEST_GUILESS_MAIN(FamiliesTest)

#include "tst_families.moc"
