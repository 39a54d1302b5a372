// SPDX-License-Identifier: GPL-3.0-or-later
// What leaves core when something goes wrong, and how a long call is stopped, reports and shares memory.
#include "core/base/byte_budget.h"
#include "core/base/error.h"
#include "core/base/job_context.h"
#include "core/base/version.h"

#include <QRegularExpression>
#include <QTest>

#include <atomic>
#include <cerrno>
#include <thread>

using namespace pissarro::core;

class TestError : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void anError_getsItsFileOnTheWayUp()
    {
        const Error plain(ErrorKind::Format, "is cut off");
        QVERIFY(plain.kind() == ErrorKind::Format);
        const Error placed = plain.within("weights").within("/m/model.gguf");
        QCOMPARE(std::string(placed.what()), std::string("/m/model.gguf: weights: is cut off"));
        QVERIFY(placed.kind() == ErrorKind::Format);
        QCOMPARE(std::string(plain.what()), std::string("is cut off")); // itself unchanged
    }

    void systemFailures_areSentences()
    {
        QCOMPARE(systemErrorText(ENOSPC), std::string("No space left on device"));
        QCOMPARE(systemErrorText(ENOENT), std::string("No such file or directory"));
    }

    // Who catches errors does not catch a stop.
    void aStop_isNoError()
    {
        QVERIFY((!std::is_base_of_v<std::runtime_error, Cancelled>));
        QVERIFY((std::is_base_of_v<std::exception, Cancelled>));
    }

    void aJob_reportsUntilItIsStopped()
    {
        std::vector<std::pair<double, std::string>> told;
        std::stop_source stop;
        const JobContext job(stop.get_token(), [&](double fraction, std::string_view stage) {
            told.emplace_back(fraction, stage);
        });
        job.checkpoint(0.25, "Reading");
        job.checkpoint(-1.0, "Waiting");
        QVERIFY(!job.isCancelled());
        stop.request_stop();
        QVERIFY(job.isCancelled() && job.stopToken().stop_requested());
        QVERIFY_THROWS_EXCEPTION(Cancelled, job.throwIfCancelled());
        QVERIFY_THROWS_EXCEPTION(Cancelled, job.checkpoint(0.5, "Writing"));
        const std::vector<std::pair<double, std::string>> wanted {{0.25, "Reading"},
                                                                  {-1.0, "Waiting"}};
        QVERIFY(told == wanted);
    }

    void aJobOfNobody_goesOn()
    {
        const JobContext job;
        job.checkpoint(0.5, "Reading");
        QVERIFY(!job.isCancelled());
    }

    // A worker that waits for bytes is not parked beyond a stop, and what is larger than the limit goes alone.
    void aByteBudget_waitsUntilItIsStopped()
    {
        ByteBudget budget(100);
        std::stop_source stop;
        const JobContext job(stop.get_token());
        {
            const ByteBudget::Share whole = budget.take(1000, job);
            std::atomic<bool> cancelled = false;
            std::thread waiting([&] {
                try {
                    budget.take(1, job);
                } catch (const Cancelled&) {
                    cancelled = true;
                }
            });
            stop.request_stop();
            waiting.join();
            QVERIFY(cancelled);
        }
        const ByteBudget::Share some = budget.take(60, {});
        const ByteBudget::Share rest = budget.take(40, {});
    }

    // However many ask at once, never more than the limit is held.
    void aByteBudget_isNeverExceeded()
    {
        ByteBudget budget(100);
        std::atomic<int> held = 0;
        std::atomic<bool> exceeded = false;
        std::vector<std::jthread> workers;
        for (int i = 0; i < 4; ++i) {
            workers.emplace_back([&, size = 30 + 10 * i] {
                for (int turn = 0; turn < 50; ++turn) {
                    const ByteBudget::Share share =
                        budget.take(static_cast<std::uint64_t>(size), {});
                    exceeded = exceeded || held.fetch_add(size) + size > 100;
                    std::this_thread::yield();
                    held.fetch_sub(size);
                }
            });
        }
        workers.clear(); // joins
        QVERIFY(!exceeded);
        QCOMPARE(held.load(), 0);
    }

    void theVersion_isThreeNumbers()
    {
        const QRegularExpression form(QStringLiteral(R"(^\d+\.\d+\.\d+$)"));
        QVERIFY2(form.match(QString::fromLatin1(version())).hasMatch(), version());
    }
};

QTEST_GUILESS_MAIN(TestError)
#include "tst_error.moc"
