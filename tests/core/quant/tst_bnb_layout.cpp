// SPDX-License-Identifier: GPL-3.0-or-later
// A quantized weight on its way into a folder as bitsandbytes lays it out, and out of it again: bit for bit the same.
#include "core/format/bnb_weight.h"
#include "core/quant/bnb_layout_tensors.h"
#include "core/quant/four_bit_maker_tensors.h"
#include "core/quant/quantized_tensors.h"
#include "core/weights/model_writer.h"
#include "tests/cli/tiny_model.h"
#include "tests/core/file/test_files.h"
#include "tests/tools/golden.h"

#include <ATen/ATen.h>

#include <nlohmann/json.hpp>

using namespace pissarro;
using namespace pissarro::core;
using namespace pissarro::tests;
namespace fs = std::filesystem;

namespace {

QuantOptions optionsOf(const QString& type, int block, bool twice)
{
    QuantOptions options;
    options.type = parseQuantType(type.toStdString());
    options.blockSize = block;
    options.doubleQuant = twice;
    return options;
}

// The parts as a file shows them.
std::vector<TensorView> viewsOf(const BnbTensors& parts)
{
    std::vector<TensorView> views;
    for (std::size_t i = 0; i < parts.specs.size(); ++i) {
        TensorView view;
        view.name = parts.specs[i].name;
        view.dtype = parts.specs[i].dtype;
        view.shape = parts.specs[i].shape;
        view.data = static_cast<const std::byte*>(parts.tensors[i].const_data_ptr());
        view.sizeBytes = parts.tensors[i].nbytes();
        views.push_back(std::move(view));
    }
    return views;
}

} // namespace

class TestBnbLayout : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { at::manual_seed(4); }

    void forms_data()
    {
        QTest::addColumn<QString>("type");
        QTest::addColumn<int>("block");
        QTest::addColumn<bool>("twice");
        QTest::newRow("nf4") << QStringLiteral("nf4") << 64 << false;
        QTest::newRow("fp4 in larger blocks") << QStringLiteral("fp4") << 256 << false;
        QTest::newRow("nf4 twice") << QStringLiteral("nf4") << 64 << true;
    }

    void aWeight_comesBack_data() { forms_data(); }
    void aWeight_comesBack()
    {
        QFETCH(QString, type);
        QFETCH(int, block);
        QFETCH(bool, twice);
        const at::Tensor w = at::randn({37, 51}); // no whole number of blocks
        const QuantizedMatrix q = quantize(w, optionsOf(type, block, twice));
        const BnbTensors parts = bnbTensors("w", q, "float32");
        std::vector<TensorView> views = viewsOf(parts);
        const auto found = takeBnbWeights(views);
        QCOMPARE(found.size(), 1U);
        const BnbWeight& weight = found.at("w");
        QCOMPARE(weight.isDouble(), twice);
        QCOMPARE(weight.blockSize, std::int64_t {block});
        const std::int64_t offset = twice ? sizeof(float) : 0; // in the state's JSON
        QCOMPARE(static_cast<std::int64_t>(weight.bytes()) + offset, q.bytes());
        at::Tensor read = at::empty({37, 51});
        weight.readFloat32(read.mutable_data_ptr<float>());
        QVERIFY(at::equal(read, dequantize(q, at::kFloat)));
    }

    void theState_isBitsandbytesJson()
    {
        const QuantizedMatrix q = quantize(at::randn({4, 64}), optionsOf("nf4", 64, true));
        const BnbTensors parts = bnbTensors("w", q, "bfloat16");
        QCOMPARE(parts.specs.back().name, std::string("w.quant_state.bitsandbytes__nf4"));
        const at::Tensor& bytes = parts.tensors.back();
        const auto* text = static_cast<const char*>(bytes.const_data_ptr());
        const auto state =
            nlohmann::json::parse(std::string(text, static_cast<std::size_t>(bytes.numel())));
        QCOMPARE(state.at("quant_type").get<std::string>(), std::string("nf4"));
        QCOMPARE(state.at("blocksize").get<int>(), 64);
        QCOMPARE(state.at("dtype").get<std::string>(), std::string("bfloat16"));
        QVERIFY(state.at("shape") == nlohmann::json({4, 64}));
        QCOMPARE(state.at("nested_blocksize").get<int>(), 256);
        QCOMPARE(state.at("nested_offset").get<float>(), q.offset);
        // Other numbers take as many bytes: the file's size is told before they are known.
        const QuantizedMatrix none = unfilledMatrix(4, 64, optionsOf("nf4", 64, true));
        const BnbTensors told = bnbTensors("w", none, "bfloat16");
        for (std::size_t i = 0; i < parts.specs.size(); ++i) {
            QCOMPARE(told.specs[i].name, parts.specs[i].name);
            QVERIFY(told.specs[i].shape == parts.specs[i].shape);
        }
    }

    // What a decoder makes at each product is what the file's reader gives, in each type.
    void aMaker_givesWhatTheFileHolds()
    {
        const test::Scratch scratch;
        writeTinyModel(scratch / "plain");
        const std::string module = "model.layers.0.mlp.up_proj";
        const auto plain = ModelFiles::open(scratch / "plain");
        QVERIFY(!fourBitMaker(plain, module, at::kCPU)); // it is stored otherwise
        const at::Tensor w = at::randn({kTinyFfn, kTinyWidth});
        const QuantizedMatrix q = quantize(w, {});
        const BnbTensors parts = bnbTensors(module + ".weight", q, "bfloat16");
        fs::create_directories(scratch / "four");
        fs::copy_file(scratch / "plain/config.json", scratch / "four/config.json");
        std::vector<TensorSpec> specs;
        for (const TensorView& view : plain->weights()) {
            if (view.name != module + ".weight") {
                specs.push_back({view.name, view.dtype, view.shape});
            }
        }
        specs.insert(specs.end(), parts.specs.begin(), parts.specs.end());
        SafetensorsWriter writer(scratch / "four/model.safetensors", specs);
        for (const TensorView& view : plain->weights()) {
            if (view.name != module + ".weight") {
                writer.append(view.data, view.sizeBytes);
            }
        }
        for (const at::Tensor& part : parts.tensors) {
            writer.append(part.const_data_ptr(), part.nbytes());
        }
        writer.commit();
        const auto files = ModelFiles::open(scratch / "four");
        const WeightMaker make = fourBitMaker(files, module, at::kCPU);
        QVERIFY(bool(make));
        const at::Tensor rounded = dequantize(q, at::kFloat).to(at::kBFloat16);
        for (const at::ScalarType type : {at::kBFloat16, at::kFloat}) {
            at::Tensor made = at::empty({kTinyFfn, kTinyWidth}, type);
            make(made);
            QVERIFY(at::equal(made, rounded.to(type)));
        }
    }
};

QTEST_GUILESS_MAIN(TestBnbLayout)
#include "tst_bnb_layout.moc"
