// SPDX-License-Identifier: GPL-3.0-or-later
// Who begins when: a training before sweeps, what is on screen beside both, and never more than a kind allows.
#include "tests/tools/patience.h"
#include "tests/ui/endless_job.h"
#include "tests/ui/warning_trap.h"
#include "ui/jobs/job_bridge.h"

#include <QSignalSpy>
#include <QTest>

#include <algorithm>
#include <atomic>
#include <memory>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace pissarro;
using namespace pissarro::ui;
using pissarro::tests::hangMs;
using pissarro::tests::runForEver;

Q_DECLARE_METATYPE(pissarro::ui::JobKind)

namespace {

int niceness()
{
    return ::getpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()));
}

// That of the thread of a job of this kind, and of a thread that it starts.
std::pair<int, int> nicenessOf(JobKind kind)
{
    std::pair<int, int> found;
    bool told = false;
    JobBridge bridge(kind);
    bridge.start<std::pair<int, int>>(
        [](const core::JobContext&) {
            std::pair<int, int> both {niceness(), -1};
            std::thread([&both] { both.second = niceness(); }).join();
            return both;
        },
        [&](std::pair<int, int> both) {
            found = both;
            told = true;
        });
    [&] { QTRY_VERIFY_WITH_TIMEOUT(told, hangMs()); }();
    return found;
}

} // namespace

