// SPDX-License-Identifier: GPL-3.0-or-later
// Every verb that writes is killed in the midst of it or finds the disk full: there is no half output and nothing left
// over, what was there before stays, and the next start does its work.
#include "core/file/output_marker.h"
#include "tests/cli/cli_process.h"
#include "tests/cli/faulty_run.h"

#include <QDir>
#include <QtTest/QtTest>

using namespace pissarro;
using namespace pissarro::tests;

namespace {

bool trains(const Writer& writer)
{
    return QByteArray(writer.name).startsWith("train");
}

// What is there may be gone on with.
bool grows(const Writer& writer)
{
    return trains(writer) || writer.goesOn;
}

// Of each way in which something is written one verb: what they share fails alike.
const QByteArrayList kEachWay {"spectrum json", "logits",      "generate",      "init pissa",
                               "init qlora",    "export lora", "export merged", "train",
                               "compare pdf",   "rank map",    "paper sweep",   "eval",
                               "sweep"};

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

    // SIGKILL at a call that writes, makes durable or moves into place.
    void aKill_leavesNoHalf_data() { rows(kEachWay); }
    void aKill_leavesNoHalf()
    {
        if (kSanitized) {
            QSKIP(kSanitizedReason);
        }
        const Writer writer = currentWriter();
        const QString place = placeOf(writer);
        int kills = 0;
        for (const char* fault :
             {"kill write 1", "kill write 4", "kill fsync 1", "kill rename 1"}) {
            const Ending ended = runUnder({fault}, writer);
            kills += ended.killed ? 1 : 0;
            QVERIFY2(ended.killed || ended.exitCode == 0, ended.err.constData());
            requireWholeOrNothing(writer, place);
            if (grows(writer)) {
                finish(writer, place); // a run that has begun is gone on with
            } else if (QFileInfo::exists(place)) {
                init();
            }
        }
        QVERIFY(kills >= 3); // each kind of call is made at least once
        finish(writer, place);
    }

    // The same over an own output of before: it is the old one or the new one.
    // Not of train, nor of what grows as a run does: --force ends the old one when the new one begins, and tst_survive.cpp
    // has what follows.
    void aKill_keepsTheOldOutput_data()
    {
        QByteArrayList taken = kEachWay;
        for (const char* name : {"train", "eval", "sweep"}) {
            taken.removeOne(name);
        }
        rows(taken);
    }
    void aKill_keepsTheOldOutput()
    {
        if (kSanitized) {
            QSKIP(kSanitizedReason);
        }
        const Writer writer = currentWriter();
        const QString place = placeOf(writer);
        QCOMPARE(runUnder({}, writer).exitCode, 0);
        for (const char* fault : {"kill write 1", "kill rename 1"}) {
            const Ending ended = runUnder({fault}, writer, {"--force"});
            QVERIFY2(ended.killed, ended.err.constData());
            requireWhole(writer, place);
        }
        const Ending last = runUnder({}, writer, {"--force"});
        QVERIFY2(last.exitCode == 0, last.err.constData());
        requireAlone(place);
    }

    // A full disk at a call, and files that may not grow.
    void aFullDisk_leavesNothing_data()
    {
        rows({"spectrum json",
              "spectrum csv",
              "spectrum safetensors",
              "spectrum against",
              "meter markdown",
              "advise",
              "quant-error",
              "logits",
              "generate",
              "init pissa",
              "init lora",
              "init qlora",
              "export lora",
              "export pair",
              "export merged",
              "train",
              "train twins",
              "logits of a run",
              "generate of a run",
              "compare html",
              "compare markdown",
              "compare pdf",
              "compare json",
              "rank map",
              "bad rows",
              "paper sweep",
              "paper spec",
              "eval",
              "eval of a run",
              "sweep"});
    }
    void aFullDisk_leavesNothing()
    {
        if (kSanitized) {
            QSKIP(kSanitizedReason);
        }
        const Writer writer = currentWriter();
        requireNothing(writer, runUnder({"nospace write 1"}, writer), "No space left");
        requireNothing(writer, runUnder({"nospace fsync 1"}, writer), "No space left");
        if (QByteArray(writer.name)
            != "sweep") { // whose short training elsewhere finds it out first
            requireNothing(writer, runUnder({{}, {"--fsize=64"}}, writer), "File too large");
        }
    }

private:
    static void rows(const QByteArrayList& taken)
    {
        QTest::addColumn<int>("index");
        const auto all = writers();
        qsizetype found = 0;
        for (std::size_t i = 0; i < all.size(); ++i) {
            if (taken.contains(all[i].name)) {
                QTest::newRow(all[i].name) << static_cast<int>(i);
                ++found;
            }
        }
        QCOMPARE(found, taken.size()); // a writer that is named otherwise would be left out
    }

    static Writer currentWriter()
    {
        QFETCH(int, index);
        return writers()[static_cast<std::size_t>(index)];
    }

    QString placeOf(const Writer& writer) const
    {
        return path("place/out" + QString(writer.ending));
    }

    Ending runUnder(const Fault& fault, const Writer& writer, const QStringList& more = {}) const
    {
        return runCliUnder(fault, writer.at(placeOf(writer), more), m_folder.path());
    }

    // It failed with one line, and nothing is there; of a run what was whole may be.
    void requireNothing(const Writer& writer, const Ending& ended, const char* why)
    {
        const QString place = placeOf(writer);
        QVERIFY2(!ended.killed && ended.exitCode != 0, ended.err.constData());
        QVERIFY2(ended.errorLines().size() == 1 && ended.errorLines().front().contains(why)
                     && ended.errorLines().front().contains("out"),
                 ended.err.constData());
        QVERIFY2(leftoverIn(path("place")).isEmpty(), qPrintable(leftoverIn(path("place"))));
        QVERIFY(trains(writer) || !QFileInfo::exists(place));
        init();
    }

    // After a kill the next start does the work, and clears what the killed one left.
    void finish(const Writer& writer, const QString& place)
    {
        if (trains(writer) && QFileInfo::exists(place + "/run.json")) {
            const CliResult resumed = runCli({"train", "--resume", "-o", place}, m_folder.path());
            QVERIFY2(resumed.exitCode == 0, resumed.err.constData());
        } else if (writer.goesOn) {
            const Ending again = runUnder({}, writer);
            QVERIFY2(again.exitCode == 0, again.err.constData());
        } else if (!QFileInfo::exists(place) || writer.what == Writes::Folder) {
            const bool whole =
                QFileInfo::exists(place + "/" + core::kFolderMarker) && !trains(writer);
            const Ending again =
                runUnder({}, writer, whole ? QStringList {"--force"} : QStringList());
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
        // What a killed one of those has in it is for the next start to make whole.
        if (QFileInfo::exists(place) && !writer.goesOn
            && !(trains(writer) && !QFileInfo::exists(place + "/" + core::kFolderMarker))) {
            requireWhole(writer, place);
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
