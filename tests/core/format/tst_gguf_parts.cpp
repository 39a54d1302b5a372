// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/format/gguf.h"
#include "tests/core/file/test_files.h"

#include <QTest>

using namespace pissarro;
using test::GgufBuilder;

namespace {

// Part `number` of three: a tensor each, the model's values in the first.
GgufBuilder part(int number, std::uint32_t count = 3)
{
    GgufBuilder out;
    if (number == 1) {
        out.string("general.architecture", "llama");
    }
    out.value<std::uint16_t>("split.no", 2, static_cast<std::uint16_t>(number - 1));
    out.value<std::uint16_t>("split.count", 2, static_cast<std::uint16_t>(count));
    out.value<std::int32_t>("split.tensors.count", GgufBuilder::kI32, 3);
    const std::string name(1, static_cast<char>('a' + number - 1));
    return out.tensor(name, {3}, 0, std::string(12, name.front()));
}

std::string nameOf(int number)
{
    return "x-0000" + std::to_string(number) + "-of-00003.gguf";
}

void writeParts(const test::Scratch& scratch)
{
    for (int number = 1; number <= 3; ++number) {
        test::writeBytes(scratch / nameOf(number), part(number).bytes());
    }
}

} // namespace

class GgufPartsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void opens_fromAnyPart()
    {
        const test::Scratch scratch;
        writeParts(scratch);
        for (int number = 1; number <= 3; ++number) {
            const auto file = core::GgufFile::open(scratch / nameOf(number));
            QCOMPARE(file.text("general.architecture").value(), std::string("llama"));
            QCOMPARE(file.file()->path(), scratch / nameOf(1));
            QCOMPARE(file.files().size(), 3U);
            QCOMPARE(file.tensors().size(), 3U);
            for (const char name : {'a', 'b', 'c'}) {
                const core::TensorView* const view = file.find(std::string(1, name));
                QVERIFY(view != nullptr);
                QCOMPARE(std::string(reinterpret_cast<const char*>(view->data), 12),
                         std::string(12, name));
            }
        }
    }

    void names_theMissingPart()
    {
        const test::Scratch scratch;
        writeParts(scratch);
        test::fs::remove(scratch / nameOf(2));
        for (const int number : {1, 3}) {
            const auto error =
                test::errorOf([&] { core::GgufFile::open(scratch / nameOf(number)); });
            QCOMPARE(test::complaint(error, nameOf(2), "part 2 of 3 of the model is missing"),
                     QString());
        }
    }

    void refuses_partsThatDoNotBelongTogether_data()
    {
        QTest::addColumn<int>("changed");
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("what");
        const auto row = [](const char* name, int changed, const GgufBuilder& builder,
                            const char* what) {
            QTest::newRow(name) << changed << QByteArray::fromStdString(builder.bytes()) << what;
        };
        row("another number", 2, part(3), "split.no 2 of split.count 3 (expected 1 of 3");
        row("another count", 2, part(2, 4), "split.count 4");
        row("no part at all", 2, GgufBuilder().tensor("b", {3}, 0, std::string(12, 'b')),
            "split.count 1");
        row("a tensor twice", 2, part(2).tensor("a", {3}, 0, std::string(12, 'a')),
            "'a' is in another part too");
        row("a tensor more", 3, part(3).tensor("d", {3}, 0, std::string(12, 'd')),
            "hold 4 tensors (expected 3");
        row("text for a number", 3,
            GgufBuilder().string("split.count", "3").tensor("c", {3}, 0, std::string(12, 'c')),
            "split.count");
    }

    void refuses_partsThatDoNotBelongTogether()
    {
        QFETCH(int, changed);
        QFETCH(QByteArray, bytes);
        QFETCH(QString, what);
        const test::Scratch scratch;
        writeParts(scratch);
        test::writeBytes(scratch / nameOf(changed), bytes.toStdString());
        const auto error = test::errorOf([&] { core::GgufFile::open(scratch / nameOf(1)); });
        QCOMPARE(test::complaint(error, "x-0000", what.toStdString()), QString());
    }

    void refuses_aNameThatSaysNoPart_data()
    {
        QTest::addColumn<QString>("name");
        for (const char* const name :
             {"x.gguf", "x-00001-of-00004.gguf", "x-00004-of-00003.gguf", "x-00000-of-00003.gguf",
              "x-0000a-of-00003.gguf", "-00001-of-00003.gguf"}) {
            QTest::newRow(name) << name;
        }
    }

    void refuses_aNameThatSaysNoPart()
    {
        QFETCH(QString, name);
        const test::Scratch scratch;
        test::writeBytes(scratch / name.toStdString(), part(1).bytes());
        const auto error =
            test::errorOf([&] { core::GgufFile::open(scratch / name.toStdString()); });
        QCOMPARE(test::complaint(error, name.toStdString(), "its name does not say"), QString());
    }
};

QTEST_GUILESS_MAIN(GgufPartsTest)
#include "tst_gguf_parts.moc"
