// SPDX-License-Identifier: GPL-3.0-or-later
// Every verb that writes is killed in the midst of it or finds the disk full: there is no half output and nothing left
// over, what was there before stays, and the next start does its work. (Memory that runs out is tst_survive.cpp's: on
// models this small the margin is LibTorch's own, which ends or waits in its library there.)
#include "core/io/output_marker.h"
#include "tests/cli/cli_process.h"
#include "tests/cli/writers.h"

#include <QDir>
#include <QDirIterator>
#include <QProcess>
#include <QtTest/QtTest>

using namespace pissarro;
using namespace pissarro::tests;

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

// How a run of pissarro-cli under a fault ended.
struct Ending {
    bool killed = false;
    int exitCode = 0;
    QByteArray err;

    QList<QByteArray> errorLines() const
    {
        QList<QByteArray> lines = err.split('\n');
        lines.removeIf([](const QByteArray& line) { return !line.startsWith("error:"); });
        return lines;
    }
};

} // namespace

class TestSurviveOutputs : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        const QByteArray problem = writeWriterInputs(m_folder.path());
        QVERIFY2(problem.isEmpty(), problem.constData());
    }

    void init()
    {
        QDir(path("place")).removeRecursively();
        QVERIFY(QDir().mkpath(path("place")));
    }

    // SIGKILL at a call that writes, makes durable or moves into place: each early, in the middle and late.
    void aKill_leavesNoHalf_data() { rows(); }
    void aKill_leavesNoHalf()
    {
        if (kSanitized) {
            QSKIP("a sanitizer comes before what is loaded before the C library, and reserves all "
                  "address space");
        }
        const Writer writer = currentWriter();
        const QString place = path("place/out" + QString(writer.ending));
        int kills = 0;
        for (const char* call : {"write", "fsync", "rename"}) {
            for (const int number : {1, 2, 4, 9}) {
                const Ending ended =
                    runWithFault(writer, place, {}, QString("kill %1 %2").arg(call).arg(number));
                kills += ended.killed ? 1 : 0;
                QVERIFY2(ended.killed || ended.exitCode == 0, ended.err.constData());
                requireWholeOrNothing(writer, place);
                finish(writer, place);
            }
        }
        QVERIFY(kills >= 3); // each kind of call is made at least once
    }

    // The same over an own output of before: it is the old one or the new one.
    void aKill_keepsTheOldOutput_data() { rows(); }
    void aKill_keepsTheOldOutput()
    {
        if (kSanitized) {
            QSKIP("a sanitizer comes before what is loaded before the C library, and reserves all "
                  "address space");
        }
        const Writer writer = currentWriter();
        if (QByteArray(writer.name).startsWith("train")) {
            QSKIP("--force ends the old run when the new one begins; tst_survive.cpp has what "
                  "follows");
        }
        const QString place = path("place/out" + QString(writer.ending));
        QCOMPARE(run(writer, place, {}).exitCode, 0);
        for (const char* call : {"write", "fsync", "rename"}) {
            const Ending ended =
                runWithFault(writer, place, {"--force"}, QString("kill %1 1").arg(call));
            QVERIFY2(ended.killed, ended.err.constData());
            requireWhole(writer, place);
        }
        const Ending last = run(writer, place, {"--force"});
        QVERIFY2(last.exitCode == 0, last.err.constData());
        requireAlone(place);
    }

    // A full disk at a call, and files that may not grow.
    void aFullDisk_leavesNothing_data() { rows(); }
    void aFullDisk_leavesNothing()
    {
        if (kSanitized) {
            QSKIP("a sanitizer comes before what is loaded before the C library, and reserves all "
                  "address space");
        }
        const Writer writer = currentWriter();
        const bool trains = QByteArray(writer.name).startsWith("train");
        const QString place = path("place/out" + QString(writer.ending));
        for (const char* fault : {"nospace write 1", "nospace write 3", "nospace fsync 1"}) {
            const Ending ended = runWithFault(writer, place, {}, fault);
            QVERIFY2(!ended.killed && ended.exitCode != 0, fault);
            QVERIFY2(ended.errorLines().size() == 1
                         && ended.errorLines().front().contains("No space left")
                         && ended.errorLines().front().contains("out"),
                     ended.err.constData());
            requireNoLeftovers(place);
            QVERIFY(trains || !QFileInfo::exists(place));
            QVERIFY(QDir(place).removeRecursively() || !QFileInfo::exists(place));
        }
        const Ending grown = runUnder({"prlimit", "--fsize=64"}, writer, place, {});
        QVERIFY2(!grown.killed && grown.exitCode != 0, grown.err.constData());
        QVERIFY2(grown.errorLines().size() == 1
                     && grown.errorLines().front().contains("File too large"),
                 grown.err.constData());
        requireNoLeftovers(place);
        QVERIFY(trains || !QFileInfo::exists(place));
        QVERIFY(QDir(place).removeRecursively() || !QFileInfo::exists(place));
        finish(writer, place);
    }

