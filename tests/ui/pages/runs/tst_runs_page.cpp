// SPDX-License-Identifier: GPL-3.0-or-later
// The Runs page on run directories that the test writes: table, selection, overlay, differences.
#include "core/library/project.h"
#include "core/run/run_directory.h"
#include "core/run/run_lock.h"
#include "tests/tools/patience.h"
#include "tests/ui/pages/runs/runs_page_bench.h"
#include "ui/pages/runs/differences_model.h"
#include "ui/pages/runs/runs_model.h"
#include "ui/pages/runs/runs_page.h"
#include "ui/services/services.h"
#include "ui/views/run_curves.h"

#include <QAbstractButton>
#include <QAbstractItemModelTester>
#include <QAction>
#include <QClipboard>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QFont>
#include <QGuiApplication>
#include <QInputDialog>
#include <QLabel>
#include <QLineEdit>
#include <QSignalSpy>
#include <QTableView>
#include <QTest>

#include <cmath>
#include <memory>

using namespace pissarro;
using namespace pissarro::tests;
using namespace pissarro::ui;

namespace {

RunsModel::Row row(const char* name, double loss, const core::RunMark& mark = {})
{
    auto listed = std::make_shared<core::ListedRun>();
    listed->run =
        summary(QStringLiteral("/runs/") + QLatin1String(name), core::methodNamed("pissa"), "2026");
    listed->run.step = 10;
    listed->run.end = {loss, loss, 100.0};
    return RunsModel::rowOf(listed, mark);
}

QString text(const RunsModel& model, const char* name, int column)
{
    return model.indexOf(QStringLiteral("/runs/") + QLatin1String(name))
        .siblingAtColumn(column)
        .data()
        .toString();
}

} // namespace

class TestRunsPage : public RunsPageBench {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { beginTests("tst_runs_page"); }
    void init() { beginTest(); }
    void cleanup() { endTest(); }

