// SPDX-License-Identifier: GPL-3.0-or-later
// The Compare page on run folders that the test writes, ours and those of other programs.
#include "core/run/run_directory.h"
#include "tests/tools/patience.h"
#include "tests/ui/warning_trap.h"
#include "ui/look/theme.h"
#include "ui/pages/compare/compare_page.h"
#include "ui/pages/compare/compare_runs_model.h"
#include "ui/pages/compare/compare_table_model.h"
#include "ui/plot/line_plot.h"
#include "ui/plot/qcustomplot.h"
#include "ui/services/services.h"
#include "ui/views/overlay_card.h"
#include "ui/views/run_curves.h"
#include "ui/words/method_look.h"

#include <QAbstractButton>
#include <QAbstractItemModelTester>
#include <QAction>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QDir>
#include <QFile>
#include <QGuiApplication>
#include <QLabel>
#include <QLineEdit>
#include <QSet>
#include <QSettings>
#include <QSignalSpy>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>

using namespace pissarro;
using namespace pissarro::ui;
using pissarro::tests::hangMs;

namespace {

core::RunSummary summary(const QString& folder, const char* method, double rate, std::uint64_t seed)
{
    core::RunSummary run;
    run.directory = folder.toStdString();
    run.spec.model = "models/SmolLM2";
    run.spec.data = "rows.jsonl";
    run.spec.method = core::methodNamed(method);
    run.spec.learningRate = rate;
    run.spec.seed = seed;
    run.startedAt = "2026-11-24T10:00:00Z";
    run.steps = 10;
    run.state = core::RunState::Finished;
    run.modelParameters = 1000;
    run.trainableParameters = 10;
    return run;
}

void appendStep(const QString& folder, std::int64_t step, double loss)
{
    core::StepRecord record;
    record.step = step;
    record.loss = loss;
    record.gradNorm = 2.0;
    record.tokens = 100 * step;
    record.elapsedS = static_cast<double>(step);
    QFile file(folder + QStringLiteral("/metrics.jsonl"));
    QVERIFY(file.open(QIODevice::Append));
    file.write(QByteArray::fromStdString(record.toJson()) + '\n');
}

} // namespace

