// SPDX-License-Identifier: GPL-3.0-or-later
// compare and paper: runs side by side in every form, the smaller map of ranks taken by train, recipes of the paper.
#include "tests/cli/cli_process.h"
#include "tests/cli/tiny_model.h"

#include <QJsonArray>
#include <QtTest/QtTest>

using namespace pissarro;
using namespace pissarro::tests;

class TestCompareRuns : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void prints_theContract();
    void prints_textForPeople();
    void prints_noOrdersToATerminal();
    void writes_everyForm();
    void writes_aRankMapThatTrainTakes();
    void lays_evaluationsIn();
    void refuses_wrongUse_data();
    void refuses_wrongUse();
    void lists_thePapersExperiments();
    void writes_theirRecipes();

private:
    QString path(const QString& name) const { return m_folder.filePath(name); }
    CliResult run(const QStringList& arguments) const { return runCli(arguments, m_folder.path()); }

    const QTemporaryDir m_folder;
};

void TestCompareRuns::initTestCase()
{
    qputenv("OMP_NUM_THREADS", "1"); // two threads would wait for each other on a busy machine
    qputenv("XDG_CACHE_HOME", path("cache").toUtf8());
    writeTinyModel(path("tiny").toStdString());
    writeTinyBatches(path("batches.safetensors").toStdString(), 4);
    QCOMPARE(run({"train",    "--model",  "tiny",    "--batches", "batches.safetensors",
                  "--method", "pissa",    "--twin",  "lora",      "--rank",
                  "8",        "--alpha",  "8",       "--lr",      "1e-3",
                  "--dtype",  "float32",  "--steps", "4",         "--checkpoint-every",
                  "2",        "--device", "cpu",     "--threads", "1",
                  "-o",       "twins"})
                 .exitCode,
             0);
}

void TestCompareRuns::prints_theContract()
{
    const CliResult result = run({"compare", "twins", "--json"});
    QCOMPARE(result.exitCode, 0);
    const QJsonObject json = result.json();
    QCOMPARE(json["runs"].toArray().size(), 2);
    QCOMPARE(json["update"].toArray().size(), 2 * int(kTinyModules));
    for (const QJsonValue& one : json["update"].toArray()) {
        QVERIFY(one["norm"].toDouble() > 0.0);
        QVERIFY(one["relative_norm"].toDouble() > 0.0);
        QVERIFY(one["effective_rank"].toDouble() >= 1.0);
    }
    QCOMPARE(json["differences"].toArray().first()["key"].toString(), QString("method"));
    QVERIFY(!json["sentence"].toString().isEmpty());
    for (const QJsonValue& one : json["claims"].toArray()) {
        QCOMPARE(one["verdict"].toString(), QString("no difference can be shown")); // one seed each
    }
    const CliResult bare = run({"compare", "twins/pissa", "--no-update", "--json"});
    QCOMPARE(bare.exitCode, 0);
    QVERIFY(bare.json()["update"].toArray().isEmpty());
}

void TestCompareRuns::prints_textForPeople()
{
    const CliResult result = run({"compare", "twins/pissa", "twins/lora"});
    QCOMPARE(result.exitCode, 0);
    for (const char* part : {"What differs", "method: pissa | lora", "Where the update went",
                             "effective rank", "fewer parameters"}) {
        QVERIFY2(result.out.contains(part), part);
    }
}

void TestCompareRuns::prints_noOrdersToATerminal()
{
    const QString evil = path("evil\x1b[31m\nerror: name");
    QVERIFY(QDir().mkpath(evil));
    for (const char* file : {"/run.json", "/metrics.jsonl"}) {
        QVERIFY(QFile::copy(path("twins/lora") + file, evil + file));
    }
    QJsonObject spec = jsonObjectOf(evil + "/run.json");
    spec["model"] = "/x/\x1b[31mEVIL\nerror: model";
    QVERIFY(QFile::remove(evil + "/run.json"));
    writeContent(evil + "/run.json", QJsonDocument(spec).toJson());
    const CliResult result = run({"compare", "twins/pissa", evil, "--no-update"});
    QVERIFY2(result.exitCode == 0, result.err.constData());
    QVERIFY(result.out.contains("\\u001b[31mEVIL"));
    QVERIFY(!result.out.contains('\x1b'));
    QVERIFY(!result.out.contains("\nerror:"));
}

void TestCompareRuns::writes_everyForm()
{
    for (const auto& [name, begin] :
         {std::pair {"report.html", "<!DOCTYPE html><!-- generator: pissarro -->"},
          std::pair {"report.md", "<!-- generator: pissarro -->"},
          std::pair {"report.pdf", "%PDF-1.7"}, std::pair {"report.json", "{"}}) {
        const QStringList line {"compare", "twins", "-o", name};
        QCOMPARE(run(line).exitCode, 0);
        QVERIFY2(contentOf(path(name)).startsWith(begin), name);
        const CliResult again =
            run(line); // what is there is refused, and replaced where that is meant
        QCOMPARE(again.exitCode, 3);
        QVERIFY(again.hasOneError({name, "--force"}));
        QCOMPARE(run(line + QStringList {"--force"}).exitCode, 0);
    }
    QCOMPARE(jsonObjectOf(path("report.json"))["runs"].toArray().size(), 2);
    QVERIFY(contentOf(path("report.html")).contains("pissarro-cli compare twins -o report.html"));
}

