// SPDX-License-Identifier: GPL-3.0-or-later
// Codes of four and eight bits, and the weights that bitsandbytes makes of them, against values worked by hand.
#include "core/format/bnb_weight.h"
#include "core/format/four_bit.h"
#include "tests/core/file/test_files.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace pissarro;
using namespace pissarro::core;
using test::errorOf;

namespace {

// A weight of 2 x 33 in blocks of 64 values: one whole block and two values of a second. The parts live as long as it.
struct Stored {
    std::string codes = std::string(33, '\x70'); // pairs: NF4's zero, then its first code, -1
    std::vector<float> absmax {2.0F, 0.5F};
    std::vector<float> map =
        std::vector<float>(quantCode(QuantType::Nf4).begin(), quantCode(QuantType::Nf4).end());
    std::string state =
        R"({"quant_type": "nf4", "blocksize": 64, "dtype": "float32", "shape": [2, 33]})";
    std::string type = "nf4";

    std::vector<TensorView> views() const
    {
        return {view("w", DType::U8, {33, 1}, codes.data(), codes.size()),
                view("w.absmax", DType::F32, {std::int64_t(absmax.size())}, absmax.data(),
                     absmax.size() * sizeof(float)),
                view("w.quant_map", DType::F32, {std::int64_t(map.size())}, map.data(),
                     map.size() * sizeof(float)),
                view("w.quant_state.bitsandbytes__" + type, DType::U8, {std::int64_t(state.size())},
                     state.data(), state.size()),
                view("norm", DType::F32, {2}, absmax.data(), 8)};
    }
    static TensorView view(std::string name, DType dtype, std::vector<std::int64_t> shape,
                           const void* data, std::size_t size)
    {
        TensorView out;
        out.name = std::move(name);
        out.dtype = dtype;
        out.shape = std::move(shape);
        out.data = static_cast<const std::byte*>(data);
        out.sizeBytes = size;
        return out;
    }
};

} // namespace