    void modelKeepsTheRulesAndTheRows()
    {
        RunsModel model;
        QAbstractItemModelTester tester(&model,
                                        QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setRows({row("a", 1), row("b", 2), row("c", 3)});
        const QPersistentModelIndex b(model.indexOf(QStringLiteral("/runs/b")));
        QVERIFY(b.isValid() && b.parent().isValid());
        model.setRows({row("new", 9), row("b", 5), row("a", 1)}); // c gone, a moved, one new
        QCOMPARE(model.shownRows().size(), qsizetype {3});
        QVERIFY(b.isValid());
        QCOMPARE(b.data().toString(), QStringLiteral("b"));
        QCOMPARE(b.sibling(b.row(), RunsModel::FinalLoss).data().toString(),
                 QStringLiteral("5.000"));
        core::RunMark pinned;
        pinned.pinned = true;
        model.setRows({row("new", 9), row("b", 5, pinned), row("a", 1)});
        QVERIFY(b.isValid()); // in the group before all others now
        QCOMPARE(b.parent().row(), 0);
        QCOMPARE(b.parent().data().toString(), QStringLiteral("Pinned"));
        QCOMPARE(model.rowCount(), 2);
        model.setRows({});
        QCOMPARE(model.rowCount(), 0);
        QVERIFY(!b.isValid());
    }

    void groupsFilterAndOrder_areTheModels()
    {
        RunsModel model;
        QAbstractItemModelTester tester(&model,
                                        QAbstractItemModelTester::FailureReportingMode::QtTest);
        core::RunMark archived;
        archived.archived = true;
        model.setRows({row("a", 3), row("b", 1), row("c", std::nan("")), row("d", 2, archived)});
        const auto names = [&model] {
            QStringList all;
            for (const RunsModel::Row* one : model.shownRows()) {
                all << one->name;
            }
            return all.join(QLatin1Char(' '));
        };
        QCOMPARE(names(), QStringLiteral("a b c"));
        model.sort(RunsModel::FinalLoss, Qt::AscendingOrder);
        QCOMPARE(names(), QStringLiteral("b a c")); // what is not told stands behind
        model.sort(RunsModel::FinalLoss, Qt::DescendingOrder);
        QCOMPARE(names(), QStringLiteral("a b c"));
        model.setArchivedShown(true);
        QCOMPARE(names(), QStringLiteral("a d b c"));
        QVERIFY(model.setFilter(QStringLiteral("loss<2.5")).isEmpty());
        QCOMPARE(names(), QStringLiteral("d b"));
        QVERIFY(model.setFilter(QStringLiteral("beauty=1")).contains(QStringLiteral("beauty")));
        QCOMPARE(names(), QStringLiteral("d b")); // as before
        QVERIFY(model.setFilter({}).isEmpty());
        for (const auto by : {core::RunGrouping::Model, core::RunGrouping::Data,
                              core::RunGrouping::None, core::RunGrouping::Sweep}) {
            model.setGrouping(by);
            QCOMPARE(model.rowCount(), 1);
            QCOMPARE(model.rowCount(model.index(0, 0)), 4);
        }
        model.setGone({QStringLiteral("/mnt/disk")});
        QCOMPARE(model.index(1, 0).data().toString(), QStringLiteral("disk"));
        QCOMPARE(model.rowCount(model.index(1, 0)), 0);
    }

    // Each row says first what has to be known: its loss, its step, why it failed.
    void aRowSays_howItStands()
    {
        RunsModel model;
        const auto with = [](const char* name, core::RunState state, double loss,
                             const char* message) {
            auto listed = std::make_shared<core::ListedRun>(*row(name, loss).listed);
            listed->run.state = state;
            listed->run.message = message;
            return RunsModel::rowOf(listed, {});
        };
        auto broken = std::make_shared<core::ListedRun>();
        broken->run.directory = "/runs/broken";
        broken->problem = "/runs/broken/run.json: is not JSON";
        model.setRows({with("done", core::RunState::Finished, 0.5, ""),
                       with("live", core::RunState::Running, 0.5, ""),
                       with("nan", core::RunState::Failed, std::nan(""), "loss is not finite"),
                       with("disk", core::RunState::Failed, 0.5, "No space left"),
                       with("killed", core::RunState::Interrupted, 0.5, ""),
                       RunsModel::rowOf(broken, {})});
        QCOMPARE(text(model, "done", RunsModel::Status), QStringLiteral("0.5000 ✓"));
        QCOMPARE(text(model, "live", RunsModel::Status), QStringLiteral("step 10 of 20"));
        QCOMPARE(text(model, "nan", RunsModel::Status), QStringLiteral("diverged at 10"));
        QCOMPARE(text(model, "disk", RunsModel::Status), QStringLiteral("No space left"));
        QCOMPARE(text(model, "killed", RunsModel::Status), QStringLiteral("interrupted at 10"));
        QCOMPARE(text(model, "broken", RunsModel::Status), QStringLiteral("not read"));
        QVERIFY(model.indexOf(QStringLiteral("/runs/broken"))
                    .siblingAtColumn(RunsModel::Status)
                    .data(Qt::ToolTipRole)
                    .toString()
                    .contains(QStringLiteral("is not JSON")));
    }

    void differencesKeepTheRules()
    {
        DifferencesModel model;
        QAbstractItemModelTester tester(&model,
                                        QAbstractItemModelTester::FailureReportingMode::QtTest);
        core::RunSummary a = summary(QStringLiteral("/a"), core::methodNamed("pissa"), "1");
        core::RunSummary b = summary(QStringLiteral("/b"), core::methodNamed("lora"), "2");
        b.spec.learningRate = 2e-2;
        model.setRuns({a, b}, {QStringLiteral("A"), QStringLiteral("B")}, {Qt::blue, Qt::red});
        QCOMPARE(model.rowCount(), 2);
        QCOMPARE(model.columnCount(), 3);
        QCOMPARE(model.index(0, 1).data().toString(), QStringLiteral("PiSSA"));
        QCOMPARE(model.index(1, 0).data().toString(), QStringLiteral("Learning rate"));
        QCOMPARE(model.index(1, 0).data(Qt::ToolTipRole).toString(),
                 QStringLiteral("learning_rate"));
        QCOMPARE(model.index(1, 2).data().toString(), QStringLiteral("2e-2"));
        model.setRuns({a, a}, {QStringLiteral("A"), QStringLiteral("A2")}, {Qt::blue, Qt::blue});
        QCOMPARE(model.rowCount(), 0);
    }

    // What came of them stands below their settings, the best in bold.
    void theBestResult_isBold()
    {
        DifferencesModel model;
        core::RunSummary a = summary(QStringLiteral("/a"), core::methodNamed("pissa"), "1");
        core::RunSummary b = summary(QStringLiteral("/b"), core::methodNamed("lora"), "2");
        a.end.loss = 0.5;
        b.end.loss = 0.75;
        a.end.tokensPerS = 100.0;
        b.end.tokensPerS = 120.0;
        const QStringList labels {QStringLiteral("A"), QStringLiteral("B")};
        model.setRuns({a, b}, labels, {Qt::blue, Qt::red});
        QCOMPARE(model.rowCount(), 3);
        QCOMPARE(model.differing(), 1);
        const auto isBold = [&model](int row, int column) {
            return model.index(row, column).data(Qt::FontRole).value<QFont>().weight()
                == QFont::DemiBold;
        };
        QCOMPARE(model.index(1, 0).data().toString(), QStringLiteral("Last loss"));
        QVERIFY(isBold(1, 1) && !isBold(1, 2)); // the lowest
        QCOMPARE(model.index(2, 2).data().toString(), QStringLiteral("120"));
        QVERIFY(!isBold(2, 1) && isBold(2, 2)); // the highest
        const int few = model.rowCount();
        model.setRuns({a, b}, labels, {Qt::blue, Qt::red}, /*all=*/true);
        QVERIFY(model.rowCount() > few + 10);
        QCOMPARE(model.differing(), 1);
    }

    void curvesOfTheSameMethodAreTold()
    {
        const core::RunSummary a =
            summary(QStringLiteral("/r/one"), core::methodNamed("pissa"), "1");
        const core::RunSummary b =
            summary(QStringLiteral("/r/two"), core::methodNamed("pissa"), "2");
        const core::RunSummary c =
            summary(QStringLiteral("/r/x/lora"), core::methodNamed("lora"), "3");
        const QVector<RunCurve> curves = curvesOf({a, b, c}, {});
        QCOMPARE(curves[0].label, QStringLiteral("one"));
        QCOMPARE(curves[1].label, QStringLiteral("two"));
        QCOMPARE(curves[2].label, QStringLiteral("LoRA r16"));
        QVERIFY(!curves[0].dashed && curves[1].dashed && !curves[2].dashed);
        QCOMPARE(curves[0].color, curves[1].color);
        QCOMPARE(runName(c), QStringLiteral("x/lora"));
    }

    void withoutRunsItSaysWhatToDo()
    {
        QSignalSpy asked(m_page.get(), &Page::go);
        QTest::mouseClick(m_page->findChild<QAbstractButton*>(QStringLiteral("runs.empty.button")),
                          Qt::LeftButton);
        QCOMPARE(asked.count(), 1);
        QCOMPARE(asked[0][0].toString(), QStringLiteral("train"));
        QVERIFY(!m_page->tree()->isVisible());
    }

    void newestTwinsAreSelectedAndCompared()
    {
        showThreeRuns();
        QCOMPARE(m_page->selectedRuns().size(), 2);
        QCOMPARE(pointCount(), 40); // raw and smoothed of ten steps
        const auto* table = m_page->findChild<QTableView*>(QStringLiteral("runs.differences"));
        QCOMPARE(table->model()->index(0, 0).data().toString(), QStringLiteral("Method"));
        QCOMPARE(table->model()->index(1, 0).data().toString(), QStringLiteral("Last loss"));
        QCOMPARE(m_page->differences()->differing(), 1);
        m_page->tree()->selectRuns({folderOf("old")});
        QCOMPARE(pointCount(), 40); // what is drawn is checked, and not what is selected
        trigger(QStringLiteral("Draw"));
        QTRY_COMPARE_WITH_TIMEOUT(pointCount(), 60, hangMs());
        trigger(QStringLiteral("Draw"));
        QTRY_COMPARE_WITH_TIMEOUT(pointCount(), 40, hangMs());
    }

    void newestFirstWithTwinsTogether()
    {
        showThreeRuns();
        QCOMPARE(names(),
                 (QStringList {QStringLiteral("pair/pissa"), QStringLiteral("pair/lora"),
                               QStringLiteral("old")}));
        QCOMPARE(m_page->model()->rowCount(), 2); // the twins, and those beside
        QCOMPARE(m_page->model()->index(0, 0).data().toString(), QStringLiteral("pair"));
    }

    void sortsByNumbers()
    {
        showThreeRuns();
        auto* none = m_page->findChild<QAbstractButton*>(QStringLiteral("runs.group.3"));
        none->click();
        m_page->model()->sort(RunsModel::FinalLoss, Qt::AscendingOrder);
        QCOMPARE(names(),
                 (QStringList {QStringLiteral("pair/pissa"), QStringLiteral("pair/lora"),
                               QStringLiteral("old")}));
        m_page->model()->sort(RunsModel::FinalLoss, Qt::DescendingOrder);
        QCOMPARE(names().first(), QStringLiteral("old"));
        QCOMPARE(cell(folderOf("old"), RunsModel::FinalLoss), QStringLiteral("10.00"));
        QCOMPARE(cell(folderOf("pair/pissa"), RunsModel::FinalLoss), QStringLiteral("0.8000"));
    }

    void aRunOfAnotherProgramDrawsAsItGrows()
    {
        const QString folder = m_folder->filePath(QStringLiteral("cluster/job"));
        writeRun(folder, core::methodNamed("pissa"), "2026-11-24T10:00:00Z", 1.0,
                 core::RunState::Running);
        const core::RunLock lock(folder.toStdString(), folder.toStdString());
        m_bench->library.addFolder(m_folder->filePath(QStringLiteral("cluster")));
        const auto steps = [this, folder] { return cell(folder, RunsModel::Steps); };
        QTRY_COMPARE_WITH_TIMEOUT(steps(), QStringLiteral("10 / 20"), hangMs());
        QCOMPARE(cell(folder, RunsModel::Status), QStringLiteral("step 10 of 20"));
        m_page->tree()->selectRun(0);
        appendStep(folder, record(11, 0.7));
        QTRY_COMPARE_WITH_TIMEOUT(steps(), QStringLiteral("11 / 20"), hangMs()); // by itself
        QTRY_COMPARE_WITH_TIMEOUT(pointCount(), 22, hangMs());
        QCOMPARE(m_page->selectedRuns().size(), 1); // the refresh kept it
    }

    void whatAPersonSays_isKept_andTakenBack()
    {
        showThreeRuns();
        const QString old = folderOf("old");
        m_page->tree()->selectRuns({old});
        trigger(QStringLiteral("Pin"));
        QCOMPARE(names().first(), QStringLiteral("old"));
        const auto written = [&] {
            return core::Project(folderOf(".").toStdString()).markOf(old.toStdString());
        };
        QTRY_VERIFY_WITH_TIMEOUT(written().pinned, hangMs());
        QSignalSpy told(&m_bench->undoStack, &ChangeStack::told);
        trigger(QStringLiteral("Archive"));
        QCOMPARE(rowCount(), 2);
        QCOMPARE(told.count(), 1);
        QCOMPARE(told[0][0].toString(), QStringLiteral("Archived old"));
        QTRY_VERIFY_WITH_TIMEOUT(written().archived, hangMs());
        m_bench->undoStack.undo();
        QCOMPARE(rowCount(), 3);
        QTRY_VERIFY_WITH_TIMEOUT(!written().archived && written().pinned, hangMs());
        m_page->tree()->selectRuns({old});
        trigger(QStringLiteral("Tags…"));
        auto* dialog = m_page->findChild<QInputDialog*>(QStringLiteral("dialog.say"));
        QVERIFY(dialog != nullptr);
        dialog->setTextValue(QStringLiteral("paper, table 2"));
        dialog->accept();
        QCOMPARE(indexOf(old, RunsModel::Name).data(RunsModel::TagsRole).toStringList(),
                 (QStringList {QStringLiteral("paper"), QStringLiteral("table 2")}));
        auto* search = m_page->findChild<QLineEdit*>(QStringLiteral("runs.search"));
        search->setText(QStringLiteral("tag=paper"));
        QCOMPARE(names(), QStringList {QStringLiteral("old")});
        search->setText(QStringLiteral("beauty=3"));
        const auto* problem = m_page->findChild<QLabel*>(QStringLiteral("runs.problem"));
        QVERIFY(problem->isVisible() && problem->text().contains(QStringLiteral("beauty")));
    }

    void theTrash_takesARun_andGivesItBack()
    {
        showThreeRuns();
        const QString old = folderOf("old");
        m_page->tree()->selectRuns({old});
        trigger(QStringLiteral("Move to trash"));
        QTRY_COMPARE_WITH_TIMEOUT(rowCount(), 2, hangMs());
        QVERIFY(!QFileInfo::exists(old));
        m_bench->undoStack.undo();
        QTRY_COMPARE_WITH_TIMEOUT(rowCount(), 3, hangMs());
        QVERIFY(QFileInfo::exists(old + QStringLiteral("/run.json")));
    }

    // With the keys, in the list alone: elsewhere letters are typed.
    void theListHasKeys()
    {
        showThreeRuns();
        m_page->activateWindow();
        RunsTree* tree = m_page->tree();
        tree->selectRuns({folderOf("old")});
        tree->setFocus();
        QTest::keyClick(tree, Qt::Key_Space);
        QCOMPARE(m_page->model()->drawn().size(), qsizetype {3});
        QSignalSpy wanted(m_page.get(), &Page::go);
        tree->selectRuns({folderOf("pair/pissa"), folderOf("old")});
        QTest::keyClick(tree, Qt::Key_D, Qt::ControlModifier);
        QCOMPARE(wanted.count(), 1);
        QCOMPARE(wanted[0][1].toStringList(),
                 (QStringList {folderOf("pair/pissa"), folderOf("old")}));
        auto* search = m_page->findChild<QLineEdit*>(QStringLiteral("runs.search"));
        search->setFocus();
        QTest::keyClicks(search, QStringLiteral("pct"));
        QCOMPARE(search->text(), QStringLiteral("pct"));
    }

    void columnsAreChosen()
    {
        showThreeRuns();
        RunsTree* tree = m_page->tree();
        QVERIFY(tree->isHeaderHidden() && tree->shownColumns().isEmpty());
        tree->showColumns({QStringLiteral("rank"), QStringLiteral("warmup_ratio")});
        QVERIFY(!tree->isHeaderHidden());
        QCOMPARE(tree->shownColumns(),
                 (QStringList {QStringLiteral("rank"), QStringLiteral("warmup_ratio")}));
        QCOMPARE(cell(folderOf("old"), RunsModel::Rank), QStringLiteral("16"));
    }

    void actionsReachTheSelectedRun()
    {
        showThreeRuns();
        m_page->tree()->selectRuns({folderOf("old")});
        const QString folder = m_folder->filePath(QStringLiteral("runs/old"));
        trigger(QStringLiteral("Copy path"));
        QCOMPARE(QGuiApplication::clipboard()->text(), folder);
        trigger(QStringLiteral("Copy command"));
        // Into another folder, since this one holds the run; which is free the disk has to say.
        QTRY_VERIFY2_WITH_TIMEOUT(
            QGuiApplication::clipboard()->text().contains(
                QStringLiteral(" -o ") + m_folder->filePath(QStringLiteral("runs/"))),
            qPrintable(QGuiApplication::clipboard()->text()), hangMs());
        QVERIFY(!QGuiApplication::clipboard()->text().endsWith(folder));
        QSignalSpy wanted(m_page.get(), &Page::go);
        m_page->tree()->setFocus();
        trigger(QStringLiteral("Use as template"));
        QCOMPARE(wanted.count(), 1);
        QCOMPARE(wanted[0][0].toString(), QStringLiteral("train"));
        QCOMPARE(wanted[0][1].value<core::RunSpec>().model, std::string("models/SmolLM2"));
        trigger(QStringLiteral("Compare"));
        QCOMPARE(wanted[1][0].toString(), QStringLiteral("compare"));
        QCOMPARE(wanted[1][1].toStringList(), QStringList {folder});
    }

    // A double click looks: the run's settings stand below the table, and no form is touched.
    void aDoubleClick_showsTheRun()
    {
        const QString folder = m_folder->filePath(QStringLiteral("runs/killed"));
        writeRun(folder, core::methodNamed("pissa"), "2026-11-24T10:00:00Z", 1.0,
                 core::RunState::Failed);
        core::RunSummary run = core::readRun(folder.toStdString());
        run.message = "loss is not finite at step 11";
        run.spec.warmupRatio = 0.0125;
        core::writeRun(run);
        m_bench->library.addFolder(m_folder->filePath(QStringLiteral("runs")));
        QTRY_COMPARE_WITH_TIMEOUT(rowCount(), 1, hangMs());
        QSignalSpy wanted(m_page.get(), &Page::go);
        const QRect cell = m_page->tree()->visualRect(indexOf(folder, RunsModel::Status));
        QTest::mouseClick(m_page->tree()->viewport(), Qt::LeftButton, {}, cell.center());
        QTest::mouseDClick(m_page->tree()->viewport(), Qt::LeftButton, {}, cell.center());
        QVERIFY(wanted.isEmpty());
        const auto* table = m_page->findChild<QTableView*>(QStringLiteral("runs.differences"));
        QVERIFY(table->isVisible());
        QHash<QString, QString> said;
        for (int row = 0; row < table->model()->rowCount(); ++row) {
            said[table->model()->index(row, 0).data().toString()] =
                table->model()->index(row, 1).data().toString();
        }
        QCOMPARE(said[QStringLiteral("State")], QStringLiteral("Failed at step 10 of 20"));
        QCOMPARE(said[QStringLiteral("Message")], QStringLiteral("loss is not finite at step 11"));
        QCOMPARE(said[QStringLiteral("Warm-up, share of the steps")], QStringLiteral("0.0125"));
        QCOMPARE(said[QStringLiteral("Folder")], folder);
    }

    // What is wrong with a run that cannot be read stands where its settings would.
    void aRunThatCannotBeRead_saysWhyBelow()
    {
        showThreeRuns();
        const QString folder = folderOf("broken");
        QVERIFY(QDir().mkpath(folder));
        QFile file(folder + QStringLiteral("/run.json"));
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write("{\"rank\": 8") > 0);
        file.close();
        m_bench->library.refresh();
        QTRY_COMPARE_WITH_TIMEOUT(rowCount(), 4, hangMs());
        m_page->tree()->selectRuns({folder});
        m_page->findChild<QAction*>(QStringLiteral("runs.look"))->trigger();
        const auto* hint = child<QLabel>("runs.differences.hint");
        QVERIFY(hint->isVisible());
        QVERIFY2(hint->text().contains(folder + QStringLiteral("/run.json: is not JSON")),
                 qPrintable(hint->text()));
    }

