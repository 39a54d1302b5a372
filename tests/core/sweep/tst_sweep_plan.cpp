// SPDX-License-Identifier: GPL-3.0-or-later
// From a sweep to its runs: which, in which order, by which names.
#include "core/sweep/sweep_plan.h"
#include "tests/core/file/test_files.h"
#include "tests/core/sweep/scripted_trainer.h"

#include <QtTest/QtTest>

#include <set>

using namespace pissarro;
using namespace pissarro::core;
using tests::smallSweep;

namespace {

QStringList namesOf(const SweepPlan& plan)
{
    QStringList names;
    for (const PlannedRun& run : plan.runs) {
        names << QString::fromStdString(run.name);
    }
    return names;
}

} // namespace

class TestSweepPlan : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aGrid_isEveryCombination_theLastAxisFastest()
    {
        const SweepPlan plan = planSweep(smallSweep("'axes': {'method': ['pissa', 'lora'], 'rank': "
                                                    "[8, 4], 'learning_rate': [2e-5, 1e-3]}"));
        QCOMPARE(namesOf(plan),
                 (QStringList {"pissa-rank8-lr2e-5", "pissa-rank8-lr0.001", "pissa-rank4-lr2e-5",
                               "pissa-rank4-lr0.001", "lora-rank8-lr2e-5", "lora-rank8-lr0.001",
                               "lora-rank4-lr2e-5", "lora-rank4-lr0.001"}));
        QCOMPARE(plan.runs[3].spec.rank, std::int64_t {4});
        QCOMPARE(plan.runs[3].spec.learningRate, 1e-3);
        QCOMPARE(plan.runs[3].varied.back().key, std::string("learning_rate"));
        QCOMPARE(plan.runs[3].varied.back().value, std::string("1e-3")); // as its table has it
        QCOMPARE(plan.runs[3].spec.steps, std::int64_t {6}); // the base's
        QCOMPARE(plan.repeated, std::size_t {0});
    }

    void aTwin_hasItsOwnRates()
    {
        const SweepPlan plan =
            planSweep(smallSweep("'axes': {'method': ['pissa'], 'learning_rate': [2e-5]}, "
                                 "'twins': {'lora': {'learning_rate': [2e-4, 5e-4]}}"));
        QCOMPARE(namesOf(plan), (QStringList {"pissa-lr2e-5", "lora-lr2e-4", "lora-lr5e-4"}));
    }

    void whatMeansNothingToAMethod_isNotVaried()
    {
        const SweepPlan plan = planSweep(smallSweep(
            "'axes': {'method': ['full', 'qpissa', 'lora'], 'rank': [4, 8], 'iters': [1, 5]}"));
        // full: no rank, no T; lora: no T
        QCOMPARE(namesOf(plan),
                 (QStringList {"full", "qpissa-rank4-iters1", "qpissa-rank4-iters5",
                               "qpissa-rank8-iters1", "qpissa-rank8-iters5", "lora-rank4",
                               "lora-rank8"}));
        QCOMPARE(plan.repeated, std::size_t {3 + 2});
    }

    void alpha_goesWithTheRank()
    {
        const SweepPlan plan =
            planSweep(smallSweep("'axes': {'rank': [4, 32]}, 'pair_alpha_with_rank': true"));
        QCOMPARE(plan.runs[0].spec.alpha, 4.0);
        QCOMPARE(plan.runs[1].spec.alpha, 32.0);
        QCOMPARE(namesOf(plan), (QStringList {"rank4", "rank32"}));
    }

    void singleRuns_comeAfterTheGrid()
    {
        const SweepPlan both = planSweep(smallSweep(
            "'axes': {'rank': [4]}, 'runs': [{'method': 'full', 'learning_rate': 1e-5}]"));
        QCOMPARE(both.runs.size(), std::size_t {2});
        QCOMPARE(both.runs[1].spec.method, methodNamed("full"));
        const SweepPlan alone =
            planSweep(smallSweep("'runs': [{'rank': 4}, {'rank': 8}, {'rank': 4}]"));
        QCOMPARE(namesOf(alone), (QStringList {"rank4", "rank8"}));
        QCOMPARE(alone.repeated, std::size_t {1});
    }

    void names_areFolders_andDiffer()
    {
        const SweepPlan plan = planSweep(smallSweep(
            "'axes': {'data': ['/a/x.jsonl', '/b/x.jsonl', '/c/../d/y z.json'], "
            "'targets': [['q_proj'], ['*.{q,v}_proj', 'k_proj'], []], 'rslora': [true, false]}"));
        QCOMPARE(plan.runs.size(), std::size_t {18});
        std::set<std::string> names;
        for (const PlannedRun& run : plan.runs) {
            QVERIFY(names.insert(run.name).second);
            QVERIFY2(run.name.find_first_of("/ *{}'") == std::string::npos
                         && run.name.front() != '.' && run.name.size() < 230,
                     run.name.c_str());
        }
        QVERIFY(namesOf(plan).last().contains("y_z"));
        QCOMPARE(
            namesOf(plan),
            namesOf(planSweep(smallSweep(
                "'axes': {'rslora': [true, false], 'targets': [['q_proj'], ['*.{q,v}_proj', "
                "'k_proj'], []], 'data': ['/a/x.jsonl', '/b/x.jsonl', '/c/../d/y z.json']}"))));
    }

    void candidates_differInTheirSeedAlone_groupsByWhatIsKeptApart()
    {
        const SweepPlan plan = planSweep(smallSweep(
            "'axes': {'method': ['pissa', 'lora'], 'learning_rate': [1e-4, 1e-3], 'seed': [0, 1]}, "
            "'stop': {'rule': 'halving', 'first': 2}"));
        QCOMPARE(plan.runs[0].candidate, plan.runs[1].candidate);
        QVERIFY(plan.runs[0].candidate != plan.runs[2].candidate);
        QCOMPARE(plan.runs[0].group, plan.runs[3].group);
        QVERIFY(plan.runs[0].group != plan.runs[4].group);
    }

    void refuses_runsThatCannotBe()
    {
        const auto refusal = [](const std::string& more) {
            const auto error = test::errorOf([&] { planSweep(smallSweep(more)); });
            return error ? QString(error->what()) : QString();
        };
        QVERIFY(refusal("'axes': {'patience': [0, 3]}").startsWith("run 'patience3': patience"));
        QVERIFY(refusal("'stop': {'rule': 'halving', 'first': 2, 'metric': 'eval_loss'}")
                    .contains("eval_every"));
        QString many = "'axes': {'seed': [0";
        for (int i = 1; i < 200; ++i) {
            many += "," + QString::number(i);
        }
        many += "], 'rank': [1";
        for (int i = 2; i < 60; ++i) {
            many += "," + QString::number(i);
        }
        QVERIFY(refusal((many + "]}").toStdString()).contains("more than 10000 runs"));
    }

    void aSweepWithoutAxes_isOneRun()
    {
        QCOMPARE(namesOf(planSweep(smallSweep("'axes': {}"))), QStringList {"run"});
    }
};

QTEST_GUILESS_MAIN(TestSweepPlan)
#include "tst_sweep_plan.moc"
