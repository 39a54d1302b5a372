// SPDX-License-Identifier: GPL-3.0-or-later
// What runs, as the window shows it: the strip at its foot, pages out of sight, runs that were killed or are left.
#include "core/run/run_directory.h"
#include "core/run/run_lock.h"
#include "tests/ui/endless_job.h"
#include "tests/ui/shell/main_window_bench.h"
#include "ui/jobs/job_bridge.h"
#include "ui/pages/runs/runs_tree.h"
#include "ui/pages/spectrum/quant_error_meter.h"
#include "ui/services/services.h"
#include "ui/shell/closing.h"
#include "ui/shell/main_window.h"
#include "ui/widgets/error_banner.h"

#include <QAbstractButton>
#include <QDir>
#include <QFile>
#include <QLabel>
#include <QMenu>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>

#include <atomic>
#include <unistd.h>

using namespace pissarro;
using namespace pissarro::tests;
using namespace pissarro::ui;

class TestMainWindowJobs : public MainWindowBench {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { beginTests("tst_main_window_jobs"); }
    void init() { beginTest(); }
    void cleanup() { endTest(); }

    // «Ready» stands there only when nothing runs, also nothing of the pages.
    void theStrip_isReadyOnlyWhenNothingRuns()
    {
        const auto folder = [this] {
            return m_window->findChild<QLabel*>(QStringLiteral("status.folder"))->text();
        };
        const auto what = [this] {
            return m_window->findChild<QLabel*>(QStringLiteral("status.what"))->text();
        };
        QCOMPARE(folder(), QStringLiteral("Ready"));
        std::atomic<bool> letGo = false;
        JobBridge jobs;
        jobs.setTitle(QStringLiteral("Measurement of something"));
        jobs.start<int>(
            [&letGo](const core::JobContext&) {
                while (!letGo) {
                    QTest::qSleep(2);
                }
                return 1;
            },
            [](int) {});
        QCOMPARE(what(), QStringLiteral("Measurement of something"));
        QVERIFY(folder().isEmpty());
        letGo = true;
        QTRY_COMPARE_WITH_TIMEOUT(folder(), QStringLiteral("Ready"), kPatienceMs);
    }

    // One job is cancelled at once, of several a person chooses; a button that has nothing to cancel is not there.
    void theStrip_cancelsWhatRuns()
    {
        auto* cancel = m_window->findChild<QAbstractButton*>(QStringLiteral("status.cancel"));
        QVERIFY(cancel && !cancel->isVisible());
        JobBridge first;
        JobBridge second;
        tests::runForEver(first, "Measurement of a");
        QVERIFY(cancel->isVisible());
        QCOMPARE(cancel->text(), QStringLiteral("Cancel"));
        cancel->click();
        QVERIFY(!cancel->isEnabled()); // once is enough
        QTRY_VERIFY_WITH_TIMEOUT(!first.isBusy(), kPatienceMs);
        QVERIFY(!cancel->isVisible());

        tests::runForEver(first, "Measurement of a");
        tests::runForEver(second, "Export of b&c");
        QCOMPARE(cancel->text(), QStringLiteral("Cancel…"));
        cancel->click();
        auto* menu = m_window->findChild<QMenu*>(QStringLiteral("status.jobs"));
        QVERIFY(menu && menu->actions().size() == 2);
        QCOMPARE(menu->actions()[1]->text(), QStringLiteral("Cancel: Export of b&&c"));
        menu->actions()[1]->trigger();
        menu->close();
        QTRY_VERIFY_WITH_TIMEOUT(!second.isBusy(), kPatienceMs);
        QVERIFY(first.isBusy());
        QCOMPARE(cancel->text(), QStringLiteral("Cancel"));
        cancel->click();
        QTRY_VERIFY_WITH_TIMEOUT(!cancel->isVisible(), kPatienceMs);
    }

