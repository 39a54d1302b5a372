// SPDX-License-Identifier: GPL-3.0-or-later
// A sweep on disk: taken, gone on with, refused, and changed by many at once.
#include "core/file/atomic_file.h"
#include "core/file/output_marker.h"
#include "core/sweep/sweep_store.h"
#include "tests/core/file/test_files.h"
#include "tests/core/sweep/scripted_trainer.h"

#include <QtTest/QtTest>

#include <sys/wait.h>
#include <unistd.h>

using namespace pissarro;
using namespace pissarro::core;
using tests::smallSweep;
namespace fs = std::filesystem;

namespace {

const char* const kRanks = "'axes': {'rank': [1, 2, 3, 4, 5, 6, 7, 8]}";

} // namespace

class TestSweepStore : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aFolder_isTaken_andGoneOnWith()
    {
        const test::Scratch scratch;
        const SweepStore store = openSweep(scratch / "s", smallSweep(kRanks), {});
        QVERIFY(isOurFile(scratch / "s" / "sweep.json"));
        QVERIFY(!foreignIn(scratch / "s"));
        store.change([](SweepState& state) { skipRun(state, "rank3"); });
        const SweepStore again = openSweep(scratch / "s", smallSweep(kRanks), {});
        QCOMPARE(stateText(again.read()), std::string("7 waiting, 1 skipped"));
        QCOMPARE(stateText(SweepStore(scratch / "s").read()), std::string("7 waiting, 1 skipped"));
    }

    void anotherSweep_orAnythingElse_isRefused()
    {
        const test::Scratch scratch;
        openSweep(scratch / "s", smallSweep(kRanks), {});
        const auto other = test::errorOf(
            [&] { openSweep(scratch / "s", smallSweep("'axes': {'rank': [1]}"), {}); });
        QVERIFY(other && QString(other->what()).contains("holds another sweep (axes"));
        QCOMPARE(stateText(SweepStore(scratch / "s").read()), std::string("8 waiting"));

        fs::create_directories(scratch / "t");
        test::writeBytes(scratch / "t" / "letter.txt", "dear");
        QVERIFY(test::errorOf([&] { openSweep(scratch / "t", smallSweep(kRanks), {}); }));
        QVERIFY(!fs::exists(scratch / "t" / "sweep.json"));
        QVERIFY(test::errorOf([&] { SweepStore(scratch / "t"); }));
    }

    void force_replacesOnlyOurs()
    {
        const test::Scratch scratch;
        OutputRule force;
        force.overwrite = Overwrite::Ours;
        openSweep(scratch / "s", smallSweep(kRanks), {});
        const SweepStore anew =
            openSweep(scratch / "s", smallSweep("'axes': {'rank': [1]}"), force);
        QCOMPARE(anew.plan().runs.size(), std::size_t {1});
        test::writeBytes(scratch / "s" / "letter.txt", "dear");
        QVERIFY(test::errorOf([&] { openSweep(scratch / "s", smallSweep(kRanks), force); }));
        QCOMPARE(test::readBytes(scratch / "s" / "letter.txt"), std::string("dear"));
    }

    // Not of what was typed alone: a model of an axis, a single run's adapter, what the runs are asked.
    void force_keepsWhatTheRunsRead()
    {
        const test::Scratch scratch;
        OutputRule force;
        force.overwrite = Overwrite::Ours;
        for (const char* name : {"m1", "m2", "a", "q"}) {
            writeDirectoryAtomically(scratch / name, [](const fs::path& fresh) {
                test::writeBytes(fresh / "config.json", "{}");
            });
        }
        const std::string at = scratch.path().string() + "/";
        const SweepSpec sweep =
            smallSweep("'axes': {'model': ['" + at + "m1', '" + at
                       + "m2']}, 'runs': [{'method': 'lora', 'init_adapter': '" + at
                       + "a'}], 'eval': {'task': 'gsm8k', 'data': '" + at + "q/config.json'}");
        for (const char* name : {"m1", "m2", "a", "q"}) {
            const auto error = test::errorOf([&] { openSweep(scratch / name, sweep, force); });
            QVERIFY2(error && QString(error->what()).contains("what is read"), name);
            QVERIFY(fs::exists(scratch / name / "config.json"));
        }
    }

    void aStartThatWasKilled_isTakenAgain()
    {
        const test::Scratch scratch;
        openSweep(scratch / "s", smallSweep(kRanks), {});
        fs::remove(scratch / "s" / "sweep.json"); // killed before its first write
        QCOMPARE(stateText(openSweep(scratch / "s", smallSweep(kRanks), {}).read()),
                 std::string("8 waiting"));
    }

    void damage_isNamed()
    {
        const test::Scratch scratch;
        const SweepStore store = openSweep(scratch / "s", smallSweep(kRanks), {});
        const fs::path file = scratch / "s" / "sweep.json";
        const std::string whole = test::readBytes(file);
        for (const std::string& text : {std::string(), whole.substr(0, whole.size() / 2),
                                        std::string("{}"), std::string("[]"),
                                        QString::fromStdString(whole)
                                            .replace("\"version\": 1", "\"version\": 2")
                                            .toStdString()}) {
            test::writeBytes(file, text);
            QCOMPARE(test::complaint(test::errorOf([&] { SweepStore(scratch / "s"); }), file, ""),
                     QString());
        }
        test::writeBytes(file,
                         QString::fromStdString(whole).replace("rank5", "rank55").toStdString());
        QCOMPARE(test::complaint(test::errorOf([&] { store.read(); }), file, "rank55"), QString());
    }

    void aChangeThatThrows_changesNothing_andOneThatChangesNothing_writesNothing()
    {
        const test::Scratch scratch;
        const SweepStore store = openSweep(scratch / "s", smallSweep(kRanks), {});
        const std::uint64_t before = store.version();
        QVERIFY(test::errorOf([&] {
            store.change([](SweepState& state) {
                state.paused = true;
                skipRun(state, "nobody");
            });
        }));
        QVERIFY(!store.read().paused);
        store.change([](SweepState& /*state*/) {});
        QCOMPARE(store.version(), before);
        store.change([](SweepState& state) { state.paused = true; });
        QVERIFY(store.version() != before);
    }

    // Four programs take a run each, again and again: none is taken twice, no change is lost.
    void programsSideBySide_loseNothing()
    {
        const test::Scratch scratch;
        const SweepStore store = openSweep(
            scratch / "s",
            smallSweep("'axes': {'rank': [1, 2, 3, 4, 5, 6, 7, 8], 'seed': [0, 1, 2, 3, 4]}"), {});
        std::vector<pid_t> children;
        for (int i = 0; i < 4; ++i) {
            const pid_t child = ::fork();
            if (child == 0) {
                int taken = 0;
                for (bool more = true; more;) {
                    store.change([&](SweepState& state) {
                        more =
                            claimNext(state, store.spec().stop, {::getpid(), "here"}).has_value();
                    });
                    taken += more ? 1 : 0;
                }
                ::_exit(taken);
            }
            children.push_back(child);
        }
        int taken = 0;
        for (const pid_t child : children) {
            int status = 0;
            QCOMPARE(::waitpid(child, &status, 0), child);
            QVERIFY(WIFEXITED(status));
            taken += WEXITSTATUS(status);
        }
        QCOMPARE(taken, 40);
        for (const SweepRun& run : store.read().runs) {
            QVERIFY(run.state == SweepRunState::Running);
            QCOMPARE(run.attempts, std::int64_t {1});
        }
    }
};

QTEST_GUILESS_MAIN(TestSweepStore)
#include "tst_sweep_store.moc"
