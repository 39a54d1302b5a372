// SPDX-License-Identifier: GPL-3.0-or-later
// What the machine has, found by a worker: nothing is asked before the event loop runs, and nothing is guessed.
#include "core/base/error.h"
#include "core/base/machine_memory.h"
#include "core/train/memory_estimate.h"
#include "tests/tools/patience.h"
#include "tests/ui/warning_trap.h"
#include "ui/jobs/worker_process.h"
#include "ui/services/machine.h"

#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace pissarro;
using namespace pissarro::ui;
using pissarro::tests::hangMs;

class TestMachine : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { tests::WarningTrap::install(); }
    void cleanup() { QCOMPARE(tests::WarningTrap::take(), QStringList()); }

    void beginsWithTheCpu_andTellsWhatItFound()
    {
        Machine machine;
        QSignalSpy found(&machine, &Machine::found);
        QVERIFY(std::holds_alternative<Idle>(machine.state()));
        QCOMPARE(machine.devices().size(), std::size_t {1});
        QCOMPARE(machine.device().id, std::string("cpu"));
        QVERIFY(machine.hasTrainer()); // not known to be missing
        QTRY_VERIFY_WITH_TIMEOUT(std::holds_alternative<Ready>(machine.state()), hangMs());
        QCOMPARE(found.count(), 1);
        const auto devices = core::availableDevices();
        QCOMPARE(machine.devices().size(), devices.size());
        for (std::size_t i = 0; i < devices.size(); ++i) {
            QCOMPARE(machine.devices()[i].id, devices[i].id);
            QCOMPARE(machine.devices()[i].title, devices[i].title);
        }
        QCOMPARE(machine.hasTrainer(), !trainerProgram().isEmpty());
    }

    void freeBytes_areOfTheFolderAskedForLast()
    {
        const QTemporaryDir folder;
        const QString one = folder.filePath(QStringLiteral("not/made/yet"));
        const QString other = folder.filePath(QStringLiteral("other"));
        Machine machine;
        QCOMPARE(machine.freeBytes(one), std::int64_t {-1}); // nobody has looked
        for (int i = 0; i < 50; ++i) { // as while a person types
            machine.lookAt(folder.filePath(QString::number(i)));
        }
        machine.lookAt(one);
        QCOMPARE(machine.freeBytes(one), std::int64_t {-1});
        QTRY_VERIFY_WITH_TIMEOUT(machine.freeBytes(one) > 0, hangMs());
        QVERIFY(machine.freeBytes(one) <= 2 * core::freeDiskBytes(folder.path().toStdString()));
        QCOMPARE(machine.freeBytes(other), std::int64_t {-1}); // of another folder
        QSignalSpy known(&machine, &Machine::folderKnown);
        machine.lookAt(other);
        QTRY_VERIFY_WITH_TIMEOUT(machine.freeBytes(other) > 0, hangMs());
        QCOMPARE(known.count(), 1);
    }

    // The first free name, and whose runs are there.
    void aFolder_isSeenAsItStands()
    {
        const QTemporaryDir folder;
        const QString run = folder.filePath(QStringLiteral("run"));
        FolderLook look = lookAtFolder(run);
        QCOMPARE(look.asked, run);
        QCOMPARE(look.fresh, run);
        QVERIFY(look.runs.isEmpty() && !look.holdsRunOf({core::methodNamed("lora")}));
        QVERIFY(QDir().mkpath(run + QStringLiteral("/lora"))
                && QDir().mkpath(run + QStringLiteral("-2")));
        const auto write = [](const QString& path) {
            QFile file(path);
            return file.open(QIODevice::WriteOnly);
        };
        QVERIFY(write(run + QStringLiteral("/lora/run.json")));
        look = lookAtFolder(run);
        QCOMPARE(look.fresh, run + QStringLiteral("-3"));
        QVERIFY(look.holdsRunOf({core::methodNamed("lora")}));
        QVERIFY(!look.holdsRunOf({core::methodNamed("pissa")}));
        QVERIFY(write(run + QStringLiteral("/run.json")));
        QVERIFY(lookAtFolder(run).holdsRunOf({core::methodNamed("pissa")}));
    }

    void looks_andTellsWhoAsked()
    {
        const QTemporaryDir folder;
        Machine machine;
        QVector<FolderLook> seen;
        auto gone = std::make_unique<QObject>();
        machine.look({folder.path()}, gone.get(),
                     [](const QVector<FolderLook>&) { QFAIL("who asked is gone"); });
        gone.reset();
        machine.look({folder.path(), folder.filePath(QStringLiteral("a"))}, this,
                     [&seen](const QVector<FolderLook>& looks) { seen = looks; });
        QTRY_COMPARE_WITH_TIMEOUT(seen.size(), qsizetype {2}, hangMs());
        QCOMPARE(seen[0].fresh, folder.path() + QStringLiteral("-2"));
        QCOMPARE(seen[1].fresh, folder.filePath(QStringLiteral("a")));
    }

    void memory_isKnownOnceItWasAskedFor()
    {
        Machine machine;
        QCOMPARE(machine.memory().all, std::int64_t {0});
        QSignalSpy known(&machine, &Machine::memoryKnown);
        machine.askMemory();
        QTRY_COMPARE_WITH_TIMEOUT(known.count(), 1, hangMs());
        QCOMPARE(machine.memory().all, core::machineMemoryBytes());
        QVERIFY(machine.memory().used > 0 && machine.memory().used < machine.memory().all);
    }

    // A run that is to lie where its model does: not that the folder is full, which another name for the output would mend.
    void aRunFolder_isNotTheModels()
    {
        const QTemporaryDir folder;
        QFile file(folder.filePath(QStringLiteral("config.json")));
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write("{}") > 0);
        file.close();
        core::TrainRequest request;
        request.spec.model = folder.path().toStdString();
        request.runDirectory = folder.path().toStdString();
        QString why;
        try {
            startTrainer(request);
        } catch (const core::Error& error) {
            why = QString::fromUtf8(error.what());
        }
        QVERIFY2(why.contains(QStringLiteral("is what is read")), qPrintable(why));
    }
};

QTEST_GUILESS_MAIN(TestMachine)
#include "tst_machine.moc"