    // Each page was looked at, so that it has what it would compute with; what is dragged then is seen on none of them.
    void draggingTheRank_startsNothing_onHiddenPages()
    {
        m_bench->model.open(kTinyModel);
        m_bench->data.open(kDemoData);
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->data.tokenized() && !m_bench->spectra.isRunning(),
                                 kPatienceMs);
        for (const char* page : {"spectrum", "quantize", "train", "runs", "model"}) {
            m_window->showPage(QLatin1String(page));
            QCoreApplication::processEvents();
        }
        const auto* meter = m_window->findChild<QuantErrorMeter*>();
        QVERIFY(meter);
        QTRY_VERIFY_WITH_TIMEOUT(
            meter->text() != QStringLiteral("measuring…") && !m_bench->quantBench.isInspecting()
                && !m_bench->library.isRunning() && !m_bench->machine.folder().asked.isEmpty()
                && JobPool::shared()->working() == 0,
            kPatienceMs);
        // What computes: the window reads how much memory it has every second.
        const auto asked = [] {
            const auto pool = JobPool::shared();
            return pool->asked(JobKind::OnScreen) + pool->asked(JobKind::Sweep)
                + pool->asked(JobKind::Training);
        };
        const std::uint64_t before = asked();
        const QString folder = m_bench->machine.folder().asked; // it names the rank
        for (int rank = 1; rank <= 60; ++rank) {
            m_bench->ranks.setRank(rank);
            m_bench->ranks.setSlice(rank / 60.0);
            QCoreApplication::processEvents();
        }
        QCOMPARE(asked(), before);
        QCOMPARE(m_bench->ranks.rank(), 60);
        QCOMPARE(m_bench->machine.folder().asked, folder);
        m_window->showPage(QStringLiteral("train")); // what it kept in mind is done now
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->machine.folder().asked != folder, kPatienceMs);
        m_window->showPage(QStringLiteral("quantize"));
        QTRY_VERIFY_WITH_TIMEOUT(asked() > before, kPatienceMs);
    }

    // The run of a window that was killed: strip, card, banner and list say the same, and why.
    void aKilledRun_hasOneStateEverywhere()
    {
        QTemporaryDir folder;
        const QString run = folder.filePath(QStringLiteral("run"));
        QVERIFY(QDir().mkpath(run));
        core::RunSummary summary;
        summary.directory = run.toStdString();
        summary.spec.model = kTinyModel.toStdString();
        summary.spec.data = kDemoData.toStdString();
        summary.state = core::RunState::Running; // as its killed program left it
        summary.steps = 240;
        summary.startedAt = "2026-11-28T10:00:00Z";
        core::writeRun(summary);
        QFile metrics(run + QStringLiteral("/metrics.jsonl"));
        QVERIFY(metrics.open(QIODevice::WriteOnly));
        for (int step = 1; step <= 20; ++step) {
            core::StepRecord record;
            record.step = step;
            record.loss = 2.0;
            metrics.write(QByteArray::fromStdString(record.toJson()) + '\n');
        }
        metrics.close();
        QFile log(run + QStringLiteral("/worker.log"));
        QVERIFY(log.open(QIODevice::WriteOnly));
        log.write(
            "step 20\nerror: /disk: No space left on device; make room and go on with --resume\n");
        log.close();
        QSettings settings;
        settings.setValue(QStringLiteral("train/last"), run);
        settings.setValue(QStringLiteral("train/lastHost"),
                          QString::fromStdString(core::hostName()));
        settings.setValue(QStringLiteral("train/lastUser"), static_cast<qulonglong>(::getuid()));
        settings.setValue(QStringLiteral("train/lastWindow"), 0); // it has ended

        m_bench->library.addFolder(run);
        m_bench->training.attachToUnfinished();
        QTRY_COMPARE_WITH_TIMEOUT(m_bench->training.runs().size(), qsizetype {1}, kPatienceMs);
        const QString line = QStringLiteral("Interrupted at step 20 of 240");
        const auto text = [this](const char* name) {
            return m_window->findChild<QLabel*>(QLatin1String(name))->text();
        };
        QTRY_VERIFY2_WITH_TIMEOUT(text("status.what").contains(line),
                                  qPrintable(text("status.what")), kPatienceMs);
        m_window->showPage(QStringLiteral("train"));
        QVERIFY2(text("train.outcome").startsWith(line), qPrintable(text("train.outcome")));
        QVERIFY(text("train.outcome").contains(QStringLiteral("No space left on device")));
        QVERIFY(!text("train.outcome").contains(QStringLiteral("--"))); // nobody types options here
        QVERIFY(text("train.outcome").contains(QStringLiteral("no checkpoint")));
        m_window->showPage(QStringLiteral("runs"));
        auto* tree = m_window->findChild<RunsTree*>(QStringLiteral("runs.table"));
        QCOMPARE(
            tree->model()->index(0, RunsModel::State, tree->model()->index(0, 0)).data().toString(),
            QStringLiteral("Interrupted"));
    }

    void closing_keepsTheAdapterOfARunInProgress()
    {
        QTemporaryDir folder;
        const QString run = folder.filePath(QStringLiteral("run"));
        m_bench->training.setTrainsInProcess(false);
        m_window->closing().setAsker(
            [](const CloseQuestion&, const std::function<void(CloseReply)>& answer) {
                answer({CloseChoice::StopTraining, false});
            });
        m_bench->training.start(endlessRun(), {}, run, false);
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->training.failure() != nullptr
                                     || m_bench->training.series().value(0).size() > 2,
                                 kPatienceMs);
        const Failed* failed = m_bench->training.failure();
        QVERIFY2(failed == nullptr, qPrintable(failed != nullptr ? failed->why : QString()));

        QVERIFY(!m_window->close()); // not before the step has ended
        QVERIFY(m_window->banner()->isVisible());
        QVERIFY(m_bench->training.isStopping());
        QTRY_VERIFY_WITH_TIMEOUT(!m_window->isVisible(), kPatienceMs);
        QVERIFY(!m_bench->training.isRunning());
        QCOMPARE(m_bench->training.runs().value(0).state, core::RunState::Stopped);
        QVERIFY(QFileInfo::exists(run + QStringLiteral("/adapter/adapter_config.json")));
        QTRY_VERIFY_WITH_TIMEOUT(!m_bench->library.runs().isEmpty(), kPatienceMs);
    }
};

QTEST_MAIN(TestMainWindowJobs)
#include "tst_main_window_jobs.moc"
