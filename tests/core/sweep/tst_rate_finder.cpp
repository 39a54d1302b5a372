// SPDX-License-Identifier: GPL-3.0-or-later
// Which rate a ramp proposes, by the rule that its header states; and a ramp of the real trainer.
#include "core/run/run_lock.h"
#include "core/sweep/rate_finder.h"
#include "tests/core/file/test_files.h"
#include "tests/tools/tiny_llama.h"

#include <QtTest/QtTest>

#include <chrono>
#include <cmath>
#include <thread>

using namespace pissarro;
using namespace pissarro::core;

namespace {

// Ten steps for each power of ten from 1e-6 on; `loss` of the rate.
std::vector<RampPoint> ramp(const std::function<double(double)>& loss)
{
    std::vector<RampPoint> points;
    const RampOptions options;
    for (std::int64_t step = 1; step <= options.steps; ++step) {
        const double rate = rampRate(options, step);
        points.push_back({rate, loss(rate)});
    }
    return points;
}

} // namespace

class TestRateFinder : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aRamp_growsByTheSameFactor()
    {
        const RampOptions options {1e-6, 1e-1, 51};
        QCOMPARE(rampRate(options, 1), 1e-6);
        QCOMPARE(rampRate(options, 51), 1e-1);
        QVERIFY(std::abs(rampRate(options, 11) / 1e-5 - 1.0) < 1e-12);
        QVERIFY(std::abs(rampRate(options, 41) / 1e-2 - 1.0) < 1e-12);
    }

    void proposed_isAThirdOfTheLowest_inTheRow()
    {
        // falls up to 1e-2 and runs away from there
        const RateProposal proposal = proposeRate(ramp(
            [](double rate) { return rate <= 1.01e-2 ? 3.0 - 10.0 * std::sqrt(rate) : 50.0; }));
        QVERIFY(proposal.rate);
        QVERIFY(proposal.lowestAt > 0.9e-2 && proposal.lowestAt < 1.1e-2);
        QCOMPARE(*proposal.rate, 3e-3);
        QCOMPARE(proposal.grid, (std::vector<double> {1e-3, 3e-3, 1e-2}));
        QVERIFY(proposal.reason.text().find("3e-3 is proposed") == 0);
        QVERIFY(proposal.reason.text().find("ran away") != std::string::npos);
        QCOMPARE(proposal.smoothed.size(), std::size_t {50});
    }

    void oneThatNeverRunsAway_isProposedByItsEnd()
    {
        const RateProposal proposal =
            proposeRate(ramp([](double rate) { return 3.0 - 5.0 * std::sqrt(rate); }));
        QCOMPARE(proposal.lowestAt, 1e-1);
        QCOMPARE(*proposal.rate, 3e-2);
        QVERIFY(proposal.reason.text().find("ran away") == std::string::npos);
    }

    void whatComesAfterTheRunaway_doesNotCount()
    {
        const RateProposal proposal = proposeRate(ramp([](double rate) {
            return rate < 1e-4 ? 3.0 - 1e4 * rate : rate < 1e-2 ? std::nan("") : 0.0;
        }));
        QVERIFY(proposal.lowestAt < 1e-4);
        QVERIFY(*proposal.rate <= 3e-5);
    }

    void withoutAFall_nothingIsProposed()
    {
        const RateProposal flat = proposeRate(ramp([](double) { return 2.0; }));
        QVERIFY(!flat.rate && flat.grid.empty());
        QVERIFY(flat.reason.text().find("No rate is proposed") == 0);
        QVERIFY(!proposeRate(ramp([](double rate) { return 2.0 + rate; })).rate);
        QVERIFY(!proposeRate({}).rate);
    }

    void aRealRamp_isDeterministic_andLeavesNothing()
    {
        const test::Scratch scratch;
        qputenv("TMPDIR", QByteArray::fromStdString(scratch.path().string()));
        const RunSpec spec = tests::tinySpec(methodNamed("lora"));
        const RampOptions options {1e-5, 1e-1, 12};
        const RateRamp once = rateRamp(spec, methodNamed("pissa"), options, JobContext());
        const RateRamp again = rateRamp(spec, methodNamed("pissa"), options, JobContext());
        QVERIFY(once.points.size() > 1 && once.points.size() <= 12);
        QCOMPARE(again.points.size(), once.points.size());
        for (std::size_t i = 0; i < once.points.size(); ++i) {
            QCOMPARE(again.points[i].rate, once.points[i].rate);
            QVERIFY2(again.points[i].loss == once.points[i].loss,
                     qPrintable(QStringLiteral("step %1: %2 and then %3")
                                    .arg(i + 1)
                                    .arg(once.points[i].loss, 0, 'g', 17)
                                    .arg(again.points[i].loss, 0, 'g', 17)));
        }
        QVERIFY(once.method == methodNamed("pissa"));
        QVERIFY(std::filesystem::is_empty(scratch.path()));
        qunsetenv("TMPDIR");
    }

    // «Stop» of a run in a process of its own, while the rate of its twin is looked for: the ramp trains in a folder of its
    // own, where nobody leaves an order.
    void aRamp_endsWhereItsRunIsToldToStop()
    {
        const test::Scratch scratch;
        TrainRequest request;
        request.spec = tests::tinySpec(methodNamed("pissa"));
        request.runDirectory = scratch.path();
        giveOrder(request.runDirectory, thisProcess(), RunOrder::Stop);
        std::string stages;
        const JobContext job({}, [&stages](double, std::string_view stage) {
            stages += std::string(stage) + "\n";
            std::this_thread::sleep_for(std::chrono::milliseconds(20)); // of a model that is larger
        });
        int told = 0;
        QVERIFY_THROWS_EXCEPTION(Cancelled,
                                 findTwinRates(
                                     request, {methodNamed("lora")}, [&](auto&) { ++told; }, job));
        QCOMPARE(told, 0);
        QVERIFY(!request.twinRates.contains(methodNamed("lora")));
        QVERIFY2(stages.empty() || stages.find("Looking for LoRA's rate · ") == 0, stages.c_str());
    }
};

QTEST_GUILESS_MAIN(TestRateFinder)
#include "tst_rate_finder.moc"
