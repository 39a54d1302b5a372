// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/warning_trap.h"
#include "ui/widgets/number_edit.h"

#include <QSignalSpy>
#include <QTest>

#include <cmath>

using namespace pissarro;
using namespace pissarro::ui;

class TestNumberEdit : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { tests::WarningTrap::install(); }
    void cleanup() { QCOMPARE(tests::WarningTrap::take(), QStringList()); }

    void reads_bothDecimalSigns_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<double>("value");
        const auto row = [](const char* text, double value) {
            QTest::newRow(text) << QString::fromUtf8(text) << value;
        };
        row("2.5", 2.5);
        row("2,5", 2.5);
        row(" 2,5e-4 ", 2.5e-4);
        row("2.5E-4", 2.5e-4);
        row("-0,5", -0.5);
        row("−0.5", -0.5);
        row("0,125", 0.125);
        row("1,234.5", 1234.5);
        row("1.234,5", 1234.5);
        row("4,884,480", 4884480.0);
        row("4.884.480", 4884480.0);
        row("10 000", 10000.0);
        row("10 000,5", 10000.5);
        row("16", 16.0);
        row(".5", 0.5);
    }
    void reads_bothDecimalSigns()
    {
        QFETCH(QString, text);
        QFETCH(double, value);
        const TypedNumber typed = readNumber(text);
        QCOMPARE(typed.problem, QString());
        QCOMPARE(typed.value, value);
    }

    void says_whyItIsNone_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("words");
        const QString none = QStringLiteral("must be a number");
        for (const char* text : {"", "abc", "nan", "inf", "1e999", "2,,5", "1,2,3", "0x10", "1.2.3",
                                 "12,34.5", "--1", "2e"}) {
            QTest::newRow(text) << QString::fromUtf8(text) << none;
        }
        QTest::newRow("two meanings")
            << QStringLiteral("2,125") << QStringLiteral("2.125 or as 2125");
    }
    void says_whyItIsNone()
    {
        QFETCH(QString, text);
        QFETCH(QString, words);
        const TypedNumber typed = readNumber(text);
        QVERIFY2(typed.problem.contains(words), qPrintable(typed.problem));
        QVERIFY(std::isnan(typed.value));
    }

    void takes_theOnlyMeaningWithinTheLimit()
    {
        QCOMPARE(readNumber(QStringLiteral("2,125"), 100.0).value, 2.125);
    }

    // use.md 19: 600 where 192 is the most became 60.
    void whole_keepsWhatLeadsBeyondTheLimit()
    {
        WholeEdit edit;
        edit.setLimits(1, 192);
        edit.setValue(16);
        edit.selectAll();
        QTest::keyClicks(&edit, QStringLiteral("600"));
        QCOMPARE(edit.text(), QStringLiteral("600"));
        QCOMPARE(edit.value(), 600);
        QCOMPARE(edit.problem(), QStringLiteral("must be at most 192, found 600"));
        edit.selectAll();
        QTest::keyClicks(&edit, QStringLiteral("0"));
        QCOMPARE(edit.problem(), QStringLiteral("must be at least 1, found 0"));
        edit.selectAll();
        QTest::keyClick(&edit, Qt::Key_Delete);
        QCOMPARE(edit.value(), 0); // never what stood there before
        QTest::keyClicks(&edit, QStringLiteral("48"));
        QCOMPARE(edit.value(), 48);
        QCOMPARE(edit.problem(), QString());
    }

    // "2.5" became 25, "1e1" 11, "-3" 3, "12abc" 12, "4294967297" 99999: the key that did not fit was dropped.
    void whole_keepsWhatIsNoWholeNumber_data()
    {
        QTest::addColumn<QString>("typed");
        QTest::addColumn<QString>("problem");
        for (const char* text : {"2.5", "9,5", "1 0", "12abc", "abc", "1e", "0x10"}) {
            QTest::newRow(text) << QString::fromLatin1(text)
                                << QStringLiteral("must be a whole number, found %1")
                                       .arg(QString::fromLatin1(text));
        }
        QTest::newRow("below") << QStringLiteral("-3")
                               << QStringLiteral("must be at least 1, found -3");
        QTest::newRow("far above") << QStringLiteral("4294967297")
                                   << QStringLiteral("must be at most 192, found 4294967297");
        QTest::newRow("of the range")
            << QStringLiteral("99999") << QStringLiteral("must be at most 192, found 99999");
    }
    void whole_keepsWhatIsNoWholeNumber()
    {
        QFETCH(QString, typed);
        QFETCH(QString, problem);
        WholeEdit edit;
        edit.setLimits(1, 192);
        edit.setSuffix(QStringLiteral(" steps"));
        edit.setValue(16);
        edit.selectAll();
        QTest::keyClicks(&edit, typed);
        QCOMPARE(edit.text(), typed + QStringLiteral(" steps"));
        QCOMPARE(edit.problem(), problem);
        QTest::keyClick(&edit, Qt::Key_Return); // nor does it go back to 16
        QCOMPARE(edit.text(), typed + QStringLiteral(" steps"));
        QCOMPARE(edit.problem(), problem);
        QTest::keyClick(&edit, Qt::Key_Up);
        QVERIFY(edit.problem().isEmpty());
    }

    void whole_readsGroupsAndPowers()
    {
        WholeEdit edit;
        edit.setLimits(1, 50'000);
        for (const auto& [typed, value] :
             {std::pair("10 000", 10'000), std::pair("1e3", 1000), std::pair("4.0", 4)}) {
            edit.selectAll();
            QTest::keyClicks(&edit, QString::fromLatin1(typed));
            QCOMPARE(edit.value(), value);
            QCOMPARE(edit.problem(), QString());
        }
    }

    void whole_keepsWhatStandsAround()
    {
        WholeEdit edit;
        edit.setLimits(1, 5000);
        edit.setPrefix(QStringLiteral("T = "));
        edit.setLocale(QLocale(QLocale::English));
        edit.setValue(7);
        edit.selectAll();
        QTest::keyClicks(&edit, QStringLiteral("1,5"));
        QCOMPARE(edit.text(), QStringLiteral("T = 1,5"));
        QCOMPARE(edit.problem(), QStringLiteral("must be a whole number, found 1,5"));
        QTest::keyClick(&edit, Qt::Key_Home);
        QTest::keyClick(&edit, Qt::Key_Delete); // of the prefix
        QVERIFY(edit.text().startsWith(QStringLiteral("T = ")));
    }

    // A form hears of every text, also where two that are no number follow each other.
    void whole_tellsOfEachText()
    {
        WholeEdit edit;
        edit.setLimits(1, 192);
        edit.setValue(16);
        const QSignalSpy told(&edit, &QSpinBox::valueChanged);
        edit.selectAll();
        QTest::keyClicks(&edit, QStringLiteral("2.55")); // 2, "2." (2 still), 2.5, 2.55
        QCOMPARE(told.size(), 3);
        QCOMPARE(edit.problem(), QStringLiteral("must be a whole number, found 2.55"));
        edit.setValue(8);
        QCOMPARE(edit.text(), QStringLiteral("8"));
        QCOMPARE(edit.problem(), QString());
    }

    void whole_stepsWithinTheLimits()
    {
        WholeEdit edit;
        edit.setLimits(1, 192);
        edit.setValue(600);
        QTest::keyClick(&edit, Qt::Key_Up);
        QCOMPARE(edit.value(), 192);
        edit.setValue(1);
        QTest::keyClick(&edit, Qt::Key_Down);
        QCOMPARE(edit.value(), 1);
    }

    void whole_keepsTheSpecialText()
    {
        WholeEdit edit;
        edit.setLimits(0, 1000);
        edit.setSpecialValueText(QStringLiteral("at the end"));
        edit.setSuffix(QStringLiteral(" steps"));
        QCOMPARE(edit.text(), QStringLiteral("at the end"));
        edit.selectAll();
        QTest::keyClicks(&edit, QStringLiteral("25"));
        QCOMPARE(edit.value(), 25);
        edit.setValue(0);
        QCOMPARE(edit.text(), QStringLiteral("at the end"));
    }

    // use.md 20: «2,5» became 25 %.
    void real_readsTheDecimalComma_data()
    {
        QTest::addColumn<QString>("locale");
        for (const char* name : {"C", "de_DE", "en_US"}) {
            QTest::newRow(name) << QString::fromLatin1(name);
        }
    }
    void real_readsTheDecimalComma()
    {
        QFETCH(QString, locale);
        RealEdit edit;
        edit.setLocale(QLocale(locale));
        edit.setLimits(0.0, 100.0);
        edit.setSuffix(QStringLiteral(" % of the steps"));
        edit.setValue(3.0);
        edit.selectAll();
        QTest::keyClicks(&edit, QStringLiteral("2,5"));
        QCOMPARE(edit.value(), 2.5);
        edit.selectAll();
        QTest::keyClicks(&edit, QStringLiteral("1.25"));
        QCOMPARE(edit.value(), 1.25); // not rounded
        QCOMPARE(edit.text(), QStringLiteral("1.25 % of the steps"));
        edit.selectAll();
        QTest::keyClicks(&edit, QStringLiteral("250"));
        QCOMPARE(edit.problem(), QStringLiteral("must be at most 100, found 250"));
        edit.setLimits(0.0, 9000.0);
        for (const auto& [typed, problem] :
             {std::pair("abc", "must be a number, such as 0.5 or 2e-5"),
              std::pair("-1", "must be at least 0, found -1"),
              std::pair("2,125", "2,125 can be read as 2.125 or as 2125; write one of these")}) {
            edit.setValue(3.0);
            edit.selectAll();
            QTest::keyClicks(&edit, QString::fromLatin1(typed));
            QTest::keyClick(&edit, Qt::Key_Return); // it does not go back to 3
            QCOMPARE(edit.text(), QString::fromLatin1(typed) + QStringLiteral(" % of the steps"));
            QCOMPARE(edit.problem(), QString::fromLatin1(problem));
        }
    }
};

QTEST_MAIN(TestNumberEdit)

#include "tst_number_edit.moc"
