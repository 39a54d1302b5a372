// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/text/regex.h"

#include <QtTest>

using namespace pissarro::core;

namespace {

constexpr const char* kModule = "model.layers.1.self_attn.q_proj";

} // namespace

// The expected values of both tables are CPython 3.11's, by re.match and re.fullmatch.
class TestRegex : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void readsPythons_data()
    {
        QTest::addColumn<QString>("pattern");
        QTest::addColumn<QString>("text");
        QTest::addColumn<bool>("start");
        QTest::addColumn<bool>("whole");
        const auto row = [](const char* pattern, const char* text, bool start, bool whole) {
            QTest::addRow("%s", pattern) << pattern << text << start << whole;
        };
        row("(.*\\.)?((?P<which>q|v)_proj(?<!v_proj))$", kModule, true, true);
        row("(.*\\.)?((?P<which>q|k)_proj(?<!q_proj))$", kModule, false, false);
        row("(?i)(.*\\.)?(Q_PROJ)$", kModule, true, true);
        row("model\\.layers\\.\\d+", kModule, true, false);
        row("(?:(?i:MODEL)|x)\\..*_proj", kModule, true, true);
        row("(?P<a>l)(?P=a)", "llama", true, false);
        row("a{,2}b", "aab", true, true);
        row("a{,2}b", "aaab", false, false);
        row("a{,", "a{,", true, true);
        row("[[:a]+", "[a:", true, true);
        row("[]a]b", "]b", true, true);
        row("a\\Z", "a", true, true);
        row("\\x71\\u005fproj", "q_proj", true, true);
        row("\\161_", "q_", true, true);
        row("(a)\\1", "aa", true, true);
        row("(a)?b(?(1)c|d)", "bd", true, true);
        row("(?>a+)b", "aab", true, true);
        row("a++b", "aab", true, true);
        row("q(?#a comment)_", "q_", true, true);
        row("\\v", "\v", true, true);
        row("\\B", "", false, false);
        row("a|ab", "ab", true, true);
        row("$", "a", false, false);
    }

    void readsPythons()
    {
        QFETCH(QString, pattern);
        QFETCH(QString, text);
        const Regex regex = Regex::python(pattern.toStdString());
        QTEST(regex.matchesStart(text.toStdString()), "start");
        QTEST(regex.matchesWhole(text.toStdString()), "whole");
    }

    // Python refuses all of these but \N{…} and the flag x, which PCRE2 cannot follow to the letter.
    void refusesWhatPythonDoesNotKnow_data()
    {
        QTest::addColumn<QString>("pattern");
        for (const char* pattern : {"\\Qq_proj\\E",
                                    "q\\K_proj",
                                    "(?R)",
                                    "(?|a|b)",
                                    "(*NO_JIT)a",
                                    "\\p{L}",
                                    "(?P>a)",
                                    "(?<a>b)",
                                    "a(?i)b",
                                    "(",
                                    "a)",
                                    "[a",
                                    "*a",
                                    "\\1(a)",
                                    "(a\\1)",
                                    "(?P=a)",
                                    "\\N{DIGIT ONE}",
                                    "(?x)a",
                                    "(?<=a+)b",
                                    "a\\",
                                    "\\400",
                                    "(?(2)a|b)",
                                    "\\u12"}) {
            QTest::addRow("%s", pattern) << pattern;
        }
    }

    void refusesWhatPythonDoesNotKnow()
    {
        QFETCH(QString, pattern);
        QVERIFY_THROWS_EXCEPTION(Error, Regex::python(pattern.toStdString()));
    }

    void namesTheConstruct()
    {
        try {
            Regex::python("q\\K_proj");
            QFAIL("must be refused");
        } catch (const Error& e) {
            QVERIFY2(QString(e.what()).contains("\\K"), e.what());
            QCOMPARE(e.kind(), ErrorKind::Format);
        }
    }

    // Each ran for hours in std::regex, or took its stack.
    void endsHostileOnesAtOnce_data()
    {
        QTest::addColumn<QString>("pattern");
        QTest::addRow("alternatives") << "(.*\\.)?(((([a-z_.0-9]|[a-z_.])+)+)[#!])$";
        QTest::addRow("nested stars") << "(a*)*(.*)*(([a-z._0-9]+)*)*[#!]";
        QTest::addRow("long") << QString(100'000, QLatin1Char('a'));
        QTest::addRow("deep") << QString(5'000, QLatin1Char('('))
                + QString(5'000, QLatin1Char(')'));
        QTest::addRow("many copies") << "((((a{1,1000}){1,1000}){1,1000}){1,1000})#";
    }

    void endsHostileOnesAtOnce()
    {
        QFETCH(QString, pattern);
        const auto use = [&] {
            const Regex regex = Regex::python(pattern.toStdString());
            for (int i = 0; i < 100; ++i) {
                regex.matchesStart(kModule);
            }
        };
        QVERIFY_THROWS_EXCEPTION(Error, use());
    }
};

QTEST_GUILESS_MAIN(TestRegex)
#include "tst_regex.moc"
