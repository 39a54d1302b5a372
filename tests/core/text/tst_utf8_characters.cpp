// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/utf8.h"

#include <QString>
#include <QTest>

using namespace pissarro;

class Utf8CharactersTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void reads_whatItWrites()
    {
        for (char32_t code = 0; code <= 0x10FFFF; ++code) {
            if (code >= 0xD800 && code < 0xE000) {
                continue;
            }
            std::string text;
            core::appendUtf8(text, code);
            const std::string other =
                QStringView(QChar::fromUcs4(code)).toUtf8().toStdString(); // Qt's own
            const core::Utf8Character read = core::characterAt(text);
            std::size_t at = 0;
            const bool good = text == other && read.code == code && read.width == text.size()
                && core::utf8Width(text[0]) == text.size() && core::isValidUtf8(text)
                && core::nextCodePoint(text, at) == code && at == text.size()
                && core::lastCodePoint("x" + text) == code;
            QVERIFY2(good, qPrintable(QString::number(code, 16)));
        }
    }

    // The examples of the Unicode Standard, chapter 3, tables 3-8 to 3-11: one U+FFFD for a maximal subpart.
    void replaces_maximalSubparts_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("shown"); // ? for U+FFFD
        const auto row = [](const char* hex, const char* shown) {
            QTest::newRow(hex) << QByteArray::fromHex(hex) << QString::fromUtf8(shown);
        };
        row("c0 af e0 80 bf f0 81 82 41", "????????A");
        row("ed a0 80 ed bf bf ed af 41", "????????A");
        row("f4 91 92 93 ff 41 80 bf 42", "?????A??B");
        row("e1 80 e2 f0 91 92 f1 bf 41", "????A");
        row("c3", "?");
        row("c3 28", "?(");
        row("e0 9f bf", "???");
        row("ed 9f bf", "\xED\x9F\xBF");
        row("f4 8f bf bf", "\xF4\x8F\xBF\xBF");
        row("f4 90 80 80", "????");
        row("f5 80", "??");
        row("61 f0 9f 98", "a?");
        row("f0 9f 98 f0 9f 98 80", "?\xF0\x9F\x98\x80");
    }

    void replaces_maximalSubparts()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, shown);
        const std::string text = bytes.toStdString();
        const QString replaced = QString::fromStdString(core::replaceInvalidUtf8(text));
        QCOMPARE(QString(replaced).replace(QChar(0xFFFD), QLatin1Char('?')), shown);
        QCOMPARE(core::isValidUtf8(text), !replaced.contains(QChar(0xFFFD)));
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
            QCOMPARE(core::wholeCharacters(text.substr(0, size)), whole);
        }
        QCOMPARE(core::wholeCharacters(""), std::size_t {0});
    }
};

QTEST_GUILESS_MAIN(Utf8CharactersTest)
#include "tst_utf8_characters.moc"
