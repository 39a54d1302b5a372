// SPDX-License-Identifier: GPL-3.0-or-later
// A run that another process trains, watched and steered through its folder.
#include "core/base/error.h"
#include "core/run/run_follower.h"
#include "core/run/run_lock.h"
#include "tests/cli/cli_process.h"
#include "tests/cli/tiny_model.h"
#include "tests/tools/patience.h"

#include <QProcess>
#include <QtTest/QtTest>

#include <csignal>
#include <future>
#include <mutex>

using namespace pissarro;
using namespace pissarro::tests;

namespace {

const int kPatienceMs = hangMs();

// What the follower told so far. Threads: any.
class Told : public core::TrainObserver {
public:
    void runPrepared(int run, const core::RunSummary& summary) override
    {
        const std::lock_guard lock(m_mutex);
        m_prepared.emplace_back(run, summary.spec.method);
    }
    void stepDone(int run, const core::StepRecord& record) override
    {
        const std::lock_guard lock(m_mutex);
        core::appendRecords(m_records[run], {record});
    }

    std::vector<std::pair<int, core::Method>> prepared() const
    {
        const std::lock_guard lock(m_mutex);
        return m_prepared;
    }
    std::vector<core::StepRecord> records(int run) const
    {
        const std::lock_guard lock(m_mutex);
        const auto at = m_records.find(run);
        return at == m_records.end() ? std::vector<core::StepRecord>() : at->second;
    }

private:
    mutable std::mutex m_mutex;
    std::vector<std::pair<int, core::Method>> m_prepared;
    std::map<int, std::vector<core::StepRecord>> m_records;
};

core::FollowRequest requestOf(const QString& directory, std::vector<core::Method> methods = {},
                              std::int64_t process = 0)
{
    core::FollowRequest request;
    request.directory = directory.toStdString();
    request.methods = std::move(methods);
    request.process = process;
    return request;
}

// A follower on a thread of its own.
struct Following {
    explicit Following(core::FollowRequest request)
        : control(std::make_shared<core::TrainControl>())
    {
        request.control = control;
        ended = std::async(std::launch::async, [this, request, token = stop.get_token()] {
            return core::followRun(request, told, core::JobContext(token));
        });
    }

    std::shared_ptr<core::TrainControl> control;
    std::stop_source stop;
    Told told;
    std::future<std::vector<core::RunSummary>> ended;
};

} // namespace

