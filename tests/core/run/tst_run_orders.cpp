// SPDX-License-Identifier: GPL-3.0-or-later
// Orders to a trainer that is not there; one that is there is cli.watch's.
#include "core/base/error.h"
#include "core/run/order_watch.h"
#include "core/run/run_lock.h"
#include "core/run/run_orders.h"
#include "tests/core/file/test_files.h"
#include "tests/tools/patience.h"

#include <QProcess>
#include <QTest>

#include <atomic>

using namespace pissarro;
using namespace pissarro::core;

class TestRunOrders : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whereNoRunIs_isSaid()
    {
        const test::Scratch scratch;
        const auto error = test::errorOf(
            [&] { orderRun(scratch.path(), RunOrder::Stop, OrderWait::UntilDone, JobContext()); });
        QVERIFY(error && error->kind() == ErrorKind::InvalidArgument);
        QVERIFY(std::string(error->what()).find("run.json") != std::string::npos);
    }

    void aRunThatHasEnded_takesNone()
    {
        const test::Scratch scratch;
        RunSummary run;
        run.directory = scratch.path();
        run.spec.model = "m";
        run.spec.data = "d.jsonl";
        run.state = RunState::Finished;
        run.steps = 3;
        writeRun(run);
        for (const RunOrder order : {RunOrder::Pause, RunOrder::GoOn, RunOrder::Stop}) {
            const auto error = test::errorOf(
                [&] { orderRun(scratch.path(), order, OrderWait::UntilDone, JobContext()); });
            QVERIFY(error && error->kind() == ErrorKind::InvalidArgument);
            QVERIFY2(std::string(error->what()).find("nobody trains there: it is finished")
                         != std::string::npos,
                     error->what());
            QVERIFY(!test::fs::exists(scratch / ".order"));
        }
    }

    // For phases that ask for no orders themselves.
    void aWatch_hearsTheStop()
    {
        const test::Scratch scratch;
        std::atomic<int> told = 0;
        const OrderWatch watch(scratch.path(), [&told] { ++told; });
        giveOrder(scratch.path(), thisProcess(), RunOrder::Pause); // no stop
        giveOrder(scratch.path(), thisProcess() + 1, RunOrder::Stop); // another process's
        QTest::qWait(300);
        QCOMPARE(told.load(), 0);
        giveOrder(scratch.path(), thisProcess(), RunOrder::Stop);
        QTRY_COMPARE_WITH_TIMEOUT(told.load(), 1, tests::hangMs());
        QTest::qWait(300);
        QCOMPARE(told.load(), 1);
    }

    void aTrainerIsKnown_byWhatItWasTold()
    {
        const test::Scratch scratch;
        const std::string run = scratch.path().string();
        QProcess trainer; // its shell keeps these arguments
        trainer.start(QStringLiteral("sh"),
                      {QStringLiteral("-c"), QStringLiteral("echo; read line; :"),
                       QStringLiteral("train"), QString::fromStdString(run)});
        QVERIFY(trainer.waitForReadyRead(tests::hangMs()));
        QVERIFY(trainsIn(trainer.processId(), run));
        QVERIFY(!trainsIn(trainer.processId(), run + "x"));
        QVERIFY(!trainsIn(thisProcess(), run));
        QVERIFY(!trainsIn(0, run));
        // However its command named the folder, and whoever started it.
        QVERIFY(someoneTrainsIn(scratch.path() / "."));
        test::fs::create_directory(scratch / "another");
        QVERIFY(!someoneTrainsIn(scratch / "another"));
        QVERIFY(!someoneTrainsIn(scratch / "none"));
        const auto process = trainer.processId();
        trainer.closeWriteChannel();
        QVERIFY(trainer.waitForFinished(tests::hangMs()));
        QVERIFY(!trainsIn(process, run));
        QVERIFY(!someoneTrainsIn(scratch.path()));
    }
};

QTEST_GUILESS_MAIN(TestRunOrders)
#include "tst_run_orders.moc"
