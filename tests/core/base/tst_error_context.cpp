// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"

#include <QTest>

using namespace pissarro::core;

class ErrorContextTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void names_whatItIsWithin()
    {
        const Error error(ErrorKind::Format, "the header is cut");
        const Error outer = error.within("tensor a").within("model.safetensors");
        QCOMPARE(QString(outer.what()), QString("model.safetensors: tensor a: the header is cut"));
        QVERIFY(outer.kind() == ErrorKind::Format);
        QCOMPARE(QString(error.what()), QString("the header is cut"));
    }

    // By what it was put within, not by how its words begin.
    void names_aFileOnce()
    {
        const Error error = Error(ErrorKind::Io, "cannot be read").within("a");
        QCOMPARE(QString(error.withinOnce("a").what()), QString("a: cannot be read"));
        QCOMPARE(QString(error.within("b").withinOnce("a").what()),
                 QString("a: b: a: cannot be read"));
        const Error words(ErrorKind::Io, "a: cannot be read");
        QCOMPARE(QString(words.withinOnce("a").what()), QString("a: a: cannot be read"));
    }

    void tells_aClauseFromASentence()
    {
        const Error clause(ErrorKind::Format, Clause {"is not JSON"});
        QVERIFY(clause.isClause());
        QCOMPARE(QString(clause.what()), QString("is not JSON"));
        QVERIFY(!Error(ErrorKind::Format, "is not JSON").isClause());
        const Error within = clause.within("a.json"); // it is a whole sentence then
        QVERIFY(!within.isClause());
        QCOMPARE(QString(within.what()), QString("a.json: is not JSON"));
    }
};

QTEST_GUILESS_MAIN(ErrorContextTest)
#include "tst_error_context.moc"
