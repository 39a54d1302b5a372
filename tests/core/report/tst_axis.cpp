// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers for people, and where an axis has its ticks.
#include "core/report/axis.h"

#include <QTest>

#include <cmath>
#include <limits>

using namespace pissarro::core;

namespace {

const double kNone = std::numeric_limits<double>::quiet_NaN();

std::string labels(const Scale& scale, int most)
{
    std::string text;
    for (const Tick& tick : niceTicks(scale, most)) {
        text += (text.empty() ? "" : " ") + tick.label;
    }
    return text;
}

} // namespace

class AxisTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aColumn_hasAsManyDecimals()
    {
        using Texts = std::vector<std::string>;
        QVERIFY(
            (columnTexts({6.0431, 6.06, -0.5, kNone}) == Texts {"6.043", "6.060", "−0.500", "–"}));
        QVERIFY((columnTexts({3.0, 1200.0}) == Texts {"3", "1,200"})); // whole
        QVERIFY((columnTexts({0.5, 2e-5}) == Texts {"0.5", "2e-5"})); // very unlike
        QVERIFY(columnTexts({}).empty());
    }

    void figures_areForPeople()
    {
        for (const auto& [value, text] :
             {std::pair {0.0, "0"}, std::pair {0.6123, "0.6123"}, std::pair {0.61234, "0.6123"},
              std::pair {-0.5, "−0.5"}, std::pair {1234.0, "1,234"},
              std::pair {4884480.0, "4,884,480"}, std::pair {2e-5, "2e-5"},
              std::pair {1.234e-4, "1.23e-4"}, std::pair {12345.6, "12,346"},
              std::pair {999.96, "1,000"}, std::pair {100.0, "100"}, std::pair {1e20, "1e20"},
              std::pair {0.001, "0.001"}, std::pair {kNone, "–"},
              std::pair {std::numeric_limits<double>::infinity(), "∞"}}) {
            QCOMPARE(QString::fromStdString(figureText(value)), QString::fromUtf8(text));
        }
        QCOMPARE(figureText(3.14159, 2), std::string("3.1"));
        QCOMPARE(percentText(0.243), std::string("24.3 %"));
        QCOMPARE(percentText(-0.005, 2), std::string("−0.50 %"));
        QCOMPARE(percentText(kNone), std::string("–"));
        QCOMPARE(spacedName("eval_loss"), std::string("eval loss"));
    }

    void ticks_areNice()
    {
        QCOMPARE(labels({0.0, 1.0}, 5), std::string("0 0.2 0.4 0.6 0.8 1"));
        QCOMPARE(labels({0.57, 1.43}, 5), std::string("0.6 0.8 1 1.2 1.4"));
        QCOMPARE(labels({1.0, 916.0}, 5), std::string("200 400 600 800"));
        QCOMPARE(labels({-2.0, 2.0}, 4), std::string("−2 −1 0 1 2"));
        QCOMPARE(labels({1e-3, 10.0, true}, 6), std::string("0.001 0.01 0.1 1 10"));
        QCOMPARE(labels({1.0, 64.0, true}, 8), std::string("1 2 5 10 20 50"));
        QCOMPARE(labels({3.0, 4.0, true}, 5),
                 std::string("3 3.2 3.4 3.6 3.8 4")); // no 1, 2, 5 in it
        QVERIFY(niceTicks({0.0, 1e-300}, 5).size() >= 2);
        QVERIFY(niceTicks({1e-12, 1e12, true}, 4).size() <= 8);
    }

    // Whatever the scale: ticks within it, ascending, at least two of them.
    void ticks_lieWithin()
    {
        for (const double low : {-1e6, -3.7, 0.0, 1e-9, 0.1, 17.0, 1e5}) {
            for (const double size : {1e-6, 0.03, 1.0, 12.0, 7e4}) {
                for (const bool isLog : {false, true}) {
                    if (isLog && low <= 0.0) {
                        continue;
                    }
                    const Scale scale {low, low + size * std::max(1.0, std::abs(low)), isLog};
                    const auto ticks = niceTicks(scale, 6);
                    QVERIFY(ticks.size() >= 2 && ticks.size() <= 20);
                    for (std::size_t i = 0; i < ticks.size(); ++i) {
                        QVERIFY(scale.place(ticks[i].at) > -1e-6
                                && scale.place(ticks[i].at) < 1.0 + 1e-6);
                        QVERIFY(i == 0 || ticks[i].at > ticks[i - 1].at);
                    }
                }
            }
        }
    }

    void scales_holdWhatIsThere()
    {
        const Scale scale =
            scaleOver({3.0, kNone, 1.0, std::numeric_limits<double>::infinity()}, false);
        QVERIFY(scale.low < 1.0 && scale.low > 0.8 && scale.high > 3.0 && scale.high < 3.2);
        const Scale logarithmic = scaleOver({-1.0, 0.0, 0.01, 10.0}, true);
        QVERIFY(logarithmic.low > 0.005 && logarithmic.low <= 0.01 && logarithmic.high >= 10.0);
        QVERIFY(std::isnan(logarithmic.place(0.0)) && std::isnan(logarithmic.place(-1.0)));
        for (const bool isLog : {false, true}) {
            for (const auto& values : {std::vector<double> {}, {kNone}, {5.0}, {0.0}}) {
                const Scale one = scaleOver(values, isLog);
                QVERIFY(one.low < one.high && (!isLog || one.low > 0.0));
            }
        }
    }
};

QTEST_GUILESS_MAIN(AxisTest)
#include "tst_axis.moc"