class TestJobPool : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { tests::WarningTrap::install(); }
    void cleanup() { QCOMPARE(tests::WarningTrap::take(), QStringList()); }

    void aSweep_waitsForTheTraining_andSaysSo()
    {
        JobBridge training(JobKind::Training);
        runForEver(training, "training");
        JobBridge sweep(JobKind::Sweep);
        QSignalSpy told(&sweep, &JobBridge::progressed);
        QSignalSpy swept(&sweep, &JobBridge::finished);
        std::atomic<bool> begun = false;
        sweep.start<int>(
            [&begun](const core::JobContext&) {
                begun = true;
                return 1;
            },
            [](int) {});
        QTRY_COMPARE_WITH_TIMEOUT(told.count(), 1, hangMs());
        QCOMPARE(told[0][2].toString(), QStringLiteral("Waits for the training to end"));

        JobBridge onScreen(
            JobKind::OnScreen); // does not wait, and all that came before it had time to begin
        QSignalSpy shown(&onScreen, &JobBridge::finished);
        onScreen.start<int>([](const core::JobContext&) { return 1; }, [](int) {});
        QTRY_COMPARE_WITH_TIMEOUT(shown.count(), 1, hangMs());
        QVERIFY(!begun && sweep.isBusy());

        training.cancel();
        QTRY_COMPARE_WITH_TIMEOUT(swept.count(), 1, hangMs());
        QVERIFY(begun);
        QVERIFY(told.last()[2].toString().isEmpty()); // it waited no more
    }

    void aWaitingJob_thatIsReplacedOrCancelled_neverBegins()
    {
        JobBridge training(JobKind::Training);
        runForEver(training, "training");
        JobBridge sweep(JobKind::Sweep);
        JobBridge other(JobKind::Sweep);
        QSignalSpy finished(&sweep, &JobBridge::finished);
        QSignalSpy cancelled(&sweep, &JobBridge::cancelled);
        QSignalSpy given(&other, &JobBridge::cancelled);
        std::atomic<int> begun = 0;
        const auto count = [&begun](const core::JobContext&) { return ++begun; };
        for (int i = 0; i < 20; ++i) {
            sweep.start<int>(count, [](int) {});
        }
        other.start<int>(count, [](int) {});
        other.cancel();
        QTRY_COMPARE_WITH_TIMEOUT(given.count(), 1, hangMs()); // while the training goes on
        training.cancel();
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, hangMs());
        QCOMPARE(begun.load(), 1);
        QCOMPARE(cancelled.count(), 19);
    }

    void aBridge_thatDiesWhileItWaits_leavesNothing()
    {
        JobBridge training(JobKind::Training);
        runForEver(training, "training");
        std::atomic<bool> begun = false;
        {
            JobBridge sweep(JobKind::Sweep);
            sweep.start<int>(
                [&begun](const core::JobContext&) {
                    begun = true;
                    return 1;
                },
                [](int) {});
        }
        QSignalSpy ended(&training, &JobBridge::cancelled);
        training.cancel();
        QTRY_COMPARE_WITH_TIMEOUT(ended.count(), 1, hangMs());
        JobBridge next(JobKind::Sweep);
        QSignalSpy finished(&next, &JobBridge::finished);
        next.start<int>([](const core::JobContext&) { return 1; }, [](int) {});
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, hangMs());
        QVERIFY(!begun);
    }

    // What a person asks for goes before what began by itself.
    void aWaitingSweep_thatIsAskedFor_beginsBesideTheTraining()
    {
        JobBridge training(JobKind::Training);
        runForEver(training, "training");
        JobBridge sweep(JobKind::Sweep);
        QSignalSpy finished(&sweep, &JobBridge::finished);
        sweep.start<int>([](const core::JobContext&) { return 1; },
                         [](int) { QFAIL("it was replaced"); });
        sweep.setKind(JobKind::OnScreen);
        sweep.start<int>([](const core::JobContext&) { return 2; }, [](int) {});
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, hangMs());
        QVERIFY(training.isBusy());
    }

    void noMoreRun_thanTheirKindAllows_data()
    {
        QTest::addColumn<JobKind>("kind");
        QTest::addColumn<int>("most");
        QTest::newRow("training") << JobKind::Training << 1;
        QTest::newRow("on screen") << JobKind::OnScreen << 2;
        QTest::newRow("sweep") << JobKind::Sweep << 2;
        QTest::newRow("reading") << JobKind::Reading << 6; // all of them
    }
    void noMoreRun_thanTheirKindAllows()
    {
        constexpr int kJobs = 6;
        QFETCH(JobKind, kind);
        QFETCH(int, most);
        std::atomic<int> running = 0;
        std::atomic<int> highest = 0;
        std::atomic<bool> letGo = false;
        std::vector<std::unique_ptr<JobBridge>> bridges;
        int finished = 0;
        for (int i = 0; i < kJobs; ++i) {
            bridges.push_back(std::make_unique<JobBridge>(kind));
            connect(bridges.back().get(), &JobBridge::finished, this, [&finished] { ++finished; });
            bridges.back()->start<int>(
                [&](const core::JobContext&) {
                    const int now = ++running;
                    int before = highest;
                    while (before < now && !highest.compare_exchange_weak(before, now)) { }
                    while (!letGo) {
                        std::this_thread::yield();
                    }
                    return --running;
                },
                [](int) {});
        }
        QTRY_COMPARE_WITH_TIMEOUT(running.load(), most, hangMs());
        letGo = true;
        QTRY_COMPARE_WITH_TIMEOUT(finished, kJobs, hangMs());
        QCOMPARE(highest.load(), most);
    }

    // A training's threads are the program's own; what else computes yields to them, with the teams that it starts.
    void threadsYield_byKind()
    {
        const int own = niceness();
        for (const JobKind kind : {JobKind::Reading, JobKind::Training}) {
            QCOMPARE(nicenessOf(kind), std::pair(own, own));
        }
        const int shown = std::max(own, 5);
        QCOMPARE(nicenessOf(JobKind::OnScreen), std::pair(shown, shown));
        QCOMPARE(nicenessOf(JobKind::Sweep), std::pair(19, 19));
        QCOMPARE(niceness(), own); // this thread is nobody's worker
    }

    void turnsAreCounted_whetherOneBegins()
    {
        JobBridge bridge;
        const auto pool = JobPool::shared();
        const std::uint64_t before = pool->asked(JobKind::Reading);
        QSignalSpy cancelled(&bridge, &JobBridge::cancelled);
        bridge.start<int>([](const core::JobContext&) { return 1; }, [](int) {});
        bridge.cancel();
        QTRY_COMPARE_WITH_TIMEOUT(cancelled.count(), 1, hangMs());
        QCOMPARE(pool->asked(JobKind::Reading), before + 1);
        QCOMPARE(pool->asked(JobKind::Sweep), std::uint64_t {0});
    }
};

QTEST_GUILESS_MAIN(TestJobPool)
#include "tst_job_pool.moc"