class TestComparePage : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        tests::WarningTrap::install();
        QCoreApplication::setOrganizationName(QStringLiteral("Pissarro"));
        QCoreApplication::setApplicationName(QStringLiteral("tst_compare_page"));
        Theme::instance().setMode(ThemeMode::Light);
    }

    void init()
    {
        QSettings().clear();
        m_folder = std::make_unique<QTemporaryDir>();
        qputenv("XDG_DATA_HOME", QFile::encodeName(m_folder->filePath(QStringLiteral("data"))));
        m_bench = std::make_unique<Services>();
        m_page = std::make_unique<ComparePage>(*m_bench);
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

    void withoutRuns_itSaysWhatToDo()
    {
        QSignalSpy asked(m_page.get(), &Page::go);
        QTest::mouseClick(
            m_page->findChild<QAbstractButton*>(QStringLiteral("compare.empty.button")),
            Qt::LeftButton);
        QCOMPARE(asked.count(), 1);
        QCOMPARE(asked[0][0].toString(), QStringLiteral("train"));
        QVERIFY(!m_page->overlayCard()->isVisible());
    }

    void theNewest_isDrawn_andWhatAPersonChecks()
    {
        const QStringList runs = writeThree();
        QCOMPARE(m_page->runs()->chosen().size(), qsizetype {1});
        choose(runs);
        QCOMPARE(
            drawnLabels(),
            (QStringList {QStringLiteral("a"), QStringLiteral("b"), QStringLiteral("LoRA r16")}));
        QCOMPARE(plot()->pointCount(), 60); // raw and smoothed of ten steps
        // Two runs of a method: one colour, one of them dashed.
        const auto chosen = m_page->runs()->chosenRuns();
        QCOMPARE(chosen[0].stroke.color, chosen[1].stroke.color);
        QVERIFY(chosen[0].stroke.dash.isEmpty() && !chosen[1].stroke.dash.isEmpty());
        QVERIFY(chosen[2].stroke.color != chosen[0].stroke.color);
        // Unchecked with the keys, in the list as it is shown.
        auto* list = m_page->findChild<QTableView*>(QStringLiteral("compare.runs"));
        const QModelIndex first = list->model()->index(0, CompareRunsModel::Name);
        QCOMPARE(first.data(Qt::CheckStateRole).toInt(), int(Qt::Checked));
        list->setFocus();
        list->setCurrentIndex(first);
        QTest::keyClick(list, Qt::Key_Space);
        QCOMPARE(m_page->runs()->chosen().size(), qsizetype {2});
        QTRY_COMPARE_WITH_TIMEOUT(plot()->pointCount(), 40, hangMs());
    }

    void theRow_saysWhatIsDrawn()
    {
        choose(writeThree());
        const auto combo = [this](const char* name, int index) {
            auto* box = m_page->findChild<QComboBox*>(QLatin1String(name));
            box->setCurrentIndex(index);
            Q_EMIT box->activated(index);
        };
        m_page->findChild<QDoubleSpinBox*>(QStringLiteral("compare.smoothing"))->setValue(0.0);
        QTRY_COMPARE_WITH_TIMEOUT(plot()->pointCount(), 30, hangMs());
        combo("compare.axis", 1); // tokens
        QTRY_COMPARE_WITH_TIMEOUT(plot()->plot()->xAxis->range().upper, 1000.0, hangMs());
        combo("compare.axis", 4); // 4 · 1000 + 6 · 10 a token
        QTRY_COMPARE_WITH_TIMEOUT(plot()->plot()->xAxis->range().upper, 4.06e6, hangMs());
        m_page->findChild<QCheckBox*>(QStringLiteral("compare.logY"))->setChecked(true);
        QTRY_COMPARE_WITH_TIMEOUT(plot()->plot()->yAxis->scaleType(), QCPAxis::stLogarithmic,
                                  hangMs());
        QCOMPARE(plot()->pointCount(), 30);
        combo("compare.baseline", 1); // the difference to the first: no logarithm
        QTRY_COMPARE_WITH_TIMEOUT(plot()->plot()->yAxis->scaleType(), QCPAxis::stLinear, hangMs());
        QTRY_COMPARE_WITH_TIMEOUT(lastOf(0), 0.0, hangMs());
        QVERIFY(std::abs(lastOf(1) - 0.2) < 1e-12);
        combo("compare.metric", 2); // gradient norm, of all the same
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->overlay.picture().wish.metric
                                         == QLatin1String("grad_norm")
                                     && lastOf(1) == 0.0,
                                 hangMs());
    }

    void seeds_areDrawnAsOne()
    {
        choose(writeThree());
        m_page->findChild<QCheckBox*>(QStringLiteral("compare.bands"))->setChecked(true);
        QTRY_VERIFY_WITH_TIMEOUT(drawnLabels().contains(QStringLiteral("PiSSA r16, mean of 2")),
                                 hangMs());
        QCOMPARE(
            drawnLabels(),
            (QStringList {QStringLiteral("PiSSA r16, mean of 2"), QStringLiteral("LoRA r16")}));
        const int highest = rowOf(QStringLiteral("PiSSA r16, highest of 2"));
        QVERIFY(highest > 0);
        QCOMPARE(plot()->plot()->graph(highest)->channelFillGraph(),
                 plot()->plot()->graph(rowOf(QStringLiteral("PiSSA r16, lowest of 2"))));
    }

    void theTable_hasWhatDiffers_andSortsByNumbers()
    {
        choose(writeThree());
        auto* view = m_page->findChild<QTableView*>(QStringLiteral("compare.table"));
        const auto* model = view->model();
        const auto headers = [model] {
            QStringList all;
            for (int column = 0; column < model->columnCount(); ++column) {
                all << model->headerData(column, Qt::Horizontal).toString();
            }
            return all;
        };
        QTRY_COMPARE_WITH_TIMEOUT(model->rowCount(), 3, hangMs());
        const int rate = static_cast<int>(keyPlace(model, "learning_rate"));
        QVERIFY2(rate > 0, qPrintable(headers().join(QLatin1Char('|'))));
        QVERIFY(keyPlace(model, "seed") > 0 && keyPlace(model, "method") > 0);
        QVERIFY(keyPlace(model, "model") < 0 && keyPlace(model, "rank") < 0); // alike
        QTRY_COMPARE_WITH_TIMEOUT(model->index(0, 1).data().toString(), QStringLiteral("1.000"),
                                  hangMs());
        QVERIFY(model->index(0, 1).data(Qt::FontRole).isValid()); // the best of the last losses
        view->sortByColumn(rate, Qt::AscendingOrder);
        QCOMPARE(model->index(0, 0).data().toString(), QStringLiteral("LoRA r16")); // 9e-5 < 2e-4
        auto* which = m_page->findChild<QAbstractButton*>(QStringLiteral("compare.which.1"));
        const int differing = model->columnCount();
        QTest::mouseClick(which, Qt::LeftButton);
        QVERIFY(model->columnCount() > differing && keyPlace(model, "model") > 0);
        trigger("compare.copyTable");
        const QString text = QGuiApplication::clipboard()->text();
        QCOMPARE(text.count(QLatin1Char('\n')), 4);
        QVERIFY(text.contains(QLatin1String("models/SmolLM2")));
        trigger("compare.copyCommands");
        QTRY_COMPARE_WITH_TIMEOUT(
            QGuiApplication::clipboard()->text().count(QStringLiteral(" -o ")), 3, hangMs());
    }

    // A band is of several seeds: no one of their names is its own.
    void aBand_isNamedByItsRecipe()
    {
        QVector<ComparedRun> runs;
        for (const auto& [rate, seed] :
             {std::pair {1e-4, 1}, std::pair {1e-4, 2}, std::pair {2e-2, 1}}) {
            runs.append(comparedRun(
                summary(QStringLiteral("/r/%1").arg(runs.size()), "pissa", rate, seed)));
        }
        dressRuns({&runs[0], &runs[1], &runs[2]});
        const auto looks = overlayLooksOf(runs);
        QCOMPARE(looks[runs[0].run.path].bandLabel, QStringLiteral("PiSSA r16, 1e-4"));
        QCOMPARE(looks[runs[2].run.path].bandLabel, QStringLiteral("PiSSA r16, 2e-2"));
        const auto one = overlayLooksOf({runs[0], runs[1]}); // of one recipe its method says all
        QCOMPARE(one[runs[0].run.path].bandLabel, QStringLiteral("PiSSA r16"));
    }

    // Colours of the palette, as ours have: none twice while there is another, and kept when more are chosen.
    void othersRuns_haveColours()
    {
        QVector<ComparedRun> runs {comparedRun(QStringLiteral("/o/a")),
                                   comparedRun(QStringLiteral("/o/b")),
                                   comparedRun(summary(QStringLiteral("/r/p"), "pissa", 1e-4, 1)),
                                   comparedRun(summary(QStringLiteral("/r/l"), "olora", 1e-4, 1))};
        for (int i = 0; i < 9; ++i) {
            runs.append(comparedRun(QStringLiteral("/o/%1").arg(i)));
        }
        QVector<ComparedRun*> chosen;
        QVector<RunStroke> before;
        for (ComparedRun& one : runs) {
            chosen.append(&one);
            dressRuns(chosen);
            for (qsizetype i = 0; i < before.size(); ++i) {
                QVERIFY2(runs[i].stroke == before[i], qPrintable(runs[i].run.path));
            }
            QVERIFY2(!before.contains(one.stroke), qPrintable(one.run.path));
            before.append(one.stroke);
            QVERIFY2(one.stroke.color.hsvSaturationF() > 0.3F, qPrintable(one.stroke.color.name()));
        }
        QVERIFY(runs[0].stroke.color != runs[1].stroke.color);
        QVERIFY(runs[2].stroke == runStroke(methodColor(core::methodNamed("pissa")), 0));
        QSet<QRgb> colours;
        for (const qsizetype i : {0, 1, 2, 4, 5, 6}) { // the palette's six before one comes again
            QVERIFY(runs[i].stroke.dash.isEmpty());
            colours.insert(runs[i].stroke.color.rgb());
        }
        QCOMPARE(colours.size(), qsizetype {6});
    }

    void tableAndList_keepTheRules()
    {
        CompareTableModel table;
        CompareRunsModel list;
        QAbstractItemModelTester one(&table,
                                     QAbstractItemModelTester::FailureReportingMode::QtTest);
        QAbstractItemModelTester two(&list, QAbstractItemModelTester::FailureReportingMode::QtTest);
        ComparedRun a = comparedRun(summary(QStringLiteral("/r/a"), "pissa", 1e-4, 1));
        ComparedRun b = comparedRun(summary(QStringLiteral("/r/b"), "lora", 1e-4, 1));
        const ComparedRun other = comparedRun(QStringLiteral("/x/run7/trainer_state.json"));
        QCOMPARE(other.name, QStringLiteral("run7"));
        QCOMPARE(comparedRun(QStringLiteral("/x/trainer_nan")).name, // a folder of that name
                 QStringLiteral("trainer_nan"));
        list.setRuns({a, b, other});
        list.setChosen({b.run.path, other.run.path, b.run.path});
        QCOMPARE(list.chosenRuns().size(), qsizetype {2});
        table.setRuns(list.chosenRuns(), {}, QStringLiteral("loss"), false);
        table.setRuns({a}, {}, QStringLiteral("loss"), true);
        table.setRuns({}, {}, QStringLiteral("loss"), true);
        list.setRuns({other});
        QCOMPARE(list.chosenRuns().size(), qsizetype {1}); // the others may come back
        QCOMPARE(list.chosen().size(), qsizetype {2});
    }

    void theSearch_findsBySettings_andSaysWhatIsWrong()
    {
        writeThree();
        auto* search = m_page->findChild<QLineEdit*>(QStringLiteral("compare.search"));
        const auto* list = m_page->findChild<QTableView*>(QStringLiteral("compare.runs"));
        const auto* problem = m_page->findChild<QLabel*>(QStringLiteral("compare.problem"));
        search->setText(QStringLiteral("method=lora"));
        QCOMPARE(list->model()->rowCount(), 1);
        search->setText(QStringLiteral("nonsense>1"));
        QVERIFY(problem->isVisible() && !problem->text().isEmpty());
        QCOMPARE(list->model()->rowCount(), 1); // as before
        search->clear();
        QVERIFY(!problem->isVisible());
        QCOMPARE(list->model()->rowCount(), 3);
    }

    void theRunOfAnotherProgram_isAddedToWhatIsDrawn()
    {
        const QStringList runs = writeThree();
        choose({runs[2]});
        const QString file = m_folder->filePath(QStringLiteral("theirs/trainer_state.json"));
        QVERIFY(QDir().mkpath(m_folder->filePath(QStringLiteral("theirs"))));
        QFile state(file);
        QVERIFY(state.open(QIODevice::WriteOnly));
        state.write("{\"max_steps\": 40, \"global_step\": 20, \"log_history\": ["
                    "{\"step\": 10, \"epoch\": 0.5, \"loss\": 2.5, \"eval_wer\": 0.3}, "
                    "{\"step\": 20, \"epoch\": 1.0, \"loss\": 1.5}]}");
        state.close();
        m_page->take(file);
        QTRY_COMPARE_WITH_TIMEOUT(
            drawnLabels(), (QStringList {QStringLiteral("LoRA r16"), QStringLiteral("theirs")}),
            hangMs());
        const auto* metric = m_page->findChild<QComboBox*>(QStringLiteral("compare.metric"));
        QVERIFY(metric->findData(QStringLiteral("eval_wer")) > 0);
        QVERIFY(metric->findData(QStringLiteral("epoch")) < 0); // is an axis
        QCOMPARE(m_bench->overlay.others(), QStringList {file});
        // And from the command line, alone; what is none is told.
        QSignalSpy failed(m_page.get(), &Page::failed);
        m_page->take(QStringList {file, m_folder->filePath(QStringLiteral("nowhere"))});
        QTRY_COMPARE_WITH_TIMEOUT(failed.count(), 1, hangMs());
        QTRY_COMPARE_WITH_TIMEOUT(drawnLabels(), QStringList {QStringLiteral("theirs")}, hangMs());
    }

    void aHiddenPage_readsNothing_andWhatWasDrawnIsKept()
    {
        const QStringList runs = writeThree();
        choose({runs[0], runs[1]});
        QSettings session;
        m_page->saveState(session);
        m_page->hide();
        const auto before = m_bench->overlay.picture().serial;
        appendStep(runs[0], 11, 0.5);
        m_page->runs()->setChosen({runs[2]});
        QTest::qWait(0);
        QCOMPARE(m_bench->overlay.picture().serial, before);
        ComparePage later(*m_bench); // of the next start
        later.resize(1200, 780);
        later.offerState(session);
        later.show();
        QTRY_COMPARE_WITH_TIMEOUT(later.runs()->chosenRuns().size(), qsizetype {2}, hangMs());
    }

