// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/safetensors.h"
#include "core/text/json_text.h"
#include "tests/core/file/test_files.h"
#include "tests/tools/patience.h"

#include <QFile>
#include <QTest>

#include <limits>
#include <random>

using namespace pissarro;
using core::DType;
using core::ErrorKind;
using pissarro::tests::CpuClock;
using pissarro::tests::kSoonS;
using test::errorOf;
using test::safetensorsBytes;

namespace {

const std::string kShared = PISSARRO_SHARED;

std::string entry(const std::string& name, const std::string& dtype, const std::string& shape,
                  const std::string& offsets)
{
    return "\"" + name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape
        + ",\"data_offsets\":" + offsets + "}";
}

// A file of one or two tensors of which one statement is a lie.
std::string lie(const std::string& dtype, const std::string& shape, const std::string& offsets,
                const std::string& second = "")
{
    return safetensorsBytes("{" + entry("a", dtype, shape, offsets) + second + "}",
                            std::string(16, 'x'));
}

void row(const char* name, const std::string& bytes, const char* what)
{
    QTest::newRow(name) << QByteArray::fromStdString(bytes) << what;
}

void addLiesOfTheWhole()
{
    const std::string good = lie("F32", "[4]", "[0,16]");
    row("empty", "", "0 bytes");
    row("cut in the length", good.substr(0, 5), "5 bytes");
    row("cut in the header", good.substr(0, 30), "is cut");
    row("cut in the data", good.substr(0, good.size() - 1), "cut or damaged");
    row("longer than it says", good + "x", "damaged");
    row("length beyond the file", safetensorsBytes("{}", "", 3), "only 2 bytes follow");
    row("length 2^63", safetensorsBytes("{}", "", std::uint64_t {1} << 63), "9223372036854775808");
    row("length 2^64 - 1", safetensorsBytes("{}", "", ~std::uint64_t {0}), "header length");
    row("length 0", safetensorsBytes("", ""), "'{'");
    row("not JSON", safetensorsBytes("{hello}", ""), "not JSON");
    row("unfinished", safetensorsBytes("{\"a\":", ""), "not JSON: it ends too early, after byte 5");
    row("two documents", safetensorsBytes("{}{}", ""), "not JSON");
    row("array", safetensorsBytes("[]", ""), "'{'");
    row("nested", safetensorsBytes("{\"a\":" + std::string(200'000, '['), ""), "a list");
    row("nested objects",
        safetensorsBytes(
            [] {
                std::string text;
                for (int i = 0; i < 200'000; ++i) {
                    text += "{\"a\":";
                }
                return text;
            }(),
            ""),
        "'a'");
    row("not UTF-8", safetensorsBytes("{\"\xff\xfe\":1}", ""), "UTF-8");
    row("metadata of numbers", safetensorsBytes("{\"__metadata__\":{\"a\":1}}", ""), "metadata");
    row("metadata a text", safetensorsBytes("{\"__metadata__\":\"a\"}", ""), "metadata");
    row("tensor is a number", safetensorsBytes("{\"a\":7}", ""), "the number 7");
}

void addLiesOfFields()
{
    row("field missing", safetensorsBytes("{\"a\":{\"dtype\":\"F32\",\"shape\":[0]}}", ""),
        "lacks data_offsets");
    row("field unknown", lie("F32", "[4],\"x\":1", "[0,16]"), "unknown field");
    row("field twice", lie("F32", "[4],\"shape\":[4]", "[0,16]"), "twice");
    row("offset negative", lie("F32", "[4]", "[-16,0]"), "negative");
    row("offset fraction", lie("F32", "[4]", "[0,16.0]"), "16.0");
    row("offset text", lie("F32", "[4]", "[0,\"16\"]"), "data_offsets");
    row("offset beyond 2^64", lie("F32", "[4]", "[0,99999999999999999999]"), "data_offsets");
    row("offset beyond double", lie("F32", "[4]", "[0,1e999]"), "not JSON");
    row("offsets reversed", lie("F32", "[4]", "[16,0]"), "before it begins");
    row("offsets three", lie("F32", "[4]", "[0,8,16]"), "expected 2");
    row("offsets one", lie("F32", "[4]", "[0]"), "expected 2");
    row("offsets past the end", lie("F32", "[8]", "[0,32]"), "past the end");
    row("overlap", lie("F32", "[3]", "[0,12]", "," + entry("b", "F32", "[2]", "[8,16]")),
        "overlaps");
    row("gap", lie("F32", "[2]", "[0,8]", "," + entry("b", "F32", "[1]", "[12,16]")), "gap");
    row("gap at the start", lie("F32", "[3]", "[4,16]"), "gap");
    row("gap at the end", lie("F32", "[3]", "[0,12]"), "damaged");
    row("same name", lie("F32", "[2]", "[0,8]", "," + entry("a", "F32", "[2]", "[8,16]")), "twice");
}

void addLiesOfShapes()
{
    row("shape negative", lie("F32", "[-4]", "[0,16]"), "negative");
    row("shape overflows", lie("F32", "[4294967296,4294967296,4294967296]", "[0,16]"), "overflows");
    row("shape overflows to 0", lie("F32", "[4611686018427387904]", "[0,0]"), "2^62");
    row("shape does not fit", lie("F32", "[5]", "[0,16]"), "expected 20");
    row("shape text", lie("F32", "[\"4\"]", "[0,16]"), "shape");
    row("shape number", lie("F32", "4", "[0,16]"), "shape");
    row("shape nested", lie("F32", "[[4]]", "[0,16]"), "shape");
    row("shape of a thousand axes",
        lie(
            "F32",
            "[1" +
                [] {
                    std::string ones;
                    for (int i = 0; i < 1000; ++i) {
                        ones += ",1";
                    }
                    return ones;
                }()
                + "]",
            "[0,16]"),
        "axes");
    row("dtype unknown", lie("F6_E2M3", "[16]", "[0,16]"), "'F6_E2M3'");
    row("dtype of codes", lie("INT8", "[16]", "[0,16]"), "'INT8'");
    row("dtype number", lie("F32\",\"dtype\":7,\"x\":\"", "[4]", "[0,16]"), "twice");
    row("name of a megabyte", safetensorsBytes("{\"" + std::string(1 << 20, 'n') + "\":{}}", ""),
        "1048576 bytes");
    row("dtype of a megabyte", lie(std::string(1 << 20, 'n'), "[4]", "[0,16]"), "unknown dtype");
    row("control characters", safetensorsBytes("{\"a\\u0000\\n\\u001b[2J\":7}", ""),
        "\\x00\\x0a\\x1b");
}

} // namespace

class SafetensorsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void reads_theGoldenModel()
    {
        if (!QFile::exists(QString::fromStdString(kShared + "/golden"))) {
            QSKIP("shared/golden is not here");
        }
        const auto file =
            core::SafetensorsFile::open(kShared + "/golden/tiny/llama/golden.safetensors");
        QCOMPARE(file.tensors().size(), 52U); // golden/TENSORS.md
        const core::TensorView& logits = file.at("logits_f64");
        QCOMPARE(logits.shape, (std::vector<std::int64_t> {2, 24, 512}));
        QVERIFY(logits.dtype == DType::F64);
        QCOMPARE(file.at("input_ids").sizeBytes, 2U * 24U * 8U);
        QCOMPARE(file.metadata().at("attention"), std::string("eager"));
        QVERIFY(file.find("nothing") == nullptr);
        QVERIFY(errorOf([&] { file.at("nothing"); }));
    }

    void readsBack_whatItWrote()
    {
        const test::Scratch scratch;
        const std::vector<core::TensorSpec> specs {{"b.weight", DType::F32, {2, 3}},
                                                   {"a", DType::BF16, {5}},
                                                   {"scalar", DType::I64, {}},
                                                   {"none", DType::F16, {0, 4}},
                                                   {"flag", DType::Bool, {3}}};
        const std::vector<std::string> data {std::string(24, 'b'), std::string(10, 'a'),
                                             std::string(8, 's'), "", std::string(3, '\1')};
        core::SafetensorsWriter writer(scratch / "x.safetensors", specs, {{"who", "it's \"me\""}});
        for (const std::string& bytes : data) {
            writer.append(bytes.data(), bytes.size());
        }
        writer.commit();
        const auto file = core::SafetensorsFile::open(scratch / "x.safetensors");
        QCOMPARE(file.tensors().size(), specs.size());
        for (std::size_t i = 0; i < specs.size(); ++i) {
            const core::TensorView& view = file.at(specs[i].name);
            QVERIFY(view.dtype == specs[i].dtype);
            QCOMPARE(view.shape, specs[i].shape);
            QCOMPARE(std::string(reinterpret_cast<const char*>(view.data), view.sizeBytes),
                     data[i]);
        }
        QCOMPARE(file.metadata(),
                 (std::map<std::string, std::string> {
                     {"format", "pt"}, {"generator", "pissarro"}, {"who", "it's \"me\""}}));
        const std::string bytes = test::readBytes(scratch / "x.safetensors");
        QCOMPARE(static_cast<unsigned char>(bytes[0]) % 8, 0); // tensors begin at a multiple of 8
    }

    void refuses_toWriteWhatDoesNotFit()
    {
        const test::Scratch scratch;
        const test::fs::path path = scratch / "x.safetensors";
        test::writeBytes(path, "old");
        const auto attempt = [&](std::vector<core::TensorSpec> specs,
                                 const std::vector<std::size_t>& sizes) {
            return errorOf([&] {
                core::SafetensorsWriter writer(path, std::move(specs));
                for (const std::size_t size : sizes) {
                    const std::string bytes(size, 'x');
                    writer.append(bytes.data(), size);
                }
                writer.commit();
            });
        };
        const core::TensorSpec right {"a", DType::F32, {2}};
        const std::vector<std::optional<core::Error>> errors {
            attempt({right}, {7}),
            attempt({right}, {}),
            attempt({right}, {8, 8}),
            attempt({right, right}, {8, 8}),
            attempt({{"q", *core::dtypeNamed("Q4_0"), {32}}}, {18}),
            attempt({{"n", DType::F32, {-2}}}, {8})};
        for (const auto& error : errors) {
            QVERIFY(error && error->kind() == ErrorKind::InvalidArgument);
        }
        QCOMPARE(test::readBytes(path), std::string("old"));
    }

    // Two bytes changed at random: either refused, or every tensor lies inside the file.
    void survives_randomDamage()
    {
        const test::Scratch scratch;
        const test::fs::path path = scratch / "x.safetensors";
        const std::string good = lie("F32", "[4]", "[0,16]");
        std::mt19937 random(1);
        int opened = 0;
        for (int round = 0; round < 500; ++round) {
            std::string bytes = good;
            for (int i = 0; i < 2; ++i) {
                bytes[random() % bytes.size()] = static_cast<char>(random());
            }
            test::writeBytes(path, bytes);
            const auto error = errorOf([&] {
                const auto file = core::SafetensorsFile::open(path);
                const auto* const begin = file.file()->bytes().data();
                for (const core::TensorView& view : file.tensors()) {
                    QVERIFY(view.data >= begin && view.sizeBytes <= bytes.size());
                    QVERIFY(static_cast<std::size_t>(view.data - begin) + view.sizeBytes
                            <= bytes.size());
                }
                ++opened;
            });
            QVERIFY(!error || test::complaint(error, path, "").isEmpty());
        }
        QVERIFY(opened > 0 && opened < 500);
    }

    void refuses_everyLie_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("what");
        addLiesOfTheWhole();
        addLiesOfFields();
        addLiesOfShapes();
    }

    void refuses_everyLie()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, what);
        const test::Scratch scratch;
        test::writeBytes(scratch / "x.safetensors", bytes.toStdString());
        const CpuClock clock;
        const auto error = errorOf([&] { core::SafetensorsFile::open(scratch / "x.safetensors"); });
        QCOMPARE(test::complaint(error, "x.safetensors", what.toStdString()), QString());
        QVERIFY(clock.seconds() < kSoonS);
        test::writeBytes(scratch / "good.safetensors", lie("F32", "[4]", "[0,16]"));
        QCOMPARE(core::SafetensorsFile::open(scratch / "good.safetensors").tensors().size(), 1U);
    }

