// SPDX-License-Identifier: GPL-3.0-or-later
// Where caches lie, how they are kept within their bound, and that two programs do not write one file at once.
#include "core/file/cache_folder.h"
#include "core/file/json_file.h"
#include "tests/core/file/test_files.h"

#include <QTest>

#include <chrono>
#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <sys/file.h>
#include <unistd.h>

using namespace pissarro;
using namespace pissarro::core;
using test::errorOf;
namespace fs = std::filesystem;

namespace {

// An environment variable that is as it was after the test.
class Variable {
public:
    Variable(const char* name, const char* value)
        : m_name(name)
        , m_before(qgetenv(name))
        , m_was(qEnvironmentVariableIsSet(name))
    {
        value == nullptr ? qunsetenv(name) : qputenv(name, value);
    }
    ~Variable() { m_was ? qputenv(m_name, m_before) : qunsetenv(m_name); }
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;

private:
    const char* m_name;
    QByteArray m_before;
    bool m_was;
};

// `hours` ago, of so many bytes.
void writeUsed(const fs::path& file, int hours, std::size_t bytes)
{
    fs::create_directories(file.parent_path());
    test::writeBytes(file, std::string(bytes, 'x'));
    fs::last_write_time(file, fs::file_time_type::clock::now() - std::chrono::hours(hours));
}

// Whether somebody holds the lock of `file`.
bool isLocked(const fs::path& file)
{
    const int descriptor = ::open((file.string() + ".lock").c_str(), O_RDWR);
    const bool locked = ::flock(descriptor, LOCK_EX | LOCK_NB) != 0;
    ::close(descriptor);
    return locked;
}

} // namespace

class TestCacheFolder : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void lies_whereTheSystemSays()
    {
        const Variable home("HOME", "/home/somebody");
        {
            const Variable xdg("XDG_CACHE_HOME", "/var/caches");
            QCOMPARE(cacheRoot(), fs::path("/var/caches/pissarro"));
        }
        for (const char* none : {static_cast<const char*>(nullptr), "", "relative/path"}) {
            const Variable xdg("XDG_CACHE_HOME", none);
            QCOMPARE(cacheRoot(), fs::path("/home/somebody/.cache/pissarro"));
        }
    }

    void limit_isReadFromTheEnvironment_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<quint64>("bytes");
        constexpr quint64 kUsual = quint64 {4096} << 20U;
        QTest::newRow("some") << QByteArray("10") << (quint64 {10} << 20U);
        QTest::newRow("none") << QByteArray("0") << quint64 {0};
        QTest::newRow("no number") << QByteArray("10 MB") << kUsual;
        QTest::newRow("below zero") << QByteArray("-1") << kUsual;
        QTest::newRow("beyond all disks") << QByteArray("18446744073709551615") << kUsual;
    }
    void limit_isReadFromTheEnvironment()
    {
        QFETCH(QByteArray, text);
        QFETCH(quint64, bytes);
        const Variable megabytes("PISSARRO_CACHE_MB", text.constData());
        QCOMPARE(quint64 {cacheLimitBytes()}, bytes);
    }

    void removes_whatWasUsedLongestAgo()
    {
        const test::Scratch scratch;
        const fs::path old = scratch / "spectra/old.safetensors";
        const fs::path middle = scratch / "factors/middle.safetensors";
        const fs::path young = scratch / "factors/young.safetensors";
        const fs::path other = scratch / "factors/notes.txt"; // not of a cache
        writeUsed(old, 3, 400);
        writeUsed(middle, 2, 300);
        writeUsed(young, 1, 200);
        writeUsed(other, 9, 5000);
        evictFrom(scratch.path(), 900);
        QVERIFY(fs::exists(old)); // all fit
        touchCacheFile(old);
        evictFrom(scratch.path(), 650);
        QVERIFY(fs::exists(old) && !fs::exists(middle) && fs::exists(young));
        evictFrom(scratch.path(), 0);
        QVERIFY(!fs::exists(old) && !fs::exists(young) && fs::exists(other));
        evictFrom(scratch / "nowhere", 0); // and nothing is thrown
    }

    void aLock_isHeldUntilItsEnd()
    {
        const test::Scratch scratch;
        const fs::path file = scratch / "a.safetensors";
        {
            const CacheFileLock lock(file);
            QVERIFY(isLocked(file));
        }
        QVERIFY(!isLocked(file));
        const CacheFileLock nowhere(scratch / "no/such/folder/a"); // holds nothing, throws nothing
    }

    void aJsonFile_isNamedByItsErrors()
    {
        const test::Scratch scratch;
        const fs::path file = scratch / "config.json";
        test::writeBytes(file, R"({"layers": 3})");
        QCOMPARE(readJsonFile(file).at("layers").get<int>(), 3);
        const auto large = errorOf([&] { readJsonFile(file, 12); });
        QVERIFY(large && std::string(large->what()).starts_with(file.string()));
        test::writeBytes(file, "{");
        QCOMPARE(test::complaint(errorOf([&] { readJsonFile(file); }), file, "is not JSON"),
                 QString());
        const auto missing = errorOf([&] { readJsonFile(scratch / "none.json"); });
        QVERIFY(missing && missing->kind() == ErrorKind::Io);
    }
};

QTEST_GUILESS_MAIN(TestCacheFolder)
#include "tst_cache_folder.moc"