private:
    LinePlot* plot() const { return m_page->overlayCard()->plot(); }

    // Folders of two seeds of PiSSA that end at 1 and 1.2, and of LoRA at 1.5, as the library tells them.
    QStringList writeThree()
    {
        const QString root = m_folder->filePath(QStringLiteral("runs/"));
        write(summary(root + QStringLiteral("a"), "pissa", 2e-4, 1), 1.0);
        write(summary(root + QStringLiteral("b"), "pissa", 2e-4, 2), 1.2);
        write(summary(root + QStringLiteral("c"), "lora", 9e-5, 1), 1.5);
        m_bench->library.addFolder(root);
        [&] {
            QTRY_COMPARE_WITH_TIMEOUT(m_page->runs()->rowCount(), 3, hangMs());
            QTRY_VERIFY_WITH_TIMEOUT(!m_bench->overlay.picture().facts.isEmpty(), hangMs());
        }();
        return {root + QStringLiteral("a"), root + QStringLiteral("b"), root + QStringLiteral("c")};
    }

    static void write(const core::RunSummary& run, double last)
    {
        const QString folder = QString::fromStdString(run.directory.string());
        QVERIFY(QDir().mkpath(folder));
        core::writeRun(run);
        for (int step = 1; step <= 10; ++step) {
            appendStep(folder, step, last + 0.1 * (10 - step));
        }
    }

    void choose(const QStringList& runs)
    {
        m_page->runs()->setChosen(runs);
        QTRY_COMPARE_WITH_TIMEOUT(m_bench->overlay.picture().facts.size(), runs.size(), hangMs());
        QTRY_COMPARE_WITH_TIMEOUT(drawnLabels().size(), runs.size(), hangMs());
    }

    int rowOf(const QString& label) const
    {
        for (int row = 0; row < plot()->tableRows(); ++row) {
            if (plot()->rowName(row) == label) {
                return row;
            }
        }
        return -1;
    }

    QStringList drawnLabels() const // of the lines, without what is under them
    {
        QStringList labels;
        for (int row = 0; row < plot()->tableRows(); ++row) {
            const QString name = plot()->rowName(row);
            if (!name.endsWith(QLatin1String(" raw")) && !name.contains(QLatin1String("est of "))) {
                labels << name;
            }
        }
        return labels;
    }

    double lastOf(int row) const
    {
        const auto data = plot()->plot()->graph(row)->data();
        return data->isEmpty() ? std::nan("") : (data->constEnd() - 1)->value;
    }

    // The column of that key, which is its tool tip; -1: none.
    static int keyPlace(const QAbstractItemModel* model, const char* key)
    {
        for (int column = 0; column < model->columnCount(); ++column) {
            if (model->headerData(column, Qt::Horizontal, Qt::ToolTipRole).toString()
                == QLatin1String(key)) {
                return column;
            }
        }
        return -1;
    }

    void trigger(const char* name) const
    {
        for (QAction* action : m_page->actions()) {
            if (action->objectName() == QLatin1String(name)) {
                QVERIFY(action->isEnabled());
                action->trigger();
                return;
            }
        }
        QFAIL(name);
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<Services> m_bench;
    std::unique_ptr<ComparePage> m_page;
};

QTEST_MAIN(TestComparePage)
#include "tst_compare_page.moc"
