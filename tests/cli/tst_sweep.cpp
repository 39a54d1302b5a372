// SPDX-License-Identifier: GPL-3.0-or-later
// sweep: two methods, two ranks, two rates on the tiny model; killed, left and gone on with, it ends as if undisturbed.
#include "tests/cli/cli_process.h"
#include "tests/cli/tiny_model.h"
#include "tests/tools/patience.h"

#include <QDir>
#include <QJsonArray>
#include <QtTest/QtTest>

#include <csignal>

using namespace pissarro;
using namespace pissarro::tests;

class TestSweep : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void isForetold();
    void trainsEveryRun_andConcludes();
    void killed_itEndsAsIfUndisturbed();
    void left_itEndsAsIfUndisturbed();
    void workersSideBySide_shareTheRuns();
    void aFailedRun_isToldAtTheEnd();
    void isPaused_skippedAndRetried();
    void findsRates_andTriesRanks();
    void aStartThatFails_touchesNothing_data();
    void aStartThatFails_touchesNothing();
    void refuses_anotherSweepInItsFolder();
    void refuses_whatIsNoSweep_data();
    void refuses_whatIsNoSweep();

private:
    QString path(const QString& name) const { return m_folder.filePath(name); }
    // SWEEP.json with these axes, and `more` keys of it; its path.
    QString sweepFile(const QString& name, const QJsonObject& axes, const QJsonObject& more = {},
                      int steps = 6) const;
    // Of every run what does not depend on the clock.
    QMap<QString, QList<QJsonObject>> metricsIn(const QString& folder) const;
    QMap<QString, QString> statesIn(const QString& folder) const;
    QMap<QString, QByteArray> adaptersIn(const QString& folder) const;

    const QTemporaryDir m_folder;
};

namespace {

const QJsonObject kAxes {{"method", QJsonArray {"pissa", "lora"}},
                         {"rank", QJsonArray {2, 4}},
                         {"learning_rate", QJsonArray {1e-3, 1e-2}}};

} // namespace

void TestSweep::initTestCase()
{
    qputenv("XDG_CACHE_HOME", path("cache").toUtf8());
    qputenv("OMP_NUM_THREADS", "1"); // two threads would wait for each other on a busy machine
    writeTinyModel(path("tiny").toStdString());
    writeTinyBatches(path("batches.safetensors").toStdString(), 4);
    sweepFile("grid", kAxes);
    const CliResult result = runCli({"sweep", path("grid.json"), "-o", path("whole"), "--json"});
    QVERIFY2(result.exitCode == 0, result.err.right(800).constData());
    QCOMPARE(result.json()["runs"].toArray().size(), 8);
}

QString TestSweep::sweepFile(const QString& name, const QJsonObject& axes, const QJsonObject& more,
                             int steps) const
{
    QJsonObject sweep = more;
    sweep["base"] = QJsonObject {{"model", path("tiny")}, {"batches", path("batches.safetensors")},
                                 {"steps", steps},        {"dtype", "float32"},
                                 {"device", "cpu"},       {"threads", 1},
                                 {"checkpoint_every", 2}};
    sweep["axes"] = axes;
    sweep["pair_alpha_with_rank"] = true;
    QFile file(path(name + ".json"));
    if (!file.open(QIODevice::WriteOnly)) {
        return {};
    }
    file.write(QJsonDocument(sweep).toJson());
    return file.fileName();
}

QMap<QString, QList<QJsonObject>> TestSweep::metricsIn(const QString& folder) const
{
    QMap<QString, QList<QJsonObject>> metrics;
    const QDir runs(path(folder + "/runs"));
    for (const QString& run : runs.entryList(QDir::Dirs | QDir::NoDotAndDotDot)) {
        metrics[run] = metricsOf(runs.filePath(run));
    }
    return metrics;
}

QMap<QString, QByteArray> TestSweep::adaptersIn(const QString& folder) const
{
    QMap<QString, QByteArray> adapters;
    const QDir runs(path(folder + "/runs"));
    for (const QString& run : runs.entryList(QDir::Dirs | QDir::NoDotAndDotDot)) {
        adapters[run] = contentOf(runs.filePath(run + "/adapter/adapter_model.safetensors"));
    }
    return adapters;
}

