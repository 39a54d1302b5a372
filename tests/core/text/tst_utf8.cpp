// SPDX-License-Identifier: GPL-3.0-or-later
// UTF-8 against the tables of the Unicode standard: 3-7 (well-formed sequences) and the examples of maximal subparts.
#include "core/text/ascii.h"
#include "core/text/utf8.h"

#include <QTest>

#include <set>

using namespace pissarro::core;
using namespace std::string_literals;

namespace {

bool isSurrogate(char32_t codePoint)
{
    return codePoint >= 0xD800 && codePoint <= 0xDFFF;
}

} // namespace

class TestUtf8 : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void lowers_lettersOfAscii()
    {
        QCOMPARE(lowered("Q4_K [Z@] ÄÖ İ \xff"), "q4_k [z@] ÄÖ İ \xff"s);
    }

    // Every character there is, against Qt's own encoder.
    void writesAndReads_everyCharacter()
    {
        for (char32_t codePoint = 0; codePoint <= 0x10FFFF; ++codePoint) {
            if (isSurrogate(codePoint)) {
                continue;
            }
            std::string text;
            appendUtf8(text, codePoint);
            // One in seven beside Qt's, which is slow; U+FEFF it takes for a byte order mark and drops.
            if ((codePoint % 7 == 0 || codePoint < 0x900) && codePoint != 0xFEFF) {
                QCOMPARE(text, QString::fromUcs4(&codePoint, 1).toUtf8().toStdString());
            }
            QVERIFY(isValidUtf8(text));
            QCOMPARE(utf8Width(text.front()), text.size());
            std::size_t at = 0;
            const Utf8Character read = characterAt(text);
            QVERIFY(read.code == codePoint && read.width == text.size());
            QCOMPARE(nextCodePoint(text, at), codePoint);
            QCOMPARE(at, text.size());
            QCOMPARE(lastCodePoint("a\u00e4" + text), codePoint);
        }
    }

    // Whether two bytes, and a lead with its second byte, begin a character: table 3-7 written out.
    void knows_whatIsWellFormed()
    {
        for (unsigned lead = 0; lead < 256; ++lead) {
            for (unsigned second = 0; second < 256; ++second) {
                const bool continues = second >= 0x80 && second <= 0xBF;
                const bool three = (lead == 0xE0 && second >= 0xA0 && second <= 0xBF)
                    || (lead >= 0xE1 && lead <= 0xEC && continues)
                    || (lead == 0xED && second >= 0x80 && second <= 0x9F)
                    || ((lead == 0xEE || lead == 0xEF) && continues);
                const bool four = (lead == 0xF0 && second >= 0x90 && second <= 0xBF)
                    || (lead >= 0xF1 && lead <= 0xF3 && continues)
                    || (lead == 0xF4 && second >= 0x80 && second <= 0x8F);
                const bool two = lead >= 0xC2 && lead <= 0xDF && continues;
                const std::string head {static_cast<char>(lead), static_cast<char>(second)};
                QCOMPARE(isValidUtf8(head), two || (lead < 0x80 && second < 0x80));
                if (lead >= 0x80) { // else the second byte begins a character of its own
                    QCOMPARE(isValidUtf8(head + "\x80"), three);
                    QCOMPARE(isValidUtf8(head + "\x80\x80"), four);
                }
            }
        }
        QVERIFY(isValidUtf8(""));
    }

    // The examples of the Unicode Standard, chapter 3, tables 3-8 to 3-11: one U+FFFD for a maximal subpart.
    void replaces_maximalSubparts_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("shown"); // ? for U+FFFD
        const auto row = [](const char* name, const char* hex, const char* shown) {
            QTest::newRow(name) << QByteArray::fromHex(hex) << QString::fromUtf8(shown);
        };
        row("not shortest", "c0 af e0 80 bf f0 81 82 41", "????????A"); // table 3-8
        row("surrogates", "ed a0 80 ed bf bf ed af 41", "????????A"); // table 3-9
        row("beyond the last", "f4 91 92 93 ff 41 80 bf 42", "?????A??B"); // table 3-10
        row("cut off", "e1 80 e2 f0 91 92 f1 bf 41", "????A"); // table 3-11
        row("a lead alone", "c3", "?");
        row("continuation alone", "80", "?");
        row("a lead, then another character", "c3 28", "?(");
        row("three where two would do", "e0 9f bf", "???");
        row("the last before the surrogates", "ed 9f bf", "\xED\x9F\xBF");
        row("the last of all", "f4 8f bf bf", "\xF4\x8F\xBF\xBF");
        row("the first that is none", "f4 90 80 80", "????");
        row("no lead", "f5 80", "??");
        row("cut at the end", "61 f0 9f 98", "a?");
        row("cut, then whole", "f0 9f 98 f0 9f 98 80", "?\xF0\x9F\x98\x80");
        row("nothing", "", "");
    }

    void replaces_maximalSubparts()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, shown);
        const std::string text = bytes.toStdString();
        const QString replaced = QString::fromStdString(replaceInvalidUtf8("|" + text + "|"));
        QCOMPARE(QString(replaced).replace(QChar(0xFFFD), QLatin1Char('?')), '|' + shown + '|');
        QCOMPARE(isValidUtf8(text), !replaced.contains(QChar(0xFFFD)));
        const std::string whole = "a\u00e4\u20ac\U0001F600";
        QCOMPARE(replaceInvalidUtf8(whole), whole);
    }

    void leaves_aCutCharacter()
    {
        const std::string text = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80";
        const std::size_t ends[] = {1, 3, 6, 10}; // where characters end
        for (std::size_t size = 1; size <= text.size(); ++size) {
            std::size_t whole = 0;
            for (const std::size_t end : ends) {
                whole = end <= size ? end : whole;
            }
            QCOMPARE(wholeCharacters(text.substr(0, size)), whole);
        }
        QCOMPARE(wholeCharacters(""), std::size_t {0});
    }

    void whatIsStripped_isPythonsSpace()
    {
        // str.isspace() of all below U+0100, by Python 3.11; above they are White_Space
        for (char32_t c = 0; c < 0x100; ++c) {
            const bool wanted =
                (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x20) || c == 0x85 || c == 0xA0;
            QCOMPARE(isPythonSpace(c), wanted);
        }
        QCOMPARE(strippedText("\u3000\x1f a b\u00a0\n"), std::string_view("a b"));
        QCOMPARE(strippedText(" \t\u2028"), std::string_view());
        QCOMPARE(strippedText(""), std::string_view());
        const auto isX = [](char32_t c) { return c == U'\u00d7'; };
        QCOMPARE(strippedOf("\u00d7\u00d7a\u00d7", true, false, isX), std::string_view("a\u00d7"));
        QCOMPARE(strippedOf("\u00d7a\u00d7\u00d7", false, true, isX), std::string_view("\u00d7a"));
    }

    void classes_areThoseOfUnicode()
    {
        std::set<char32_t> white;
        for (char32_t codePoint = 0; codePoint <= 0x10FFFF; ++codePoint) {
            if (isWhitespace(codePoint)) {
                white.insert(codePoint);
            }
        }
        // PropList.txt, White_Space.
        const std::set<char32_t> wanted {0x09,   0x0A,   0x0B,   0x0C,   0x0D,   0x20,   0x85,
                                         0xA0,   0x1680, 0x2000, 0x2001, 0x2002, 0x2003, 0x2004,
                                         0x2005, 0x2006, 0x2007, 0x2008, 0x2009, 0x200A, 0x2028,
                                         0x2029, 0x202F, 0x205F, 0x3000};
        QVERIFY(white == wanted);
        for (const char32_t digit : {U'7', U'\u0663', U'\u00BD', U'\u2167'}) { // ٣ ½ Ⅷ
            QVERIFY(isNumeric(digit));
        }
        QVERIFY(!isNumeric(U'a') && !isNumeric(U'\u4E00')); // 一 is a letter
        // Each script's ten, wherever Unicode has them: the digits that Python's int() knows.
        int digits = 0;
        for (char32_t codePoint = 0; codePoint <= 0x10FFFF; ++codePoint) {
            digits += decimalDigit(codePoint) >= 0 ? 1 : 0;
        }
        QCOMPARE(digits % 10, 0);
        for (const char32_t zero :
             {U'0', U'\u0660', U'\u0966', U'\uFF10', U'\U0001D7CE', U'\U0001D7D8', U'\U0001D7F6'}) {
            for (char32_t i = 0; i < 10; ++i) {
                QCOMPARE(decimalDigit(zero + i), static_cast<int>(i));
            }
        }
        for (const char32_t other : {U'a', U'\u00BD', U'\u2167', U'\u4E00', U'\u2460'}) {
            QCOMPARE(decimalDigit(other), -1);
        }
        for (const char32_t mark : {U'!', U'$', U'`', U'~', U'\u2014', U'\u3002'}) {
            QVERIFY(isPunctuation(mark));
        }
        QVERIFY(!isPunctuation(U'\u20AC') && !isPunctuation(U'a')); // € is a symbol
        for (const char32_t letter : {U'a', U'_', U'9', U'\u00DF', U'\u0301', U'\u200D'}) {
            QVERIFY(isWordCharacter(letter));
        }
        QVERIFY(!isWordCharacter(U'-') && !isWordCharacter(U' ') && !isWordCharacter(U'\u00BD'));
    }

    // GPT-2's bytes_to_unicode(): visible Latin-1 as it is, the others from U+0100 on.
    void theByteAlphabet_isOneToOne()
    {
        const auto& alphabet = byteAlphabet();
        QCOMPARE(std::set<std::string>(alphabet.begin(), alphabet.end()).size(), 256U);
        QCOMPARE(alphabet['A'], "A"s);
        QCOMPARE(alphabet[' '], "\u0120"s);
        QCOMPARE(alphabet['\n'], "\u010A"s);
        QCOMPARE(alphabet[0xAD], "\u0143"s);
        for (unsigned byte = 0; byte < 256; ++byte) {
            std::size_t at = 0;
            QCOMPARE(byteOfCharacter(nextCodePoint(alphabet.at(byte), at)), static_cast<int>(byte));
            QCOMPARE(byteOfPiece(bytePiece(byte)), static_cast<int>(byte));
        }
        for (const char32_t other : {U' ', U'\u0144', U'\u20AC', U'\U0010FFFF'}) {
            QCOMPARE(byteOfCharacter(other), -1);
        }
        QCOMPARE(bytePiece(10), "<0x0A>"s);
        QCOMPARE(byteOfPiece("<0x0a>"), 10);
        for (const char* other : {"<0xA>", "<0x0G>", "<0X0A>", "0x0A", "<0x0A> ", ""}) {
            QCOMPARE(byteOfPiece(other), -1);
        }
    }
};

QTEST_GUILESS_MAIN(TestUtf8)
#include "tst_utf8.moc"
