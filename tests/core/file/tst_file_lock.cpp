// SPDX-License-Identifier: GPL-3.0-or-later
// A lock between programs: who gets it, and when it ends.
#include "core/file/file_lock.h"
#include "tests/core/file/test_files.h"

#include <QtTest/QtTest>

#include <array>
#include <csignal>
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
};

QTEST_GUILESS_MAIN(TestFileLock)
#include "tst_file_lock.moc"
