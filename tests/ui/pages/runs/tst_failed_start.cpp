// SPDX-License-Identifier: GPL-3.0-or-later
// What a window ordered and never became a run, on the Runs page.
#include "core/run/failed_start.h"
#include "core/run/run_place.h"
#include "tests/ui/pages/runs/runs_page_bench.h"

#include <QAction>
#include <QFileInfo>
#include <QHash>
#include <QSignalSpy>
#include <QTest>

using namespace pissarro;
using namespace pissarro::tests;
using namespace pissarro::ui;

class TestFailedStart : public RunsPageBench {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { beginTests("tst_failed_start"); }
    void init() { beginTest(); }
    void cleanup() { endTest(); }

    // A start that failed before it was a run says why, can be begun again, and goes to the trash.
    void aStartThatFailed_isListed()
    {
        showThreeRuns();
        const QString folder = folderOf("start");
        core::RunSpec spec;
        spec.model = "/models/none";
        spec.data = "/data/rows.jsonl";
        spec.rank = 12;
        const core::Method lora = core::methodNamed("lora");
        core::claimRunDirectory(folder.toStdString(), {spec.method, lora}, {});
        core::writeOrdered(folder.toStdString(), spec, {{lora, 1e-3}});
        QFile log(folder + QStringLiteral("/worker.log"));
        QVERIFY(log.open(QIODevice::WriteOnly)
                && log.write("error: /models/none: is not there\n") > 0);
        log.close();
        m_bench->library.refresh();
        QTRY_COMPARE_WITH_TIMEOUT(rowCount(), 4, hangMs());
        QCOMPARE(m_bench->library.runs().size(), qsizetype {3}); // nothing of it was trained
        QCOMPARE(cell(folder, RunsModel::Status), QStringLiteral("/models/none: is not there"));
        QCOMPARE(cell(folder, RunsModel::Rank), QStringLiteral("12"));
        QCOMPARE(cell(folder, RunsModel::Steps), QString());
        m_page->tree()->selectRuns({folder});
        QHash<QString, bool> offered;
        for (const QAction* action : m_page->actions()) {
            offered[action->text()] = action->isEnabled();
        }
        QVERIFY(offered.value(QStringLiteral("Begin anew in another folder")));
        QVERIFY(offered.value(QStringLiteral("Show log")));
        QVERIFY(!offered.value(QStringLiteral("Report…"), true));
        QVERIFY(!offered.value(QStringLiteral("Compare"), true));
        QVERIFY(!offered.value(QStringLiteral("Export…"), true));
        QSignalSpy wanted(m_page.get(), &Page::go);
        trigger(QStringLiteral("Use as template"));
        QCOMPARE(wanted[0][1].value<core::RunSpec>().rank, std::int64_t {12});
        trigger(QStringLiteral("Move to trash"));
        QTRY_COMPARE_WITH_TIMEOUT(rowCount(), 3, hangMs());
        QVERIFY(!QFileInfo::exists(folder));
        m_bench->undoStack.undo();
        QTRY_COMPARE_WITH_TIMEOUT(rowCount(), 4, hangMs());
    }
};

QTEST_MAIN(TestFailedStart)
#include "tst_failed_start.moc"
