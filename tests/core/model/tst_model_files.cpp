// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/model_files.h"
#include "tests/core/model/model_folders.h"
#include "tests/tools/patience.h"

#include <QFile>
#include <QProcess>
#include <QTest>

#include <bit>
#include <cmath>
#include <set>

using namespace pissarro;
using core::DType;
using core::ModelFiles;
using pissarro::tests::CpuClock;
using pissarro::tests::hangMs;
using pissarro::tests::kSoonS;
using test::errorOf;
using test::kTiny;
namespace fs = std::filesystem;

namespace {

const std::string kRealModel = PISSARRO_DEPS "/model/SmolLM2-135M-Instruct.Q4_1.gguf";

std::vector<float> weightOf(const ModelFiles& files, const std::string& name)
{
    std::vector<float> out(static_cast<std::size_t>(files.find(name)->elements()));
    files.readFloat32(name, out.data());
    return out;
}

// As torch rounds: to nearest, ties to even.
std::uint16_t bfloat16Of(float value)
{
    const auto bits = std::bit_cast<std::uint32_t>(value);
    return static_cast<std::uint16_t>((bits + 0x7FFFU + ((bits >> 16) & 1U)) >> 16);
}

const std::string kEmbedding = "model.embed_tokens.weight";

std::string bytesOf(const std::vector<test::StoredTensor>& tensors, const std::string& name)
{
    const auto found = std::find_if(tensors.begin(), tensors.end(),
                                    [&](const test::StoredTensor& t) { return t.name == name; });
    return found->bytes;
}

} // namespace

class ModelFilesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        if (!QFile::exists(QString::fromStdString(kTiny))) {
            QSKIP("shared/golden is not here");
        }
    }

    void opens_everyGoldenFolder_data()
    {
        QTest::addColumn<QString>("name");
        for (const char* const name :
             {"llama", "llama-bias-tied", "llama-rope-linear", "llama3-rope-scaled", "mistral-gqa",
              "mistral-swa16", "mistral-headdim24", "gemma", "gemma-gelu", "qwen2"}) {
            QTest::newRow(name) << name;
        }
    }

    void opens_everyGoldenFolder()
    {
        QFETCH(QString, name);
        const fs::path folder = kTiny + name.toStdString();
        const auto files = ModelFiles::open(folder);
        std::int64_t parameters = 0;
        const std::vector<test::StoredTensor> stored =
            test::tensorsOf(folder / "model.safetensors");
        for (const test::StoredTensor& tensor : stored) {
            parameters += static_cast<std::int64_t>(tensor.bytes.size()) / 4;
            const std::vector<float> weight = weightOf(*files, tensor.name);
            QVERIFY(std::memcmp(weight.data(), tensor.bytes.data(), tensor.bytes.size()) == 0);
            QVERIFY(files->isVerbatim(tensor.name));
        }
        QCOMPARE(files->weights().size(), stored.size());
        QCOMPARE(files->parameters(), parameters);
        QCOMPARE(files->weightBytes(), static_cast<std::uint64_t>(4 * parameters));
        QCOMPARE(files->displayName(), name.toStdString());
        QVERIFY(!files->isGguf() && files->path().is_absolute());
        QCOMPARE(files->linearModules().size(), 21U);
    }

    void lists_linearModulesInOrder()
    {
        const auto files = ModelFiles::open(kTiny + "mistral-headdim24");
        const std::vector<core::LinearModule>& modules = files->linearModules();
        QCOMPARE(modules[0].name, std::string("model.layers.0.self_attn.q_proj"));
        std::vector<std::string> types;
        for (std::size_t i = 7; i < 14; ++i) {
            QCOMPARE(modules[i].layer, 1);
            types.push_back(modules[i].type);
        }
        QCOMPARE(types,
                 (std::vector<std::string> {"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj",
                                            "up_proj", "down_proj"}));
        QVERIFY(modules[7].rows == 96 && modules[7].cols == 64 && modules[8].rows == 48
                && modules[13].cols == 172);
        QVERIFY(modules[7].dtype == DType::F32 && modules[7].smallerSide() == 64);
        QCOMPARE(files->weights().front().name, std::string("model.embed_tokens.weight"));
    }

    void opens_shards()
    {
        const test::Scratch scratch;
        const auto files = ModelFiles::open(test::copySharded(scratch / "Model-7B"));
        const auto single = ModelFiles::open(kTiny + "llama");
        QCOMPARE(files->displayName(), std::string("Model-7B"));
        QVERIFY(files->config() == single->config());
        QCOMPARE(files->parameters(), single->parameters());
        for (const core::TensorView& weight : single->weights()) {
            QCOMPARE(weightOf(*files, weight.name), weightOf(*single, weight.name));
            files->release(weight.name);
        }
    }

    void reads_halfPrecision()
    {
        const test::Scratch scratch;
        for (const DType dtype : {DType::BF16, DType::F16}) {
            test::copyModel(scratch / "m", "llama",
                            [&](std::vector<test::StoredTensor>& tensors, nlohmann::json& config) {
                                config.erase("torch_dtype");
                                for (test::StoredTensor& tensor : tensors) {
                                    // 1.5 has the same upper bits in all three types but for the
                                    // exponent's width.
                                    std::string bytes;
                                    for (std::size_t i = 0; i < tensor.bytes.size() / 4; ++i) {
                                        test::put<std::uint16_t>(
                                            bytes, dtype == DType::BF16 ? 0x3FC0 : 0x3E00);
                                    }
                                    tensor = {tensor.name, dtype, tensor.shape, bytes};
                                }
                            });
            const auto files = ModelFiles::open(scratch / "m");
            QCOMPARE(weightOf(*files, "model.norm.weight"), std::vector<float>(64, 1.5F));
            QCOMPARE(files->config().dtype,
                     std::string(dtype == DType::BF16 ? "bfloat16" : "float16"));
            QVERIFY(files->isVerbatim("model.norm.weight"));
        }
    }

    void ignores_buffersAndATiedHead()
    {
        const test::Scratch scratch;
        test::copyModel(
            scratch / "m", "qwen2", [](std::vector<test::StoredTensor>& tensors, nlohmann::json&) {
                tensors.push_back({"model.layers.0.self_attn.rotary_emb.inv_freq",
                                   DType::F32,
                                   {8},
                                   std::string(32, '\0')});
                tensors.push_back(
                    {"lm_head.weight", DType::F32, {512, 64}, bytesOf(tensors, kEmbedding)});
            });
        const auto files = ModelFiles::open(scratch / "m");
        QCOMPARE(files->parameters(), ModelFiles::open(kTiny + "qwen2")->parameters());
        QVERIFY(files->find("lm_head.weight") == nullptr && files->config().tiedEmbeddings);
    }

    void counts_whatIsNotOfTheModel()
    {
        for (const auto& [count, says] :
             std::map<int, std::string> {{1, "of 3 layers; configuration"},
                                         {2, "of 3 layers, and one more is not; configuration"},
                                         {3, "of 3 layers, and 2 more are not; configuration"}}) {
            const test::Scratch scratch;
            test::copyModel(
                scratch / "m", "llama",
                [&, many = count](std::vector<test::StoredTensor>& tensors, nlohmann::json&) {
                    for (int i = 0; i < many; ++i) {
                        tensors.push_back({"model.stranger." + std::to_string(i),
                                           DType::F32,
                                           {1},
                                           std::string(4, '\0')});
                    }
                });
            const auto error = errorOf([&] { ModelFiles::open(scratch / "m"); });
            QVERIFY(error.has_value());
            QVERIFY2(std::string(error->what()).find(says) != std::string::npos, error->what());
        }
    }

    // config.json says tied, but the file holds a head of its own: transformers 5 uses it.
    void keeps_aTiedHeadThatDiffers()
    {
        const test::Scratch scratch;
        test::copyModel(scratch / "m", "qwen2",
                        [](std::vector<test::StoredTensor>& tensors, nlohmann::json&) {
                            std::string head = bytesOf(tensors, kEmbedding);
                            std::reverse(head.begin(), head.begin() + 4);
                            tensors.push_back({"lm_head.weight", DType::F32, {512, 64}, head});
                        });
        const auto files = ModelFiles::open(scratch / "m");
        QVERIFY(files->find("lm_head.weight") != nullptr && !files->config().tiedEmbeddings);
    }

    void undoes_whatLlamaCppChanged_data()
    {
        QTest::addColumn<QString>("folder");
        QTest::addColumn<QString>("architecture");
        QTest::newRow("llama") << "llama"
                               << "llama";
        QTest::newRow("llama with biases") << "llama-bias-tied"
                                           << "llama";
        QTest::newRow("mistral") << "mistral-headdim24"
                                 << "llama";
        QTest::newRow("gemma") << "gemma"
                               << "gemma";
        QTest::newRow("qwen2") << "qwen2"
                               << "qwen2";
    }

    void undoes_whatLlamaCppChanged()
    {
        QFETCH(QString, folder);
        QFETCH(QString, architecture);
        const test::Scratch scratch;
        const fs::path source = kTiny + folder.toStdString();
        test::writeBytes(scratch / "x.gguf",
                         test::ggufOf(source, architecture.toStdString()).bytes());
        const auto gguf = ModelFiles::open(scratch / "x.gguf");
        const auto original = ModelFiles::open(source);
        QVERIFY(gguf->isGguf());
        QCOMPARE(gguf->weights().size(), original->weights().size());
        for (const core::TensorView& weight : original->weights()) {
            const std::vector<float> expected = weightOf(*original, weight.name);
            const std::vector<float> got = weightOf(*gguf, weight.name);
            const bool isShifted = architecture == "gemma" && weight.name.ends_with("norm.weight");
            for (std::size_t i = 0; i < expected.size(); ++i) {
                QVERIFY2(isShifted ? std::abs(got[i] - expected[i]) <= 1e-7F
                                   : got[i] == expected[i],
                         weight.name.c_str());
            }
        }
        core::ModelConfig expected = original->config();
        expected.modelType = gguf->config().modelType; // Mistral's files say llama
        expected.architecture = gguf->config().architecture;
        expected.padId = gguf->config().padId;
        expected.unreadKeys.clear(); // of config.json
        QVERIFY(gguf->config()
                == expected); // 1e-5 and all: float32 values are read as they were written
        QCOMPARE(gguf->isVerbatim("model.layers.0.self_attn.q_proj.weight"),
                 architecture != "llama");
        QCOMPARE(gguf->isVerbatim("model.norm.weight"), architecture != "gemma");
        QVERIFY(gguf->isVerbatim("model.layers.0.mlp.up_proj.weight"));
    }

    void reads_ropeFrequencyFactors()
    {
        const test::Scratch scratch;
        std::string factors;
        for (int i = 1; i <= 8; ++i) {
            test::put(factors, static_cast<float>(i));
        }
        test::GgufBuilder builder = test::ggufOf(kTiny + "llama", "llama");
        test::writeBytes(scratch / "x.gguf",
                         builder.tensor("rope_freqs.weight", {8}, 0, factors).bytes());
        const auto files = ModelFiles::open(scratch / "x.gguf");
        QCOMPARE(files->config().ropeFrequencyFactors,
                 (std::vector<double> {1, 2, 3, 4, 5, 6, 7, 8}));
        QVERIFY(files->find("rope_freqs.weight") == nullptr);
    }

    // A config.json holds LLaMA-3's scaling, but no table; so the table is read as the scaling.
    void recognises_llama3sFactors()
    {
        const test::Scratch scratch;
        const std::vector<double> wavelengths = {1,   3.1622776601683795, 10,   31.622776601683793,
                                                 100, 316.22776601683796, 1000, 3162.2776601683795};
        std::string factors;
        for (const double turn : wavelengths) {
            const double wavelength = 2.0 * M_PI * turn;
            const double smooth = (512 / wavelength - 1.0) / 3.0;
            test::put(factors,
                      static_cast<float>(wavelength < 128 ? 1.0
                                             : wavelength > 512
                                             ? 32.0
                                             : 1.0 / ((1.0 - smooth) / 32.0 + smooth)));
        }
        test::GgufBuilder builder = test::ggufOf(kTiny + "llama", "llama");
        test::writeBytes(scratch / "x.gguf",
                         builder.tensor("rope_freqs.weight", {8}, 0, factors).bytes());
        const core::ModelConfig config = ModelFiles::open(scratch / "x.gguf")->config();
        QVERIFY(config.ropeFrequencyFactors.empty());
        core::RopeScaling expected;
        expected.kind = core::RopeScalingKind::Llama3;
        expected.factor = 32.0;
        expected.originalMaxPositions = 512;
        QVERIFY(config.ropeScaling == expected);
    }

    // llama.cpp has no architecture of Mistral's own; a window makes it one.
    void callsALlamaWithAWindowMistral()
    {
        const test::Scratch scratch;
        test::GgufBuilder builder = test::ggufOf(kTiny + "mistral-gqa", "llama");
        test::writeBytes(scratch / "x.gguf",
                         builder.u32("llama.attention.sliding_window", 16).bytes());
        const auto gguf = ModelFiles::open(scratch / "x.gguf");
        QVERIFY(gguf->config().modelType == "mistral" && gguf->config().slidingWindow == 16);
        const std::string key = "model.layers.0.self_attn.k_proj.weight";
        QCOMPARE(weightOf(*gguf, key), weightOf(*ModelFiles::open(kTiny + "mistral-gqa"), key));
    }

    void opens_theRealModel()
    {
        if (!QFile::exists(QString::fromStdString(kRealModel))) {
            QSKIP("the demo model is not here (./dev fetches it)");
        }
        const CpuClock clock;
        const auto files = ModelFiles::open(kRealModel);
        QVERIFY(clock.seconds() < kSoonS); // headers, not weights
        QCOMPARE(files->displayName(), std::string("SmolLM2-135M-Instruct"));
        QCOMPARE(files->parameters(), 134'515'008);
        QCOMPARE(files->linearModules().size(), 210U);
        const core::ModelConfig& config = files->config();
        QVERIFY(config.heads == 9 && config.kvHeads == 3 && config.headDim == 64
                && config.tiedEmbeddings && config.vocabulary == 49152);
        QVERIFY(config.rmsEpsilon == 1e-5 && config.ropeTheta == 1e5
                && config.maxPositions == 8192);
        QVERIFY(config.bosId == 1 && config.padId == 2
                && config.eosIds == std::vector<std::int64_t> {2});
        QVERIFY(files->linearModules()[0].dtype == *core::dtypeNamed("Q4_1"));
    }

    // The peers' script dequantises with numpy and rounds to bfloat16; ours must round to the same
    // bits.
    void dequantises_theRealModelAsThePeersDo()
    {
        const QString python = QStringLiteral(PISSARRO_DEPS "/peers/bin/python3");
        const QString script = QStringLiteral(PISSARRO_SHARED "/golden/scripts/make_smollm2.py");
        if (!QFile::exists(QString::fromStdString(kRealModel)) || !QFile::exists(script)
            || QProcess::execute(python, {"-c", "import numpy"}) != 0) {
            QSKIP("needs the demo model, shared/golden and numpy in .deps/peers");
        }
        const test::Scratch scratch;
        QProcess process;
        process.start(python,
                      {"-B", script, QString::fromStdString(scratch / "hf"), "--gguf",
                       QString::fromStdString(kRealModel)});
        QVERIFY(process.waitForFinished(hangMs()));
        QVERIFY2(process.exitCode() == 0, process.readAllStandardError());
        const auto ours = ModelFiles::open(kRealModel);
        const auto peers = ModelFiles::open(scratch / "hf");
        QCOMPARE(ours->weights().size(), peers->weights().size());
        for (const core::TensorView& weight : peers->weights()) {
            const std::vector<float> values = weightOf(*ours, weight.name);
            QVERIFY(weight.dtype == DType::BF16);
            QCOMPARE(ours->find(weight.name)->shape, weight.shape);
            std::int64_t wrong = 0;
            for (std::size_t i = 0; i < values.size(); ++i) {
                std::uint16_t expected = 0;
                std::memcpy(&expected, weight.data + 2 * i, sizeof expected);
                wrong += bfloat16Of(values[i]) != expected ? 1 : 0;
            }
            QVERIFY2(wrong == 0, weight.name.c_str());
            ours->release(weight.name);
            peers->release(weight.name);
        }
        core::ModelConfig expected = peers->config();
        expected.dtype = ours->config().dtype;
        QVERIFY(ours->config() == expected);
    }

    void names_ggufFilesByTheirPublishedId()
    {
        const test::Scratch scratch;
        const auto nameOf = [&](const std::string& file, const std::string& general) {
            test::GgufBuilder builder = test::ggufOf(kTiny + "llama", "llama");
            test::writeBytes(scratch / file, builder.string("general.name", general).bytes());
            return ModelFiles::open(scratch / file)->displayName();
        };
        QCOMPARE(nameOf("SmolLM2-135M-Instruct.Q4_1.gguf", "Smollm2 135M 8k"),
                 std::string("SmolLM2-135M-Instruct"));
        QCOMPARE(nameOf("qwen2-0_5b-instruct-q8_0.gguf", ""), std::string("qwen2-0_5b-instruct"));
        QCOMPARE(nameOf("model.gguf", "TinyLlama-1.1B-Chat-v1.0"),
                 std::string("TinyLlama-1.1B-Chat-v1.0"));
        QCOMPARE(nameOf("model.gguf", "LLaMA v2"), std::string("LLaMA v2"));
        QCOMPARE(nameOf("gemma-2b.bf16.gguf", "x y"), std::string("gemma-2b"));
        QCOMPARE(nameOf("model.gguf", ""), std::string("model"));
    }

    void finds_modelsInTheHuggingFaceCache()
    {
        const test::Scratch scratch;
        const fs::path repository = scratch / "hub" / "models--org--Tiny-1B";
        const fs::path snapshot = repository / "snapshots" / "0123abcd";
        fs::create_directories(snapshot);
        fs::create_directories(repository / "blobs");
        fs::create_directories(repository / "refs");
        test::copySharded(scratch / "made");
        for (const fs::directory_entry& entry : fs::directory_iterator(scratch / "made")) {
            const std::string name = entry.path().filename().string();
            fs::rename(entry.path(), repository / "blobs" / ("blob-" + name));
            fs::create_symlink("../../blobs/blob-" + name, snapshot / name);
        }
        test::writeBytes(repository / "refs" / "main", "0123abcd");
        qputenv("HF_HUB_CACHE", QByteArray::fromStdString(scratch / "hub"));
        const auto files = ModelFiles::open("org/Tiny-1B");
        QCOMPARE(files->displayName(), std::string("Tiny-1B"));
        QCOMPARE(files->path(), snapshot);
        fs::remove(repository / "refs" / "main");
        QCOMPARE(core::resolveModel("org/Tiny-1B"), snapshot);
        qunsetenv("HF_HUB_CACHE");
        qputenv("HF_HOME", QByteArray::fromStdString(scratch.path()));
        QCOMPARE(core::resolveModel("org/Tiny-1B"), snapshot);
        const auto error = errorOf([] { core::resolveModel("org/Absent"); });
        QVERIFY(error && error->kind() == core::ErrorKind::Io);
        QVERIFY(QByteArray(error->what()).contains((scratch / "hub").c_str()));
        for (const std::string& bad :
             {std::string(), std::string("../../none"), std::string("/none/there"),
              std::string("a/b/c"), std::string(5000, 'x')}) {
            const auto refusal = errorOf([&] { core::resolveModel(bad); });
            QVERIFY2(refusal && refusal->kind() == core::ErrorKind::Io
                         && std::string_view(refusal->what()).size() < 393,
                     bad.c_str());
        }
        qunsetenv("HF_HOME");
    }

    void opens_aFolderByAnyOfItsNames()
    {
        const test::Scratch scratch;
        test::copyModel(scratch / "Model-1B");
        for (const fs::path& path :
             {scratch / "Model-1B" / "", scratch / "Model-1B" / ".",
              scratch / "Model-1B" / "config.json", scratch / "Model-1B" / "model.safetensors"}) {
            const auto files = ModelFiles::open(path);
            QCOMPARE(files->path(), scratch / "Model-1B");
            QCOMPARE(files->displayName(), std::string("Model-1B"));
        }
    }

    void tells_weightsApartForCaches()
    {
        const auto files = ModelFiles::open(kTiny + "llama");
        std::set<std::string> identities;
        for (const core::TensorView& weight : files->weights()) {
            identities.insert(files->identityOf(weight.name));
        }
        QCOMPARE(identities.size(), files->weights().size());
        const std::string name = "model.layers.0.self_attn.q_proj.weight";
        QCOMPARE(ModelFiles::open(kTiny + "llama")->identityOf(name), files->identityOf(name));
        const test::Scratch scratch;
        test::copyModel(scratch / "m");
        QVERIFY(ModelFiles::open(scratch / "m")->identityOf(name) != files->identityOf(name));
        QVERIFY(errorOf([&] { files->identityOf("nothing"); }));
        QVERIFY(errorOf([&] {
            weightOf(*files, "model.norm.weight");
            files->readFloat32("nothing", nullptr);
        }));
    }
};

QTEST_GUILESS_MAIN(ModelFilesTest)

#include "tst_model_files.moc"
