// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/escaped_text.h"
#include "core/text/message_text.h"

#include <QTest>

#include <nlohmann/json.hpp>
#include <string>

using namespace pissarro;
using std::string;

class EscapedTextTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void terminal_getsNoOrders()
    {
        QCOMPARE(core::terminalText("a\n\tb"), string("a\n\tb"));
        QCOMPARE(core::terminalLine("a\n\tb"), string("a\\u000a\\u0009b"));
        QCOMPARE(core::terminalText("\x1b[2J\x1b]0;title\x07\r\x08"),
                 string("\\u001b[2J\\u001b]0;title\\u0007\\u000d\\u0008"));
        QCOMPARE(core::terminalText("\xc2\x9b"
                                    "2J\x7f"),
                 string("\\u009b2J\\u007f")); // a CSI of one byte
        QCOMPARE(core::terminalText("a\xe2\x80\xae"
                                    "b\xe2\x81\xa6"
                                    "c\xe2\x80\xa8"
                                    "d"),
                 string("a\\u202eb\\u2066c\\u2028d"));
        QCOMPARE(core::terminalText("\xff\xc0\x80"),
                 string("\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"));
        const string plain = "ä € 日本 😀 👩\xe2\x80\x8d💻 \\n";
        QCOMPARE(core::terminalText(plain), plain);
    }

    // What is escaped in a JSON text is the same JSON.
    void terminal_leavesJsonWhatItIs()
    {
        const nlohmann::json value = "\x1b[2J \xe2\x80\xae \n \"";
        QVERIFY(nlohmann::json::parse(core::terminalText(value.dump())) == value);
    }

    void csv_holdsTextAndNoFormula()
    {
        QCOMPARE(core::csvCell("model.layers.0.q_proj"), string("model.layers.0.q_proj"));
        QCOMPARE(core::csvCell("a,b"), string("\"a,b\""));
        QCOMPARE(core::csvCell("a\"b\nc"), string("\"a\"\"b\nc\""));
        QCOMPARE(core::csvCell("=HYPERLINK(\"http://x\")"),
                 string("\"'=HYPERLINK(\"\"http://x\"\")\""));
        for (const char* formula :
             {"=1", "+1", "-1+cmd|' /C calc'!A0", "@SUM(1)", "\t=1", "\r=1"}) {
            QVERIFY(core::csvCell(formula).starts_with("\"'"));
        }
        QCOMPARE(core::csvCell(""), string());
        QCOMPARE(core::csvCell("\xff"), string("\xef\xbf\xbd"));
    }

    void markup_holdsTextAndNoTags()
    {
        QCOMPARE(core::markupText("<a href=\"x\">'&amp;'</a>"),
                 string("&lt;a href=&quot;x&quot;&gt;&#39;&amp;amp;&#39;&lt;/a&gt;"));
        QCOMPARE(core::markupText("a\nb\x1b"), string("a\\u000ab\\u001b"));
        QCOMPARE(core::markupText("\xff\xe4"), string("\xef\xbf\xbd\xef\xbf\xbd"));
        QCOMPARE(core::markupText("σ 日本"), string("σ 日本"));
    }

    void markdown_holdsTextAndNoMarkup()
    {
        QCOMPARE(core::markdownText("<img src=x> a|b *c* [d](e) `f`\n# g"),
                 string("&lt;img src=x> a\\|b \\*c\\* \\[d\\]\\(e\\) \\`f\\`\\\\u000a\\# g"));
        QCOMPARE(core::markdownCode("plain"), string("`plain`"));
        QCOMPARE(core::markdownCode("a`b``c"), string("```a`b``c```"));
        QCOMPARE(core::markdownCode("`a"), string("`` `a ``"));
        QCOMPARE(core::markdownCode("a\nb"), string("`a\\u000ab`"));
    }

    void quoted_readsBackInJson()
    {
        const string hostile = "a\"\n---\nevil: true\n\\ \xe2\x80\xae 😀";
        const string quoted = core::quotedText(hostile);
        QVERIFY(quoted.find('\n') == string::npos);
        QCOMPARE(nlohmann::json::parse(quoted).get<string>(), hostile);
        QVERIFY(quoted.find("😀") != string::npos); // no pair of surrogates, which YAML would keep
        QCOMPARE(core::quotedText("models/SmolLM2"), string("\"models/SmolLM2\""));
    }

    void messages_turnNoText()
    {
        QCOMPARE(core::shownText("a\xe2\x80\xae\xc2\x9b"), string("'a\\u202e\\u009b'"));
    }
};

QTEST_GUILESS_MAIN(EscapedTextTest)
#include "tst_escaped_text.moc"
