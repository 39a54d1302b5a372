// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/ui/warning_trap.h"
#include "ui/jobs/guarded_queue.h"
#include "ui/jobs/job_bridge.h"

#include <QSignalSpy>
#include <QTest>
#include <QThread>

#include <atomic>
#include <latch>
#include <stdexcept>
#include <thread>

using namespace pissarro;
using namespace std::chrono_literals;
using ui::JobBridge;

namespace {

// Works until it is stopped.
int untilStopped(const core::JobContext& job)
{
    for (;;) {
        job.checkpoint(-1.0, "for ever");
        std::this_thread::sleep_for(1ms);
    }
}

} // namespace

class TestJobBridge : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { tests::WarningTrap::install(); }
    void cleanup() { QCOMPARE(tests::WarningTrap::take(), QStringList()); }

    void fails_whereDoneThrows()
    {
        JobBridge bridge;
        QSignalSpy failed(&bridge, &JobBridge::failed);
        QSignalSpy finished(&bridge, &JobBridge::finished);
        const quint64 id = bridge.start<int>([](const core::JobContext&) { return 1; },
                                             [](int) { throw std::runtime_error("no room"); });
        QTRY_COMPARE(failed.count(), 1);
        QCOMPARE(failed[0][0].toULongLong(), id);
        QCOMPARE(failed[0][1].toString(), QStringLiteral("no room"));
        QCOMPARE(finished.count(), 0);
        QVERIFY(!bridge.isBusy());
    }

    void handsTheResult_toTheOwnersThread()
    {
        JobBridge bridge;
        QSignalSpy finished(&bridge, &JobBridge::finished);
        QThread* worked = nullptr;
        QThread* told = nullptr;
        int result = 0;
        const quint64 id = bridge.start<int>(
            [&worked](const core::JobContext&) {
                worked = QThread::currentThread();
                return 42;
            },
            [&](int value) {
                told = QThread::currentThread();
                result = value;
                QCOMPARE(finished.count(), 0); // `done` comes just before
            });
        QVERIFY(id != 0);
        QVERIFY(bridge.isBusy());
        QTRY_COMPARE(finished.count(), 1);
        QCOMPARE(finished[0][0].toULongLong(), id);
        QCOMPARE(result, 42);
        QCOMPARE(told, thread());
        QVERIFY(worked != thread());
        QVERIFY(!bridge.isBusy());
    }

    void fails_withTheSentenceOfTheError()
    {
        JobBridge bridge;
        QSignalSpy failed(&bridge, &JobBridge::failed);
        QSignalSpy finished(&bridge, &JobBridge::finished);
        bridge.start<int>(
            [](const core::JobContext&) -> int {
                throw core::Error(core::ErrorKind::Format, "magic is 0 (expected GGUF)")
                    .within("a.gguf");
            },
            [](int) { QFAIL("a failed job has no result"); });
        QTRY_COMPARE(failed.count(), 1);
        QCOMPARE(failed[0][1].toString(), QStringLiteral("a.gguf: magic is 0 (expected GGUF)"));
        QTest::qWait(20);
        QCOMPARE(finished.count(), 0);
    }

    void fails_forForeignExceptionsToo()
    {
        JobBridge bridge;
        QSignalSpy failed(&bridge, &JobBridge::failed);
        bridge.start<int>([](const core::JobContext&) -> int { throw std::bad_alloc(); },
                          [](int) {});
        QTRY_COMPARE(failed.count(), 1);
        QVERIFY(!failed[0][1].toString().isEmpty());
        bridge.start<int>([](const core::JobContext&) -> int { throw 7; }, [](int) {});
        QTRY_COMPARE(failed.count(), 2);
        QVERIFY(!failed[1][1].toString().isEmpty());
    }

    void cancels_atTheNextCheckpoint()
    {
        JobBridge bridge;
        QSignalSpy cancelled(&bridge, &JobBridge::cancelled);
        QSignalSpy failed(&bridge, &JobBridge::failed);
        std::latch begun(1);
        const quint64 id = bridge.start<int>(
            [&begun](const core::JobContext& job) {
                begun.count_down();
                return untilStopped(job);
            },
            [](int) { QFAIL("a cancelled job has no result"); });
        begun.wait();
        bridge.cancel();
        QTRY_COMPARE(cancelled.count(), 1);
        QCOMPARE(cancelled[0][0].toULongLong(), id);
        QCOMPARE(failed.count(), 0);
        QVERIFY(!bridge.isBusy());
    }

    void dropsTheResult_thatCameAfterCancel()
    {
        JobBridge bridge;
        QSignalSpy cancelled(&bridge, &JobBridge::cancelled);
        std::atomic<bool> worked = false;
        bridge.start<int>(
            [&worked](const core::JobContext&) {
                worked = true;
                return 1;
            },
            [](int) { QFAIL("too late"); });
        while (!worked) {
            std::this_thread::sleep_for(1ms); // the outcome is queued, not yet told
        }
        bridge.cancel();
        QTRY_COMPARE(cancelled.count(), 1);
    }

    void givesWay_toALaterJob()
    {
        JobBridge bridge;
        QSignalSpy cancelled(&bridge, &JobBridge::cancelled);
        QSignalSpy finished(&bridge, &JobBridge::finished);
        std::latch begun(1);
        std::atomic<bool> secondRan = false;
        const quint64 first = bridge.start<int>(
            [&begun](const core::JobContext& job) {
                begun.count_down();
                return untilStopped(job);
            },
            [](int) { QFAIL("superseded"); });
        begun.wait();
        const quint64 second = bridge.start<int>(
            [&secondRan](const core::JobContext&) {
                secondRan = true;
                return 2;
            },
            [](int) { QFAIL("superseded before it began"); });
        int result = 0;
        const quint64 third = bridge.start<int>([](const core::JobContext&) { return 3; },
                                                [&](int v) { result = v; });
        QTRY_COMPARE(finished.count(), 1);
        QTRY_COMPARE(cancelled.count(), 2);
        QCOMPARE(finished[0][0].toULongLong(), third);
        QCOMPARE(result, 3);
        QSet<quint64> ended {cancelled[0][0].toULongLong(), cancelled[1][0].toULongLong()};
        QCOMPARE(ended, (QSet<quint64> {first, second}));
        QVERIFY2(!secondRan, "the job that waited must never run");
    }

    void queuesOneReport_howeverManyCome()
    {
        constexpr int kReports = 100'000;
        JobBridge bridge;
        QSignalSpy progressed(&bridge, &JobBridge::progressed);
        QSignalSpy cancelled(&bridge, &JobBridge::cancelled);
        std::latch reported(1);
        const quint64 id = bridge.start<int>(
            [&reported](const core::JobContext& job) {
                for (int i = 1; i <= kReports; ++i) {
                    job.checkpoint(static_cast<double>(i) / kReports, "step " + std::to_string(i));
                }
                reported.count_down();
                while (!job.isCancelled()) {
                    std::this_thread::sleep_for(1ms);
                }
                return 0;
            },
            [](int) {});
        reported.wait(); // this thread's events wait as long
        QCoreApplication::processEvents();
        QCOMPARE(progressed.count(), 1);
        QCOMPARE(progressed[0][0].toULongLong(), id);
        QCOMPARE(progressed[0][1].toDouble(), 1.0);
        QCOMPARE(progressed[0][2].toString(), QStringLiteral("step 100000"));
        bridge.cancel();
        QTRY_COMPARE(cancelled.count(), 1);
    }

    void diesQuietly_whileItsJobRuns()
    {
        for (int round = 0; round < 20; ++round) {
            int told = 0;
            std::latch begun(1);
            std::atomic<bool> left = false;
            {
                JobBridge bridge;
                const auto count = [&told] { ++told; };
                connect(&bridge, &JobBridge::finished, this, count);
                connect(&bridge, &JobBridge::failed, this, count);
                connect(&bridge, &JobBridge::cancelled, this, count);
                bridge.start<int>(
                    [&](const core::JobContext& job) {
                        begun.count_down();
                        try {
                            return untilStopped(job);
                        } catch (...) {
                            left = true;
                            throw;
                        }
                    },
                    [](int) {});
                begun.wait();
            }
            QVERIFY2(left, "the worker must have ended before the bridge is gone");
            QCoreApplication::processEvents();
            QCOMPARE(told, 0);
        }
    }

    void takesFromTheQueue_whatManyThreadsPush()
    {
        ui::GuardedQueue<int> queue;
        std::vector<std::thread> threads;
        for (int t = 0; t < 4; ++t) {
            threads.emplace_back([&queue] {
                for (int i = 0; i < 1000; ++i) {
                    queue.push(i);
                }
            });
        }
        std::size_t taken = 0;
        while (taken < 4000) {
            taken += queue.takeAll().size();
        }
        for (std::thread& thread : threads) {
            thread.join();
        }
        QCOMPARE(taken, std::size_t {4000});
        QVERIFY(queue.takeAll().empty());
    }
};

QTEST_GUILESS_MAIN(TestJobBridge)
#include "tst_job_bridge.moc"
