// SPDX-License-Identifier: GPL-3.0-or-later
// The queue: who takes what, what waits for whom, and what halving leaves.
#include "core/sweep/sweep_state.h"
#include "tests/core/file/test_files.h"
#include "tests/core/sweep/scripted_trainer.h"

#include <QtTest/QtTest>

#include <cmath>
#include <nlohmann/json.hpp>

using namespace pissarro;
using namespace pissarro::core;
using tests::smallSweep;

namespace {

const SweepWorker kMe {17, "here"};

struct Case {
    explicit Case(const std::string& more)
        : spec(smallSweep(more))
        , plan(planSweep(spec))
        , state(freshState(plan, 1))
    {
    }
    // A run comes to its look.
    void look(const std::string& name, double figure)
    {
        SweepRun& run = runNamed(state, name);
        run.looks.push_back(figure);
        run.state = SweepRunState::Waiting;
        run.worker.reset();
    }
    std::optional<std::string> claim() { return claimNext(state, spec.stop, kMe); }
    void halve() { applyHalving(state, plan, spec.stop); }
    std::string text() const { return stateText(state); }

    SweepSpec spec;
    SweepPlan plan;
    SweepState state;
};

} // namespace

class TestSweepState : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void runs_areTakenInTheOrderOfTheQueue()
    {
        Case one("'axes': {'rank': [1, 2, 3]}");
        QCOMPARE(one.claim(), std::optional<std::string>("rank1"));
        QVERIFY(runNamed(one.state, "rank1").worker == kMe);
        QCOMPARE(runNamed(one.state, "rank1").attempts, std::int64_t {1});
        moveRun(one.state, "rank3", 0);
        QCOMPARE(one.claim(), std::optional<std::string>("rank3"));
        one.state.paused = true;
        QVERIFY(!one.claim());
        one.state.paused = false;
        QCOMPARE(one.claim(), std::optional<std::string>("rank2"));
        QVERIFY(!one.claim());
        QVERIFY(isUnderWay(one.state));
        QCOMPARE(one.text(), std::string("3 running"));
    }

    void aRunWhoseProgramIsGone_waitsAgain_first()
    {
        Case one("'axes': {'rank': [1, 2]}");
        one.claim();
        one.claim();
        releaseLost(one.state, [](const SweepRun& run) { return run.name == "rank1"; });
        QVERIFY(runNamed(one.state, "rank1").state == SweepRunState::Waiting);
        QVERIFY(!runNamed(one.state, "rank1").worker);
        QVERIFY(runNamed(one.state, "rank2").state == SweepRunState::Running);
        QCOMPARE(one.claim(), std::optional<std::string>("rank1"));
        QCOMPARE(runNamed(one.state, "rank1").attempts, std::int64_t {2});
    }

    void halving_waitsForAll_thenKeepsTheLowest()
    {
        Case one("'axes': {'learning_rate': [1e-4, 2e-4, 3e-4, 4e-4]}, "
                 "'stop': {'rule': 'halving', 'first': 2, 'keep_one_of': 2}");
        const std::vector<std::string> names {"lr1e-4", "lr2e-4", "lr3e-4", "lr4e-4"};
        QCOMPARE(mayGoTo(one.state.runs[0], one.spec.stop), std::int64_t {2});
        one.look(names[0], 3.0);
        one.look(names[1], 1.0);
        one.look(names[2], 2.0);
        one.halve(); // one has not come yet
        QCOMPARE(one.text(), std::string("4 waiting"));
        QCOMPARE(one.claim(), std::optional(names[3])); // the others wait for it
        QVERIFY(!one.claim());
        one.look(names[3], 4.0);
        one.halve();
        QCOMPARE(one.text(), std::string("2 waiting, 2 ended early"));
        const SweepState before = one.state;
        one.halve(); // asked twice
        QVERIFY(stateToJson(one.state) == stateToJson(before));
        QVERIFY(runNamed(one.state, names[0]).message.find("step 2") != std::string::npos);
        QCOMPARE(mayGoTo(runNamed(one.state, names[1]), one.spec.stop), std::int64_t {4});
        one.look(names[1], 1.0);
        one.look(names[2], 0.5);
        one.halve(); // of two one
        QVERIFY(runNamed(one.state, names[1]).state == SweepRunState::EndedEarly);
        QCOMPARE(mayGoTo(runNamed(one.state, names[2]), one.spec.stop), std::int64_t {8});
    }

    void methods_areKeptApart()
    {
        Case one("'axes': {'method': ['pissa', 'lora'], 'learning_rate': [1e-4, 2e-4]}, "
                 "'stop': {'rule': 'halving', 'first': 2, 'keep_one_of': 2}");
        one.look("pissa-lr1e-4", 1.0);
        one.look("pissa-lr2e-4", 2.0);
        one.halve(); // lora has not begun, and is no matter of theirs
        QCOMPARE(one.text(), std::string("3 waiting, 1 ended early"));
        one.look("lora-lr1e-4", 9.0);
        one.look("lora-lr2e-4", 8.0);
        one.halve();
        QVERIFY(runNamed(one.state, "lora-lr2e-4").state == SweepRunState::Waiting);
        QVERIFY(runNamed(one.state, "lora-lr1e-4").state == SweepRunState::EndedEarly);
    }

    void seeds_standOrFallTogether()
    {
        Case one("'axes': {'learning_rate': [1e-4, 2e-4], 'seed': [0, 1]}, "
                 "'stop': {'rule': 'halving', 'first': 2, 'keep_one_of': 2}");
        one.look("lr1e-4-seed0", 1.0); // the best of all, but its sister is the worst: mean 3
        one.look("lr1e-4-seed1", 5.0);
        one.look("lr2e-4-seed0", 2.0); // mean 2.5
        one.look("lr2e-4-seed1", 3.0);
        one.halve();
        QVERIFY(runNamed(one.state, "lr1e-4-seed0").state == SweepRunState::EndedEarly);
        QVERIFY(runNamed(one.state, "lr1e-4-seed1").state == SweepRunState::EndedEarly);
        QVERIFY(runNamed(one.state, "lr2e-4-seed1").state == SweepRunState::Waiting);
    }

    void aFailedSeed_takesTheOthersDown()
    {
        Case one("'axes': {'learning_rate': [1e-4, 2e-4], 'seed': [0, 1]}, "
                 "'stop': {'rule': 'halving', 'first': 2, 'keep_one_of': 2}");
        one.look("lr1e-4-seed0", 1.0);
        runNamed(one.state, "lr1e-4-seed1").state = SweepRunState::Failed;
        one.look("lr2e-4-seed0", 5.0);
        one.look("lr2e-4-seed1", 5.0);
        one.halve();
        QVERIFY(runNamed(one.state, "lr1e-4-seed0").state == SweepRunState::EndedEarly);
        QVERIFY(runNamed(one.state, "lr2e-4-seed0").state == SweepRunState::Waiting);
    }

    void retry_sparesWhatTheRuleHadEnded()
    {
        Case one("'axes': {'learning_rate': [1e-4, 2e-4]}, "
                 "'stop': {'rule': 'halving', 'first': 2, 'keep_one_of': 2}");
        one.look("lr1e-4", 1.0);
        one.look("lr2e-4", 2.0);
        one.halve();
        retryRun(one.state, "lr2e-4");
        QCOMPARE(mayGoTo(runNamed(one.state, "lr2e-4"), one.spec.stop), std::int64_t {0});
        one.halve();
        QVERIFY(runNamed(one.state, "lr2e-4").state == SweepRunState::Waiting);
        QCOMPARE(one.claim(), std::optional<std::string>("lr1e-4"));
        QCOMPARE(one.claim(), std::optional<std::string>("lr2e-4"));
    }

    void orders_thatMakeNoSense_areRefused()
    {
        Case one("'axes': {'rank': [1, 2]}");
        QVERIFY(test::errorOf([&] { retryRun(one.state, "rank1"); }));
        QVERIFY(test::errorOf([&] { skipRun(one.state, "rank3"); }));
        skipRun(one.state, "rank1");
        QVERIFY(test::errorOf([&] { skipRun(one.state, "rank1"); }));
        QCOMPARE(one.claim(), std::optional<std::string>("rank2"));
        retryRun(one.state, "rank1");
        QCOMPARE(one.claim(), std::optional<std::string>("rank1"));
    }

    void itsJson_isReadBack()
    {
        Case one("'axes': {'rank': [1, 2, 3]}, 'stop': {'rule': 'halving', 'first': 2}");
        one.claim();
        one.look("rank2", std::nan(""));
        one.look("rank3", 0.1);
        skipRun(one.state, "rank3");
        one.state.why = "the disk";
        one.state.paused = true;
        const nlohmann::ordered_json json = stateToJson(one.state);
        QVERIFY(stateToJson(stateFromJson(json, one.plan)) == json);
        QVERIFY(std::isnan(runNamed(one.state, "rank2").looks[0]));
    }

    void aStateOfAnotherSweep_isRefused()
    {
        Case one("'axes': {'rank': [1, 2]}");
        Case other("'axes': {'rank': [1, 3]}");
        const auto refusal = [&](const nlohmann::ordered_json& json) {
            const auto error = test::errorOf([&] { stateFromJson(json, one.plan); });
            return error && error->kind() == ErrorKind::Format;
        };
        QVERIFY(refusal(stateToJson(other.state)));
        nlohmann::ordered_json json = stateToJson(one.state);
        json["runs"].push_back(json["runs"][0]);
        QVERIFY(refusal(json));
        json["runs"] = nlohmann::ordered_json::array();
        QVERIFY(refusal(json));
        json["runs"] = 5;
        QVERIFY(refusal(json));
        json = stateToJson(one.state);
        json["runs"][0]["state"] = "asleep";
        QVERIFY(refusal(json));
    }
};

QTEST_GUILESS_MAIN(TestSweepState)
#include "tst_sweep_state.moc"
