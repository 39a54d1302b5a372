// SPDX-License-Identifier: GPL-3.0-or-later
// Orders to a trainer that is not there; one that is there is cli.watch's.
#include "core/base/error.h"
#include "core/run/run_orders.h"
#include "tests/core/file/test_files.h"

#include <QTest>

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
};

QTEST_GUILESS_MAIN(TestRunOrders)
#include "tst_run_orders.moc"
