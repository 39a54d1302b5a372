// SPDX-License-Identifier: GPL-3.0-or-later
// The Runs page on run directories that the test writes: table, selection, overlay, differences.
#include "core/run/run_directory.h"
#include "core/run/run_lock.h"
#include "tests/tools/patience.h"
#include "tests/ui/warning_trap.h"
#include "ui/look/theme.h"
#include "ui/pages/runs/runs_model.h"
#include "ui/pages/runs/runs_page.h"
#include "ui/services/services.h"
#include "ui/views/loss_card.h"
#include "ui/views/run_curves.h"

#include <QAbstractButton>
#include <QAbstractItemModelTester>
#include <QAction>
#include <QClipboard>
#include <QComboBox>
#include <QDialog>
#include <QDir>
#include <QFile>
#include <QGuiApplication>
#include <QLabel>
#include <QLineEdit>
#include <QMessageBox>
#include <QSettings>
#include <QSignalSpy>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <filesystem>

using namespace pissarro;
using namespace pissarro::ui;
using pissarro::tests::hangMs;

namespace {

const QString kTinyModel = QStringLiteral(PISSARRO_SHARED "/golden/tiny/llama");
const QString kDemoData = QStringLiteral(PISSARRO_SOURCE "/resources/demo/demo_train.jsonl");

core::RunSummary summary(const QString& folder, core::Method method, const char* startedAt)
{
    core::RunSummary run;
    run.directory = folder.toStdString();
    run.spec.model = "models/SmolLM2";
    run.spec.data = "rows.jsonl";
    run.spec.method = method;
    run.startedAt = startedAt;
    run.steps = 20;
    run.state = core::RunState::Finished;
    return run;
}

core::StepRecord record(std::int64_t step, double loss)
{
    core::StepRecord result;
    result.step = step;
    result.loss = loss;
    result.gradNorm = 1.0;
    result.tokens = 100 * step;
    result.elapsedS = static_cast<double>(step);
    result.tokensPerS = 100.0;
    return result;
}

void appendStep(const QString& folder, const core::StepRecord& step)
{
    QFile file(folder + QStringLiteral("/metrics.jsonl"));
    QVERIFY(file.open(QIODevice::Append));
    file.write(QByteArray::fromStdString(step.toJson()) + '\n');
}

// A run on disk with ten steps whose loss ends at `last`.
void writeRun(const QString& folder, core::Method method, const char* startedAt, double last,
              core::RunState state = core::RunState::Finished)
{
    QVERIFY(QDir().mkpath(folder));
    core::RunSummary run = summary(folder, method, startedAt);
    run.state = state;
    core::writeRun(run);
    for (int step = 1; step <= 10; ++step) {
        appendStep(folder, record(step, last + 0.1 * (10 - step)));
    }
}

RunsModel::Row row(const char* name, double loss)
{
    return {
        summary(QStringLiteral("/runs/") + QLatin1String(name), core::methodNamed("pissa"), "2026"),
        {10, loss, loss, 100.0}};
}

} // namespace

