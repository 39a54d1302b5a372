// SPDX-License-Identifier: GPL-3.0-or-later
// runs: the list with filter, order and groups, what is said of runs, the trash, and runs of other programs.
#include "core/run/failed_start.h"
#include "core/run/run_directory.h"
#include "core/run/run_place.h"
#include "core/text/number_text.h"
#include "tests/cli/cli_process.h"

#include <QJsonArray>
#include <QtTest/QtTest>

#include <fstream>

using namespace pissarro;
using namespace pissarro::tests;

class TestRuns : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void lists_byFilterAndOrder();
    void prints_textForPeople();
    void prints_noOrdersToATerminal();
    void keeps_whatIsSaid();
    void says_nothingInsideOfARun();
    void trashes_andBringsBack();
    void lists_runsOfOthers();
    void lists_whatIsBroken();
    void lists_aStartThatFailed();
    void refuses_data();
    void refuses();

private:
    QString path(const QString& name) const { return m_folder->filePath(name); }
    CliResult run(const QStringList& arguments) const
    {
        return runCli(arguments, m_folder->path());
    }
    // Names in the order in which they are listed.
    QStringList names(const QStringList& more) const
    {
        const CliResult result = run(QStringList {"runs", "runs", "--json"} + more);
        QStringList all;
        for (const QJsonValue& one : result.json()["runs"].toArray()) {
            all << one["name"].toString();
        }
        return all;
    }
    void writeOne(const QString& name, const char* method, int rank, double loss) const;

    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestRuns::writeOne(const QString& name, const char* method, int rank, double loss) const
{
    const QString folder = path("runs/" + name);
    QVERIFY(QDir().mkpath(folder));
    core::RunSummary run;
    run.directory = folder.toStdString();
    run.spec.model = "/models/SmolLM2";
    run.spec.data = "/data/gsm8k_train.jsonl";
    run.spec.method = core::methodNamed(method);
    run.spec.rank = rank;
    run.startedAt = "2026-11-2" + std::to_string(rank) + "T10:00:00Z";
    run.steps = 20;
    run.state = core::RunState::Finished;
    core::writeRun(run);
    core::StepRecord record;
    record.step = 20;
    record.loss = loss;
    record.tokens = 1000;
    record.elapsedS = 10.0;
    std::ofstream((folder + "/metrics.jsonl").toStdString()) << record.toJson() << '\n';
}

void TestRuns::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    qputenv("XDG_DATA_HOME", path("data").toUtf8());
    writeOne("a", "pissa", 2, 0.5);
    writeOne("b", "lora", 4, 0.25);
    writeOne("c", "pissa", 8, 1.5);
}

void TestRuns::lists_byFilterAndOrder()
{
    QCOMPARE(names({}), (QStringList {"c", "b", "a"})); // the newest first
    QCOMPARE(names({"--sort", "last_loss"}), (QStringList {"c", "a", "b"}));
    QCOMPARE(names({"--sort", "loss", "--ascending"}), (QStringList {"b", "a", "c"}));
    QCOMPARE(names({"--sort", "name"}), (QStringList {"a", "b", "c"}));
    QCOMPARE(names({"--filter", "pissa rank>=4"}), QStringList {"c"});
    QCOMPARE(names({"--filter", "loss<1 gsm8k"}), (QStringList {"b", "a"}));
    QCOMPARE(names({"--limit", "1"}), QStringList {"c"});
    const CliResult result = run({"runs", "runs/a", "--json", "--columns", "rank,warmup_ratio"});
    QCOMPARE(result.exitCode, 0);
    const QJsonValue one = result.json()["runs"].toArray().at(0);
    QCOMPARE(one["path"].toString(), path("runs/a"));
    QCOMPARE(one["state"].toString(), QString("finished"));
    QCOMPARE(one["step"].toInt(), 20);
    QCOMPARE(one["last_loss"].toDouble(), 0.5);
    QCOMPARE(one["tokens_per_s"].toDouble(), 100.0);
    QCOMPARE(one["rank"].toInt(), 2);
    QVERIFY(one["warmup_ratio"].isDouble());
    QVERIFY(one["best_eval_loss"].isNull()); // never evaluated
    QVERIFY(run({"runs", "--json"}).json()["runs"].toArray().isEmpty()); // the default place
}

void TestRuns::prints_textForPeople()
{
    const CliResult result = run({"runs", "runs", "--group", "data", "--columns", "rank"});
    QCOMPARE(result.exitCode, 0);
    for (const char* part :
         {"gsm8k_train.jsonl\n", "name", "LoRA", "20/20", "0.25", "finished", "rank"}) {
        QVERIFY2(result.out.contains(part), part);
    }
    QCOMPARE(run({"runs", "data", "--filter", "nothing"}).exitCode, 3); // there is no such folder
    QCOMPARE(run({"runs", "runs", "--filter", "nothing"}).out, QByteArray("no runs\n"));
}

