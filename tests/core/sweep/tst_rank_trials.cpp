// SPDX-License-Identifier: GPL-3.0-or-later
// Which rank brief trainings propose.
#include "core/sweep/rank_trials.h"
#include "tests/core/file/test_files.h"
#include "tests/tools/tiny_llama.h"

#include <QtTest/QtTest>

using namespace pissarro;
using namespace pissarro::core;

namespace {

// Twenty steps of 3 - step/20 + behind, and `shake` up and down.
RankTrial trial(std::int64_t rank, double behind, double shake = 0.0)
{
    RankTrial made;
    made.rank = rank;
    made.parameters = 1000 * rank;
    for (int step = 1; step <= 20; ++step) {
        StepRecord record;
        record.step = step;
        record.batchHash = "b" + std::to_string(step);
        record.loss = 3.0 - step / 20.0 + behind + (step % 2 == 0 ? shake : -shake);
        made.records.push_back(record);
    }
    return made;
}

} // namespace

class TestRankTrials : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theSmallestThatIsAsGood_isProposed()
    {
        // 16 is 0.004 behind 32: less than half a percent of about 2.2; 8 is a tenth behind
        const RankProposal proposal =
            proposeRank(std::vector {trial(32, 0.0), trial(8, 0.1), trial(16, 0.004)});
        QCOMPARE(proposal.best, std::int64_t {32});
        QCOMPARE(proposal.rank, std::optional<std::int64_t>(16));
        QCOMPARE(proposal.tried.size(), std::size_t {3});
        QCOMPARE(proposal.tried[0].rank, std::int64_t {8});
        QVERIFY(!proposal.tried[0].isAsGood && proposal.tried[1].isAsGood);
        QVERIFY(std::abs(proposal.tried[0].behind.mean - 0.1) < 1e-12);
        QVERIFY(std::abs(proposal.tried[2].loss - (3.0 - 15.5 / 20.0)) < 1e-12); // steps 11 to 20
        QVERIFY(proposal.reason.text().find("Start with 16: rank 32 was not measurably better")
                == 0);
        QVERIFY(proposal.reason.text().find("2.0 times") != std::string::npos);
    }

    void noise_isNoLead()
    {
        const RankProposal proposal =
            proposeRank(std::vector {trial(8, 0.02, 0.2), trial(16, 0.0)});
        QCOMPARE(proposal.rank, std::optional<std::int64_t>(8)); // 0.02 behind, shaken by 0.2
        const RankProposal clear = proposeRank(std::vector {trial(8, 0.02, 0.001), trial(16, 0.0)});
        QCOMPARE(clear.rank, std::optional<std::int64_t>(16));
        QVERIFY(clear.reason.text().find("every smaller rank was measurably behind")
                != std::string::npos);
    }

    void theSmallestMayBeTheBest()
    {
        const RankProposal proposal = proposeRank(std::vector {trial(8, 0.0), trial(16, 0.1)});
        QCOMPARE(proposal.rank, std::optional<std::int64_t>(8));
        QVERIFY(proposal.reason.text().find("the smallest that was tried") != std::string::npos);
    }

    void refuses_whatCannotBeCompared()
    {
        QVERIFY(!proposeRank(std::vector {trial(8, 0.0)}).rank);
        QVERIFY(!proposeRank({}).rank);
        QVERIFY(test::errorOf([] { proposeRank(std::vector {trial(8, 0.0), trial(8, 0.0)}); }));
        QVERIFY(test::errorOf([] {
            RankTrial other = trial(16, 0.0);
            other.records[15].batchHash = "x";
            proposeRank(std::vector {trial(8, 0.0), other});
        }));
    }

    void realTrials_takeTheSameBatches()
    {
        const RunSpec spec = tests::tinySpec(methodNamed("pissa"));
        const auto trials = tryRanks(spec, {2, 4}, 4, JobContext());
        QCOMPARE(trials.size(), std::size_t {2});
        QCOMPARE(trials[0].records.size(), std::size_t {4});
        QVERIFY(trials[1].parameters == 2 * trials[0].parameters);
        const RankProposal proposal = proposeRank(trials);
        QVERIFY(proposal.rank);
    }
};

QTEST_GUILESS_MAIN(TestRankTrials)
#include "tst_rank_trials.moc"
