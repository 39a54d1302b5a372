// SPDX-License-Identifier: GPL-3.0-or-later
// Who is evaluated, and what each is called in the results.
#include "tests/ui/warning_trap.h"
#include "ui/pages/evaluate/whom_list.h"

#include <QListWidget>
#include <QTest>

using namespace pissarro;
using namespace pissarro::ui;

namespace {

core::RunSummary runOf(const char* folder, const char* method)
{
    core::RunSummary run;
    run.directory = folder;
    run.spec.method = core::methodNamed(method);
    run.spec.rank = 16;
    run.adapterStep = 40;
    return run;
}

} // namespace

class TestWhomList : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { tests::WarningTrap::install(); }
    void cleanup() { QCOMPARE(tests::WarningTrap::take(), QStringList()); }

    void anAdapter_isForTheOpenModel()
    {
        WhomList whom;
        whom.addAdapter(QStringLiteral("/nowhere/adapter"));
        QVERIFY(whom.problem().contains(QLatin1String("Open the model")));
        whom.setBase(QStringLiteral("/nowhere/base"));
        QCOMPARE(whom.problem(), QString());
        QCOMPARE(whom.models().size(), std::size_t {1});
        QCOMPARE(whom.models()[0].model, std::string("/nowhere/base"));
        QCOMPARE(whom.models()[0].adapter.string(), std::string("/nowhere/adapter"));
        whom.list()->item(0)->setCheckState(Qt::Checked);
        QCOMPARE(whom.models().size(), std::size_t {2});
        QCOMPARE(whom.models()[0].name, std::string("base"));
        QVERIFY(whom.models()[0].adapter.empty());
    }

    // Seeds of a sweep have one title: their folders tell them apart.
    void runsOfOneTitle_areNamedByTheirFolders()
    {
        WhomList whom;
        whom.setBase(QStringLiteral("/nowhere/base"));
        whom.setRuns({runOf("/runs/pissa-seed0", "pissa"), runOf("/runs/pissa-seed1", "pissa"),
                      runOf("/runs/lora-seed0", "lora")});
        whom.check({QStringLiteral("/nowhere/base"), QStringLiteral("/runs/pissa-seed0"),
                    QStringLiteral("/runs/lora-seed0")});
        QCOMPARE(whom.models().size(), std::size_t {3});
        QCOMPARE(whom.models()[1].name, std::string("PiSSA-r16"));
        QCOMPARE(whom.models()[2].name, std::string("LoRA-r16"));
        for (int row = 0; row < whom.list()->count(); ++row) {
            whom.list()->item(row)->setCheckState(Qt::Checked);
        }
        const auto models = whom.models();
        QCOMPARE(models.size(), std::size_t {4});
        QCOMPARE(models[0].name, std::string("base"));
        QCOMPARE(models[1].name, std::string("pissa-seed0"));
        QCOMPARE(models[2].name, std::string("pissa-seed1"));
        QCOMPARE(models[3].name, std::string("LoRA-r16"));
    }
};

QTEST_MAIN(TestWhomList)
#include "tst_whom_list.moc"
