// SPDX-License-Identifier: GPL-3.0-or-later
// The list of rules: what `advise` and the window offer, and that each row computes what its function does.
#include "core/analysis/rank_rule.h"
#include "core/base/error.h"

#include <QtTest>

#include <limits>
#include <set>

using namespace pissarro::core;

class TestRankRule : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void rows_areWhole()
    {
        std::set<std::string_view> names;
        for (const RankRule rule : allRankRules()) {
            QVERIFY(names.insert(rule->name).second);
            QVERIFY(rankRuleNamed(rule->name) == rule);
            QVERIFY(!rule->title.empty() && !rule->by.empty());
            QVERIFY((rule->bySpectra == nullptr) != (rule->byWork == nullptr));
            const bool takes = rule->value != RankValue::None;
            QCOMPARE(rule->means.empty() || rule->expected.empty(), !takes);
            QVERIFY(!rule->standard || isRankValue(*rule, *rule->standard));
        }
        QVERIFY_THROWS_EXCEPTION(Error, rankRuleNamed("taste"));
    }

    void values_areJudgedByWhatTheyAre()
    {
        const double nan = std::numeric_limits<double>::quiet_NaN();
        const auto takes = [](const char* name, double value) {
            return isRankValue(*rankRuleNamed(name), value);
        };
        QVERIFY(takes("energy", 1.0) && takes("energy", 0.001));
        QVERIFY(!takes("energy", 0.0) && !takes("energy", 1.001) && !takes("energy", nan));
        QVERIFY(takes("budget", 1.0) && !takes("budget", 0.5) && !takes("budget", 1e16));
        QVERIFY(takes("threshold", 0.0) && !takes("threshold", -1.0)
                && !takes("threshold", std::numeric_limits<double>::infinity()));
        QVERIFY(takes("knee", nan)); // it is not read
    }

    void eachRow_isItsFunction()
    {
        LinearModule module;
        module.name = "a";
        module.rows = 6;
        module.cols = 5;
        Spectrum spectrum;
        spectrum.rows = module.rows;
        spectrum.cols = module.cols;
        spectrum.values = {8.0, 4.0, 1.0, 0.1, 0.05};
        for (const double value : spectrum.values) {
            spectrum.squaredNorm += value * value;
        }
        const std::vector<RankCandidate> all {{module, &spectrum}};
        const RankBounds bounds {1, 4};
        const auto by = [&](const char* name, double value) {
            return rankRuleNamed(name)->bySpectra(all, value, bounds).ranks;
        };
        QVERIFY(by("energy", 0.9) == ranksByEnergy(all, 0.9, bounds).ranks);
        QVERIFY(by("knee", 0.0) == ranksByKnee(all, bounds).ranks);
        QVERIFY(by("threshold", 0.2) == ranksByThreshold(all, 0.2, bounds).ranks);
        QVERIFY(by("budget", 25.0) == ranksByBudget(all, 25, bounds).ranks);
        QCOMPARE(by("energy", 0.9).at("a"), std::int64_t {2}); // 64 + 16 of 81.01: 98 %
    }
};

QTEST_GUILESS_MAIN(TestRankRule)
#include "tst_rank_rule.moc"
