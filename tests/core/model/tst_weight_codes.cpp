// SPDX-License-Identifier: GPL-3.0-or-later
// What quantizers store, against the numbers that it stands for (tests/tools/make_code_fixtures.py).
#include "core/format/bnb_weight.h"
#include "core/format/safetensors.h"
#include "core/model/weight_codes.h"
#include "tests/core/file/test_files.h"

#include <QTest>

#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

using namespace pissarro;
using core::DType;
using core::TensorView;
using core::WeightCodes;
namespace fs = std::filesystem;

namespace {

const fs::path kFixtures = fs::path(PISSARRO_SOURCE) / "tests" / "fixtures" / "codes";

std::vector<float> numbersOf(const TensorView& view)
{
    std::vector<float> numbers(static_cast<std::size_t>(view.elements()));
    std::memcpy(numbers.data(), view.data, view.sizeBytes);
    return numbers;
}

} // namespace

class WeightCodesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void reads_whatQuantizersStore_data()
    {
        QTest::addColumn<QString>("name");
        for (const char* const name :
             {"gptq", "gptq_sym", "gptq_act_order", "gptq_one_group", "gptq_v2", "gptq_part_group",
              "awq", "awq_wide", "fp8_blocks", "fp8_tensor", "fp8_rows", "fp8_row_list",
              "fp8_powers", "int8", "nf4_bfloat16", "nf4_float32"}) {
            QTest::newRow(name) << name;
        }
    }

    // Bit for bit: what is rounded is rounded once.
    void reads_whatQuantizersStore()
    {
        QFETCH(QString, name);
        const auto file =
            core::SafetensorsFile::open(kFixtures / (name.toStdString() + ".safetensors"));
        const auto how = nlohmann::json::parse(file.metadata().at("quantization_config"));
        std::vector<TensorView> tensors;
        for (const TensorView& tensor : file.tensors()) {
            if (tensor.name != "expected") {
                tensors.push_back(tensor);
            }
        }
        const TensorView& expected = file.at("expected");
        const auto fourBits = core::takeBnbWeights(tensors);
        const auto coded = core::takeCodedWeights(tensors, core::weightCodesOf(&how));
        QCOMPARE(fourBits.size() + coded.size(), 1U);
        QCOMPARE(tensors.size(), 1U); // the parts are gone
        const TensorView& view = tensors.front();
        QCOMPARE(view.name, std::string("m.weight"));
        QCOMPARE(view.shape, expected.shape);
        QVERIFY(view.dtype.info().needsScales);
        QCOMPARE(view.sizeBytes,
                 core::dtypeBytes(view.dtype, static_cast<std::uint64_t>(view.elements())));
        std::vector<float> got(static_cast<std::size_t>(view.elements()));
        if (coded.empty()) {
            fourBits.begin()->second.readFloat32(got.data());
        } else {
            QVERIFY(coded.begin()->second->isFinite());
            coded.begin()->second->readFloat32(got.data());
        }
        QVERIFY(std::memcmp(got.data(), numbersOf(expected).data(), expected.sizeBytes) == 0);
    }

    // Every pattern of eight bits, as torch has them.
    void reads_everyFp8Number_data()
    {
        QTest::addColumn<QByteArray>("name");
        for (const char* const name : {"F8_E4M3", "F8_E5M2", "F8_E8M0"}) {
            QTest::newRow(name) << QByteArray(name);
        }
    }

    void reads_everyFp8Number()
    {
        QFETCH(QByteArray, name);
        const auto file = core::SafetensorsFile::open(kFixtures / "fp8_numbers.safetensors");
        const std::vector<float> expected = numbersOf(file.at(name.toStdString()));
        std::string bytes;
        for (int i = 0; i < 256; ++i) {
            bytes.push_back(static_cast<char>(i));
        }
        std::vector<float> got(256);
        const TensorView view {"t",
                               *core::dtypeNamed(name.toStdString()),
                               {256},
                               reinterpret_cast<const std::byte*>(bytes.data()),
                               256};
        core::toFloat32(view, 0, 256, got.data());
        for (std::size_t i = 0; i < 256; ++i) {
            const bool same = std::memcmp(&got[i], &expected[i], sizeof(float)) == 0
                || (std::isnan(got[i]) && std::isnan(expected[i]));
            QVERIFY2(same, qPrintable(QString::number(i)));
        }
    }

    void refuses_formsThatAreNotRead_data()
    {
        QTest::addColumn<QByteArray>("json");
        QTest::addColumn<QString>("what");
        const auto row = [](const char* json, const char* what) {
            QTest::newRow(json) << QByteArray(json) << what;
        };
        row(R"({"quant_method": "hqq"})", "'hqq'");
        row(R"({"quant_method": "bitsandbytes"})", "'bitsandbytes'");
        row(R"({"quant_method": "gptq", "bits": 3})", "gptq of 3 bits");
        row(R"({"quant_method": "gptq", "bits": 4, "checkpoint_format": "marlin"})", "'marlin'");
        row(R"({"quant_method": "awq", "bits": 8})", "awq of 8 bits");
        row(R"({"quant_method": "awq", "version": "gemv"})", "'gemv'");
        row(R"({"quant_method": "compressed-tensors", "format": "pack-quantized"})",
            "'pack-quantized'");
        row(R"({"quant_method": "modelopt", "quant_algo": "NVFP4"})", "'modelopt'");
        row(R"({"quant_method": "fp8", "weight_block_size": [0, 128]})", "weight_block_size");
        row(R"({"quant_method": "fp8", "weight_block_size": "128"})", "weight_block_size");
        row(R"({"quant_method": "gptq", "bits": 1e9})", "bits");
        row(R"([4])", "expected an object");
        row(R"({})", "without a quant_method");
    }

    void refuses_formsThatAreNotRead()
    {
        QFETCH(QByteArray, json);
        QFETCH(QString, what);
        const auto document = nlohmann::json::parse(json.toStdString());
        const auto error = test::errorOf([&] { core::weightCodesOf(&document); });
        QCOMPARE(test::complaint(error, "", what.toStdString()), QString());
    }

    void knows_theFormsOfFp8()
    {
        for (
            const char* const text :
            {R"({"quant_method": "fp8", "weight_block_size": [64, 32]})",
             R"({"quant_method": "compressed-tensors", "format": "float-quantized",
                  "weight_block_size": [64, 32]})",
             R"({"quant_method": "fbgemm_fp8", "weight_block_size": [64, 32]})",
             R"({"quant_method": "modelopt", "quant_algo": "FP8", "weight_block_size": [64, 32]})"}) {
            const auto document = nlohmann::json::parse(text);
            const WeightCodes how = core::weightCodesOf(&document);
            QVERIFY(how.packing == WeightCodes::Packing::None);
            QVERIFY(how.blockRows == 64 && how.blockCols == 32);
        }
        QVERIFY(core::weightCodesOf(nullptr).packing == WeightCodes::Packing::None);
    }
};

QTEST_GUILESS_MAIN(WeightCodesTest)
#include "tst_weight_codes.moc"
