// SPDX-License-Identifier: GPL-3.0-or-later
// The distributions under every interval and test, against mpmath with 50 digits (tests/tools/make_stats_fixtures.py).
#include "core/stats/special_functions.h"
#include "tests/core/file/test_files.h"
#include "tests/core/stats/stats_fixture.h"

#include <QTest>

#include <functional>
#include <utility>

using namespace pissarro;
using namespace pissarro::core;
using nlohmann::json;
using test::errorOf;

namespace {
constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
} // namespace

class TestSpecialFunctions : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void incompleteBeta_isMpmaths()
    {
        for (const json& row : tests::statsFixture("incomplete_beta")) {
            const double x = row[2];
            const Tails found = incompleteBeta(row[0], row[1], x, 1.0 - x);
            // The larger side is what remains, so that only its distance to 1 is known.
            VERIFY_CLOSE(found.lower, row[3], 1e-12, row, row[3] > row[4] ? 1e-13 : 1e-300);
            VERIFY_CLOSE(found.upper, row[4], 1e-12, row, row[4] > row[3] ? 1e-13 : 1e-300);
        }
        QCOMPARE(incompleteBeta(2, 3, 0, 1).lower, 0.0);
        QCOMPARE(incompleteBeta(2, 3, 1, 0).lower, 1.0);
        QCOMPARE(incompleteBeta(2, 3, 1, 0).upper, 0.0);
    }

    void student_isMpmaths()
    {
        for (const json& row : tests::statsFixture("student")) {
            VERIFY_CLOSE(studentTwoSided(row[1], row[0]), row[2], 1e-12, row);
            VERIFY_CLOSE(studentTwoSided(-row[1].get<double>(), row[0]), row[2], 1e-12, row);
        }
        QCOMPARE(studentTwoSided(0.0, 3.0), 1.0);
        QCOMPARE(studentTwoSided(kInf, 3.0), 0.0);
        QCOMPARE(studentTwoSided(1e200, 1.0), 2.0 / (std::acos(-1.0) * 1e200)); // Cauchy's tail
        QVERIFY(std::abs(studentTwoSided(1.959963984540054, kInf) - 0.05) < 1e-15);
    }

    void quantiles_areMpmaths()
    {
        for (const json& row : tests::statsFixture("normal_quantile")) {
            VERIFY_CLOSE(normalQuantile(row[0]), row[1], 1e-12, row, 1e-15);
        }
        for (const json& row : tests::statsFixture("student_quantile")) {
            VERIFY_CLOSE(studentQuantile(row[1], row[0]), row[2], 1e-12, row);
        }
        for (const json& row : tests::statsFixture("beta_quantile")) {
            VERIFY_CLOSE(betaQuantile(row[0], row[1], row[2]), row[3], 1e-12, row);
        }
        QCOMPARE(normalQuantile(0.0), -kInf);
        QCOMPARE(normalQuantile(1.0), kInf);
        QCOMPARE(studentQuantile(0.0, 2.0), -kInf);
        QCOMPARE(studentQuantile(1.0, 2.0), kInf);
        QCOMPARE(studentQuantile(0.5, 2.0), 0.0);
        QCOMPARE(studentQuantile(0.975, kInf), normalQuantile(0.975));
        QCOMPARE(betaQuantile(2.0, 3.0, 0.0), 0.0);
        QCOMPARE(betaQuantile(2.0, 3.0, 1.0), 1.0);
    }

    // P[X <= k] of four tosses, by hand; hundreds of terms do not vanish.
    void fairCoin_countsTosses()
    {
        for (const auto& [k, sixteenths] : {std::pair(0, 1), std::pair(1, 5), std::pair(2, 11),
                                            std::pair(3, 15), std::pair(4, 16)}) {
            VERIFY_CLOSE(fairCoin(k, 4).lower, sixteenths / 16.0, 1e-14, json(k));
            VERIFY_CLOSE(fairCoin(k, 4).upper, 1.0 - sixteenths / 16.0, 1e-13, json(k), 1e-15);
        }
        VERIFY_CLOSE(fairCoin(0, 1000).lower, std::ldexp(1.0, -1000), 1e-12, json(1000));
        QCOMPARE(fairCoin(0, 0).lower, 1.0);
    }

    void refuses_whatIsNoDistribution()
    {
        for (const auto& call : std::vector<std::function<double()>> {
                 [] { return incompleteBeta(0.0, 1.0, 0.5, 0.5).lower; },
                 [] { return incompleteBeta(1.0, -1.0, 0.5, 0.5).lower; },
                 [] { return incompleteBeta(1.0, 1.0, 1.5, -0.5).lower; },
                 [] { return fairCoin(3, 2).lower; }, [] { return betaQuantile(1.0, 1.0, 1.1); },
                 [] { return studentTwoSided(1.0, 0.0); },
                 [] { return studentQuantile(-0.1, 1.0); }, [] { return normalQuantile(2.0); }}) {
            const auto error = errorOf([&] { call(); });
            QVERIFY(error && error->kind() == ErrorKind::InvalidArgument);
        }
        QVERIFY(std::isnan(incompleteBeta(kNaN, 1.0, 0.5, 0.5).lower));
        QVERIFY(std::isnan(studentTwoSided(kNaN, 1.0)) && std::isnan(studentTwoSided(1.0, kNaN)));
        QVERIFY(std::isnan(studentQuantile(kNaN, 1.0)) && std::isnan(normalQuantile(kNaN)));
        QVERIFY(std::isnan(betaQuantile(1.0, 1.0, kNaN)));
    }
};

QTEST_GUILESS_MAIN(TestSpecialFunctions)
#include "tst_special_functions.moc"
