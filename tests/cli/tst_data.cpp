// SPDX-License-Identifier: GPL-3.0-or-later
// data: what a file holds, in tokens and without a model.
#include "tests/cli/cli_process.h"
#include "tests/cli/tiny_model.h"
#include "tests/core/model/encoder_folder.h"

#include <QFile>
#include <QJsonArray>
#include <QTemporaryDir>
#include <QtTest/QtTest>

using namespace pissarro;
using namespace pissarro::tests;

class TestData : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        m_model = in("model");
        writeTinyModel(m_model.toStdString());
        writeTinyTokenizer(m_model.toStdString());
        writeContent(in("rows.csv"), "topic,reply\nab,c\nab,c\nabc,\nno\nabcdef,gh\n");
        writeContent(in("test.jsonl"), "{\"question\": \"a b c d\", \"answer\": \"x\"}\n");
    }

    void tells_whatAFileHolds()
    {
        const CliResult result =
            runCli({"data", in("rows.csv"), "--map", "instruction=topic,output=reply", "--model",
                    m_model, "--template", "plain", "--max-length", "4", "--batch-size", "2",
                    "--row", "4", "--json"});
        QVERIFY2(result.exitCode == 0, result.err.constData());
        const QJsonObject json = result.json();
        QCOMPARE(json["kind"].toString(), QStringLiteral("CSV"));
        QCOMPARE(json["bad"].toObject()["count"].toInt(), 1);
        QCOMPARE(json["bad"].toObject()["first"].toArray()[0].toObject()["line"].toInt(), 5);
        const QJsonObject tokens = json["tokens"].toObject();
        QCOMPARE(tokens["rows"].toInt(), 4);
        QCOMPARE(tokens["duplicates"].toObject()["rows"].toInt(), 1);
        QCOMPARE(json["checks"].toObject()["empty_answers"].toObject()["rows"].toInt(), 1);
        // ab, c and the end are four tokens; abcdef alone fills the length.
        QCOMPARE(tokens["cut"].toObject()["rows"].toInt(), 1);
        QCOMPARE(tokens["cut"].toObject()["left_out"].toInt(), 1);
        const QJsonObject row = json["row"].toObject();
        QCOMPARE(row["line"].toInt(), 6);
        QCOMPARE(row["kept"].toInt(), 4);
        QCOMPARE(row["ids"].toArray().size(), row["mask"].toArray().size());
    }

    void needs_noModelToLook()
    {
        writeContent(in("train.jsonl"), "{\"question\": \"A, b. C d?\", \"answer\": \"y\"}\nno\n");
        const CliResult result = runCli({"data", in("train.jsonl"), "--test", in("test.jsonl"),
                                         "--bad-rows", in("bad.jsonl"), "--json"});
        QVERIFY2(result.exitCode == 0, result.err.constData());
        QCOMPARE(result.json()["rows"].toInt(), 1);
        const QJsonObject leak = result.json()["checks"].toObject()["leakage"].toObject();
        QCOMPARE(leak["rows"].toInt(), 1);
        QVERIFY(contentOf(in("bad.jsonl")).contains("\"line\":2"));
        const CliResult again = runCli({"data", in("train.jsonl"), "--bad-rows", in("bad.jsonl")});
        QVERIFY(again.exitCode != 0 && again.hasOneError({"bad.jsonl"}));
        // What a list names is read, too: an output of ours that is among them stays.
        const QByteArray before = contentOf(in("bad.jsonl"));
        writeContent(in("all.mix.json"),
                     R"({"files": [{"path": "train.jsonl"}, {"path": "bad.jsonl"}]})");
        const CliResult mixed =
            runCli({"data", in("all.mix.json"), "--bad-rows", in("bad.jsonl"), "--force"});
        QVERIFY(mixed.exitCode != 0 && mixed.hasOneError({"bad.jsonl"}));
        QCOMPARE(contentOf(in("bad.jsonl")), before);
        const CliResult strict = runCli({"data", in("train.jsonl"), "--strict"});
        QCOMPARE(strict.exitCode, 3);
        QVERIFY(strict.hasOneError({"line 2"}));
    }

    // What a model that sorts texts is given: texts with labels, their names as its head has them.
    void tells_labelsOfTexts()
    {
        const QString encoder = in("encoder");
        test::writeEncoder(encoder.toStdString(), {"other", "same"});
        writeContent(in("pairs.jsonl"),
                     R"({"sentence1": "w5", "sentence2": "w6 w7", "label": "same"})"
                     "\n"
                     R"({"sentence1": "w5", "sentence2": "w6 w7", "label": 0})"
                     "\n"
                     R"({"sentence1": "w5", "label": 7})"
                     "\n");
        const CliResult result = runCli({"data", in("pairs.jsonl"), "--model", encoder, "--row",
                                         "1", "--bad-rows", in("bad-pairs.jsonl"), "--json"});
        QVERIFY2(result.exitCode == 0, result.err.constData());
        const QJsonObject json = result.json();
        QCOMPARE(json["columns"].toString(), QStringLiteral("sentence1, sentence2, label"));
        QCOMPARE(json["row"].toObject()["label"].toDouble(-1.0), 1.0);
        QCOMPARE(json["tokens"].toObject()["loss_tokens_per_epoch"].toInt(), 2);
        QCOMPARE(json["tokens"].toObject()["duplicates"].toObject()["same_question"].toInt(), 1);
        QVERIFY(!json.contains("checks"));
        const QByteArray bad = contentOf(in("bad-pairs.jsonl"));
        QCOMPARE(bad.count('\n'), 1);
        QVERIFY2(bad.contains("\"line\":3"), bad.constData());
        const CliResult tested =
            runCli({"data", in("pairs.jsonl"), "--model", encoder, "--test", in("test.jsonl")});
        QCOMPARE(tested.exitCode, 2);
        QVERIFY2(tested.hasOneError({"--test"}), tested.err.constData());
    }

    void refuses_data()
    {
        QTest::addColumn<QStringList>("more");
        QTest::addColumn<int>("exitCode");
        QTest::newRow("columns that are none") << QStringList {"--map", "question=a"} << 3;
        QTest::newRow("unknown columns") << QStringList {} << 3;
        QTest::newRow("chat without a model") << QStringList {"--template", "chat"} << 2;
        QTest::newRow("a row without a model") << QStringList {"--row", "1"} << 2;
        QTest::newRow("no test set")
            << QStringList {"--map", "instruction=topic,output=reply", "--test", "nowhere.jsonl"}
            << 3;
    }
    void refuses()
    {
        QFETCH(QStringList, more);
        QFETCH(int, exitCode);
        const CliResult result = runCli(QStringList {"data", in("rows.csv")} + more);
        QCOMPARE(result.exitCode, exitCode);
        QVERIFY2(result.hasOneError(), result.err.constData());
    }

private:
    QString in(const char* name) const { return m_folder.filePath(QLatin1String(name)); }

    QTemporaryDir m_folder;
    QString m_model;
};

QTEST_GUILESS_MAIN(TestData)
#include "tst_data.moc"
