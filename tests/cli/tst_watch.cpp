// SPDX-License-Identifier: GPL-3.0-or-later
// watch, pause and stop: a run that another process trains, from a second command line.
#include "core/run/run_directory.h"
#include "core/run/run_lock.h"
#include "tests/cli/cli_process.h"
#include "tests/cli/tiny_model.h"
#include "tests/tools/patience.h"

#include <QJsonArray>
#include <QProcess>
#include <QtTest/QtTest>

#include <csignal>

using namespace pissarro;
using namespace pissarro::tests;

class TestWatch : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        writeTinyModel(path("tiny").toStdString());
        writeTinyBatches(path("batches.safetensors").toStdString(), 4);
    }

    void cleanup()
    {
        if (m_trainer.state() != QProcess::NotRunning) {
            m_trainer.kill();
            m_trainer.waitForFinished(hangMs());
        }
    }

    void aRun_isWatchedPausedAndStopped()
    {
        startTraining({"--twin", "lora", "--steps", "10000000", "-o", path("twins")});
        const CliResult watched =
            runCliUntil({"watch", path("twins")}, "  lora loss ",
                        [](qint64 pid) { ::kill(static_cast<pid_t>(pid), SIGINT); });
        QCOMPARE(watched.exitCode, 130); // the looking, not the run
        QVERIFY2(watched.err.contains("pissa loss"), watched.err.constData());
        QCOMPARE(m_trainer.state(), QProcess::Running);

        const QJsonObject paused = runCli({"pause", path("twins"), "--json"}).json();
        QCOMPARE(stateOf(paused), QStringLiteral("paused"));
        const std::int64_t step = core::readRun(path("twins/pissa").toStdString()).step;
        QTest::qWait(300);
        QCOMPARE(core::readRun(path("twins/pissa").toStdString()).step, step);
        QCOMPARE(stateOf(runCli({"pause", path("twins"), "--go-on", "--json"}).json()),
                 QStringLiteral("running"));
        QTRY_VERIFY(core::readRun(path("twins/pissa").toStdString()).step > step);

        const CliResult stopped = runCli({"stop", path("twins/lora")}); // by one of them
        QVERIFY2(stopped.exitCode == 0, stopped.err.constData());
        QVERIFY2(stopped.out.contains("stopped at step"), stopped.out.constData());
        QVERIFY(m_trainer.waitForFinished(hangMs()));
        QCOMPARE(m_trainer.exitCode(), 0);
        QVERIFY(QFile::exists(path("twins/pissa/adapter/adapter_config.json")));
        QCOMPARE(core::readRun(path("twins/pissa").toStdString()).state, core::RunState::Stopped);
    }

    void aRunThatHasEnded_isToldOnce()
    {
        QCOMPARE(
            runCli(tinyTraining(m_folder.path(), {"--steps", "30", "-o", path("done")})).exitCode,
            0);
        const CliResult watched = runCli({"watch", path("done"), "--last", "3"});
        QVERIFY2(watched.exitCode == 0, watched.err.constData());
        QVERIFY(watched.out.contains("finished, 30 steps"));
        QCOMPARE(watched.err.count("\nstep "), 3);
        QVERIFY(watched.err.contains("step 28/30") && !watched.err.contains("step 27/30"));
        const CliResult order = runCli({"stop", path("done")});
        QCOMPARE(order.exitCode, 3);
        QVERIFY(order.hasOneError({"nobody trains there", "finished"}));
    }

    void aKilledRun_isAFailure()
    {
        startTraining({"--steps", "10000000", "-o", path("killed")});
        QTRY_VERIFY(core::RunLock::isHeld(path("killed").toStdString()));
        const CliResult watched =
            runCliUntil({"watch", path("killed")}, "step ", [this](qint64) { m_trainer.kill(); });
        QCOMPARE(watched.exitCode, 1);
        QVERIFY2(watched.hasOneError({"interrupted at step"}), watched.err.constData());
    }

    void whereNoRunIs_isSaid()
    {
        for (const char* verb : {"watch", "pause", "stop"}) {
            const CliResult result = runCli({verb, path("nowhere")});
            QVERIFY2(result.exitCode == 3, verb);
            QVERIFY(result.hasOneError({"nowhere", "no run is there"}));
            QCOMPARE(runCli({verb}).exitCode, 2);
        }
    }

private:
    QString path(const QString& name) const { return m_folder.filePath(name); }
    static QString stateOf(const QJsonObject& told)
    {
        return told["runs"].toArray().at(0).toObject()["state"].toString();
    }
    void startTraining(const QStringList& more)
    {
        // Read by nobody while a verb is waited for: a full pipe would hold the trainer up.
        m_trainer.setStandardOutputFile(QProcess::nullDevice());
        m_trainer.setStandardErrorFile(QProcess::nullDevice());
        m_trainer.start(QStringLiteral(PISSARRO_CLI), tinyTraining(m_folder.path(), more));
        QVERIFY(m_trainer.waitForStarted(hangMs()));
        // Until a step of the last of its runs is done.
        const QString run = more.back() + (more.contains("--twin") ? "/lora" : "");
        QTRY_VERIFY(QFileInfo(run + "/metrics.jsonl").size() > 0);
    }

    QTemporaryDir m_folder;
    QProcess m_trainer;
};

QTEST_GUILESS_MAIN(TestWatch)
#include "tst_watch.moc"
