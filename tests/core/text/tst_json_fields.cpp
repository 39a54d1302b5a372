// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/json_fields.h"
#include "tests/core/file/test_files.h"

#include <QTest>

#include <functional>

using namespace pissarro;
using core::JsonFields;
using nlohmann::json;
using test::errorOf;

namespace {

const json kObject =
    json::parse(R"({"whole": 7, "half": 0.5, "yes": true, "word": "text", "inner": {"a": 1},
    "list": [1], "mixed": [2, "a"], "nothing": null, "huge": 18446744073709551615, "minus": -3})");

using Ask = std::function<void(const JsonFields&)>;

} // namespace

Q_DECLARE_METATYPE(Ask)

class JsonFieldsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void reads_whatIsThere()
    {
        const JsonFields fields(kObject);
        QCOMPARE(fields.whole("whole", 1, 7).value(), 7);
        QCOMPARE(fields.whole("minus", -3, 7).value(), -3);
        QCOMPARE(fields.required("whole", 7), 7);
        QCOMPARE(fields.positive("half").value(), 0.5);
        QCOMPARE(fields.requiredPositive("whole"), 7.0);
        QVERIFY(fields.flag("yes", false));
        QCOMPARE(fields.text("word").value(), std::string("text"));
        QCOMPARE(fields.object("inner")->at("a").get<int>(), 1);
        QVERIFY(fields.find("list")->is_array());
        const std::vector<std::int64_t> one {-3};
        const std::vector<std::int64_t> list {1};
        const std::vector<std::int64_t> beyond {-1};
        QVERIFY(fields.wholes("minus") == one && fields.wholes("list") == list);
        QVERIFY(fields.wholes("huge") == beyond && fields.wholes("nothing").empty());
    }

    void absentAndNull_areTheSame()
    {
        const JsonFields fields(kObject);
        for (const char* const key : {"absent", "nothing"}) {
            QVERIFY(fields.find(key) == nullptr && fields.object(key) == nullptr);
            QVERIFY(!fields.whole(key, 1, 9) && !fields.positive(key) && !fields.text(key));
            QVERIFY(fields.flag(key, true) && !fields.flag(key, false));
        }
        QVERIFY(fields.isNull("nothing") && fields.contains("nothing"));
        QVERIFY(!fields.isNull("absent") && !fields.contains("absent"));
        QVERIFY(!fields.isNull("word") && fields.contains("word"));
    }

    void refuses_otherKinds_data()
    {
        QTest::addColumn<Ask>("ask");
        QTest::addColumn<QString>("what");
        const auto row = [](const char* what, const Ask& ask) {
            QTest::newRow(what) << ask << QString::fromUtf8(what);
        };
        row("word is the text 'text' (expected a whole number from 1 to 9)",
            [](const JsonFields& f) { f.whole("word", 1, 9); });
        row("whole is 7 (expected a whole number from 1 to 6)",
            [](const JsonFields& f) { f.whole("whole", 1, 6); });
        row("whole is 7 (expected a whole number from 8 to 9)",
            [](const JsonFields& f) { f.whole("whole", 8, 9); });
        row("minus is -3 (expected a whole number from 1 to 9)",
            [](const JsonFields& f) { f.required("minus", 9); });
        row("half is 0.5 (expected a whole number from 0 to 9)",
            [](const JsonFields& f) { f.whole("half", 0, 9); });
        row("huge is 18446744073709551615 (expected a whole number from 1 to 9)",
            [](const JsonFields& f) { f.whole("huge", 1, 9); });
        row("nothing is missing (expected a whole number from 1 to 9)",
            [](const JsonFields& f) { f.required("nothing", 9); });
        row("half is 0.5 (expected a whole number)", [](const JsonFields& f) { f.wholes("half"); });
        row("mixed is the text 'a' (expected a whole number)",
            [](const JsonFields& f) { f.wholes("mixed"); });
        row("minus is -3 (expected a number above 0)",
            [](const JsonFields& f) { f.positive("minus"); });
        row("absent is missing (expected a number above 0)",
            [](const JsonFields& f) { f.requiredPositive("absent"); });
        row("list is a list (expected true or false)",
            [](const JsonFields& f) { f.flag("list", true); });
        row("inner is an object (expected text)", [](const JsonFields& f) { f.text("inner"); });
        row("yes is true (expected an object)", [](const JsonFields& f) { f.object("yes"); });
    }

    void refuses_otherKinds()
    {
        QFETCH(Ask, ask);
        QFETCH(QString, what);
        const auto error = errorOf([&] { ask(JsonFields(kObject)); });
        QVERIFY(error && error->kind() == core::ErrorKind::Format);
        QCOMPARE(QString::fromUtf8(error->what()), what);
    }
};

QTEST_GUILESS_MAIN(JsonFieldsTest)

#include "tst_json_fields.moc"
