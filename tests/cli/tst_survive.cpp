// SPDX-License-Identifier: GPL-3.0-or-later
// A run that is killed, starved of disk, or loses its folder: what is left must go on to the same numbers.
#include "core/format/safetensors.h"
#include "core/run/run_directory.h"
#include "core/run/run_lock.h"
#include "tests/cli/cli_process.h"
#include "tests/cli/faulty_run.h"
#include "tests/cli/tiny_model.h"
#include "tests/tools/patience.h"

#include <QProcess>
#include <QScopeGuard>
#include <QtTest/QtTest>

#include <csignal>
#include <unistd.h>

using namespace pissarro;
using namespace pissarro::tests;

namespace {

constexpr int kSteps = 60;

// Micro-batches [7, 16, 1024] of which the first six are padding but for 12 tokens a row.
void writeGrowingBatches(const std::filesystem::path& file)
{
    constexpr std::int64_t kBatches = 7;
    constexpr std::int64_t kRows = 16;
    constexpr std::int64_t kLength = 1024;
    constexpr std::int64_t kShort = 12;
    std::vector<std::int64_t> ids;
    std::vector<std::int64_t> mask;
    for (std::int64_t i = 0; i < kBatches * kRows * kLength; ++i) {
        ids.push_back((i * 7) % kTinyVocabulary);
        mask.push_back(i / (kRows * kLength) + 1 == kBatches || i % kLength < kShort ? 1 : 0);
    }
    const std::vector<std::int64_t> shape {kBatches, kRows, kLength};
    core::SafetensorsWriter writer(file,
                                   {{"input_ids", core::DType::I64, shape},
                                    {"labels", core::DType::I64, shape},
                                    {"attention_mask", core::DType::I64, shape}});
    for (const auto& tensor : {std::cref(ids), std::cref(ids), std::cref(mask)}) {
        writer.append(tensor.get().data(), tensor.get().size() * sizeof(std::int64_t));
    }
    writer.commit();
}

} // namespace

