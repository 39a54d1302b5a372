// SPDX-License-Identifier: GPL-3.0-or-later
// The Runs page on run directories that the test writes: table, selection, overlay, differences.
#include "core/run/run_directory.h"
#include "core/run/run_lock.h"
#include "tests/tools/patience.h"
#include "tests/ui/pages/runs/runs_page_bench.h"
#include "ui/pages/runs/runs_model.h"
#include "ui/pages/runs/runs_page.h"
#include "ui/services/services.h"
#include "ui/views/loss_card.h"
#include "ui/views/run_curves.h"

#include <QAbstractButton>
#include <QAbstractItemModelTester>
#include <QClipboard>
#include <QGuiApplication>
#include <QSignalSpy>
#include <QTableView>
#include <QTest>

#include <cmath>

using namespace pissarro;
using namespace pissarro::tests;
using namespace pissarro::ui;

namespace {

RunsModel::Row row(const char* name, double loss)
{
    return {
        summary(QStringLiteral("/runs/") + QLatin1String(name), core::methodNamed("pissa"), "2026"),
        {10, loss, loss, 100.0}};
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
        const QPersistentModelIndex b(model.index(1, 0));
        model.setRows({row("new", 9), row("b", 5), row("a", 1)}); // c gone, a moved, one new
        QCOMPARE(model.rowCount(), 3);
        QVERIFY(b.isValid());
        QCOMPARE(b.data().toString(), QStringLiteral("b"));
        QCOMPARE(b.sibling(b.row(), RunsModel::FinalLoss).data().toString(), QStringLiteral("5"));
        model.setRows({});
        QCOMPARE(model.rowCount(), 0);
        QVERIFY(!b.isValid());
    }

    void differencesKeepTheRules()
    {
        DifferencesModel model;
        QAbstractItemModelTester tester(&model,
                                        QAbstractItemModelTester::FailureReportingMode::QtTest);
        core::RunSummary a = summary(QStringLiteral("/a"), core::methodNamed("pissa"), "1");
        core::RunSummary b = summary(QStringLiteral("/b"), core::methodNamed("lora"), "2");
        b.spec.learningRate = 2e-4;
        model.setRuns({a, b}, {QStringLiteral("A"), QStringLiteral("B")}, {Qt::blue, Qt::red});
        QCOMPARE(model.rowCount(), 2);
        QCOMPARE(model.columnCount(), 3);
        QCOMPARE(model.index(0, 1).data().toString(), QStringLiteral("PiSSA"));
        QCOMPARE(model.index(1, 0).data().toString(), QStringLiteral("Learning rate"));
        QCOMPARE(model.index(1, 0).data(Qt::ToolTipRole).toString(),
                 QStringLiteral("learning_rate"));
        QCOMPARE(model.index(1, 2).data().toString(), QStringLiteral("2e-4"));
        model.setRuns({a, a}, {QStringLiteral("A"), QStringLiteral("A2")}, {Qt::blue, Qt::blue});
        QCOMPARE(model.rowCount(), 0);
    }

    void figuresLeaveNaNOut()
    {
        QVERIFY(std::isnan(figuresOf({}).finalLoss));
        core::StepRecord slow = record(2, 3.0);
        slow.tokensPerS = std::nan("");
        const RunFigures figures = figuresOf({record(1, 5.0), slow});
        QCOMPARE(figures.stepsDone, std::int64_t(2));
        QCOMPARE(figures.meanLoss, 4.0);
        QCOMPARE(figures.tokensPerS, 100.0);
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
        QVERIFY(!m_page->table()->isVisible());
    }

    void newestTwinsAreSelectedAndCompared()
    {
        showThreeRuns();
        QCOMPARE(m_page->selectedRuns().size(), 2);
        QCOMPARE(m_page->lossCard()->plot()->pointCount(), 40); // raw and smoothed of ten steps
        const auto* table = m_page->findChild<QTableView*>(QStringLiteral("runs.differences"));
        QCOMPARE(table->model()->rowCount(), 1);
        QCOMPARE(table->model()->index(0, 0).data().toString(), QStringLiteral("Method"));
        m_page->table()->selectAll();
        QCOMPARE(m_page->selectedRuns().size(), 3);
        QCOMPARE(m_page->lossCard()->plot()->pointCount(), 60);
    }

    void newestFirstWithTwinsTogether()
    {
        showThreeRuns();
        QStringList names;
        for (int i = 0; i < 3; ++i) {
            names << m_page->table()->model()->index(i, RunsModel::Name).data().toString();
        }
        QCOMPARE(names,
                 QStringList({QStringLiteral("pair/pissa"), QStringLiteral("pair/lora"),
                              QStringLiteral("old")}));
    }

    void sortsByNumbers()
    {
        showThreeRuns();
        m_page->table()->sortByColumn(RunsModel::FinalLoss, Qt::AscendingOrder);
        const QAbstractItemModel* model = m_page->table()->model();
        QCOMPARE(model->index(0, RunsModel::FinalLoss).data().toString(), QStringLiteral("0.8"));
        QCOMPARE(model->index(2, RunsModel::FinalLoss).data().toString(), QStringLiteral("10"));
    }

    void aRunOfAnotherProgramDrawsAsItGrows()
    {
        const QString folder = m_folder->filePath(QStringLiteral("cluster/job"));
        writeRun(folder, core::methodNamed("pissa"), "2026-11-24T10:00:00Z", 1.0,
                 core::RunState::Running);
        m_bench->library.addFolder(m_folder->filePath(QStringLiteral("cluster")));
        const auto steps = [this] {
            return m_page->table()->model()->index(0, RunsModel::Steps).data().toString();
        };
        QTRY_COMPARE_WITH_TIMEOUT(steps(), QStringLiteral("10 / 20"), hangMs());
        m_page->table()->selectRow(0);
        appendStep(folder, record(11, 0.7));
        QTRY_COMPARE_WITH_TIMEOUT(steps(), QStringLiteral("11 / 20"), hangMs()); // by itself
        QCOMPARE(m_page->lossCard()->plot()->pointCount(), 22);
        QCOMPARE(m_page->selectedRuns().size(), 1); // the refresh kept it
    }

    void actionsReachTheSelectedRun()
    {
        showThreeRuns();
        m_page->table()->sortByColumn(RunsModel::Started, Qt::AscendingOrder);
        m_page->table()->selectRow(0);
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
        m_page->table()->setFocus();
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
        QTRY_COMPARE_WITH_TIMEOUT(m_page->table()->model()->rowCount(), 1, 10'000);
        QSignalSpy wanted(m_page.get(), &Page::go);
        const QRect cell = m_page->table()->visualRect(m_page->table()->model()->index(0, 0));
        QTest::mouseClick(m_page->table()->viewport(), Qt::LeftButton, {}, cell.center());
        QTest::mouseDClick(m_page->table()->viewport(), Qt::LeftButton, {}, cell.center());
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