QMap<QString, QString> TestSweep::statesIn(const QString& folder) const
{
    QMap<QString, QString> states;
    for (const QJsonValue& run : jsonObjectOf(path(folder + "/sweep.json"))["runs"].toArray()) {
        states[run["name"].toString()] = run["state"].toString();
    }
    return states;
}

void TestSweep::isForetold()
{
    const CliResult result = runCli({"sweep", path("grid.json"), "--dry-run", "--json"});
    QVERIFY2(result.exitCode == 0, result.err.right(800).constData());
    const QJsonObject json = result.json();
    QCOMPARE(json["count"].toInt(), 8);
    QCOMPARE(json["steps"].toInt(), 48);
    QVERIFY(json["seconds"].toDouble() > 0.0);
    QVERIFY(json["disk_bytes"].toDouble() > 0.0);
    QCOMPARE(json["runs"].toArray()[0].toObject()["name"].toString(),
             QString("pissa-rank2-lr0.001"));
}

void TestSweep::trainsEveryRun_andConcludes()
{
    const QMap<QString, QString> states = statesIn("whole");
    QCOMPARE(states.size(), 8);
    for (const QString& state : states) {
        QCOMPARE(state, QString("done"));
    }
    const auto metrics = metricsIn("whole");
    QCOMPARE(metrics.size(), 8);
    for (const auto& steps : metrics) {
        QCOMPARE(steps.size(), 6);
    }
    const QJsonObject results = jsonObjectOf(path("whole/results.json"));
    QCOMPARE(results["conclusions"].toArray().size(), 2); // a rank each
    QVERIFY(!results["conclusions"].toArray()[0].toObject()["sentences"].toArray().isEmpty());
    QVERIFY(!contentOf(path("whole/results.csv")).isEmpty());
    // A run of it is an ordinary one: the same as `train` makes.
    const CliResult alone =
        runCli({"train", path("whole/runs/lora-rank4-lr0.01/run.json"), "-o", path("alone")});
    QVERIFY2(alone.exitCode == 0, alone.err.right(800).constData());
    QCOMPARE(metricsOf(path("alone")), metrics["lora-rank4-lr0.01"]);
    // Asked again there is nothing to do.
    const CliResult again = runCli({"sweep", path("grid.json"), "-o", path("whole")});
    QCOMPARE(again.exitCode, 0);
    QVERIFY(!again.err.contains(": begins"));
}

void TestSweep::killed_itEndsAsIfUndisturbed()
{
    const CliResult killed = runCliUntil(
        {"sweep", path("grid.json"), "-o", path("killed")}, "lora-rank2-lr0.001: begins",
        [](qint64 pid) { ::kill(static_cast<pid_t>(pid), SIGKILL); });
    QVERIFY(killed.exitCode != 0);
    const CliResult resumed =
        runCli({"sweep", "-o", path("killed")}); // SWEEP.json is in the folder
    QVERIFY2(resumed.exitCode == 0, resumed.err.right(800).constData());
    QVERIFY(!resumed.err.contains("pissa-rank2-lr0.001: begins")); // what is done stays
    QCOMPARE(metricsIn("killed"), metricsIn("whole"));
    QCOMPARE(adaptersIn("killed"), adaptersIn("whole"));
    QCOMPARE(statesIn("killed"), statesIn("whole"));
}

void TestSweep::left_itEndsAsIfUndisturbed()
{
    const CliResult left = runCliUntil({"sweep", path("grid.json"), "-o", path("left here")},
                                       "pissa-rank4-lr0.001: begins",
                                       [](qint64 pid) { ::kill(static_cast<pid_t>(pid), SIGINT); });
    QCOMPARE(left.exitCode, 130);
    QVERIFY(left.hasOneError({"interrupted", "pissarro-cli sweep -o '" + path("left here") + "'"}));
    for (const QString& state : statesIn("left here")) {
        QVERIFY(state == "done" || state == "waiting");
    }
    const CliResult resumed = runCli({"sweep", path("grid.json"), "-o", path("left here")});
    QVERIFY2(resumed.exitCode == 0, resumed.err.right(800).constData());
    QCOMPARE(metricsIn("left here"), metricsIn("whole"));
    QCOMPARE(adaptersIn("left here"), adaptersIn("whole"));
}

