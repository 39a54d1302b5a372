// SPDX-License-Identifier: GPL-3.0-or-later
// Two runs closely on the Compare page, trained for real: what may be said, figures, ranks for the next run, other models.
#include "tests/tools/patience.h"
#include "tests/ui/pages/compare/pair_runs.h"
#include "tests/ui/pages/page_bench.h"
#include "ui/pages/compare/compare_page.h"
#include "ui/pages/compare/pair_card.h"
#include "ui/pages/compare/pair_figures_model.h"
#include "ui/pages/compare/pair_view.h"
#include "ui/pages/compare/update_maps_card.h"
#include "ui/services/services.h"

#include <QAbstractButton>
#include <QAbstractItemModelTester>
#include <QAction>
#include <QDialog>
#include <QDir>
#include <QFile>
#include <QLabel>
#include <QSettings>
#include <QSignalSpy>
#include <QTest>

using namespace pissarro;
using namespace pissarro::tests;
using namespace pissarro::ui;

class TestComparePair : public PageBench<ComparePage> {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        beginTests("tst_compare_pair");
        m_runs = std::make_unique<PairRuns>();
    }

    void init()
    {
        QSettings().clear();
        beginFolder();
        openPage({1300, 820});
    }

    void cleanup() { endTest(); }

    void twoRuns_areCompared()
    {
        openPair();
        const QString verdict = child<QLabel>("pair.verdict")->text();
        const QString limits = child<QLabel>("pair.limits")->text();
        QVERIFY2(!verdict.isEmpty(), "a verdict");
        // One seed each: whatever the losses are, nothing is shown.
        QVERIFY2(!verdict.contains(QStringLiteral(" shows ")), qPrintable(verdict));
        QVERIFY2(limits.contains(QStringLiteral("lower"))
                     && limits.contains(QStringLiteral("A r4")),
                 qPrintable(limits));
        PairFiguresModel* figures = view()->figures();
        QAbstractItemModelTester tester(figures,
                                        QAbstractItemModelTester::FailureReportingMode::QtTest);
        QVERIFY(rowOf("Step 0") == 0 && rowOf("At the end") > 3);
        const int loss = rowOf("Loss, last twentieth");
        for (int column = 1; column < PairFiguresModel::ColumnCount; ++column) {
            QVERIFY(!figures->index(loss, column).data().toString().isEmpty());
        }
        QVERIFY(rowOf("Change ‖ΔW‖ / ‖W‖, mean") > 0);
        QVERIFY(figures->csv().contains(QStringLiteral("Held-out loss"))
                == (rowOf("Held-out loss") > 0));
        // A click on the maps and the plots follows: the spectra come from a worker.
        QVERIFY(!view()->maps()->module().isEmpty());
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->pair.matrix() != nullptr, hangMs());
    }

    void xSwapsThem_andComputesNothing()
    {
        openPair();
        const QStringList before = view()->pair();
        const double ofA = view()->maps()->map(0, 0)->value({0, 0});
        const QString loss = figure("Loss, last twentieth", PairFiguresModel::A);
        QCOMPARE(action("compare.swap")->shortcut(), QKeySequence(Qt::Key_X));
        action("compare.swap")->trigger();
        QVERIFY(!m_bench->pair.isRunning());
        QCOMPARE(view()->pair(), (QStringList {before[1], before[0]}));
        QCOMPARE(view()->maps()->map(0, 1)->value({0, 0}), ofA);
        QCOMPARE(figure("Loss, last twentieth", PairFiguresModel::B), loss);
    }

    void theRanksItUsed_goIntoTheForm()
    {
        openPair();
        QSignalSpy gone(m_page.get(), &Page::go);
        child<QAbstractButton>("pair.use.a")->click();
        QCOMPARE(gone.count(), 1);
        QCOMPARE(gone[0][0].toString(), QStringLiteral("train"));
        const auto spec = gone[0][1].value<QVariant>().value<core::RunSpec>(); // no model is open
        QCOMPARE(spec.patterns.ranks.size(), std::size_t(kTinyModules));
        for (const auto& [module, rank] : spec.patterns.ranks) {
            QVERIFY(rank >= 1 && rank <= 4);
        }
        QCOMPARE(spec.method, core::methodNamed("pissa"));
    }

    void anotherBase_isToldAbove()
    {
        openPair();
        QSignalSpy failed(m_page.get(), &Page::failed);
        core::RunSummary other = core::readRun(m_runs->lora().toStdString());
        const std::string weights = other.inputs.weights.front().fingerprint;
        other.inputs.weights.front().fingerprint = "another";
        core::writeRun(other);
        m_bench->pair.again();
        QTRY_COMPARE_WITH_TIMEOUT(failed.count(), 1, hangMs());
        const auto told = failed[0][0].value<Failed>();
        QVERIFY2(told.why.contains(QStringLiteral("other weights")), qPrintable(told.why));
        QTRY_VERIFY_WITH_TIMEOUT(!m_bench->pair.isRunning(), hangMs());
        QVERIFY(rowOf("Loss, last twentieth") > 0); // what can be compared still is
        other.inputs.weights.front().fingerprint = weights;
        core::writeRun(other);
    }

    void cancelled_whatThereIsStays_andAVanishedRunIsNamed()
    {
        openPair();
        m_bench->pair.again();
        QVERIFY(m_bench->pair.isRunning());
        child<QAbstractButton>("pair.cancel")->click();
        QTRY_VERIFY_WITH_TIMEOUT(std::holds_alternative<Ready>(m_bench->pair.state()), hangMs());
        QVERIFY(!child<QWidget>("pair.progress")->isVisible());
        m_bench->pair.compare(QStringLiteral("/nowhere/a"), m_runs->lora(), {});
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->pair.failure() != nullptr, hangMs());
        QVERIFY2(m_bench->pair.failure()->why.contains(QStringLiteral("/nowhere/a")),
                 qPrintable(m_bench->pair.failure()->why));
    }

    // Scores that eval wrote stand among the figures and in what is said; a folder that holds none takes nothing away.
    void evaluations_areLaidIn()
    {
        openPair();
        const QString folder = m_folder->filePath(QStringLiteral("evals"));
        QVERIFY(QDir().mkpath(folder + QStringLiteral("/gsm8k"))); // of each task below it
        QFile file(folder + QStringLiteral("/gsm8k/summary.json"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(R"({"task": "gsm8k", "models": [
            {"name": "pissa", "correct": 30, "questions": 40},
            {"name": "lora", "correct": 20, "questions": 40}]})");
        file.close();
        view()->setEvaluations({folder});
        QVERIFY(m_bench->pair.isRunning()); // anew
        QTRY_VERIFY_WITH_TIMEOUT(std::holds_alternative<Ready>(m_bench->pair.state()), hangMs());
        QCOMPARE(figure("gsm8k, 40 questions", PairFiguresModel::A), QStringLiteral("75 %"));
        QCOMPARE(figure("gsm8k, 40 questions", PairFiguresModel::B), QStringLiteral("50 %"));
        QCOMPARE(figure("gsm8k, 40 questions", PairFiguresModel::Difference),
                 QStringLiteral("+25 pt"));
        QString limits = child<QLabel>("pair.limits")->text();
        QVERIFY2(limits.contains(QStringLiteral("gsm8k: 75 % against 50 % of 40 questions.")),
                 qPrintable(limits));
        QVERIFY(child<QAbstractButton>("pair.evaluations")->text().contains(QLatin1Char('1')));
        view()->setEvaluations({QStringLiteral("/nowhere/eval")});
        QTRY_VERIFY_WITH_TIMEOUT(std::holds_alternative<Ready>(m_bench->pair.state()), hangMs());
        limits = child<QLabel>("pair.limits")->text();
        QVERIFY2(limits.contains(QStringLiteral("/nowhere/eval")), qPrintable(limits));
        QVERIFY(rowOf("gsm8k, 40 questions") < 0 && rowOf("Loss, last twentieth") > 0);
        view()->setEvaluations({});
    }

    // A and B are kept from session to session, and the report is asked for with both.
    void whatWasChosen_isKept_andReported()
    {
        openPair();
        QSettings session;
        m_page->saveState(session);
        QCOMPARE(session.value(QStringLiteral("compare/pair")).toStringList(), view()->pair());
        action("compare.report")->trigger();
        auto* dialog = child<QDialog>("dialog.report");
        QVERIFY(dialog->isVisible());
        dialog->reject();
        child<QAbstractButton>("pair.back")->click();
        QVERIFY(!view()->isVisible());
        m_page->saveState(session);
        QVERIFY(session.value(QStringLiteral("compare/pair")).toStringList().isEmpty());
    }

