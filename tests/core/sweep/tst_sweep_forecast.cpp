// SPDX-License-Identifier: GPL-3.0-or-later
// What a sweep is said to cost before it starts.
#include "core/model/model_files.h"
#include "core/sweep/sweep_forecast.h"
#include "core/sweep/worker_processes.h"
#include "core/train/memory_estimate.h"
#include "tests/cli/tiny_model.h"
#include "tests/core/file/test_files.h"
#include "tests/core/sweep/scripted_trainer.h"

#include <QtTest/QtTest>

#include <sys/stat.h>

using namespace pissarro;
using namespace pissarro::core;

class TestSweepForecast : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        tests::writeTinyModel(m_scratch / "tiny");
        tests::writeTinyBatches(m_scratch / "b.safetensors", 4);
    }

    void counts_time_disk_andMemory()
    {
        int measured = 0;
        const PaceOf pace = [&](const RunSpec& /*spec*/, const JobContext& /*job*/) {
            ++measured;
            return Pace {0.001, 2.0};
        };
        const SweepPlan plan = planSweep(sweep("'axes': {'rank': [2, 4], 'seed': [0, 1]}"));
        const SweepForecast forecast = forecastSweep(plan, 1, m_scratch / "s", JobContext(), pace);
        QCOMPARE(forecast.runs, std::size_t {4});
        QCOMPARE(forecast.steps, std::int64_t {4 * 8});
        QCOMPARE(measured, 1); // rank and seed do not decide it
        // batches are 4 rows of 12 tokens; 8 steps are two passes over four
        QCOMPARE(forecast.seconds, 4 * (2.0 + 0.001 * 8 * 4 * 12));
        const auto files = ModelFiles::open(m_scratch / "tiny");
        std::int64_t disk = 0;
        for (const PlannedRun& run : plan.runs) {
            disk += estimateDisk(*files, run.spec, {}, 8).total();
        }
        QCOMPARE(forecast.diskBytes, disk);
        QCOMPARE(forecast.memoryBytes,
                 estimateMemory(*files, plan.runs.back().spec, {}, 48).total());
        QVERIFY(forecast.workersThatFit >= 1);
        QVERIFY(forecast.warnings.empty());
    }

    void whatWillBeRefused_isSaid()
    {
        const PaceOf pace = [](const RunSpec&, const JobContext&) { return Pace {0.001, 2.0}; };
        const SweepForecast forecast =
            forecastSweep(planSweep(sweep("'axes': {'rank': [4, 4000]}")), 1, m_scratch / "s",
                          JobContext(), pace);
        QCOMPARE(forecast.warnings.size(), std::size_t {1});
        QVERIFY(forecast.warnings[0].find("run rank4000 will be refused") == 0);
        QVERIFY(test::errorOf([&] {
            forecastSweep(planSweep(sweep("'axes': {'rank': [4000]}")), 1, m_scratch / "s",
                          JobContext(), pace);
        }));
    }

    void workers_beginAndLeaveWhenAsked()
    {
        const test::Scratch scratch;
        {
            WorkerProcesses echo({"/bin/sh", "-c", "echo began"}, 2, scratch.path());
            echo.wait();
        }
        QCOMPARE(test::readBytes(scratch / "worker-1.log"), std::string("began\n"));
        QCOMPARE(test::readBytes(scratch / "worker-2.log"), std::string("began\n"));
        WorkerProcesses sleepers({"/bin/sh", "-c", "exec sleep 100000"}, 2, scratch.path());
        sleepers.askToLeave();
        sleepers.wait(); // or the test hangs
        QVERIFY(std::filesystem::exists(thisProgram()));
    }

private:
    SweepSpec sweep(const std::string& more) const
    {
        return tests::sweepOf("{'base': {'model': '" + (m_scratch / "tiny").string()
                              + "', 'batches': '" + (m_scratch / "b.safetensors").string()
                              + "', 'steps': 8, 'dtype': 'float32', 'device': 'cpu'}, " + more
                              + "}");
    }

    test::Scratch m_scratch;
};

QTEST_GUILESS_MAIN(TestSweepForecast)
#include "tst_sweep_forecast.moc"
