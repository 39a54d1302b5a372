// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/file/file_lock.h"
#include "core/file/fingerprint.h"
#include "core/file/output.h"
#include "core/file/output_marker.h"
#include "core/format/safetensors.h"
#include "tests/core/file/test_files.h"

#include <QTest>

#include <cstdlib>

using namespace pissarro;
using core::ErrorKind;
using core::ExistingFile;
using core::ExistingFolder;
using core::OutputRule;
using core::Overwrite;
using test::errorOf;
using test::readBytes;
using test::writeBytes;
namespace fs = std::filesystem;

namespace {

void writeOurs(const fs::path& folder)
{
    core::writeDirectoryAtomically(folder, [](const fs::path& fresh) {
        fs::create_directory(fresh / "sub");
        writeBytes(fresh / "config.json", "{}");
        writeBytes(fresh / "sub" / "weights", "12345678");
    });
}

// The model, data and adapters of a job, and what it may replace.
OutputRule rule(std::vector<fs::path> inputs, Overwrite overwrite)
{
    return {std::move(inputs), overwrite};
}

// Each way of asking must be refused with one line that names the place and says `what`, and leave it as it is.
void refuses(const fs::path& place, const OutputRule& how, const std::string& what)
{
    const bool folder = fs::is_directory(place);
    const auto error = errorOf([&] {
        if (folder) {
            core::checkOutputFolder(place, how);
        } else {
            core::checkOutputFile(place, how);
        }
    });
    QVERIFY2(error.has_value(), ("not refused: " + place.string()).c_str());
    const std::string text = error->what();
    QVERIFY2(text.find(what) != std::string::npos && text.find('\n') == std::string::npos
                 && text.size() < 400,
             text.c_str());
}

} // namespace

class OutputTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void refuses_whatIsThere()
    {
        const test::Scratch scratch;
        writeBytes(scratch / "a.json", "mine");
        refuses(scratch / "a.json", rule({}, Overwrite::Never), "is there already");
        refuses(scratch / "a.json", rule({}, Overwrite::Ours), "not written by this program");
        fs::create_directory(scratch / "full");
        writeBytes(scratch / "full" / "thesis.txt", "mine");
        refuses(scratch / "full", rule({}, Overwrite::Never), "'thesis.txt'");
        refuses(scratch / "full", rule({}, Overwrite::Ours), ".pissarro");
        refuses(scratch / "full", rule({}, Overwrite::ThisFile), ".pissarro");
        fs::create_symlink("nowhere", scratch / "dangling");
        refuses(scratch / "dangling", rule({}, Overwrite::ThisFile), "not a regular file");
        const auto file = errorOf(
            [&] { core::writeOutputFile(scratch / "a.json", "new", rule({}, Overwrite::Ours)); });
        QVERIFY(file && file->kind() == ErrorKind::InvalidArgument);
        QCOMPARE(readBytes(scratch / "a.json"), std::string("mine"));
    }

    void takes_whatIsFree()
    {
        const test::Scratch scratch;
        QVERIFY(core::checkOutputFile(scratch / "new", {}) == ExistingFile::Refuse);
        QVERIFY(core::checkOutputFolder(scratch / "no" / "such", {}) == ExistingFolder::Refuse);
        fs::create_directory(scratch / "empty");
        QVERIFY(core::checkOutputFolder(scratch / "empty" / "", {}) == ExistingFolder::Refuse);
        // Something new in an input takes nothing away.
        writeBytes(scratch / "empty" / "config.json", "{}");
        const OutputRule how = rule({scratch / "empty"}, Overwrite::Never);
        QVERIFY(core::checkOutputFile(scratch / "empty" / "s.json", how) == ExistingFile::Refuse);
        QVERIFY(core::checkOutputFolder(scratch / "empty" / "init", how) == ExistingFolder::Refuse);
        const auto error = errorOf([&] { core::checkOutputFile(scratch / "no" / "s.json", {}); });
        QVERIFY(error && error->kind() == ErrorKind::Io);
    }

    void replaces_itsOwnWhenTold()
    {
        const test::Scratch scratch;
        writeOurs(scratch / "out");
        refuses(scratch / "out", rule({}, Overwrite::Never), "--force");
        core::writeOutputFolder(
            scratch / "out", [](const fs::path& fresh) { writeBytes(fresh / "b", "new"); },
            rule({}, Overwrite::Ours));
        QVERIFY(!fs::exists(scratch / "out" / "config.json"));
        QCOMPARE(readBytes(scratch / "out" / "b"), std::string("new"));
        core::writeOutputFile(scratch / "a.md", core::markedMarkdown("# one\n"), {});
        core::writeOutputFile(scratch / "a.md", core::markedMarkdown("# two\n"),
                              rule({}, Overwrite::Ours));
        QVERIFY(readBytes(scratch / "a.md").ends_with("# two\n"));
        // A dialog asked about this very file.
        writeBytes(scratch / "theirs", "old");
        core::writeOutputFile(scratch / "theirs", "new", rule({}, Overwrite::ThisFile));
        QCOMPARE(readBytes(scratch / "theirs"), std::string("new"));
    }

    void keeps_aFolderWithAPersonsFiles()
    {
        const test::Scratch scratch;
        const fs::path out = scratch / "out";
        const OutputRule force = rule({}, Overwrite::Ours);
        const auto stays = [&](const fs::path& added, const std::string& named) {
            refuses(out, force, named);
            QVERIFY(fs::exists(fs::symlink_status(added)));
            fs::remove_all(added);
            QVERIFY(core::checkOutputFolder(out, force) == ExistingFolder::Replace);
        };
        writeOurs(out);
        writeBytes(out / "notes.txt", "mine");
        stays(out / "notes.txt", "'notes.txt'");
        writeBytes(out / "sub" / "mine.bin", "x");
        stays(out / "sub" / "mine.bin", "'sub/mine.bin'");
        fs::create_directory(out / "folder");
        stays(out / "folder", "'folder'");
        fs::create_symlink("config.json", out / "link");
        stays(out / "link", "'link'");
        writeOurs(out / "another"); // an output of its own, put there by a person
        stays(out / "another", "'another'");
        writeBytes(out / "config.json", "{\"edited\": 1}");
        refuses(out, force, "'config.json'");
    }

    // What a person edits need not be of another size; what is copied is still this program's.
    void keeps_whatAPersonEditedToTheSameSize_data()
    {
        QTest::addColumn<int>("size");
        QTest::addColumn<int>("at");
        constexpr int kMiB = 1 << 20;
        QTest::newRow("a small file") << 2 << 1;
        QTest::newRow("the largest that is read whole") << kMiB << kMiB / 2;
        QTest::newRow("the start of a large one") << 3 * kMiB << 100;
        QTest::newRow("the end of a large one") << 3 * kMiB << 3 * kMiB - 1;
        QTest::newRow("the middle of a large one") << 3 * kMiB << 3 * kMiB / 2;
    }

    void keeps_whatAPersonEditedToTheSameSize()
    {
        QFETCH(int, size);
        QFETCH(int, at);
        const test::Scratch scratch;
        const fs::path out = scratch / "out";
        const OutputRule force = rule({}, Overwrite::Ours);
        std::string content(static_cast<std::size_t>(size), 'a');
        core::writeDirectoryAtomically(
            out, [&](const fs::path& fresh) { writeBytes(fresh / "file", content); });
        fs::copy(out, scratch / "copy");
        QVERIFY(core::checkOutputFolder(scratch / "copy", force) == ExistingFolder::Replace);
        content[static_cast<std::size_t>(at)] = 'b';
        writeBytes(out / "file", content);
        refuses(out, force, "'file'");
        // A marker of the first versions has sizes alone.
        auto marker = nlohmann::json::parse(readBytes(out / core::kFolderMarker));
        QCOMPARE(marker.erase("contents"), std::size_t {1});
        writeBytes(out / core::kFolderMarker, marker.dump());
        QVERIFY(core::checkOutputFolder(out, force) == ExistingFolder::Replace);
    }

    // Of what is too large to be read whole each time, a piece that was changed is seen where it is no smaller than a stretch.
    void keeps_aLargeFileThatAPersonEdited()
    {
        const test::Scratch scratch;
        const fs::path out = scratch / "out";
        constexpr std::uintmax_t kSize = (64U << 20U) + 4096; // a hole: nothing is written
        core::writeDirectoryAtomically(out, [&](const fs::path& fresh) {
            writeBytes(fresh / "file", "");
            fs::resize_file(fresh / "file", kSize);
        });
        const OutputRule force = rule({}, Overwrite::Ours);
        QVERIFY(core::checkOutputFolder(out, force) == ExistingFolder::Replace);
        std::fstream file(out / "file", std::ios::binary | std::ios::in | std::ios::out);
        file.seekp(37'000'001);
        file << std::string(256U << 10U, 'b');
        file.close();
        QCOMPARE(fs::file_size(out / "file"), kSize);
        refuses(out, force, "'file'");
    }

    // What versions before wrote, who looked at both ends of a large file, is theirs still.
    void replaces_whatAnOlderVersionMarked()
    {
        const test::Scratch scratch;
        const fs::path out = scratch / "out";
        std::string content(3U << 20U, 'a');
        core::writeDirectoryAtomically(
            out, [&](const fs::path& fresh) { writeBytes(fresh / "file", content); });
        auto marker = nlohmann::json::parse(readBytes(out / core::kFolderMarker));
        marker.erase("contents");
        const std::string ends = content.substr(0, 1U << 20U);
        marker["prints"] = {{"file", core::fingerprintOf(ends.data(), ends.size())}};
        writeBytes(out / core::kFolderMarker, marker.dump());
        const OutputRule force = rule({}, Overwrite::Ours);
        QVERIFY(core::checkOutputFolder(out, force) == ExistingFolder::Replace);
        content.back() = 'b';
        writeBytes(out / "file", content);
        refuses(out, force, "'file'");
    }

    // A marker that says one thing twice was written by nobody here.
    void keeps_aFolderWhoseMarkerWasEdited()
    {
        const test::Scratch scratch;
        const fs::path out = scratch / "out";
        writeOurs(out);
        std::string marker = readBytes(out / core::kFolderMarker);
        marker.insert(1, "\"files\": {},");
        writeBytes(out / core::kFolderMarker, marker);
        refuses(out, rule({}, Overwrite::Ours), out.filename().string());
    }

    void knows_aFolderThatGrows()
    {
        const test::Scratch scratch;
        const fs::path run = scratch / "run";
        const OutputRule force = rule({}, Overwrite::Ours);
        fs::create_directory(run);
        core::markGrowingFolder(run, {"log.txt", "events.*", "adapter/", "checkpoints/step-*/"});
        writeBytes(run / "log.txt", "one line");
        writeBytes(run / "log.txt", "two lines");
        writeBytes(run / "events.out.1", "x");
        writeOurs(run / "adapter");
        fs::create_directory(run / "checkpoints");
        writeOurs(run / "checkpoints" / "step-20");
        writeBytes(run / ".log.txt.tmp-99999999-0", "half");
        QVERIFY(core::checkOutputFolder(run, force) == ExistingFolder::Replace);
        writeBytes(run / "checkpoints" / "step-20" / "keep.bin", "x");
        refuses(run, force, "'checkpoints/step-20/keep.bin'");
        fs::remove(run / "checkpoints" / "step-20" / "keep.bin");
        fs::create_directory(run / "checkpoints" / "mine");
        refuses(run, force, "'checkpoints/mine'");
        const auto error = errorOf([&] { core::emptyOurFolder(run); });
        QVERIFY(error && error->kind() == ErrorKind::InvalidArgument);
        QVERIFY(fs::exists(run / "adapter" / "config.json"));
        fs::remove(run / "checkpoints" / "mine");
        core::emptyOurFolder(run);
        QVERIFY(fs::is_empty(run));
    }

    // Whatever lock is held in it, however deep: .lock of a run, FILE.lock of a sweep or an evaluation.
    void keeps_aFolderAtWork()
    {
        const test::Scratch scratch;
        const fs::path out = scratch / "out";
        const OutputRule force = rule({}, Overwrite::Ours);
        fs::create_directories(out / "claims");
        core::markGrowingFolder(out, {"a.json", "a.json.lock", "claims/*.lock"});
        writeBytes(out / "a.json", "{}");
        for (const fs::path& file : {out / "a.json", out / "claims" / "one"}) {
            {
                const core::FileLock lock(file);
                refuses(out, force, "is in use");
                QVERIFY(fs::exists(out / "a.json"));
            }
            QVERIFY(core::checkOutputFolder(out, force) == ExistingFolder::Replace);
        }
        const core::FileLock lock(out / "a.json");
        core::emptyOurFolder(out, "a.json.lock");
        QVERIFY(!fs::exists(out / "a.json") && !fs::exists(out / "claims"));
        QVERIFY(core::isGrowingFolder(out) && core::FileLock::isHeld(out / "a.json"));
    }

    // A name with a star is no proof: a person's file of such a name would go with the folder.
    void aStar_isNoProof()
    {
        const test::Scratch scratch;
        const fs::path out = scratch / "out";
        const OutputRule force = rule({}, Overwrite::Ours);
        fs::create_directories(out / "claims");
        fs::create_directories(out / "judged");
        core::markGrowingFolder(out, {"claims/*.lock", "judged/*.jsonl", "events.out.tfevents.*"});
        writeBytes(out / "claims" / "one.lock", "");
        writeBytes(out / "judged" / "judge.jsonl",
                   R"({"question_id": 1, "judge": ["gpt", "single"]})"
                   "\n");
        QVERIFY(core::checkOutputFolder(out, force) == ExistingFolder::Replace);
        for (const char* name :
             {"claims/poetry.lock", "judged/mine.jsonl", "events.out.tfevents.1.host.2.0"}) {
            writeBytes(out / name, "[[package]]\nname = \"mine\"\n");
            refuses(out, force, name);
            const auto error = errorOf([&] { core::emptyOurFolder(out); });
            QVERIFY(error && fs::exists(out / name) && fs::exists(out / "claims" / "one.lock"));
            fs::remove(out / name);
        }
        QVERIFY(core::checkOutputFolder(out, force) == ExistingFolder::Replace);
    }

    // However an input is named, what is, holds or lies in it stays.
    void keeps_theInputs_data()
    {
        QTest::addColumn<QString>("input");
        QTest::addColumn<QString>("output");
        const auto row = [](const char* name, const char* input, const char* output) {
            QTest::newRow(name) << QString::fromLatin1(input) << QString::fromLatin1(output);
        };
        row("the folder itself", "dir/model", "dir/model");
        row("with a slash at the end", "dir/model", "dir/model/");
        row("with dots", "dir/model", "dir/model/../model/./");
        row("by a link", "dir/model", "link");
        row("the input by a link", "link", "dir/model");
        row("a folder above", "dir/model", "dir");
        row("a folder above, by a link", "link", "dir");
        row("a folder in it", "dir/model", "dir/model/sub");
        row("a file in it", "dir/model", "dir/model/config.json");
        row("a file deep in it", "dir/model", "dir/model/sub/weights");
        row("a file in it, by a link to the folder", "dir/model", "link/config.json");
        row("a file in it, by a link to the file", "dir/model", "filelink");
        row("a hard link of a file in it", "dir/model", "hardlink");
        row("the file itself", "dir/model/config.json", "dir/model/config.json");
        row("a hard link of the file", "dir/model/config.json", "hardlink");
        row("the folder of the file", "dir/model/config.json", "dir/model");
        row("the folder that a link in it leads to", "cache", "dir/model");
        row("the file that a link in it leads to", "cache", "dir/model/config.json");
    }

    void keeps_theInputs()
    {
        QFETCH(QString, input);
        QFETCH(QString, output);
        const test::Scratch scratch;
        // All of it is this program's, so that nothing but the inputs speaks against replacing.
        fs::create_directory(scratch / "dir");
        core::markGrowingFolder(scratch / "dir", {"model/"});
        writeOurs(scratch / "dir" / "model");
        const std::string ours = core::markedJson({}).dump();
        writeBytes(scratch / "dir" / "model" / "config.json", ours);
        core::markFolder(scratch / "dir" / "model" / "sub");
        core::markFolder(scratch / "dir" / "model");
        fs::create_directory_symlink("dir/model", scratch / "link");
        fs::create_symlink("dir/model/config.json", scratch / "filelink");
        fs::create_hard_link(scratch / "dir" / "model" / "config.json", scratch / "hardlink");
        fs::create_directory(scratch / "cache"); // as the Hugging Face cache has it
        fs::create_symlink(scratch / "dir" / "model" / "config.json",
                           scratch / "cache" / "config.json");
        const fs::path before = fs::current_path();
        fs::current_path(scratch.path());
        for (const bool relative : {false, true}) {
            const fs::path from = relative ? fs::path() : scratch.path();
            for (const Overwrite overwrite : {Overwrite::Ours, Overwrite::ThisFile}) {
                refuses(from / output.toStdString(), rule({input.toStdString()}, overwrite),
                        "what is read");
            }
        }
        fs::current_path(before);
        QCOMPARE(readBytes(scratch / "dir" / "model" / "config.json"), ours);
    }

    void keeps_theFoldersThatAPersonStandsIn()
    {
        const test::Scratch scratch;
        writeOurs(scratch / "out");
        const fs::path before = fs::current_path();
        const OutputRule force = rule({}, Overwrite::Ours);
        fs::current_path(scratch / "out" / "sub");
        refuses(scratch / "out", force, "is or holds");
        fs::current_path(scratch / "out");
        refuses(scratch / "out", force, "is or holds");
        refuses(".", force, "is or holds");
        fs::current_path(before);
        const QByteArray home = qgetenv("HOME");
        ::setenv("HOME", (scratch / "out" / "sub").c_str(), 1);
        refuses(scratch / "out", force, "is or holds");
        ::setenv("HOME", home.constData(), 1);
        refuses("/", force, "is or holds");
        QVERIFY(core::checkOutputFolder(scratch / "out", force) == ExistingFolder::Replace);
    }

    void knows_itsOwnFiles_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<bool>("ours");
        const auto row = [](const char* name, const std::string& bytes, bool ours) {
            QTest::newRow(name) << QByteArray::fromStdString(bytes) << ours;
        };
        row("json", core::markedJson({{"rank", 4}}).dump(2), true);
        row("json, its key last", R"({"a": {"generator": 1}, "b": [{}], "generator": "pissarro"})",
            true);
        row("json, deeper", R"({"a": {"generator": "pissarro"}})", false);
        row("json, in a list", R"([{"generator": "pissarro"}])", false);
        row("json, another's", R"({"generator": "other"})", false);
        row("json, as a text", R"({"a": "generator", "b": "pissarro"})", false);
        row("json, broken", R"({"a": )", false);
        row("lines of json", "{\"generator\": \"pissarro\", \"text\": 1}\n{\"text\": 2}\n", true);
        row("lines of json, the second", "{\"text\": 1}\n{\"generator\": \"pissarro\"}\n", false);
        row("csv", core::markedCsv("a,b\n1,2\n"), true);
        row("csv, another's", "a,b\n1,2\n", false);
        row("csv, in a later line", "a,b\ngenerator: pissarro,2\n", false);
        row("markdown", core::markedMarkdown("# a\n"), true);
        row("svg", core::markedSvg("<?xml version=\"1.0\"?>\n<svg/>\n"), true);
        row("svg without a declaration", core::markedSvg("<svg/>\n"), true);
        row("safetensors of another",
            test::safetensorsBytes("{\"__metadata__\":{\"format\":\"pt\"}}", ""), false);
        row("safetensors with a tensor of that name",
            test::safetensorsBytes(
                "{\"generator\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}", ""),
            false);
        row("safetensors with a long header",
            test::safetensorsBytes("{\"__metadata__\":{\"generator\":\"pissarro\"}}", "",
                                   1ULL << 40U),
            false);
        row("png of another", "\x89PNG\r\n\x1a\n", false);
        row("pdf of another", "%PDF-1.4\n", false);
        row("nothing", "", false);
    }

    void knows_itsOwnFiles()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(bool, ours);
        const test::Scratch scratch;
        writeBytes(scratch / "file", bytes.toStdString());
        QCOMPARE(core::isOurFile(scratch / "file"), ours);
    }

    void marks_safetensorsOfItsOwn()
    {
        const test::Scratch scratch;
        core::SafetensorsWriter writer(scratch / "a.safetensors", {{"x", core::DType::U8, {2}}});
        writer.append("ab", 2);
        writer.commit();
        QVERIFY(core::isOurFile(scratch / "a.safetensors"));
        QCOMPARE(core::SafetensorsFile::open(scratch / "a.safetensors").metadata().at("format"),
                 std::string("pt"));
    }

    // A marked table stays a table: the same cells in each row, quoted line feeds included.
    void marks_aTableWithAColumn()
    {
        QCOMPARE(core::markedCsv("a,\"b\nc\"\n1,2\n"),
                 std::string("a,\"b\nc\",generator: pissarro\n1,2,\n"));
    }
};

QTEST_GUILESS_MAIN(OutputTest)
#include "tst_output.moc"
