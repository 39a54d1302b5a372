// SPDX-License-Identifier: GPL-3.0-or-later
// Folders that this program writes: shards, the check of what was written, and a config.json that describes the same model.
#include "core/tensor/dtypes_tensors.h"
#include "core/weights/model_writer.h"
#include "core/weights/weights.h"
#include "tests/core/model/model_folders.h"
#include "tests/tools/golden.h"

#include <ATen/ATen.h>

#include <QTest>

#include <stop_token>

using namespace pissarro;
using namespace pissarro::core;
using namespace pissarro::tests;
namespace fs = std::filesystem;

namespace {

std::vector<std::string> filesIn(const fs::path& folder)
{
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder)) {
        names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
}

// 32, 16 and 12 bytes.
const std::vector<WeightGroup> kGroups {
    {{"a", DType::F32, {4, 2}}},
    {{"b", DType::U8, {8}}, {"b.absmax", DType::F32, {2}}},
    {{"c", DType::F32, {3}}},
};

std::vector<at::Tensor> tensorsOfGroup(std::size_t group)
{
    const auto filled = [](at::IntArrayRef shape, at::ScalarType type, int value) {
        return at::full(shape, value, at::TensorOptions().dtype(type));
    };
    return group == 0 ? std::vector {filled({4, 2}, at::kFloat, 1)}
        : group == 1  ? std::vector {filled({8}, at::kByte, 2), filled({2}, at::kFloat, 3)}
                      : std::vector {filled({3}, at::kFloat, 4)};
}

fs::path tiny(const std::string& name)
{
    return golden() / "tiny" / name;
}

} // namespace

class ModelWriterTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { m_scratch = std::make_unique<test::Scratch>(); }

    void shards_holdWholeGroups_data()
    {
        QTest::addColumn<quint64>("bytes");
        QTest::addColumn<QList<QStringList>>("shards");
        const QStringList a {"a"};
        const QStringList b {"b", "b.absmax"};
        const QStringList c {"c"};
        QTest::newRow("one file") << quint64 {60} << QList<QStringList> {a + b + c};
        QTest::newRow("a byte less") << quint64 {59} << QList<QStringList> {a + b, c};
        QTest::newRow("the first alone") << quint64 {47} << QList<QStringList> {a, b + c};
        QTest::newRow("larger than a shard") << quint64 {8} << QList<QStringList> {a, b, c};
    }
    void shards_holdWholeGroups()
    {
        QFETCH(quint64, bytes);
        QFETCH(QList<QStringList>, shards);
        writeShards(m_scratch->path(), kGroups, tensorsOfGroup, {}, bytes);
        const auto count = static_cast<std::size_t>(shards.size());
        const std::vector<std::string> names = filesIn(m_scratch->path());
        QCOMPARE(names.size(), count == 1 ? 1 : count + 1); // and the index
        nlohmann::json places;
        if (count == 1) {
            QCOMPARE(names.front(), std::string("model.safetensors"));
        } else {
            const auto index =
                nlohmann::json::parse(test::readBytes(*m_scratch / "model.safetensors.index.json"));
            QCOMPARE(index["metadata"]["total_size"].get<int>(), 60);
            places = index["weight_map"];
            QCOMPARE(places.size(), std::size_t {4});
        }
        for (std::size_t i = 0; i < count; ++i) {
            const auto file = SafetensorsFile::open(*m_scratch / names[i]);
            QStringList found;
            for (const TensorView& view : file.tensors()) {
                found.append(QString::fromStdString(view.name));
                QVERIFY(count == 1 || places[view.name] == names[i]);
            }
            QCOMPARE(found, shards[static_cast<qsizetype>(i)]);
            for (std::size_t group = 0; group < kGroups.size(); ++group) {
                for (std::size_t part = 0; part < kGroups[group].size(); ++part) {
                    const TensorView* view = file.find(kGroups[group][part].name);
                    QVERIFY(view == nullptr
                            || at::equal(tensorOver(*view), tensorsOfGroup(group)[part]));
                }
            }
        }
    }

    void aStop_leavesNoShard()
    {
        std::stop_source stop;
        const auto stopAtTheSecond = [&](std::size_t group) {
            if (group == 1) {
                stop.request_stop();
            }
            return tensorsOfGroup(group);
        };
        QVERIFY_THROWS_EXCEPTION(
            Cancelled,
            writeShards(m_scratch->path(), kGroups, stopAtTheSecond, JobContext(stop.get_token())));
        QCOMPARE(filesIn(m_scratch->path()).size(), std::size_t {0});
    }

    void aFolder_isCheckedWeightByWeight()
    {
        PISSARRO_NEEDS(tiny("llama"));
        const auto files = ModelFiles::open(tiny("llama"));
        const std::string name = "model.layers.1.mlp.down_proj.weight";
        const WeightProvider doubled = [&](const std::string& weight) {
            return weight == name ? loadWeight(*files, weight) * 2 : at::Tensor();
        };
        const fs::path folder = *m_scratch / "model";
        fs::create_directories(folder);
        fillModelFolder(*files, folder, "float32", doubled, {}, 20'000);
        QVERIFY(fs::exists(folder / "model.safetensors.index.json"));
        const auto check = [&](const WeightProvider& weights) {
            const auto error = test::errorOf(
                [&] { checkModelFolder(*files, *ModelFiles::open(folder), weights, {}); });
            return error ? std::string(error->what()) : std::string();
        };
        QCOMPARE(check(doubled), std::string());
        QVERIFY(check({}).find(name + " reads back other") != std::string::npos);
        // One bit of another weight.
        const std::string other = "model.layers.0.self_attn.q_proj.weight";
        const auto index =
            nlohmann::json::parse(test::readBytes(folder / "model.safetensors.index.json"));
        const fs::path shard = folder / index["weight_map"][other].get<std::string>();
        std::string bytes = test::readBytes(shard);
        const auto at = [&] {
            const auto file = SafetensorsFile::open(shard);
            return static_cast<std::size_t>(file.at(other).data - file.file()->bytes().data());
        }();
        bytes[at] = static_cast<char>(bytes[at] ^ 1);
        test::writeBytes(shard, bytes);
        QVERIFY(check(doubled).find(other + " reads back other") != std::string::npos);
    }

    // Whatever the family: what is written describes the model that was read.
    void aConfig_describesTheSameModel_data()
    {
        QTest::addColumn<QString>("name");
        for (const char* name : {"gemma", "gemma-gelu", "llama", "llama-bias-tied",
                                 "llama-rope-linear", "llama3-rope-scaled", "mistral-gqa",
                                 "mistral-headdim24", "mistral-swa16", "qwen2", "qwen3"}) {
            if (fs::exists(tiny(name))) {
                QTest::newRow(name) << QString(name);
            }
        }
    }
    void aConfig_describesTheSameModel()
    {
        QFETCH(QString, name);
        ModelConfig config = readModelConfig(tiny(name.toStdString()) / "config.json");
        config.unreadKeys.clear(); // they are not written
        test::writeBytes(*m_scratch / "config.json", configToJson(config, config.dtype));
        const ModelConfig again = readModelConfig(*m_scratch / "config.json");
        QCOMPARE(configToJson(again, again.dtype), configToJson(config, config.dtype));
        QVERIFY(again == config);
    }

private:
    std::unique_ptr<test::Scratch> m_scratch;
};

QTEST_GUILESS_MAIN(ModelWriterTest)
#include "tst_model_writer.moc"