class TestFollow : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        writeTinyModel(path("tiny").toStdString());
        writeTinyBatches(path("batches.safetensors").toStdString(), 4);
    }

    void cleanup()
    {
        if (m_trainer.state() != QProcess::NotRunning) {
            m_trainer.kill();
            m_trainer.waitForFinished(hangMs());
        }
    }

    void twins_areWatchedPausedAndStopped()
    {
        start({"--twin", "lora", "--steps", "10000000", "-o", path("twins")});
        QTRY_VERIFY_WITH_TIMEOUT(core::RunLock::isHeld(path("twins/pissa").toStdString()),
                                 kPatienceMs);
        Following one(requestOf(path("twins/pissa"))); // by a twin's folder
        QTRY_VERIFY_WITH_TIMEOUT(one.told.records(1).size() > 2, kPatienceMs);
        const std::vector<std::pair<int, core::Method>> both {{0, core::methodNamed("pissa")},
                                                              {1, core::methodNamed("lora")}};
        QCOMPARE(one.told.prepared(), both);

        one.control->pause();
        QTRY_VERIFY_WITH_TIMEOUT(core::readOrder(path("twins").toStdString(), m_trainer.processId())
                                     == core::RunOrder::Pause,
                                 kPatienceMs);
        QTest::qWait(500); // the step in work, and the follower's next looks
        const auto held = one.told.records(1).size();
        QTest::qWait(1000);
        QCOMPARE(one.told.records(1).size(), held);

        // A second window sees the pause, and its going on is seen by the first.
        Following two(requestOf(path("twins")));
        QTRY_VERIFY_WITH_TIMEOUT(two.control->isPaused(), kPatienceMs);
        two.control->resume();
        QTRY_VERIFY_WITH_TIMEOUT(!one.control->isPaused(), kPatienceMs);
        QTRY_VERIFY_WITH_TIMEOUT(one.told.records(1).size() > held, kPatienceMs);

        two.stop.request_stop(); // ends the looking, not the run
        QVERIFY_THROWS_EXCEPTION(core::Cancelled, two.ended.get());
        QCOMPARE(m_trainer.state(), QProcess::Running);

        one.control->stopAndKeep();
        const auto summaries = one.ended.get();
        QCOMPARE(summaries.size(), std::size_t {2});
        QVERIFY(m_trainer.waitForFinished(hangMs()));
        QCOMPARE(m_trainer.exitCode(), 0);
        QVERIFY(m_trainer.readAllStandardError().contains("another program asked"));
        for (std::size_t run = 0; run < summaries.size(); ++run) {
            QCOMPARE(summaries[run].state, core::RunState::Stopped);
            std::vector<core::StepRecord> file;
            core::appendRecords(file, core::MetricsTail(summaries[run].directory).poll());
            const auto told = one.told.records(static_cast<int>(run));
            QCOMPARE(told.size(), file.size());
            for (std::size_t i = 0; i < file.size(); ++i) {
                QCOMPARE(told[i].toJson(), file[i].toJson());
            }
        }
    }

    void aShortRun_isToldWhole()
    {
        start({"--steps", "3", "-o", path("short")});
        auto request =
            requestOf(path("short"), {core::methodNamed("pissa")}, m_trainer.processId());
        Following one(request);
        m_trainer.waitForFinished(hangMs());
        const auto summaries = one.ended.get();
        QCOMPARE(summaries.size(), std::size_t {1});
        QCOMPARE(summaries.front().state, core::RunState::Finished);
        QCOMPARE(one.told.records(0).size(), std::size_t {3});
    }

    void aResumedRun_isNotTakenForItsOldSelf()
    {
        QCOMPARE(
            runCli(command({"--steps", "2000", "--checkpoint-every", "1", "-o", path("again")}))
                .exitCode,
            0);
        // As if it had been stopped: the last checkpoints are gone, the file says so.
        core::RunSummary stopped = core::readRun(path("again").toStdString());
        stopped.state = core::RunState::Stopped;
        core::writeRun(stopped);
        m_trainer.start(QStringLiteral(PISSARRO_CLI), {"train", "--resume", "-o", path("again")});
        auto request =
            requestOf(path("again"), {core::methodNamed("pissa")}, m_trainer.processId());
        Following one(request);
        m_trainer.waitForFinished(hangMs());
        const auto summaries = one.ended.get();
        QCOMPARE(summaries.front().state, core::RunState::Finished);
        QCOMPARE(one.told.records(0).size(), std::size_t {2000});
    }

    void aKilledTrainer_leavesAnInterruptedRun()
    {
        start({"--steps", "10000000", "-o", path("killed")});
        auto request =
            requestOf(path("killed"), {core::methodNamed("pissa")}, m_trainer.processId());
        Following one(request);
        QTRY_VERIFY_WITH_TIMEOUT(one.told.records(0).size() > 2, kPatienceMs);
        ::kill(static_cast<pid_t>(m_trainer.processId()), SIGKILL); // not waited for: a zombie
        const auto summaries = one.ended.get();
        QCOMPARE(summaries.front().state, core::RunState::Interrupted);
        QVERIFY(summaries.front().message.find("was killed") != std::string::npos);
    }

    void aTrainerThatNeverBegan_tellsWhy()
    {
        m_trainer.setStandardErrorFile(path("never.log"));
        start({"--steps", "3", "--targets", "no_such_*", "-o", path("never")});
        auto request =
            requestOf(path("never"), {core::methodNamed("pissa")}, m_trainer.processId());
        request.log = path("never.log").toStdString();
        Following one(request);
        m_trainer.waitForFinished(hangMs());
        m_trainer.setStandardErrorFile({});
        try {
            one.ended.get();
            QFAIL("it must throw");
        } catch (const core::Error& error) {
            QVERIFY2(QByteArray(error.what()).contains("no_such_*"), error.what());
        }
    }

    void nothingThere_isSaid()
    {
        Following one(requestOf(path("nowhere")));
        QVERIFY_THROWS_EXCEPTION(core::Error, one.ended.get());
    }

    void ordersOfACrash_stopNobody()
    {
        const std::string folder = m_folder.path().toStdString();
        core::giveOrder(folder, core::thisProcess() + 1, core::RunOrder::Stop);
        QCOMPARE(core::readOrder(folder, core::thisProcess()), core::RunOrder::GoOn);
        core::giveOrder(folder, core::thisProcess(), core::RunOrder::Stop);
        QCOMPARE(core::readOrder(folder, core::thisProcess()), core::RunOrder::Stop);
        for (const char* text : {"", "{", "[]", "{\"process\": \"x\", \"order\": 7}"}) {
            QFile file(path(".order"));
            QVERIFY(file.open(QIODevice::WriteOnly));
            file.write(text);
            file.close();
            QCOMPARE(core::readOrder(folder, core::thisProcess()), core::RunOrder::GoOn);
        }
    }

    void aRunOfAnotherMachine_countsAsRunningWhileItWrites()
    {
        QCOMPARE(runCli(command({"--steps", "2", "-o", path("far")})).exitCode, 0);
        core::RunSummary run = core::readRun(path("far").toStdString());
        run.state = core::RunState::Running;
        core::writeRun(run);
        QCOMPARE(core::readRun(run.directory).state, core::RunState::Interrupted);
        QFile lock(path("far/.lock"));
        QVERIFY(lock.open(QIODevice::ReadWrite));
        const QByteArray note = lock.readAll().replace(core::hostName().c_str(), "elsewhere");
        lock.resize(0);
        lock.seek(0);
        lock.write(note);
        lock.close();
        QCOMPARE(core::readRun(run.directory).state, core::RunState::Running);
        const auto old = std::filesystem::file_time_type::clock::now() - std::chrono::hours(1);
        for (const char* name : {"run.json", "metrics.jsonl"}) {
            std::filesystem::last_write_time(run.directory / name, old);
        }
        QCOMPARE(core::readRun(run.directory).state, core::RunState::Interrupted);
    }

private:
    QString path(const QString& name) const { return m_folder.filePath(name); }
    QStringList command(const QStringList& more) const
    {
        return tinyTraining(m_folder.path(), more);
    }
    void start(const QStringList& more)
    {
        m_trainer.start(QStringLiteral(PISSARRO_CLI), command(more));
        QVERIFY(m_trainer.waitForStarted(hangMs()));
    }

    QTemporaryDir m_folder;
    QProcess m_trainer;
};

QTEST_GUILESS_MAIN(TestFollow)

#include "tst_follow.moc"
