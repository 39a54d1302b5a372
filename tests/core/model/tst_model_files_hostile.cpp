// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/model_files.h"
#include "tests/core/model/model_folders.h"
#include "tests/tools/patience.h"

#include <QFile>
#include <QTest>

#include <cmath>
#include <sys/resource.h>

using namespace pissarro;
using core::DType;
using core::ModelFiles;
using test::errorOf;
using test::kTiny;
using test::StoredTensor;
namespace fs = std::filesystem;
using nlohmann::json;

namespace {

// Makes one model with one lie in it under the folder given; returns the path to open.
using Make = std::function<fs::path(const fs::path&)>;
using pissarro::tests::CpuClock;
using pissarro::tests::kSoonS;

Make changed(const std::string& name, const test::Change& change)
{
    return [=](const fs::path& folder) { return test::copyModel(folder / "model", name, change); };
}

Make configured(const std::string& patch)
{
    return changed("llama", [patch](std::vector<StoredTensor>&, json& config) {
        config.merge_patch(json::parse(patch));
    });
}

Make indexed(const std::function<void(json&)>& change)
{
    return [=](const fs::path& folder) { return test::copySharded(folder / "model", change); };
}

Make gguf(const std::function<void(test::GgufBuilder&)>& change,
          const std::string& architecture = "llama")
{
    return [=](const fs::path& folder) {
        test::GgufBuilder builder =
            test::ggufOf(kTiny + (architecture == "llama" ? "llama" : architecture), architecture);
        change(builder);
        test::writeBytes(folder / "model.gguf", builder.bytes());
        return folder / "model.gguf";
    };
}

StoredTensor floats(const std::string& name, const std::vector<std::int64_t>& shape)
{
    std::int64_t elements = 1;
    for (const std::int64_t side : shape) {
        elements *= side;
    }
    return {name, DType::F32, shape, std::string(static_cast<std::size_t>(elements) * 4, '\0')};
}

} // namespace

Q_DECLARE_METATYPE(Make)

class ModelFilesHostileTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        if (!QFile::exists(QString::fromStdString(kTiny))) {
            QSKIP("shared/golden is not here");
        }
    }

    void refuses_everyLie_data()
    {
        QTest::addColumn<Make>("make");
        QTest::addColumn<QString>("what");
        const auto row = [](const char* name, const Make& make, const char* what) {
            QTest::newRow(name) << make << what;
        };
        addFolderRows(row);
        addShardRows(row);
        addGgufRows(row);
    }

    // One line, in time, and a right folder opened after it still works.
    void refuses_everyLie()
    {
        QFETCH(Make, make);
        QFETCH(QString, what);
        const test::Scratch scratch;
        const fs::path model = make(scratch.path());
        const CpuClock clock;
        const auto error = errorOf([&] { ModelFiles::open(model); });
        QCOMPARE(test::complaint(error, model.filename(), what.toStdString()), QString());
        QVERIFY(clock.seconds() < kSoonS);
        QCOMPARE(ModelFiles::open(test::copyModel(scratch / "right"))->linearModules().size(), 21U);
    }

    void refuses_whatIsNotThere()
    {
        const test::Scratch scratch;
        const auto error = errorOf([&] { ModelFiles::open(scratch / "none"); });
        QVERIFY(error && error->kind() == core::ErrorKind::Io);
        QVERIFY(QByteArray(error->what()).contains("none"));
    }

    // Headers made to cost memory: the process stays far below 1 GiB.
    void staysSmall_whateverTheHeaderSays()
    {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
        QSKIP("sanitizers keep memory of their own");
#endif
        const test::Scratch scratch;
        std::string header =
            "{\"a\":{\"dtype\":\"F32\",\"shape\":[" + std::string(40'000'000, '1') + "]}}";
        test::writeBytes(scratch / "one.safetensors", test::safetensorsBytes(header, ""));
        header = "{\"__metadata__\":{\"a\":\"" + std::string(40'000'000, 'x') + "\"}}";
        test::writeBytes(scratch / "two.safetensors", test::safetensorsBytes(header, "x"));
        header = "{";
        for (int i = 0; i < 600'000; ++i) {
            header += "\"" + std::to_string(i)
                + "\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]},";
        }
        header.back() = '}';
        test::writeBytes(scratch / "three.safetensors", test::safetensorsBytes(header, "x"));
        for (const char* const file : {"one.safetensors", "two.safetensors", "three.safetensors"}) {
            QVERIFY(errorOf([&] { core::SafetensorsFile::open(scratch / file); }));
        }
        test::writeBytes(
            scratch / "config.json", "[" + [] {
                std::string zeros;
                for (int i = 0; i < 15'000'000; ++i) {
                    zeros += "0,";
                }
                return zeros;
            }() + "0]");
        QVERIFY(errorOf([&] { ModelFiles::open(scratch.path()); }));
        // Eight million empty texts: 8 bytes each in the file, 32 in memory.
        std::string list;
        test::put<std::uint32_t>(list, test::GgufBuilder::kText);
        test::put<std::uint64_t>(list, 8'500'000);
        list.append(8 * 8'500'000, '\0');
        test::GgufBuilder builder;
        test::writeBytes(scratch / "x.gguf",
                         builder.raw("k", test::GgufBuilder::kList, list).bytes());
        QCOMPARE(test::complaint(errorOf([&] { ModelFiles::open(scratch / "x.gguf"); }), "x.gguf",
                                 "256 MiB"),
                 QString());
        rusage usage {};
        QCOMPARE(::getrusage(RUSAGE_SELF, &usage), 0);
        QVERIFY2(usage.ru_maxrss < 900 * 1024, qPrintable(QString::number(usage.ru_maxrss)));
    }

