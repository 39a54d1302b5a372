// SPDX-License-Identifier: GPL-3.0-or-later
// How a service's state goes with its jobs: the one that is waited for, those that were forgotten, those beside.
#include "core/base/error.h"
#include "tests/tools/patience.h"
#include "tests/ui/warning_trap.h"
#include "ui/jobs/job_bridge.h"
#include "ui/services/service.h"

#include <QSignalSpy>
#include <QTest>

#include <algorithm>
#include <vector>

using namespace pissarro;
using namespace pissarro::ui;
using pissarro::tests::hangMs;

namespace {

// A service that waits for the end of one job, and one job beside it.
class Worker : public Service {
public:
    using Service::Progress;
    explicit Worker(Progress progress)
    {
        const auto failed = [](const QString& why) {
            return Failed {QStringLiteral("could not"), {}, why};
        };
        goWith(
            m_jobs, m_job, failed,
            [this](State how) {
                ends.push_back(how);
                waitsAtEnd = m_job != 0;
                setState(std::move(how));
            },
            progress);
        failWith(m_beside, failed);
    }

    template <class Work>
    void start(Work work)
    {
        m_job = m_jobs.start<int>(work, [](int) {});
        setState(Running {});
    }
    template <class Work>
    void startBeside(Work work)
    {
        m_beside.start<int>(work, [this](int) { ++besideDone; });
    }
    void cancel() { m_jobs.cancel(); }
    void forget()
    {
        m_jobs.cancel();
        m_job = 0;
        setState(Idle {});
    }
    bool isBusy() const { return m_jobs.isBusy(); }

    std::vector<State> ends;
    bool waitsAtEnd = true;
    int besideDone = 0;

private:
    quint64 m_job = 0;
    JobBridge m_beside;
    JobBridge m_jobs;
};

int fails(const core::JobContext&)
{
    throw core::Error(core::ErrorKind::InvalidArgument, "a: no room");
}

int reports(const core::JobContext& job)
{
    job.checkpoint(0.5, "half");
    return 1;
}

int endless(const core::JobContext& job)
{
    for (;;) {
        job.throwIfCancelled();
        QTest::qSleep(2);
    }
}

} // namespace

class TestService : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { tests::WarningTrap::install(); }
    void cleanup() { QCOMPARE(tests::WarningTrap::take(), QStringList()); }

    void theEnd_isGivenOnce_whicheverItIs()
    {
        Worker worker(Worker::Progress::Told);
        worker.start(reports);
        QTRY_COMPARE_WITH_TIMEOUT(worker.ends.size(), std::size_t {1}, hangMs());
        QVERIFY(std::holds_alternative<Ready>(worker.ends[0]));
        QVERIFY(!worker.waitsAtEnd);
        worker.start(fails);
        QTRY_COMPARE_WITH_TIMEOUT(worker.ends.size(), std::size_t {2}, hangMs());
        QVERIFY(worker.failure() != nullptr);
        QCOMPARE(worker.failure()->what, QStringLiteral("could not"));
        QVERIFY2(worker.failure()->why.contains(QStringLiteral("no room")),
                 qPrintable(worker.failure()->why));
        worker.start(endless);
        worker.cancel();
        QTRY_COMPARE_WITH_TIMEOUT(worker.ends.size(), std::size_t {3}, hangMs());
        QVERIFY(std::holds_alternative<Idle>(worker.state()));
    }

    void whatWasForgotten_orReplaced_isPassedOver()
    {
        Worker worker(Worker::Progress::Told);
        worker.start(endless);
        worker.start(reports); // in its place
        QTRY_VERIFY_WITH_TIMEOUT(!worker.isBusy(), hangMs());
        QCOMPARE(worker.ends.size(), std::size_t {1});
        QVERIFY(std::holds_alternative<Ready>(worker.ends[0]));
        worker.start(endless);
        worker.forget();
        QSignalSpy told(&worker, &Service::stateChanged);
        QTRY_VERIFY_WITH_TIMEOUT(!worker.isBusy(), hangMs());
        QCOMPARE(worker.ends.size(), std::size_t {1});
        QCOMPARE(told.count(), 0);
    }

    void howFar_isTold_orOnlyThatItWaits()
    {
        for (const auto progress : {Worker::Progress::Told, Worker::Progress::OnlyWaits}) {
            Worker worker(progress);
            double furthest = -1.0;
            connect(&worker, &Service::stateChanged, this, [&] {
                if (const auto* running = std::get_if<Running>(&worker.state())) {
                    furthest = std::max(furthest, running->fraction);
                }
            });
            worker.start(reports);
            QTRY_COMPARE_WITH_TIMEOUT(worker.ends.size(), std::size_t {1}, hangMs());
            QCOMPARE(furthest, progress == Worker::Progress::Told ? 0.5 : -1.0);
        }
    }

    void aJobBeside_isHeardOfWhereItFails()
    {
        Worker worker(Worker::Progress::Told);
        QSignalSpy told(&worker, &Service::stateChanged);
        worker.startBeside(reports);
        QTRY_COMPARE_WITH_TIMEOUT(worker.besideDone, 1, hangMs());
        QCOMPARE(told.count(), 0);
        worker.startBeside(fails);
        QTRY_VERIFY_WITH_TIMEOUT(worker.failure() != nullptr, hangMs());
        QCOMPARE(told.count(), 1);
        QVERIFY(worker.ends.empty());
    }
};

QTEST_GUILESS_MAIN(TestService)
#include "tst_service.moc"
