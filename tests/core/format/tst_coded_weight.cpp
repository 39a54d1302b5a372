// SPDX-License-Identifier: GPL-3.0-or-later
// Codes that lie: what is missing, of another shape, or names a group that is not there. The numbers of right ones are in
// core.weight_codes.
#include "core/format/coded_weight.h"
#include "tests/core/file/test_files.h"

#include <QTest>

#include <algorithm>
#include <functional>
#include <memory>
#include <tuple>

using namespace pissarro;
using core::DType;
using core::TensorView;
using core::WeightCodes;

namespace {

// Tensors of zeros, and the bytes that they look at.
class Tensors {
public:
    Tensors& add(const std::string& name, DType dtype, const std::vector<std::int64_t>& shape)
    {
        TensorView view {name, dtype, shape, nullptr, 0};
        view.sizeBytes = core::dtypeBytes(dtype, static_cast<std::uint64_t>(view.elements()));
        m_bytes.push_back(std::make_shared<std::string>(view.sizeBytes, '\0'));
        view.data = reinterpret_cast<const std::byte*>(m_bytes.back()->data());
        m_views.push_back(view);
        return *this;
    }

    std::string& bytesOf(const std::string& name) { return *m_bytes[indexOf(name)]; }
    TensorView& view(const std::string& name) { return m_views[indexOf(name)]; }
    void drop(const std::string& name)
    {
        const std::size_t i = indexOf(name);
        m_views.erase(m_views.begin() + static_cast<std::ptrdiff_t>(i));
        m_bytes.erase(m_bytes.begin() + static_cast<std::ptrdiff_t>(i));
    }

    // Takes and reads them.
    core::CodedWeights take(const WeightCodes& how)
    {
        std::vector<TensorView> views = m_views;
        auto coded = core::takeCodedWeights(views, how);
        for (const TensorView& view : views) {
            if (const auto found = coded.find(view.name); found != coded.end()) {
                std::vector<float> values(static_cast<std::size_t>(view.elements()));
                found->second->readFloat32(values.data());
            }
        }
        return coded;
    }

private:
    std::size_t indexOf(const std::string& name) const
    {
        const auto found = std::find_if(m_views.begin(), m_views.end(),
                                        [&](const TensorView& v) { return v.name == name; });
        return static_cast<std::size_t>(found - m_views.begin());
    }

    std::vector<std::shared_ptr<std::string>> m_bytes;
    std::vector<TensorView> m_views;
};

constexpr WeightCodes kGptq {.packing = WeightCodes::Packing::Gptq, .groupSize = 32};
constexpr WeightCodes kAwq {.packing = WeightCodes::Packing::Awq, .groupSize = 32};

Tensors gptq()
{
    return Tensors()
        .add("m.qweight", DType::I32, {8, 16})
        .add("m.qzeros", DType::I32, {2, 2})
        .add("m.scales", DType::F16, {2, 16})
        .add("m.g_idx", DType::I32, {64});
}

Tensors awq()
{
    return Tensors()
        .add("m.qweight", DType::I32, {64, 2})
        .add("m.qzeros", DType::I32, {2, 2})
        .add("m.scales", DType::F16, {2, 16});
}

Tensors fp8()
{
    return Tensors()
        .add("m.weight", DType::Fp8E4M3, {200, 130})
        .add("m.weight_scale_inv", DType::F32, {2, 2});
}

Tensors int8()
{
    return Tensors()
        .add("m.weight", DType::I8, {6, 4})
        .add("m.SCB", DType::F32, {6})
        .add("m.weight_format", DType::U8, {});
}

using Lie = std::function<void(Tensors&)>;

} // namespace

class CodedWeightTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void takes_rightOnes()
    {
        QCOMPARE(gptq().take(kGptq).size(), 1U);
        QCOMPARE(awq().take(kAwq).size(), 1U);
        QCOMPARE(fp8().take({}).size(), 1U);
        QCOMPARE(int8().take({}).size(), 1U);
        QCOMPARE(gptq().take({}).size(), 0U); // without a word of the config
    }

    void refuses_everyLie_data()
    {
        QTest::addColumn<int>("kind");
        QTest::addColumn<int>("lie");
        QTest::addColumn<QString>("what");
        for (std::size_t i = 0; i < lies().size(); ++i) {
            const auto& [name, kind, change, what] = lies()[i];
            QTest::newRow(name) << kind << static_cast<int>(i) << what;
        }
    }

    void refuses_everyLie()
    {
        QFETCH(int, kind);
        QFETCH(int, lie);
        QFETCH(QString, what);
        Tensors tensors = kind == 0 ? gptq() : kind == 1 ? awq() : kind == 2 ? fp8() : int8();
        std::get<2>(lies()[static_cast<std::size_t>(lie)])(tensors);
        const WeightCodes how = kind == 0 ? kGptq : kind == 1 ? kAwq : WeightCodes {};
        const auto error = test::errorOf([&] { tensors.take(how); });
        QCOMPARE(test::complaint(error, "m.", what.toStdString()), QString());
    }

    void finds_scalesThatAreNotFinite()
    {
        Tensors four = gptq();
        four.bytesOf("m.scales")[11] = 0x7C;
        QVERIFY(!four.take(kGptq).begin()->second->isFinite());
        Tensors eight = fp8();
        QVERIFY(eight.take({}).begin()->second->isFinite());
        eight.bytesOf("m.weight")[5] = 0x7F;
        QVERIFY(!eight.take({}).begin()->second->isFinite());
    }

private:
    using Row = std::tuple<const char*, int, Lie, const char*>;
    static const std::vector<Row>& lies()
    {
        static const std::vector<Row> all {
            {"no zeros", 0, [](Tensors& t) { t.drop("m.qzeros"); }, "'m.qzeros' is missing"},
            {"no scales", 0, [](Tensors& t) { t.drop("m.scales"); }, "'m.scales' is missing"},
            {"codes of floats", 0, [](Tensors& t) { t.view("m.qweight").dtype = DType::F32; },
             "no matrix of I32"},
            {"fewer groups", 0,
             [](Tensors& t) {
                 t.view("m.scales").shape = {1, 32};
             },
             "expected F16 [2, 16]"},
            {"integer scales", 0, [](Tensors& t) { t.view("m.scales").dtype = DType::I16; },
             "expected F32 [2, 16]"},
            {"a group too high", 0, [](Tensors& t) { t.bytesOf("m.g_idx")[40] = 2; },
             "group 2 (expected 0 to 1)"},
            {"a group below none", 0, [](Tensors& t) { t.bytesOf("m.g_idx")[43] = '\xff'; },
             "names the group -"},
            {"index of another length", 0, [](Tensors& t) { t.view("m.g_idx").shape = {63}; },
             "expected I32 [64]"},
            {"outputs that fill no number", 0,
             [](Tensors& t) {
                 t.view("m.qweight").shape = {8, 15};
             },
             "15 outputs"},
            {"the matrix too", 0, [](Tensors& t) { t.add("m.weight", DType::F32, {1}); },
             "beside codes"},
            {"awq as gptq", 1,
             [](Tensors& t) {
                 t.view("m.qweight").shape = {8, 16};
             },
             "expected I32 [1, 16]"},
            {"fp8 in a list", 2, [](Tensors& t) { t.view("m.weight").shape = {26000}; },
             "expected a matrix"},
            {"another grid", 2,
             [](Tensors& t) {
                 t.view("m.weight_scale_inv").shape = {3, 1};
             },
             "expected [2, 2]"},
            {"scales of whole numbers", 2,
             [](Tensors& t) { t.view("m.weight_scale_inv").dtype = DType::I32; },
             "expected floating-point scales"},
            {"no codes", 3, [](Tensors& t) { t.drop("m.weight"); }, "'m.weight' is missing"},
            {"rows without a scale", 3, [](Tensors& t) { t.view("m.SCB").shape = {5}; },
             "expected F32 [6]"},
            {"another layout", 3, [](Tensors& t) { t.bytesOf("m.weight_format")[0] = 1; },
             "layout of CUDA"},
        };
        return all;
    }
};

QTEST_GUILESS_MAIN(CodedWeightTest)
#include "tst_coded_weight.moc"
