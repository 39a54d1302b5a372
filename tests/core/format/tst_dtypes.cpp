// SPDX-License-Identifier: GPL-3.0-or-later
// Every row of the table of element types, against what Python's gguf package makes of the same blocks.
#include "core/format/dtype.h"
#include "core/format/safetensors.h"
#include "core/format/tensor_view.h"
#include "tests/core/file/test_files.h"
#include "tests/tools/patience.h"

#include <QFile>
#include <QProcess>
#include <QTest>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <random>
#include <set>

using namespace pissarro;
using core::DType;
using core::TensorView;

namespace {

TensorView viewOf(const std::string& bytes, DType dtype, std::int64_t elements)
{
    return {"t", dtype, {elements}, reinterpret_cast<const std::byte*>(bytes.data()), bytes.size()};
}

QByteArray nameOf(DType dtype)
{
    return QByteArray::fromStdString(std::string(core::dtypeName(dtype)));
}

// A row of test data for each type that `wanted` takes.
void addRows(const std::function<bool(const core::DTypeInfo&)>& wanted)
{
    QTest::addColumn<QByteArray>("name");
    for (const DType dtype : core::allDTypes()) {
        if (wanted(dtype.info())) {
            QTest::newRow(nameOf(dtype).constData()) << nameOf(dtype);
        }
    }
}

DType fetchedType()
{
    QFETCH(QByteArray, name);
    return *core::dtypeNamed(name.toStdString());
}

} // namespace

class DTypesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void rows_areOfOneKindEach()
    {
        std::set<std::string_view> names;
        std::set<int> numbers;
        for (const DType dtype : core::allDTypes()) {
            const core::DTypeInfo& row = dtype.info();
            QVERIFY2(names.insert(row.name).second, nameOf(dtype).constData());
            QVERIFY2(row.ggml < 0 || numbers.insert(row.ggml).second, nameOf(dtype).constData());
            QVERIFY2(row.bytes > 0 && row.elements > 0, nameOf(dtype).constData());
            QVERIFY(core::dtypeNamed(row.name) == dtype);
            QVERIFY2(row.ggml < 0 || row.toFloat32 != nullptr, nameOf(dtype).constData());
        }
        QVERIFY(!core::dtypeNamed("F6_E2M3") && !core::dtypeNamed(""));
        const auto all = core::allDTypes();
        QVERIFY(std::is_sorted(all.begin(), all.end()));
    }

    void names_whatModelsAreStoredAs()
    {
        QVERIFY(core::modelDType(DType::BF16) == "bfloat16");
        QVERIFY(core::modelDType(DType::F16) == "float16");
        QVERIFY(core::dtypeWords(DType::F32) == "float32");
        QVERIFY(core::dtypeWords(DType::F64) == "F64");
        const DType blocks = *core::dtypeNamed("Q4_1");
        QVERIFY(core::modelDType(blocks) == "float32" && core::dtypeWords(blocks) == "Q4_1");
        const auto mayBeWeights = [](std::string_view name) {
            return core::isWeightType(*core::dtypeNamed(name));
        };
        for (const char* const name :
             {"F64", "F32", "F16", "BF16", "F8_E4M3", "Q8_0", "Q4_0", "Q4_1", "NF4", "GPTQ"}) {
            QVERIFY2(mayBeWeights(name), name);
        }
        for (const char* const name : {"I64", "I32", "I16", "I8", "U8", "BOOL"}) {
            QVERIFY2(!mayBeWeights(name), name);
        }
    }

    // Bit for bit, edge cases first: zeros, all ones, negative, smallest and largest scales.
    void converts_asGgufDoes_data()
    {
        addRows([](const core::DTypeInfo& row) { return row.ggml > 0; }); // F32 is copied
    }

    void converts_asGgufDoes()
    {
        const DType dtype = fetchedType();
        const QString python = QStringLiteral(PISSARRO_DEPS "/peers/bin/python3");
        const QString script = QStringLiteral(PISSARRO_SHARED "/golden/scripts/make_tiny2.py");
        if (!QFile::exists(script) || QProcess::execute(python, {"-c", "import gguf"}) != 0) {
            QSKIP("needs shared/golden and gguf in .deps/peers");
        }
        const std::filesystem::path file =
            m_scratch / "blocks" / (std::string(core::dtypeName(dtype)) + ".safetensors");
        if (!std::filesystem::exists(m_scratch / "blocks")) {
            QProcess process;
            process.start(python,
                          {"-B", script, "--only", "blocks", "--out",
                           QString::fromStdString(m_scratch.path().string())});
            QVERIFY(process.waitForFinished(pissarro::tests::hangMs()));
            QVERIFY2(process.exitCode() == 0, process.readAllStandardError());
        }
        const auto golden = core::SafetensorsFile::open(file);
        TensorView blocks = golden.at("blocks");
        const TensorView& values = golden.at("values");
        QCOMPARE(core::dtypeBytes(dtype, static_cast<std::uint64_t>(values.elements())),
                 blocks.sizeBytes);
        blocks.dtype = dtype;
        blocks.shape = {values.elements()};
        std::vector<float> got(static_cast<std::size_t>(values.elements()));
        core::toFloat32(blocks, 0, values.elements(), got.data());
        QCOMPARE(values.sizeBytes, got.size() * sizeof(float));
        QVERIFY(std::memcmp(values.data, got.data(), values.sizeBytes) == 0);
        QVERIFY(core::isFinite(blocks));
    }

    // From the middle on, as a whole.
    void converts_parts_data()
    {
        addRows([](const core::DTypeInfo& row) { return row.toFloat32 != nullptr; });
    }

    void converts_parts()
    {
        const DType dtype = fetchedType();
        const std::int64_t block = dtype.info().elements;
        const std::string bytes = noise(dtype, 70);
        const TensorView view = viewOf(bytes, dtype, 70 * block);
        std::vector<float> whole(static_cast<std::size_t>(view.elements()));
        core::toFloat32(view, 0, view.elements(), whole.data());
        std::vector<float> part(static_cast<std::size_t>(40 * block));
        core::toFloat32(view, 27 * block, 40 * block, part.data());
        QVERIFY(std::memcmp(part.data(), whole.data() + 27 * block, part.size() * sizeof(float))
                == 0);
    }

    // What the scan of the stored bytes says is what the numbers are.
    void finds_whatIsNotFinite_data()
    {
        // Some doubles are finite and beyond float32.
        addRows([](const core::DTypeInfo& row) {
            return row.toFloat32 != nullptr && row.name != core::dtypeName(DType::F64);
        });
    }

    void finds_whatIsNotFinite()
    {
        const DType dtype = fetchedType();
        const core::DTypeInfo& row = dtype.info();
        constexpr std::int64_t kTries = 4096;
        const std::string bytes = noise(dtype, kTries);
        std::vector<float> values(static_cast<std::size_t>(row.elements));
        int finite = 0;
        for (std::int64_t i = 0; i < kTries; ++i) {
            TensorView view = viewOf(bytes, dtype, row.elements);
            view.data += static_cast<std::size_t>(i) * row.bytes;
            view.sizeBytes = row.bytes;
            core::toFloat32(view, 0, row.elements, values.data());
            const bool all = std::all_of(values.begin(), values.end(),
                                         [](float value) { return std::isfinite(value); });
            QCOMPARE(core::isFinite(view), all);
            finite += all ? 1 : 0;
        }
        // Without a scan every pattern is a finite number.
        QVERIFY(finite > 0 && (finite < kTries) == (row.isFinite != nullptr));
        QCOMPARE(core::isFinite(viewOf(bytes, dtype, kTries * row.elements)), finite == kTries);
    }

private:
    // Random blocks, a few of which hold NaN or Inf.
    static std::string noise(DType dtype, std::int64_t blocks)
    {
        std::mt19937 random(7);
        std::string out;
        while (out.size() < static_cast<std::size_t>(blocks) * dtype.info().bytes) {
            out.push_back(static_cast<char>(random()));
        }
        return out;
    }

    test::Scratch m_scratch;
};

QTEST_GUILESS_MAIN(DTypesTest)
#include "tst_dtypes.moc"
