// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/json_value.h"

#include <QTest>

#include <limits>

using namespace pissarro;
using core::jsonAs;
using core::jsonFieldAs;
using nlohmann::json;
using nlohmann::ordered_json;

class JsonValueTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aKind_isSaidForPeople()
    {
        const auto kind = [](const char* text) {
            return std::string(core::jsonKind(nlohmann::json::parse(text)));
        };
        QCOMPARE(kind("17"), std::string("a number"));
        QCOMPARE(kind("\"x\""), std::string("text"));
        QCOMPARE(kind("[1]"), std::string("a list"));
        QCOMPARE(kind("{}"), std::string("an object"));
        QCOMPARE(kind("false"), std::string("true or false"));
        QCOMPARE(kind("null"), std::string("null"));
    }

    // Which of the types each text is read as: t text, f flag, n number, w whole number of 64 bits, u of 64 bits without a
    // sign, i of 32 bits, l list of texts, m list of whole numbers.
    void reads_whatIsThere_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("kinds");
        const auto row = [](const char* text, const char* kinds) {
            QTest::newRow(text) << QByteArray(text) << QByteArray(kinds);
        };
        row("null", "");
        row("\"a\"", "t");
        row("\"1\"", "t");
        row("true", "f");
        row("0", "nwui");
        row("1.0", "n");
        row("1.5e300", "n");
        row("-1", "nwi");
        row("2147483647", "nwui");
        row("2147483648", "nwu");
        row("-2147483648", "nwi");
        row("-2147483649", "nw");
        row("9223372036854775807", "nwu");
        row("9223372036854775808", "nu");
        row("-9223372036854775808", "nw");
        row("18446744073709551615", "nu");
        row("18446744073709551616", "n");
        row("[]", "lm");
        row("[\"a\", \"b\"]", "l");
        row("[1, -2]", "m");
        row("[1, 2.5]", "");
        row("[1, 9223372036854775808]", "");
        row("[\"a\", null]", "");
        row("{}", "");
    }

    void reads_whatIsThere()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, kinds);
        QCOMPARE(kindsOf(json::parse(text.toStdString())), kinds);
        QCOMPARE(kindsOf(ordered_json::parse(text.toStdString())), kinds);
    }

    void keeps_theValue()
    {
        QCOMPARE(jsonAs<std::string>(json("a\n")).value(), std::string("a\n"));
        QCOMPARE(jsonAs<bool>(json(false)).value(), false);
        QCOMPARE(jsonAs<double>(json::parse("-3")).value(), -3.0);
        QCOMPARE(jsonAs<std::int64_t>(json::parse("-9223372036854775808")).value(),
                 std::numeric_limits<std::int64_t>::min());
        QCOMPARE(jsonAs<std::uint64_t>(json::parse("18446744073709551615")).value(),
                 std::numeric_limits<std::uint64_t>::max());
        QCOMPARE(jsonAs<std::vector<std::int64_t>>(json::parse("[3, -4]")).value(),
                 (std::vector<std::int64_t> {3, -4}));
    }

    void aText_isNotCopied()
    {
        const json text = "words";
        QVERIFY(core::jsonText(text) == text.get_ptr<const std::string*>());
        QCOMPARE(*core::jsonText(ordered_json("words")), std::string("words"));
        QVERIFY(core::jsonText(json(1)) == nullptr && core::jsonText(json()) == nullptr);
    }

    void finds_fields()
    {
        const json object = {{"a", 1}, {"b", nullptr}, {"c", "x"}};
        QCOMPARE(jsonFieldAs<std::int64_t>(object, "a").value(), 1);
        QVERIFY(core::jsonField(object, "b") == nullptr);
        QVERIFY(core::jsonField(object, "d") == nullptr);
        QVERIFY(!jsonFieldAs<std::int64_t>(object, "c"));
        QVERIFY(core::jsonField(json::array({1}), "a") == nullptr);
        QVERIFY(core::jsonField(json("text"), "a") == nullptr);
    }

    void tells_wholeNumbers()
    {
        QVERIFY(core::isWholeNumber(json::parse("18446744073709551615")));
        QVERIFY(core::isWholeNumber(json::parse("-1")));
        QVERIFY(!core::isWholeNumber(json::parse("1.0")));
        QVERIFY(!core::isWholeNumber(json::parse("\"1\"")));
    }

private:
    template <class Json>
    static QByteArray kindsOf(const Json& value)
    {
        QByteArray kinds;
        const auto add = [&](bool is, char kind) {
            if (is) {
                kinds.append(kind);
            }
        };
        add(jsonAs<std::string>(value).has_value(), 't');
        add(jsonAs<bool>(value).has_value(), 'f');
        add(jsonAs<double>(value).has_value(), 'n');
        add(jsonAs<std::int64_t>(value).has_value(), 'w');
        add(jsonAs<std::uint64_t>(value).has_value(), 'u');
        add(jsonAs<int>(value).has_value(), 'i');
        add(jsonAs<std::vector<std::string>>(value).has_value(), 'l');
        add(jsonAs<std::vector<std::int64_t>>(value).has_value(), 'm');
        return kinds;
    }
};

QTEST_GUILESS_MAIN(JsonValueTest)
#include "tst_json_value.moc"
