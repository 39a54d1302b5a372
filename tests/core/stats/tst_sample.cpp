// SPDX-License-Identifier: GPL-3.0-or-later
// Means over seeds, quantiles and the bootstrap.
#include "core/stats/sample.h"
#include "tests/core/file/test_files.h"
#include "tests/core/stats/stats_fixture.h"

#include <QTest>

#include <functional>

using namespace pissarro;
using namespace pissarro::core;
using nlohmann::json;
using test::errorOf;

namespace {

double meanOf(std::span<const double> values)
{
    return summaryOf(values).mean;
}

} // namespace

class TestSample : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void summaries_areThePeers()
    {
        Summaries again; // quantiles kept from one sample to the next
        for (const json& row : tests::statsGolden("means")) {
            const std::vector<double> values = tests::numbersOf(row.at("values"));
            for (const SampleSummary& found : {summaryOf(values), again.of(values)}) {
                QCOMPARE(found.count, row.at("n").get<std::int64_t>());
                VERIFY_CLOSE(found.mean, row.at("mean"), 1e-9, row);
                QCOMPARE(found.deviation.has_value(), !row.at("sd").is_null());
                QCOMPARE(found.interval.has_value(), !row.at("ci95").is_null());
                if (found.deviation) {
                    VERIFY_CLOSE(*found.deviation, row.at("sd"), 1e-9, row);
                    VERIFY_CLOSE(*found.standardError, row.at("se"), 1e-9, row);
                    VERIFY_CLOSE(found.interval->low, row.at("ci95")[0], 1e-9, row);
                    VERIFY_CLOSE(found.interval->high, row.at("ci95")[1], 1e-9, row);
                }
            }
        }
    }

    void summary_saysWhatItDoesNotKnow()
    {
        const SampleSummary none = summaryOf({});
        QVERIFY(none.count == 0 && std::isnan(none.mean) && std::isnan(none.lowest)
                && !none.deviation);
        const SampleSummary one = summaryOf(std::vector {7.0});
        QVERIFY(one.mean == 7.0 && one.lowest == 7.0 && one.highest == 7.0);
        QVERIFY(!one.deviation && !one.standardError && !one.interval);
        const SampleSummary broken = summaryOf(std::vector {1.0, std::nan(""), 2.0});
        QVERIFY(broken.count == 3 && std::isnan(broken.mean) && std::isnan(*broken.deviation)
                && std::isnan(broken.interval->low) && std::isnan(broken.highest));
        // A rounded sum would say that equal values vary.
        const SampleSummary same = summaryOf(std::vector<double>(7, 0.7));
        QVERIFY(same.mean == 0.7 && *same.deviation == 0.0 && same.interval->low == 0.7);
        QVERIFY(errorOf([] { summaryOf({}, 1.0); }));
    }

    void preciseSum_losesNothing()
    {
        QCOMPARE(preciseSum(std::vector {1.0, 1e100, 1.0, -1e100}), 2.0);
        QCOMPARE(preciseSum({}), 0.0);
    }

    void sampleQuantile_isNumpys()
    {
        for (const json& row : tests::statsFixture("sample_quantile")) {
            VERIFY_CLOSE(sampleQuantile(tests::numbersOf(row[0]), row[1]), row[2], 1e-15, row);
        }
        QVERIFY(std::isnan(sampleQuantile({}, 0.5)));
        QVERIFY(std::isnan(sampleQuantile(std::vector {1.0, std::nan("")}, 0.0)));
        QVERIFY(errorOf([] { sampleQuantile({}, 1.5); }));
    }

    // Of {0, 1} a sample drawn anew has the mean 0, 1/2 or 1, by 1/4, 1/2, 1/4: the interval at 40 % lies on 1/2, at 95 % it is
    // everything.
    void bootstrap_isThatOfTwoValues()
    {
        const std::vector values {0.0, 1.0};
        QVERIFY(*bootstrapInterval(values, meanOf) == (Interval {0.0, 1.0}));
        QVERIFY(*bootstrapInterval(values, meanOf, {0.4, 9999, 1}) == (Interval {0.5, 0.5}));
    }

    // Of many values it agrees with the normal distribution, from any seed; from one seed it is one interval.
    void bootstrap_ofManyValuesIsTheNormalOne()
    {
        std::vector<double> values(400, 0.0);
        std::fill_n(values.begin(), 100, 1.0); // a share of 0.25, standard error 0.02165
        for (const std::uint64_t seed : {0ULL, 1ULL, 2ULL}) {
            const BootstrapOptions options {0.95, 4000, seed};
            const Interval found = *bootstrapInterval(values, meanOf, options);
            QVERIFY(std::abs(found.low - (0.25 - 1.96 * 0.02165)) < 0.006);
            QVERIFY(std::abs(found.high - (0.25 + 1.96 * 0.02165)) < 0.006);
            QVERIFY(found == *bootstrapInterval(values, meanOf, options));
        }
    }

    void bootstrap_ofTooLittleIsNone()
    {
        QVERIFY(!bootstrapInterval({}, meanOf));
        QVERIFY(!bootstrapInterval(std::vector {1.0}, meanOf));
        QVERIFY(!bootstrapInterval(std::vector {1.0, std::nan("")}, meanOf));
        QVERIFY(errorOf([] { bootstrapInterval({}, meanOf, {0.0, 10, 0}); }));
        QVERIFY(errorOf([] { bootstrapInterval({}, meanOf, {0.9, 0, 0}); }));
    }
};

QTEST_GUILESS_MAIN(TestSample)
#include "tst_sample.moc"
