// SPDX-License-Identifier: GPL-3.0-or-later
// What a person says of runs: kept beside them, by several programs at once, and nothing of others' written over.
#include "core/library/project.h"
#include "tests/core/file/test_files.h"

#include <QTest>

#include <nlohmann/json.hpp>
#include <sys/wait.h>
#include <unistd.h>

using namespace pissarro;
using namespace pissarro::core;
using test::errorOf;
namespace fs = std::filesystem;

class ProjectTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void marks_readBack()
    {
        const test::Scratch scratch;
        const fs::path run = scratch / "runs/a";
        fs::create_directories(run);
        Project project(scratch.path());
        QVERIFY(project.marks().empty() && project.markOf(run) == RunMark());
        const RunMark said {
            "the good one", "rank 8\nis enough", {"gsm8k", "paper"}, "#3b82f6", true, true};
        QVERIFY(project.change(run, [&](RunMark& mark) { mark = said; }) == RunMark());
        QVERIFY(Project(scratch.path()).markOf(run / "") == said);
        QCOMPARE(project.marks().size(), 1U);
        QVERIFY(project.marks().begin()->first == fs::canonical(run));
        QVERIFY(fs::is_empty(run)); // nothing is written inside of a run
        QVERIFY(project.change(run, [](RunMark& mark) { mark.pinned = false; }) == said);
        QVERIFY(!project.markOf(run).pinned && project.markOf(run).tags == said.tags);
        project.change(run, [](RunMark& mark) { mark = {}; });
        QVERIFY(project.marks().empty());
    }

    // Somebody else tags a run while this window still shows it as it was: both are kept, and taken back each alone.
    void aChange_leavesWhatOthersSaidMeanwhile()
    {
        const RunMark before {"a", "old", {"x", "y"}, "#ffffff", false, false};
        RunMark after = before;
        after.tags = {"y", "z"};
        after.pinned = true;
        RunMark there {"b", "new", {"x", "y", "theirs"}, "#000000", false, true};
        applyChange(there, before, after);
        QVERIFY((there == RunMark {"b", "new", {"y", "theirs", "z"}, "#000000", true, true}));
        applyChange(there, after, before); // taken back
        QVERIFY((there == RunMark {"b", "new", {"y", "theirs", "x"}, "#000000", false, true}));
        after = before;
        after.name.clear();
        applyChange(there, before, after);
        QVERIFY(there.name.empty());
        addTag(there, "x");
        addTag(there, "");
        QCOMPARE(there.tags.size(), 3U);
    }

    void colours_areOfSixDigits()
    {
        QCOMPARE(colourOf("#3b82F6"), std::string("#3b82F6"));
        QCOMPARE(colourOf(""), std::string());
        for (const char* wrong : {"red", "#3b82f", "#3b82f6a", "3b82f60", "#3b82fg"}) {
            const auto error = errorOf([&] { colourOf(wrong); });
            QVERIFY2(error && error->kind() == ErrorKind::InvalidArgument, wrong);
        }
    }

    void aFolderThatWasMoved_takesItsMarksAlong()
    {
        const test::Scratch scratch;
        fs::create_directories(scratch / "old/a");
        fs::create_directories(scratch / "elsewhere");
        Project before(scratch / "old");
        before.change(scratch / "old/a", [](RunMark& mark) { mark.name = "inside"; });
        before.change(scratch / "elsewhere", [](RunMark& mark) { mark.name = "outside"; });
        fs::rename(scratch / "old", scratch / "new");
        Project after(scratch / "new");
        QCOMPARE(after.markOf(scratch / "new/a").name, std::string("inside"));
        QCOMPARE(after.markOf(scratch / "elsewhere").name, std::string("outside"));
        after.moved(scratch / "new/a", scratch / "new/b");
        QCOMPARE(after.markOf(scratch / "new/b").name, std::string("inside"));
        QVERIFY(after.markOf(scratch / "new/a") == RunMark());
        after.forget(scratch / "new/b");
        QCOMPARE(after.marks().size(), 1U);
    }

    void whatIsNotOurs_stays()
    {
        const test::Scratch scratch;
        const fs::path file = scratch / kProjectFile;
        test::writeBytes(file,
                         "{\"later\": [1], \"runs\": {\"a\": {\"rating\": 5, \"name\": \"x\", "
                         "\"tags\": 7}, \"b\": 3}}");
        Project project(scratch.path());
        QVERIFY(project.file() == fs::canonical(scratch.path()) / kProjectFile);
        QCOMPARE(project.markOf(scratch / "a").name, std::string("x"));
        project.change(scratch / "a", [](RunMark& mark) {
            mark.name.clear();
            mark.tags = {"t", "t", "", "u\xFF"};
        });
        const auto json = nlohmann::json::parse(test::readBytes(file));
        QCOMPARE(json["later"][0].get<int>(), 1);
        QCOMPARE(json["runs"]["a"]["rating"].get<int>(), 5);
        QVERIFY(!json["runs"]["a"].contains("name"));
        QCOMPARE(json["runs"]["a"]["tags"].size(), 2U); // each once, none empty, as UTF-8
        QCOMPARE(json["runs"]["b"].get<int>(), 3);
    }

    void aFileThatIsNone_isNotWrittenOver()
    {
        const test::Scratch scratch;
        for (const char* text : {"{\"runs\": [", "[]", "{\"a\": 1}", ""}) {
            test::writeBytes(scratch / kProjectFile, text);
            Project project(scratch.path());
            for (const auto& error : {errorOf([&] { project.marks(); }), errorOf([&] {
                                          project.change(scratch / "a",
                                                         [](RunMark& m) { m.pinned = true; });
                                      })}) {
                QCOMPARE(test::complaint(error, project.file(), ""), QString());
            }
            QCOMPARE(test::readBytes(scratch / kProjectFile), std::string(text));
        }
    }

    // Every change of every program is there at the end.
    void programsSideBySide_loseNothing()
    {
        const test::Scratch scratch;
        constexpr int kPrograms = 4;
        constexpr int kChanges = 20;
        std::vector<pid_t> children;
        for (int program = 0; program < kPrograms; ++program) {
            const pid_t child = ::fork();
            if (child == 0) {
                int failed = 0;
                try {
                    Project project(scratch.path());
                    for (int i = 0; i < kChanges; ++i) {
                        const auto tag = std::to_string(program) + "." + std::to_string(i);
                        project.change(scratch / "shared",
                                       [&](RunMark& mark) { mark.tags.push_back(tag); });
                    }
                } catch (...) {
                    failed = 1;
                }
                ::_exit(failed);
            }
            children.push_back(child);
        }
        for (const pid_t child : children) {
            int status = 1;
            QVERIFY(::waitpid(child, &status, 0) == child && status == 0);
        }
        QCOMPARE(Project(scratch.path()).markOf(scratch / "shared").tags.size(),
                 static_cast<std::size_t>(kPrograms * kChanges));
    }
};

QTEST_GUILESS_MAIN(ProjectTest)
#include "tst_project.moc"
