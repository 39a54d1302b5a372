// SPDX-License-Identifier: GPL-3.0-or-later
// What may stand under a file's name in a folder that came from elsewhere.
#include "core/file/atomic_file.h"
#include "core/file/line_pieces.h"
#include "core/file/regular_file.h"
#include "tests/core/file/test_files.h"

#include <QtTest/QtTest>

#include <cerrno>
#include <fcntl.h>
#include <stop_token>
#include <sys/stat.h>
#include <unistd.h>

using namespace pissarro;
using namespace pissarro::core;
namespace fs = std::filesystem;

class TestRegularFile : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void pieces_areThoseOfTheFile()
    {
        const test::Scratch scratch;
        writeFileAtomically(scratch / "a", "0123456789");
        const auto file = RegularFile::open(scratch / "a");
        QVERIFY(file);
        QCOMPARE(file->size(), std::uint64_t {10});
        QCOMPARE(file->read(0, 4), std::string("0123"));
        QCOMPARE(file->read(8, 100), std::string("89"));
        QCOMPARE(file->read(10, 1), std::string());
        QCOMPARE(file->read(1ULL << 40U, 1), std::string());
        QCOMPARE(file->tail(3), std::string("789"));
        QCOMPARE(file->tail(100), std::string("0123456789"));
        const int again = ::open((scratch / "a").c_str(), O_WRONLY | O_APPEND);
        QCOMPARE(::write(again, "ab", 2), ssize_t {2});
        ::close(again);
        QCOMPARE(file->tail(3), std::string("9ab")); // as it stands now
    }

    // Each of them would be waited for, or read, for ever.
    void lines_areTheSame_howeverTheyComeInPieces()
    {
        const std::string text = "one\n\nthree\nfour";
        for (std::size_t length = 1; length <= text.size(); ++length) {
            LinePieces lines;
            std::vector<std::string> found;
            for (std::size_t begin = 0; begin < text.size(); begin += length) {
                lines.add(std::string_view(text).substr(begin, length),
                          [&](const std::string& line) { found.push_back(line); });
            }
            QCOMPARE(found, (std::vector<std::string> {"one", "", "three"}));
            QCOMPARE(lines.rest(), std::string("four"));
        }
    }

    void aTornLine_isCutOff()
    {
        const test::Scratch scratch;
        const std::string longLine((3U << 20U) + 5, 'x');
        for (const std::string& whole :
             {std::string(), std::string("one\ntwo\n"), longLine + "\n"}) {
            for (const std::string& torn : {std::string(), std::string("thr"), longLine}) {
                test::writeBytes(scratch / "a", whole + torn);
                const auto file = RegularFile::open(scratch / "a");
                QVERIFY(file);
                QCOMPARE(file->wholeLines({}), std::uint64_t {whole.size()});
                cutFileTo(scratch / "a", whole.size());
                QVERIFY(test::readBytes(scratch / "a") == whole);
            }
        }
        std::stop_source stop;
        stop.request_stop();
        test::writeBytes(scratch / "a", longLine);
        QVERIFY_THROWS_EXCEPTION(
            Cancelled, RegularFile::open(scratch / "a")->wholeLines(JobContext(stop.get_token())));
        fs::create_symlink(scratch / "a", scratch / "led");
        QVERIFY(test::errorOf([&] { cutFileTo(scratch / "led", 1); }).has_value());
        QVERIFY(test::readBytes(scratch / "a") == longLine);
    }

    void whatIsNoFile_isNotOpened()
    {
        const test::Scratch scratch;
        QCOMPARE(::mkfifo((scratch / "fifo").c_str(), 0600), 0);
        fs::create_symlink("/dev/zero", scratch / "zero");
        fs::create_symlink(scratch / "fifo", scratch / "led");
        fs::create_directory(scratch / "folder");
        for (const char* name : {"fifo", "zero", "led", "folder", "none"}) {
            QVERIFY2(!RegularFile::open(scratch / name), name);
            QVERIFY2(openRegular(scratch / name, O_WRONLY | O_APPEND) < 0, name);
        }
    }

    void links_areRefused_whereWeWrite()
    {
        const test::Scratch scratch;
        writeFileAtomically(scratch / "theirs", "kept");
        fs::create_symlink(scratch / "theirs", scratch / "log.txt");
        QCOMPARE(openRegular(scratch / "log.txt", O_WRONLY | O_APPEND | O_NOFOLLOW), -1);
        QCOMPARE(errno, ELOOP);
        QVERIFY(RegularFile::open(scratch / "log.txt"));
    }
};

QTEST_GUILESS_MAIN(TestRegularFile)
#include "tst_regular_file.moc"