class TestSurvive : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        writeTinyModel(path("tiny").toStdString());
        writeTinyBatches(path("batches.safetensors").toStdString(), 4);
    }

    // Twins, a checkpoint at every step: kills at calls that write, make durable and move into place, wherever these are in
    // a run by then, and at words that it says.
    void kills_endInTheSameCurves()
    {
        if (kSanitized) {
            QSKIP(kSanitizedReason);
        }
        const QStringList twins = command(
            {"--twin", "lora", "--steps", QString::number(kSteps), "--checkpoint-every", "1"});
        QCOMPARE(runCli(twins + QStringList {"-o", path("whole")}).exitCode, 0);
        int between = 0; // kills that left a half-written checkpoint behind
        for (const char* fault :
             {"kill rename 1", "kill write 30", "kill fsync 20", "kill rename 9", "kill write 77",
              "kill fsync 1", "kill write 51", "kill rename 16", "kill fsync 33"}) {
            const Ending ended = runCliUnder({fault}, twins + goOn(), m_folder.path());
            QVERIFY2(ended.killed, fault);
            between += halfWritten();
        }
        for (const char* word : {"ready after", "step 30/", "step 50/"}) {
            runCliUntil(twins + goOn(), word,
                        [](qint64 pid) { ::kill(static_cast<pid_t>(pid), SIGKILL); });
            between += halfWritten();
        }
        QVERIFY2(between > 0, "no kill came between a checkpoint's files");
        const CliResult last = runCli(twins + goOn());
        QVERIFY2(last.exitCode == 0, last.err.right(2000).constData());
        for (const char* method : {"/pissa", "/lora"}) {
            QVERIFY(metricsOf(path("place/killed") + method) == metricsOf(path("whole") + method));
            QCOMPARE(
                contentOf(path("place/killed") + method + "/adapter/adapter_model.safetensors"),
                contentOf(path("whole") + method + "/adapter/adapter_model.safetensors"));
            // Nothing half-written stays: two checkpoints, the last being the end.
            const QStringList kept =
                QDir(path("place/killed") + method + "/checkpoints")
                    .entryList(QDir::Dirs | QDir::Hidden | QDir::NoDotAndDotDot);
            QCOMPARE(kept.size(), 2);
            QVERIFY(kept.contains("step-" + QString::number(kSteps)));
        }
    }

    void aSecondProgram_isKeptOff()
    {
        const QStringList run = command({"--steps", "1000000", "-o", path("busy")});
        runCliUntil(run, "step 2/", [&](qint64 pid) {
            QCOMPARE(core::readRun(path("busy").toStdString()).state, core::RunState::Running);
            const CliResult second = runCli(run + QStringList {"--resume"});
            QVERIFY(second.exitCode != 0);
            QVERIFY(second.hasOneError({"busy", "another program"}));
            ::kill(static_cast<pid_t>(pid), SIGKILL);
        });
        QCOMPARE(core::readRun(path("busy").toStdString()).state, core::RunState::Interrupted);
    }

    void aCutCheckpoint_isPassedOver()
    {
        const QStringList run = command({"--steps", "6", "--checkpoint-every", "2"});
        QCOMPARE(runCli(run + QStringList {"-o", path("cut")}).exitCode, 0);
        const QList<QJsonObject> whole = metricsOf(path("cut"));
        QFile state(path("cut/checkpoints/step-6/state.safetensors"));
        QVERIFY(state.resize(state.size() / 2));
        const CliResult resumed = runCli({"train", "--resume", "-o", path("cut")});
        QCOMPARE(resumed.exitCode, 0);
        QVERIFY(!resumed.err.contains("step 4/")); // from 4 on, not from the start
        QVERIFY(resumed.err.contains("step 5/"));
        QCOMPARE(metricsOf(path("cut")), whole);
    }

    void aForeignCheckpoint_isRefused()
    {
        QCOMPARE(runCli(command({"--steps", "2", "-o", path("mine")})).exitCode, 0);
        QStringList other = command({"--steps", "2", "-o", path("other")});
        other[other.indexOf("--rank") + 1] = "2";
        QCOMPARE(runCli(other).exitCode, 0);
        QVERIFY(QDir(path("mine/checkpoints")).removeRecursively());
        QVERIFY(QFile::rename(path("other/checkpoints"), path("mine/checkpoints")));
        const CliResult result = runCli({"train", "--resume", "-o", path("mine")});
        QCOMPARE(result.exitCode, 3);
        QVERIFY2(result.hasOneError({"mine/run.json", "rank is '4'",
                                     "'2' in the checkpoint of step 2", "another run's"}),
                 result.err.constData());
    }

    void aFolderThatVanishes_endsTheRun()
    {
        const QString run = path("vanishing");
        const CliResult result =
            runCliUntil(command({"--steps", "1000000", "-o", run}), "step 2/",
                        [&](qint64) { // in one go: it writes while a folder is emptied
                            QVERIFY(QDir().rename(run, path("taken")));
                        });
        QVERIFY(result.exitCode > 0);
        QVERIFY2(result.hasOneError({"vanishing", "moved or removed"}),
                 result.err.right(600).constData());
        QVERIFY(!QFile::exists(run + "/run.json"));
    }

    // Nor does its end bring it back, where no step is taken meanwhile.
    void aFolderThatVanishesInAPause_staysAway()
    {
        const QString run = path("paused");
        const CliResult result =
            runCliUntil(command({"--steps", "1000000", "-o", run}), "step 2/", [&](qint64 process) {
                core::giveOrder(run.toStdString(), process, core::RunOrder::Pause);
                QTRY_VERIFY_WITH_TIMEOUT(
                    core::readRun(run.toStdString()).state == core::RunState::Paused, hangMs());
                QVERIFY(QDir().rename(run, path("takenInThePause")));
                ::kill(static_cast<pid_t>(process), SIGINT);
            });
        QVERIFY(result.exitCode > 0);
        QVERIFY2(result.hasOneError({"paused", "moved or removed"}),
                 result.err.right(600).constData());
        QVERIFY(!QFile::exists(run + "/run.json"));
        QVERIFY(!QFile::exists(run + "/checkpoints"));
        QVERIFY(!QFile::exists(run + "/adapter"));
    }

    // Six small batches and a seventh that needs far more memory than the first six took, under a limit between the two.
    void exhaustedMemory_losesNothing()
    {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
        QSKIP("sanitizers reserve more address space than any limit");
#endif
        writeGrowingBatches(path("growing.safetensors").toStdString());
        QStringList run = command({"--steps", "7", "--checkpoint-every", "2"});
        run[run.indexOf("--batches") + 1] = path("growing.safetensors");
        QCOMPARE(runCli(run + QStringList {"-o", path("roomy")}).exitCode, 0);

        // A thread's own arena asks for 128 MB of addresses for a moment, which would be room for the seventh batch.
        qputenv("MALLOC_ARENA_MAX", "1");
        const auto arenas = qScopeGuard([] { qunsetenv("MALLOC_ARENA_MAX"); });
        QByteArray limit;
        QStringList small = run;
        small[small.indexOf("--steps") + 1] = "6";
        runCliUntil(small + QStringList {"-o", path("probe")}, "step 6/", [&](qint64 pid) {
            const QByteArray status = contentOf(QString("/proc/%1/status").arg(pid));
            const qsizetype at = status.indexOf("VmPeak:");
            limit = status.mid(at + 7, status.indexOf("kB", at) - at - 7).trimmed();
        });
        QVERIFY(limit.toLongLong() > 0);
        QProcess process;
        process.start("prlimit",
                      QStringList {"--as=" + QString::number((limit.toLongLong() + 20'000) * 1024),
                                   QStringLiteral(PISSARRO_CLI)}
                          + run + QStringList {"-o", path("starved")});
        QVERIFY(process.waitForFinished(hangMs()));
        const QByteArray err = process.readAllStandardError();
        QVERIFY2(process.exitStatus() == QProcess::NormalExit && process.exitCode() > 0,
                 err.right(800).constData());
        QVERIFY2(err.contains("error: ") && err.contains("too little memory"),
                 err.right(800).constData());
        const auto summary = core::readRun(path("starved").toStdString());
        QCOMPARE(summary.state, core::RunState::Failed);
        QVERIFY(summary.message.find("too little memory") != std::string::npos);
        QCOMPARE(runCli({"train", "--resume", "-o", path("starved")}).exitCode, 0);
        QCOMPARE(metricsOf(path("starved")), metricsOf(path("roomy")));
    }

    // A small tmpfs of its own name space, so that nothing is left mounted: the run must end by itself, leave its last
    // checkpoint whole, and go on once there is room.
    void aFullDisk_losesNothing()
    {
        const QString script =
            QStringLiteral("mount -t tmpfs -o size=1m tmpfs \"$1\" || exit 77\n"
                           "shift; out=$1; shift\n"
                           "\"$@\" -o \"$out\" >/dev/null; echo \"first $?\" >&2\n"
                           "mount -o remount,size=64m tmpfs \"$(dirname \"$out\")\"\n"
                           "\"$@\" --resume -o \"$out\" >/dev/null; echo \"second $?\" >&2\n"
                           "cat \"$out/metrics.jsonl\"\n");
        QVERIFY(QDir().mkpath(path("disk")));
        // Metrics and events of 3000 steps are more than the disk holds.
        const QStringList run = command({"--steps", "3000", "--checkpoint-every", "50"});
        QProcess process;
        process.start("unshare",
                      QStringList {"--mount", "sh", "-c", script, "sh", path("disk"),
                                   path("disk/run"), QStringLiteral(PISSARRO_CLI)}
                          + run);
        QVERIFY(process.waitForFinished(hangMs()));
        const QByteArray err = process.readAllStandardError();
        if (process.exitCode() == 77 || err.contains("unshare")) {
            QSKIP("no right to mount a tmpfs");
        }
        QVERIFY2(err.contains("first 3") && err.contains("No space left"),
                 err.right(800).constData());
        QVERIFY2(err.contains("second 0"), err.right(800).constData());
        QCOMPARE(runCli(run + QStringList {"-o", path("undisturbed")}).exitCode, 0);
        QVERIFY(QDir().mkpath(path("full")));
        QFile metrics(path("full/metrics.jsonl"));
        QVERIFY(metrics.open(QIODevice::WriteOnly));
        metrics.write(process.readAllStandardOutput());
        metrics.close();
        const QList<QJsonObject> found = metricsOf(path("full"));
        const QList<QJsonObject> wanted = metricsOf(path("undisturbed"));
        QCOMPARE(found.size(), wanted.size());
        for (qsizetype i = 0; i < found.size(); ++i) {
            QCOMPARE(found[i], wanted[i]);
        }
    }

    // The room for a checkpoint is gone: the adapter, which was written before it, is there and is the last step's.
    void whereNoCheckpointFits_theAdapterIsThere()
    {
        if (kSanitized) {
            QSKIP(kSanitizedReason);
        }
        const QString run = path("noroom");
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert("LD_PRELOAD", PISSARRO_FAULTS);
        environment.insert("PISSARRO_FAULT", "nospace write 1");
        environment.insert("PISSARRO_FAULT_BELOW", run + "/checkpoints");
        QProcess process;
        process.setProcessEnvironment(environment);
        process.start(QStringLiteral(PISSARRO_CLI), command({"--steps", "3", "-o", run}));
        QVERIFY(process.waitForFinished(hangMs()));
        const QByteArray err = process.readAllStandardError();
        QVERIFY2(process.exitStatus() == QProcess::NormalExit && process.exitCode() > 0,
                 err.right(800).constData());
        QVERIFY2(err.contains("No space left"), err.right(800).constData());
        // What is there stands first; there is nothing to go on from, and each thing is said once.
        QVERIFY2(err.contains("adapter/ of step 3 is written, its checkpoint is not: "),
                 err.right(800).constData());
        QVERIFY2(!err.contains("--resume"), err.right(800).constData());
        QVERIFY(QDir(run + "/checkpoints").entryList({"step-*"}, QDir::Dirs).isEmpty());
        const auto summary = core::readRun(run.toStdString());
        QCOMPARE(summary.state, core::RunState::Failed);
        QCOMPARE(summary.adapterStep, std::int64_t {3});
        const QByteArray said = QByteArray::fromStdString(summary.message);
        QVERIFY2(said.startsWith("adapter/ of step 3 is written") && said.count("No space") == 1,
                 said.constData());
        const QString adapter = "/adapter/adapter_model.safetensors";
        QCOMPARE(runCli(command({"--steps", "3", "-o", path("room")})).exitCode, 0);
        QVERIFY(!contentOf(run + adapter).isEmpty());
        QCOMPARE(contentOf(run + adapter), contentOf(path("room") + adapter));
    }

private:
    // How many checkpoints of the killed run are no more than begun; its state is told right meanwhile.
    int halfWritten() const
    {
        int count = 0;
        for (const QString method : {"pissa", "lora"}) {
            QDirIterator left(path("place/killed/") + method + "/checkpoints",
                              QDir::Dirs | QDir::Hidden | QDir::NoDotAndDotDot);
            while (left.hasNext()) {
                count += left.next().contains("/step-") ? 0 : 1;
            }
            if (QFile::exists(path("place/killed/") + method + "/run.json")) {
                const auto run = core::readRun((path("place/killed/") + method).toStdString());
                if (run.state != core::RunState::Interrupted) {
                    QTest::qFail(qPrintable(method + " is not told to be interrupted"), __FILE__,
                                 __LINE__);
                }
            }
        }
        return count;
    }

    // Arguments for the killed run: from its start where the kill came before the first run.json.
    QStringList goOn() const
    {
        QStringList more {"-o", path("place/killed")};
        if (QFile::exists(path("place/killed/pissa/run.json"))) {
            more << "--resume"
                 << "--restart"; // a kill may come before the first checkpoint
        }
        return more;
    }
    QString path(const QString& name) const
    {
        return m_folder.filePath(name);
    }
    QStringList command(const QStringList& more) const
    {
        return tinyTraining(m_folder.path(), more);
    }

    const QTemporaryDir m_folder;
};

QTEST_GUILESS_MAIN(TestSurvive)

#include "tst_survive.moc"
