// SPDX-License-Identifier: GPL-3.0-or-later
// The Sweep page on sweeps that a script trained: one run chosen everywhere, the queue by keyboard, the draft by chips.
#include "core/file/atomic_file.h"
#include "core/sweep/sweep_results.h"
#include "tests/ui/pages/page_bench.h"
#include "tests/ui/sweep_folder.h"
#include "tests/ui/tiny_run.h"
#include "ui/pages/sweep/draft_card.h"
#include "ui/pages/sweep/parallel_plot.h"
#include "ui/pages/sweep/queue_card.h"
#include "ui/pages/sweep/queue_model.h"
#include "ui/pages/sweep/run_grid.h"
#include "ui/pages/sweep/score_plot.h"
#include "ui/pages/sweep/seeds_model.h"
#include "ui/pages/sweep/sweep_page.h"
#include "ui/pages/sweep/sweep_pictures.h"
#include "ui/widgets/chip_edit.h"
#include "ui/widgets/segmented_control.h"

#include <QAbstractButton>
#include <QAbstractItemModelTester>
#include <QAction>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QFileInfo>
#include <QGuiApplication>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QMimeData>
#include <QScrollBar>
#include <QSettings>
#include <QSignalSpy>
#include <QTableView>
#include <QTest>

#include <cmath>
#include <memory>

using namespace pissarro;
using namespace pissarro::ui;
using pissarro::core::SweepRunState;
using pissarro::tests::hangMs;

class TestSweepPage : public tests::PageBench<SweepPage> {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { beginTests("tst_sweep_page"); }
    void init()
    {
        QSettings().clear();
        beginFolder();
        openPage({1328, 796});
    }
    void cleanup() { endTest(); }

    void withoutAnything_itSaysWhatToDo()
    {
        QSignalSpy asked(m_page.get(), &Page::go);
        QVERIFY(!m_page->draft()->isVisible());
        QTest::mouseClick(child<QAbstractButton>("sweep.empty.button"), Qt::LeftButton);
        QCOMPARE(asked.count(), 1);
        QCOMPARE(asked[0][0].toString(), QStringLiteral("train"));
    }

    // The Train page's settings become a draft by themselves while it is nobody's.
    void theForm_isTheProposalsBase()
    {
        core::RunSpec form;
        m_bench->sweepPlanner.setFormSpec(form); // no model yet
        QVERIFY(!m_page->draft()->draft());
        form.model = "/models/m";
        form.data = "/data/d.jsonl";
        m_bench->sweepPlanner.setFormSpec(form);
        QVERIFY(m_page->draft()->isVisible());
        QCOMPARE(methodsOf(*m_page->draft()->draft()).size(), qsizetype {2});
        QTRY_COMPARE_WITH_TIMEOUT(child<QLabel>("sweep.runs")->text(), QStringLiteral("18"),
                                  hangMs());
        QVERIFY(child<QAbstractButton>("sweep.start")->isEnabled());
        add("rank", "4");
        form.learningRate = 1.0; // the draft is a person's by now
        m_bench->sweepPlanner.setFormSpec(form);
        QCOMPARE(chips("rank")->texts().size(), qsizetype {4});
        QTRY_COMPARE_WITH_TIMEOUT(child<QLabel>("sweep.runs")->text(), QStringLiteral("24"),
                                  hangMs());
    }

    void chips_changeTheDraft()
    {
        m_page->take(QVariant::fromValue(baseSpec()));
        auto* card = m_page->draft();
        add("learning_rate", "0.01");
        QCOMPARE(axisOf(card->draft()->axes, "learning_rate")->values.size(), std::size_t {4});
        auto* own = child<QCheckBox>("sweep.ownRates");
        own->setChecked(true);
        QVERIFY(hasOwnRates(*card->draft()));
        QVERIFY(m_page->findChild<QWidget*>(QStringLiteral("sweep.axis.learning_rate.lora")));
        own->setChecked(false);
        QVERIFY(!hasOwnRates(*card->draft()));
        addAxis("seed");
        add("seed", "1");
        QCOMPARE(axisOf(card->draft()->axes, "seed")->values.size(), std::size_t {2});
        QTest::mouseClick(child<QAbstractButton>("sweep.axis.seed.remove"), Qt::LeftButton);
        QVERIFY(axisOf(card->draft()->axes, "seed") == nullptr);
        child<QComboBox>("sweep.stop")->setCurrentIndex(1);
        QVERIFY(card->draft()->stop.kind == core::StopKind::Halving);
        QCOMPARE(card->draft()->stop.keepOneOf, std::int64_t {3});
        child<QComboBox>("sweep.task")->setCurrentIndex(1); // whose file is not named
        QVERIFY(!card->problem().isEmpty());
        QVERIFY(!child<QAbstractButton>("sweep.start")->isEnabled());
    }

