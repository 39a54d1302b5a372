// SPDX-License-Identifier: GPL-3.0-or-later
// A tiny model trained in this program: what the service tells while it runs, where it ends and where it fails.
#include "core/run/run_lock.h"
#include "tests/tools/patience.h"
#include "tests/ui/warning_trap.h"
#include "ui/jobs/job_board.h"
#include "ui/services/machine_pace.h"
#include "ui/services/services.h"
#include "ui/services/settings.h"

#include <QDir>
#include <QFileInfo>
#include <QProcess>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>

#include <unistd.h>

using namespace pissarro;
using namespace pissarro::ui;
using pissarro::tests::hangMs;

namespace {

const QString kTiny = QStringLiteral(PISSARRO_SHARED "/golden/tiny/llama");

core::RunSpec specOf(int steps)
{
    core::RunSpec spec;
    spec.model = kTiny.toStdString();
    spec.data = PISSARRO_SOURCE "/resources/demo/demo_train.jsonl";
    spec.rank = 2;
    spec.alpha = 2;
    spec.batchSize = 1;
    spec.maxLength = 200;
    spec.steps = steps;
    spec.dtype = core::BaseDType::Float32;
    return spec;
}

} // namespace

class TestTraining : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        tests::WarningTrap::install();
        QCoreApplication::setOrganizationName(QStringLiteral("Pissarro"));
        QCoreApplication::setApplicationName(QStringLiteral("tst_training"));
        if (!QDir(kTiny).exists()) {
            QSKIP("shared/golden is not there");
        }
    }
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        qputenv("XDG_DATA_HOME", QFile::encodeName(m_folder->filePath(QStringLiteral("data"))));
        QSettings().clear();
        m_services = std::make_unique<Services>();
        m_services->training.setTrainsInProcess(false);
    }
    void cleanup()
    {
        m_services.reset();
        QCOMPARE(tests::WarningTrap::take(), QStringList());
    }

    void isReady_whenItsRunHasFinished_andTheLibraryKnowsIt()
    {
        Training& training = m_services->training;
        QStringList states;
        connect(&training, &Training::stateChanged, this, [&] {
            const QString now = training.isRunning() ? QStringLiteral("running")
                : training.failure() != nullptr      ? QStringLiteral("failed")
                                                     : QStringLiteral("rests");
            if (states.value(states.size() - 1) != now) {
                states << now;
            }
        });
        training.start(specOf(12), {}, run(), false);
        QVERIFY(training.isRunning() && training.isPreparing());
        QCOMPARE(training.directory(), run());
        QTRY_VERIFY_WITH_TIMEOUT(!training.isRunning(), hangMs());
        QVERIFY(std::holds_alternative<Ready>(training.state()));
        QCOMPARE(states, (QStringList {QStringLiteral("running"), QStringLiteral("rests")}));
        QCOMPARE(training.series().size(), qsizetype {1});
        QCOMPARE(training.series()[0].size(), qsizetype {12});
        QCOMPARE(training.runs()[0].state, core::RunState::Finished);
        QTRY_COMPARE_WITH_TIMEOUT(m_services->library.runs().size(), qsizetype {1}, hangMs());
        QCOMPARE(m_services->library.seriesOf(run()).size(), qsizetype {12});
        // What the next one takes is known.
        QVERIFY(trainingPace(QString::fromStdString(training.runs()[0].spec.model)) > 0.0);
    }

    void fails_withTheFolderAndWhy()
    {
        core::RunSpec spec = specOf(3);
        spec.model = "/nowhere/model";
        Training& training = m_services->training;
        training.start(spec, {}, run(), false);
        QTRY_VERIFY_WITH_TIMEOUT(training.failure() != nullptr, hangMs());
        QVERIFY(!training.isRunning());
        QCOMPARE(training.failure()->what, QStringLiteral("Training failed"));
        QCOMPARE(training.failure()->file, run());
        QVERIFY2(training.failure()->why.contains(QStringLiteral("/nowhere/model")),
                 qPrintable(training.failure()->why));
        training.start(specOf(2), {}, run() + QStringLiteral("2"), false); // it is over then
        QVERIFY(training.isRunning() && training.failure() == nullptr);
        QTRY_VERIFY_WITH_TIMEOUT(!training.isRunning(), hangMs());
    }

    void aStoppedRun_goesOnFromItsCheckpoint_withTheCurveSoFar()
    {
        Training& training = m_services->training;
        training.start(specOf(400), {}, run(), false);
        QTRY_VERIFY_WITH_TIMEOUT(training.series().value(0).size() > 3, hangMs());
        training.stop();
        QVERIFY(training.isStopping() && training.isRunning());
        QTRY_VERIFY_WITH_TIMEOUT(!training.isRunning(), hangMs());
        const qsizetype done = training.series()[0].size();
        QTRY_VERIFY_WITH_TIMEOUT(training.checkpoint().value_or(0) > 0, hangMs());
        QTRY_COMPARE_WITH_TIMEOUT(m_services->library.seriesOf(run()).size(), done, hangMs());
        const quint64 known = m_services->library.seriesOf(run()).id();
        training.start(training.runs()[0].spec, {}, run(), true);
        QCOMPARE(training.series()[0].size(), done); // the curve so far
        QVERIFY(training.series()[0].id() != known); // of its own: both are told of the next steps
        QTRY_VERIFY_WITH_TIMEOUT(training.series()[0].size() > done, hangMs());
        QCOMPARE(training.series()[0].first().step, 1);
        training.stop();
        QTRY_VERIFY_WITH_TIMEOUT(!training.isRunning(), hangMs());
    }

    // It waits where a person sees it, begins by itself and comes into sight then; its folder is its own from then on.
    void aSecondRun_waitsForTheFirst()
    {
        Training& training = m_services->training;
        training.start(specOf(100'000), {}, run(), false);
        QTRY_VERIFY_WITH_TIMEOUT(training.series().value(0).size() > 3, hangMs());
        training.start(specOf(3), {}, second(), false);
        training.start(specOf(3), {}, second(), false); // of that folder there is one
        QCOMPARE(training.sessions().size(), std::size_t {2});
        QCOMPARE(training.directory(), run()); // in sight as before
        QVERIFY(training.sessions()[1]->isQueued() && training.sessions()[1]->isRunning());
        QCOMPARE(JobBoard::instance().titles(),
                 QStringList {QStringLiteral("Run second, which waits")});
        QCOMPARE(stored(setting::kLastRun), run());
        const qsizetype done = training.series()[0].size();
        QTRY_VERIFY_WITH_TIMEOUT(training.series()[0].size() > done, hangMs());
        QVERIFY(!QFileInfo::exists(second()));

        training.stop();
        QTRY_VERIFY_WITH_TIMEOUT(training.directory() == second() && !training.isRunning(),
                                 hangMs());
        QVERIFY(std::holds_alternative<Ready>(training.state()));
        QCOMPARE(training.runs()[0].state, core::RunState::Finished);
        QCOMPARE(training.series()[0].size(), qsizetype {3});
        QVERIFY(JobBoard::instance().titles().isEmpty());
        QCOMPARE(stored(setting::kLastRun), second());
        QTRY_COMPARE_WITH_TIMEOUT(m_services->library.runs().size(), qsizetype {2}, hangMs());
    }

    void aRunThatWaits_isGivenUp_byItsCancel_orWithTheWindow()
    {
        Training& training = m_services->training;
        training.start(specOf(100'000), {}, run(), false);
        QTRY_VERIFY_WITH_TIMEOUT(training.series().value(0).size() > 3, hangMs());
        training.start(specOf(3), {}, second(), false);
        JobBoard::instance().cancel(JobBoard::instance().entries().front().id);
        QTRY_VERIFY_WITH_TIMEOUT(!training.sessions()[1]->isRunning(), hangMs());
        QVERIFY(training.isRunning());
        training.start(specOf(3), {}, second(), false);
        m_services.reset(); // the end of the first would begin it
        QVERIFY(!QFileInfo::exists(second()));
        QVERIFY(QFileInfo::exists(run() + QStringLiteral("/adapter/adapter_config.json")));
    }

    // A run that is only watched is no run of this window: one's own does not wait, and the other goes on being watched.
    void aWatchedRun_holdsNobody()
    {
        Services other;
        other.training.setTrainsInProcess(false);
        other.training.start(specOf(100'000), {}, run(), false);
        QTRY_VERIFY_WITH_TIMEOUT(other.training.series().value(0).size() > 3, hangMs());
        store(setting::kLastRun, QString()); // as another window's
        Training& training = m_services->training;
        training.watch(run());
        QVERIFY(training.isForeign());
        QTRY_VERIFY_WITH_TIMEOUT(!training.isPreparing(), hangMs());
        training.watch(run()); // there is one already
        QVERIFY(!training.trainsOwn());
        QCOMPARE(training.here(), static_cast<TrainingSession*>(nullptr));
        QCOMPARE(training.sessions().size(), std::size_t {1});
        training.leave();
        QTRY_VERIFY_WITH_TIMEOUT(!training.isRunning(), hangMs());
        other.training.stop();
        QTRY_VERIFY_WITH_TIMEOUT(!other.training.isRunning(), hangMs());
    }

    // A window that was closed while its run was prepared: the next one finds it by the process, for no run is there yet.
    void theLastRun_isFoundWhileItIsPrepared()
    {
        QVERIFY(QDir().mkpath(run()));
        QProcess trainer; // what is known of one by then: its arguments
        trainer.start(QStringLiteral("sh"),
                      {QStringLiteral("-c"), QStringLiteral("echo; read line; :"),
                       QStringLiteral("train"), run()});
        QVERIFY(trainer.waitForReadyRead(hangMs()));
        store(setting::kLastRun, run());
        store(setting::kLastHost, QString::fromStdString(core::hostName()));
        store(setting::kLastUser, static_cast<qulonglong>(::getuid()));
        store(setting::kLastWindow, qlonglong {0});
        store(setting::kLastProcess, static_cast<qlonglong>(trainer.processId()));
        Training& training = m_services->training;
        training.attachToUnfinished();
        QTRY_VERIFY_WITH_TIMEOUT(training.isRunning(), hangMs());
        QVERIFY(training.isPreparing());
        QVERIFY(!training.isForeign());
        QCOMPARE(training.directory(), run());
        QTRY_COMPARE_WITH_TIMEOUT(training.inSight().process(), qint64 {trainer.processId()},
                                  hangMs());
        training.stop(); // the order is there for it; it ends, and had nothing to keep
        QTRY_COMPARE_WITH_TIMEOUT(core::readOrder(run().toStdString(), trainer.processId()),
                                  core::RunOrder::Stop, hangMs());
        trainer.closeWriteChannel();
        QVERIFY(trainer.waitForFinished(hangMs()));
        QTRY_VERIFY_WITH_TIMEOUT(!training.isRunning(), hangMs());
        QCOMPARE(training.failure(), static_cast<const Failed*>(nullptr));
    }

private:
    QString second() const { return m_folder->filePath(QStringLiteral("second")); }
    QString run() const { return m_folder->filePath(QStringLiteral("run")); }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<Services> m_services;
};

QTEST_MAIN(TestTraining)
#include "tst_training.moc"
