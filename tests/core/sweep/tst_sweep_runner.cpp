// SPDX-License-Identifier: GPL-3.0-or-later
// A program at work on a sweep: what it does in which order, what a kill at any write leaves, what others may say meanwhile. The
// real trainer is in tests/cli/tst_sweep.cpp; here the losses are scripted.
#include "core/file/atomic_file.h"
#include "core/sweep/sweep_runner.h"
#include "tests/core/file/test_files.h"
#include "tests/core/sweep/scripted_trainer.h"

#include <QtTest/QtTest>

#include <array>
#include <csignal>
#include <map>
#include <sys/wait.h>
#include <unistd.h>

using namespace pissarro;
using namespace pissarro::core;
using tests::scripted;
using tests::smallSweep;
namespace fs = std::filesystem;

namespace {

constexpr int kKilled = 9;

const char* const kGrid =
    "'axes': {'method': ['pissa', 'lora'], 'rank': [4, 8], 'learning_rate': [1e-4, 1e-3]}";
const char* const kHalving =
    "'axes': {'method': ['pissa', 'lora'], 'learning_rate': [1e-5, 1e-4, 1e-3, 1e-2]}, "
    "'stop': {'rule': 'halving', 'first': 2, 'keep_one_of': 2}";
const char* const kMedian = "'axes': {'learning_rate': [1e-3, 2e-3, 5e-4, 1e-4, 1e-6, 9e-4]}, "
                            "'stop': {'rule': 'median', 'first': 2, 'every': 2}";

// Calls `act` at the n-th of all writes and steps of this program.
struct Counter : SweepObserver {
    explicit Counter(int at = 0, std::function<void()> what = {})
        : n(at)
        , act(std::move(what))
    {
    }
    void stateChanged(const SweepState& /*state*/) override { count(); }
    void stepDone(const PlannedRun& /*run*/, const StepRecord& /*record*/) override { count(); }
    void runEnded(const SweepRun& run) override { ended.push_back(run.name); }
    void count()
    {
        if (++events == n) {
            act();
        }
    }

    int n;
    std::function<void()> act;
    int events = 0;
    std::vector<std::string> ended;
};

// What stays of a sweep, without what a kill may change: how often a run was begun, who worked at it.
std::map<std::string, std::string> outcomeOf(const SweepStore& store)
{
    std::map<std::string, std::string> outcome;
    for (const SweepRun& run : store.read().runs) {
        const fs::path folder = store.runFolder(run.name);
        std::string text = std::string(sweepRunStateName(run.state)) + "|" + run.message + "|"
            + std::to_string(run.step);
        for (const double look : run.looks) {
            text += "|" + std::to_string(look);
        }
        outcome[run.name] = text + "|" + test::readBytes(folder / kMetricsFile);
    }
    return outcome;
}

SweepState finish(const SweepStore& store)
{
    SweepObserver silent;
    return workOn(store, scripted(), silent, JobContext());
}

} // namespace

