// SPDX-License-Identifier: GPL-3.0-or-later
// One rank for several matrices, by spectra whose answers can be worked out by hand; and the map as JSON.
#include "core/analysis/rank_advice.h"
#include "core/analysis/rank_map_json.h"
#include "tests/core/linalg/spectrum_of.h"

#include <QTest>

#include <cmath>

using namespace pissarro::core;
using pissarro::tests::spectrumOf;

class TestRankAdvice : public QObject {
    Q_OBJECT

private Q_SLOTS:
    // Energies 9, 4, 2, 1 of 16.
    void aSlice_keepsWhatLiesInIt()
    {
        const Spectrum one = spectrumOf({3.0, 2.0, std::sqrt(2.0), 1.0});
        QVERIFY(std::abs(keptBetween(one, 0, 1) - 9.0 / 16.0) < 1e-12);
        QVERIFY(std::abs(keptBetween(one, 1, 2) - 6.0 / 16.0) < 1e-12);
        QVERIFY(std::abs(keptBetween(one, 2, 100) - 3.0 / 16.0) < 1e-12); // there are no more
        QVERIFY(std::abs(keptBetween(one, 4, 1)) < 1e-12);
    }

    // Shares kept by 1, 2, 3, 4: 0.5625, 0.8125, 0.9375, 1, and 0.25, 0.5, 0.75, 1.
    void theMeanOfSeveral_decidesTheirRank()
    {
        const Spectrum steep = spectrumOf({3.0, 2.0, std::sqrt(2.0), 1.0});
        const Spectrum flat = spectrumOf({1.0, 1.0, 1.0, 1.0});
        const Spectra both {&steep, &flat};
        QVERIFY(std::abs(meanKept(both, 2) - (0.8125 + 0.5) / 2.0) < 1e-12);
        QVERIFY(std::isnan(meanKept({}, 2)));
        QCOMPARE(rankForMeanEnergy(both, 0.65), std::int64_t {2});
        QCOMPARE(rankForMeanEnergy(both, 0.66), std::int64_t {3});
        QCOMPARE(rankForMeanEnergy(both, 1.0), std::int64_t {4});
        QCOMPARE(rankForMeanEnergy({&steep}, 0.1), std::int64_t {1});
        QCOMPARE(rankForMeanEnergy({}, 0.5), std::int64_t {0});
    }

    void theMedian_isTheLowerMiddle()
    {
        const auto size = [](const Spectrum& one) {
            return static_cast<std::int64_t>(one.values.size());
        };
        const Spectrum a = spectrumOf({1.0});
        const Spectrum b = spectrumOf({1.0, 1.0});
        const Spectrum c = spectrumOf({1.0, 1.0, 1.0, 1.0, 1.0});
        QCOMPARE(medianRank({&c, &a, &b}, size), std::int64_t {2});
        QCOMPARE(medianRank({&c, &b}, size), std::int64_t {2});
        QCOMPARE(medianRank({}, size), std::int64_t {0});
    }

    // Of a square matrix the threshold is 2.858 times the median value.
    void valuesAboveTheNoise_areCounted_andOneAtLeast()
    {
        QCOMPARE(rankAboveNoise(spectrumOf({9.0, 3.0, 2.8, 1.0, 1.0, 1.0, 1.0})), std::int64_t {2});
        QCOMPARE(rankAboveNoise(spectrumOf({1.0, 1.0, 1.0})), std::int64_t {1});
    }

    void aMap_isWrittenWithItsAlphas()
    {
        RankMap map;
        map.ranks = {{"a.q_proj", 3}, {"b", 4}};
        map.parameters = 70;
        map.reason = "by hand";
        const nlohmann::ordered_json json = rankMapJson(map, 2.0);
        QCOMPARE(json.begin().key(), std::string("rank_pattern"));
        QCOMPARE(json["rank_pattern"]["a.q_proj"].get<int>(), 3);
        QCOMPARE(json["alpha_pattern"]["a.q_proj"].get<double>(), 6.0);
        QCOMPARE(json["alpha_pattern"]["b"].get<double>(), 8.0);
        QCOMPARE(json["parameters"].get<int>(), 70);
        QCOMPARE(json["reason"].get<std::string>(), std::string("by hand"));
        QCOMPARE(json.size(), std::size_t {5});
    }
};

QTEST_GUILESS_MAIN(TestRankAdvice)
#include "tst_rank_advice.moc"
