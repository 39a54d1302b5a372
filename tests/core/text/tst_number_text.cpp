// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers, words of a shell and names of settings as text that is read back.
#include "core/base/error.h"
#include "core/text/enum_names.h"
#include "core/text/number_text.h"
#include "core/text/shell_text.h"

#include <QProcess>
#include <QTest>

#include <array>
#include <bit>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <random>
#include <vector>

using namespace pissarro::core;

namespace {

enum class Colour { Red, Green, Unnamed };
constexpr std::array kColours {Named<Colour> {Colour::Red, "red"},
                               Named<Colour> {Colour::Green, "green"}};

} // namespace

class TestNumberText : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void numbers_areShort_data()
    {
        QTest::addColumn<double>("number");
        QTest::addColumn<QString>("text");
        QTest::newRow("rate") << 2e-5 << "2e-5";
        QTest::newRow("share") << 0.03 << "0.03";
        QTest::newRow("whole") << 16.0 << "16";
        QTest::newRow("large") << 1e6 << "1e6";
        QTest::newRow("three digits of exponent") << 1e-100 << "1e-100";
        QTest::newRow("largest") << 1.7976931348623157e308 << "1.7976931348623157e308";
        QTest::newRow("smallest") << 5e-324 << "5e-324";
        QTest::newRow("below zero") << -2.5e-7 << "-2.5e-7";
        QTest::newRow("zero") << 0.0 << "0";
        QTest::newRow("ten digits") << 1e10 << "1e10"; // a zero of the exponent that counts
    }
    void numbers_areShort()
    {
        QFETCH(double, number);
        QFETCH(QString, text);
        QCOMPARE(QString::fromStdString(numberText(number)), text);
    }

    // Rates of one column have one form, also where the shortest text would be another: 0.02 beside 2e-3.
    void rates_standByTheirPowerOfTen_data()
    {
        QTest::addColumn<double>("rate");
        QTest::addColumn<QString>("text");
        QTest::newRow("hundredths") << 0.02 << "2e-2";
        QTest::newRow("thousandths") << 0.002 << "2e-3";
        QTest::newRow("tenths") << 0.1 << "1e-1";
        QTest::newRow("small") << 2e-5 << "2e-5";
        QTest::newRow("two digits") << 1.5e-4 << "1.5e-4";
        QTest::newRow("many digits") << 0.00123456789 << "1.23456789e-3";
        QTest::newRow("ten digits of exponent") << 1e-10 << "1e-10";
        QTest::newRow("one") << 1.0 << "1";
        QTest::newRow("above") << 1.5 << "1.5";
        QTest::newRow("zero") << 0.0 << "0";
        QTest::newRow("none") << std::numeric_limits<double>::quiet_NaN() << "nan";
    }
    void rates_standByTheirPowerOfTen()
    {
        QFETCH(double, rate);
        QFETCH(QString, text);
        QCOMPARE(QString::fromStdString(rateText(rate)), text);
        QVERIFY(std::isnan(rate) || numberIn<double>(rateText(rate)) == rate);
    }

    void rates_areRoundedWhereAsked()
    {
        QCOMPARE(rateText(0.00123456789, 4), std::string("1.235e-3"));
        QCOMPARE(rateText(0.02, 3), std::string("2e-2"));
        QCOMPARE(rateText(0.99999, 3), std::string("1"));
        QCOMPARE(rateText(0.0, 3), std::string("0"));
    }

    // As printf writes it, which the files of earlier versions were written with.
    void roundedAndFixed_areAsPrintfsAre()
    {
        std::mt19937_64 random(27);
        std::vector<double> numbers {0.0,   -0.0, 0.5,   1.5,  2.5,     0.125, 99.95,
                                     999.5, 1e5,  99999, 1e-5, 1.5e-05, 1e300, -2.0 / 3.0};
        for (int i = 0; i < 2000; ++i) {
            const double number = std::bit_cast<double>(random());
            numbers.push_back(std::isfinite(number) ? number : 1.0);
        }
        for (const double number : numbers) {
            for (const int digits : {0, 1, 2, 3, 4}) {
                std::array<char, 400> text {};
                std::snprintf(text.data(), text.size(), "%.*g", digits, number);
                QCOMPARE(roundedText(number, digits), std::string(text.data()));
                std::snprintf(text.data(), text.size(), "%.*f", digits, number);
                QCOMPARE(fixedText(number, digits), std::string(text.data()));
            }
        }
        QCOMPARE(roundedText(std::numeric_limits<double>::quiet_NaN(), 3), std::string("nan"));
        QCOMPARE(fixedText(-std::numeric_limits<double>::infinity(), 1), std::string("-inf"));
    }

    void digits_areGroupedByThree()
    {
        QCOMPARE(groupedText(0), std::string("0"));
        QCOMPARE(groupedText(999), std::string("999"));
        QCOMPARE(groupedText(-999), std::string("-999"));
        QCOMPARE(groupedText(1000), std::string("1,000"));
        QCOMPARE(groupedText(-4884480), std::string("-4,884,480"));
    }

    // The same double, bit for bit, from every exponent.
    void numbers_readBack()
    {
        std::mt19937_64 random(11);
        for (int i = 0; i < 100'000; ++i) {
            const auto number = std::bit_cast<double>(random());
            if (!std::isfinite(number)) {
                continue;
            }
            const std::string text = numberText(number);
            QCOMPARE(std::bit_cast<std::uint64_t>(std::strtod(text.c_str(), nullptr)),
                     std::bit_cast<std::uint64_t>(number));
        }
    }

    // A shell gives the very word back.
    void words_surviveAShell_data()
    {
        QTest::addColumn<QByteArray>("word");
        for (const char* word :
             {"plain", "", "two words", "it's", "''", "$HOME", "`id`", "a\\b", "*", "~", "a\nb",
              "\"", "#x", "!1", "--lr=2e-5", "\xC3\xA4/\xE2\x82\xAC"}) {
            QTest::newRow(*word != '\0' ? word : "empty") << QByteArray(word);
        }
    }
    void words_surviveAShell()
    {
        QFETCH(QByteArray, word);
        QProcess shell;
        const QString command =
            "printf %s " + QString::fromStdString(shellQuoted(word.toStdString())) + " \"|\"";
        shell.start("/bin/sh", {"-c", command});
        QVERIFY(shell.waitForFinished(-1));
        QCOMPARE(shell.readAllStandardOutput(), word + "|");
    }

    void harmlessWords_stayAsTheyAre()
    {
        for (const char* word : {"/data/a-b_c.jsonl", "2e-5", "a=b,c:d@e%f+g"}) {
            QCOMPARE(shellQuoted(word), std::string(word));
        }
        QCOMPARE(shellQuoted("a b"), std::string("'a b'"));
    }

    void aNumber_isTheWholeText()
    {
        QVERIFY(numberIn<double>("2.5e-1") == 0.25 && numberIn<double>("-0") == 0.0);
        QVERIFY(numberIn<std::int64_t>("-12") == -12);
        QVERIFY(numberIn<std::uint64_t>("18446744073709551615")
                == std::numeric_limits<std::uint64_t>::max());
        QVERIFY(std::isnan(numberIn<double>("nan").value()));
        for (const char* none : {"", " 1", "1 ", "+1", "1,5", "0x10", "one"}) {
            QVERIFY2(!numberIn<double>(none) && !numberIn<std::int64_t>(none), none);
        }
        QVERIFY(!numberIn<std::int64_t>("9223372036854775808")); // one more than it holds
        QVERIFY(!numberIn<std::int64_t>("1.0") && !numberIn<std::uint64_t>("-1"));
    }

    void names_areThoseOfTheTable()
    {
        QCOMPARE(nameIn(kColours, Colour::Green), std::string_view("green"));
        QVERIFY(parseIn(kColours, "colour", "red") == Colour::Red);
        QVERIFY_THROWS_EXCEPTION(Error, nameIn(kColours, Colour::Unnamed));
        try {
            parseIn(kColours, "colour", "Red", ErrorKind::Format);
            QFAIL("nothing was thrown");
        } catch (const Error& error) {
            QVERIFY(error.kind() == ErrorKind::Format);
            const std::string text = error.what();
            QVERIFY(text.starts_with("colour must be one of red, green, found "));
            QVERIFY(text.find("Red") != std::string::npos);
        }
    }
};

QTEST_GUILESS_MAIN(TestNumberText)
#include "tst_number_text.moc"