    // What is typed and was not taken is no value of the sweep: it does not begin without it unsaid.
    void aValueThatIsNone_keepsTheSweepFromItsStart()
    {
        m_page->take(QVariant::fromValue(baseSpec()));
        auto* start = child<QAbstractButton>("sweep.start");
        QTRY_VERIFY_WITH_TIMEOUT(start->isEnabled(), hangMs());
        auto* edit = chips("rank")->edit();
        QTest::keyClicks(edit, QStringLiteral("many"));
        QTest::keyClick(edit, Qt::Key_Return);
        QVERIFY(!chips("rank")->problem().isEmpty());
        QVERIFY(!start->isEnabled());
        QVERIFY2(m_page->draft()->problem().endsWith(chips("rank")->problem()),
                 qPrintable(m_page->draft()->problem()));
        QTest::keyClick(edit, Qt::Key_Backspace); // it is being corrected
        QVERIFY(start->isEnabled());
    }

    void theCommand_isTheSweep()
    {
        m_page->take(QVariant::fromValue(baseSpec()));
        QTRY_VERIFY_WITH_TIMEOUT(child<QAction>("sweep.action.copy")->isEnabled(), hangMs());
        child<QAction>("sweep.action.copy")->trigger();
        const QString text = QGuiApplication::clipboard()->text();
        QVERIFY(text.contains(QStringLiteral("pissarro-cli sweep sweep.json -o ")));
        const qsizetype from = text.indexOf(QLatin1Char('{'));
        const QString json = text.mid(from, text.lastIndexOf(QStringLiteral("\nPISSARRO")) - from);
        const auto sweep = sweepFromKept(json);
        QVERIFY(sweep.has_value());
        QCOMPARE(core::sweepDifference(*sweep, *m_page->draft()->draft()), std::string());
    }

    // A point, a cell, a line, a row: the same run everywhere.
    void oneRun_isChosenEverywhere()
    {
        tests::trainedSweepAt(folder());
        open();
        const QString run = QStringLiteral("lora-rank16-lr0.001");
        select(run);
        auto* best = child<ScorePlot>("sweep.bestRates");
        QCOMPARE(best->lines().size(), qsizetype {2});
        QVERIFY(best->isCellSelected({1, 1}));
        auto* grid = child<RunGrid>("sweep.grid");
        QVERIFY(grid->isCellSelected({1, 3})); // the second rate, LoRA's second rank
        QVERIFY(grid->blocks()[1].cells[3].best);
        QTest::mouseClick(grid, Qt::LeftButton, {}, grid->cellRect({0, 0}).center().toPoint());
        QCOMPARE(m_page->queue()->selected(), QStringLiteral("pissa-rank8-lr1e-4"));
        QTest::mouseClick(best, Qt::LeftButton, {}, best->pointPlace(0, 0).toPoint());
        QCOMPARE(best->lines()[0].points[0].note, QStringLiteral("1e-3")); // its best rate
        // scripted losses of the methods are equal: the nearer point is either's
        QVERIFY(m_page->queue()->selected().endsWith(QStringLiteral("-rank8-lr0.001")));
        QSignalSpy opened(m_page.get(), &Page::openRequested);
        QTest::mouseDClick(grid, Qt::LeftButton, {}, grid->cellRect({1, 3}).center().toPoint());
        QCOMPARE(opened.count(), 1);
        QCOMPARE(opened[0][0].toString(), folder() + QStringLiteral("/runs/") + run);
    }

