// SPDX-License-Identifier: GPL-3.0-or-later
// SIGTERM in every phase of every verb: it ends with 130, soon, and leaves nothing where its output would be. And a file
// that is cut short under a verb ends it with a line.
#include "tests/cli/measured_cli.h"
#include "tests/cli/stop_rows.h"
#include "tests/cli/tiny_model.h"
#include "tests/tools/patience.h"

#include <QDir>
#include <QDirIterator>
#include <QElapsedTimer>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QScopeGuard>
#include <QTemporaryDir>
#include <QtTest/QtTest>

#include <array>
#include <csignal>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace pissarro::tests;

namespace {

// Processor time of all children that have ended, and of one that runs; in seconds.
double secondsOfEnded()
{
    rusage used {};
    ::getrusage(RUSAGE_CHILDREN, &used);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
    };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

double secondsOf(qint64 pid)
{
    const QByteArray stat = contentOf(QString("/proc/%1/stat").arg(pid));
    const QByteArrayList fields =
        stat.mid(stat.lastIndexOf(')') + 2).split(' '); // from the third on
    return fields.size() < 13 ? 0.0
                              : (fields[11].toDouble() + fields[12].toDouble())
            / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

QStringList contentsOf(const QString& folder)
{
    QStringList names;
    QDirIterator files(folder,
                       QDir::AllEntries | QDir::Hidden | QDir::System | QDir::NoDotAndDotDot,
                       QDirIterator::Subdirectories);
    while (files.hasNext()) {
        names.append(files.next());
    }
    names.sort();
    return names;
}

// A child whose stderr nobody reads and which is full.
pid_t startDeaf(const QStringList& arguments)
{
    std::array<int, 2> ends {};
    if (::pipe2(ends.data(), O_NONBLOCK) != 0) {
        return -1;
    }
    const std::array<char, 4096> filler {};
    while (::write(ends[1], filler.data(), filler.size()) > 0) { }
    while (::write(ends[1], filler.data(), 1) > 0) { }
    ::fcntl(ends[1], F_SETFL, 0); // from here on a write waits
    std::vector<QByteArray> texts {QByteArray(PISSARRO_CLI)};
    for (const QString& argument : arguments) {
        texts.push_back(argument.toUtf8());
    }
    std::vector<char*> pointers;
    for (QByteArray& text : texts) {
        pointers.push_back(text.data());
    }
    pointers.push_back(nullptr);
    const pid_t child = ::fork();
    if (child == 0) {
        ::dup2(ends[1], STDERR_FILENO);
        ::execv(pointers.front(), pointers.data());
        ::_exit(127);
    }
    return child; // both ends stay open: the pipe stays full
}

// Whether the child has come so far that it takes the signal itself.
bool catches(pid_t child, int signal)
{
    const QByteArray status = contentOf(QStringLiteral("/proc/%1/status").arg(child));
    const qsizetype at = status.indexOf("SigCgt:");
    const quint64 caught = status.mid(at + 7, 18).trimmed().toULongLong(nullptr, 16);
    return at >= 0 && (caught >> (signal - 1) & 1) == 1;
}

// Whether the child ended within the time; its status then.
bool endsWithin(pid_t child, int timeoutMs, int* status)
{
    QElapsedTimer clock;
    clock.start();
    while (clock.elapsed() < timeoutMs) {
        if (::waitpid(child, status, WNOHANG) == child) {
            return true;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
}

} // namespace

class TestStop : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        qputenv("PISSARRO_CACHE_MB", "0");
        qputenv("XDG_CACHE_HOME", path("cache").toUtf8());
        writeTinyModel(path("tiny").toStdString());
        writeTinyBatches(path("batches.safetensors").toStdString(), 4);
        m_model = demoModel();
        if (m_model.isEmpty()) {
            return;
        }
        writeStopInputs(m_folder.path());
        const CliResult trained =
            runCli({"train", "--model", m_model, "--batches", path("batches.safetensors"), "--svd",
                    "fast", "--niter", "1", "--rank", "4", "--dtype", "float32", "--steps", "1",
                    "-o", path("run")});
        QVERIFY2(trained.exitCode == 0, trained.err.constData());
    }

    void everyVerb_endsWhenItIsTold_data()
    {
        QTest::addColumn<QStringList>("command");
        QTest::addColumn<QString>("grows");
        QTest::addColumn<int>("afterMs");
        for (const StopRow& row : stopRows(m_folder.path(), m_model)) {
            for (const int after : {30, 700, 3000}) {
                QTest::addRow("%s after %d ms", qPrintable(row.name), after)
                    << row.command << row.grows << after;
            }
        }
    }

    void everyVerb_endsWhenItIsTold()
    {
        QFETCH(QStringList, command);
        QFETCH(QString, grows);
        QFETCH(int, afterMs);
        if (m_model.isEmpty()) {
            QSKIP("SmolLM2 is not there (./dev setup fetches it)");
        }
        QProcess process;
        double before = 0.0;
        begin(process, command, before);
        process.waitForFinished(afterMs);
        if (process.state() == QProcess::NotRunning) {
            QSKIP("it was done before it could be told");
        }
        tell(process, before, {}, grows);
    }

    void everyPhase_endsWhenItIsTold_data()
    {
        QTest::addColumn<QStringList>("command");
        QTest::addColumn<QString>("grows");
        QTest::addColumn<QByteArray>("mark");
        QTest::addColumn<int>("afterMs");
        for (const StopPhase& phase : stopPhases(m_folder.path(), m_model)) {
            QTest::addRow("%s, %d ms in the phase", qPrintable(phase.row.name), phase.afterMs)
                << phase.row.command << phase.row.grows << phase.mark << phase.afterMs;
        }
    }

    // Phases as the verb itself tells of them: they come when they come, on any machine.
    void everyPhase_endsWhenItIsTold()
    {
        QFETCH(QStringList, command);
        QFETCH(QString, grows);
        QFETCH(QByteArray, mark);
        QFETCH(int, afterMs);
        if (m_model.isEmpty()) {
            QSKIP("SmolLM2 is not there (./dev setup fetches it)");
        }
        QProcess process;
        double before = 0.0;
        begin(process, command, before);
        QByteArray err;
        QElapsedTimer clock;
        clock.start();
        const auto isThere = [&] {
            return mark.isEmpty() ? hears(process.processId(), SIGTERM) : err.contains(mark);
        };
        while (!isThere() && clock.elapsed() < hangMs()) {
            QVERIFY2(process.state() != QProcess::NotRunning, err.constData());
            process.waitForReadyRead(5);
            err += process.readAllStandardError();
        }
        QVERIFY2(isThere(), err.constData());
        process.waitForFinished(afterMs);
        QVERIFY2(process.state() != QProcess::NotRunning, err.constData());
        tell(process, before, err, grows);
    }

    void aStepInWork_isGivenUp()
    {
        const QString run = path("given-up");
        if (m_model.isEmpty()) {
            QSKIP("SmolLM2 is not there (./dev setup fetches it)");
        }
        // One step of 512 micro-batches: minutes.
        double before = 0.0;
        double atSignal = 0.0;
        const CliResult result = runCliUntil(
            {"train", "--model", m_model, "--batches", longBatches(), "--method", "lora", "--rank",
             "4", "--dtype", "float32", "--grad-accum", "512", "--steps", "2", "-o", run},
            "ready after", [&](qint64 pid) {
                std::this_thread::sleep_for(std::chrono::milliseconds(700));
                before = secondsOfEnded();
                atSignal = secondsOf(pid);
                ::kill(static_cast<pid_t>(pid), SIGTERM);
            });
        QVERIFY(secondsOfEnded() - before - atSignal < kSoonS);
        QVERIFY2(result.exitCode == 130, result.err.constData());
        const QJsonObject state = jsonObjectOf(run + "/run.json")["run"].toObject();
        QCOMPARE(state["state"].toString(), QString("stopped"));
        QVERIFY(QFile::exists(run + "/adapter/adapter_config.json"));
        QVERIFY(metricsOf(run).isEmpty());
    }

    // A stop between two steps of a run and going on gives the numbers of the run that was not stopped.
    void aStoppedRun_goesOnToTheSameNumbers()
    {
        const QStringList command = tinyTraining(m_folder.path(), {"--steps", "400"});
        QCOMPARE(runCli(command + QStringList {"-o", path("whole")}).exitCode, 0);
        const CliResult first =
            runCliUntil(command + QStringList {"-o", path("parts")}, "step 20/",
                        [](qint64 pid) { ::kill(static_cast<pid_t>(pid), SIGTERM); });
        QVERIFY(first.exitCode == 130 || first.exitCode == 0);
        QCOMPARE(runCli(command + QStringList {"--resume", "-o", path("parts")}).exitCode, 0);
        QVERIFY(metricsOf(path("parts")) == metricsOf(path("whole")));
    }

    // Nobody reads what it says, so every thread that says something waits: the second signal ends it all the same.
    void theSecondSignal_endsItAtOnce()
    {
        const pid_t child =
            startDeaf(tinyTraining(m_folder.path(), {"--steps", "1000000", "-o", path("deaf")}));
        QVERIFY(child > 0);
        int status = 0;
        QTRY_VERIFY_WITH_TIMEOUT(catches(child, SIGTERM), hangMs());
        ::kill(child, SIGTERM);
        QVERIFY(!endsWithin(child, 700, &status)); // it has a word to say first
        ::kill(child, SIGTERM);
        QVERIFY(endsWithin(child, hangMs(), &status));
        QVERIFY(WIFEXITED(status));
        QCOMPARE(WEXITSTATUS(status), 130);
    }

    // What is only measured lies in TMPDIR meanwhile. A second signal takes it away; after a SIGKILL the next start does.
    void whatIsMeasuredInTmp_goes_data()
    {
        QTest::addColumn<int>("signal");
        QTest::newRow("twice SIGTERM") << SIGTERM;
        QTest::newRow("SIGKILL") << SIGKILL;
    }
    void whatIsMeasuredInTmp_goes()
    {
        QFETCH(int, signal);
        const QByteArray before = qgetenv("TMPDIR");
        const QString place = path("measured");
        QVERIFY(QDir().mkpath(place));
        qputenv("TMPDIR", place.toUtf8());
        const auto back =
            qScopeGuard([&] { before.isNull() ? qunsetenv("TMPDIR") : qputenv("TMPDIR", before); });
        const QJsonObject base {{"model", path("tiny")}, {"batches", path("batches.safetensors")},
                                {"steps", 50},           {"dtype", "float32"},
                                {"device", "cpu"},       {"threads", 1}};
        const QJsonObject sweep {{"base", base},
                                 {"axes", QJsonObject {{"rank", QJsonArray {4, 8}}}}};
        writeContent(path("ramps.json"), QJsonDocument(sweep).toJson());
        const auto left = [&] { return QDir(place).entryList({"pissarro-*"}, QDir::Dirs); };

        QProcess process;
        process.start(QStringLiteral(PISSARRO_CLI), {"sweep", path("ramps.json"), "--find-rates"});
        QVERIFY(process.waitForStarted());
        const auto pid = static_cast<pid_t>(process.processId());
        while (left().isEmpty() && !process.waitForFinished(1)) { }
        QVERIFY2(!left().isEmpty(), process.readAllStandardError().constData());
        ::kill(pid, signal);
        if (signal == SIGTERM && !process.waitForFinished(100)) {
            ::kill(pid, signal);
        }
        QVERIFY(process.state() == QProcess::NotRunning || process.waitForFinished(hangMs()));
        QVERIFY(signal != SIGKILL || !left().isEmpty());
        runCli({"runs", place});
        QCOMPARE(left(), QStringList());
    }

    // A hangup of the terminal, `timeout`: the same signal twice, within microseconds, is one.
    void twoSignalsAtOnce_areOne()
    {
        const CliResult result =
            runCliUntil(tinyTraining(m_folder.path(), {"--steps", "1000000", "-o", path("twice")}),
                        "step 2/", [](qint64 pid) {
                            ::kill(static_cast<pid_t>(pid), SIGTERM);
                            ::kill(static_cast<pid_t>(pid), SIGHUP);
                        });
        QVERIFY2(result.exitCode == 130, result.err.constData());
        QVERIFY2(result.err.contains("go on with"), result.err.constData());
        QVERIFY(QFile::exists(path("twice/adapter/adapter_config.json")));
    }

    void aFileThatShrinks_endsTheVerbWithALine_data()
    {
        QTest::addColumn<QStringList>("command");
        const QString model = path("long");
        QTest::newRow("spectrum") << QStringList {"spectrum", model, "-o", path("cut.json")};
        QTest::newRow("quant-error")
            << QStringList {"quant-error", model, "--rank", "4", "-o", path("cut.json")};
        QTest::newRow("init") << QStringList {"init", model, "--rank", "4", "-o", path("cut")};
    }

    void aFileThatShrinks_endsTheVerbWithALine()
    {
        QFETCH(QStringList, command);
        const QString weights = path("long/model.safetensors");
        writeTinyModel(path("long").toStdString(), nullptr, 3000);
        QProcess process;
        process.start(QStringLiteral(PISSARRO_CLI), command);
        QVERIFY(process.waitForStarted());
        const QString maps = QString("/proc/%1/maps").arg(process.processId());
        while (!contentOf(maps).contains("long/model.safetensors") && !process.waitForFinished(5)) {
        }
        process.waitForFinished(50);
        QVERIFY(QFile::resize(weights, QFileInfo(weights).size() / 2));
        QVERIFY(process.waitForFinished(hangMs()));
        QCOMPARE(process.exitStatus(), QProcess::NormalExit);
        const QByteArray err = process.readAllStandardError();
        QVERIFY2(process.exitCode() == 3, err.constData());
        QVERIFY2(err.contains("long/model.safetensors: became shorter"), err.constData());
        QVERIFY(!QFile::exists(command.back()));
    }

private:
    QString path(const QString& name) const { return m_folder.filePath(name); }

    // `before`: seconds of the children that had ended.
    void begin(QProcess& process, const QStringList& command, double& before) const
    {
        QDir(path("out")).removeRecursively();
        QVERIFY(QDir().mkpath(path("out")));
        before = secondsOfEnded();
        process.start(QStringLiteral(PISSARRO_CLI), command);
        QVERIFY(process.waitForStarted());
    }

    // Sends the signal and looks at what it made of the process and of its output.
    void tell(QProcess& process, double before, QByteArray err, const QString& grows) const
    {
        const double atSignal = secondsOf(process.processId());
        const bool heard = hears(process.processId(), SIGTERM);
        ::kill(static_cast<pid_t>(process.processId()), SIGTERM);
        const bool ended = process.waitForFinished(hangMs());
        if (!ended) {
            process.kill();
            process.waitForFinished();
        }
        QVERIFY2(ended, "it did not hear the signal");
        // Of the processor, on all threads: a second where the work can be cut, not the minutes that its phase takes.
        const double seconds = secondsOfEnded() - before - atSignal;
        qInfo("ended after %.2f s of work", seconds);
        QVERIFY(seconds < kSoonS);
        err += process.readAllStandardError();
        if (process.exitStatus() == QProcess::CrashExit) {
            // Before main() took the signal: as the system ends a program.
            QVERIFY(!heard);
        } else if (process.exitCode() != 0) { // 0: it was just done, or serves no longer
            QVERIFY2(process.exitCode() == 130, err.constData());
            QVERIFY2(err.contains("error: interrupted"), err.constData());
        }
        // A run, or a folder that grows, is there to go on with; else there is nothing.
        const QStringList left = contentsOf(path("out"));
        for (const QString& name : left) {
            QVERIFY2(!name.contains(".tmp"), qPrintable(name));
        }
        const bool goesOn = err.contains("error: interrupted; go on with")
            || (!grows.isEmpty() && QFile::exists(path("out/") + grows));
        QVERIFY2(goesOn || process.exitCode() == 0 || left.isEmpty(), qPrintable(left.join('\n')));
    }

    // Micro-batches of the demo's vocabulary.
    QString longBatches() const
    {
        writeTinyBatches(path("long.safetensors").toStdString(), 512);
        return path("long.safetensors");
    }

    QTemporaryDir m_folder;
    QString m_model; // SmolLM2; empty: it is not there
};

QTEST_GUILESS_MAIN(TestStop)
#include "tst_stop.moc"
