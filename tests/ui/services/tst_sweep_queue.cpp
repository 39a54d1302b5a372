// SPDX-License-Identifier: GPL-3.0-or-later
// The open sweep: folders that others wrote, a queue that is ordered, and one of a tiny model that is trained for real.
#include "core/file/file_lock.h"
#include "tests/cli/tiny_model.h"
#include "tests/tools/patience.h"
#include "tests/ui/sweep_folder.h"
#include "tests/ui/warning_trap.h"
#include "ui/services/sweep_queue.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>

using namespace pissarro;
using namespace pissarro::ui;
using pissarro::core::SweepRunState;
using pissarro::tests::hangMs;

class TestSweepQueue : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        tests::WarningTrap::install();
        m_path = qgetenv("PATH");
        qputenv("OMP_NUM_THREADS", "1");
        const QString cli = QFileInfo(QStringLiteral(PISSARRO_CLI)).absolutePath();
        qputenv("PATH", QFile::encodeName(cli) + ':' + m_path);
    }
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        qputenv("XDG_CACHE_HOME", QFile::encodeName(m_folder->filePath(QStringLiteral("cache"))));
        m_queue = std::make_unique<SweepQueue>();
        m_queue->setFollowing(true);
    }
    void cleanup()
    {
        m_queue.reset();
        QCOMPARE(tests::WarningTrap::take(), QStringList());
    }
    void cleanupTestCase() { qputenv("PATH", m_path); }

    void aSweepOfTheCommandLine_opens_andIsReady()
    {
        tests::trainedSweepAt(folder());
        m_queue->open(folder() + QStringLiteral("/sweep.json")); // its file means its folder
        QVERIFY(m_queue->isRunning());
        QTRY_VERIFY_WITH_TIMEOUT(m_queue->look() != nullptr, hangMs());
        QVERIFY(std::holds_alternative<Ready>(m_queue->state()));
        QCOMPARE(m_queue->look()->folder(), folder());
        QCOMPARE(m_queue->look()->ended(), std::size_t {8});
        QVERIFY(!m_queue->look()->isWorkedAt);
        QCOMPARE(m_queue->look()->results.rows.size(), std::size_t {8});
        m_queue->close();
        QVERIFY(m_queue->look() == nullptr && m_queue->folder().isEmpty());
        QVERIFY(std::holds_alternative<Idle>(m_queue->state()));
    }

    // Orders are carried out in their order, none is lost, and what others write meanwhile stays.
    void orders_areKept_besideAnotherProgram()
    {
        const core::SweepStore store = tests::sweepAt(folder());
        open();
        const QString last = nameAt(7);
        const QString other = nameAt(3);
        m_queue->move(last, 0);
        m_queue->skip(other);
        m_queue->pause();
        store.change([&](core::SweepState& state) { state.workers = 3; }); // a command line
        QTRY_VERIFY_WITH_TIMEOUT(
            m_queue->look()->state.paused && m_queue->look()->state.workers == 3, hangMs());
        QCOMPARE(nameAt(0), last);
        QCOMPARE(m_queue->look()->count(SweepRunState::Skipped), std::size_t {1});
        QVERIFY(core::stateToJson(store.read()) == core::stateToJson(m_queue->look()->state));
        m_queue->retry(other);
        QTRY_COMPARE_WITH_TIMEOUT(m_queue->look()->count(SweepRunState::Skipped), std::size_t {0},
                                  hangMs());
        m_queue->retry(other); // it waits already
        QTRY_VERIFY_WITH_TIMEOUT(m_queue->failure() != nullptr, hangMs());
        QVERIFY(m_queue->failure()->why.contains(other));
        QVERIFY(m_queue->look() != nullptr); // it is open still
    }

    void whatAnotherProgramTrains_isFollowed()
    {
        const core::SweepStore store = tests::sweepAt(folder());
        open();
        QVERIFY(!m_queue->look()->isWorkedAt);
        const std::string run = store.read().runs.front().name;
        {
            const auto claim = core::FileLock::ifFree(store.claimFile(run));
            store.change([&](core::SweepState& state) {
                state.runs.front().state = SweepRunState::Running;
                state.runs.front().worker = core::SweepWorker {1, "elsewhere"};
            });
            QTRY_VERIFY_WITH_TIMEOUT(m_queue->look()->isWorkedAt, hangMs());
            QVERIFY(m_queue->isRunning());
        }
        core::SweepObserver silent;
        store.change([&](core::SweepState& state) {
            state.runs.front().state = SweepRunState::Waiting;
            state.runs.front().worker.reset();
        });
        core::workOn(store, tests::scripted(), silent, core::JobContext());
        QTRY_COMPARE_WITH_TIMEOUT(m_queue->look()->ended(), std::size_t {8}, hangMs());
        QTRY_VERIFY_WITH_TIMEOUT(std::holds_alternative<Ready>(m_queue->state()), hangMs());
    }

    void whatIsNoSweep_isSaid()
    {
        QDir().mkpath(folder());
        m_queue->open(folder());
        QTRY_VERIFY_WITH_TIMEOUT(m_queue->failure() != nullptr, hangMs());
        QVERIFY2(m_queue->failure()->why.contains(folder()), qPrintable(m_queue->failure()->why));
        QVERIFY(m_queue->folder().isEmpty() && m_queue->look() == nullptr);
    }

    // Asked for again in its folder it is gone on with: nothing is trained twice.
    void isTrained_byAProgramOfItsOwn()
    {
        m_queue->start(tinySweep(), folder(), false);
        QTRY_VERIFY_WITH_TIMEOUT(m_queue->failure() != nullptr
                                     || (m_queue->look() != nullptr && m_queue->look()->ended() == 4
                                         && !m_queue->look()->isWorkedAt),
                                 hangMs());
        QVERIFY2(m_queue->failure() == nullptr,
                 qPrintable(m_queue->failure() != nullptr ? m_queue->failure()->why : QString()));
        QCOMPARE(m_queue->look()->count(SweepRunState::Done), std::size_t {4});
        for (const core::SweepRow& row : m_queue->look()->results.rows) {
            QVERIFY(std::isfinite(row.score.reported));
            QCOMPARE(row.step, std::int64_t {6});
        }
        QVERIFY(QFile::exists(folder() + QStringLiteral("/worker-window.log")));
        m_queue->start(tinySweep(), folder(), false); // this very sweep is gone on with
        QTRY_VERIFY_WITH_TIMEOUT(m_queue->look() != nullptr && !m_queue->look()->isWorkedAt,
                                 hangMs());
        for (const core::SweepRun& run : m_queue->look()->state.runs) {
            QVERIFY(run.state == SweepRunState::Done);
            QCOMPARE(run.attempts, std::int64_t {1});
        }
    }

    void withoutATrainer_itSaysSo()
    {
        qputenv("PATH", "/nowhere");
        m_queue->start(tinySweep(), folder(), false);
        QTRY_VERIFY_WITH_TIMEOUT(m_queue->failure() != nullptr || m_queue->look() != nullptr,
                                 hangMs());
        const QString cli = QFileInfo(QStringLiteral(PISSARRO_CLI)).absolutePath();
        qputenv("PATH", QFile::encodeName(cli) + ':' + m_path);
        if (m_queue->failure() == nullptr) {
            QSKIP("pissarro-cli lies beside the test");
        }
        QVERIFY(m_queue->failure()->why.contains(QStringLiteral("pissarro-cli")));
    }

private:
    QString folder() const { return m_folder->filePath(QStringLiteral("sweep")); }
    void open()
    {
        m_queue->open(folder());
        QTRY_VERIFY_WITH_TIMEOUT(m_queue->look() != nullptr, hangMs());
    }
    QString nameAt(std::size_t place) const
    {
        return QString::fromStdString(m_queue->look()->state.runs[place].name);
    }
    core::SweepSpec tinySweep() const
    {
        const std::string root = m_folder->path().toStdString();
        if (!QFile::exists(m_folder->filePath(QStringLiteral("tiny")))) {
            tests::writeTinyModel(root + "/tiny");
            tests::writeTinyBatches(root + "/batches.safetensors", 4);
        }
        return tests::sweepOf("{'base': {'model': '" + root + "/tiny', 'batches': '" + root
                              + "/batches.safetensors', 'steps': 6, 'dtype': 'float32', 'device': "
                                "'cpu', 'threads': 1}, 'axes': {'method': ['pissa', 'lora'], "
                                "'rank': [2, 4]}}");
    }

    QByteArray m_path;
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<SweepQueue> m_queue;
};

QTEST_GUILESS_MAIN(TestSweepQueue)
#include "tst_sweep_queue.moc"
