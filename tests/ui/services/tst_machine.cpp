// SPDX-License-Identifier: GPL-3.0-or-later
// What the machine has, found by a worker: nothing is asked before the event loop runs, and nothing is guessed.
#include "core/train/memory_estimate.h"
#include "tests/tools/patience.h"
#include "tests/ui/warning_trap.h"
#include "ui/jobs/worker_process.h"
#include "ui/services/machine.h"

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
        QSignalSpy known(&machine, &Machine::freeBytesKnown);
        machine.lookAt(other);
        QTRY_VERIFY_WITH_TIMEOUT(machine.freeBytes(other) > 0, hangMs());
        QCOMPARE(known.count(), 1);
    }
};

QTEST_GUILESS_MAIN(TestMachine)
#include "tst_machine.moc"
