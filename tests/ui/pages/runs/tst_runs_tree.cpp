// SPDX-License-Identifier: GPL-3.0-or-later
// The list of runs: groups stay as a person left them, the selection too, and columns that were chosen are seen.
#include "tests/tools/patience.h"
#include "tests/ui/warning_trap.h"
#include "ui/look/theme.h"
#include "ui/pages/runs/runs_model.h"
#include "ui/pages/runs/runs_tree.h"

#include <QHeaderView>
#include <QTest>

using namespace pissarro;
using namespace pissarro::ui;
using pissarro::tests::hangMs;

namespace {

RunsModel::Row row(const char* folder, const char* name)
{
    auto listed = std::make_shared<core::ListedRun>();
    listed->run.directory = std::filesystem::path(folder) / name;
    listed->run.spec.method = core::methodNamed("pissa");
    listed->run.startedAt = "2026-11-24T10:00:00Z";
    listed->run.state = core::RunState::Finished;
    return RunsModel::rowOf(listed, {});
}

} // namespace

class TestRunsTree : public QObject {
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
        model.setRows({row("/runs", "2026-11-24-pissa-r16-of-a-long-name"), row("/runs", "b")});
        RunsTree tree(&model);
        tree.resize(360, 300);
        tree.show();
        QVERIFY(QTest::qWaitForWindowExposed(&tree, hangMs()));
        QVERIFY(tree.isHeaderHidden());
        QVERIFY(!tree.isColumnHidden(RunsModel::Name) && !tree.isColumnHidden(RunsModel::Status));
        QVERIFY(tree.isColumnHidden(RunsModel::Speed));
        QVERIFY(tree.columnWidth(RunsModel::Name) >= 180);
        tree.showColumns({QStringLiteral("tokens_per_s"), QStringLiteral("state")});
        QVERIFY(!tree.isHeaderHidden() && !tree.isColumnHidden(RunsModel::Speed));
        QVERIFY(tree.columnWidth(RunsModel::Name) >= 180);
        tree.selectRuns({QStringLiteral("/runs/b")}); // hidden columns are of the row too
        QCOMPARE(tree.selectedRuns().size(), 1);
        QCOMPARE(tree.selectedRuns().first().directory, std::filesystem::path("/runs/b"));
        tree.showColumns({});
        QCOMPARE(tree.selectedRuns().size(), 1);
    }

    void whatAPersonClosed_staysClosed()
    {
        RunsModel model;
        RunsTree tree(&model);
        model.setRows({row("/one", "a"), row("/two", "b")});
        QVERIFY(tree.isExpanded(model.index(0, 0)) && tree.isExpanded(model.index(1, 0)));
        tree.collapse(model.index(1, 0));
        tree.selectRuns({QStringLiteral("/one/a")});
        model.setRows({row("/three", "c"), row("/one", "a"), row("/two", "b")});
        QCOMPARE(model.rowCount(), 3);
        for (int group = 0; group < 3; ++group) {
            const QModelIndex index = model.index(group, 0);
            QCOMPARE(tree.isExpanded(index), index.data().toString() != QStringLiteral("two"));
        }
        QCOMPARE(tree.selectedPaths(), QStringList {QStringLiteral("/one/a")});
        tree.selectRuns({QStringLiteral("/two/b")}); // who is looked for is seen
        QVERIFY(tree.isExpanded(model.indexOf(QStringLiteral("/two/b")).parent()));
    }

    void aGroup_isDrawnAtOnce()
    {
        RunsModel model;
        RunsTree tree(&model);
        model.setRows({row("/one", "a"), row("/one", "b"), row("/two", "c")});
        tree.setCurrentIndex(model.index(0, 0));
        tree.toggleDrawn();
        QCOMPARE(model.drawn(), (QStringList {QStringLiteral("/one/a"), QStringLiteral("/one/b")}));
        tree.toggleDrawn();
        QVERIFY(model.drawn().isEmpty());
        tree.selectRuns({QStringLiteral("/one/b"), QStringLiteral("/two/c")});
        tree.toggleDrawn();
        QCOMPARE(model.drawn().size(), qsizetype {2});
        QVERIFY(!model.indexOf(QStringLiteral("/one/b")).data(Qt::DecorationRole).isNull());
        QVERIFY(model.indexOf(QStringLiteral("/one/a")).data(Qt::DecorationRole).isNull());
    }
};

QTEST_MAIN(TestRunsTree)
#include "tst_runs_tree.moc"
