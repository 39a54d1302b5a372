// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/gguf.h"
#include "tests/core/file/test_files.h"
#include "tests/tools/patience.h"

#include <QFile>
#include <QTest>

#include <random>

using namespace pissarro;
using pissarro::tests::CpuClock;
using pissarro::tests::kSoonS;
using test::errorOf;
using test::GgufBuilder;

namespace {

template <typename T>
std::string listOf(std::uint32_t type, const std::vector<T>& values,
                   std::optional<std::uint64_t> count = {})
{
    std::string out;
    test::put(out, type);
    test::put<std::uint64_t>(out, count.value_or(values.size()));
    for (const T value : values) {
        test::put(out, value);
    }
    return out;
}

GgufBuilder small()
{
    GgufBuilder out;
    out.string("general.architecture", "llama")
        .u32("llama.block_count", 3)
        .f32("llama.rope.freq_base", 1e4F);
    out.value<std::uint8_t>("flag", GgufBuilder::kBool, 1);
    out.raw("texts", GgufBuilder::kList,
            listOf<std::uint8_t>(GgufBuilder::kText, {}, 2) + GgufBuilder::text("a")
                + GgufBuilder::text("bc"));
    out.raw("wholes", GgufBuilder::kList, listOf<std::int32_t>(GgufBuilder::kI32, {-1, 2}));
    out.raw("reals", GgufBuilder::kList, listOf<float>(GgufBuilder::kF32, {0.5F, 2.0F}));
    out.tensor("m", {2, 32}, 8, std::string(68, 'm')).tensor("v", {3}, 0, std::string(12, 'v'));
    return out;
}

constexpr std::uint64_t kHuge = ~std::uint64_t {0};

void row(const char* name, const std::string& bytes, const char* what)
{
    QTest::newRow(name) << QByteArray::fromStdString(bytes) << what;
}

void addLiesOfValues()
{
    std::string swapped = small().bytes();
    std::swap(swapped[4], swapped[7]);
    row("other magic", "GGML" + small().bytes().substr(4), "does not begin with GGUF");
    row("version 1", small().bytes({}, {}, 1), "version 1");
    row("version 99", small().bytes({}, {}, 99), "version 99");
    row("big-endian", swapped, "big-endian");
    row("tensors 2^64", small().bytes(kHuge), "18446744073709551615 tensors");
    row("tensors 2^62", small().bytes(std::uint64_t {1} << 62), "tensors");
    row("tensors one too many", small().bytes(3), "");
    row("values 2^64", small().bytes({}, kHuge), "values");
    row("values one too many", small().bytes({}, 8), "");
    row("type of a tensor unknown", small().tensor("q", {32}, 99, "").bytes(), "99");
    row("type of a tensor not read", small().tensor("q", {256}, 15, std::string(292, 'x')).bytes(),
        "Q8_K");
    row("type of a value unknown", small().raw("k", 13, "").bytes(), "unknown type 13");
    row("truth value 2", small().value<std::uint8_t>("k", GgufBuilder::kBool, 2).bytes(),
        "truth value 2");
    row("text of 2^63",
        small().value<std::uint64_t>("k", GgufBuilder::kText, std::uint64_t {1} << 63).bytes(),
        "length");
    row("list of 2^63",
        small()
            .raw("k", GgufBuilder::kList,
                 listOf<std::int32_t>(GgufBuilder::kI32, {}, std::uint64_t {1} << 63))
            .bytes(),
        "list of");
    row("list of texts of 2^60",
        small()
            .raw("k", GgufBuilder::kList,
                 listOf<std::int32_t>(GgufBuilder::kText, {}, std::uint64_t {1} << 60))
            .bytes(),
        "list of");
    row("list of lists",
        small()
            .raw("k", GgufBuilder::kList, listOf<std::int32_t>(GgufBuilder::kList, {}, 1))
            .bytes(),
        "list");
    row("list of unknown type",
        small().raw("k", GgufBuilder::kList, listOf<std::int32_t>(77, {}, 0)).bytes(),
        "unknown type 77");
    row("alignment 0", small().u32("general.alignment", 0).bytes(), "alignment");
    row("alignment 24", small().u32("general.alignment", 24).bytes(), "alignment");
    row("alignment 2^31", small().u32("general.alignment", 1U << 31).bytes(), "alignment");
    row("alignment text", small().string("general.alignment", "32").bytes(), "general.alignment");
}

void addLiesOfTensors()
{
    row("offset not aligned", small().tensorAt("q", {1}, 0, 4, "").bytes(),
        "multiple of the alignment");
    row("offset past the end", small().tensorAt("q", {1}, 0, 1U << 20, "").bytes(),
        "cut or damaged");
    row("offset 2^64", small().tensorAt("q", {1}, 0, kHuge - 31, "").bytes(), "cut or damaged");
    row("overlap", small().tensorAt("q", {1}, 0, 0, "").bytes(), "overlap");
    row("tensor twice", small().tensor("v", {1}, 0, "abcd").bytes(), "twice");
    row("value twice", small().u32("llama.block_count", 3).bytes(), "twice");
    row("axes 5", small().tensor("q", {1, 1, 1, 1, 1}, 0, "abcd").bytes(), "5 axes");
    row("side 0", small().tensor("q", {0}, 0, "").bytes(), "zero or overflows");
    row("side -1", small().tensor("q", {-1}, 0, "").bytes(), "zero or overflows");
    row("size overflows", small().tensor("q", {1LL << 32, 1LL << 32}, 0, "").bytes(),
        "zero or overflows");
    row("blocks of 31", small().tensor("q", {31}, 8, std::string(64, 'x')).bytes(),
        "multiple of 32");
    row("rows of half a block", small().tensor("q", {2, 128}, 14, std::string(210, 'x')).bytes(),
        "multiple of 256 for Q6_K");
    row("blocks without a row", small().tensor("q", {}, 14, std::string(210, 'x')).bytes(),
        "multiple of 256 for Q6_K");
    row("blocks cut", small().tensor("q", {2, 256}, 14, std::string(384, 'x')).bytes(),
        "has 420 bytes");
    row("name of a megabyte", small().tensor(std::string(1 << 20, 'n'), {1}, 0, "abcd").bytes(),
        "1048576");
    row("name of control characters", small().tensor("\x1b[2J\n", {1, 1}, 99, "").bytes(),
        "\\x1b[2J\\x0a");
}

} // namespace

class GgufTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void reads_valuesAndTensors()
    {
        const test::Scratch scratch;
        test::writeBytes(scratch / "x.gguf", small().bytes());
        const auto file = core::GgufFile::open(scratch / "x.gguf");
        QCOMPARE(file.text("general.architecture").value(), std::string("llama"));
        QCOMPARE(file.integer("llama.block_count").value(), 3);
        QCOMPARE(file.number("llama.block_count").value(), 3.0);
        QCOMPARE(file.number("llama.rope.freq_base").value(), 1e4);
        QCOMPARE(file.boolean("flag").value(), true);
        QCOMPARE(*file.texts("texts"), (std::vector<std::string> {"a", "bc"}));
        QCOMPARE(*file.integers("wholes"), (std::vector<std::int64_t> {-1, 2}));
        QCOMPARE(*file.numbers("reals"), (std::vector<double> {0.5, 2.0}));
        QVERIFY(!file.integer("absent") && file.texts("absent") == nullptr);
        QVERIFY(errorOf([&] { file.integer("general.architecture"); }));
        QVERIFY(errorOf([&] { file.texts("wholes"); }));
        const core::TensorView* const m = file.find("m");
        QVERIFY(m != nullptr && m->dtype == *core::dtypeNamed("Q8_0"));
        QCOMPARE(m->shape, (std::vector<std::int64_t> {2, 32}));
        QCOMPARE(std::string(reinterpret_cast<const char*>(file.find("v")->data), 12),
                 std::string(12, 'v'));
    }

    void reads_theRealModel()
    {
        const QString path = QStringLiteral(PISSARRO_DEPS "/model/SmolLM2-135M-Instruct.Q4_1.gguf");
        if (!QFile::exists(path)) {
            QSKIP("the demo model is not here (./dev fetches it)");
        }
        const auto file = core::GgufFile::open(path.toStdString());
        QCOMPARE(file.tensors().size(), 272U);
        QCOMPARE(file.texts("tokenizer.ggml.tokens")->size(), 49152U);
        QCOMPARE(file.find("token_embd.weight")->shape, (std::vector<std::int64_t> {49152, 576}));
        QVERIFY(file.find("blk.29.ffn_down.weight")->dtype == *core::dtypeNamed("Q4_1"));
    }

    void refuses_everyCut()
    {
        const test::Scratch scratch;
        const std::string whole = small().bytes();
        // The last tensor's padding may be missing, its data may not.
        const std::size_t needed = whole.size() - 20;
        for (std::size_t size = 0; size < needed; ++size) {
            test::writeBytes(scratch / "x.gguf", whole.substr(0, size));
            const auto error = errorOf([&] { core::GgufFile::open(scratch / "x.gguf"); });
            const QString bad = test::complaint(error, "x.gguf", "");
            QVERIFY2(bad.isEmpty(), qPrintable(QString::number(size) + ": " + bad));
        }
        test::writeBytes(scratch / "x.gguf", whole.substr(0, needed));
        QCOMPARE(core::GgufFile::open(scratch / "x.gguf").tensors().size(), 2U);
    }

    // Two bytes changed at random: either refused, or every tensor lies inside the file.
    void survives_randomDamage()
    {
        const test::Scratch scratch;
        const test::fs::path path = scratch / "x.gguf";
        const std::string good = small().bytes();
        std::mt19937 random(1);
        int opened = 0;
        for (int round = 0; round < 500; ++round) {
            std::string bytes = good;
            for (int i = 0; i < 2; ++i) {
                bytes[random() % bytes.size()] = static_cast<char>(random());
            }
            test::writeBytes(path, bytes);
            const auto error = errorOf([&] {
                const auto file = core::GgufFile::open(path);
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
        addLiesOfValues();
        addLiesOfTensors();
    }

    void refuses_everyLie()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, what);
        const test::Scratch scratch;
        test::writeBytes(scratch / "x.gguf", bytes.toStdString());
        const CpuClock clock;
        const auto error = errorOf([&] { core::GgufFile::open(scratch / "x.gguf"); });
        QCOMPARE(test::complaint(error, "x.gguf", what.toStdString()), QString());
        QVERIFY(clock.seconds() < kSoonS);
        test::writeBytes(scratch / "good.gguf", small().bytes());
        QCOMPARE(core::GgufFile::open(scratch / "good.gguf").tensors().size(), 2U);
    }
};

QTEST_GUILESS_MAIN(GgufTest)

#include "tst_gguf.moc"