    void allPictures_areOfTheSweep()
    {
        tests::trainedSweepAt(folder());
        open();
        auto* which = child<SegmentedControl>("sweep.every.which");
        which->setCurrent(1);
        auto* rates = child<ScorePlot>("sweep.overRates");
        QCOMPARE(rates->tableRows(), 4); // a method and rank each
        QCOMPARE(rates->tableColumns(), 2);
        which->setCurrent(2);
        auto* parallel = child<ParallelPlot>("sweep.parallel");
        QCOMPARE(parallel->tableRows(), 8);
        QCOMPARE(parallel->tableColumns(), 4); // method, rank, rate, score
        QTest::mouseClick(parallel, Qt::LeftButton, {}, parallel->place(5, 3).toPoint());
        QVERIFY(!m_page->queue()->selected().isEmpty());
        which->setCurrent(3);
        auto* table = child<QTableView>("sweep.table");
        QCOMPARE(table->model()->rowCount(), 8);
        const QAbstractItemModelTester tester(
            table->model(), QAbstractItemModelTester::FailureReportingMode::QtTest);
        child<QAction>("sweep.action.copyTable")->trigger();
        QCOMPARE(QGuiApplication::clipboard()->text().count(QLatin1Char('\n')), 9);
        QVERIFY(!child<QLabel>("sweep.verdict.sentence")->text().isEmpty());
        QVERIFY(child<ScorePlot>("sweep.oneRate")->dataRange().has_value());
        auto* rate = child<QComboBox>("sweep.rate");
        QCOMPARE(rate->count(), 2);
    }

    // Hollow until the last run of a point has ended.
    // What is reported has no say in the rate that is chosen: the ring is where the plot of best rates says that it is.
    void theRing_isTheRateThatWasChosen()
    {
        core::SweepResults results;
        for (const double rate : {1e-4, 1e-3}) {
            core::SweepRow row;
            row.method = core::methodNamed("pissa");
            row.learningRate = rate;
            row.state = SweepRunState::Done;
            const bool isChosen = rate == 1e-4;
            row.score = {isChosen ? 1.0 : 2.0, isChosen ? 2.0 : 1.0, 6, {}};
            results.rows.push_back(row);
        }
        GridPicture grid = gridOf(results, std::string());
        QVERIFY(grid.blocks[0].cells[0].best && !grid.blocks[0].cells[1].best);
        results.rows[0].score = {}; // not yet, or never: then the rate is nobody's best
        grid = gridOf(results, std::string());
        QVERIFY(!grid.blocks[0].cells[0].best && grid.blocks[0].cells[1].best);
    }

    void settings_areSaidInWords()
    {
        QCOMPARE(settingWords("rank 16, data /a/b/rows.jsonl"),
                 QStringLiteral("rank 16, data rows.jsonl"));
        QCOMPARE(settingWords({}), QString());
    }

    void points_areHollow_whileRunsAreToCome()
    {
        const core::SweepStore store = tests::sweepAt(folder());
        store.change([](core::SweepState& state) { // the higher rate first, the lower one later
            for (std::size_t i = 0; i < state.runs.size(); ++i) {
                if (state.runs[i].name.find("lr1e-4") != std::string::npos) {
                    core::skipRun(state, state.runs[i].name);
                }
            }
        });
        core::SweepObserver silent;
        core::workOn(store, tests::scripted(), silent, core::JobContext());
        store.change([](core::SweepState& state) {
            for (core::SweepRun& run : state.runs) {
                if (run.state == SweepRunState::Skipped) {
                    core::retryRun(state, run.name);
                }
            }
        });
        const core::SweepResults results = core::resultsOf(store);
        for (const ScoreLine& line : pictureAtBestRates(results, "rank").lines) {
            for (const ScorePoint& point : line.points) {
                QVERIFY(point.open);
            }
        }
        const ScorePicture same = pictureAtRate(results, "rank", 1e-3);
        QCOMPARE(same.lines.size(), qsizetype {2});
        QVERIFY(!same.lines[0].points[0].open); // of that rate all have ended
        QVERIFY(pictureAtRate(results, "rank", 1e-4).lines.isEmpty());
    }

