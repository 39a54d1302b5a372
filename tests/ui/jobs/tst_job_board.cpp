// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/tools/patience.h"
#include "tests/ui/endless_job.h"
#include "tests/ui/warning_trap.h"
#include "ui/jobs/job_board.h"
#include "ui/jobs/job_bridge.h"

#include <QSignalSpy>
#include <QTest>

using namespace pissarro;
using namespace pissarro::ui;
using pissarro::tests::hangMs;
using pissarro::tests::runForEver;

class TestJobBoard : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { tests::WarningTrap::install(); }
    void cleanup()
    {
        QVERIFY(JobBoard::instance().entries().empty());
        QCOMPARE(tests::WarningTrap::take(), QStringList());
    }

    void cancel_endsThatJobAlone()
    {
        JobBoard& board = JobBoard::instance();
        JobBridge first;
        JobBridge second;
        QSignalSpy cancelled(&first, &JobBridge::cancelled);
        runForEver(first, "one");
        runForEver(second, "two");
        QCOMPARE(board.titles(), (QStringList {QStringLiteral("one"), QStringLiteral("two")}));
        const quint64 asked = board.entries().front().id;
        QSignalSpy changed(&board, &JobBoard::changed);
        board.cancel(asked);
        QVERIFY(board.entries().front().ending); // until its worker comes to a checkpoint
        QCOMPARE(changed.count(), 1);
        board.cancel(asked); // once is enough
        QCOMPARE(changed.count(), 1);
        QTRY_COMPARE_WITH_TIMEOUT(board.titles(), QStringList {QStringLiteral("two")}, hangMs());
        QCOMPARE(cancelled.count(), 1);
        QVERIFY(second.isBusy());
        board.cancel(asked); // it is gone
        QVERIFY(!board.entries().front().ending);
        board.cancel(board.entries().front().id);
        QTRY_VERIFY_WITH_TIMEOUT(!second.isBusy(), hangMs());
    }

    // The same bridge begins anew before the old job has ended: what stands there now is the new one.
    void aJobThatFollows_isNotEnding()
    {
        JobBoard& board = JobBoard::instance();
        JobBridge bridge;
        runForEver(bridge, "one");
        board.cancel(board.entries().front().id);
        runForEver(bridge, "another");
        QCOMPARE(board.titles(), QStringList {QStringLiteral("another")});
        QVERIFY(!board.entries().front().ending);
        board.cancel(board.entries().front().id);
        QTRY_VERIFY_WITH_TIMEOUT(!bridge.isBusy(), hangMs());
    }
};

QTEST_GUILESS_MAIN(TestJobBoard)
#include "tst_job_board.moc"