private:
    PairView* view() const { return m_page->pairView(); }

    QAction* action(const char* name) const
    {
        for (QAction* one : m_page->actions()) {
            if (one->objectName() == QLatin1String(name)) {
                return one;
            }
        }
        Q_ASSERT_X(false, "action", name);
        return nullptr;
    }

    void openPair()
    {
        m_bench->library.addFolder(m_runs->root());
        QTRY_COMPARE_WITH_TIMEOUT(m_page->runs()->rowCount(), 2, hangMs());
        action("compare.pair")->trigger();
        QVERIFY(view()->isVisible());
        QCOMPARE(view()->pair().size(), qsizetype {2});
        if (view()->pair()[0] != m_runs->pissa()) {
            view()->setPair(m_runs->pissa(), m_runs->lora());
            view()->compare();
        }
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->pair.isOf(m_runs->pissa(), m_runs->lora())
                                     && std::holds_alternative<Ready>(m_bench->pair.state()),
                                 hangMs());
    }

    int rowOf(const char* name) const
    {
        for (int row = 0; row < view()->figures()->rowCount(); ++row) {
            if (view()->figures()->index(row, 0).data().toString() == QString::fromUtf8(name)) {
                return row;
            }
        }
        return -1;
    }

    QString figure(const char* name, int column) const
    {
        return view()->figures()->index(rowOf(name), column).data().toString();
    }

    std::unique_ptr<PairRuns> m_runs;
};

QTEST_MAIN(TestComparePair)
#include "tst_compare_pair.moc"
