// SPDX-License-Identifier: GPL-3.0-or-later
// Runs of the Train page: in the window and in a process of their own, paused, stopped, killed and taken up again.
#include "core/file/atomic_file.h"
#include "core/run/run_directory.h"
#include "core/run/run_lock.h"
#include "tests/ui/pages/train/train_page_bench.h"
#include "ui/pages/train/train_form.h"
#include "ui/services/services.h"
#include "ui/views/loss_card.h"

#include <QAbstractButton>
#include <QDir>
#include <QElapsedTimer>
#include <QLabel>
#include <QLineEdit>
#include <QMessageBox>
#include <QSettings>
#include <QSpinBox>
#include <QTest>

#include <csignal>
#include <filesystem>
#include <unistd.h>

using namespace pissarro;
using namespace pissarro::tests;
using namespace pissarro::ui;

class TestTrainPageRuns : public TrainPageBench {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { beginTests("tst_train_page_runs"); }
    void init() { beginTest(); }
    void cleanup() { endTest(); }

    void trainsWithItsTwinByKeyboardAndStops()
    {
        openBoth();
        setUpRun(5000);
        choose("train.process.0"); // in this window
        QTest::keyClick(m_page.get(), Qt::Key_Return, Qt::ControlModifier);
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->training.isRunning(), kPatienceMs);
        QVERIFY(child<QAbstractButton>("train.start")->isEnabled()); // of a run that waits
        QTRY_VERIFY_WITH_TIMEOUT(steps(0) >= 3 && steps(1) >= 3, kPatienceMs);
        QTRY_VERIFY(m_page->lossCard()->plot()->pointCount() >= 12); // raw and smoothed of both