void TestSweep::workersSideBySide_shareTheRuns()
{
    const CliResult result =
        runCli({"sweep", path("grid.json"), "-o", path("two"), "--workers", "2"});
    QVERIFY2(result.exitCode == 0, result.err.right(800).constData());
    QCOMPARE(metricsIn("two"), metricsIn("whole")); // a thread each, as the base says
    QCOMPARE(statesIn("two"), statesIn("whole"));
    QVERIFY(QFile::exists(path("two/worker-1.log")));
}

void TestSweep::aFailedRun_isToldAtTheEnd()
{
    sweepFile("failing", {{"rank", QJsonArray {2, 4000}}});
    const CliResult result = runCli({"sweep", path("failing.json"), "-o", path("failing")});
    QCOMPARE(result.exitCode, 1);
    QVERIFY(result.hasOneError({"rank4000"}));
    QCOMPARE(statesIn("failing")["rank2"], QString("done"));
    QCOMPARE(statesIn("failing")["rank4000"], QString("failed"));
    const CliResult again =
        runCli({"sweep", "-o", path("failing"), "--skip", "rank2", "--retry-failed"});
    QVERIFY(again.hasOneError({"rank2"})); // it is done
    QCOMPARE(runCli({"sweep", "-o", path("failing"), "--retry-failed"}).exitCode, 1);
}

void TestSweep::isPaused_skippedAndRetried()
{
    sweepFile("steered", {{"rank", QJsonArray {2, 4}}});
    QCOMPARE(
        runCli({"sweep", path("steered.json"), "-o", path("steered"), "--pause", "--skip", "rank2"})
            .exitCode,
        0);
    QCOMPARE(statesIn("steered")["rank2"], QString("skipped"));
    QVERIFY(jsonObjectOf(path("steered/sweep.json"))["paused"].toBool());
    QCOMPARE(runCli({"sweep", "-o", path("steered"), "--join"}).exitCode, 0); // paused: nothing
    QCOMPARE(statesIn("steered")["rank4"], QString("waiting"));
    QCOMPARE(runCli({"sweep", "-o", path("steered")}).exitCode, 0);
    QCOMPARE(statesIn("steered")["rank4"], QString("done"));
    QCOMPARE(runCli({"sweep", "-o", path("steered"), "--retry", "rank2"}).exitCode, 0);
    QCOMPARE(statesIn("steered")["rank2"], QString("done"));
}

void TestSweep::findsRates_andTriesRanks()
{
    const CliResult rates = runCli({"sweep", path("grid.json"), "--find-rates", "--json"});
    QVERIFY2(rates.exitCode == 0, rates.err.right(800).constData());
    const QJsonArray proposals = rates.json()["proposals"].toArray();
    QCOMPARE(proposals.size(), 2);
    QCOMPARE(proposals[0].toObject()["method"].toString(), QString("pissa"));
    QVERIFY(proposals[0].toObject()["points"].toArray().size() > 1);
    QFile proposed(path("proposed.json"));
    QVERIFY(proposed.open(QIODevice::WriteOnly));
    proposed.write(QJsonDocument(rates.json()["sweep"].toObject()).toJson());
    proposed.close();
    QCOMPARE(runCli({"sweep", path("proposed.json"), "--dry-run"}).exitCode, 0);

    const CliResult ranks =
        runCli({"sweep", path("grid.json"), "--try-ranks", "2,4", "--trial-steps", "6", "--json"});
    QVERIFY2(ranks.exitCode == 0, ranks.err.right(800).constData());
    QCOMPARE(ranks.json()["tried"].toArray().size(), 2);
    QVERIFY(ranks.json()["reason"].toString().startsWith("Start with"));
}