    void theQueue_isOrderedByKeysAndByDragging()
    {
        tests::sweepAt(folder());
        open();
        QueueModel* model = m_page->queue()->model();
        const QAbstractItemModelTester tester(
            model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        const QString second = model->runAt(1);
        select(second);
        child<QAction>("sweep.action.up")->trigger();
        QTRY_COMPARE_WITH_TIMEOUT(model->runAt(0), second, hangMs());
        QCOMPARE(m_page->queue()->selected(), second); // it stays chosen
        const QString last = model->runAt(7);
        const std::unique_ptr<QMimeData> dragged(model->mimeData({model->index(7, 0)}));
        model->dropMimeData(dragged.get(), Qt::MoveAction, 2, 0, {});
        QTRY_COMPARE_WITH_TIMEOUT(model->runAt(2), last, hangMs());
        QCOMPARE(child<QAction>("sweep.action.pause")->text(), tr("Go &on")); // nobody works at it
    }

    // Long names are cut; no row is wider than the table by a few pixels.
    void theQueue_fitsItsCard()
    {
        tests::sweepAt(folder(),
                       "'axes': {'method': ['pissa', 'lora'], 'rank': [8, 16], 'learning_rate': "
                       "[1e-4, 1e-3], 'weight_decay': [0.01, 0.1], 'warmup_ratio': [0.03, 0.1]}");
        open();
        const QTableView* view = m_page->queue()->view();
        constexpr int kLeastNote = 84; // px, that what came of a run has in any case
        for (int width = 1328; width >= 960; width -= 46) { // a window of 1100 has 1016 of them
            m_page->resize(width, 796);
            QTRY_VERIFY2_WITH_TIMEOUT(view->horizontalScrollBar()->maximum() == 0,
                                      qPrintable(QString::number(width)), hangMs());
            QVERIFY(view->columnWidth(QueueModel::Name) > 60);
            const QAbstractItemView* cells = view;
            const int wanted = cells->sizeHintForColumn(QueueModel::Name);
            const int said = std::max(cells->sizeHintForColumn(QueueModel::Note), kLeastNote);
            const int spare = view->columnWidth(QueueModel::Note) - said;
            QVERIFY2(view->columnWidth(QueueModel::Name) >= wanted || spare <= 0,
                     qPrintable(QStringLiteral("%1: %2 px to spare").arg(width).arg(spare)));
        }
    }

    void aFailedRun_saysWhy_andIsRetried()
    {
        tests::trainedSweepAt(folder(), "'axes': {'learning_rate': [1e-3, 1.0]}");
        open();
        QueueModel* model = m_page->queue()->model();
        const int row = model->rowOf(QStringLiteral("lr1"));
        QVERIFY(row >= 0);
        QVERIFY(model->stateAt(row) == SweepRunState::Failed);
        QVERIFY(model->index(row, QueueModel::Note)
                    .data()
                    .toString()
                    .contains(QStringLiteral("not finite at step 3")));
        QVERIFY(child<QAbstractButton>("sweep.queue.retry")->isVisible());
        m_bench->sweepQueue.retry(QStringLiteral("lr1"));
        QTRY_VERIFY_WITH_TIMEOUT(model->stateAt(row) == SweepRunState::Waiting, hangMs());
        QTRY_VERIFY_WITH_TIMEOUT(!child<QAbstractButton>("sweep.queue.retry")->isVisible(),
                                 hangMs());
    }

    // The disk is full: what pauses the queue stands above the page.
    void aPauseThatNobodyAskedFor_isTold()
    {
        const core::SweepStore store = tests::sweepAt(folder());
        open();
        QSignalSpy told(m_page.get(), &Page::noticed);
        store.change([](core::SweepState& state) {
            state.paused = true;
            state.why = "run lora needs about 1.2 GB on disk, 0.3 GB are free; make room";
        });
        QTRY_COMPARE_WITH_TIMEOUT(told.count(), 1, hangMs());
        const auto notice = told[0][0].value<Notice>();
        QVERIFY(notice.text.contains(QStringLiteral("1.2 GB")));
        QVERIFY(notice.act && !notice.action.isEmpty());
    }

    void whatIsOpen_isKept()
    {
        tests::trainedSweepAt(folder());
        open();
        QVERIFY(m_page->draft()->isOpenSweep()); // its own draft
        QVERIFY(!m_page->draft()->problem().isEmpty()); // it has ended
        QSettings session;
        m_page->saveState(session);
        openPage({1328, 796});
        m_page->offerState(session);
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->sweepQueue.look() != nullptr, hangMs());
        QCOMPARE(m_bench->sweepQueue.folder(), folder());
        QTRY_VERIFY_WITH_TIMEOUT(m_page->draft()->isOpenSweep(), hangMs());
    }