    // A run that another program trains is offered, and not watched unasked.
    void aRunThatGoesOnElsewhere_isOffered()
    {
        const QString folder = m_folder->filePath(QStringLiteral("cluster/job"));
        writeRun(folder, core::methodNamed("pissa"), "2026-11-24T10:00:00Z", 1.0,
                 core::RunState::Running);
        const core::RunLock lock(folder.toStdString(), folder.toStdString());
        m_bench->library.addFolder(m_folder->filePath(QStringLiteral("cluster")));
        m_bench->training.attachToUnfinished();
        auto* offer = m_page->findChild<QAbstractButton*>(QStringLiteral("runs.offer"));
        QTRY_VERIFY_WITH_TIMEOUT(offer->isVisible(), 10'000);
        QVERIFY(!m_bench->training.isRunning());
        QVERIFY2(offer->text().contains(QStringLiteral("job")), qPrintable(offer->text()));
        QTest::mouseClick(offer, Qt::LeftButton);
        QVERIFY(m_bench->training.isWatching() && m_bench->training.isForeign());
        m_bench->training.leave();
        QTRY_VERIFY_WITH_TIMEOUT(!m_bench->training.isRunning(), 10'000);
        writeRun(folder, core::methodNamed("pissa"), "2026-11-24T10:00:00Z", 1.0,
                 core::RunState::Paused);
        m_bench->library.refresh();
        QTRY_VERIFY_WITH_TIMEOUT(offer->text().contains(QStringLiteral(" is paused: ")), 10'000);
    }

    void everyControlHasAName()
    {
        showThreeRuns();
        for (const QWidget* widget : m_page->findChildren<QWidget*>()) {
            if (widget->isVisible() && (widget->focusPolicy() & Qt::TabFocus) != 0
                && !widget->objectName().startsWith(QStringLiteral("qt_"))) {
                const char* type = widget->metaObject()->className();
                QVERIFY2(!widget->objectName().isEmpty(), type);
                QVERIFY2(!widget->accessibleName().isEmpty(), qPrintable(widget->objectName()));
            }
        }
    }
};

QTEST_MAIN(TestRunsPage)
#include "tst_runs_page.moc"
