// SPDX-License-Identifier: GPL-3.0-or-later
// Ranks by rules over spectra, against tables of the papers and small cases by hand.
#include "core/analysis/rank_map.h"
#include "core/base/error.h"
#include "tests/core/linalg/spectrum_of.h"

#include <QtTest/QtTest>

#include <cmath>

using namespace pissarro::core;
using pissarro::tests::spectrumOf;

class TestRankMap : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void rankMaps_data()
    {
        QTest::addColumn<double>("beta");
        QTest::addColumn<double>("omega"); // table IV of Gavish & Donoho 2014, to four digits
        QTest::newRow("0.05") << 0.05 << 1.5194;
        QTest::newRow("0.25") << 0.25 << 1.8371;
        QTest::newRow("0.5") << 0.5 << 2.1711;
        QTest::newRow("1") << 1.0 << 2.8582;
    }

    void rankMaps()
    {
        QFETCH(double, beta);
        QFETCH(double, omega);
        Spectrum s; // the threshold of a spectrum whose median is 1 is omega(beta)
        s.rows = 200;
        s.cols = std::llround(200 * beta);
        s.values.assign(static_cast<std::size_t>(s.cols), 1.0);
        QVERIFY2(std::abs(optimalHardThreshold(s, 0.0) - omega) < 5e-4,
                 qPrintable(QString::number(optimalHardThreshold(s, 0.0))));
    }

    void budgetIsNotExceededAndGoesWhereItKeepsMost()
    {
        const Spectrum steep = spectrumOf({10.0, 1.0, 0.5, 0.1});
        const Spectrum flat = spectrumOf({2.0, 2.0, 2.0, 2.0});
        const std::vector<RankCandidate> both {{{"a", "a", 0, 4, 4}, &steep},
                                               {{"b", "b", 0, 4, 4}, &flat}};
        const RankMap map = ranksByBudget(both, 8 * 4, {});
        QCOMPARE(map.parameters, std::int64_t {32});
        QCOMPARE(map.ranks.at("a"), std::int64_t {1});
        QCOMPARE(map.ranks.at("b"), std::int64_t {3});
        QCOMPARE(ranksByBudget(both, 39, {}).parameters, std::int64_t {32});
        QVERIFY_THROWS_EXCEPTION(Error, ranksByBudget(both, 15, {}));
        QCOMPARE(ranksByBudget(both, 1000, {}).parameters, std::int64_t {64});
        QCOMPARE(ranksByEnergy(both, 0.9).ranks.at("b"), std::int64_t {4});
        QCOMPARE(ranksByEnergy(both, 0.9, {1, 3}).ranks.at("b"), std::int64_t {3});
        QVERIFY_THROWS_EXCEPTION(Error, ranksByEnergy(both, 1.1));
        QVERIFY_THROWS_EXCEPTION(Error, ranksByKnee({}));
    }

    // The median of the Marchenko-Pastur law, by its density summed up: half of it lies below.
    void marchenkoPastur_median_data() { rankMaps_data(); }
    void marchenkoPastur_median()
    {
        QFETCH(double, beta);
        QFETCH(double, omega);
        const double lower = std::pow(1.0 - std::sqrt(beta), 2);
        const double upper = std::pow(1.0 + std::sqrt(beta), 2);
        const double median = marchenkoPasturMedian(beta);
        // By x = m - h cos t, which takes the roots at both ends away; t of the median is its integral's end.
        const double middle = (upper + lower) / 2;
        const double half = (upper - lower) / 2;
        const double end = std::acos((middle - median) / half);
        constexpr int kParts = 200'000;
        double sum = 0.0;
        for (int i = 0; i < kParts; ++i) {
            const double angle = end * (i + 0.5) / kParts;
            const double x = middle - half * std::cos(angle);
            sum += std::pow(half * std::sin(angle), 2) / x;
        }
        sum *= end / kParts / (2.0 * M_PI * beta);
        QVERIFY2(std::abs(sum - 0.5) < 1e-4, qPrintable(QString::number(sum)));
        // lambda(beta) / sqrt(median) is the table's omega.
        const double root = std::sqrt(beta * beta + 14 * beta + 1);
        const double lambda = std::sqrt(2 * (beta + 1) + 8 * beta / (beta + 1 + root));
        QVERIFY(std::abs(lambda / std::sqrt(median) - omega) < 5e-4);
    }

    void ofKnownNoise_theThresholdIsItsFormula()
    {
        Spectrum s = spectrumOf({100.0, 50.0, 10.0, 1.0});
        s.rows = s.cols = 4; // lambda(1) = 4 / sqrt(3)
        QVERIFY(std::abs(optimalHardThreshold(s, 3.0) - 4.0 / std::sqrt(3.0) * 2.0 * 3.0) < 1e-9);
        const RankMap map = ranksByThreshold({{{"a", "a", 0, 4, 4}, &s}}, 3.0);
        QCOMPARE(map.ranks.at("a"), std::int64_t {2}); // above 13.86
        QCOMPARE(map.parameters, std::int64_t {16});
    }

    // A sharp bend between the third and the fourth value.
    void theKnee_isWhereTheFallEnds()
    {
        const Spectrum s = spectrumOf({1000.0, 500.0, 250.0, 1.0, 0.99, 0.98, 0.97, 0.96});
        const RankMap map = ranksByKnee({{{"a", "a", 0, 8, 8}, &s}});
        QCOMPARE(map.ranks.at("a"),
                 std::int64_t {4}); // the first that is low, farthest below the chord
        QCOMPARE(ranksByKnee({{{"a", "a", 0, 8, 8}, &s}}, {6, 7}).ranks.at("a"), std::int64_t {6});
    }

    void words_ofRangesAndBounds()
    {
        RankMap map;
        map.ranks = {{"a", 4}, {"b", 96}, {"c", 10}};
        QCOMPARE(rangeOf(map), std::string("ranks 4 to 96"));
        QCOMPARE(boundsText({}), std::string());
        QCOMPARE(boundsText({2, 64}), std::string(", at least 2, at most 64"));
    }
};

QTEST_GUILESS_MAIN(TestRankMap)
#include "tst_rank_map.moc"
