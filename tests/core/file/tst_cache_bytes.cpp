// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/file/cache.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QtTest/QtTest>

#include <filesystem>

using namespace pissarro;

namespace {

void write(const QString& path, qint64 bytes)
{
    QVERIFY(QDir().mkpath(QFileInfo(path).absolutePath()));
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly) && file.resize(bytes));
}

} // namespace

class TestCacheBytes : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void counts_whatItHoldsBelow()
    {
        const QTemporaryDir root;
        QCOMPARE(core::cacheBytes(root.filePath(QStringLiteral("none")).toStdString()), 0U);
        QCOMPARE(core::cacheBytes(root.path().toStdString()), 0U);
        write(root.filePath(QStringLiteral("spectra/a.safetensors")), 1000);
        write(root.filePath(QStringLiteral("factors/deep/b.safetensors")), 234);
        write(root.filePath(QStringLiteral("factors/b.safetensors.lock")), 5); // no result
        QCOMPARE(core::cacheBytes(root.path().toStdString()), 1234U);
        QCOMPARE(core::cacheBytes(root.filePath(QStringLiteral("factors")).toStdString()), 234U);
    }

    void evicts_whatWasUsedLongestAgo()
    {
        const QTemporaryDir root;
        const QString old = root.filePath(QStringLiteral("spectra/old.safetensors"));
        const QString fresh = root.filePath(QStringLiteral("factors/fresh.safetensors"));
        write(old, 600);
        write(fresh, 600);
        const auto now = std::filesystem::file_time_type::clock::now();
        std::filesystem::last_write_time(old.toStdString(), now - std::chrono::hours(2));
        std::filesystem::last_write_time(fresh.toStdString(), now - std::chrono::hours(1));
        core::evictFrom(root.path().toStdString(), 1200);
        QVERIFY(QFile::exists(old) && QFile::exists(fresh)); // they fit
        core::evictFrom(root.path().toStdString(), 1199);
        QVERIFY(!QFile::exists(old) && QFile::exists(fresh));
        core::evictFrom(root.path().toStdString(), 0);
        QVERIFY(!QFile::exists(fresh));
    }
};

QTEST_GUILESS_MAIN(TestCacheBytes)
#include "tst_cache_bytes.moc"
