// SPDX-License-Identifier: GPL-3.0-or-later
// Closing the window while something runs: what is asked, what is kept, what keeps the window open.
#include "core/run/run_directory.h"
#include "core/run/run_lock.h"
#include "tests/tools/patience.h"
#include "tests/ui/tiny_run.h"
#include "tests/ui/warning_trap.h"
#include "ui/jobs/job_board.h"
#include "ui/jobs/job_bridge.h"
#include "ui/look/theme.h"
#include "ui/pages/pages.h"
#include "ui/services/services.h"
#include "ui/shell/banner_stack.h"
#include "ui/shell/closing.h"
#include "ui/shell/launch.h"
#include "ui/shell/main_window.h"

#include <QAbstractButton>
#include <QCheckBox>
#include <QDir>
#include <QFileInfo>
#include <QMessageBox>
#include <QSettings>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>

#include <atomic>
#include <csignal>

using namespace pissarro;
using namespace pissarro::ui;
using tests::kDemoData;
using tests::kTinyModel;

namespace {

const int kPatienceMs = pissarro::tests::hangMs();

// A job of a person that goes on until it is let go.
class HeldJob {
public:
    explicit HeldJob(const QString& title)
    {
        m_jobs.setTitle(title);
        m_jobs.start<int>(
            [letGo = m_letGo](const core::JobContext& job) {
                while (!*letGo) {
                    job.throwIfCancelled();
                    QTest::qSleep(5);
                }
                return 1;
            },
            [](int) {});
    }
    void letGo() { *m_letGo = true; }

private:
    std::shared_ptr<std::atomic<bool>> m_letGo = std::make_shared<std::atomic<bool>>(false);
    JobBridge m_jobs;
};

} // namespace

