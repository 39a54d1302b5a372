// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/clock.h"

#include <QTest>

using namespace pissarro::core;

class TestClock : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void seconds_goOnFromTheStart()
    {
        const Clock::time_point start = Clock::now() - std::chrono::milliseconds(2500);
        const double first = secondsSince(start);
        QVERIFY(first >= 2.5);
        QVERIFY(secondsSince(start) >= first);
        QVERIFY(secondsSince(Clock::now() + std::chrono::hours(1)) < 0.0);
    }
};

QTEST_GUILESS_MAIN(TestClock)
#include "tst_clock.moc"