private:
    static void rows()
    {
        QTest::addColumn<int>("index");
        const auto all = writers();
        const QByteArrayList taken {"spectrum json", "spectrum safetensors", "meter markdown",
                                    "advise",        "quant-error",          "logits",
                                    "generate",      "init pissa",           "init qlora",
                                    "export lora",   "export merged",        "train"};
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (taken.contains(all[i].name)) {
                QTest::newRow(all[i].name) << static_cast<int>(i);
            }
        }
    }

    static Writer currentWriter()
    {
        QFETCH(int, index);
        return writers()[static_cast<std::size_t>(index)];
    }

    Ending runUnder(const QStringList& before, const Writer& writer, const QString& place,
                    const QStringList& more, const QString& fault = {}) const
    {
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert("PISSARRO_CACHE_MB", "0"); // every run does the whole work
        if (!fault.isEmpty()) {
            environment.insert("LD_PRELOAD", PISSARRO_FAULTS);
            environment.insert("PISSARRO_FAULT", fault);
            environment.insert("PISSARRO_FAULT_BELOW", path("place"));
        }
        QProcess process;
        process.setProcessEnvironment(environment);
        process.setWorkingDirectory(m_folder.path());
        const QStringList all =
            before + QStringList {QStringLiteral(PISSARRO_CLI)} + writer.at(place, more);
        process.start(all.front(), all.mid(1));
        process.waitForFinished(hangMs());
        return {process.exitStatus() != QProcess::NormalExit, process.exitCode(),
                process.readAllStandardError()};
    }

    Ending runWithFault(const Writer& writer, const QString& place, const QStringList& more,
                        const QString& fault) const
    {
        return runUnder({}, writer, place, more, fault);
    }

    Ending run(const Writer& writer, const QString& place, const QStringList& more) const
    {
        return runUnder({}, writer, place, more);
    }

    // After a kill the next start does the work, and clears what the killed one left.
    void finish(const Writer& writer, const QString& place)
    {
        if (QByteArray(writer.name).startsWith("train") && QFileInfo::exists(place + "/run.json")) {
            const CliResult resumed = runCli({"train", "--resume", "-o", place}, m_folder.path());
            QVERIFY2(resumed.exitCode == 0, resumed.err.constData());
        } else if (!QFileInfo::exists(place) || writer.what == Writes::Folder) {
            const bool whole = QFileInfo::exists(place + "/" + core::kFolderMarker)
                && !QByteArray(writer.name).startsWith("train");
            const Ending again =
                run(writer, place, whole ? QStringList {"--force"} : QStringList());
            QVERIFY2(again.exitCode == 0, again.err.constData());
        }
        requireWhole(writer, place);
        requireAlone(place);
        init();
    }

    void requireWhole(const Writer& writer, const QString& place) const
    {
        if (writer.what == Writes::Folder) {
            const auto foreign = core::foreignIn(place.toStdString());
            QVERIFY2(!foreign, foreign ? foreign->c_str() : "");
        } else {
            QVERIFY(core::isOurFile(place.toStdString()));
            const QByteArray content = contentOf(place);
            QVERIFY(!QByteArray(writer.ending).contains("json") || content.endsWith("}\n"));
        }
    }

    void requireWholeOrNothing(const Writer& writer, const QString& place) const
    {
        if (QFileInfo::exists(place)
            && !(QByteArray(writer.name).startsWith("train")
                 && !QFileInfo::exists(place + "/" + core::kFolderMarker))) {
            requireWhole(writer, place);
        }
    }

    void requireNoLeftovers(const QString& place) const
    {
        QDirIterator all(path("place"), QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot,
                         QDirIterator::Subdirectories);
        while (all.hasNext()) {
            const QString one = all.next();
            QVERIFY2(!one.contains(".tmp-"), qPrintable(one + " is left of " + place));
        }
    }

    void requireAlone(const QString& place) const
    {
        QCOMPARE(
            QDir(path("place")).entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot),
            QStringList {QFileInfo(place).fileName()});
    }

    QString path(const QString& name) const { return m_folder.filePath(name); }

    QTemporaryDir m_folder;
};

QTEST_GUILESS_MAIN(TestSurviveOutputs)
#include "tst_survive_outputs.moc"
