// SPDX-License-Identifier: GPL-3.0-or-later
// How runs stand, in words, and messages of core without the options of the command line.
#include "ui/words/message.h"
#include "ui/words/run_words.h"

#include <QTest>

#include <cmath>

using namespace pissarro;
using namespace pissarro::ui;

namespace {

QVector<core::RunSummary> runs(const std::vector<core::RunState>& states)
{
    QVector<core::RunSummary> result;
    for (const core::RunState state : states) {
        core::RunSummary run;
        run.state = state;
        result.append(run);
    }
    return result;
}

core::StepRecord record(std::int64_t step, double elapsedS)
{
    core::StepRecord result;
    result.step = step;
    result.elapsedS = elapsedS;
    return result;
}

} // namespace

class TestRunWords : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void twinsHaveTheStateThatMattersMost()
    {
        using core::RunState;
        QCOMPARE(stateOf(runs({RunState::Finished, RunState::Interrupted})), RunState::Interrupted);
        QCOMPARE(stateOf(runs({RunState::Stopped, RunState::Failed})), RunState::Failed);
        QCOMPARE(stateOf(runs({RunState::Finished, RunState::Running})), RunState::Running);
        QCOMPARE(stateOf(runs({RunState::Finished, RunState::Finished})), RunState::Finished);
    }

    void aLineSaysHowFarItCame()
    {
        QCOMPARE(stateLine(core::RunState::Interrupted, 20, 240),
                 QStringLiteral("Interrupted at step 20 of 240"));
        QCOMPARE(stateLine(core::RunState::Failed, 0, 0), QStringLiteral("Failed"));
        QCOMPARE(commonStep({{record(1, 0), record(2, 0)}, {record(1, 0)}}), std::int64_t(1));
        QCOMPARE(commonStep({{record(1, 0)}, {}}), std::int64_t(0));
        QCOMPARE(commonStep({}), std::int64_t(0));
    }

    // Ten seconds of preparing, then two seconds a step: eight steps are left, 16 seconds.
    void timeLeftGoesByTheStepsAlone()
    {
        QVERIFY(std::isnan(secondsLeft({}, 10)));
        QVERIFY(std::isnan(secondsLeft({record(1, 10.0)}, 10)));
        QCOMPARE(secondsLeft({record(1, 10.0), record(2, 12.0)}, 10), 16.0);
        QCOMPARE(secondsLeft({record(1, 10.0), record(10, 28.0)}, 10), 0.0);
        QVector<core::StepRecord> many; // the newest thirty steps tell the pace
        for (int step = 1; step <= 100; ++step) {
            many.append(record(step, step <= 50 ? step * 10.0 : 500.0 + (step - 50) * 1.0));
        }
        QCOMPARE(secondsLeft(many, 200), 100.0);
    }

    void messagesNameNoOptions_data()
    {
        QTest::addColumn<QString>("message");
        QTest::addColumn<QString>("shown");
        QTest::newRow("resume") << QStringLiteral("/r: holds a run; or go on with --resume")
                                << QStringLiteral("/r: holds a run; or go on with resume");
        QTest::newRow("quoted") << QStringLiteral("(expected --as merged)")
                                << QStringLiteral("(expected as merged)");
        QTest::newRow("path") << QStringLiteral("/data/a--b/c: is gone")
                              << QStringLiteral("/data/a--b/c: is gone");
        QTest::newRow("number") << QStringLiteral("x --1") << QStringLiteral("x --1");
    }

    void messagesNameNoOptions()
    {
        QFETCH(QString, message);
        QFETCH(QString, shown);
        QCOMPARE(withoutOptionDashes(message), shown);
    }
};

QTEST_GUILESS_MAIN(TestRunWords)
#include "tst_run_words.moc"