class TestSweepRunner : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void allRuns_areTrained_once()
    {
        const test::Scratch scratch;
        const SweepStore store = openSweep(scratch / "s", smallSweep(kGrid), {});
        Counter counter;
        const SweepState state = workOn(store, scripted(), counter, JobContext());
        QCOMPARE(stateText(state), std::string("8 done"));
        QCOMPARE(counter.ended.size(), std::size_t {8});
        QCOMPARE(counter.ended.front(), store.plan().runs.front().name);
        const auto outcome = outcomeOf(store);
        Counter again;
        workOn(store, scripted(), again, JobContext());
        QCOMPARE(again.events, 0); // all is done
        QCOMPARE(outcomeOf(store), outcome);
    }

    void killedAtAnyWriteOrStep_itEndsAsIfUndisturbed_data()
    {
        QTest::addColumn<QString>("sweep");
        QTest::newRow("grid") << kGrid;
        QTest::newRow("halving") << kHalving;
        QTest::newRow("median") << kMedian;
    }
    void killedAtAnyWriteOrStep_itEndsAsIfUndisturbed()
    {
        QFETCH(QString, sweep);
        const test::Scratch scratch;
        const SweepSpec spec = smallSweep(sweep.toStdString());
        const SweepStore undisturbed = openSweep(scratch / "whole", spec, {});
        Counter events;
        workOn(undisturbed, scripted(), events, JobContext());
        const auto expected = outcomeOf(undisturbed);
        QVERIFY(events.events > 30);
        for (int n = 1; n <= events.events; ++n) {
            const fs::path folder = scratch / ("killed-" + std::to_string(n));
            const SweepStore store = openSweep(folder, spec, {});
            const pid_t child = ::fork();
            if (child == 0) {
                Counter killer(n, [] { ::_exit(kKilled); });
                workOn(store, scripted(), killer, JobContext());
                ::_exit(0);
            }
            int status = 0;
            QCOMPARE(::waitpid(child, &status, 0), child);
            QVERIFY(WIFEXITED(status) && WEXITSTATUS(status) == kKilled);
            finish(store);
            if (outcomeOf(store) != expected) {
                QFAIL(qPrintable(QString("killed at event %1").arg(n)));
            }
            fs::remove_all(folder);
        }
    }

    void halving_endsTheWorst_andSaysSo()
    {
        const test::Scratch scratch;
        const SweepStore store = openSweep(scratch / "s", smallSweep(kHalving), {});
        SweepState state = finish(store);
        // of four rates two go on at step 2, of these one at step 4; a method each
        QCOMPARE(stateText(state), std::string("2 done, 6 ended early"));
        QVERIFY(runNamed(state, "pissa-lr0.001").state
                == SweepRunState::Done); // scripted: the best
        QCOMPARE(runNamed(state, "pissa-lr1e-5").step, std::int64_t {2});
        QVERIFY(runNamed(state, "lora-lr1e-5").message.find("at step 2") != std::string::npos);
    }

    void theMedianRule_endsWhatIsBehind()
    {
        const test::Scratch scratch;
        const SweepStore store = openSweep(scratch / "s", smallSweep(kMedian), {});
        SweepState state = finish(store);
        // the first three have no three finished peers; scripted losses of 1e-6 are 3 higher than the best
        QVERIFY(runNamed(state, "lr1e-6").state == SweepRunState::EndedEarly);
        QCOMPARE(runNamed(state, "lr1e-6").step, std::int64_t {2});
        QVERIFY(runNamed(state, "lr1e-6").message.find("median") != std::string::npos);
        QVERIFY(runNamed(state, "lr9e-4").state == SweepRunState::Done);
    }

    void aFailedRun_staysWithItsReason_andTheRestGoesOn()
    {
        const test::Scratch scratch;
        const SweepStore store =
            openSweep(scratch / "s", smallSweep("'axes': {'learning_rate': [1.0, 1e-3]}"), {});
        SweepState state = finish(store);
        QCOMPARE(stateText(state), std::string("1 done, 1 failed"));
        QVERIFY(runNamed(state, "lr1").message.find("not finite at step 3") != std::string::npos);
        store.change([](SweepState& now) { retryRun(now, "lr1"); });
        state = finish(store);
        QCOMPARE(runNamed(state, "lr1").attempts, std::int64_t {2});
        QCOMPARE(stateText(state), std::string("1 done, 1 failed"));
    }

    void leaving_keepsTheRun_whichGoesOnFromItsStep()
    {
        const test::Scratch scratch;
        const SweepStore store = openSweep(scratch / "s", smallSweep(kGrid), {});
        SweepOptions options = scripted();
        options.control = std::make_shared<SweepControl>();
        Counter counter(5, [&] { options.control->leave(); }); // claimed, then four steps
        SweepState state = workOn(store, options, counter, JobContext());
        QCOMPARE(stateText(state), std::string("8 waiting"));
        QCOMPARE(state.runs[0].step, std::int64_t {4});
        finish(store);
        const test::Scratch other;
        const SweepStore whole = openSweep(other / "s", smallSweep(kGrid), {});
        finish(whole);
        QCOMPARE(outcomeOf(store), outcomeOf(whole));
    }

    void aPause_isHeardByWhoeverTrains_andASkipToo()
    {
        const test::Scratch scratch;
        const SweepStore store = openSweep(scratch / "s", smallSweep(kGrid), {});
        Counter pausing(3, [&] { store.change([](SweepState& state) { state.paused = true; }); });
        SweepState state = workOn(store, scripted(), pausing, JobContext());
        QVERIFY(state.paused);
        QCOMPARE(stateText(state), std::string("8 waiting"));
        QVERIFY(state.runs[0].step > 0 && state.runs[0].step < 6);
        QCOMPARE(stateText(finish(store)), std::string("8 waiting")); // still paused
        store.change([](SweepState& now) { now.paused = false; });
        const std::string first = state.runs[0].name;
        Counter skipping(2, [&] { store.change([&](SweepState& now) { skipRun(now, first); }); });
        state = workOn(store, scripted(), skipping, JobContext());
        QCOMPARE(stateText(state), std::string("7 done, 1 skipped"));
        QVERIFY(runNamed(state, first).step < 6);
    }

    void aCancelledJob_leavesItsRunWaiting()
    {
        const test::Scratch scratch;
        const SweepStore store = openSweep(scratch / "s", smallSweep(kGrid), {});
        std::stop_source stop;
        Counter counter(3, [&] { stop.request_stop(); });
        QVERIFY_THROWS_EXCEPTION(Cancelled,
                                 workOn(store, scripted(), counter, JobContext(stop.get_token())));
        QCOMPARE(stateText(store.read()), std::string("8 waiting"));
    }

    // Another program holds a run: it is not taken, and is taken once that program is gone.
    void aRunOfAnotherProgram_isLeftAlone()
    {
        const test::Scratch scratch;
        const SweepStore store =
            openSweep(scratch / "s", smallSweep("'axes': {'rank': [4, 8]}"), {});
        std::array<int, 2> ready {};
        QCOMPARE(::pipe(ready.data()), 0);
        const pid_t child = ::fork();
        if (child == 0) {
            Counter stops(3, [&] { // two steps of rank 4
                if (::write(ready[1], "x", 1) == 1) {
                    ::pause();
                }
            });
            workOn(store, scripted(), stops, JobContext());
            ::_exit(0);
        }
        char mark = 0;
        QCOMPARE(::read(ready[0], &mark, 1), ssize_t {1});
        SweepOptions options = scripted();
        options.control = std::make_shared<SweepControl>();
        struct Leaver : SweepObserver {
            explicit Leaver(std::shared_ptr<SweepControl> of)
                : control(std::move(of))
            {
            }
            void runEnded(const SweepRun& run) override
            {
                ended.push_back(run.name);
                control->leave();
            }
            std::shared_ptr<SweepControl> control;
            std::vector<std::string> ended;
        } leaver(options.control);
        SweepState state = workOn(store, options, leaver, JobContext());
        QCOMPARE(leaver.ended, std::vector<std::string> {"rank8"});
        QVERIFY(runNamed(state, "rank4").state == SweepRunState::Running);
        ::kill(child, SIGKILL);
        int status = 0;
        QCOMPARE(::waitpid(child, &status, 0), child);
        QCOMPARE(stateText(finish(store)), std::string("2 done"));
    }

    void aRunThatWasFinished_beforeItCouldBeSaid_isNotTrainedAgain()
    {
        const test::Scratch scratch;
        const SweepStore store = openSweep(scratch / "s", smallSweep("'axes': {'rank': [4]}"), {});
        finish(store);
        store.change([](SweepState& state) { state.runs[0].state = SweepRunState::Waiting; });
        Counter counter;
        const SweepState state = workOn(store, scripted(), counter, JobContext());
        QCOMPARE(stateText(state), std::string("1 done"));
        QCOMPARE(counter.events, 2); // taken, done: no step
    }

    void threads_areSharedOut()
    {
        const test::Scratch scratch;
        const SweepStore store =
            openSweep(scratch / "s", smallSweep("'axes': {'threads': [0, 3]}"), {});
        std::vector<int> threads;
        SweepOptions options;
        options.threads = 2;
        options.train = [&](const TrainRequest& request, TrainObserver& observer,
                            const JobContext& job) {
            threads.push_back(request.spec.threads);
            return tests::scriptedTrain(request, observer, job);
        };
        SweepObserver silent;
        workOn(store, options, silent, JobContext());
        QCOMPARE(threads, (std::vector<int> {2, 3}));
    }
};

QTEST_GUILESS_MAIN(TestSweepRunner)
#include "tst_sweep_runner.moc"
