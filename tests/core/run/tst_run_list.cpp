// SPDX-License-Identifier: GPL-3.0-or-later
// The list of all runs below folders: ours and others', whole and broken, growing and gone; and the trash.
#include "core/library/project.h"
#include "core/run/failed_start.h"
#include "core/run/run_list.h"
#include "core/run/run_lock.h"
#include "core/run/run_place.h"
#include "tests/core/file/test_files.h"
#include "tests/tools/patience.h"

#include <QTest>

#include <algorithm>

using namespace pissarro;
using namespace pissarro::core;
using test::errorOf;
namespace fs = std::filesystem;

namespace {

void addStep(const fs::path& folder, std::int64_t step, double loss)
{
    StepRecord record;
    record.step = step;
    record.loss = loss;
    record.tokens = 100 * step;
    record.elapsedS = 2.0 * static_cast<double>(step);
    std::ofstream(folder / kMetricsFile, std::ios::app) << record.toJson() << '\n';
}

void writeOne(const fs::path& folder, const char* startedAt, RunState state = RunState::Finished,
              const char* method = "pissa")
{
    fs::create_directories(folder);
    RunSummary run;
    run.directory = folder;
    run.spec.model = "/models/SmolLM2";
    run.spec.data = "/data/gsm8k_train.jsonl";
    run.spec.method = methodNamed(method);
    run.startedAt = startedAt;
    run.steps = 20;
    run.state = state;
    writeRun(run);
    addStep(folder, 1, 3.0);
    addStep(folder, 2, 1.0);
}

// As a window does before it starts a trainer: one of three methods, of which the last has its rate to be found.
void order(const fs::path& folder)
{
    RunSpec spec;
    spec.model = "/models/none";
    spec.data = "/data/rows.jsonl";
    spec.method = methodNamed("pissa");
    spec.learningRate = 2e-4;
    const OrderedTwins twins {{methodNamed("lora"), 1e-3}, {methodNamed("olora"), std::nullopt}};
    claimRunDirectory(folder, {spec.method, methodNamed("lora"), methodNamed("olora")}, {});
    writeOrdered(folder, spec, twins);
}

std::vector<std::string> namesOf(const RunList& list)
{
    std::vector<std::string> names;
    for (const auto& run : list.runs) {
        names.push_back(run->run.directory.filename().string());
    }
    return names;
}

const ListedRun& named(const RunList& list, const std::string& name)
{
    const auto found = std::find_if(list.runs.begin(), list.runs.end(), [&](const auto& run) {
        return run->run.directory.filename() == name;
    });
    if (found == list.runs.end()) {
        throw std::runtime_error(name); // the test fails with it
    }
    return **found;
}

} // namespace

class RunListTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyRun_isListed_withHowItStands()
    {
        const test::Scratch scratch;
        writeOne(scratch / "runs/old", "2026-11-20T10:00:00Z");
        writeOne(scratch / "runs/pair/lora", "2026-11-24T10:00:00Z", RunState::Finished, "lora");
        writeOne(scratch / "runs/pair/pissa", "2026-11-24T10:00:00Z");
        writeOne(scratch / "runs/killed", "2026-11-23T10:00:00Z", RunState::Running);
        fs::create_directories(scratch / "runs/broken");
        test::writeBytes(scratch / "runs/broken/run.json", "{\"method\": ");
        fs::create_directories(scratch / "runs/empty/deep/deeper/deepest");
        RunLister lister;
        const RunList list = lister.look({scratch / "runs"}, {});
        const std::vector<std::string> wanted {"pissa", "lora", "killed", "old", "broken"};
        QVERIFY(namesOf(list) == wanted);
        QVERIFY(list.gone.empty());
        QVERIFY(named(list, "killed").run.state == RunState::Interrupted);
        const ListedRun& old = named(list, "old");
        QVERIFY(old.isOurs() && old.root == scratch / "runs" && old.sweep.empty());
        QCOMPARE(old.run.step, std::int64_t {2});
        QCOMPARE(old.run.end.loss, 1.0);
        QCOMPARE(old.run.end.meanLoss, 2.0);
        QCOMPARE(old.run.end.tokensPerS, 50.0);
        const ListedRun& broken = named(list, "broken");
        QVERIFY(!broken.isOurs());
        QVERIFY2(broken.problem.find("run.json") != std::string::npos, broken.problem.c_str());
    }

    // A run that did not change is the same object; one that did is another.
    void anotherLook_readsWhatChanged()
    {
        const test::Scratch scratch;
        writeOne(scratch / "a", "2026-11-20T10:00:00Z");
        writeOne(scratch / "b", "2026-11-21T10:00:00Z");
        RunLister lister;
        const RunList first = lister.look({scratch.path()}, {});
        addStep(scratch / "a", 3, 0.5);
        fs::remove_all(scratch / "b/nothing");
        const RunList second = lister.look({scratch.path()}, {});
        QVERIFY(first.runs[0] == second.runs[0]);
        QVERIFY(first.runs[1] != second.runs[1]);
        QCOMPARE(second.runs[1]->run.step, std::int64_t {3});
        fs::remove_all(scratch / "b");
        QVERIFY(namesOf(lister.look({scratch.path()}, {})) == std::vector<std::string> {"a"});
    }

    // A program that trains it now holds its lock; when that is let go, no file of the run changes.
    void aRunThatIsTrained_isAskedEachTime()
    {
        const test::Scratch scratch;
        const fs::path run = scratch / "live";
        writeOne(run, "2026-11-20T10:00:00Z", RunState::Running);
        RunLister lister;
        {
            const RunLock lock(run, run);
            QVERIFY(lister.look({scratch.path()}, {}).runs[0]->run.state == RunState::Running);
        }
        QVERIFY(lister.look({scratch.path()}, {}).runs[0]->run.state == RunState::Interrupted);
    }

    void batches_areTheNewest_andEachOnce()
    {
        const test::Scratch scratch;
        constexpr std::size_t kRuns = 2 * RunLister::kBatch + 7;
        for (std::size_t i = 0; i < kRuns; ++i) {
            writeOne(scratch / ("run-" + QString::number(i).toStdString()), "2026-11-20T10:00:00Z");
        }
        RunLister lister;
        std::size_t told = 0;
        int batches = 0;
        const auto tell = [&](const ListedRuns& batch) {
            ++batches;
            told += batch.size();
        };
        QCOMPARE(lister.look({scratch.path(), scratch.path()}, {}, tell).runs.size(), kRuns);
        QCOMPARE(batches, 2);
        QCOMPARE(told, 2 * RunLister::kBatch); // the rest comes with the list
        QCOMPARE(lister.look({scratch.path()}, {}, tell).runs.size(), kRuns);
        QCOMPARE(batches, 2); // nothing was read again
        std::stop_source stop;
        stop.request_stop();
        const JobContext stopped(stop.get_token());
        QVERIFY_EXCEPTION_THROWN(lister.look({scratch.path()}, stopped), Cancelled);
    }

    void aFileOfAnyLength_isReadAtItsEnd()
    {
        const test::Scratch scratch;
        const fs::path run = scratch / "long";
        writeOne(run, "2026-11-20T10:00:00Z");
        {
            std::ofstream metrics(run / kMetricsFile, std::ios::app);
            const std::string line =
                "{\"step\": 3, \"loss\": 9.0, \"batch_hash\": \"" + std::string(200, 'x') + "\"}\n";
            for (int i = 0; i < 200'000; ++i) { // 50 MB
                metrics << line;
            }
        }
        addStep(run, 4, 0.25);
        std::ofstream(run / kMetricsFile, std::ios::app) << "{\"step\": 5, \"lo"; // torn
        RunLister lister;
        const tests::CpuClock clock;
        const RunList list = lister.look({scratch.path()}, {});
        QVERIFY(clock.seconds() < 1.0); // the whole of it takes several
        QCOMPARE(list.runs[0]->run.step, std::int64_t {4});
        QCOMPARE(list.runs[0]->run.end.loss, 0.25);
    }

    void aRootThatIsAway_keepsItsRuns()
    {
        const test::Scratch scratch;
        writeOne(scratch / "disk/a", "2026-11-20T10:00:00Z");
        RunLister lister;
        lister.look({scratch / "disk"}, {});
        fs::rename(scratch / "disk", scratch / "away");
        for (int i = 0; i < 2; ++i) {
            const RunList list = lister.look({scratch / "disk"}, {});
            QVERIFY(list.gone == std::vector {scratch / "disk"});
            QCOMPARE(list.runs.size(), 1U);
            QVERIFY(list.runs[0]->isGone && list.runs[0]->run.step == 2);
        }
        QVERIFY(RunLister().look({scratch / "disk"}, {}).runs.empty()); // nobody knew it
        fs::rename(scratch / "away", scratch / "disk");
        const RunList back = lister.look({scratch / "disk"}, {});
        QVERIFY(back.gone.empty() && !back.runs[0]->isGone);
    }

    // One folder of another program is one run, whatever lies below it; and ours write event files as well.
    void runsOfOthers_areListedBehindOurs()
    {
        const test::Scratch scratch;
        const std::string state = "{\"log_history\": [{\"step\": 1, \"loss\": 2.0}]}";
        fs::create_directories(scratch / "hf/checkpoint-5");
        fs::create_directories(scratch / "hf/checkpoint-10");
        test::writeBytes(scratch / "hf/checkpoint-5/trainer_state.json", state);
        test::writeBytes(scratch / "hf/checkpoint-10/trainer_state.json", state);
        fs::create_directories(scratch / "factory");
        test::writeBytes(scratch / "factory/trainer_log.jsonl", "{\"current_steps\": 1}\n");
        writeOne(scratch / "project/runs/ours", "2026-11-20T10:00:00Z");
        test::writeBytes(scratch / "project/runs/ours/events.out.tfevents.1.host.2.0", "");
        RunLister lister;
        const RunList list = lister.look({scratch.path()}, {});
        QCOMPARE(list.runs.size(), 3U);
        QVERIFY(list.runs[0]->isOurs());
        QVERIFY(named(list, "hf").isOthers && named(list, "factory").isOthers);
        QVERIFY(lister.look({scratch.path()}, {}).runs == list.runs); // the same objects
        const RunList file = lister.look({scratch / "factory/trainer_log.jsonl"}, {});
        QVERIFY(file.runs.size() == 1U && file.runs[0]->isOthers);
    }

    void groups_areSweepsTwinsModelsAndData()
    {
        const test::Scratch scratch;
        fs::create_directories(scratch / "grid");
        test::writeBytes(scratch / "grid/sweep.json", "{}");
        writeOne(scratch / "grid/runs/one", "2026-11-20T10:00:00Z");
        writeOne(scratch / "pair/pissa", "2026-11-20T10:00:00Z");
        writeOne(scratch / "alone", "2026-11-20T10:00:00Z");
        fs::create_directories(scratch / "hf");
        test::writeBytes(scratch / "hf/trainer_state.json", "{}");
        RunLister lister;
        const RunList list = lister.look({scratch.path()}, {});
        const auto title = [&](const char* name, RunGrouping by) {
            return groupOf(named(list, name), by).title;
        };
        QCOMPARE(title("one", RunGrouping::Sweep), std::string("grid"));
        QVERIFY(named(list, "one").sweep == scratch / "grid");
        QCOMPARE(title("pissa", RunGrouping::Sweep), std::string("pair"));
        QCOMPARE(title("alone", RunGrouping::Sweep), scratch.path().filename().string());
        QCOMPARE(title("one", RunGrouping::Model), std::string("SmolLM2"));
        QCOMPARE(title("one", RunGrouping::Data), std::string("gsm8k_train.jsonl"));
        QVERIFY(groupOf(named(list, "one"), RunGrouping::None)
                == groupOf(named(list, "hf"), RunGrouping::None));
        QVERIFY(groupOf(named(list, "hf"), RunGrouping::Model).key
                > groupOf(named(list, "one"), RunGrouping::Model).key);
        QVERIFY(parseRunGrouping(runGroupingName(RunGrouping::Data)) == RunGrouping::Data);
        const auto error = errorOf([] { parseRunGrouping("colour"); });
        QVERIFY(error && std::string(error->what()).find("sweep") != std::string::npos);
    }

    void theProject_isTheNearestAbove()
    {
        const test::Scratch scratch;
        const fs::path run = scratch / "runs/grid/a";
        fs::create_directories(run);
        QVERIFY(projectFolderOf(run, scratch / "runs") == scratch / "runs");
        QVERIFY(projectFolderOf(run, run) == scratch / "runs/grid");
        test::writeBytes(scratch.path() / kProjectFile, "{\"runs\": {}}");
        QVERIFY(projectFolderOf(run, scratch / "runs") == scratch.path());
    }

    // What a window ordered is a run that failed, once nobody prepares it: what it was told and why it ended are known.
    void aStartThatFailed_isListed()
    {
        const test::Scratch scratch;
        const fs::path start = scratch / "runs/start";
        writeOne(scratch / "runs/old", "1999-11-20T10:00:00Z");
        order(start);
        RunLister lister;
        const std::vector<std::string> none {"old"};
        QVERIFY(namesOf(lister.look({scratch / "runs"}, {})) == none); // its trainer may just begin
        test::writeBytes(start / "worker.log",
                         "CPU, 1 thread\nerror: /models/none: is not there\n");
        {
            const RunLock lock(start / "lora", start);
            QVERIFY(namesOf(lister.look({scratch / "runs"}, {})) == none);
        }
        const RunList list = lister.look({scratch / "runs"}, {});
        QVERIFY((namesOf(list) == std::vector<std::string> {"start", "old"}));
        const ListedRun& listed = named(list, "start");
        QVERIFY(listed.isKnown() && !listed.isOurs());
        QVERIFY(listed.run.state == RunState::Failed);
        QCOMPARE(listed.run.spec.model, std::string("/models/none"));
        QCOMPARE(listed.run.message, std::string("/models/none: is not there"));
        QCOMPARE(runStateText(listed.run),
                 std::string("failed before it began: /models/none: is not there"));
        const OrderedTwins twins {{methodNamed("lora"), 1e-3},
                                  {methodNamed("olora"), std::nullopt}};
        QVERIFY(listed.start == twins);
        QVERIFY(lister.look({scratch / "runs"}, {}).runs[0] == list.runs[0]); // not read again
        // A person ended it.
        test::writeBytes(start / "worker.log", "error: interrupted; nothing more was written\n");
        QCOMPARE(runStateText(named(lister.look({scratch / "runs"}, {}), "start").run),
                 std::string("stopped before it began"));
        // A spec that is none is said.
        test::writeBytes(start / "spec.json", "{\"rank\": 8");
        const RunList torn = lister.look({scratch / "runs"}, {});
        QVERIFY(named(torn, "start").problem.find("spec.json") != std::string::npos);
    }

    // Twins that have begun are runs; the folder around them is none then.
    void aStartThatBecameARun_isNoOther()
    {
        const test::Scratch scratch;
        const fs::path start = scratch / "runs/start";
        order(start);
        test::writeBytes(start / "worker.log", "error: the disk is full\n");
        writeOne(start / "pissa", "2026-11-20T10:00:00Z");
        RunLister lister;
        const std::vector<std::string> wanted {"pissa"};
        QVERIFY(namesOf(lister.look({scratch / "runs"}, {})) == wanted);
        QVERIFY(isOrdered(start / "lora")); // its own is not, below the others'
        QVERIFY(!isOrdered(start / "olora") && !isOrdered(start / "pissa"));
        // Nor is what nobody here has marked.
        fs::create_directories(scratch / "runs/foreign");
        fs::copy_file(start / "spec.json", scratch / "runs/foreign/spec.json");
        QVERIFY(namesOf(lister.look({scratch / "runs"}, {})) == wanted);
    }

    void aStartThatFailed_goesToTheTrash()
    {
        const test::Scratch scratch;
        const QByteArray before = qgetenv("XDG_DATA_HOME");
        qputenv("XDG_DATA_HOME", QByteArray::fromStdString((scratch / "data").string()));
        const fs::path start = scratch / "runs/start";
        order(start);
        QVERIFY(errorOf([&] { trashRun(start, scratch / "runs"); }).has_value()); // just ordered
        QVERIFY(fs::exists(start));
        test::writeBytes(start / "worker.log", "error: the disk is full\n");
        trashRun(start, scratch / "runs");
        QVERIFY(!fs::exists(start));
        restoreRun(start, scratch / "runs");
        QVERIFY(isOrdered(start));
        if (before.isNull()) {
            qunsetenv("XDG_DATA_HOME");
        } else {
            qputenv("XDG_DATA_HOME", before);
        }
    }

    void whatWasSaid_goesToTheTrash_andComesBack()
    {
        const test::Scratch scratch;
        const QByteArray before = qgetenv("XDG_DATA_HOME");
        qputenv("XDG_DATA_HOME", QByteArray::fromStdString((scratch / "data").string()));
        const fs::path root = scratch / "runs";
        const fs::path run = root / "a";
        writeOne(run, "2026-11-20T10:00:00Z");
        Project(root).change(run, [](RunMark& mark) { mark.tags = {"keep"}; });
        {
            const RunLock lock(run, run);
            const auto error = errorOf([&] { trashRun(run, root); });
            QVERIFY(error && error->kind() == ErrorKind::InvalidArgument && fs::exists(run));
        }
        trashRun(run, root);
        QVERIFY(!fs::exists(run));
        writeOne(run, "2026-11-21T10:00:00Z"); // another run of that name is another one
        QVERIFY(Project(root).markOf(run) == RunMark());
        QVERIFY(errorOf([&] { restoreRun(run, root); }).has_value()); // something is there again
        fs::remove_all(run);
        restoreRun(run, root);
        QVERIFY(Project(root).markOf(run).tags == std::vector<std::string> {"keep"});
        QCOMPARE(readRun(run).startedAt, std::string("2026-11-20T10:00:00Z"));
        const auto error = errorOf([&] { restoreRun(run, root); });
        QVERIFY(error && error->kind() == ErrorKind::Io);
        if (before.isNull()) {
            qunsetenv("XDG_DATA_HOME");
        } else {
            qputenv("XDG_DATA_HOME", before);
        }
    }
};

QTEST_GUILESS_MAIN(RunListTest)
#include "tst_run_list.moc"