        auto* pause = child<QAbstractButton>("train.pause");
        QTest::mouseClick(pause, Qt::LeftButton);
        QCOMPARE(pause->text(), QStringLiteral("Resume"));
        // The micro-batch in work ends first, which takes its time on a busy machine.
        auto before = steps(0) + steps(1);
        QElapsedTimer still;
        still.start();
        QElapsedTimer patience;
        patience.start();
        while (still.elapsed() < 1500 && patience.elapsed() < kPatienceMs) {
            QTest::qWait(50);
            if (steps(0) + steps(1) != before) {
                before = steps(0) + steps(1);
                still.restart();
            }
        }
        QVERIFY2(still.elapsed() >= 1500, "it never paused");
        QTest::mouseClick(pause, Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(steps(0) + steps(1) > before, kPatienceMs);

        QTest::mouseClick(child<QAbstractButton>("train.stop"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(!m_bench->training.isRunning(), kPatienceMs);
        for (const char* method : {"pissa", "lora"}) {
            const QString folder =
                m_folder->filePath(QStringLiteral("run/") + QLatin1String(method));
            QVERIFY(QFile::exists(folder + QStringLiteral("/adapter/adapter_config.json")));
            QVERIFY(core::readRun(folder.toStdString()).state == core::RunState::Stopped);
        }
        QVERIFY(child<QLabel>("train.outcome")->text().contains(QStringLiteral("Stopped")));
        QVERIFY2(child<QLabel>("train.stepZero")->text().contains(QStringLiteral("✓")),
                 qPrintable(child<QLabel>("train.stepZero")->text()));
        QVERIFY(child<QAbstractButton>("train.start")->isEnabled()); // a fresh folder is proposed
        const auto& records = m_bench->training.series();
        QCOMPARE(records[0].first().batchHash, records[1].first().batchHash);
    }

    void aRunOfItsOwnProcess_outlivesTheWindow()
    {
        openBoth();
        setUpRun(1'000'000);
        trainInItsOwnProcess();
        const qint64 process = m_bench->training.process();
        QVERIFY(process > 0 && process != QCoreApplication::applicationPid());
        QVERIFY2(outcome().contains(QString::number(process)), qPrintable(outcome()));

        reopen(); // the window goes, the run does not
        QVERIFY(m_page->form()->trainsInProcess()); // remembered
        m_bench->training.attachToUnfinished();
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->training.isWatching() && steps(1) > 3, kPatienceMs);
        QTRY_COMPARE(m_bench->training.process(), process);
        QCOMPARE(m_bench->training.directory(), m_folder->filePath(QStringLiteral("run")));
        QCOMPARE(m_bench->training.runs().size(), qsizetype {2});
        QCOMPARE(m_bench->training.runs()[0].spec.method, core::methodNamed("pissa"));
        QCOMPARE(m_bench->training.series()[0].first().step,
                 1); // the whole curve, not only its end
        QVERIFY(!child<QAbstractButton>("train.start")->isEnabled());

        QTest::mouseClick(child<QAbstractButton>("train.pause"), Qt::LeftButton);
        QTest::qWait(1000); // the order, the step in work, the next looks
        const auto held = steps(1);
        QTest::qWait(1000);
        QCOMPARE(steps(1), held);
        QTest::mouseClick(child<QAbstractButton>("train.leave"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(!m_bench->training.isRunning(), kPatienceMs);
        QVERIFY2(outcome().contains(QStringLiteral("Goes on")), qPrintable(outcome()));

        m_bench->training.watch(m_folder->filePath(QStringLiteral("run")));
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->training.isPaused(), kPatienceMs); // as it was left
        QTRY_COMPARE(child<QAbstractButton>("train.pause")->text(), QStringLiteral("Resume"));
        QTest::mouseClick(child<QAbstractButton>("train.pause"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(steps(1) > held, kPatienceMs);
        QTest::mouseClick(child<QAbstractButton>("train.stop"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(!m_bench->training.isRunning(), kPatienceMs);
        for (const core::RunSummary& run : m_bench->training.runs()) {
            QCOMPARE(run.state, core::RunState::Stopped);
            QVERIFY(std::filesystem::exists(run.directory / "adapter" / "adapter_config.json"));
        }
    }

    void aRunWhoseProcessIsKilled_isResumedFromItsCard()
    {
        openBoth();
        setUpRun(200);
        child<QSpinBox>("train.checkpointEvery")->setValue(1);
        trainInItsOwnProcess();
        ::kill(static_cast<pid_t>(m_bench->training.process()), SIGKILL);
        QTRY_VERIFY_WITH_TIMEOUT(!m_bench->training.isRunning(), kPatienceMs);
        QVERIFY2(outcome().contains(QStringLiteral("Interrupted")), qPrintable(outcome()));

        reopen(); // a start of the program shows it, with the way to go on
        m_bench->training.attachToUnfinished();
        QTRY_COMPARE_WITH_TIMEOUT(m_bench->training.runs().size(), qsizetype {2}, kPatienceMs);
        const auto before = steps(0);
        QVERIFY(before > 0);
        QTest::mouseClick(child<QAbstractButton>("train.resume"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(!m_bench->training.isRunning(), kPatienceMs);
        QCOMPARE(m_bench->training.runs()[0].state, core::RunState::Finished);
        QCOMPARE(steps(0), qsizetype {200});
        QCOMPARE(steps(1), qsizetype {200});
    }

    void aProcessThatCannotBegin_saysWhy()
    {
        openBoth();
        setUpRun(5);
        QVERIFY(QDir().mkpath(m_folder->filePath(QStringLiteral("run/pissa"))));
        core::writeFileAtomically(
            m_folder->filePath(QStringLiteral("run/pissa/metrics.jsonl")).toStdString(),
            "{\"step\": 1}\n");
        m_bench->training.start(m_page->form()->spec(), m_page->form()->twins(),
                                m_folder->filePath(QStringLiteral("run")), false);
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->training.failure() != nullptr, kPatienceMs);
        const QString why = m_bench->training.failure()->why;
        QVERIFY2(why.contains(QStringLiteral("already holds a run")), qPrintable(why));
        QVERIFY(!m_bench->training.isRunning());
    }

    void itsOwnProcess_isTheDefault_andTheFormSaysWhatACrashCosts()
    {
        QVERIFY(m_bench->training.trainsInProcess() && m_page->form()->trainsInProcess());
        openBoth();
        const auto said = [this](const QString& part) {
            const QList<QLabel*> labels = m_page->form()->findChildren<QLabel*>();
            return std::any_of(labels.begin(), labels.end(), [&](const QLabel* label) {
                return label->isVisible() && label->text().contains(part);
            });
        };
        QVERIFY(said(QStringLiteral("Goes on when this window closes")));
        QVERIFY(said(QStringLiteral("costs at most 15 min.")));
        child<QSpinBox>("train.checkpointEvery")->setValue(50);
        QVERIFY(said(QStringLiteral("costs at most 15 min or 50 steps")));
        choose("train.process.0");
        QVERIFY(said(QStringLiteral("Ends with this window")));
        QVERIFY(!m_bench->training.trainsInProcess());
        reopen();
        QVERIFY(!m_page->form()->trainsInProcess()); // chosen: remembered
    }

    // Whatever the pages show: only a person's choice is written down.
    void aMissingProgram_doesNotForgetTheChoice()
    {
        choose("train.process.0");
        choose("train.process.1");
        qputenv("PATH", "/nowhere");
        reopen();
        QTRY_VERIFY_WITH_TIMEOUT(!m_page->form()->trainsInProcess(),
                                 kPatienceMs); // when it is known
        QVERIFY(!child<QAbstractButton>("train.process.1")->isEnabled());
        child<QSpinBox>("train.rank")->setValue(9);
        m_page->form()->refresh();
        qputenv("PATH", m_path);
        reopen();
        QVERIFY(m_page->form()->trainsInProcess());
    }

    // A run that was killed before its first checkpoint: the button says that it would begin anew, and what there is of the
    // run stays.
    void withoutACheckpoint_itBeginsAnew_inAnotherFolder()
    {
        openBoth();
        setUpRun(100'000);
        trainInItsOwnProcess();
        ::kill(static_cast<pid_t>(m_bench->training.process()), SIGKILL);
        QTRY_VERIFY_WITH_TIMEOUT(!m_bench->training.isRunning(), kPatienceMs);
        auto* button = child<QAbstractButton>("train.resume");
        QTRY_COMPARE_WITH_TIMEOUT(button->text(), QStringLiteral("Begin anew"), kPatienceMs);
        QVERIFY2(outcome().startsWith(QStringLiteral("Interrupted at step ")),
                 qPrintable(outcome()));
        QTRY_VERIFY_WITH_TIMEOUT(outcome().contains(QStringLiteral("no checkpoint")),
                                 kPatienceMs); // the folder is looked at beside
        const std::string metrics =
            m_folder->filePath(QStringLiteral("run/pissa/metrics.jsonl")).toStdString();
        const std::string before = core::readWholeFile(metrics, 1 << 24);
        QTest::mouseClick(button, Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->training.isRunning() && steps(0) > 0, kPatienceMs);
        QVERIFY(m_bench->training.directory() != m_folder->filePath(QStringLiteral("run")));
        QCOMPARE(core::readWholeFile(metrics, 1 << 24), before);
        m_bench->training.stop();
        QTRY_VERIFY_WITH_TIMEOUT(!m_bench->training.isRunning(), kPatienceMs);
    }

    // A run of another window is shown on the Runs page and left alone; watched on purpose, orders to it are asked about.
    void aRunOfAnotherWindow_isNotTakenOver()
    {
        openBoth();
        setUpRun(1'000'000);
        trainInItsOwnProcess();
        const qint64 process = m_bench->training.process();
        QSettings().setValue(QStringLiteral("train/lastWindow"),
                             static_cast<qlonglong>(::getppid()));
        reopen(); // as a second window, while the first one lives
        m_bench->library.addFolder(m_folder->path());
        m_bench->training.attachToUnfinished();
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->library.runs().size() == 2, kPatienceMs);
        QTest::qWait(50);
        QVERIFY(!m_bench->training.isRunning());

        openBoth();
        m_bench->training.watch(m_folder->filePath(QStringLiteral("run")));
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->training.isWatching() && !m_bench->training.isPreparing(),
                                 kPatienceMs);
        QVERIFY(m_bench->training.isForeign());
        QTRY_COMPARE(m_bench->training.process(), process);
        QVERIFY(child<QAbstractButton>("train.start")->isEnabled()); // one's own stays usable
        QStringList asked;
        bool agree = false;
        m_page->setOrderAsker([&](const QString& question, const std::function<void()>& yes) {
            asked << question;
            agree ? yes() : void();
        });
        QTest::mouseClick(child<QAbstractButton>("train.stop"), Qt::LeftButton);
        QCOMPARE(asked.size(), 1);
        QVERIFY2(asked[0].startsWith(QStringLiteral("Stop the run run?"))
                     && asked[0].contains(QString::number(process)),
                 qPrintable(asked[0]));
        QVERIFY(!m_bench->training.isStopping());

        setUpRun(3, QStringLiteral("mine")); // leaves the other, which goes on
        QTest::mouseClick(child<QAbstractButton>("train.start"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(!m_bench->training.isRunning(), kPatienceMs);
        QCOMPARE(m_bench->training.runs()[0].state, core::RunState::Finished);
        QCOMPARE(m_bench->training.runs()[0].directory.parent_path().filename().string(),
                 std::string("mine"));
        QVERIFY(core::processLives(process));

        m_bench->training.watch(m_folder->filePath(QStringLiteral("run")));
        QTRY_VERIFY_WITH_TIMEOUT(
            m_bench->training.isWatching() && m_bench->training.process() == process, kPatienceMs);
        agree = true;
        QTest::mouseClick(child<QAbstractButton>("train.stop"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(!m_bench->training.isRunning(), kPatienceMs);
        QCOMPARE(m_bench->training.runs()[0].state, core::RunState::Stopped);
    }

    // It asks whether the run is to wait; once there is nothing to wait for it asks whether it begins.
    void theQuestionToWait_knowsThatTheRunHasEnded()
    {
        openBoth();
        setUpRun(5000);
        choose("train.process.0"); // in this window
        QTest::mouseClick(child<QAbstractButton>("train.start"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(steps(0) >= 2, kPatienceMs);
        setUpRun(3, QStringLiteral("second"));
        QTest::mouseClick(child<QAbstractButton>("train.start"), Qt::LeftButton);
        const auto box = [this] {
            return m_page->findChild<QMessageBox*>(QStringLiteral("train.order"));
        };
        QTRY_VERIFY_WITH_TIMEOUT(box() != nullptr, kPatienceMs);
        QVERIFY2(box()->text().startsWith(QStringLiteral("A run of this window is in progress.")),
                 qPrintable(box()->text()));
        m_bench->training.stop();
        QTRY_VERIFY_WITH_TIMEOUT(!m_bench->training.trainsOwn(), kPatienceMs);
        QTRY_COMPARE_WITH_TIMEOUT(
            box()->text(), QStringLiteral("The run of this window has ended. Begin this one now?"),
            kPatienceMs);
        box()->button(QMessageBox::Yes)->click();
        QTRY_VERIFY_WITH_TIMEOUT(steps(0) == 3 && !m_bench->training.isRunning(), kPatienceMs);
    }

    // Beside the curves stands what they were trained with, whatever the form for the next run holds.
    void theRunsOwnSettings_standBesideItsCurves()
    {
        openBoth();
        setUpRun(5);
        child<QLineEdit>("train.rate")->setText(QStringLiteral("3e-4"));
        QTest::mouseClick(child<QAbstractButton>("train.start"), Qt::LeftButton);
        child<QLineEdit>("train.rate")->setText(QStringLiteral("1e-5"));
        child<QSpinBox>("train.rank")->setValue(9);
        QTRY_VERIFY_WITH_TIMEOUT(!m_bench->training.isRunning() && steps(0) == 5, kPatienceMs);
        reopen(); // with another form altogether
        m_bench->training.watch(m_folder->filePath(QStringLiteral("run")));
        QTRY_VERIFY_WITH_TIMEOUT(
            !m_bench->training.isRunning() && !m_bench->training.runs().isEmpty(), kPatienceMs);
        const QString facts = child<QLabel>("train.run")->text();
        const auto precision = core::resolvedDType(core::BaseDType::Auto, "cpu");
        for (const std::string_view part :
             {std::string_view("llama"), std::string_view("demo_train.jsonl"),
              std::string_view("3e-4"), std::string_view("rank 4"), std::string_view("500 tokens"),
              core::dtypeTitle(precision)}) {
            QVERIFY2(facts.contains(QLatin1String(part.data(), static_cast<int>(part.size()))),
                     qPrintable(facts));
        }
    }

    void theProposedFolder_isRenewedAtThePress()
    {
        openBoth();
        setUpRun(2);
        m_page->form()->proposeRunDirectory();
        const QString proposed = m_page->form()->runDirectory();
        QVERIFY(QDir().mkpath(proposed)); // taken meanwhile, by a copied command
        QTest::mouseClick(child<QAbstractButton>("train.start"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(!m_bench->training.isRunning() && steps(0) == 2, kPatienceMs);
        QCOMPARE(m_bench->training.directory(), proposed + QStringLiteral("-2"));
    }
};

QTEST_MAIN(TestTrainPageRuns)
#include "tst_train_page_runs.moc"