// Into a pipe too: what comes out of it may be shown on a terminal later.
void TestRuns::prints_noOrdersToATerminal()
{
    const std::string order = "\x1b[31mEVIL\x1b]0;t\x07";
    core::RunSummary evil;
    evil.directory = path(QString::fromStdString("runs/" + order + "\nerror: name")).toStdString();
    QVERIFY(QDir().mkpath(QString::fromStdString(evil.directory.string())));
    evil.spec.model = "/x/" + order;
    evil.spec.data = "/x/d\nerror: data.jsonl";
    evil.state = core::RunState::Failed;
    evil.message = "\x1b[2Jgone\nerror: message";
    evil.device = "\x1b[5mdev\nerror: device";
    core::writeRun(evil);
    const QByteArray folder = QByteArray::fromStdString(evil.directory.string());
    for (const QStringList& line :
         {QStringList {"runs", "runs", "--columns", "model,data,computed_on", "--group", "data"},
          QStringList {"watch", QString::fromUtf8(folder)}}) {
        const CliResult result = run(line);
        QVERIFY(result.out.contains("\\u001b[2Jgone"));
        QVERIFY(!result.out.contains('\x1b') && !result.out.contains('\x07'));
        QVERIFY(!result.out.contains("\nerror:"));
        QVERIFY(!result.err.contains('\x1b'));
    }
}

void TestRuns::keeps_whatIsSaid()
{
    QCOMPARE(run({"runs", "runs", "--filter", "pissa", "--tag", "paper", "--tag", "x", "--pin"})
                 .exitCode,
             0);
    QCOMPARE(names({"--filter", "tag=paper"}), (QStringList {"c", "a"}));
    QCOMPARE(run({"runs", "runs/a", "--untag", "x", "--unpin", "--rename", "the good one", "--note",
                  "rank 2\nis enough", "--colour", "#3b82f6"})
                 .exitCode,
             0);
    const QJsonValue one = run({"runs", "runs/a", "--json"}).json()["runs"].toArray().at(0);
    QCOMPARE(one["name"].toString(), QString("the good one"));
    QCOMPARE(one["tags"].toArray(), QJsonArray {"paper"});
    QCOMPARE(one["colour"].toString(), QString("#3b82f6"));
    QVERIFY(!one["pinned"].toBool());
    QCOMPARE(names({"--filter", "enough"}), QStringList {"the good one"});
    QCOMPARE(run({"runs", "runs", "--filter", "pinned=yes", "--archive"}).exitCode, 0);
    QCOMPARE(names({}), (QStringList {"b", "the good one"}));
    QCOMPARE(names({"--archived"}), (QStringList {"c", "b", "the good one"}));
    QCOMPARE(names({"--filter", "archived=yes"}), QStringList {"c"});
    QCOMPARE(run({"runs", "runs/c", "--unarchive", "--rename", ""}).exitCode, 0);
    QCOMPARE(names({}).size(), 3);
}

void TestRuns::says_nothingInsideOfARun()
{
    QCOMPARE(run({"runs", "runs/a", "--tag", "t"}).exitCode, 0);
    QCOMPARE(QDir(path("runs/a")).entryList(QDir::Files | QDir::Hidden),
             (QStringList {"metrics.jsonl", "run.json"}));
    QVERIFY(QFileInfo::exists(path("runs/pissarro-project.json")));
    QVERIFY(contentOf(path("runs/pissarro-project.json")).contains("\"a\""));
}

void TestRuns::trashes_andBringsBack()
{
    QCOMPARE(run({"runs", "runs/b", "--tag", "keep"}).exitCode, 0);
    const CliResult gone = run({"runs", "runs/b", "runs/c", "--trash"});
    QCOMPARE(gone.exitCode, 0);
    QVERIFY(gone.err.contains("trash"));
    QVERIFY(!QFileInfo::exists(path("runs/b")) && !QFileInfo::exists(path("runs/c")));
    QCOMPARE(names({}), QStringList {"a"});
    QCOMPARE(run({"runs", "runs/b", "--restore"}).exitCode, 0);
    QCOMPARE(names({"--filter", "tag=keep"}), QStringList {"b"});
    QVERIFY(run({"runs", "runs/b", "--restore"}).hasOneError({"runs/b"}));
    QCOMPARE(run({"runs", "runs/c", "--restore"}).exitCode, 0);
    QCOMPARE(names({}).size(), 3);
}

void TestRuns::lists_runsOfOthers()
{
    QVERIFY(QDir().mkpath(path("runs/hf")));
    writeContent(path("runs/hf/trainer_state.json"),
                 "{\"max_steps\": 9, \"log_history\": [{\"step\": 1, \"loss\": 2.0},"
                 " {\"step\": 3, \"loss\": 1.25}]}");
    QVERIFY(QDir().mkpath(path("runs/factory")));
    writeContent(path("runs/factory/trainer_log.jsonl"),
                 "{\"current_steps\": 5, \"total_steps\": 10, \"loss\": 0.75}\n");
    QCOMPARE(names({"--sort", "name"}).size(), 5);
    const CliResult result = run({"runs", "runs/hf", "--json"});
    const QJsonValue one = result.json()["runs"].toArray().at(0);
    QCOMPARE(one["trainer"].toString(), QString("Hugging Face Trainer"));
    QCOMPARE(one["step"].toInt(), 3);
    QCOMPARE(one["steps"].toInt(), 9);
    QCOMPARE(one["last_loss"].toDouble(), 1.25);
    QVERIFY(one["rank"].isUndefined());
    const QJsonValue file =
        run({"runs", "runs/factory/trainer_log.jsonl", "--json"}).json()["runs"].toArray().at(0);
    QCOMPARE(file["last_loss"].toDouble(), 0.75);
    QCOMPARE(names({"--filter", "rank=16"}), QStringList()); // of others nothing is known
    QCOMPARE(run({"runs", "runs/hf", "--tag", "theirs"}).exitCode, 0);
    QCOMPARE(names({"--filter", "tag=theirs"}), QStringList {"hf"});
}

