// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/file/atomic_file.h"
#include "core/file/in_flight.h"
#include "core/file/mapped_file.h"
#include "core/file/output.h"
#include "core/text/message_text.h"
#include "tests/core/file/test_files.h"

#include <QTest>

#include <algorithm>
#include <csignal>
#include <string>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace pissarro;
using core::ErrorKind;
using test::errorOf;
using test::readBytes;

namespace {

std::ptrdiff_t entriesIn(const test::fs::path& folder)
{
    return std::distance(test::fs::directory_iterator(folder), test::fs::directory_iterator());
}

} // namespace

class AtomicFileTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    // As a second signal has it: the process ends at once, in the midst of writing.
    void whatIsInFlight_goesAtOnce()
    {
        const test::Scratch scratch;
        const pid_t child = ::fork();
        if (child == 0) {
            core::AtomicFile file(scratch / "a.bin");
            file.write("half");
            core::writeFileAtomically(scratch / "whole", "kept");
            core::writeDirectoryAtomically(scratch / "done", [](const test::fs::path& fresh) {
                test::writeBytes(fresh / "x", "kept");
            });
            core::writeDirectoryAtomically(scratch / "out", [](const test::fs::path& fresh) {
                test::fs::create_directories(fresh / "deep" / "er");
                for (int i = 0; i < 300; ++i) {
                    test::writeBytes(fresh / "deep" / "er" / std::to_string(i), "x");
                }
                core::removeInFlight();
                ::_exit(0);
            });
        }
        int status = -1;
        QCOMPARE(::waitpid(child, &status, 0), child);
        QCOMPARE(status, 0);
        QCOMPARE(entriesIn(scratch.path()), 2);
        QCOMPARE(readBytes(scratch / "whole"), std::string("kept"));
        QCOMPARE(readBytes(scratch / "done" / "x"), std::string("kept"));
    }

    void replaces_theOldContentWhole()
    {
        const test::Scratch scratch;
        core::writeFileAtomically(scratch / "a.json", "old");
        core::writeFileAtomically(scratch / "a.json", std::string("n\0w", 3));
        QCOMPARE(core::readWholeFile(scratch / "a.json", 100), std::string("n\0w", 3));
        QCOMPARE(entriesIn(scratch.path()), 1);
    }

    void keeps_theOldContentWhenWritingIsTorn()
    {
        const test::Scratch scratch;
        core::writeFileAtomically(scratch / "a.bin", "old");
        {
            core::AtomicFile out(scratch / "a.bin");
            out.write(std::string(100'000, 'x'));
            QCOMPARE(readBytes(scratch / "a.bin"), std::string("old"));
        }
        QCOMPARE(readBytes(scratch / "a.bin"), std::string("old"));
        QCOMPARE(entriesIn(scratch.path()), 1);
    }

    // A person's place stays a link; a name that this program keeps in a folder may have been made one by a stranger.
    void aLink_isFollowed_whereAPersonNamedIt()
    {
        const test::Scratch scratch;
        core::writeFileAtomically(scratch / "real", "old");
        test::fs::create_symlink("real", scratch / "link");
        {
            core::AtomicFile out(scratch / "link");
            out.write("new");
            out.commit();
        }
        QVERIFY(test::fs::is_symlink(scratch / "link"));
        QCOMPARE(readBytes(scratch / "real"), std::string("new"));
        core::writeFileAtomically(scratch / "link", "ours");
        QVERIFY(!test::fs::is_symlink(scratch / "link"));
        QCOMPARE(readBytes(scratch / "link"), std::string("ours"));
        QCOMPARE(readBytes(scratch / "real"), std::string("new"));
        test::fs::create_symlink("/dev/full", scratch / "device");
        core::writeFileAtomically(scratch / "device", "ours");
        QCOMPARE(readBytes(scratch / "device"), std::string("ours"));
    }

    void refuses_whatIsNoFile()
    {
        const test::Scratch scratch;
        for (const test::fs::path& path :
             {test::fs::path("/dev/null"), scratch.path(), scratch / "none" / "a"}) {
            const auto error = errorOf([&] { core::writeFileAtomically(path, "x"); });
            QVERIFY2(error && error->kind() == ErrorKind::Io, path.c_str());
            QVERIFY(QByteArray(error->what()).contains(path.c_str()));
        }
        QVERIFY(test::fs::is_character_file("/dev/null"));
    }

    // A limit on the size of files stands in for a full disk: write() fails half-way in the same
    // manner.
    void keeps_theOldContentWhenTheSystemRefuses()
    {
        const test::Scratch scratch;
        core::writeFileAtomically(scratch / "a", "old");
        rlimit before {};
        QCOMPARE(::getrlimit(RLIMIT_FSIZE, &before), 0);
        const rlimit tight {4096, before.rlim_max};
        const auto handler = std::signal(SIGXFSZ, SIG_IGN);
        QCOMPARE(::setrlimit(RLIMIT_FSIZE, &tight), 0);
        const auto error =
            errorOf([&] { core::writeFileAtomically(scratch / "a", std::string(10'000, 'x')); });
        QCOMPARE(::setrlimit(RLIMIT_FSIZE, &before), 0);
        std::signal(SIGXFSZ, handler);
        QVERIFY(error && error->kind() == ErrorKind::Io);
        QVERIFY(QByteArray(error->what()).contains("File too large"));
        QCOMPARE(readBytes(scratch / "a"), std::string("old"));
        QCOMPARE(entriesIn(scratch.path()), 1);
    }

    void reads_onlyUpToTheLimit()
    {
        const test::Scratch scratch;
        test::writeBytes(scratch / "big", std::string(1001, 'x'));
        const auto error = errorOf([&] { core::readWholeFile(scratch / "big", 1000); });
        QVERIFY(error && error->kind() == ErrorKind::Io);
        QVERIFY(QByteArray(error->what()).contains("1001"));
        QCOMPARE(core::readWholeFile(scratch / "big", 1001).size(), 1001U);
    }

    void replaces_aFolderOnlyWhenTheNewOneIsWhole()
    {
        const test::Scratch scratch;
        const test::fs::path target = scratch / "adapter";
        const auto fillWith = [](const std::string& text) {
            return [text](const test::fs::path& folder) {
                test::fs::create_directory(folder / "sub");
                test::writeBytes(folder / "sub" / text, text);
            };
        };
        core::writeDirectoryAtomically(target, fillWith("one"));
        QCOMPARE(readBytes(target / "sub" / "one"), std::string("one"));
        core::writeDirectoryAtomically(target / "", fillWith("two"), // "adapter/"
                                       core::ExistingFolder::Replace);
        QVERIFY(!test::fs::exists(target / "sub" / "one"));
        QCOMPARE(readBytes(target / "sub" / "two"), std::string("two"));
        const auto error = errorOf([&] {
            core::writeDirectoryAtomically(
                target,
                [&](const test::fs::path& folder) {
                    fillWith("three")(folder);
                    throw core::Error(ErrorKind::Numeric, "stop");
                },
                core::ExistingFolder::Replace);
        });
        QVERIFY(error && error->kind() == ErrorKind::Numeric);
        QCOMPARE(readBytes(target / "sub" / "two"), std::string("two"));
        QCOMPARE(entriesIn(scratch.path()), 1);
    }

    // This test once held that whatever folder was there is deleted.
    void deletes_nothingThatIsNotOurs()
    {
        const test::Scratch scratch;
        const test::fs::path target = scratch / "mine";
        test::fs::create_directory(target);
        test::writeBytes(target / "thesis.txt", "two years");
        const auto fill = [](const test::fs::path& folder) {
            test::writeBytes(folder / "new", "x");
        };
        for (const auto existing : {core::ExistingFolder::Refuse, core::ExistingFolder::Replace}) {
            const auto error =
                errorOf([&] { core::writeDirectoryAtomically(target, fill, existing); });
            QVERIFY(error && error->kind() == ErrorKind::InvalidArgument);
            QCOMPARE(readBytes(target / "thesis.txt"), std::string("two years"));
            QVERIFY(!test::fs::exists(target / "new"));
        }
        core::writeDirectoryAtomically(target, fill, core::ExistingFolder::SetAside);
        QCOMPARE(readBytes(target / "new"), std::string("x"));
        QCOMPARE(readBytes(scratch / "mine.old-1" / "thesis.txt"), std::string("two years"));
        // One of ours goes at once, but not with a file in it that a person put there.
        core::writeDirectoryAtomically(target, fill, core::ExistingFolder::SetAside);
        QCOMPARE(entriesIn(scratch.path()), 2);
        test::writeBytes(target / "note", "mine");
        core::writeDirectoryAtomically(target, fill, core::ExistingFolder::SetAside);
        QCOMPARE(readBytes(scratch / "mine.old-2" / "note"), std::string("mine"));
    }

    void fills_anEmptyFolderThatIsThere()
    {
        const test::Scratch scratch;
        const test::fs::path target = scratch / "empty";
        test::fs::create_directory(target);
        QCOMPARE(::chmod(target.c_str(), 0750), 0);
        const auto fill = [](const test::fs::path& folder) {
            test::fs::create_directory(folder / "sub");
            test::writeBytes(folder / "sub" / "new", "x");
        };
        core::writeDirectoryAtomically(target, fill);
        QCOMPARE(readBytes(target / "sub" / "new"), std::string("x"));
        struct stat status { };
        QCOMPARE(::stat(target.c_str(), &status), 0);
        QCOMPARE(status.st_mode & 07777U, 0750U);
        // The current folder stays the folder that it is, or a shell would stand in one that is gone.
        const test::fs::path before = test::fs::current_path();
        test::fs::create_directory(scratch / "here");
        test::fs::current_path(scratch / "here");
        struct stat here { };
        QCOMPARE(::stat(".", &here), 0);
        core::writeDirectoryAtomically(".", fill);
        struct stat after { };
        QCOMPARE(::stat((scratch / "here").c_str(), &after), 0);
        test::fs::current_path(before);
        QCOMPARE(after.st_ino, here.st_ino);
        QCOMPARE(readBytes(scratch / "here" / "sub" / "new"), std::string("x"));
        QCOMPARE(entriesIn(scratch / "here"), 2); // and the marker
        // What a writer that was killed there left does not make it a full one.
        test::fs::create_directory(scratch / "again");
        test::fs::current_path(scratch / "again");
        test::fs::create_directory(scratch / "again" / ".again.tmp-99999999-0");
        QVERIFY(core::checkOutputFolder(".", {}) == core::ExistingFolder::Refuse);
        core::writeDirectoryAtomically(".", fill);
        test::fs::current_path(before);
        QCOMPARE(entriesIn(scratch / "again"), 2);
    }

    void refuses_whatAppearsWhileItWrites()
    {
        const test::Scratch scratch;
        const auto file = errorOf([&] {
            core::AtomicFile out(scratch / "a", core::ExistingFile::Refuse);
            out.write("ours");
            test::writeBytes(scratch / "a", "theirs");
            out.commit();
        });
        QVERIFY(file && file->kind() == ErrorKind::InvalidArgument);
        QCOMPARE(readBytes(scratch / "a"), std::string("theirs"));
        const auto folder = errorOf([&] {
            core::writeDirectoryAtomically(scratch / "b", [&](const test::fs::path& fresh) {
                test::writeBytes(fresh / "x", "ours");
                test::fs::create_directory(scratch / "b");
                test::writeBytes(scratch / "b" / "x", "theirs");
            });
        });
        QVERIFY(folder && folder->kind() == ErrorKind::InvalidArgument);
        QCOMPARE(readBytes(scratch / "b" / "x"), std::string("theirs"));
        QCOMPARE(entriesIn(scratch.path()), 2);
    }

    void removes_onlyWhatADeadWriterLeft()
    {
        const test::Scratch scratch;
        const auto alive = std::to_string(::getpid());
        const std::string dead = "99999999"; // above the kernel's largest, 4194304
        for (const std::string& name : {".a.tmp-" + dead + "-0", ".b c.tmp-" + dead + "-12"}) {
            test::fs::create_directory(scratch / name);
            test::writeBytes(scratch / name / "part", "x");
        }
        const std::vector<std::string> kept {".a.tmp-" + alive + "-0", ".a.tmp-mine",
                                             ".a.tmp-" + dead,         ".tmp-" + dead + "-1",
                                             "a.tmp-" + dead + "-1",   ".a.tmp-" + dead + "-1x",
                                             ".cache.tmp-files",       ".x.tmp-0-0"};
        for (const std::string& name : kept) {
            test::writeBytes(scratch / name, "x");
        }
        core::removeLeftovers(scratch.path());
        for (const std::string& name : kept) {
            QVERIFY2(test::fs::exists(scratch / name), name.c_str());
        }
        QCOMPARE(entriesIn(scratch.path()), static_cast<std::ptrdiff_t>(kept.size()));
        // The next writer of a name clears what the one before it, killed, left there.
        test::writeBytes(scratch / (".new.tmp-" + dead + "-3"), "half");
        core::writeFileAtomically(scratch / "new", "x");
        QCOMPARE(entriesIn(scratch.path()), static_cast<std::ptrdiff_t>(kept.size()) + 1);
    }

    void makes_theParentsOfAFolder()
    {
        const test::Scratch scratch;
        core::writeDirectoryAtomically(scratch / "a" / "b", [](const test::fs::path& folder) {
            test::writeBytes(folder / "f", "x");
        });
        QCOMPARE(readBytes(scratch / "a" / "b" / "f"), std::string("x"));
        QVERIFY(errorOf([&] {
            core::writeDirectoryAtomically(scratch / "a" / "b" / "f", [](const test::fs::path&) {});
        }));
    }

    void maps_aFileAndRefusesOthers()
    {
        const test::Scratch scratch;
        test::writeBytes(scratch / "a", "abc");
        const auto file = core::MappedFile::open(scratch / "a");
        QCOMPARE(file->bytes().size(), 3U);
        QVERIFY(file->bytes()[2] == std::byte {'c'});
        file->release(file->bytes().data(), 3);
        QVERIFY(file->bytes()[2] == std::byte {'c'}); // comes back
        QVERIFY(file->modifiedNs() > 1'600'000'000'000'000'000);
        test::writeBytes(scratch / "empty", "");
        QVERIFY(core::MappedFile::open(scratch / "empty")->bytes().empty());
        QCOMPARE(::mkfifo((scratch / "pipe").c_str(), 0600), 0);
        for (const test::fs::path& path : {scratch / "none", scratch.path(), scratch / "pipe"}) {
            const auto error = errorOf([&] { core::MappedFile::open(path); });
            QVERIFY2(error && error->kind() == ErrorKind::Io, path.c_str());
            QVERIFY(QByteArray(error->what()).contains(path.c_str()));
        }
    }

    void shows_hostileTextInOneShortLine()
    {
        QCOMPARE(core::shownText("lm_head.weight"), std::string("'lm_head.weight'"));
        QCOMPARE(core::shownText("a\nb\x1b[2J\xff"), std::string("'a\\x0ab\\x1b[2J\\xff'"));
        QCOMPARE(core::shownText("ä€😀"), std::string("'ä€😀'"));
        QCOMPARE(core::shownText("\xc0\x80\xed\xa0\x80\xf4\x90\x80\x80", 100),
                 std::string("'\\xc0\\x80\\xed\\xa0\\x80\\xf4\\x90\\x80\\x80'"));
        QVERIFY(core::shownText(std::string(100'000, 'x')).size() < 90);
        QVERIFY(core::shownPath("/" + std::string(5000, 'x') + "/model.safetensors")
                    .ends_with("model.safetensors"));
        QVERIFY(core::shownPath("/" + std::string(5000, 'x') + "/model.safetensors").size() < 200);
        QCOMPARE(core::shownShape({576, 1536}), std::string("[576, 1536]"));
    }
};

QTEST_GUILESS_MAIN(AtomicFileTest)
#include "tst_atomic_file.moc"
