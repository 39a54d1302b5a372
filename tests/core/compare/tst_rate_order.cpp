// SPDX-License-Identifier: GPL-3.0-or-later
// When it is said that the order of two methods depends on the rate.
#include "core/compare/rate_order.h"

#include <QTest>

#include <cmath>
#include <limits>

using namespace pissarro::core;

namespace {

TriedRun tried(const char* method, double rate, double score, std::int64_t seed = 0,
               const char* setting = "")
{
    TriedRun run;
    run.method = method;
    run.setting = setting;
    run.rate = rate;
    run.seed = seed;
    run.choosing = run.score = score;
    return run;
}

RunClaims lossesOf(std::vector<TriedRun> runs)
{
    RunClaims claims;
    claims.measure = "held-out loss";
    claims.tried = std::move(runs);
    return claims;
}

} // namespace

class RateOrderTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    // As tried: PiSSA ahead at two rates, LoRA's lowest loss of all at a third.
    void theBestOfEach_mayTurnTheOrder()
    {
        const auto found =
            rateOrder(lossesOf({tried("PiSSA", 2e-5, 1.20), tried("LoRA", 2e-5, 1.40),
                                tried("PiSSA", 5e-4, 0.80), tried("LoRA", 5e-4, 0.95),
                                tried("LoRA", 2e-2, 0.70)}),
                      "PiSSA", "LoRA");
        QVERIFY(found);
        QCOMPARE(found->forFirst.rateA, 2e-5); // ahead by most
        QCOMPARE(found->forSecond.rateA, 5e-4);
        QCOMPARE(found->forSecond.rateB, 2e-2);
        QCOMPARE(found->forSecond.b, 0.70);
        QVERIFY(!found->isClaimed);
        const std::string text = found->sentence().text();
        for (const char* part : {"PiSSA", "LoRA", "1.2", "1.4", "0.7", "held-out loss"}) {
            QVERIFY2(text.find(part) != std::string::npos, text.c_str());
        }
    }

    void oneOrder_isNone()
    {
        QVERIFY(!rateOrder(lossesOf({tried("PiSSA", 2e-5, 1.2), tried("LoRA", 2e-5, 1.4),
                                     tried("PiSSA", 5e-4, 0.8), tried("LoRA", 5e-4, 0.9)}),
                           "PiSSA", "LoRA"));
        // No rate in common: nothing depends on it that was looked at.
        QVERIFY(!rateOrder(lossesOf({tried("PiSSA", 2e-5, 1.2), tried("LoRA", 5e-4, 0.9)}), "PiSSA",
                           "LoRA"));
        QVERIFY(!rateOrder({}, "PiSSA", "LoRA"));
    }

    void settings_areKeptApart_andSeedsAreMeans()
    {
        QVERIFY(!rateOrder(
            lossesOf({tried("PiSSA", 1e-4, 1.0, 0, "rank 4"), tried("LoRA", 1e-4, 1.1, 0, "rank 4"),
                      tried("PiSSA", 1e-3, 1.0, 0, "rank 8"),
                      tried("LoRA", 1e-3, 0.9, 0, "rank 8")}),
            "PiSSA", "LoRA"));
        const auto found =
            rateOrder(lossesOf({tried("PiSSA", 1e-4, 1.0, 0), tried("PiSSA", 1e-4, 1.2, 1),
                                tried("LoRA", 1e-4, 1.05, 0), tried("LoRA", 1e-4, 1.3, 1),
                                tried("PiSSA", 1e-3, 2.0, 0), tried("LoRA", 1e-3, 1.0, 0)}),
                      "PiSSA", "LoRA");
        QVERIFY(found);
        QCOMPARE(found->forFirst.a, 1.1);
        QCOMPARE(found->forFirst.seeds, std::int64_t {2});
        QCOMPARE(found->forSecond.seeds, std::int64_t {1});
    }

    // Scores turn the other way round, and a rate that diverged tells nothing.
    void higherIsBetter_andADivergedRateIsLeftOut()
    {
        RunClaims claims = lossesOf({tried("PiSSA", 1e-4, 0.5), tried("LoRA", 1e-4, 0.4),
                                     tried("PiSSA", 1e-3, 0.3), tried("LoRA", 1e-3, 0.6)});
        claims.lowerIsBetter = false;
        const auto found = rateOrder(claims, "PiSSA", "LoRA");
        QVERIFY(found);
        QCOMPARE(found->forFirst.rateA, 1e-4);
        claims.tried[3].score = std::numeric_limits<double>::quiet_NaN();
        QVERIFY(!rateOrder(claims, "PiSSA", "LoRA"));
    }

    void aClaim_isSaidAsOne()
    {
        RunClaims claims = lossesOf({tried("PiSSA", 1e-4, 0.5), tried("LoRA", 1e-4, 0.6),
                                     tried("PiSSA", 1e-3, 0.9), tried("LoRA", 1e-3, 0.4)});
        Conclusion one;
        one.first = "PiSSA";
        one.second = "LoRA";
        one.outcome = Outcome::DependsOnRate;
        claims.conclusions.push_back(one);
        const auto found = rateOrder(claims, "LoRA", "PiSSA"); // asked the other way round
        QVERIFY(found && found->isClaimed);
        QVERIFY(found->sentence().id
                != rateOrder(lossesOf(claims.tried), "LoRA", "PiSSA")->sentence().id);
    }
};

QTEST_GUILESS_MAIN(RateOrderTest)
#include "tst_rate_order.moc"
