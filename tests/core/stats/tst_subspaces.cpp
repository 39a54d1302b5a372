// SPDX-License-Identifier: GPL-3.0-or-later
// Principal angles in few numbers, by hand.
#include "core/stats/subspaces.h"
#include "tests/core/file/test_files.h"

#include <QTest>

#include <cmath>
#include <vector>

using namespace pissarro;
using namespace pissarro::core;
using test::errorOf;

class TestSubspaces : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void angles_areSummedUp()
    {
        const SubspaceSummary found = summaryOfCosines(std::vector {1.0, 0.5, 0.0}); // 0°, 60°, 90°
        QCOMPARE(found.directions, std::int64_t {3});
        QVERIFY(std::abs(found.overlap - 1.25 / 3.0) < 1e-15);
        QVERIFY(std::abs(found.largestAngle - 90.0) < 1e-12 && found.smallestAngle == 0.0);
        const double pi = std::acos(-1.0);
        QVERIFY(std::abs(found.distance - pi * std::sqrt(1.0 / 9.0 + 1.0 / 4.0)) < 1e-14);
    }

    void rounding_isCutAndMoreRefused()
    {
        QCOMPARE(summaryOfCosines(std::vector {1.0 + 1e-6}).overlap, 1.0);
        QCOMPARE(summaryOfCosines(std::vector {1.0 + 1e-6}).distance, 0.0);
        for (const double cosine : {1.1, -0.5}) {
            const auto error = errorOf([&] { summaryOfCosines(std::vector {cosine}); });
            QVERIFY(error && error->kind() == ErrorKind::InvalidArgument);
        }
    }

    void nothing_isNotKnown()
    {
        for (const std::vector<double>& cosines :
             {std::vector<double> {}, std::vector {1.0, std::nan("")}}) {
            const SubspaceSummary found = summaryOfCosines(cosines);
            QVERIFY(std::isnan(found.overlap) && std::isnan(found.largestAngle));
            QVERIFY(std::isnan(found.smallestAngle) && std::isnan(found.distance));
        }
    }

    void chance_isTheLargerShare()
    {
        QCOMPARE(chanceOverlap(4, 16, 64), 0.25);
        QCOMPARE(chanceOverlap(64, 4, 64), 1.0);
        for (const std::int64_t k : {0, 65}) {
            QVERIFY(errorOf([&] { chanceOverlap(k, 4, 64); }));
        }
    }
};

QTEST_GUILESS_MAIN(TestSubspaces)
#include "tst_subspaces.moc"
