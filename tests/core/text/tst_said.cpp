// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/text/said.h"

#include <QtTest/QtTest>

using namespace pissarro::core;

class TestSaid : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void isOneOrMany()
    {
        const Said many {"%1 of %2 rows left out", "%1 of %2 row left out", 40, {"12", "40"}};
        QCOMPARE(many.text(), std::string("12 of 40 rows left out"));
        const Said one {"%1 of %2 rows left out", "%1 of %2 row left out", 1, {"1", "1"}};
        QCOMPARE(one.text(), std::string("1 of 1 row left out"));
    }

    // A field of a file may be named "%2": what was put in is not looked through again.
    void argumentsStayAsTheyAre()
    {
        const Said said {"the field %1 in %2 rows, 5 % of %3", {}, 2, {"'%2'", "2"}};
        QCOMPARE(said.text(), std::string("the field '%2' in 2 rows, 5 % of %3"));
    }
};

QTEST_GUILESS_MAIN(TestSaid)
#include "tst_said.moc"
