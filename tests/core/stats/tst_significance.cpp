// SPDX-License-Identifier: GPL-3.0-or-later
// Tests of whether two things differ, against scipy and statsmodels (golden/eval) and against counting.
#include "core/stats/significance.h"
#include "tests/core/file/test_files.h"
#include "tests/core/stats/stats_fixture.h"

#include <QTest>

#include <functional>

using namespace pissarro;
using namespace pissarro::core;
using nlohmann::json;
using test::errorOf;

namespace {

// What is wrong with a test of means; empty: nothing.
QString wrongTest(const std::optional<MeanTest>& found, const json& wanted, const json& of)
{
    if (found.has_value() == wanted.is_null()) {
        return QStringLiteral("a test where none can be, or none: ")
            + QString::fromStdString(of.dump());
    }
    if (!found) {
        return {};
    }
    for (const QString& wrong :
         {tests::differs(found->t, tests::numberOf(wanted.at("t")), 1e-9, of),
          tests::differs(found->freedom, tests::numberOf(wanted.at("df")), 1e-9, of),
          tests::differs(found->p, tests::numberOf(wanted.at("p")), 1e-9, of),
          tests::differs(found->interval.low, tests::numberOf(wanted.at("ci95")[0]), 1e-9, of),
          tests::differs(found->interval.high, tests::numberOf(wanted.at("ci95")[1]), 1e-9, of)}) {
        if (!wrong.isEmpty()) {
            return wrong;
        }
    }
    return {};
}

} // namespace

class TestSignificance : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void mcnemar_isThePeers()
    {
        for (const json& row : tests::statsGolden("mcnemar")) {
            VERIFY_CLOSE(mcnemarP(row[0], row[1]), row[2], 1e-9, row);
        }
        QVERIFY(errorOf([] { mcnemarP(-1, 3); }));
    }

    void means_areTestedAsThePeersDo()
    {
        for (const json& row : tests::statsGolden("comparisons")) {
            const std::vector<double> a = tests::numbersOf(row.at("a"));
            const std::vector<double> b = tests::numbersOf(row.at("b"));
            const QString welch = wrongTest(welchTest(a, b), row.at("welch"), row);
            QVERIFY2(welch.isEmpty(), qPrintable(welch));
            if (a.size() == b.size()) {
                const QString paired = wrongTest(pairedTest(a, b), row.at("paired"), row);
                QVERIFY2(paired.isEmpty(), qPrintable(paired));
            }
        }
        QVERIFY(errorOf([] { pairedTest(std::vector {1.0}, {}); }));
        QVERIFY(errorOf([] { welchTest({}, {}, 0.0); }));
    }

    // 0.3 apart each, but for the rounding of the sums: a p of 1e-70 that is no evidence.
    void whatDoesNotVary_isSaid()
    {
        const std::vector b {50.1, 47.3, 52.9, 49.0};
        std::vector<double> a;
        for (const double value : b) {
            a.push_back(value + 0.3);
        }
        QVERIFY(pairedTest(a, b)->nothingVaries);
        QVERIFY(!welchTest(a, b)->nothingVaries);
        QVERIFY(welchTest(std::vector {2.0, 2.0}, std::vector {2.0, 2.0})->nothingVaries);
        QVERIFY(!pairedTest(std::vector {1.0, 2.0}, std::vector {0.0, 0.0})->nothingVaries);
    }

    void permutations_areCounted()
    {
        for (const json& row : tests::statsFixture("permutation")) {
            const std::vector<double> a = tests::numbersOf(row.at("a"));
            const std::vector<double> b = tests::numbersOf(row.at("b"));
            const PermutationTest found = *permutationTest(a, b);
            QVERIFY(found.isExact);
            VERIFY_CLOSE(found.p, row.at("unpaired"), 1e-12, row);
            if (!row.at("paired").is_null()) {
                const PermutationTest paired = *pairedPermutationTest(a, b);
                QCOMPARE(paired.arrangements, std::int64_t {1} << a.size());
                VERIFY_CLOSE(paired.p, row.at("paired"), 1e-12, row);
            }
            // Drawn ones come near: four standard errors of 20,000 arrangements, and are the same again.
            const PermutationTest drawn = *permutationTest(a, b, {20000, 7});
            QVERIFY(drawn.isExact || std::abs(drawn.p - found.p) < 0.015);
        }
    }

    void drawnPermutations_comeNear()
    {
        const std::vector a {1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.5};
        const std::vector b {0.5, 2.5, 2.0, 3.0, 5.5, 4.0, 6.0};
        for (const std::uint64_t seed :
             {0ULL, 5ULL}) { // 128 and 3432 arrangements, of which some are drawn
            const PermutationTest paired = *pairedPermutationTest(a, b, {100, seed});
            const PermutationTest free = *permutationTest(a, b, {3000, seed});
            QVERIFY(!paired.isExact && paired.arrangements == 100);
            QVERIFY(!free.isExact && free.arrangements == 3000);
            QVERIFY(std::abs(paired.p - pairedPermutationTest(a, b)->p) < 0.2);
            QVERIFY(std::abs(free.p - permutationTest(a, b)->p) < 0.04);
            QCOMPARE(permutationTest(a, b, {3000, seed})->p, free.p);
        }
        // Never 0, however far apart.
        const std::vector<double> low(40, 0.0);
        const std::vector<double> high(40, 1.0);
        QCOMPARE(permutationTest(low, high, {999, 0})->p, 0.001);
        QCOMPARE(pairedPermutationTest(low, high, {999, 0})->p, 0.001);
    }

    void permutation_ofTooLittleIsNone()
    {
        QVERIFY(!permutationTest({}, std::vector {1.0}) && !pairedPermutationTest({}, {}));
        QVERIFY(!permutationTest(std::vector {std::nan("")}, std::vector {1.0}));
        QCOMPARE(pairedPermutationTest(std::vector {2.0}, std::vector {1.0})->p, 1.0);
        QVERIFY(errorOf([] { pairedPermutationTest(std::vector {2.0}, {}); }));
        QVERIFY(errorOf([] { permutationTest({}, {}, {0, 0}); }));
    }

    void holm_isThePeers()
    {
        for (const json& row : tests::statsGolden("holm")) {
            const std::vector<double> found = holmAdjusted(tests::numbersOf(row.at("p")));
            const std::vector<double> wanted = tests::numbersOf(row.at("holm"));
            QCOMPARE(found.size(), wanted.size());
            for (std::size_t i = 0; i < found.size(); ++i) {
                VERIFY_CLOSE(found[i], wanted[i], 1e-12, row);
            }
        }
        // One that could not be made was asked all the same.
        const std::vector<double> found = holmAdjusted(std::vector {std::nan(""), 0.03});
        QVERIFY(found[0] == 1.0 && found[1] == 0.06);
        QVERIFY(holmAdjusted({}).empty());
        QVERIFY(errorOf([] { holmAdjusted(std::vector {1.5}); }));
    }
};

QTEST_GUILESS_MAIN(TestSignificance)
#include "tst_significance.moc"
