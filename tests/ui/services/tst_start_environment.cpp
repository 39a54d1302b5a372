// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/allowed_cores.h"
#include "core/file/cache.h"
#include "ui/services/settings.h"
#include "ui/services/start_environment.h"

#include <QTest>

using namespace pissarro;
using namespace pissarro::ui;

class TestStartEnvironment : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        QCoreApplication::setOrganizationName(QStringLiteral("Pissarro"));
        QCoreApplication::setApplicationName(QStringLiteral("tst_start_environment"));
        m_threads = qgetenv(kThreadsVariable);
        m_cache = qgetenv(kCacheVariable);
    }
    void init()
    {
        QSettings().clear();
        qunsetenv(kThreadsVariable);
        qunsetenv(kCacheVariable);
    }
    void cleanupTestCase()
    {
        QSettings().clear();
        m_threads.isNull() ? qunsetenv(kThreadsVariable) : qputenv(kThreadsVariable, m_threads);
        m_cache.isNull() ? qunsetenv(kCacheVariable) : qputenv(kCacheVariable, m_cache);
    }

    // Before any test that lets the program set it: what is its own it remembers.
    void whatTheEnvironmentSays_stands()
    {
        qputenv(kCacheVariable, "7");
        store(setting::kCacheMb, 100);
        applyToEnvironment();
        QCOMPARE(qgetenv(kCacheVariable), QByteArray("7"));
        QVERIFY(isSetOutside(kCacheVariable));
        QVERIFY(!isSetOutside(kThreadsVariable));
    }

    void withoutSettings_nothingIsSet()
    {
        applyToEnvironment();
        QVERIFY(!qEnvironmentVariableIsSet(kThreadsVariable));
        QVERIFY(!qEnvironmentVariableIsSet(kCacheVariable));
        store(setting::kThreads, -3); // by hand
        store(setting::kCacheMb, -1);
        applyToEnvironment();
        QVERIFY(!qEnvironmentVariableIsSet(kThreadsVariable));
        QVERIFY(!qEnvironmentVariableIsSet(kCacheVariable));
    }

    void settings_areWhatCoreReads()
    {
        store(setting::kThreads, 1);
        store(setting::kCacheMb, 0);
        applyToEnvironment();
        QCOMPARE(core::allowedCores(), 1);
        QCOMPARE(core::cacheLimitBytes(), 0U);
        QVERIFY(!isSetOutside(kThreadsVariable) && !isSetOutside(kCacheVariable));
    }

private:
    QByteArray m_threads;
    QByteArray m_cache;
};

QTEST_GUILESS_MAIN(TestStartEnvironment)
#include "tst_start_environment.moc"
