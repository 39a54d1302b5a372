// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/tools/patience.h"
#include "ui/services/caches.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace pissarro::ui;
using pissarro::tests::hangMs;

class TestCaches : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        QVERIFY(m_cache.isValid());
        qputenv("XDG_CACHE_HOME", m_cache.path().toUtf8());
    }
    void cleanup() { qputenv("XDG_CACHE_HOME", m_before); }

    void looksAndClears()
    {
        Caches caches;
        QVERIFY(!caches.isRunning() && caches.parts().isEmpty());
        caches.look();
        QVERIFY(caches.isRunning());
        QTRY_VERIFY_WITH_TIMEOUT(!caches.isRunning(), hangMs());
        QVERIFY(caches.parts().isEmpty()); // there is no folder yet

        const QString spectra = m_cache.filePath(QStringLiteral("pissarro/spectra"));
        QVERIFY(QDir().mkpath(spectra)
                && QDir().mkpath(m_cache.filePath(QStringLiteral("pissarro/factors"))));
        QFile file(spectra + QStringLiteral("/a.safetensors"));
        QVERIFY(file.open(QIODevice::WriteOnly) && file.resize(1234));
        file.close();
        caches.look();
        QTRY_VERIFY_WITH_TIMEOUT(!caches.isRunning(), hangMs());
        QCOMPARE(caches.parts(),
                 (QVector<Caches::Part> {{QStringLiteral("factors"), 0},
                                         {QStringLiteral("spectra"), 1234}}));
        QCOMPARE(caches.bytes(), 1234);
        caches.clear();
        QTRY_VERIFY_WITH_TIMEOUT(!caches.isRunning(), hangMs());
        QCOMPARE(caches.bytes(), 0);
        QVERIFY(!file.exists());
    }

private:
    QTemporaryDir m_cache;
    QByteArray m_before = qgetenv("XDG_CACHE_HOME");
};

QTEST_MAIN(TestCaches)
#include "tst_caches.moc"