class TestFourBit : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void names_readBack()
    {
        for (const QuantType type : {QuantType::Nf4, QuantType::Fp4}) {
            QVERIFY(parseQuantType(quantTypeName(type)) == type);
        }
        const auto error = errorOf([] { parseQuantType("int4"); });
        QVERIFY(error && error->kind() == ErrorKind::InvalidArgument);
    }

    // QLoRA, appendix E: quantiles of the normal distribution, from -1 to 1 with an exact zero; 7 below and 8 above it.
    void nf4_isOfQuantiles()
    {
        const auto& code = quantCode(QuantType::Nf4);
        QVERIFY(std::is_sorted(code.begin(), code.end()));
        QCOMPARE(code.front(), -1.0F);
        QCOMPARE(code[7], 0.0F);
        QCOMPARE(code.back(), 1.0F);
        // P(x < q) of the values scaled by the last one's quantile grows by equal steps on each side.
        const double offset = 0.9677083; // bitsandbytes' create_normal_map
        const auto probability = [](double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); };
        const double scale = 1.8481308; // quantile of `offset`
        QVERIFY(std::abs(probability(scale) - offset) < 1e-6);
        for (std::size_t i = 7; i < 16; ++i) { // 9 points from 0.5 to offset
            const double wanted = 0.5 + (offset - 0.5) * static_cast<double>(i - 7) / 8.0;
            QVERIFY(std::abs(probability(scale * static_cast<double>(code[i])) - wanted) < 1e-6);
        }
        for (std::size_t i = 0; i < 8; ++i) { // 8 points from 1 - offset to 0.5
            const double wanted = 1 - offset + (offset - 0.5) * static_cast<double>(i) / 7.0;
            QVERIFY(std::abs(probability(scale * static_cast<double>(code[i])) - wanted) < 1e-6);
        }
    }

    void fp4_isSignExponentMantissa()
    {
        const auto& code = quantCode(QuantType::Fp4);
        const std::array<float, 8> twelfths {0.0F, 0.0625F, 8.0F, 12.0F, 4.0F, 6.0F, 2.0F, 3.0F};
        for (std::size_t i = 0; i < 8; ++i) {
            QVERIFY(std::abs(code[i] - twelfths[i] / 12.0F) < 1e-7F);
            QCOMPARE(code[i + 8], -code[i]);
        }
        const auto order = codeOfRank(QuantType::Fp4);
        for (std::size_t i = 0; i + 1 < order.size(); ++i) {
            QVERIFY(code[order[i]] <= code[order[i + 1]]);
        }
        std::array<std::uint8_t, 16> identity {};
        std::iota(identity.begin(), identity.end(), std::uint8_t {0});
        QVERIFY(codeOfRank(QuantType::Nf4) == identity);
    }

    void bounds_areMidpoints()
    {
        for (const QuantType type : {QuantType::Nf4, QuantType::Fp4}) {
            const kernels::FourBit format = fourBit(type, 128);
            std::array<float, 16> sorted = quantCode(type);
            std::sort(sorted.begin(), sorted.end());
            QCOMPARE(format.blockSize, 128);
            for (std::size_t i = 0; i < 15; ++i) {
                QCOMPARE(format.bounds[i], (sorted[i] + sorted[i + 1]) / 2.0F);
            }
            // The first of two values is in the upper half of its byte.
            const std::array<std::uint8_t, 2> bytes {0x1F, 0x30};
            const auto& code = quantCode(type);
            QCOMPARE(fourBitValue(format, bytes.data(), 0, 2.0F), 2.0F * code[1]);
            QCOMPARE(fourBitValue(format, bytes.data(), 1, 2.0F), 2.0F * code[15]);
            QCOMPARE(fourBitValue(format, bytes.data(), 2, 2.0F), 2.0F * code[3]);
        }
    }

    // Dettmers' dynamic tree: seven decades, each of twice as many fractions as the one below, 0 and 1.
    void dynamicMaps_haveSevenDecades()
    {
        for (const bool isSigned : {true, false}) {
            const auto& map = isSigned ? dynamicMap() : unsignedDynamicMap();
            QVERIFY(std::is_sorted(map.begin(), map.end()));
            QCOMPARE(map.back(), 1.0F);
            std::vector<double> wanted {0.0, 1.0};
            for (int decade = 0; decade < 7; ++decade) {
                const int count = 1 << (isSigned ? decade : decade + 1);
                for (int j = 0; j < count;
                     ++j) { // means of neighbours among count + 1 points of [0.1, 1]
                    const double value =
                        (0.1 + 0.9 * (j + 0.5) / count) * std::pow(10.0, decade - 6);
                    wanted.push_back(value);
                    if (isSigned) {
                        wanted.push_back(-value);
                    }
                }
            }
            QCOMPARE(wanted.size(), map.size());
            std::sort(wanted.begin(), wanted.end());
            for (std::size_t i = 0; i < map.size(); ++i) {
                QVERIFY(std::abs(static_cast<double>(map[i]) - wanted[i]) < 1e-7);
            }
        }
        QCOMPARE(dynamicMap()[127], 0.0F);
    }

    // As bitsandbytes has it: what a table of 65,536 entries says, 131 for zero and not 127.
    void dynamicCodes_areThoseOfTheTable()
    {
        QCOMPARE(int {dynamicCode(0.0F)}, 131);
        QCOMPARE(int {dynamicCode(1.0F)}, 255);
        QCOMPARE(int {dynamicCode(-1.0F)}, 0);
        QCOMPARE(int {dynamicCode(7.0F)}, 255);
        QCOMPARE(int {dynamicCode(-7.0F)}, 0);
        QCOMPARE(int {dynamicCode(std::nanf(""))}, 0);
        for (int i = 0; i < 256; ++i) { // coarse ones are found again
            const float value = dynamicMap()[static_cast<std::size_t>(i)];
            if (std::abs(value) > 0.01F) {
                QCOMPARE(int {dynamicCode(value)}, i);
            }
        }
    }

    void aWeight_isTakenOutOfItsParts()
    {
        const Stored stored;
        std::vector<TensorView> tensors = stored.views();
        const auto found = takeBnbWeights(tensors);
        QCOMPARE(found.size(), 1U);
        QCOMPARE(tensors.size(), 2U); // the weight and the norm; its parts are gone
        QCOMPARE(tensors[0].name, std::string("w"));
        QVERIFY(tensors[0].dtype == DType::Nf4);
        const std::vector<std::int64_t> shape {2, 33};
        QVERIFY(tensors[0].shape == shape);
        const BnbWeight& weight = found.begin()->second;
        QVERIFY(!weight.isDouble());
        QVERIFY(weight.absmaxOfBlocks() == stored.absmax);
        QCOMPARE(weight.bytes(), std::uint64_t {33 + 8});
        std::vector<float> values(66);
        weight.readFloat32(values.data());
        for (std::size_t i = 0; i < values.size(); ++i) {
            const float absmax = i < 64 ? 2.0F : 0.5F;
            QCOMPARE(values[i], i % 2 == 0 ? 0.0F : -absmax);
        }
    }

    // absmax = map[code] group + offset, by hand.
    void doubleQuantization_isUndone()
    {
        Stored stored;
        stored.state =
            R"({"quant_type": "nf4", "blocksize": 64, "dtype": "bfloat16", "shape": [2, 33],
            "nested_blocksize": 256, "nested_dtype": "float32", "nested_offset": 0.25})";
        std::vector<TensorView> tensors = stored.views();
        const std::string codes = {'\xFF', '\x7F'}; // 1 and 0 of the map
        const float group = 3.0F;
        tensors[1] = Stored::view("w.absmax", DType::U8, {2}, codes.data(), 2);
        tensors.push_back(Stored::view("w.nested_absmax", DType::F32, {1}, &group, 4));
        tensors.push_back(
            Stored::view("w.nested_quant_map", DType::F32, {256}, dynamicMap().data(), 1024));
        const auto found = takeBnbWeights(tensors);
        const BnbWeight& weight = found.at("w");
        QVERIFY(weight.isDouble());
        const std::vector<float> wanted {3.25F, 0.25F};
        QVERIFY(weight.absmaxOfBlocks() == wanted);
        QCOMPARE(weight.bytes(), std::uint64_t {33 + 2 + 4});
        QVERIFY(weight.dtype == DType::BF16);
    }

    void refuses_whatIsNoWeight_data()
    {
        QTest::addColumn<QString>("state");
        QTest::addColumn<QString>("says");
        const auto row = [](const char* name, const char* state, const char* says) {
            QTest::newRow(name) << QString(state) << QString(says);
        };
        row("no JSON", "{", "describes nothing");
        row("block size", R"({"blocksize": 32, "dtype": "float32", "shape": [2, 33]})",
            "has the block size 32");
        row("shape", R"({"blocksize": 64, "dtype": "float32", "shape": [66]})", "has the shape");
        row("more than there is", R"({"blocksize": 64, "dtype": "float32", "shape": [3, 33]})",
            "holds 33 U8 (expected 50 U8");
        row("another block size", R"({"blocksize": 128, "dtype": "float32", "shape": [2, 33]})",
            "holds 2 F32 (expected 1 F32");
    }
    void refuses_whatIsNoWeight()
    {
        QFETCH(QString, state);
        QFETCH(QString, says);
        Stored stored;
        stored.state = state.toStdString();
        std::vector<TensorView> tensors = stored.views();
        const auto error = errorOf([&] { takeBnbWeights(tensors); });
        QVERIFY(error && error->kind() == ErrorKind::Format);
        QVERIFY2(QString(error->what()).contains(says), error->what());
    }

    void refuses_otherTablesAndNoNumbers()
    {
        Stored table;
        table.map[3] += 0.01F;
        Stored number;
        number.absmax[1] = std::nanf("");
        Stored type;
        type.type = "nf2";
        for (const Stored* stored : {&table, &number, &type}) {
            std::vector<TensorView> tensors = stored->views();
            const auto error = errorOf([&] { takeBnbWeights(tensors); });
            QVERIFY(error && error->kind() == ErrorKind::Format);
        }
    }
};

QTEST_GUILESS_MAIN(TestFourBit)
#include "tst_four_bit.moc"
