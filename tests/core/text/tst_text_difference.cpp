// SPDX-License-Identifier: GPL-3.0-or-later
// Where two answers differ, word by word.
#include "core/text/text_difference.h"

#include <QTest>

#include <random>
#include <string>

using namespace pissarro::core;

namespace {

// The text with what only it has in brackets.
std::string marked(std::string_view text, const std::vector<TextPart>& parts)
{
    std::string out;
    std::size_t at = 0;
    for (const TextPart& part : parts) {
        out += std::string(text.substr(at, part.begin - at)) + "["
            + std::string(text.substr(part.begin, part.end - part.begin)) + "]";
        at = part.end;
    }
    return out + std::string(text.substr(at));
}

std::string without(std::string_view text, const std::vector<TextPart>& parts)
{
    std::string out;
    std::size_t at = 0;
    for (const TextPart& part : parts) {
        out += text.substr(at, part.begin - at);
        at = part.end;
    }
    return out.append(text.substr(at));
}

// Words of both that are not in their longest common subsequence, by the plain table: each a character here.
std::size_t fewestEdits(const std::string& a, const std::string& b)
{
    std::vector<std::vector<std::size_t>> common(a.size() + 1,
                                                 std::vector<std::size_t>(b.size() + 1, 0));
    for (std::size_t i = 0; i < a.size(); ++i) {
        for (std::size_t j = 0; j < b.size(); ++j) {
            common[i + 1][j + 1] =
                a[i] == b[j] ? common[i][j] + 1 : std::max(common[i][j + 1], common[i + 1][j]);
        }
    }
    return a.size() + b.size() - 2 * common[a.size()][b.size()];
}

std::size_t bytesOf(const std::vector<TextPart>& parts)
{
    std::size_t out = 0;
    for (const TextPart& part : parts) {
        out += part.end - part.begin;
    }
    return out;
}

} // namespace

class TestTextDifference : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void words_areMarkedWhole_data()
    {
        QTest::addColumn<QByteArray>("a");
        QTest::addColumn<QByteArray>("b");
        QTest::addColumn<QByteArray>("markedA");
        QTest::addColumn<QByteArray>("markedB");
        const auto row = [](const char* name, const char* a, const char* b, const char* inA,
                            const char* inB) {
            QTest::newRow(name) << QByteArray(a) << QByteArray(b) << QByteArray(inA)
                                << QByteArray(inB);
        };
        row("a number", "so 12 eggs", "so 13 eggs", "so [12] eggs", "so [13] eggs");
        row("a word more", "the eggs", "the old eggs", "the eggs", "the [old ]eggs");
        row("marks stand alone", "(1+2)", "(1*2)", "(1[+]2)", "(1[*]2)");
        row("any script", "Größe ist 5", "Größer ist 5", "[Größe] ist 5", "[Größer] ist 5");
        row("white space", "a\n\nb", "a b", "a[\n\n]b", "a[ ]b");
        row("the same", "a b", "a b", "a b", "a b");
        row("nothing", "", "", "", "");
        row("of nothing", "a b", "", "[a b]", "");
        row("not UTF-8", "x\xff y", "x\xfe y", "x[\xff] y", "x[\xfe] y");
        row("two places", "one two three", "uno two tres", "[one] two [three]", "[uno] two [tres]");
    }
    void words_areMarkedWhole()
    {
        QFETCH(QByteArray, a);
        QFETCH(QByteArray, b);
        QFETCH(QByteArray, markedA);
        QFETCH(QByteArray, markedB);
        const TextDifference found = differenceOf(a.toStdString(), b.toStdString());
        QVERIFY(found.isShortest);
        QCOMPARE(QByteArray::fromStdString(marked(a.toStdString(), found.onlyA)), markedA);
        QCOMPARE(QByteArray::fromStdString(marked(b.toStdString(), found.onlyB)), markedB);
    }

    // Texts of marks, each a word: what is left is the same, and no fewer could be marked.
    void marks_areTheFewest()
    {
        std::mt19937 random(0);
        const auto draw = [&random] {
            std::string out(random() % 14, ' ');
            for (char& c : out) {
                c = "+-*"[random() % 3];
            }
            return out;
        };
        for (int i = 0; i < 3000; ++i) {
            const std::string a = draw();
            const std::string b = draw();
            const TextDifference found = differenceOf(a, b);
            QCOMPARE(without(a, found.onlyA), without(b, found.onlyB));
            QCOMPARE(bytesOf(found.onlyA) + bytesOf(found.onlyB), fewestEdits(a, b));
        }
    }

    void tooMany_areMarkedBetweenTheEnds()
    {
        const std::string a = "same 1 2 3 4 end";
        const std::string b = "same 5 6 7 8 end";
        const TextDifference found = differenceOf(a, b, 7); // eight words differ
        QVERIFY(!found.isShortest);
        QCOMPARE(marked(a, found.onlyA), std::string("same [1 2 3 4] end"));
        QCOMPARE(marked(b, found.onlyB), std::string("same [5 6 7 8] end"));
        QVERIFY(differenceOf(a, b, 8).isShortest);
        // A megabyte against another one ends.
        const std::string plus(500000, '+');
        const std::string minus(500000, '-');
        QVERIFY(differenceOf(plus, minus).onlyA == (std::vector {TextPart {0, plus.size()}}));
    }
};

QTEST_GUILESS_MAIN(TestTextDifference)
#include "tst_text_difference.moc"