void TestRuns::lists_whatIsBroken()
{
    QVERIFY(QDir().mkpath(path("runs/torn")));
    writeContent(path("runs/torn/run.json"), "{\"method\": \"pi");
    const CliResult result = run({"runs", "runs"});
    QCOMPARE(result.exitCode, 0);
    QVERIFY(result.out.contains("unreadable") && result.out.contains("run.json"));
    QCOMPARE(run({"runs", "runs", "--json"}).json()["runs"].toArray().size(), 4);
}

// A run that a window ordered and that failed before it was one: its folder holds what was ordered, and why it ended.
void TestRuns::lists_aStartThatFailed()
{
    const std::filesystem::path folder = path("runs/start").toStdString();
    core::RunSpec spec;
    spec.model = "/models/none";
    spec.data = "/data/rows.jsonl";
    spec.rank = 12;
    const core::Method lora = core::methodNamed("lora");
    core::claimRunDirectory(folder, {spec.method, lora}, {});
    core::writeOrdered(folder, spec, {{lora, 1e-3}});
    QCOMPARE(names({}).size(), 3); // its trainer may just begin
    QVERIFY(run({"runs", "runs/start", "--trash"}).hasOneError({"runs/start", "stop it first"}));
    writeContent(path("runs/start/worker.log"), "error: /models/none: is \x1b[31mnot there\n");
    const CliResult result = run({"runs", "runs/start", "--json"});
    const QJsonValue one = result.json()["runs"].toArray().at(0);
    QCOMPARE(one["state"].toString(), QString("failed"));
    QCOMPARE(one["rank"].toInt(), 12);
    QCOMPARE(one["model"].toString(), QString("/models/none"));
    QVERIFY(one["message"].toString().startsWith("/models/none: is "));
    QVERIFY(one["last_loss"].isNull());
    const CliResult text = run({"runs", "runs"});
    QVERIFY(text.out.contains("start: failed before it began: /models/none: is "));
    QVERIFY(!text.out.contains('\x1b'));
    const QString again =
        QString("pissarro-cli train %1/spec.json --twin lora --twin-lr lora=%2 -o %1")
            .arg(path("runs/start"), QString::fromStdString(core::numberText(1e-3)));
    QCOMPARE(one["start_again"].toString(), again);
    QVERIFY(text.out.contains("start it again with: " + again.toUtf8()));
    QCOMPARE(names({"--filter", "rank=12 state=failed"}), QStringList {"start"});
    QCOMPARE(run({"runs", "runs/start", "--trash"}).exitCode, 0);
    QVERIFY(!QFileInfo::exists(path("runs/start")));
    QCOMPARE(run({"runs", "runs/start", "--restore"}).exitCode, 0);
    QCOMPARE(names({}).size(), 4);
}

void TestRuns::refuses_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<int>("exitCode");
    QTest::newRow("no folder") << QStringList {"none"} << 3;
    QTest::newRow("unknown key") << QStringList {"runs", "--filter", "colour_of_money=3"} << 3;
    QTest::newRow("open quote") << QStringList {"runs", "--filter", "\"a"} << 3;
    QTest::newRow("unknown order") << QStringList {"runs", "--sort", "beauty"} << 3;
    QTest::newRow("unknown column") << QStringList {"runs", "--columns", "beauty"} << 3;
    QTest::newRow("unknown group") << QStringList {"runs", "--group", "beauty"} << 2;
    QTest::newRow("colour") << QStringList {"runs", "--colour", "red"} << 3;
    QTest::newRow("all into the trash") << QStringList {"--trash"} << 2;
    QTest::newRow("by a pattern") << QStringList {"runs", "--filter", "a", "--trash"} << 2;
    QTest::newRow("a folder of runs") << QStringList {"runs", "--trash"} << 3;
    QTest::newRow("one name for two") << QStringList {"runs/a", "runs/b", "--rename", "x"} << 2;
    QTest::newRow("both") << QStringList {"runs/a", "--pin", "--unpin"} << 2;
}

void TestRuns::refuses()
{
    QFETCH(const QStringList, arguments);
    QFETCH(const int, exitCode);
    const CliResult result = run(QStringList {"runs"} + arguments);
    QCOMPARE(result.exitCode, exitCode);
    QVERIFY2(result.hasOneError(), result.err.constData());
    QCOMPARE(names({"--archived"}).size(), 3); // nothing was touched
}

QTEST_GUILESS_MAIN(TestRuns)
#include "tst_runs.moc"
