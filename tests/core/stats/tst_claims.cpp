// SPDX-License-Identifier: GPL-3.0-or-later
// What may be said of two recipes: the families of claims of golden/eval with their verdicts, and what they do not have.
#include "core/stats/claims.h"
#include "tests/core/file/test_files.h"
#include "tests/core/stats/stats_fixture.h"

#include <QTest>

using namespace pissarro;
using namespace pissarro::core;
using nlohmann::json;

namespace {

Comparison comparisonOf(const json& row)
{
    if (row.at("kind") == "questions") {
        const std::int64_t a = row.at("only_a");
        const std::int64_t b = row.at("only_b");
        return {PairedAnswers {0, a, b, row.at("n").get<std::int64_t>() - a - b}, false, false};
    }
    return {
        SeedScores {tests::numbersOf(row.at("a")), tests::numbersOf(row.at("b")), row.at("paired")},
        false, false};
}

std::string betterText(Better better)
{
    return better == Better::A ? "a" : better == Better::B ? "b" : "";
}

} // namespace

class TestClaims : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void verdicts_areThoseOfTheRules()
    {
        int claims = 0;
        for (const json& family : tests::statsGolden("claims")) {
            std::vector<Comparison> comparisons;
            for (const json& row : family.at("comparisons")) {
                comparisons.push_back(comparisonOf(row));
            }
            const std::vector<Claim> found = judgeTogether(comparisons);
            QCOMPARE(found.size(), comparisons.size());
            for (std::size_t i = 0; i < found.size(); ++i) {
                const json& row = family.at("comparisons")[i];
                const Claim& claim = found[i];
                const std::string where =
                    family.at("family").get<std::string>() + ": " + row.dump();
                QVERIFY2(nameIn(EnumNames<Verdict>::all, claim.verdict)
                             == row.at("wording").get<std::string>(),
                         where.c_str());
                QVERIFY2(
                    nameIn(EnumNames<ClaimTest>::all, claim.test)
                        == (row.at("test").is_null() ? "none" : row.at("test").get<std::string>()),
                    where.c_str());
                QVERIFY2(
                    betterText(claim.better)
                        == (row.at("better").is_null() ? "" : row.at("better").get<std::string>()),
                    where.c_str());
                QVERIFY2(claim.p.has_value() == !row.at("p").is_null(), where.c_str());
                VERIFY_CLOSE(claim.p.value_or(0.0),
                             row.at("p").is_null() ? 0.0 : row.at("p").get<double>(), 1e-9, row);
                VERIFY_CLOSE(claim.adjustedP, row.at("p_holm"), 1e-9, row);
                VERIFY_CLOSE(claim.difference, row.at("difference"), 1e-9, row, 1e-12);
                ++claims;
            }
        }
        QVERIFY(claims >= 59);
        QVERIFY(judgeTogether({}).empty());
    }

    void aLoss_isBetterWhenLower()
    {
        const SeedScores losses {{1.0, 1.1, 1.2}, {2.0, 2.1, 2.3}, false};
        QVERIFY(judgeTogether(std::vector {Comparison {losses, true, false}})[0].better
                == Better::A);
        QVERIFY(judgeTogether(std::vector {Comparison {losses, false, false}})[0].better
                == Better::B);
        // Questions solved are better whatever the scores are.
        const Comparison answers {PairedAnswers {0, 9, 0, 0}, true, false};
        QVERIFY(judgeTogether(std::vector {answers})[0].better == Better::A);
    }

    void what_isNotKnownIsNotClaimed()
    {
        const Comparison diverged {SeedScores {{1.0, std::nan(""), 1.0}, {0.0, 0.1, 0.2}, true},
                                   false, true};
        const Comparison unasked {PairedAnswers {}, false, false};
        const Comparison certain {PairedAnswers {0, 40, 0, 0}, false, false};
        const std::vector<Claim> found = judgeTogether(std::vector {diverged, unasked, certain});
        QVERIFY(!found[0].p && !found[0].interval && found[0].better == Better::Neither);
        QVERIFY(found[0].verdict == Verdict::NoDifference && found[0].pickedAfterwards);
        QVERIFY(found[0].seeds == 3 && found[0].questions == 0);
        QVERIFY(found[1].test == ClaimTest::None && !found[1].p);
        // They were asked, and the third pays for it.
        VERIFY_CLOSE(found[2].adjustedP, 3.0 * *found[2].p, 1e-12, json("thrice"));
        QVERIFY(found[2].verdict == Verdict::Shows && found[2].questions == 40
                && found[2].seeds == 0);
        const Comparison uneven {SeedScores {{1.0}, {}, true}, false, false};
        QVERIFY(test::errorOf([&] { judgeTogether(std::vector {uneven}); }));
    }
};

QTEST_GUILESS_MAIN(TestClaims)
#include "tst_claims.moc"
