// SPDX-License-Identifier: GPL-3.0-or-later
// What may be shown of an answer that goes on.
#include "core/infer/finished_text.h"

#include <QTest>

using namespace pissarro::core;

class TestFinishedText : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whatFollows_isToldOnce()
    {
        FinishedText finished({});
        QCOMPARE(finished.next("ab", false), std::string("ab"));
        QCOMPARE(finished.next("ab", false), std::string());
        QCOMPARE(finished.next("abc", false), std::string("c"));
        QCOMPARE(finished.next("abcd", true), std::string("d"));
    }

    void aCutCharacter_waits()
    {
        FinishedText finished({});
        QCOMPARE(finished.next("a\xC3", false), std::string("a"));
        QCOMPARE(finished.next("a\xC3\xA9", false), std::string("\xC3\xA9"));
        FinishedText decoded({}); // as decoders show it
        QCOMPARE(decoded.next("a\xEF\xBF\xBD", false), std::string());
        QCOMPARE(decoded.next("a\xC3\xA9", false), std::string("a\xC3\xA9"));
        FinishedText torn({});
        QCOMPARE(torn.next("a\xEF\xBF\xBD", true), std::string("a\xEF\xBF\xBD"));
    }

    void whatMayBeginAStop_waits()
    {
        FinishedText finished({"END", "x"});
        QCOMPARE(finished.next("abE", false), std::string("a"));
        QCOMPARE(finished.next("abEN", false), std::string("b"));
        QCOMPARE(finished.next("ab", true), std::string()); // it was cut before the stop
        FinishedText other({"END"});
        QCOMPARE(other.next("abEN", false), std::string("ab"));
        QCOMPARE(other.next("abENd", true), std::string("ENd"));
    }
};

QTEST_GUILESS_MAIN(TestFinishedText)
#include "tst_finished_text.moc"
