// SPDX-License-Identifier: GPL-3.0-or-later
// What is picked of a growing curve, against all of its points one by one.
#include "ui/plot/peak_pyramid.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

using namespace pissarro::ui;

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

std::vector<double> anyCurve(qsizetype size, std::mt19937& random)
{
    std::normal_distribution<double> noise;
    std::vector<double> values;
    for (qsizetype i = 0; i < size; ++i) {
        const auto kind = random() % 1000;
        values.push_back(kind < 30 ? kNaN : kind < 33 ? 1e6 * noise(random) : noise(random));
    }
    return values;
}

struct Range {
    double lowest = std::numeric_limits<double>::infinity();
    double highest = -std::numeric_limits<double>::infinity();
};

template <class Indices>
Range rangeOf(const Indices& indices, const std::vector<double>& values)
{
    Range range;
    for (const qsizetype i : indices) {
        const double value = values[static_cast<std::size_t>(i)];
        if (!std::isnan(value)) {
            range.lowest = std::min(range.lowest, value);
            range.highest = std::max(range.highest, value);
        }
    }
    return range;
}

std::vector<qsizetype> all(qsizetype from, qsizetype to)
{
    std::vector<qsizetype> indices;
    for (qsizetype i = from; i < to; ++i) {
        indices.push_back(i);
    }
    return indices;
}

bool operator==(const Range& one, const Range& other)
{
    return one.lowest == other.lowest && one.highest == other.highest;
}

} // namespace

class TestPeakPyramid : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void losesNoPeak_howeverItGrewAndWhateverIsSeen()
    {
        std::mt19937 random(3);
        for (const qsizetype size : {0, 1, 7, 8, 9, 64, 1000, 4097, 30000}) {
            const std::vector<double> values = anyCurve(size, random);
            const auto valueOf = [&values](qsizetype i) {
                return values[static_cast<std::size_t>(i)];
            };
            PeakPyramid pyramid;
            for (qsizetype there = 0; there < size;) { // as steps arrive: a few, or many
                there = std::min<qsizetype>(size, there + 1 + random() % 700);
                pyramid.grow(there, valueOf);
            }
            QCOMPARE(pyramid.size(), size);
            for (int view = 0; view < 40; ++view) {
                const auto from = size == 0 ? 0 : static_cast<qsizetype>(random() % size);
                const auto to = view == 0 ? size : from + random() % (size - from + 1);
                const qsizetype first = view == 0 ? 0 : from;
                const qsizetype most = 1 + random() % 900;
                check(pyramid, values, first, to, most);
            }
        }
    }

    void fewPoints_areAllPicked()
    {
        const std::vector<double> values(100, 1.0);
        PeakPyramid pyramid;
        pyramid.grow(100, [&](qsizetype i) { return values[static_cast<std::size_t>(i)]; });
        QCOMPARE(pyramid.pick(10, 90, 80, [](qsizetype) { return 1.0; }), all(10, 90));
    }

    // A curve of a million points is drawn of as many as are seen, and asks no more values than those need.
    void theCost_goesByWhatIsSeen()
    {
        constexpr qsizetype kPoints = 1'000'000;
        qsizetype asked = 0;
        const auto valueOf = [&asked](qsizetype i) {
            ++asked;
            return std::sin(static_cast<double>(i));
        };
        PeakPyramid pyramid;
        pyramid.grow(kPoints, valueOf);
        asked = 0;
        const auto picked = pyramid.pick(3, kPoints - 5, 1000, valueOf);
        QVERIFY2(picked.size() <= 2 * 1000 + 8, qPrintable(QString::number(picked.size())));
        QVERIFY2(picked.size() >= 1000, qPrintable(QString::number(picked.size())));
        QVERIFY2(asked < 20'000, qPrintable(QString::number(asked)));
        asked = 0;
        pyramid.grow(kPoints + 1, [&](qsizetype) { // one more step
            ++asked;
            return 0.0;
        });
        QVERIFY2(asked < 200, qPrintable(QString::number(asked)));
    }

private:
    void check(const PeakPyramid& pyramid, const std::vector<double>& values, qsizetype from,
               qsizetype to, qsizetype most) const
    {
        const auto picked = pyramid.pick(
            from, to, most, [&](qsizetype i) { return values[static_cast<std::size_t>(i)]; });
        QVERIFY(std::is_sorted(picked.begin(), picked.end()));
        QVERIFY(std::adjacent_find(picked.begin(), picked.end()) == picked.end());
        QVERIFY(rangeOf(picked, values) == rangeOf(all(from, to), values));
        if (from == to) {
            QVERIFY(picked.empty());
            return;
        }
        QVERIFY(picked.front() == from && picked.back() == to - 1);
        // Between two neighbours that are picked lies nothing that sticks out of what is picked around it.
        qsizetype stretch = 8;
        while ((to - from) / stretch > most) {
            stretch *= 2;
        }
        QVERIFY(static_cast<qsizetype>(picked.size())
                <= std::max<qsizetype>(16, std::max(most, 2 * ((to - from) / stretch + 2) + 2)));
        for (qsizetype at = from; at < to;) {
            const qsizetype end = std::min(to, (at / stretch + 1) * stretch);
            std::vector<qsizetype> inside;
            std::copy_if(picked.begin(), picked.end(), std::back_inserter(inside),
                         [at, end](qsizetype i) { return i >= at && i < end; });
            QVERIFY(!inside.empty());
            QVERIFY(rangeOf(inside, values) == rangeOf(all(at, end), values));
            at = end;
        }
    }
};

QTEST_GUILESS_MAIN(TestPeakPyramid)
#include "tst_peak_pyramid.moc"