class TestClosing : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        tests::WarningTrap::install();
        nameApplication();
        QCoreApplication::setApplicationName(QStringLiteral("tst_closing"));
        QGuiApplication::setQuitOnLastWindowClosed(false);
        m_path = qgetenv("PATH");
        Theme::instance().setMode(ThemeMode::Light);
        if (!QDir(kTinyModel).exists()) {
            QSKIP("shared/golden is not there");
        }
    }

    void init()
    {
        QSettings().clear();
        const QString cli = QFileInfo(QStringLiteral(PISSARRO_CLI)).absolutePath();
        qputenv("PATH", QFile::encodeName(cli) + ':' + m_path);
        m_folder = std::make_unique<QTemporaryDir>();
        m_asked.clear();
        m_replies.clear();
        reopen();
    }

    void cleanup()
    {
        const auto holder = core::lastHolder(run().toStdString());
        if (holder && holder->process != core::thisProcess()
            && core::RunLock::isHeld(run().toStdString())) { // a failed test leaves no trainer
            ::kill(static_cast<pid_t>(holder->process), SIGKILL);
        }
        m_window.reset();
        m_bench.reset();
        m_folder.reset();
        QCOMPARE(tests::WarningTrap::take(), QStringList());
    }

    void withNothingAtWork_itClosesUnasked()
    {
        QVERIFY(m_window->close());
        QVERIFY(m_asked.isEmpty());
    }

    void aRunInThisWindow_isAskedAbout_andGoesOnWhenNotClosed()
    {
        trainHere();
        m_replies = {{CloseChoice::Stay, false}};
        QVERIFY(!m_window->close());
        QCOMPARE(m_asked.size(), 1);
        QVERIFY2(m_asked[0].run.startsWith(QStringLiteral("run, step ")),
                 qPrintable(m_asked[0].run));
        QVERIFY(m_asked[0].run.endsWith(QStringLiteral(" of 1,000,000")));
        QVERIFY(m_asked[0].canGoOn);
        QVERIFY(!m_bench->training.isStopping());
        const auto before = m_bench->training.series()[0].size();
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->training.series()[0].size() > before, kPatienceMs);
        QVERIFY(m_window->isVisible());
    }

    void stopping_keepsTheAdapter_thenTheWindowCloses()
    {
        trainHere();
        m_replies = {{CloseChoice::StopTraining, false}};
        QVERIFY(!m_window->close()); // not before the step has ended
        QTRY_VERIFY_WITH_TIMEOUT(!m_window->isVisible(), kPatienceMs);
        QCOMPARE(core::readRun(run().toStdString()).state, core::RunState::Stopped);
        QVERIFY(QFileInfo::exists(run() + QStringLiteral("/adapter/adapter_config.json")));
        QVERIFY(!Closing::answer());
    }

    // It is asked about as work that is dropped, and the end of the run before it does not begin it.
    void aRunThatWaits_isGivenUpWithTheWindow()
    {
        trainHere();
        const QString second = m_folder->filePath(QStringLiteral("second"));
        m_bench->training.start(m_bench->training.runs()[0].spec, {}, second, false);
        m_replies = {{CloseChoice::StopTraining, false}, {CloseChoice::Drop, false}};
        QVERIFY(!m_window->close());
        QTRY_VERIFY_WITH_TIMEOUT(!m_window->isVisible(), kPatienceMs);
        QCOMPARE(m_asked.size(), 2);
        QCOMPARE(m_asked[1].work, QStringList {QStringLiteral("Run second, which waits")});
        QCOMPARE(core::readRun(run().toStdString()).state, core::RunState::Stopped);
        QVERIFY(!m_bench->training.trainsOwn());
        QVERIFY(!QFileInfo::exists(second));
    }

    void keepingItTraining_handsItToAProcessThatTheNextWindowFinds()
    {
        trainHere();
        m_replies = {{CloseChoice::KeepTraining, false}};
        QVERIFY(!m_window->close());
        QTRY_VERIFY_WITH_TIMEOUT(!m_window->isVisible(), kPatienceMs);
        const auto holder = core::lastHolder(run().toStdString());
        QVERIFY(holder && holder->process != core::thisProcess());
        QVERIFY(core::RunLock::isHeld(run().toStdString()));

        reopen(); // the first window and all of it are gone
        m_bench->training.attachToUnfinished();
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->training.isWatching() && !m_bench->training.isPreparing(),
                                 kPatienceMs);
        QVERIFY(!m_bench->training.isForeign());
        QCOMPARE(m_bench->training.series()[0].first().step, 1); // the whole curve
        const auto last = m_bench->training.series()[0].last().step;
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->training.series()[0].last().step > last, kPatienceMs);
        QVERIFY(m_window->close()); // a run of its own process simply goes on
        QCOMPARE(m_asked.size(), 1);
        QVERIFY(core::RunLock::isHeld(run().toStdString()));
        m_bench->training.stop();
        QTRY_VERIFY_WITH_TIMEOUT(!m_bench->training.isRunning(), kPatienceMs);
        QCOMPARE(m_bench->training.runs()[0].state, core::RunState::Stopped);
    }

    void withoutTheProgramForIt_keepingIsNotOffered()
    {
        qputenv("PATH", m_path);
        reopen(); // the machine is asked once
        QTRY_VERIFY_WITH_TIMEOUT(!m_bench->machine.hasTrainer(), kPatienceMs);
        trainHere();
        m_replies = {{CloseChoice::Stay, false}};
        QVERIFY(!m_window->close());
        QVERIFY(!m_asked[0].canGoOn);
    }

    void aRunThatIsBeingPrepared_cannotGoOn_andHasKeptNothing()
    {
        m_bench->training.setTrainsInProcess(false);
        m_bench->training.start(tests::endlessRun(), {}, run(), false);
        m_replies = {{CloseChoice::StopTraining, false}};
        m_window->close(); // before it can have told that it is prepared
        QCOMPARE(m_asked.size(), 1);
        QVERIFY(!m_asked[0].canGoOn && !m_asked[0].isPrepared && !m_asked[0].hasSteps);
        QTRY_VERIFY_WITH_TIMEOUT(!m_window->isVisible(), kPatienceMs);
    }

    // Of the reasons why it cannot go on the one that is so, and of what is left what is.
    void theMessageBox_saysWhyItCannotGoOn_data()
    {
        QTest::addColumn<bool>("isPrepared");
        QTest::addColumn<bool>("hasSteps");
        QTest::addColumn<QString>("why");
        QTest::addColumn<QString>("left");
        QTest::addColumn<QString>("stop");
        const QString unprepared = QStringLiteral("it is not prepared yet. ");
        QTest::newRow("new") << false << false << unprepared
                             << QStringLiteral("Nothing of it is kept so far")
                             << QStringLiteral("Stop and close");
        QTest::newRow("resumed") << false << true << unprepared
                                 << QStringLiteral("it stays as it was and can be resumed.")
                                 << QStringLiteral("Stop, keep and close");
        QTest::newRow("no program") << true << true << QStringLiteral("pissarro-cli is not found. ")
                                    << QStringLiteral("the adapter so far is kept")
                                    << QStringLiteral("Stop, keep and close");
    }
    void theMessageBox_saysWhyItCannotGoOn()
    {
        QFETCH(bool, isPrepared);
        QFETCH(bool, hasSteps);
        QFETCH(QString, why);
        QFETCH(QString, left);
        QFETCH(QString, stop);
        CloseQuestion question;
        question.run = QStringLiteral("one");
        question.isPrepared = isPrepared;
        question.hasSteps = hasSteps;
        bool answered = false;
        askToClose(m_window.get(), question, [&answered](CloseReply) { answered = true; });
        auto* box = m_window->findChild<QMessageBox*>(QStringLiteral("close.run"));
        QVERIFY(box);
        const QString text = box->informativeText();
        QVERIFY2(text.contains(QStringLiteral("It cannot go on without this window: ") + why),
                 qPrintable(text));
        QVERIFY2(text.contains(left), qPrintable(text));
        QCOMPARE(box->findChild<QAbstractButton*>(QStringLiteral("close.stop"))->text(), stop);
        QVERIFY(!box->findChild<QAbstractButton*>(QStringLiteral("close.keep")));
        QTest::mouseClick(box->findChild<QAbstractButton*>(QStringLiteral("close.stay")),
                          Qt::LeftButton);
        QVERIFY(answered);
    }

    void anAnswerIsRemembered_whenAsked()
    {
        trainHere();
        m_replies = {{CloseChoice::StopTraining, true}};
        QVERIFY(!m_window->close());
        QTRY_VERIFY_WITH_TIMEOUT(!m_window->isVisible(), kPatienceMs);
        QVERIFY(Closing::answer());

        reopen();
        trainHere(QStringLiteral("second"));
        QVERIFY(!m_window->close());
        QTRY_VERIFY_WITH_TIMEOUT(!m_window->isVisible(), kPatienceMs);
        QCOMPARE(m_asked.size(), 1);
        Closing::remember(std::nullopt);
        QVERIFY(!Closing::answer());
    }

    void aFailureInSaving_keepsTheWindowOpen()
    {
        trainHere();
        m_window->closing().setAsker(
            [this](const CloseQuestion&, const std::function<void(CloseReply)>& answer) {
                QVERIFY(QDir(run()).removeRecursively());
                QFile instead(run()); // nothing can be written below a file
                QVERIFY(instead.open(QIODevice::WriteOnly));
                answer({CloseChoice::StopTraining, false});
            });
        QVERIFY(!m_window->close());
        QTRY_VERIFY_WITH_TIMEOUT(!m_bench->training.isRunning(), kPatienceMs);
        QTest::qWait(50); // a close that was queued would have come
        QVERIFY(m_window->isVisible());
        QVERIFY2(m_window->banner()->message().contains(run()),
                 qPrintable(m_window->banner()->message()));
        m_replies.clear();
        QVERIFY(m_window->close()); // nothing runs any more
    }

    void otherWork_isNamedAndWaitedFor()
    {
        HeldJob job(QStringLiteral("Export of one"));
        m_replies = {{CloseChoice::Wait, false}};
        QVERIFY(!m_window->close());
        QCOMPARE(m_asked[0].work, QStringList {QStringLiteral("Export of one")});
        QVERIFY(m_asked[0].run.isEmpty());
        QTest::qWait(50);
        QVERIFY(m_window->isVisible());
        QVERIFY(m_window->banner()->message().contains(QStringLiteral("Export of one")));
        job.letGo();
        QTRY_VERIFY_WITH_TIMEOUT(!m_window->isVisible(), kPatienceMs);
    }

    void aClosingThatWaits_canBeTakenBack()
    {
        HeldJob job(QStringLiteral("Search for ranks"));
        m_replies = {{CloseChoice::Wait, false}};
        QVERIFY(!m_window->close());
        QTest::mouseClick(
            m_window->banner()->findChild<QAbstractButton*>(QStringLiteral("banner.action")),
            Qt::LeftButton);
        job.letGo();
        QTRY_VERIFY_WITH_TIMEOUT(JobBoard::instance().entries().empty(), kPatienceMs);
        QTest::qWait(50);
        QVERIFY(m_window->isVisible());
    }

    void otherWork_isDropped_whenSoAnswered()
    {
        const HeldJob job(QStringLiteral("Measurement"));
        m_replies = {{CloseChoice::Drop, false}};
        m_window->close();
        QTRY_VERIFY_WITH_TIMEOUT(!m_window->isVisible(), kPatienceMs);
    }

    void aSignal_takesTheSafeWayUnasked()
    {
        const HeldJob job(QStringLiteral("Measurement"));
        trainHere();
        m_window->closing().endUnasked();
        QTRY_VERIFY_WITH_TIMEOUT(!m_window->isVisible(), kPatienceMs);
        QVERIFY(m_asked.isEmpty());
        QCOMPARE(core::readRun(run().toStdString()).state, core::RunState::Stopped);
        QVERIFY(QFileInfo::exists(run() + QStringLiteral("/adapter/adapter_config.json")));
    }

    void aSignal_overridesAnOpenQuestion()
    {
        trainHere();
        QVERIFY(!m_window->close()); // nobody answers
        QCOMPARE(m_asked.size(), 1);
        m_window->closing().endUnasked();
        QTRY_VERIFY_WITH_TIMEOUT(!m_window->isVisible(), kPatienceMs);
        m_pending({CloseChoice::Stay, false}); // too late
        QVERIFY(!m_window->isVisible());
    }

    void theEndOfTheSession_keepsTheRun_andReturnsWhenItIsKept()
    {
        trainHere();
        m_window->closing().keepForSessionEnd({}); // nobody may be asked
        QVERIFY(!m_bench->training.isRunning());
        QVERIFY(m_asked.isEmpty());
        QCOMPARE(core::readRun(run().toStdString()).state, core::RunState::Stopped);
        QVERIFY(m_window->isVisible()); // a logout can be called off
        const HeldJob job(QStringLiteral("Measurement"));
        QVERIFY(m_window->close()); // what the session does next
        QVERIFY(m_asked.isEmpty());
    }

    void theEndOfTheSession_asksWhereItMay()
    {
        trainHere();
        m_replies = {{CloseChoice::StopTraining, false}};
        keepForSessionEnd();
        QCOMPARE(m_asked.size(), 1);
        QVERIFY2(m_asked[0].run.startsWith(QStringLiteral("run, step ")),
                 qPrintable(m_asked[0].run));
        QVERIFY(m_released && !m_calledOff);
        QVERIFY(!m_bench->training.isRunning());
        QCOMPARE(core::readRun(run().toStdString()).state, core::RunState::Stopped);
        QVERIFY(m_window->isVisible());
        QVERIFY(m_window->close());
        QCOMPARE(m_asked.size(), 1);
    }

    void theEndOfTheSession_isCalledOff_byWhoWantsToStay()
    {
        trainHere();
        m_replies = {{CloseChoice::Stay, false}};
        keepForSessionEnd();
        QVERIFY(m_released && m_calledOff);
        QVERIFY(m_bench->training.isRunning() && !m_bench->training.isStopping());
        m_replies = {{CloseChoice::StopTraining, false}};
        QVERIFY(!m_window->close()); // asks as ever
        QCOMPARE(m_asked.size(), 2);
        QTRY_VERIFY_WITH_TIMEOUT(!m_window->isVisible(), kPatienceMs);
    }

    void theEndOfTheSession_doesAsRemembered()
    {
        QSettings().setValue(QStringLiteral("close/training"), QStringLiteral("keep"));
        trainHere();
        keepForSessionEnd();
        QVERIFY(m_asked.isEmpty());
        QVERIFY(m_bench->training.isRunning()
                && m_bench->training.isWatching()); // in a process of its own
        QVERIFY(m_bench->training.process() != core::thisProcess());
        QVERIFY(m_window->isVisible());
        m_bench->training.stop();
        QTRY_VERIFY_WITH_TIMEOUT(!m_bench->training.isRunning(), kPatienceMs);
    }

    void theEndOfTheSession_waitsForOtherWork()
    {
        HeldJob job(QStringLiteral("Export of one"));
        m_replies = {{CloseChoice::Wait, false}};
        QTimer::singleShot(0, m_window.get(), [&job] { job.letGo(); });
        keepForSessionEnd();
        QCOMPARE(m_asked.size(), 1);
        QCOMPARE(m_asked[0].work, QStringList {QStringLiteral("Export of one")});
        QVERIFY(JobBoard::instance().entries().empty()); // it is done
        QVERIFY(m_released && !m_calledOff);
        QVERIFY(m_window->isVisible());
    }

    void theMessageBox_offersTheChoices()
    {
        trainHere();
        m_window->closing().setAsker(
            [this](const CloseQuestion& question, std::function<void(CloseReply)> answer) {
                askToClose(m_window.get(), question, std::move(answer));
            });
        QVERIFY(!m_window->close());
        auto* box = m_window->findChild<QMessageBox*>(QStringLiteral("close.run"));
        QVERIFY(box && box->isVisible());
        QVERIFY(box->informativeText().contains(QStringLiteral("run, step ")));
        QVERIFY(box->findChild<QAbstractButton*>(QStringLiteral("close.keep")));
        QVERIFY(box->checkBox() && !box->checkBox()->isChecked());
        QVERIFY(!m_window->close()); // asked already: no second box
        QCOMPARE(m_window->findChildren<QMessageBox*>().size(), 1);
        QTest::mouseClick(box->findChild<QAbstractButton*>(QStringLiteral("close.stay")),
                          Qt::LeftButton);
        QVERIFY(m_window->isVisible() && !m_bench->training.isStopping());
        QVERIFY(!m_window->close()); // and asks again the next time
        box = nullptr;
        for (auto* one : m_window->findChildren<QMessageBox*>(QStringLiteral("close.run"))) {
            box = one->isVisible() ? one : box;
        }
        QVERIFY(box);
        QTest::mouseClick(box->findChild<QAbstractButton*>(QStringLiteral("close.stop")),
                          Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(!m_window->isVisible(), kPatienceMs);
    }

private:
    // As a session manager does that allows a question.
    void keepForSessionEnd()
    {
        m_released = m_calledOff = false;
        m_window->closing().keepForSessionEnd(
            {[] { return true; }, [this] { m_released = true; }, [this] { m_calledOff = true; }});
    }

    QString run() const { return m_folder->filePath(m_run); }

    void reopen()
    {
        m_window.reset();
        m_bench.reset();
        m_bench = std::make_unique<Services>();
        m_window = std::make_unique<MainWindow>(*m_bench, allPages());
        m_window->closing().setAsker(
            [this](const CloseQuestion& question, std::function<void(CloseReply)> answer) {
                m_asked.append(question);
                if (m_replies.isEmpty()) {
                    m_pending = std::move(answer);
                } else {
                    answer(m_replies.takeFirst());
                }
            });
        m_window->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
    }

    void trainHere(const QString& name = QStringLiteral("run"))
    {
        m_run = name;
        m_bench->training.setTrainsInProcess(false);
        m_bench->training.start(tests::endlessRun(), {}, run(), false);
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->training.series().value(0).size() > 2, kPatienceMs);
    }

    QByteArray m_path;
    QString m_run = QStringLiteral("run");
    bool m_released = false;
    bool m_calledOff = false;
    QVector<CloseQuestion> m_asked;
    QVector<CloseReply> m_replies;
    std::function<void(CloseReply)> m_pending;
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<Services> m_bench;
    std::unique_ptr<MainWindow> m_window;
};

QTEST_MAIN(TestClosing)
#include "tst_closing.moc"
