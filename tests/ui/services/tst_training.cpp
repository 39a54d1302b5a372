// SPDX-License-Identifier: GPL-3.0-or-later
// A tiny model trained in this program: what the service tells while it runs, where it ends and where it fails.
#include "tests/tools/patience.h"
#include "tests/ui/warning_trap.h"
#include "ui/services/services.h"

#include <QDir>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>

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

private:
    QString run() const { return m_folder->filePath(QStringLiteral("run")); }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<Services> m_services;
};

QTEST_MAIN(TestTraining)
#include "tst_training.moc"
