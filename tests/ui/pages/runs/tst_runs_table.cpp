// SPDX-License-Identifier: GPL-3.0-or-later
// The table of runs where there is little room: names stay, what one can do without goes.
#include "tests/tools/patience.h"
#include "tests/ui/warning_trap.h"
#include "ui/look/theme.h"
#include "ui/pages/runs/runs_model.h"
#include "ui/pages/runs/runs_table.h"

#include <QHeaderView>
#include <QTest>

using namespace pissarro;
using namespace pissarro::ui;
using pissarro::tests::hangMs;

namespace {

RunsModel::Row row(const char* name)
{
    core::RunSummary run;
    run.directory = std::string("/runs/") + name;
    run.spec.method = core::methodNamed("pissa");
    run.startedAt = "2026-11-24T10:00:00Z";
    return {run, {10, 1.0, 1.0, 100.0}};
}

} // namespace

class TestRunsTable : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        tests::WarningTrap::install();
        Theme::instance().setMode(ThemeMode::Light);
    }
    void cleanup() { QCOMPARE(tests::WarningTrap::take(), QStringList()); }

    void whereItIsNarrow_theNameKeepsItsRoom()
    {
        RunsModel model;
        model.setRows({row("2026-11-24-pissa-r16-of-a-long-name"), row("b")});
        RunsTable table(&model);
        table.resize(1400, 300);
        table.show();
        QVERIFY(QTest::qWaitForWindowExposed(&table, hangMs()));
        for (int column = 0; column < RunsModel::ColumnCount; ++column) {
            QVERIFY(!table.isColumnHidden(column));
        }
        table.resize(960, 300);
        QTRY_VERIFY(table.isColumnHidden(RunsModel::Speed));
        QVERIFY(table.columnWidth(RunsModel::Name) >= 200);
        QVERIFY(!table.isColumnHidden(RunsModel::State)
                && !table.isColumnHidden(RunsModel::FinalLoss));
        QVERIFY(!table.horizontalHeader()->isHidden());
        table.selectRuns({QStringLiteral("/runs/b")}); // hidden columns are of the row too
        QCOMPARE(table.selectedRuns().size(), 1);
        QCOMPARE(table.selectedRuns().first().directory, std::filesystem::path("/runs/b"));
        table.resize(1400, 300);
        QTRY_VERIFY(!table.isColumnHidden(RunsModel::Speed));
        QCOMPARE(table.selectedRuns().size(), 1);
    }
};

QTEST_MAIN(TestRunsTable)
#include "tst_runs_table.moc"