void TestSweep::aStartThatFails_touchesNothing_data()
{
    QTest::addColumn<QJsonObject>("axes");
    QTest::addColumn<QJsonObject>("more");
    QTest::addColumn<QStringList>("flags");
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("says");
    const QJsonObject ranks {{"rank", QJsonArray {2}}};
    QTest::newRow("model") << QJsonObject {{"model", QJsonArray {"modle"}}} << QJsonObject()
                           << QStringList() << 3 << "modle";
    QTest::newRow("data") << QJsonObject {{"batches", QJsonArray {"none.safetensors"}}}
                          << QJsonObject() << QStringList() << 3 << "none.safetensors";
    QTest::newRow("run to skip") << ranks << QJsonObject() << QStringList {"--skip", "rank3"} << 3
                                 << "rank3";
    QTest::newRow("run to retry") << ranks << QJsonObject() << QStringList {"--retry", "rank3"} << 3
                                  << "rank3";
    QTest::newRow("questions")
        << ranks << QJsonObject {{"eval", QJsonObject {{"task", "gsm8k"}, {"data", "none.jsonl"}}}}
        << QStringList() << 3 << "none.jsonl";
    QTest::newRow("consent")
        << ranks
        << QJsonObject {{"eval", QJsonObject {{"task", "humaneval"}, {"data", "none.jsonl"}}}}
        << QStringList() << 2 << "--run-code";
}

// An earlier sweep stays when the one in its place is refused; without one nothing is there.
void TestSweep::aStartThatFails_touchesNothing()
{
    QFETCH(QJsonObject, axes);
    QFETCH(QJsonObject, more);
    QFETCH(QStringList, flags);
    QFETCH(int, code);
    QFETCH(QString, says);
    const QByteArray before = contentOf(path("whole/sweep.json"));
    const auto adapters = adaptersIn("whole");
    QVERIFY(!before.isEmpty() && adapters.size() == 8);
    sweepFile("typo", axes, more);
    for (const QString& place : {QStringLiteral("whole"), QStringLiteral("nowhere")}) {
        const CliResult result =
            runCli(QStringList {"sweep", path("typo.json"), "-o", path(place), "--force"} + flags);
        QCOMPARE(result.exitCode, code);
        QVERIFY2(result.hasOneError({says}), result.err.right(800).constData());
    }
    QVERIFY(!QFile::exists(path("nowhere")));
    QCOMPARE(contentOf(path("whole/sweep.json")), before);
    QCOMPARE(adaptersIn("whole"), adapters);
    QVERIFY(QFile::exists(path("whole/results.json")));
}

void TestSweep::refuses_anotherSweepInItsFolder()
{
    sweepFile("other", {{"rank", QJsonArray {2, 8}}});
    const QByteArray before = contentOf(path("whole/sweep.json"));
    const CliResult result = runCli({"sweep", path("other.json"), "-o", path("whole")});
    QCOMPARE(result.exitCode, 3);
    QVERIFY(result.hasOneError({"holds another sweep"}));
    QCOMPARE(contentOf(path("whole/sweep.json")), before);
}

void TestSweep::refuses_whatIsNoSweep_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("says");
    QTest::newRow("no JSON") << QByteArray("{") << "JSON";
    QTest::newRow("no base") << QByteArray("{}") << "base is missing";
    QTest::newRow("axis") << QByteArray("{\"base\": {}, \"axes\": {\"rank\": [0]}}")
                          << "rank must be";
    QTest::newRow("model") << QByteArray("{\"base\": {\"data\": \"d\"}, \"axes\": {}}") << "model";
}

void TestSweep::refuses_whatIsNoSweep()
{
    QFETCH(QByteArray, text);
    QFETCH(QString, says);
    QFile file(path("bad.json"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(text);
    file.close();
    const CliResult result = runCli({"sweep", path("bad.json"), "-o", path("bad")});
    QCOMPARE(result.exitCode, 3);
    QVERIFY(result.hasOneError({says}));
    QVERIFY(!QFile::exists(path("bad")));
}

QTEST_GUILESS_MAIN(TestSweep)
#include "tst_sweep.moc"