    void aSweepsFolder_isKnownAsOne()
    {
        tests::sweepAt(folder());
        QVERIFY(kindOf(folder()) == PathKind::Sweep);
        QVERIFY(kindOf(folder() + QStringLiteral("/sweep.json")) == PathKind::Sweep);
        QVERIFY(kindOf(m_folder->path()) != PathKind::Sweep);
        QVERIFY(m_page->takes(PathKind::Sweep));
        m_page->take(folder() + QStringLiteral("/sweep.json"));
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->sweepQueue.look() != nullptr, hangMs());
        QCOMPARE(m_bench->sweepQueue.look()->folder(), folder());
    }

    // pissarro --page sweep MODEL: no sweep is looked for in it.
    void aModelsPath_isOpenedAsOne()
    {
        QSignalSpy told(m_page.get(), &Page::failed);
        QSignalSpy opened(&m_bench->model, &Model::opened);
        m_page->take(QStringList {tests::kTinyModel});
        QTRY_COMPARE_WITH_TIMEOUT(opened.count(), 1, hangMs());
        QCOMPARE(m_bench->model.canonicalPath(), QFileInfo(tests::kTinyModel).canonicalFilePath());
        QCOMPARE(told.count(), 0);
    }

    void whatIsNoSweep_isSaid()
    {
        QSignalSpy told(m_page.get(), &Page::failed);
        const QString file = m_folder->filePath(QStringLiteral("bad.json"));
        core::writeFileAtomically(file.toStdString(), "{\"base\": {\"rank\": 0}}");
        m_page->load(file);
        QTRY_COMPARE_WITH_TIMEOUT(told.count(), 1, hangMs());
        QVERIFY(told[0][0].value<Failed>().why.contains(QStringLiteral("bad.json")));
        QVERIFY(!m_page->draft()->draft());
    }

private:
    QString folder() const { return m_folder->filePath(QStringLiteral("sweep")); }
    static core::RunSpec baseSpec()
    {
        core::RunSpec spec;
        spec.model = "/models/m";
        spec.data = "/data/d.jsonl";
        return spec;
    }
    ChipEdit* chips(const char* key) const
    {
        return m_page->findChild<ChipEdit*>(
            QStringLiteral("sweep.axis.%1.chips").arg(QLatin1String(key)));
    }
    void add(const char* key, const char* value)
    {
        QTest::keyClicks(chips(key)->edit(), QLatin1String(value));
        QTest::keyClick(chips(key)->edit(), Qt::Key_Return);
    }
    void addAxis(const char* key)
    {
        auto* menu = child<QMenu>("sweep.addAxis.menu");
        Q_EMIT menu->aboutToShow();
        for (QAction* action : menu->actions()) {
            if (action->objectName()
                == QStringLiteral("sweep.addAxis.%1").arg(QLatin1String(key))) {
                action->trigger();
                return;
            }
        }
        QFAIL(key);
    }
    void open()
    {
        m_page->take(QStringList {folder()});
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->sweepQueue.look() != nullptr, hangMs());
    }
    void select(const QString& run)
    {
        auto* view = m_page->queue()->view();
        view->selectRow(m_page->queue()->model()->rowOf(run));
        QCOMPARE(m_page->queue()->selected(), run);
    }
};

QTEST_MAIN(TestSweepPage)
#include "tst_sweep_page.moc"
