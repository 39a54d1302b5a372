// SPDX-License-Identifier: GPL-3.0-or-later
// Folders as people have them: quantized weights, a text model within another, extra tensors, shards without an index, and
// files that are not what their name says.
#include "core/model/model_files.h"
#include "tests/core/model/model_folders.h"

#include <QFile>
#include <QTest>

using namespace pissarro;
using core::DType;
using core::ModelFiles;
using nlohmann::json;
using test::errorOf;
using test::kTiny;
using test::StoredTensor;
namespace fs = std::filesystem;

namespace {

const std::string kUp = "model.layers.1.mlp.up_proj.weight";
const std::string kQuery = "model.layers.1.self_attn.q_proj.weight";
using Tensors = std::vector<StoredTensor>;

StoredTensor& named(Tensors& tensors, const std::string& name)
{
    return *std::find_if(tensors.begin(), tensors.end(),
                         [&](const StoredTensor& t) { return t.name == name; });
}

std::vector<float> weightOf(const ModelFiles& files, const std::string& name)
{
    std::vector<float> out(static_cast<std::size_t>(files.find(name)->elements()));
    files.readFloat32(name, out.data());
    return out;
}

std::string repeated(const std::string& bytes, std::int64_t count)
{
    std::string out;
    for (std::int64_t i = 0; i < count; ++i) {
        out += bytes;
    }
    return out;
}

// The matrix in FP8, every number 1.5 times 0.25 for even and 0.5 for odd blocks of eight columns.
void toFp8(Tensors& tensors, json& config)
{
    StoredTensor& matrix = named(tensors, kUp);
    const std::int64_t rows = matrix.shape[0];
    const std::int64_t cols = matrix.shape[1];
    matrix.dtype = DType::Fp8E4M3;
    matrix.bytes = std::string(static_cast<std::size_t>(rows * cols), '\x3c');
    std::string pair;
    test::put(pair, 0.25F);
    test::put(pair, 0.5F);
    tensors.push_back({kUp + "_scale_inv", DType::F32, {1, cols / 8}, repeated(pair, cols / 16)});
    config["quantization_config"] = {{"quant_method", "fp8"}, {"weight_block_size", {rows, 8}}};
}

// The matrix in four bits, every code 0, every zero point 8, every scale 1.
void toGptq(Tensors& tensors, json& config)
{
    StoredTensor& matrix = named(tensors, kQuery);
    const std::int64_t outputs = matrix.shape[0];
    const std::int64_t inputs = matrix.shape[1];
    const std::string module = kQuery.substr(0, kQuery.size() - 6);
    matrix = {module + "qweight",
              DType::I32,
              {inputs / 8, outputs},
              std::string(static_cast<std::size_t>(inputs * outputs / 2), '\0')};
    tensors.push_back({module + "qzeros",
                       DType::I32,
                       {1, outputs / 8},
                       std::string(static_cast<std::size_t>(outputs / 2), '\x77')});
    tensors.push_back({module + "scales",
                       DType::F16,
                       {1, outputs},
                       repeated(std::string("\x00\x3c", 2), outputs)});
    tensors.push_back({module + "bias",
                       DType::F16,
                       {outputs},
                       std::string(static_cast<std::size_t>(2 * outputs), '\0')});
    config["quantization_config"] = {{"quant_method", "gptq"}, {"bits", 4}, {"group_size", -1}};
}

} // namespace

class ModelFilesFormsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        if (!QFile::exists(QString::fromStdString(kTiny))) {
            QSKIP("shared/golden is not here");
        }
    }

    void reads_fp8WithScales()
    {
        const test::Scratch scratch;
        const auto files = ModelFiles::open(test::copyModel(scratch / "m", "llama", toFp8));
        QCOMPARE(core::dtypeName(files->find(kUp)->dtype), std::string_view("FP8"));
        QVERIFY(!files->isFourBit() && !files->isVerbatim(kUp) && files->codedWeight(kUp));
        const std::vector<float> got = weightOf(*files, kUp);
        for (std::size_t i = 0; i < got.size(); ++i) {
            QCOMPARE(got[i], 1.5F * (i / 8 % 2 == 0 ? 0.25F : 0.5F));
        }
        files->requireFinite(kUp);
        const auto damaged = ModelFiles::open(
            test::copyModel(scratch / "n", "llama", [](Tensors& tensors, json& config) {
                toFp8(tensors, config);
                named(tensors, kUp).bytes[7] = '\x7f'; // NaN
            }));
        const auto error = errorOf([&] { damaged->requireFinite(kUp); });
        QCOMPARE(test::complaint(error, "model.safetensors", "NaN or Inf"), QString());
    }

    void reads_gptq()
    {
        const test::Scratch scratch;
        const auto files = ModelFiles::open(test::copyModel(scratch / "m", "llama", toGptq));
        QVERIFY(!files->isFourBit() && !files->isVerbatim(kQuery));
        for (const float value : weightOf(*files, kQuery)) {
            QCOMPARE(value, -8.0F);
        }
        // A bias that is not zero is one that this model has not.
        const auto error = errorOf([&] {
            ModelFiles::open(test::copyModel(scratch / "n", "llama", [](Tensors& t, json& config) {
                toGptq(t, config);
                t.back().bytes[1] = '\x3c';
            }));
        });
        QCOMPARE(test::complaint(error, "model.safetensors", "q_proj.bias' is not part of"),
                 QString());
    }

    void reads_float64()
    {
        const test::Scratch scratch;
        const auto files =
            ModelFiles::open(test::copyModel(scratch / "m", "llama", [](Tensors& tensors, json&) {
                for (StoredTensor& tensor : tensors) {
                    std::string bytes;
                    for (std::size_t i = 0; i < tensor.bytes.size(); i += sizeof(float)) {
                        float value = 0;
                        std::memcpy(&value, tensor.bytes.data() + i, sizeof value);
                        test::put(bytes, double {value});
                    }
                    tensor.dtype = DType::F64;
                    tensor.bytes = bytes;
                }
            }));
        const auto plain = ModelFiles::open(kTiny + "llama");
        for (const core::TensorView& weight : plain->weights()) {
            QVERIFY(!files->isVerbatim(weight.name));
            QVERIFY(weightOf(*files, weight.name) == weightOf(*plain, weight.name));
        }
    }

    void notes_whatIsNotRead()
    {
        const test::Scratch scratch;
        const auto files =
            ModelFiles::open(test::copyModel(scratch / "m", "llama", [](Tensors& tensors, json&) {
                tensors.push_back({"v_head.summary.weight", DType::F32, {1}, "abcd"});
                tensors.push_back({"v_head.summary.bias", DType::F32, {1}, "abcd"});
            }));
        QVERIFY((files->notes()
                 == std::vector<std::string> {"the weights hold 'v_head.summary.bias' and 1 more, "
                                              "which no part of the model reads"}));
        QVERIFY(ModelFiles::open(kTiny + "llama")->notes().empty());
    }

    void takes_theTextModelOfAnother()
    {
        const test::Scratch scratch;
        const auto files =
            ModelFiles::open(test::copyModel(scratch / "m", "llama", [](Tensors& tensors, json&) {
                for (StoredTensor& tensor : tensors) {
                    tensor.name.insert(0, "language_model.");
                }
                tensors.push_back({"vision_tower.x", DType::F32, {1}, "abcd"});
            }));
        QCOMPARE(files->notes().size(), 1U);
        QVERIFY(weightOf(*files, kUp) == weightOf(*ModelFiles::open(kTiny + "llama"), kUp));
    }

    void opens_shardsWithoutAnIndex()
    {
        const test::Scratch scratch;
        test::copySharded(scratch / "m");
        const auto whole = ModelFiles::open(scratch / "m");
        // A shard stands for the model's folder.
        const fs::path shard = scratch / "m" / "model-00002-of-00002.safetensors";
        QCOMPARE(ModelFiles::open(shard)->path(), scratch / "m");
        fs::remove(scratch / "m" / "model.safetensors.index.json");
        const auto files = ModelFiles::open(scratch / "m");
        QCOMPARE(files->weights().size(), whole->weights().size());
        QVERIFY(weightOf(*files, kUp) == weightOf(*whole, kUp));
        fs::remove(scratch / "m" / "model-00001-of-00002.safetensors");
        const auto error = errorOf([&] { ModelFiles::open(scratch / "m"); });
        QCOMPARE(test::complaint(error, "m", "get 'model-00001-of-00002.safetensors' too"),
                 QString());
        fs::remove(scratch / "m" / "config.json");
        const auto alone = errorOf([&] { ModelFiles::open(shard); });
        QCOMPARE(test::complaint(alone, shard, "is a file of weights alone"), QString());
    }

    void names_aPointerOfGitLfs()
    {
        const test::Scratch scratch;
        const std::string pointer = "version https://git-lfs.github.com/spec/v1\n"
                                    "oid sha256:4d7a\nsize 2200119864\n";
        for (const char* const file :
             {"model-00001-of-00002.safetensors", "model.safetensors.index.json", "config.json"}) {
            fs::remove_all(scratch / "m");
            test::copySharded(scratch / "m");
            test::writeBytes(scratch / "m" / file, pointer);
            const auto error = errorOf([&] { ModelFiles::open(scratch / "m"); });
            QCOMPARE(test::complaint(error, file, "is a pointer of Git LFS"), QString());
        }
        test::writeBytes(scratch / "x.gguf", pointer);
        const auto error = errorOf([&] { ModelFiles::open(scratch / "x.gguf"); });
        QCOMPARE(test::complaint(error, "x.gguf", "is a pointer of Git LFS"), QString());
    }

    void opens_aSplitGgufFromAnyPart()
    {
        const test::Scratch scratch;
        const auto whole = test::ggufOf(kTiny + "llama", "llama");
        test::writeBytes(scratch / "Tiny-1M-Q8_0-00001-of-00002.gguf",
                         test::GgufBuilder(whole)
                             .value<std::uint16_t>("split.no", 2, 0)
                             .value<std::uint16_t>("split.count", 2, 2)
                             .bytes());
        test::writeBytes(
            scratch / "Tiny-1M-Q8_0-00002-of-00002.gguf",
            test::GgufBuilder()
                .value<std::uint16_t>("split.no", 2, 1)
                .value<std::uint16_t>("split.count", 2, 2)
                .tensor("rope_freqs.weight", {8}, 0, repeated(std::string("\0\0\x80?", 4), 8))
                .bytes());
        for (const char* const part : {"00001", "00002"}) {
            const auto files = ModelFiles::open(
                scratch / ("Tiny-1M-Q8_0-" + std::string(part) + "-of-00002.gguf"));
            QCOMPARE(files->displayName(), std::string("Tiny-1M"));
            QCOMPARE(files->path(), scratch / "Tiny-1M-Q8_0-00001-of-00002.gguf");
            QVERIFY(weightOf(*files, kUp) == weightOf(*ModelFiles::open(kTiny + "llama"), kUp));
        }
    }
};

QTEST_GUILESS_MAIN(ModelFilesFormsTest)
#include "tst_model_files_forms.moc"
