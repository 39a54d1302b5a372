// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/file/cache.h"
#include "tests/core/file/test_files.h"

#include <QTest>

#include <chrono>
#include <fcntl.h>
#include <set>
#include <string>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace pissarro;
namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kRoomy = 1U << 20U;

core::Cache::Write writes(const std::string& bytes)
{
    return [bytes](const fs::path& file) { test::writeBytes(file, bytes); };
}

void letBeUsed(const fs::path& file, int hoursAgo)
{
    fs::last_write_time(file, fs::file_time_type::clock::now() - std::chrono::hours(hoursAgo));
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

class CacheTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { m_scratch.emplace(); }

    void keeps_eachKeyAndVersionApart()
    {
        const fs::path folder = m_scratch->path();
        const core::Cache cache(folder, 2, kRoomy);
        std::set<std::string> names;
        const std::vector<core::CacheKey> keys {{},      {""},        {"ab", "c"}, {"a", "bc"},
                                                {"abc"}, {"c", "ab"}, {"ab", "C"}, {"ab", "c", ""}};
        for (const core::CacheKey& key : keys) {
            names.insert(cache.fileOf(key).string());
            QCOMPARE(cache.fileOf(key).parent_path(), folder);
        }
        QCOMPARE(names.size(), keys.size());
        for (const int version : {1, 3, 22}) { // older ones, and what a program of tomorrow left
            names.insert(core::Cache(folder, version, kRoomy).fileOf({"abc"}).string());
        }
        QCOMPARE(names.size(), keys.size() + 3);
        QCOMPARE(core::Cache(folder, 2, 1).fileOf({"abc"}), cache.fileOf({"abc"}));
    }

    // Of a key that nobody asks for again no one else would take it away.
    void takesAway_whatAKilledProgramLeft()
    {
        const pid_t child = ::fork();
        if (child == 0) {
            ::_exit(0);
        }
        QCOMPARE(::waitpid(child, nullptr, 0), child); // its number is nobody's now
        const core::Cache cache(m_scratch->path(), 1, kRoomy);
        const std::string place = (m_scratch->path() / ".a.safetensors.tmp-").string();
        const fs::path dead = place + std::to_string(child) + "-0";
        const fs::path live = place + std::to_string(::getpid()) + "-0";
        test::writeBytes(dead, "x");
        test::writeBytes(live, "x");
        cache.keep(cache.fileOf({"b"}), writes("y"));
        QVERIFY(!fs::exists(dead) && fs::exists(live));
    }

    void lies_inTheCacheFolder_boundedTogether()
    {
        qputenv("XDG_CACHE_HOME", QByteArray::fromStdString(m_scratch->path().string()));
        qputenv("PISSARRO_CACHE_MB", "1");
        const core::Cache spectra("spectra", 1);
        const core::Cache factors("factors", 1);
        const fs::path old = spectra.fileOf({"a"});
        QCOMPARE(old.parent_path(), *m_scratch / "pissarro" / "spectra");
        const std::string half((1U << 19U) + 1, 'x');
        spectra.keep(old, writes(half));
        letBeUsed(old, 3);
        factors.keep(factors.fileOf({"b"}), writes("small"));
        QVERIFY(fs::exists(old));
        factors.keep(factors.fileOf({"c"}), writes(half));
        QVERIFY(!fs::exists(old));
        QVERIFY(fs::exists(factors.fileOf({"b"})) && fs::exists(factors.fileOf({"c"})));
        QCOMPARE(core::cacheBytes(core::cacheRoot()), std::uint64_t {half.size() + 5});
        QCOMPARE(core::cacheBytes(core::cacheRoot() / "spectra"), std::uint64_t {0});
        qputenv("PISSARRO_CACHE_MB", "0");
        QVERIFY(!core::Cache("spectra", 1).isOn());
        core::Cache("others", 1).keep(core::Cache("others", 1).fileOf({"d"}), writes("x"));
        QVERIFY(!fs::exists(core::cacheRoot() / "others"));
        qunsetenv("PISSARRO_CACHE_MB");
        QVERIFY(core::Cache("spectra", 1).isOn());
    }

    void drops_whatWasUsedLongestAgo()
    {
        const core::Cache cache(m_scratch->path(), 1, 3000);
        const std::string bytes(1000, 'x');
        for (int i = 0; i < 3; ++i) {
            const fs::path file = cache.fileOf({std::to_string(i)});
            cache.keep(file, writes(bytes));
            letBeUsed(file, 5 - i);
        }
        test::writeBytes(*m_scratch / "notes.txt", std::string(5000, 'x')); // nobody's business
        letBeUsed(*m_scratch / "notes.txt", 9);
        cache.touch(cache.fileOf({"0"}));
        cache.keep(cache.fileOf({"3"}), writes(bytes));
        QVERIFY(fs::exists(cache.fileOf({"0"}))); // used again
        QVERIFY(!fs::exists(cache.fileOf({"1"})));
        QVERIFY(fs::exists(cache.fileOf({"2"})) && fs::exists(cache.fileOf({"3"})));
        QVERIFY(fs::exists(*m_scratch / "notes.txt"));
    }

    void counts_whatItHoldsBelow()
    {
        const fs::path root = m_scratch->path();
        QCOMPARE(core::cacheBytes(root / "none"), std::uint64_t {0});
        QCOMPARE(core::cacheBytes(root), std::uint64_t {0});
        fs::create_directories(root / "spectra");
        fs::create_directories(root / "factors" / "deep");
        test::writeBytes(root / "spectra" / "a.safetensors", std::string(1000, 'x'));
        test::writeBytes(root / "factors" / "deep" / "b.safetensors", std::string(234, 'x'));
        test::writeBytes(root / "factors" / "b.safetensors.lock", "other"); // no result
        QCOMPARE(core::cacheBytes(root), std::uint64_t {1234});
        QCOMPARE(core::cacheBytes(root / "factors"), std::uint64_t {234});
    }

    // To the byte: what fits stays.
    void evicts_whatWasUsedLongestAgo()
    {
        const fs::path root = m_scratch->path();
        const fs::path old = root / "spectra" / "old.safetensors";
        const fs::path fresh = root / "factors" / "fresh.safetensors";
        for (const fs::path& file : {old, fresh}) {
            fs::create_directories(file.parent_path());
            test::writeBytes(file, std::string(600, 'x'));
        }
        letBeUsed(old, 2);
        letBeUsed(fresh, 1);
        core::evictFrom(root, 1200);
        QVERIFY(fs::exists(old) && fs::exists(fresh));
        core::evictFrom(root, 1199);
        QVERIFY(!fs::exists(old) && fs::exists(fresh));
        core::evictFrom(root, 0);
        QVERIFY(!fs::exists(fresh));
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
        qputenv("PISSARRO_CACHE_MB", text);
        QCOMPARE(quint64 {core::cacheLimitBytes()}, bytes);
        qunsetenv("PISSARRO_CACHE_MB");
    }

    // Who extends an entry holds it alone; who keeps one needs nobody to wait.
    void anEntryThatGrows_isLocked()
    {
        const core::Cache cache(m_scratch->path(), 1, kRoomy);
        const fs::path file = cache.fileOf({"x"});
        bool locked = false;
        const auto look = [&](const fs::path& path) { locked = isLocked(path); };
        QVERIFY(cache.extend(file, look));
        QVERIFY(locked && !isLocked(file));
        cache.keep(file, look);
        QVERIFY(!locked);
    }

    void leavesOut_whatCannotBeWritten()
    {
        const core::Cache cache(*m_scratch / "a file", 1, kRoomy);
        test::writeBytes(*m_scratch / "a file", "in the way");
        cache.keep(cache.fileOf({"x"}), writes("x"));
        QVERIFY(!cache.extend(cache.fileOf({"x"}), writes("x")));
        const core::Cache full(m_scratch->path(), 1, kRoomy);
        const auto refuse = [](const fs::path&) {
            throw core::Error(core::ErrorKind::Io, "No space left on device");
        };
        full.keep(full.fileOf({"x"}), refuse);
        QVERIFY(!full.extend(full.fileOf({"x"}), refuse));
        QVERIFY(full.extend(full.fileOf({"x"}), writes("x")));
    }

private:
    std::optional<test::Scratch> m_scratch;
};

QTEST_GUILESS_MAIN(CacheTest)
#include "tst_cache.moc"