class TestRunsPage : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        tests::WarningTrap::install();
        QCoreApplication::setOrganizationName(QStringLiteral("Pissarro"));
        QCoreApplication::setApplicationName(QStringLiteral("tst_runs_page"));
        Theme::instance().setMode(ThemeMode::Light);
    }

    void init()
    {
        QSettings().clear();
        m_folder = std::make_unique<QTemporaryDir>();
        qputenv("XDG_DATA_HOME", QFile::encodeName(m_folder->filePath(QStringLiteral("data"))));
        m_bench = std::make_unique<Services>();
        m_page = std::make_unique<RunsPage>(*m_bench);
        m_page->resize(1200, 780);
        m_page->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_page.get(), hangMs()));
    }

    void cleanup()
    {
        m_page.reset();
        m_bench.reset();
        m_folder.reset();
        QCOMPARE(tests::WarningTrap::take(), QStringList());
    }

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
        QCOMPARE(model.index(1, 0).data().toString(), QStringLiteral("learning_rate"));
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
        QCOMPARE(table->model()->index(0, 0).data().toString(), QStringLiteral("method"));
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
        QCOMPARE(said[QStringLiteral("warmup_ratio")], QStringLiteral("0.0125"));
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

    // A run whose best step is not its last one leaves by the best, by another one where a person says so.
    void theStateToExport_isChosen()
    {
        if (!QDir(kTinyModel).exists()) {
            QSKIP("shared/golden is not there");
        }
        trainThreeSteps();
        makeBest(2);
        openExport();
        auto* state = child<QComboBox>("export.state");
        QTRY_VERIFY_WITH_TIMEOUT(state->isEnabled(), hangMs());
        QCOMPARE(state->currentText(), QStringLiteral("best, step 2 of 3"));
        QCOMPARE(state->count(), 3);
        QCOMPARE(state->itemText(1), QStringLiteral("last, step 3 of 3"));
        QCOMPARE(state->itemText(2), QStringLiteral("step 1 of 3"));
        const QByteArray best = exportTo(QStringLiteral("best"));
        QVERIFY2(child<QLabel>("export.line")->text().contains(QStringLiteral("best, step 2 of 3")),
                 qPrintable(child<QLabel>("export.line")->text()));
        state->setCurrentIndex(1);
        const QByteArray last = exportTo(QStringLiteral("last"));
        QVERIFY(last == adapterIn(folderOf("trained/adapter")));
        state->setCurrentIndex(2);
        const QByteArray first = exportTo(QStringLiteral("first"));
        QVERIFY(!best.isEmpty() && best != last && best != first && last != first);
        closeExport();
    }

    void whatHasNoState_isNotExported()
    {
        showThreeRuns();
        m_page->table()->selectRow(0);
        openExport();
        auto* line = child<QLabel>("export.line");
        QTRY_VERIFY_WITH_TIMEOUT(line->text().contains(QStringLiteral("has no checkpoint")),
                                 hangMs());
        QVERIFY(!child<QAbstractButton>("export.start")->isEnabled());
        child<QAbstractButton>("export.form.merged")->click();
        QVERIFY(line->isVisible() && !child<QAbstractButton>("export.start")->isEnabled());
        closeExport();
    }

    void escAsks_beforeItDropsAnExport()
    {
        if (!QDir(kTinyModel).exists()) {
            QSKIP("shared/golden is not there");
        }
        trainThreeSteps();
        openExport();
        QTRY_VERIFY_WITH_TIMEOUT(child<QWidget>("export.state")->isEnabled(), hangMs());
        auto* dialog = child<QDialog>("dialog.export");
        child<QAbstractButton>("export.start")->click();
        dialog->reject(); // before the outcome can have come
        QVERIFY(dialog->isVisible());
        auto* question = child<QMessageBox>("drop.question");
        for (QAbstractButton* button : question->buttons()) {
            if (button->text() == QStringLiteral("Go on")) {
                button->click();
            }
        }
        QTRY_VERIFY_WITH_TIMEOUT(child<QWidget>("export.open")->isVisible(), hangMs());
        closeExport();
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

private:
    template <class Widget>
    Widget* child(const char* name) const
    {
        auto* found = m_page->findChild<Widget*>(QLatin1String(name));
        Q_ASSERT_X(found != nullptr, "child", name);
        return found;
    }

    QString folderOf(const char* name) const
    {
        return m_folder->filePath(QStringLiteral("runs/") + QLatin1String(name));
    }

    static QByteArray adapterIn(const QString& folder)
    {
        QFile file(folder + QStringLiteral("/adapter_model.safetensors"));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }

    void trainThreeSteps()
    {
        core::RunSpec spec;
        spec.model = kTinyModel.toStdString();
        spec.data = kDemoData.toStdString();
        spec.rank = 4;
        spec.alpha = 4;
        spec.batchSize = 1;
        spec.maxLength = 256;
        spec.steps = 3;
        spec.learningRate = 1e-3;
        spec.schedule = core::Schedule::Constant;
        spec.warmupRatio = 0.0;
        spec.checkpointEvery = 1;
        spec.keepCheckpoints = 3;
        spec.dtype = core::BaseDType::Float32;
        m_bench->training.setTrainsInProcess(false);
        m_bench->training.start(spec, {}, folderOf("trained"), false);
        QTRY_VERIFY_WITH_TIMEOUT(!m_bench->training.isRunning(), hangMs());
        QTRY_COMPARE_WITH_TIMEOUT(m_page->table()->model()->rowCount(), 1, hangMs());
        m_page->table()->selectRow(0);
        QTRY_VERIFY_WITH_TIMEOUT(child<QWidget>("runs.export")->isEnabled(), hangMs());
    }

    // As an evaluation leaves it that liked a step best.
    void makeBest(int step) const
    {
        const std::filesystem::path run = folderOf("trained").toStdString();
        std::filesystem::copy(run / "checkpoints" / ("step-" + std::to_string(step)), run / "best",
                              std::filesystem::copy_options::recursive);
    }

    void openExport()
    {
        trigger(QStringLiteral("Export…"));
        QVERIFY(m_page->findChild<QDialog*>(QStringLiteral("dialog.export")));
    }

    QByteArray exportTo(const QString& name)
    {
        auto* field = child<QLineEdit>("export.folder");
        const QString folder = m_folder->filePath(name);
        field->setText(folder);
        field->setModified(true);
        Q_EMIT field->editingFinished();
        child<QAbstractButton>("export.start")->click();
        const bool done = QTest::qWaitFor(
            [this] { return child<QWidget>("export.open")->isVisible(); }, hangMs());
        return done ? adapterIn(folder) : QByteArray();
    }

    void closeExport()
    {
        child<QAbstractButton>("export.close")->click();
        QTRY_VERIFY(m_page->findChild<QDialog*>(QStringLiteral("dialog.export")) == nullptr);
    }

    void showThreeRuns()
    {
        const QString root = m_folder->filePath(QStringLiteral("runs"));
        writeRun(root + QStringLiteral("/old"), core::methodNamed("pissa"), "2026-11-23T10:00:00Z",
                 10.0);
        writeRun(root + QStringLiteral("/pair/pissa"), core::methodNamed("pissa"),
                 "2026-11-24T10:00:00Z", 0.8);
        writeRun(root + QStringLiteral("/pair/lora"), core::methodNamed("lora"),
                 "2026-11-24T10:00:07Z",
                 1.2); // initialised after its twin
        m_bench->library.addFolder(root);
        QTRY_COMPARE_WITH_TIMEOUT(m_page->table()->model()->rowCount(), 3, hangMs());
        QTRY_COMPARE(m_page->lossCard()->plot()->pointCount(), 40);
    }

    void trigger(const QString& text)
    {
        for (QAction* action : m_page->actions()) {
            if (action->text() == text) {
                QVERIFY(action->isEnabled());
                action->trigger();
                return;
            }
        }
        QFAIL(qPrintable(text));
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<Services> m_bench;
    std::unique_ptr<RunsPage> m_page;
};

QTEST_MAIN(TestRunsPage)
#include "tst_runs_page.moc"