void TestCompareRuns::writes_aRankMapThatTrainTakes()
{
    const CliResult result =
        run({"compare", "twins", "--rank-map", "ranks.json", "--rank-map-of", "lora"});
    QCOMPARE(result.exitCode, 0);
    const QJsonObject map = jsonObjectOf(path("ranks.json"));
    QCOMPARE(map["rank_pattern"].toObject().size(), int(kTinyModules));
    for (const QJsonValue& rank : map["rank_pattern"].toObject()) {
        QVERIFY(rank.toInt() >= 1 && rank.toInt() <= 8);
    }
    const CliResult next =
        run({"train",    "--model", "tiny",       "--batches",  "batches.safetensors",
             "--method", "lora",    "--rank-map", "ranks.json", "--lr",
             "1e-3",     "--dtype", "float32",    "--steps",    "1",
             "--device", "cpu",     "--threads",  "1",          "-o",
             "next"});
    QCOMPARE(next.exitCode, 0);
    QCOMPARE(jsonObjectOf(path("next/run.json"))["run"].toObject()["trainable_parameters"].toInt(),
             map["parameters"].toInt());
}

void TestCompareRuns::lays_evaluationsIn()
{
    QDir(m_folder.path()).mkpath("eval");
    QFile summary(path("eval/summary.json"));
    QVERIFY(summary.open(QIODevice::WriteOnly));
    summary.write(R"({"task": "gsm8k", "questions": 4, "models": [
        {"name": "pissa", "correct": 3, "questions": 4}, {"name": "lora", "correct": 1, "questions": 4}]})");
    summary.close();
    const CliResult result = run({"compare", "twins", "--eval", "eval", "-o", "scores.md"});
    QCOMPARE(result.exitCode, 0);
    const QByteArray text = contentOf(path("scores.md"));
    QVERIFY(text.contains("75.0 %") && text.contains("25.0 %"));
}

void TestCompareRuns::refuses_wrongUse_data()
{
    QTest::addColumn<QStringList>("how");
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("part");
    const auto row = [](const char* name, const char* how, int code, const char* part) {
        QTest::newRow(name) << QString(how).split(' ', Qt::SkipEmptyParts) << code << part;
    };
    row("nothing", "", 2, "RUN");
    row("no run", "tiny", 3, "tiny");
    row("not there", "nowhere", 3, "nowhere");
    row("unknown ending", "twins -o refused.docx", 2, ".pdf");
    row("no such folder", "twins -o no/such/refused.html", 3, "no/such");
    row("no such evaluation", "twins --eval tiny", 3, "summary.json");
    row("no such experiment", "twins --paper table99", 3, "table99");
    row("no such module", "twins --modules z_proj", 3, "z_proj");
    row("no map without an update", "twins --no-update --rank-map refused.json", 2, "--rank-map");
    row("a map of nobody", "twins --rank-map refused.json --rank-map-of x", 3, "'x'");
    row("one file twice", "twins -o ./refused.json --rank-map refused.json", 2, "--rank-map");
    row("over a run", "twins -o twins/pissa/run.json", 3, "run.json");
}

void TestCompareRuns::refuses_wrongUse()
{
    QFETCH(QStringList, how);
    QFETCH(int, code);
    QFETCH(QString, part);
    const QByteArray before = contentOf(path("twins/pissa/run.json"));
    const CliResult result = run(QStringList {"compare"} + how);
    QCOMPARE(result.exitCode, code);
    QVERIFY2(result.hasOneError({part}), result.err.constData());
    for (const char* name : {"refused.docx", "refused.json"}) {
        QVERIFY(!QFile::exists(path(name)));
    }
    QCOMPARE(contentOf(path("twins/pissa/run.json")), before);
}

void TestCompareRuns::lists_thePapersExperiments()
{
    const CliResult all = run({"paper"});
    QCOMPARE(all.exitCode, 0);
    for (const char* key :
         {"table2-llama2-7b", "table6", "table8-llama3-8b", "figure4", "figure7"}) {
        QVERIFY2(all.out.contains(key), key);
    }
    const QJsonArray listed = run({"paper", "--json"}).json()["experiments"].toArray();
    QVERIFY(listed.size() >= 11);
    const QJsonObject one = run({"paper", "table2-llama2-7b", "--json"}).json();
    QVERIFY(!one["figures"].toArray().isEmpty());
    const CliResult unknown = run({"paper", "table99"});
    QCOMPARE(unknown.exitCode, 3);
    QVERIFY(unknown.hasOneError({"table99", "table6"}));
}

void TestCompareRuns::writes_theirRecipes()
{
    QCOMPARE(run({"paper", "figure7", "--model", "tiny", "--data", "d.jsonl", "-o", "sweep.json"})
                 .exitCode,
             0);
    const QJsonObject sweep = jsonObjectOf(path("sweep.json"));
    QCOMPARE(sweep["base"]["model"].toString(), QString("tiny"));
    QCOMPARE(sweep["axes"]["rank"].toArray().size(), 8);
    QCOMPARE(run({"paper", "figure7", "--as", "spec", "-o", "run.json"}).exitCode, 0);
    QCOMPARE(jsonObjectOf(path("run.json"))["rank"].toInt(), 128);
    QCOMPARE(run({"paper", "-o", "refused.json"}).exitCode, 2);
    QVERIFY(!QFile::exists(path("refused.json")));
    QCOMPARE(run({"paper", "table8-llama2-7b", "-o", "refused.json"}).exitCode,
             2); // trains nothing
}

QTEST_GUILESS_MAIN(TestCompareRuns)
#include "tst_compare_runs.moc"
