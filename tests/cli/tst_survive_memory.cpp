// SPDX-License-Identifier: GPL-3.0-or-later
// Every verb that writes under a limit of its address space between what it takes for a tiny model and for a wide one: it
// ends with a line, and nothing is left.
#include "tests/cli/cli_process.h"
#include "tests/cli/faulty_run.h"

#include <QDir>
#include <QtTest/QtTest>

using namespace pissarro::tests;

class TestSurviveMemory : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        for (const bool wide : {false, true}) {
            QVERIFY(QDir().mkpath(folder(wide)));
            const QByteArray problem = writeWriterInputs(folder(wide), wide);
            QVERIFY2(problem.isEmpty(), problem.constData());
        }
    }

    void exhaustedMemory_leavesNothing_data()
    {
        QTest::addColumn<int>("index");
        const auto all = writers();
        for (std::size_t i = 0; i < all.size(); ++i) {
            const QByteArray name = all[i].name;
            // Not the same work in another format, and not factors that are made from shapes alone. Nor a report, which tells
            // of an update that no memory holds and is written without it, or a recipe or a list of rows, which take none.
            const bool isReport = name.startsWith("compare") || name.startsWith("paper")
                || name == "rank map" || name == "bad rows";
            if (!isReport && name != "sweep of models" && !name.contains("csv")
                && !name.contains("safetensors") && name != "meter json" && name != "init lora") {
                QTest::newRow(all[i].name) << static_cast<int>(i);
            }
        }
    }

    void exhaustedMemory_leavesNothing()
    {
        if (kSanitized) {
            QSKIP(kSanitizedReason);
        }
        QFETCH(int, index);
        const Writer writer = writers()[static_cast<std::size_t>(index)];
        const qint64 tiny = peakOf(writer, false);
        const qint64 wide = peakOf(writer, true);
        QVERIFY2(wide - tiny > 8'000, qPrintable(QString("%1 and %2 kB").arg(tiny).arg(wide)));
        empty(folder(true) + "/place");
        const qint64 limit = tiny + (wide - tiny) * 5 / 8; // in the midst of the work
        const Ending ended = run(writer, true, {"peak", {"--as=" + QString::number(limit * 1024)}});
        QVERIFY2(!ended.killed && ended.exitCode == 1, ended.err.constData());
        QVERIFY2(ended.errorLines().size() == 1 && ended.errorLines().front().contains("memory"),
                 ended.err.constData());
        // A run may be there, to be gone on with; whatever it is, it is whole.
        const QString left = leftoverIn(folder(true) + "/place");
        QVERIFY2(left.isEmpty(), qPrintable(left));
        const bool isRun = QFile::exists(placeOf(writer, true) + "/run.json")
            || QFile::exists(placeOf(writer, true) + "/pissa/run.json");
        QVERIFY(isRun || writer.goesOn || !QFileInfo::exists(placeOf(writer, true)));
        if (writer.goesOn) {
            const Ending again = runCliUnder(
                {},
                writer.at(placeOf(writer, true),
                          QFileInfo::exists(placeOf(writer, true)) ? writer.again : QStringList()),
                folder(true));
            QVERIFY2(again.exitCode == 0, again.err.constData());
        }
        if (isRun) {
            const CliResult resumed = runCli(
                {"train", "--resume", "--restart", "-o", placeOf(writer, true)}, folder(true));
            QVERIFY2(resumed.exitCode == 0, resumed.err.constData());
        }
    }

private:
    QString folder(bool wide) const { return m_folder.filePath(wide ? "wide" : "tiny"); }
    QString placeOf(const Writer& writer, bool wide) const
    {
        return folder(wide) + "/place/out" + writer.ending;
    }

    static void empty(const QString& place)
    {
        QDir(place).removeRecursively();
        QVERIFY(QDir().mkpath(place));
    }

    Ending run(const Writer& writer, bool wide, const Fault& fault) const
    {
        return runCliUnder(fault, writer.at(placeOf(writer, wide)), folder(wide));
    }

    // Address space that the verb takes, in kB; 0: it failed.
    qint64 peakOf(const Writer& writer, bool wide) const
    {
        empty(folder(wide) + "/place");
        const Ending ended = run(writer, wide, {"peak"});
        const qsizetype at = ended.err.lastIndexOf("VmPeak:");
        if (ended.killed || ended.exitCode != 0 || at < 0) {
            qWarning("%s", ended.err.constData());
            return 0;
        }
        return ended.err.mid(at + 7, ended.err.indexOf("kB", at) - at - 7).trimmed().toLongLong();
    }

    QTemporaryDir m_folder;
};

QTEST_GUILESS_MAIN(TestSurviveMemory)
#include "tst_survive_memory.moc"
