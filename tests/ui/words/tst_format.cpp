// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/words/format.h"

#include <QTest>

#include <cmath>
#include <limits>

using namespace pissarro::ui;

namespace {
QString u(const char* text)
{
    return QString::fromUtf8(text);
}
} // namespace

class TestFormat : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void writesCounts_withSeparators()
    {
        QCOMPARE(formatCount(0), u("0"));
        QCOMPARE(formatCount(999), u("999"));
        QCOMPARE(formatCount(1000), u("1,000"));
        QCOMPARE(formatCount(4'884'480), u("4,884,480"));
        QCOMPARE(formatCount(-1234), u("−1,234"));
        QCOMPARE(formatCount(-123), u("−123"));
        QCOMPARE(formatCount(std::numeric_limits<std::int64_t>::max()),
                 u("9,223,372,036,854,775,807"));
    }

    void writesLargeCounts_compactly()
    {
        QCOMPARE(formatCompact(9'999), u("9,999"));
        QCOMPARE(formatCompact(12'000), u("12 k"));
        QCOMPARE(formatCompact(134'515'008), u("134.5 M"));
        QCOMPARE(formatCompact(4'884'480), u("4.884 M"));
        QCOMPARE(formatCompact(999'960'000), u("1 B")); // rounds up into the next unit
        QCOMPARE(formatCompact(6'738'415'616), u("6.738 B"));
        QCOMPARE(formatCompact(-134'515'008), u("−134.5 M"));
    }

    void writesBytes_inDecimalUnits()
    {
        QCOMPARE(formatBytes(0), u("0 B"));
        QCOMPARE(formatBytes(999), u("999 B"));
        QCOMPARE(formatBytes(9'770'000), u("9.8 MB"));
        QCOMPARE(formatBytes(9'960'000), u("10 MB"));
        QCOMPARE(formatBytes(538'000'000), u("538 MB"));
        QCOMPARE(formatBytes(999'600'000), u("1.0 GB"));
        QCOMPARE(formatBytes(1'400'000'000), u("1.4 GB"));
        QCOMPARE(formatBytes(23'000'000'000), u("23 GB"));
    }

    void writesColumns_withAsManyDecimals()
    {
        QCOMPARE(formatColumn({6.0431, 6.06, -0.5, 0.0}),
                 (QStringList {u("6.043"), u("6.060"), u("−0.500"), u("0.000")}));
        QCOMPARE(formatColumn({12.34, 1.0}), (QStringList {u("12.34"), u("1.00")}));
        QCOMPARE(formatColumn({3.0, 1200.0}), (QStringList {u("3"), u("1,200")})); // whole
        QCOMPARE(formatColumn({0.5, 2e-5}), (QStringList {u("0.5"), u("2e-5")})); // unlike
        QCOMPARE(formatColumn({1.5, std::nan("")}), (QStringList {u("1.500"), u("–")}));
        QCOMPARE(formatColumn({}), QStringList());
    }

    void writesPercents_withASpace()
    {
        QCOMPARE(formatPercent(0.243), u("24.3 %"));
        QCOMPARE(formatPercent(0.0363), u("3.6 %"));
        QCOMPARE(formatPercent(1.0), u("100 %"));
        QCOMPARE(formatPercent(0.0), u("0 %"));
        QCOMPARE(formatPercent(0.00042), u("0.042 %"));
        QCOMPARE(formatPercent(-0.243), u("−24.3 %"));
        QCOMPARE(formatPercent(-1e-9), u("0 %"));
        QCOMPARE(formatPercent(std::nan("")), u("–"));
    }

    void writesNumbers_withFourDigits()
    {
        QCOMPARE(formatNumber(0.0), u("0"));
        QCOMPARE(formatNumber(1.00654), u("1.007"));
        QCOMPARE(formatNumber(-0.16604, 3), u("−0.166"));
        QCOMPARE(formatNumber(0.0012), u("1.2e-3"));
        QCOMPARE(formatNumber(2e-4), u("2e-4"));
        QCOMPARE(formatNumber(-2e-4), u("−2e-4"));
        QCOMPARE(formatNumber(0.025), u("0.025"));
        QCOMPARE(formatNumber(1310.4), u("1,310"));
        QCOMPARE(formatNumber(9.9996), u("10"));
        QCOMPARE(formatNumber(4'884'480), u("4.884e6"));
        QCOMPARE(formatNumber(std::nan("")), u("–"));
        QCOMPARE(formatNumber(INFINITY), u("∞"));
        QCOMPARE(formatNumber(-INFINITY), u("−∞"));
    }

    void writesDurations_inTheirUnit()
    {
        QCOMPARE(formatDuration(0.012), u("12 ms"));
        QCOMPARE(formatDuration(3.14), u("3.1 s"));
        QCOMPARE(formatDuration(9.96), u("10 s"));
        QCOMPARE(formatDuration(41.2), u("41 s"));
        QCOMPARE(formatDuration(119), u("119 s"));
        QCOMPARE(formatDuration(360), u("6 min"));
        QCOMPARE(formatDuration(3600), u("1 h"));
        QCOMPARE(formatDuration(4320), u("1 h 12 min"));
        QCOMPARE(formatDuration(100'000), u("1 d 4 h"));
        QCOMPARE(formatDuration(-1), u("–"));
        QCOMPARE(formatDuration(INFINITY), u("–"));
    }

    void names_standInOneLine()
    {
        QCOMPARE(lineOf(QStringLiteral("2026-11-28 pissa")), QStringLiteral("2026-11-28 pissa"));
        QCOMPARE(lineOf(QStringLiteral("a\nb\tc")), QStringLiteral("a\u240Ab\u2409c"));
        QCOMPARE(lineOf(QStringLiteral("a\u2028b")), QStringLiteral("a\uFFFDb"));
        QCOMPARE(lineOf(QStringLiteral("a\u202Eb\u200Bc\u007Fd")),
                 QStringLiteral("a\uFFFDb\uFFFDc\uFFFDd"));
    }
};

QTEST_GUILESS_MAIN(TestFormat)
#include "tst_format.moc"
