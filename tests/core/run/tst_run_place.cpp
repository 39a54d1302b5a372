// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/file/event_records.h"
#include "core/file/output_marker.h"
#include "core/format/event_message.h"
#include "core/run/run_directory.h"
#include "core/run/run_lock.h"
#include "core/run/run_log.h"
#include "core/run/run_place.h"
#include "tests/core/file/test_files.h"

#include <QTest>

using namespace pissarro;
using core::Method;
using core::methodNamed;
using core::Overwrite;
using test::errorOf;
using test::readBytes;
using test::writeBytes;
namespace fs = std::filesystem;

namespace {

const core::OutputRule kNever;
const core::OutputRule kForce {{}, Overwrite::Ours};

// A run as the trainer leaves it.
void writeRun(const fs::path& run)
{
    core::claimRunDirectory(run, {methodNamed("pissa")}, kNever);
    for (const char* name : {"run.json", "log.txt", ".lock"}) {
        writeBytes(run / name, "x");
    }
    const core::TensorBoardLog events(run, 0);
    writeBytes(run / "metrics.jsonl", "{\"step\": 1, \"loss\": 2.5}\n");
    for (const char* name : {"adapter", "pissa_init", "checkpoints/step-1"}) {
        core::writeDirectoryAtomically(
            run / name, [](const fs::path& fresh) { writeBytes(fresh / "a.safetensors", "x"); });
    }
}

std::string refusalOf(const fs::path& run, const std::vector<Method>& methods,
                      const core::OutputRule& rule)
{
    const auto error = errorOf([&] { core::claimRunDirectory(run, methods, rule); });
    return error ? error->what() : std::string();
}

bool contains(const std::string& text, const char* part)
{
    return text.find(part) != std::string::npos;
}

} // namespace

class RunPlaceTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    // Nor is a file ours since it is called so: what somebody else put there would go with the folder.
    void aName_tellsNotWhoseAFileIs_data()
    {
        QTest::addColumn<QByteArray>("events");
        QTest::addColumn<bool>("isOurs");
        const auto row = [](const char* name, const std::vector<std::string>& records, bool ours) {
            std::string file;
            for (const std::string& one : records) {
                file += core::eventRecord(one);
            }
            QTest::newRow(name) << QByteArray::fromStdString(file) << ours;
        };
        const std::string second("\x09\0\0\0\0\0\0\xF0\x3F", 9);
        std::string nobodys = second; // of an older version
        nobodys += "\x1A\x0D"
                   "brain.Event:2";
        std::string named = nobodys;
        named += "\x52\x0D\x0A\x0B"
                 "tensorboard";
        const auto scalar = [](const char* tag) { return core::scalarMessage(1.0, 1, tag, 2.0); };
        row("ours", {core::versionMessage(1.0), scalar("train/loss")}, true);
        row("ours, of an older version",
            {nobodys, core::sessionStartMessage(1.0, 3), scalar("train/loss"),
             scalar("eval/score")},
            true);
        row("an older one that told nothing", {nobodys}, true);
        row("another writer's", {named, scalar("train/loss")}, false);
        row("nobody's, of other tags",
            {nobodys, scalar("train/loss"), scalar("args/learning_rate")}, false);
        std::string broken = core::eventRecord(nobodys) + core::eventRecord(scalar("train/loss"));
        broken[broken.size() - 6] ^= 1; // within the scalar: its checksum denies it
        QTest::newRow("an older one, damaged") << QByteArray::fromStdString(broken) << false;
        QTest::newRow("no checksums") // framed by whoever leaves them out
            << QByteArray::fromStdString(std::string("\x18\0\0\0\0\0\0\0\0\0\0\0", 12) + nobodys
                                         + std::string(4, '\0'))
            << false;
        QTest::newRow("no record at all") << QByteArray("my notes") << false;
        QTest::newRow("empty") << QByteArray() << true; // nothing would be lost
    }
    void aName_tellsNotWhoseAFileIs()
    {
        QFETCH(QByteArray, events);
        QFETCH(bool, isOurs);
        const test::Scratch scratch;
        const fs::path run = scratch / "run";
        writeRun(run);
        const fs::path file = run / "events.out.tfevents.5.other.1.0";
        writeBytes(file, events.toStdString());
        const std::string refusal = refusalOf(run, {methodNamed("pissa")}, kForce);
        QVERIFY2(isOurs ? refusal.empty() : contains(refusal, "events.out.tfevents.5"),
                 refusal.c_str());
        QCOMPARE(fs::exists(run / "run.json"), !isOurs);
        QVERIFY(isOurs || readBytes(file) == events.toStdString());
    }

    void takes_whatIsFree()
    {
        const test::Scratch scratch;
        core::checkRunDirectory(scratch / "a" / "b", kNever);
        QVERIFY(!fs::exists(scratch / "a")); // a question makes nothing
        core::claimRunDirectory(scratch / "a" / "b", {methodNamed("pissa"), methodNamed("lora")},
                                kNever);
        for (const char* name : {"b", "b/pissa", "b/lora"}) {
            QVERIFY(!core::foreignIn(scratch / "a" / name));
        }
        fs::create_directory(scratch / "empty");
        core::claimRunDirectory(scratch / "empty", {methodNamed("pissa")}, kNever);
        // A start that recorded nothing, or a window that left its spec for the trainer, is no run yet.
        writeBytes(scratch / "empty" / "spec.json", "{}");
        writeBytes(scratch / "empty" / "metrics.jsonl", "");
        core::claimRunDirectory(scratch / "empty", {methodNamed("pissa")}, kNever);
        QCOMPARE(readBytes(scratch / "empty" / "spec.json"), std::string("{}"));
        QVERIFY(core::isOwnSpec(scratch / "empty" / "." / "spec.json", scratch / "empty"));
        QVERIFY(!core::isOwnSpec(scratch / "empty" / "metrics.jsonl", scratch / "empty"));
        QVERIFY(!core::isOwnSpec("spec.json", ""));
    }

    // What is named as an input is one, whatever it is called.
    void keeps_everyInput()
    {
        const test::Scratch scratch;
        core::claimRunDirectory(scratch / "run", {methodNamed("pissa")}, kNever);
        for (const char* name : {"spec.json", "worker.log"}) {
            writeBytes(scratch / "run" / name, "{}");
            core::OutputRule rule = kNever;
            rule.inputs = {scratch / "run" / name};
            QVERIFY2(contains(refusalOf(scratch / "run", {methodNamed("pissa")}, rule), name),
                     name);
            QCOMPARE(readBytes(scratch / "run" / name), std::string("{}"));
        }
    }

    void refuses_whatIsAPersons()
    {
        const test::Scratch scratch;
        const fs::path mine = scratch / "mine";
        fs::create_directories(mine / "adapter");
        writeBytes(mine / "log.txt", "mine");
        writeBytes(mine / "adapter" / "keep.bin", "x");
        for (const auto& rule : {kNever, kForce}) {
            QVERIFY(!refusalOf(mine, {methodNamed("pissa")}, rule).empty());
            QCOMPARE(readBytes(mine / "log.txt"), std::string("mine"));
            QVERIFY(fs::exists(mine / "adapter" / "keep.bin"));
            QVERIFY(!fs::exists(mine / core::kFolderMarker));
        }
    }

    void refuses_aRun_andReplacesItWhenTold()
    {
        const test::Scratch scratch;
        const fs::path run = scratch / "run";
        writeRun(run);
        QVERIFY(contains(refusalOf(run, {methodNamed("pissa")}, kNever), "already holds a run"));
        QVERIFY(fs::exists(run / "adapter"));
        core::claimRunDirectory(run, {methodNamed("lora")}, kForce);
        QCOMPARE(std::distance(fs::directory_iterator(run), {}), std::ptrdiff_t {1}); // the marker
    }

    void keeps_aRunWithAPersonsFiles()
    {
        const test::Scratch scratch;
        const fs::path run = scratch / "run";
        writeRun(run);
        for (const char* name :
             {"notes.txt", "adapter/notes.txt", "checkpoints/step-1/notes.txt"}) {
            writeBytes(run / name, "mine");
            QVERIFY2(contains(refusalOf(run, {methodNamed("pissa")}, kForce), "notes.txt"), name);
            QVERIFY(fs::exists(run / "metrics.jsonl"));
            fs::remove(run / name);
        }
        // An export into the run was asked for by itself: it does not go with the run.
        core::writeDirectoryAtomically(run / "export-lora",
                                       [](const fs::path& fresh) { writeBytes(fresh / "a", "x"); });
        QVERIFY(contains(refusalOf(run, {methodNamed("pissa")}, kForce), "export-lora"));
    }

    void keeps_aRunThatIsRead()
    {
        const test::Scratch scratch;
        const fs::path run = scratch / "run";
        writeRun(run);
        for (const fs::path& input : {run / "adapter", run / "pissa_init" / "a.safetensors", run}) {
            QVERIFY(contains(refusalOf(run, {methodNamed("pissa")}, {{input}, Overwrite::Ours}),
                             "what is read"));
        }
    }

    void keeps_aRunThatTrains()
    {
        const test::Scratch scratch;
        const fs::path run = scratch / "run";
        writeRun(run);
        const core::RunLock lock(run, run);
        QVERIFY(contains(refusalOf(run, {methodNamed("pissa")}, kForce), "is in use"));
        QVERIFY(fs::exists(run / "metrics.jsonl"));
    }

    void knows_twinsAndARunOfBefore()
    {
        const test::Scratch scratch;
        const fs::path twins = scratch / "twins";
        core::claimRunDirectory(twins, {methodNamed("pissa"), methodNamed("lora")}, kNever);
        writeBytes(twins / "lora" / "metrics.jsonl", "{\"step\": 1, \"loss\": 2.5}\n");
        QVERIFY(contains(refusalOf(twins, {methodNamed("pissa")}, kNever), "already holds a run"));
        core::claimRunDirectory(twins, {methodNamed("pissa")}, kForce);
        QVERIFY(!fs::exists(twins / "lora"));
        // A run of an earlier version has no marker: nothing says that all of it is ours.
        fs::create_directory(scratch / "old");
        writeBytes(scratch / "old" / "metrics.jsonl", "{\"step\": 1, \"loss\": 2.5}\n");
        QVERIFY(contains(refusalOf(scratch / "old", {methodNamed("pissa")}, kNever),
                         "already holds a run"));
        QVERIFY(contains(refusalOf(scratch / "old", {methodNamed("pissa")}, kForce), ".pissarro"));
    }
};

QTEST_GUILESS_MAIN(RunPlaceTest)
#include "tst_run_place.moc"