private:
    template <typename Row>
    static void addFolderRows(const Row& row)
    {
        row(
            "no config",
            [](const fs::path& folder) {
                test::copyModel(folder / "model");
                fs::remove(folder / "model" / "config.json");
                return folder / "model";
            },
            "no config.json");
        row(
            "an adapter",
            [](const fs::path& folder) {
                test::writeBytes(folder / "adapter_config.json", "{}");
                return folder;
            },
            "adapter");
        row(
            "config a list",
            [](const fs::path& folder) {
                test::copyModel(folder / "model");
                test::writeBytes(folder / "model" / "config.json", "[]");
                return folder / "model";
            },
            "a list");
        row("heads 0", configured(R"({"num_attention_heads": 0})"), "num_attention_heads is 0");
        row("layers 10^9", configured(R"({"num_hidden_layers": 1000000000})"),
            "num_hidden_layers is 1000000000");
        row("one layer more", configured(R"({"num_hidden_layers": 4})"),
            "'model.layers.3.input_layernorm.weight' is missing");
        row("one layer fewer", configured(R"({"num_hidden_layers": 2})"), "'model.layers.2.");
        row("vocabulary larger", configured(R"({"vocab_size": 600})"),
            "[512, 64] (expected [600, 64]");
        row("width other", configured(R"({"hidden_size": 128})"), "expected");
        row("heads of other width", configured(R"({"head_dim": 32})"), "expected [128, 64]");
        row("unknown architecture", configured(R"({"model_type": "mamba"})"), "'mamba'");
        row("biases that are not there", configured(R"({"attention_bias": true})"),
            "q_proj.bias' is missing");
        row("shape transposed",
            changed("llama",
                    [](auto& tensors, json&) {
                        for (StoredTensor& tensor : tensors) {
                            if (tensor.name.ends_with("1.mlp.up_proj.weight")) {
                                std::swap(tensor.shape[0], tensor.shape[1]);
                            }
                        }
                    }),
            "'model.layers.1.mlp.up_proj.weight' has the shape [64, 172] (expected [172, 64]");
        row("tensor missing",
            changed("llama",
                    [](auto& tensors, json&) {
                        std::erase_if(tensors, [](const StoredTensor& t) {
                            return t.name == "model.norm.weight";
                        });
                    }),
            "'model.norm.weight' is missing");
        row("tensor extra",
            changed("llama",
                    [](auto& tensors, json&) {
                        tensors.push_back(floats("model.layers.0.self_attn.q_norm.weight", {16}));
                    }),
            "'model.layers.0.self_attn.q_norm.weight' is not part");
        row("weights of whole numbers",
            changed("llama",
                    [](auto& tensors, json&) {
                        for (StoredTensor& tensor : tensors) {
                            tensor.dtype =
                                tensor.name == "model.norm.weight" ? DType::I32 : tensor.dtype;
                        }
                    }),
            "holds I32");
        row(
            "a pickle",
            [](const fs::path& folder) {
                test::copyModel(folder / "model");
                fs::rename(folder / "model" / "model.safetensors",
                           folder / "model" / "pytorch_model.bin");
                return folder / "model";
            },
            "pickle");
        row(
            "a pickle by its path",
            [](const fs::path& folder) {
                test::writeBytes(folder / "model.pt", "PK");
                return folder / "model.pt";
            },
            "pickle");
        row(
            "no weights",
            [](const fs::path& folder) {
                test::copyModel(folder / "model");
                fs::remove(folder / "model" / "model.safetensors");
                return folder / "model";
            },
            "no model.safetensors");
        row(
            "some other file",
            [](const fs::path& folder) {
                test::writeBytes(folder / "notes.txt", "hello");
                return folder / "notes.txt";
            },
            "is no model");
        row(
            "weights cut",
            [](const fs::path& folder) {
                test::copyModel(folder / "model");
                fs::resize_file(folder / "model" / "model.safetensors", 100'000);
                return folder / "model";
            },
            "model.safetensors: tensor");
        row(
            "weights empty",
            [](const fs::path& folder) {
                test::copyModel(folder / "model");
                fs::resize_file(folder / "model" / "model.safetensors", 0);
                return folder / "model";
            },
            "0 bytes");
    }

    template <typename Row>
    static void addShardRows(const Row& row)
    {
        const std::string second = "model-00002-of-00002.safetensors";
        row(
            "shard missing",
            [second](const fs::path& folder) {
                test::copySharded(folder / "model");
                fs::remove(folder / "model" / second);
                return folder / "model";
            },
            "model-00002-of-00002.safetensors: the shard is missing");
        row("shard through ..", indexed([](json& index) {
                index["weight_map"]["model.norm.weight"] = "../model/x.safetensors";
            }),
            "leaves the folder");
        row("shard absolute",
            indexed([](json& index) { index["weight_map"]["model.norm.weight"] = "/etc/passwd"; }),
            "leaves the folder");
        row("shard in a folder below",
            indexed([](json& index) { index["weight_map"]["model.norm.weight"] = "a/b"; }),
            "leaves the folder");
        row("shard is ..",
            indexed([](json& index) { index["weight_map"]["model.norm.weight"] = ".."; }), "");
        row("shard of no name",
            indexed([](json& index) { index["weight_map"]["model.norm.weight"] = ""; }),
            "leaves the folder");
        row("shard a number",
            indexed([](json& index) { index["weight_map"]["model.norm.weight"] = 7; }),
            "is no text");
        row("shard with a zero byte", indexed([](json& index) {
                index["weight_map"]["model.norm.weight"] = std::string("a\0b", 3);
            }),
            "leaves the folder");
        row(
            "shard a link to elsewhere",
            [second](const fs::path& folder) {
                test::copySharded(folder / "model");
                fs::rename(folder / "model" / second, folder / "elsewhere");
                fs::create_symlink("../elsewhere", folder / "model" / second);
                return folder / "model";
            },
            "is a link that leaves the folder");
        row("index without weight_map", indexed([](json& index) { index.erase("weight_map"); }),
            "lacks weight_map");
        row("index with a list", indexed([](json& index) { index["weight_map"] = json::array(); }),
            "lacks weight_map");
        row("index of nothing", indexed([](json& index) { index["weight_map"] = json::object(); }),
            "lacks weight_map");
        row("index names the wrong shard",
            indexed([second](json& index) { index["weight_map"]["lm_head.weight"] = second; }),
            "'lm_head.weight' is not in the shard");
        row("index names what is nowhere",
            indexed([second](json& index) { index["weight_map"]["model.x.weight"] = second; }),
            "'model.x.weight' is not in the shard");
        row(
            "index not JSON",
            [](const fs::path& folder) {
                test::copySharded(folder / "model");
                test::writeBytes(folder / "model" / "model.safetensors.index.json", "{");
                return folder / "model";
            },
            "not JSON");
        row(
            "tensor in two shards",
            [second](const fs::path& folder) {
                test::copySharded(folder / "model");
                std::vector<StoredTensor> tensors = test::tensorsOf(folder / "model" / second);
                tensors.push_back(floats("lm_head.weight", {512, 64}));
                test::writeTensors(folder / "model" / second, tensors);
                return folder / "model";
            },
            "is in two shards");
    }

    template <typename Row>
    static void addGgufRows(const Row& row)
    {
        const auto builderOf = [](const std::function<void(test::GgufBuilder&)>& fill) {
            return [fill](const fs::path& folder) {
                test::GgufBuilder builder;
                fill(builder);
                test::writeBytes(folder / "model.gguf", builder.bytes());
                return folder / "model.gguf";
            };
        };
        row(
            "GGUF empty",
            [](const fs::path& folder) {
                test::writeBytes(folder / "model.gguf", "");
                return folder / "model.gguf";
            },
            "is cut");
        row("GGUF without architecture", builderOf([](test::GgufBuilder&) {}), "no architecture");
        row("GGUF of unknown architecture",
            builderOf([](test::GgufBuilder& b) { b.string("general.architecture", "gpt2"); }),
            "'gpt2'");
        row("GGUF without sizes",
            builderOf([](test::GgufBuilder& b) { b.string("general.architecture", "llama"); }),
            "'llama.block_count' is missing");
        const auto sized = [builderOf](std::uint32_t layers, std::uint32_t heads,
                                       std::uint32_t width) {
            return builderOf([=](test::GgufBuilder& b) {
                b.string("general.architecture", "llama")
                    .u32("llama.block_count", layers)
                    .u32("llama.embedding_length", width);
                b.u32("llama.attention.head_count", heads).u32("llama.feed_forward_length", 64);
                b.tensor("token_embd.weight", {4, 32}, 0, std::string(512, '\0'));
            });
        };
        row("GGUF of 2^32 layers", sized(0xFFFFFFFFU, 4, 32), "number of layers is 4294967295");
        row("GGUF of no heads", sized(1, 0, 32), "attention heads is 0");
        row("GGUF of no width", sized(1, 4, 0), "the width is 0");
        row("GGUF of many heads", sized(1, 64, 32), "width of a head is 0");
        row("GGUF that lacks weights", sized(1, 4, 32), "is missing");
        row("GGUF heads as text", builderOf([](test::GgufBuilder& b) {
                b.string("general.architecture", "llama")
                    .u32("llama.block_count", 1)
                    .u32("llama.embedding_length", 32);
                b.string("llama.attention.head_count", "4");
            }),
            "llama.attention.head_count");
        row("GGUF of experts", gguf([](test::GgufBuilder& b) { b.u32("llama.expert_count", 8); }),
            "experts");
        row("GGUF with a rope of its own",
            gguf([](test::GgufBuilder& b) { b.string("llama.rope.scaling.type", "wonder"); }),
            "'wonder'");
        row("GGUF turning half a head",
            gguf([](test::GgufBuilder& b) { b.u32("llama.rope.dimension_count", 8); }),
            "part of the head");
        row("GGUF with an extra tensor", gguf([](test::GgufBuilder& b) {
                b.tensor("blk.0.attn_q_norm.weight", {1}, 0, std::string(4, '\0'));
            }),
            "'blk.0.attn_q_norm.weight'");
        row("GGUF factors of zero", gguf([](test::GgufBuilder& b) {
                b.tensor("rope_freqs.weight", {8}, 0, std::string(32, '\0'));
            }),
            "rope_freqs.weight");
        row("GGUF factors too few", gguf([](test::GgufBuilder& b) {
                b.tensor("rope_freqs.weight", {1}, 0, std::string(4, '\1'));
            }),
            "expected F32 [8]");
        row("GGUF with one bias of many", gguf([](test::GgufBuilder& b) {
                b.tensor("blk.0.attn_q.bias", {64}, 0, std::string(256, '\0'));
            }),
            "bias' is missing");
        row("GGUF base of infinity", builderOf([](test::GgufBuilder& b) {
                b.string("general.architecture", "llama")
                    .u32("llama.block_count", 1)
                    .u32("llama.embedding_length", 32);
                b.u32("llama.attention.head_count", 4)
                    .u32("llama.feed_forward_length", 64)
                    .f32("llama.rope.freq_base", HUGE_VALF);
                b.tensor("token_embd.weight", {4, 32}, 0, std::string(512, '\0'));
            }),
            "rotary base");
    }
};

QTEST_GUILESS_MAIN(ModelFilesHostileTest)

#include "tst_model_files_hostile.moc"
