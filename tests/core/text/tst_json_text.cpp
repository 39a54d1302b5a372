// SPDX-License-Identifier: GPL-3.0-or-later
// JSON of somebody else: what it costs is bounded before anything is built of it, and a refusal echoes none of it.
#include "core/text/json_text.h"
#include "core/text/ordered_json.h"
#include "tests/core/file/test_files.h"

#include <QTest>

#include <nlohmann/json.hpp>
#include <stop_token>

using namespace pissarro;
using test::errorOf;

namespace {

std::string nested(int levels)
{
    return std::string(static_cast<std::size_t>(levels), '[')
        + std::string(static_cast<std::size_t>(levels), ']');
}

} // namespace

class TestJsonText : public QObject {
    Q_OBJECT

private Q_SLOTS:
    // A text of somebody else may take seconds: it is left within.
    void aStop_endsTheReading()
    {
        std::string text = "[";
        for (int i = 0; i < 50'000; ++i) {
            text += "[],";
        }
        text += "1]";
        QCOMPARE(core::parseJson(text).size(), std::size_t {50'001});
        std::stop_source stop;
        stop.request_stop();
        const core::JobContext stopped(stop.get_token());
        QVERIFY_THROWS_EXCEPTION(core::Cancelled, core::parseJson(text, stopped));
        QVERIFY_THROWS_EXCEPTION(core::Cancelled, core::parseOrdered(text, 64, stopped));
    }

    void reads_whatIsJson()
    {
        const nlohmann::json json = core::parseJson(R"({"b": [1, 2.5, "x"], "a": null})");
        QCOMPARE(json.at("b").at(1).get<double>(), 2.5);
        QVERIFY(json.at("a").is_null());
        QCOMPARE(core::parseJson(" 17 ").get<int>(), 17);
        // Signs within a text do not count.
        const std::string many(100, '[');
        QCOMPARE(core::parseJson("\"" + many + "\\\"" + many + "\"").get<std::string>(),
                 many + "\"" + many);
    }

    void keepsTheOrder_whereItIsAskedFor()
    {
        const auto json = core::parseOrderedJson(R"({"z": 1, "a": {"y": 2, "b": 3}})");
        QCOMPARE(json.dump(), std::string(R"({"z":1,"a":{"y":2,"b":3}})"));
        QVERIFY(errorOf([] { core::parseOrderedJson(nested(65)); }).has_value());
        QVERIFY(errorOf([] { core::parseOrderedJson("{\"a\" 1}"); }).has_value());
    }

    // What this program writes for itself says nothing twice: whoever edited it meant one of both.
    void refuses_whatStandsTwice_inWhatIsOurs()
    {
        const std::string text = R"({"step": 1, "run": {"loss": 2.5, "steps": [3, null, "x"]}})";
        QVERIFY(core::parseOwnPlain(text) == core::parseJson(text));
        const std::string twice = R"({"step": 1, "run": {"loss": 2.5, "loss": 2}})";
        QCOMPARE(core::parseJson(twice).at("run").at("loss").get<double>(), 2.0);
        const auto error = errorOf([&] { core::parseOwnPlain(twice); });
        QVERIFY(error && error->kind() == core::ErrorKind::Format);
        QCOMPARE(std::string(error->what()), std::string("key 'run.loss' stands twice; keep one"));
        QVERIFY(errorOf([] { core::parseOwnPlain(nested(65)); }).has_value());
        std::stop_source stop;
        stop.request_stop();
        QVERIFY_THROWS_EXCEPTION(core::Cancelled,
                                 core::parseOwnPlain(text, core::JobContext(stop.get_token())));
    }

    void bounds_depthAndValues()
    {
        QVERIFY(core::parseJson(nested(64)).is_array());
        const auto deep = errorOf([] { core::parseJson(nested(65)); });
        QVERIFY(deep && deep->kind() == core::ErrorKind::Format);
        QVERIFY(std::string(deep->what()).find("deeper than 64 levels (byte 65)")
                != std::string::npos);
        const auto wide = errorOf([] { core::parseJson("[" + std::string(5'000'001, ',') + "]"); });
        QVERIFY(wide && wide->kind() == core::ErrorKind::Format);
        QVERIFY(std::string(wide->what()).find("more than 5000000 values") != std::string::npos);
    }

    void refusals_echoNothing_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("says");
        QTest::newRow("cut off") << QByteArray("{\"secret\": 1")
                                 << QByteArray("is not JSON: it ends too early, after byte 12;");
        QTest::newRow("no JSON") << QByteArray("secret")
                                 << QByteArray("is not JSON: error at byte 1 of 6");
        QTest::newRow("encoding") << QByteArray("\"secret\xff\"")
                                  << QByteArray("is not valid UTF-8");
        QTest::newRow("number") << QByteArray("1e999")
                                << QByteArray("a number that no double can hold");
        QTest::newRow("empty") << QByteArray("") << QByteArray("is not JSON: it is empty;");
    }
    void refusals_echoNothing()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, says);
        const auto error = errorOf([&] { core::parseJson(text.toStdString()); });
        QVERIFY(error && error->kind() == core::ErrorKind::Format);
        const std::string message = error->what();
        QVERIFY2(message.find(says.toStdString()) != std::string::npos, message.c_str());
        QVERIFY(message.find("secret") == std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestJsonText)
#include "tst_json_text.moc"
