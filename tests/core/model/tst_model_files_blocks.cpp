// SPDX-License-Identifier: GPL-3.0-or-later
// A GGUF of each type of element: opened, its numbers read, llama.cpp's order of rows undone.
#include "core/model/model_files.h"
#include "tests/core/model/model_folders.h"

#include <QTest>

#include <random>

using namespace pissarro;
using core::DType;
using core::TensorView;

namespace {

// Whole blocks of the type; no whole blocks of 256 where the type is not of them.
std::int64_t widthOf(DType dtype)
{
    return dtype.info().elements > 32 ? 256 : 96;
}

TensorView viewOf(const std::string& bytes, DType dtype, const std::vector<std::int64_t>& shape)
{
    return {"t", dtype, shape, reinterpret_cast<const std::byte*>(bytes.data()), bytes.size()};
}

// Random blocks that hold finite numbers.
std::string noise(DType dtype, std::int64_t elements, std::mt19937& random)
{
    std::string out;
    while (out.size() < core::dtypeBytes(dtype, static_cast<std::uint64_t>(elements))) {
        std::string block(dtype.info().bytes, '\0');
        do {
            for (char& byte : block) {
                byte = static_cast<char>(random());
            }
        } while (!core::isFinite(viewOf(block, dtype, {dtype.info().elements})));
        out += block;
    }
    return out;
}

std::string ones(std::int64_t width)
{
    std::string out;
    for (std::int64_t i = 0; i < width; ++i) {
        test::put(out, 1.0F);
    }
    return out;
}

struct Matrix {
    std::string theirs, ours;
    std::int64_t rows; // in halves of the width
    std::int64_t heads; // whose rows llama.cpp reorders; 0: it does not
};
const std::vector<Matrix> kMatrices {
    {"token_embd", "model.embed_tokens", 6, 0},
    {"blk.0.attn_q", "model.layers.0.self_attn.q_proj", 2, 4},
    {"blk.0.attn_k", "model.layers.0.self_attn.k_proj", 1, 2},
    {"blk.0.attn_v", "model.layers.0.self_attn.v_proj", 1, 0},
    {"blk.0.attn_output", "model.layers.0.self_attn.o_proj", 2, 0},
    {"blk.0.ffn_gate", "model.layers.0.mlp.gate_proj", 2, 0},
    {"blk.0.ffn_up", "model.layers.0.mlp.up_proj", 2, 0},
    {"blk.0.ffn_down", "model.layers.0.mlp.down_proj", 2, 0},
};

// A LLaMA of one layer; `original` takes the bytes of each matrix in the model's own order of rows.
test::GgufBuilder llamaOf(DType dtype, std::map<std::string, std::string>& original)
{
    const std::int64_t width = widthOf(dtype);
    test::GgufBuilder out;
    out.string("general.architecture", "llama").u32("llama.block_count", 1);
    out.u32("llama.embedding_length", static_cast<std::uint32_t>(width))
        .u32("llama.feed_forward_length", static_cast<std::uint32_t>(width));
    out.u32("llama.attention.head_count", 4).u32("llama.attention.head_count_kv", 2);
    for (const char* const norm : {"output_norm", "blk.0.attn_norm", "blk.0.ffn_norm"}) {
        out.tensor(std::string(norm) + ".weight", {width}, 0, ones(width));
    }
    std::mt19937 random(11);
    for (const Matrix& matrix : kMatrices) {
        const std::int64_t rows = matrix.rows * width / 2;
        const std::string bytes = noise(dtype, rows * width, random);
        original.emplace(matrix.ours, bytes);
        out.tensor(matrix.theirs + ".weight", {rows, width},
                   static_cast<std::uint32_t>(dtype.info().ggml),
                   matrix.heads > 0 ? test::permuted(bytes, rows, matrix.heads) : bytes);
    }
    return out;
}

} // namespace

class ModelFilesBlocksTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void reads_everyTypeOfGguf_data()
    {
        QTest::addColumn<QByteArray>("name");
        for (const DType dtype : core::allDTypes()) {
            if (dtype.info().ggml >= 0) {
                const auto name = QByteArray::fromStdString(std::string(core::dtypeName(dtype)));
                QTest::newRow(name.constData()) << name;
            }
        }
    }

    void reads_everyTypeOfGguf()
    {
        QFETCH(QByteArray, name);
        const DType dtype = *core::dtypeNamed(name.toStdString());
        const test::Scratch scratch;
        std::map<std::string, std::string> original;
        test::writeBytes(scratch / "x.gguf", llamaOf(dtype, original).bytes());
        const auto files = core::ModelFiles::open(scratch / "x.gguf");
        QCOMPARE(files->config().dtype, std::string(core::modelDType(dtype)));
        for (const Matrix& matrix : kMatrices) {
            const std::string weight = matrix.ours + ".weight";
            const TensorView* const stored = files->find(weight);
            QVERIFY(stored != nullptr && stored->dtype == dtype);
            std::vector<float> got(static_cast<std::size_t>(stored->elements()));
            files->readFloat32(weight, got.data());
            std::vector<float> expected(got.size());
            core::toFloat32(viewOf(original.at(matrix.ours), dtype, stored->shape), 0,
                            stored->elements(), expected.data());
            QVERIFY2(std::memcmp(got.data(), expected.data(), got.size() * sizeof(float)) == 0,
                     weight.c_str());
            QCOMPARE(files->isVerbatim(weight), matrix.heads == 0 && core::dtypeSize(dtype) != 0);
            files->requireFinite(weight);
        }
    }
};

QTEST_GUILESS_MAIN(ModelFilesBlocksTest)
#include "tst_model_files_blocks.moc"