    void accepts_paddingAndEmptyFiles()
    {
        const test::Scratch scratch;
        test::writeBytes(scratch / "a", safetensorsBytes("{}      ", ""));
        QVERIFY(core::SafetensorsFile::open(scratch / "a").tensors().empty());
        // Order in the header is free; order in the file counts.
        test::writeBytes(scratch / "b",
                         lie("F32", "[2]", "[8,16]", "," + entry("z", "F32", "[2]", "[0,8]")));
        QCOMPARE(core::SafetensorsFile::open(scratch / "b").tensors().front().name,
                 std::string("z"));
    }

    void parsesJson_withALimitOfValues()
    {
        const auto zeros = [](int count) {
            std::string text = "[0";
            for (int i = 1; i < count; ++i) {
                text += ",0";
            }
            return text + "]";
        };
        QCOMPARE(core::parseJson(zeros(100'000)).size(), 100'000U);
        QVERIFY(core::parseJson("\"" + std::string(6'000'000, ',') + "\"").is_string());
        const auto error = errorOf([&] { core::parseJson(zeros(5'000'002)); });
        QVERIFY(error && QByteArray(error->what()).contains("more than 5000000 values"));
    }

    void parsesJson_withALimitOfDepth()
    {
        QCOMPARE(core::parseJson("{\"a\":[1,\"[[\\\"[\"]}").at("a").size(), 2U);
        for (const std::string& text :
             {std::string(200'000, '['), std::string("{\"a\": tru"), std::string("\"\xff\""),
              std::string("1e999"), std::string()}) {
            const auto error = errorOf([&] { core::parseJson(text); });
            QVERIFY(error && error->kind() == ErrorKind::Format);
            QVERIFY(std::string_view(error->what()).size() < 200);
        }
    }
};

QTEST_GUILESS_MAIN(SafetensorsTest)

#include "tst_safetensors.moc"
