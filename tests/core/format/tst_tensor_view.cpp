// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/stored_numbers.h"
#include "core/format/tensor_view.h"
#include "tests/core/file/test_files.h"

#include <QTest>

#include <bit>
#include <cmath>
#include <limits>

using namespace pissarro;
using core::DType;
using core::TensorView;

namespace {

const DType kQ80 = *core::dtypeNamed("Q8_0");
const DType kQ40 = *core::dtypeNamed("Q4_0");
const DType kQ41 = *core::dtypeNamed("Q4_1");
const DType kQ6K = *core::dtypeNamed("Q6_K");

// By the definition of IEEE 754 binary16, in double arithmetic: another way than the code under
// test goes.
double halfByDefinition(std::uint16_t bits)
{
    const int exponent = (bits >> 10) & 31;
    const int fraction = bits & 1023;
    const double sign = (bits & 0x8000) != 0 ? -1.0 : 1.0;
    if (exponent == 31) {
        return fraction == 0 ? sign * std::numeric_limits<double>::infinity()
                             : std::numeric_limits<double>::quiet_NaN();
    }
    return sign
        * (exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25));
}

TensorView viewOf(const std::string& bytes, DType dtype, std::int64_t elements)
{
    return {"t", dtype, {elements}, reinterpret_cast<const std::byte*>(bytes.data()), bytes.size()};
}

std::vector<float> converted(const TensorView& view, std::int64_t first, std::int64_t count)
{
    std::vector<float> out(static_cast<std::size_t>(count));
    core::toFloat32(view, first, count, out.data());
    return out;
}

bool sameValue(float got, double expected)
{
    return std::isnan(expected) ? std::isnan(got)
                                : std::bit_cast<std::uint32_t>(got)
            == std::bit_cast<std::uint32_t>(static_cast<float>(expected));
}

// A block of 32 with scale, perhaps a minimum, and bytes that walk through all values.
std::string block(std::uint16_t scale, std::optional<std::uint16_t> minimum, int payloadBytes,
                  int seed)
{
    std::string out;
    test::put(out, scale);
    if (minimum) {
        test::put(out, *minimum);
    }
    for (int i = 0; i < payloadBytes; ++i) {
        out.push_back(static_cast<char>(i * 37 + seed));
    }
    return out;
}

} // namespace

class TensorViewTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    // What both formats hand out: the order of the file, names once.
    void aTable_keepsOrderAndNames()
    {
        core::TensorTable table;
        for (const char* name : {"b", "a", "c"}) {
            TensorView view;
            view.name = name;
            table.add(std::move(view));
        }
        QCOMPARE(table.all().size(), std::size_t {3});
        QCOMPARE(table.all().front().name, std::string("b"));
        QVERIFY(table.find("a") == &table.all()[1] && table.find("d") == nullptr);
        TensorView again;
        again.name = "a";
        QVERIFY_THROWS_EXCEPTION(core::Error, table.add(again));
        QCOMPARE(table.all().size(), std::size_t {3});
    }

    void converts_everyHalf()
    {
        std::string bytes;
        for (int i = 0; i < 65536; ++i) {
            test::put(bytes, static_cast<std::uint16_t>(i));
        }
        const std::vector<float> out = converted(viewOf(bytes, DType::F16, 65536), 0, 65536);
        for (int i = 0; i < 65536; ++i) {
            QVERIFY2(sameValue(out[static_cast<std::size_t>(i)],
                               halfByDefinition(static_cast<std::uint16_t>(i))),
                     qPrintable(QString::number(i)));
            QVERIFY(sameValue(core::halfToFloat(static_cast<std::uint16_t>(i)),
                              halfByDefinition(static_cast<std::uint16_t>(i))));
        }
    }

    void converts_everyBfloat16()
    {
        std::string bytes;
        for (int i = 0; i < 65536; ++i) {
            test::put(bytes, static_cast<std::uint16_t>(i));
        }
        const std::vector<float> out = converted(viewOf(bytes, DType::BF16, 65536), 0, 65536);
        for (int i = 0; i < 65536; ++i) {
            QCOMPARE(std::bit_cast<std::uint32_t>(out[static_cast<std::size_t>(i)]),
                     static_cast<std::uint32_t>(i) << 16);
        }
    }

    void converts_partsThatAreNotAligned()
    {
        std::string bytes = "x"; // every element is at an odd address
        for (int i = 0; i < 100; ++i) {
            test::put(bytes, 0.5F * static_cast<float>(i));
        }
        TensorView view = viewOf(bytes, DType::F32, 100);
        ++view.data;
        QCOMPARE(converted(view, 7, 3), (std::vector<float> {3.5F, 4.0F, 4.5F}));
        std::string doubles;
        for (int i = 0; i < 70; ++i) {
            test::put(doubles, 0.1 * i);
        }
        const std::vector<float> out = converted(viewOf(doubles, DType::F64, 70), 1, 69);
        for (int i = 1; i < 70; ++i) {
            QCOMPARE(out[static_cast<std::size_t>(i - 1)], static_cast<float>(0.1 * i));
        }
    }

    // ggml's dequantize_row_*: expected values from the formula in double, which is exact for the
    // products.
    void dequantises_q8_0()
    {
        const std::string bytes = block(0x2E66, {}, 32, 5) + block(0xB1A3, {}, 32, 90);
        const std::vector<float> out = converted(viewOf(bytes, kQ80, 64), 0, 64);
        for (int i = 0; i < 64; ++i) {
            const std::size_t start = i < 32 ? 0 : 34;
            const double scale = halfByDefinition(i < 32 ? 0x2E66 : 0xB1A3);
            const auto q =
                static_cast<signed char>(bytes[start + 2 + static_cast<std::size_t>(i % 32)]);
            QVERIFY(sameValue(out[static_cast<std::size_t>(i)], scale * q));
        }
        QCOMPARE(converted(viewOf(bytes, kQ80, 64), 32, 32),
                 std::vector<float>(out.begin() + 32, out.end()));
    }

    void dequantises_q4_0_and_q4_1()
    {
        for (const bool withMinimum : {false, true}) {
            const std::string bytes =
                withMinimum ? block(0x2E66, 0xB800, 16, 3) : block(0x2E66, {}, 16, 3);
            const std::vector<float> out =
                converted(viewOf(bytes, withMinimum ? kQ41 : kQ40, 32), 0, 32);
            for (int i = 0; i < 32; ++i) {
                const auto byte = static_cast<unsigned char>(
                    bytes[(withMinimum ? 4U : 2U) + static_cast<std::size_t>(i % 16)]);
                const int nibble = i < 16 ? byte & 15 : byte >> 4;
                const double scale = halfByDefinition(0x2E66);
                QVERIFY(sameValue(out[static_cast<std::size_t>(i)],
                                  withMinimum ? scale * nibble + halfByDefinition(0xB800)
                                              : scale * (nibble - 8)));
            }
        }
    }

    // ggml's dequantize_row_q6_K, element by element.
    void dequantises_q6_k()
    {
        std::string bytes;
        for (int i = 0; i < 2 * 210; ++i) {
            bytes.push_back(static_cast<char>(i * 73 + 19));
        }
        const std::uint16_t scales[2] = {0x2E66, 0xB1A3};
        std::memcpy(bytes.data() + 208, &scales[0], 2);
        std::memcpy(bytes.data() + 210 + 208, &scales[1], 2);
        const std::vector<float> out = converted(viewOf(bytes, kQ6K, 512), 0, 512);
        for (std::size_t i = 0; i < 512; ++i) {
            const std::size_t start = 210 * (i / 256);
            const auto byte = [&](std::size_t at) {
                return static_cast<unsigned char>(bytes[start + at]);
            };
            const std::size_t half = i % 256 / 128;
            const std::size_t run = i % 128 / 32;
            const std::size_t within = i % 32;
            const int low = byte(64 * half + 32 * (run % 2) + within) >> (run < 2 ? 0 : 4) & 15;
            const int high = byte(128 + 32 * half + within) >> (2 * run) & 3;
            const auto group = static_cast<signed char>(byte(192 + i % 256 / 16));
            QVERIFY(sameValue(out[i],
                              halfByDefinition(scales[i / 256]) * group * (low + 16 * high - 32)));
        }
        QCOMPARE(converted(viewOf(bytes, kQ6K, 512), 256, 256),
                 std::vector<float>(out.begin() + 256, out.end()));
    }

    // Every half and bfloat16 in turn, at places that no run or vector has for itself.
    void finds_whatIsNotFinite()
    {
        for (const DType dtype : {DType::F16, DType::BF16}) {
            const unsigned exponent = dtype == DType::F16 ? 0x7C00U : 0x7F80U;
            for (unsigned bits = 0; bits < 0x10000U; ++bits) {
                std::string bytes(2 * 1100, '\0');
                const auto half = static_cast<std::uint16_t>(bits);
                std::memcpy(bytes.data() + 2 * (bits % 1100), &half, sizeof half);
                const bool finite = (bits & exponent) != exponent;
                QCOMPARE(core::isFinite(viewOf(bytes, dtype, 1100)), finite);
            }
        }
        const auto alone = [](auto value, DType dtype) {
            std::string bytes;
            test::put(bytes, value);
            return core::isFinite(viewOf(bytes, dtype, 1));
        };
        QVERIFY(alone(std::numeric_limits<float>::lowest(), DType::F32));
        QVERIFY(!alone(-std::numeric_limits<float>::infinity(), DType::F32));
        QVERIFY(!alone(std::numeric_limits<float>::quiet_NaN(), DType::F32));
        QVERIFY(alone(std::numeric_limits<double>::max(), DType::F64));
        QVERIFY(!alone(std::numeric_limits<double>::quiet_NaN(), DType::F64));
        QVERIFY(alone(std::int64_t {-1}, DType::I64)); // all bits set, and a number
        QVERIFY(core::isFinite(viewOf("", DType::F32, 0)));
    }

    void finds_blocksThatAreNotFinite()
    {
        constexpr std::uint16_t kOne = 0x3C00;
        constexpr std::uint16_t kInf = 0xFC00;
        const auto second = [&](DType dtype, const std::string& last) {
            const std::string bytes =
                block(kOne, dtype == kQ41 ? std::optional(kOne) : std::nullopt,
                      dtype == kQ80 ? 32 : 16, /*seed=*/0x7C)
                + last;
            return core::isFinite(viewOf(bytes, dtype, 64));
        };
        QVERIFY(second(kQ80, block(kOne, {}, 32, 0xFC)));
        QVERIFY(!second(kQ80, block(kInf, {}, 32, 0)));
        QVERIFY(second(kQ40, block(kOne, {}, 16, 0xFC)));
        QVERIFY(!second(kQ40, block(kInf, {}, 16, 0)));
        QVERIFY(second(kQ41, block(kOne, kOne, 16, 0xFC)));
        QVERIFY(!second(kQ41, block(kInf, kOne, 16, 0)));
        QVERIFY(!second(kQ41, block(kOne, kInf, 16, 0)));
        const auto sixBits = [&](std::uint16_t scale) {
            std::string bytes(2 * 210, '\x7C');
            std::memcpy(bytes.data() + 208, &kOne, 2);
            std::memcpy(bytes.data() + 210 + 208, &scale, 2);
            return core::isFinite(viewOf(bytes, kQ6K, 512));
        };
        QVERIFY(sixBits(kOne) && !sixBits(kInf));
    }

    void refuses_integers()
    {
        const std::string bytes(32, '\1');
        const auto error = test::errorOf([&] { converted(viewOf(bytes, DType::I64, 4), 0, 4); });
        QVERIFY(error && error->kind() == core::ErrorKind::Format);
        QVERIFY(QByteArray(error->what()).contains("I64"));
    }

    void counts_bytes()
    {
        QCOMPARE(core::dtypeBytes(DType::F32, 7), 28U);
        QCOMPARE(core::dtypeBytes(DType::BF16, 7), 14U);
        QCOMPARE(core::dtypeBytes(kQ80, 64), 68U);
        QCOMPARE(core::dtypeBytes(kQ40, 64), 36U);
        QCOMPARE(core::dtypeBytes(kQ41, 64), 40U);
        QCOMPARE(core::dtypeBytes(kQ6K, 512), 420U);
        QCOMPARE(core::dtypeSize(kQ41), 0U);
    }
};

QTEST_GUILESS_MAIN(TensorViewTest)
#include "tst_tensor_view.moc"
