// SPDX-License-Identifier: GPL-3.0-or-later
// A lock between programs: who gets it, and when it ends.
#include "core/file/file_lock.h"
#include "tests/core/file/test_files.h"

#include <QtTest/QtTest>

#include <array>
#include <csignal>
#include <stop_token>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace pissarro;
using namespace pissarro::core;
namespace fs = std::filesystem;

class TestFileLock : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aLock_endsWithItsProgram()
    {
        const test::Scratch scratch;
        const fs::path file = scratch / "claim";
        QVERIFY(!FileLock::isHeld(file));
        {
            const auto mine = FileLock::ifFree(file);
            QVERIFY(mine);
            QVERIFY(FileLock::isHeld(file));
            QVERIFY(!FileLock::ifFree(file));
        }
        QVERIFY(!FileLock::isHeld(file));
        std::array<int, 2> ready {};
        QCOMPARE(::pipe(ready.data()), 0);
        const pid_t child = ::fork();
        if (child == 0) {
            const auto its = FileLock::ifFree(file);
            const char mark = its ? 'y' : 'n';
            if (::write(ready[1], &mark, 1) != 1) {
                ::_exit(1);
            }
            ::pause();
        }
        char mark = 0;
        QCOMPARE(::read(ready[0], &mark, 1), ssize_t {1});
        QCOMPARE(mark, 'y');
        QVERIFY(FileLock::isHeld(file));
        ::kill(child, SIGKILL);
        int status = 0;
        QCOMPARE(::waitpid(child, &status, 0), child);
        QVERIFY(!FileLock::isHeld(file));
        QVERIFY(FileLock::ifFree(file));
    }

    // What is held for the length of a job is waited for as long as the waiting job may go on.
    void whoWaits_canBeStopped()
    {
        const test::Scratch scratch;
        const auto held = FileLock::ifFree(scratch / "eval");
        std::stop_source stop;
        int told = 0;
        const JobContext job(stop.get_token(), [&](double, std::string_view stage) {
            QCOMPARE(stage, std::string_view("waits"));
            if (++told == 2) {
                stop.request_stop();
            }
        });
        QVERIFY_EXCEPTION_THROWN(FileLock::whenFree(scratch / "eval", job, "waits"), Cancelled);
        QCOMPARE(told, 2);
        QVERIFY(FileLock::whenFree(scratch / "other", job, "waits"));
    }

    void aLink_isNoLock()
    {
        const test::Scratch scratch;
        fs::create_symlink(scratch / "elsewhere", scratch / "eval.lock");
        QVERIFY(FileLock::ifFree(scratch / "eval")); // nothing is locked, and nothing made
        QVERIFY(!fs::exists(scratch / "elsewhere"));
        QCOMPARE(::mkfifo((scratch / "run.lock").c_str(), 0600), 0);
        QVERIFY(!FileLock::isHeld(scratch / "run"));
    }
};

QTEST_GUILESS_MAIN(TestFileLock)
#include "tst_file_lock.moc"
