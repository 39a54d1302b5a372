// SPDX-License-Identifier: GPL-3.0-or-later
// What a service says of its work: idle, running, failed; and that no listener can keep it from saying so. A run that is
// exported for real: tst_window.
#include "core/base/error.h"
#include "tests/tools/patience.h"
#include "tests/ui/warning_trap.h"
#include "ui/services/exports.h"
#include "ui/shell/guarded_application.h"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace pissarro;
using namespace pissarro::ui;
using pissarro::tests::hangMs;

class TestExports : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { tests::WarningTrap::install(); }
    void cleanup() { QCOMPARE(tests::WarningTrap::take(), QStringList()); }

    void fails_withTheFileAndWhy()
    {
        Exports exports;
        QVERIFY(std::holds_alternative<Idle>(exports.state()));
        exports.start(m_folder.path(), {}, target());
        QVERIFY(exports.isRunning());
        QTRY_VERIFY_WITH_TIMEOUT(exports.failure() != nullptr, hangMs());
        QCOMPARE(exports.failure()->file, m_folder.path());
        QVERIFY2(exports.failure()->why.contains(m_folder.path()),
                 qPrintable(exports.failure()->why));
        QVERIFY(!QFileInfo::exists(target()));
    }

    void withoutAState_saysWhy()
    {
        Exports exports;
        QSignalSpy found(&exports, &Exports::statesFound);
        exports.lookForStates(m_folder.path());
        QTRY_VERIFY_WITH_TIMEOUT(exports.failure() != nullptr, hangMs());
        QCOMPARE(exports.failure()->file, m_folder.path());
        QVERIFY(found.isEmpty());
    }

    void cancelled_isIdleAgain()
    {
        Exports exports;
        exports.start(m_folder.path(), {}, target());
        exports.cancel();
        QVERIFY(exports.isRunning()); // until the worker has ended
        QTRY_VERIFY_WITH_TIMEOUT(std::holds_alternative<Idle>(exports.state()), hangMs());
        exports.start(m_folder.path(), {}, target());
        exports.start(m_folder.path(), {}, target()); // the first one's end is not this one's
        QTRY_VERIFY_WITH_TIMEOUT(!exports.isRunning(), hangMs());
        QVERIFY(exports.failure() != nullptr);
    }

    void aListenerThatThrows_keepsNothingFromHappening()
    {
        auto* guard = qobject_cast<GuardedApplication*>(QCoreApplication::instance());
        QSignalSpy caught(guard, &GuardedApplication::caught);
        Exports exports;
        connect(&exports, &Service::stateChanged, this,
                [] { throw core::Error(core::ErrorKind::InvalidArgument, "in a listener"); });
        exports.start(m_folder.path(), {}, target());
        QVERIFY(exports.isRunning());
        QTRY_VERIFY_WITH_TIMEOUT(exports.failure() != nullptr, hangMs());
        QTRY_VERIFY_WITH_TIMEOUT(!caught.isEmpty(), hangMs()); // the guard tells the same once
        QCOMPARE(caught[0][0].toString(), QStringLiteral("in a listener"));
    }

private:
    QString target() const { return m_folder.filePath(QStringLiteral("out")); }

    QTemporaryDir m_folder; // holds no run
};

PISSARRO_TEST(GuardedApplication, TestExports)

#include "tst_exports.moc"
