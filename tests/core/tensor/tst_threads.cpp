// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/allowed_cores.h"
#include "core/linalg/spectrum.h"
#include "core/linalg/svd_tensors.h"
#include "core/tensor/parallel_tasks.h"
#include "core/tensor/threads.h"

#include <ATen/ATen.h>

#include <QtTest/QtTest>

#include <atomic>
#include <omp.h>
#include <set>
#include <thread>

using namespace pissarro::core;

extern "C" int MKL_Get_Max_Threads() __attribute__((weak));

namespace {

// How many threads LibTorch, OpenMP and MKL would start from here.
struct Counts {
    bool alone = at::in_parallel_region();
    int torch = at::get_num_threads();
    int omp = omp_get_max_threads();
    int mkl = MKL_Get_Max_Threads != nullptr ? MKL_Get_Max_Threads() : omp_get_max_threads();

    bool are(int count) const { return torch == count && omp == count && mkl == count; }
};

// Nearly singular, so that its spectrum is found by LAPACK on the matrix itself.
at::Tensor nearlySingular(std::int64_t seed)
{
    at::manual_seed(static_cast<std::uint64_t>(seed));
    return at::randn({160, 9}).mm(at::randn({9, 96}));
}

} // namespace

class TestThreads : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aBody_computesAlone_data()
    {
        QTest::addColumn<int>("threads");
        QTest::addColumn<int>("items");
        for (const int threads : {1, 2, 3}) {
            for (const int items : {1, 2, 40}) {
                QTest::addRow("%d items on %d threads", items, threads) << threads << items;
            }
        }
    }

    void aBody_computesAlone()
    {
        QFETCH(int, threads);
        QFETCH(int, items);
        const ThreadBudget budget(threads);
        std::atomic<int> right = 0;
        forEachInParallel(items, [&](std::int64_t) { right += Counts().are(1) ? 1 : 0; });
        QCOMPARE(right.load(), items);
        eachTask(items, [&](std::int64_t, std::int64_t) { right += Counts().are(1) ? 1 : 0; });
        QCOMPARE(right.load(), 2 * items);
        QVERIFY(Counts().are(threads));
        QVERIFY(!Counts().alone);
    }

    // LibTorch has a first question in its library and one in our program: neither may give a worker a team again. MKL's
    // would spin below ours for ever (dgeqrf of a tall matrix), where no stop is heard.
    void aBody_computesAlone_afterALoopOfItsOwn()
    {
#ifdef __SANITIZE_THREAD__
        QSKIP("without OpenMP there is no team");
#endif
        if (omp_get_thread_limit() < 2) {
            QSKIP("OMP_THREAD_LIMIT leaves no team");
        }
        std::atomic<int> right = 0;
        std::thread job([&] { // its teams are new, and have been asked nothing
            const ThreadBudget budget(2);
            std::atomic<int> here = 0;
            forEachInParallel(2, [&](std::int64_t) {
                ++here;
                while (here < 2) { // one item a thread
                    std::this_thread::yield();
                }
                at::parallel_for(0, 1, 1, [](std::int64_t, std::int64_t) {});
                right += Counts().are(1) ? 1 : 0;
            });
        });
        job.join();
        QCOMPARE(right.load(), 2);
    }

    void oneMatrix_hasTheBitsOfMany()
    {
        std::vector<std::vector<double>> alone;
        std::vector<at::Tensor> vectors;
        for (int i = 0; i < 6; ++i) {
            const ThreadBudget budget(3);
            forEachInParallel(1, [&](std::int64_t) {
                alone.push_back(computeSpectrum(nearlySingular(i), {}, {}).values);
                vectors.push_back(exactSvd(nearlySingular(i), 4).u_OR);
            });
        }
        for (const int threads : {1, 2, 5}) {
            const ThreadBudget budget(threads);
            std::vector<at::Tensor> inputs;
            for (int i = 0; i < 6; ++i) {
                inputs.push_back(nearlySingular(i));
            }
            std::atomic<int> same = 0;
            forEachInParallel(6, [&](std::int64_t i) {
                const auto at = static_cast<std::size_t>(i);
                same += computeSpectrum(inputs[at], {}, {}).values == alone[at] ? 1 : 0;
                same += at::equal(exactSvd(inputs[at], 4).u_OR, vectors[at]) ? 1 : 0;
            });
            QCOMPARE(same.load(), 12);
        }
    }

    void budgets_nest()
    {
        const ThreadBudget outer(3);
        QCOMPARE(outer.count(), 3);
        {
            const ThreadBudget same;
            QCOMPARE(same.count(), 3);
            const ThreadBudget inner(2);
            QVERIFY(Counts().are(2));
        }
        QVERIFY(Counts().are(3));
        forEachInParallel(2, [&](std::int64_t) { // a job within an item stays on its thread
            QCOMPARE(ThreadBudget().count(), 1);
        });
    }

    void twoJobs_leaveEachOtherTheirs()
    {
        std::atomic<int> begun = 0;
        std::atomic<int> right = 0;
        const auto job = [&](int threads) {
            const ThreadBudget budget(threads);
            ++begun;
            while (begun < 2) {
                std::this_thread::yield();
            }
            for (int i = 0; i < 100; ++i) {
                const ThreadBudget again(threads);
                right += Counts().are(threads) ? 1 : 0;
            }
        };
        std::thread one(job, 2);
        std::thread other(job, 5);
        one.join();
        other.join();
        QCOMPARE(right.load(), 200);
    }

    void withoutANumber_itIsWhatIsAllowed()
    {
        QCOMPARE(ThreadBudget().count(), allowedCores());
    }

    void piecesAreReported_oneAtATime()
    {
        const ThreadBudget budget(4);
        std::atomic<int> inside = 0;
        std::vector<double> fractions;
        std::set<std::int64_t> taken;
        const JobContext job(std::stop_token(), [&](double fraction, std::string_view stage) {
            QCOMPARE(++inside, 1);
            QCOMPARE(stage, std::string_view("Counting"));
            fractions.push_back(fraction);
            --inside;
        });
        forEachInParallel(
            30, {job, "Counting", 10, 40}, [](std::int64_t i) { return 2 * i; },
            [&](std::int64_t i, std::int64_t twice) {
                QCOMPARE(++inside, 1);
                QCOMPARE(twice, 2 * i);
                taken.insert(i);
                --inside;
            });
        QCOMPARE(taken.size(), std::size_t(30));
        QCOMPARE(fractions.size(), std::size_t(30));
        QVERIFY(std::is_sorted(fractions.begin(), fractions.end()));
        QCOMPARE(fractions.front(), 11.0 / 40.0);
        QCOMPARE(fractions.back(), 1.0);
    }

    void aStop_endsTheLoop()
    {
        const ThreadBudget budget(2);
        std::stop_source stop;
        std::atomic<int> computed = 0;
        QVERIFY_THROWS_EXCEPTION(Cancelled,
                                 forEachInParallel(
                                     1000, {JobContext(stop.get_token()), "Counting"},
                                     [&](std::int64_t i) {
                                         if (++computed == 3) {
                                             stop.request_stop();
                                         }
                                         return i;
                                     },
                                     [](std::int64_t, std::int64_t) {}));
        QVERIFY(computed < 10);
    }
};

QTEST_GUILESS_MAIN(TestThreads)
#include "tst_threads.moc"
