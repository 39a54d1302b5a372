// SPDX-License-Identifier: GPL-3.0-or-later
// Curves of several runs: bands, areas and the step that reaches a loss, by hand.
#include "core/stats/curve.h"
#include "tests/core/file/test_files.h"

#include <QTest>

#include <cmath>

using namespace pissarro;
using namespace pissarro::core;
using test::errorOf;

namespace {
using Curve = std::vector<CurvePoint>;
const double kNaN = std::nan("");
} // namespace

class TestCurve : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void band_hasEveryPoint()
    {
        const std::vector<Curve> curves {
            {{1, 2.0}, {2, 4.0}, {4, 1.0}}, {{1, 4.0}, {2, kNaN}, {3, 5.0}}, {}};
        const std::vector<BandPoint> band = bandOver(curves);
        QCOMPARE(band.size(), std::size_t {4});
        QVERIFY(band[0].x == 1 && band[0].summary.count == 2 && band[0].summary.mean == 3.0);
        // mean 3, sd sqrt 2, se 1, Student's 12.706 with one degree of freedom
        QVERIFY(std::abs(band[0].summary.interval->high - 15.706204736174694) < 1e-9);
        QVERIFY(band[1].x == 2 && band[1].summary.count == 1 && band[1].notFinite == 1);
        QVERIFY(band[1].summary.mean == 4.0 && !band[1].summary.interval);
        QVERIFY(band[2].x == 3 && band[2].summary.mean == 5.0);
        QVERIFY(band[3].x == 4 && band[3].summary.mean == 1.0);
        QVERIFY(bandOver({}).empty());
        QVERIFY(errorOf([] { bandOver({}, 0.0); }));
    }

    void area_isThatOfTrianglesAndTrapezoids()
    {
        // From 0 to 2 the lines cross at 1: a triangle of 1/2 above, one of 1/2 below.
        const Curve rising {{0, 0.0}, {2, 2.0}};
        const Curve level {{-1, 1.0}, {3, 1.0}};
        const AreaBetween found = *areaBetween(rising, level);
        QCOMPARE(found.from, 0.0);
        QCOMPARE(found.to, 2.0);
        QCOMPARE(found.above, 0.5);
        QCOMPARE(found.below, 0.5);
        QVERIFY(std::abs(found.difference()) < 1e-15);
        // Points at other x, one that is not there.
        const Curve other {{0, 3.0}, {0.5, 2.0}, {1, kNaN}, {2, 5.0}};
        const AreaBetween more = *areaBetween(other, level); // (2 + 1)/2 · 0.5 + (1 + 4)/2 · 1.5
        QVERIFY(std::abs(more.above - 4.5) < 1e-14 && more.below == 0.0 && more.notFinite == 1);
        QVERIFY(std::abs(more.meanDifference() - 2.25) < 1e-14);
        QVERIFY(std::abs(areaBetween(level, other)->below - 4.5) < 1e-14);
    }

    void difference_isToTheLineOfTheOther()
    {
        const Curve a {{0, 1.0}, {1, 2.0}, {2, kNaN}, {3, 0.5}, {4, 7.0}, {9, 1.0}};
        const Curve b {{1, 0.1}, {2, 9.0}, {3, kNaN}, {4, 0.3}};
        const Curve found = differenceTo(a, b);
        QCOMPARE(found.size(), std::size_t {4}); // of 0 and 9 nothing is said: b is not there
        QVERIFY(found[0].x == 1 && found[0].y == 2.0 - 0.1); // at points of both exactly
        QVERIFY(found[1].x == 2 && std::isnan(found[1].y));
        QVERIFY(found[2].x == 3 && std::abs(found[2].y - (0.5 - 4.65)) < 1e-15); // over b's gap
        QVERIFY(found[3].x == 4 && found[3].y == 7.0 - 0.3);
        for (const CurvePoint& point : differenceTo(b, b)) {
            QVERIFY(point.y == 0.0 || std::isnan(point.y));
        }
        QVERIFY(differenceTo(a, {}).empty() && differenceTo({}, b).empty());
        QVERIFY(differenceTo(a, Curve {{1, kNaN}}).empty());
        QVERIFY(errorOf([&] { differenceTo(Curve {{1, 0.0}, {1, 0.0}}, b); }));
    }

    void area_ofNothingInCommonIsNone()
    {
        const Curve early {{0, 1.0}, {1, 1.0}};
        QVERIFY(!areaBetween(early, Curve {{1, 1.0}, {2, 1.0}}));
        QVERIFY(!areaBetween(early, Curve {{0, 1.0}}) && !areaBetween({}, {}));
        QVERIFY(!areaBetween(early, Curve {{0, 1.0}, {1, kNaN}}));
        QCOMPARE(areaBetween(early, early)->difference(), 0.0);
    }

    void reached_isTheFirstOfThoseHeld()
    {
        const Curve loss {{10, 3.0}, {20, 1.9}, {30, 2.5}, {40, kNaN}, {50, 2.0}, {60, 1.5}};
        QCOMPARE(*firstReached(loss, 2.0), 20.0);
        QCOMPARE(*firstReached(loss, 2.0, true, 2), 50.0); // reaches it exactly, and stays
        QVERIFY(!firstReached(loss, 2.0, true, 3) && !firstReached(loss, 1.0)
                && !firstReached({}, 1.0));
        QCOMPARE(*firstReached(loss, 2.5, false), 10.0);
        QVERIFY(!firstReached(loss, kNaN));
        QVERIFY(errorOf([&] { firstReached(loss, 2.0, true, 0); }));
    }

    void refuses_pointsOutOfOrder()
    {
        for (const Curve& curve :
             {Curve {{1, 0.0}, {1, 0.0}}, Curve {{2, 0.0}, {1, 0.0}}, Curve {{kNaN, 0.0}}}) {
            QVERIFY(errorOf([&] { bandOver(std::vector<Curve> {curve}); }));
            QVERIFY(errorOf([&] { areaBetween(curve, curve); }));
            const auto error = errorOf([&] { firstReached(curve, 0.0); });
            QVERIFY(error && error->kind() == ErrorKind::InvalidArgument);
        }
    }
};

QTEST_GUILESS_MAIN(TestCurve)
#include "tst_curve.moc"
