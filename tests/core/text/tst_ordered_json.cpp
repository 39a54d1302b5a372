// SPDX-License-Identifier: GPL-3.0-or-later
// What is read in linear time is what nlohmann's own parser reads, its refusals too.
#include "core/text/ordered_json.h"

#include <QTest>

using namespace pissarro::core;
using nlohmann::ordered_json;

class OrderedJsonTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void readsAsNlohmann_data()
    {
        QTest::addColumn<QByteArray>("text");
        for (const char* text : {"null",
                                 "true",
                                 "-3",
                                 "18446744073709551615",
                                 "2.5e-3",
                                 "\"a\\u00e9\\n\"",
                                 "[]",
                                 "{}",
                                 "[1, [2, {\"b\": []}], {}]",
                                 R"({"z": 1, "a": {"y": [null, false], "b": "c"}, "k": 2})",
                                 R"({"a": 1, "b": 2, "a": {"c": 3}})",
                                 R"([{"a": 1, "a": 2}])",
                                 "",
                                 "{",
                                 "[1, 2",
                                 "{\"a\" 1}",
                                 "[1e999]",
                                 "\"\xff\"",
                                 "{} x",
                                 "{\"a\": 1,}"}) {
            QTest::newRow(text) << QByteArray(text);
        }
        QByteArray many = "{"; // more keys than are looked through, every third twice
        for (int i = 0; i < 300; ++i) {
            many += '"' + QByteArray::number(i % 3 == 0 ? i / 2 : i)
                + "\": " + QByteArray::number(i) + ", ";
        }
        QTest::newRow("many keys") << many + "\"last\": {\"0\": 1}}";
    }
    void readsAsNlohmann()
    {
        QFETCH(QByteArray, text);
        const std::string bytes = text.toStdString();
        const auto outcome = [&](const auto& parse) {
            try {
                return parse().dump();
            } catch (const ordered_json::exception& problem) {
                return std::string(problem.what());
            }
        };
        QCOMPARE(outcome([&] { return parseOrdered(bytes, 64).value; }),
                 outcome([&] { return ordered_json::parse(bytes); }));
    }

    void tellsWhatStandsTwice()
    {
        const OrderedDocument read = parseOrdered(R"({"a": {"b": 1, "b": 2}, "c": 1, "a": 3})", 64);
        QCOMPARE(read.repeated, (std::vector<std::string> {"a.b", "a"}));
        QCOMPARE(QByteArray::fromStdString(read.value.dump()), QByteArray(R"({"a":3,"c":1})"));
    }

    void goesNoDeeperThanAsked()
    {
        QVERIFY(!parseOrdered("[[[1]]]", 3).tooDeep);
        QVERIFY(parseOrdered("[[[1]]]", 2).tooDeep);
        QVERIFY(parseOrdered(std::string(200'000, '['), 64).tooDeep);
    }
};

QTEST_GUILESS_MAIN(OrderedJsonTest)
#include "tst_ordered_json.moc"
