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
    }

    void aTwinIsNamedWithItsRequest()
    {
        core::RunSummary run;
        run.spec.method = core::methodNamed("lora");
        run.directory = "/runs/2026-11-28-lora-r16";
        QCOMPARE(nameOf(run), QStringLiteral("2026-11-28-lora-r16"));
        run.directory = "/runs/2026-11-28/lora";
        QCOMPARE(nameOf(run), QStringLiteral("2026-11-28/lora"));
    }

    void messagesNameNoOptions_data()
    {
        QTest::addColumn<QString>("message");
        QTest::addColumn<QString>("shown");
        QTest::newRow("resume") << QStringLiteral("/r: holds a run; or go on with --resume")
                                << QStringLiteral(
                                       "/r: holds a run; or go on with «Resume training»");
        QTest::newRow("force") << QStringLiteral(
            "/m: cannot be written: is there already and is not empty (it holds a.json); choose "
            "another folder, or replace an earlier output with --force")
                               << QStringLiteral(
                                      "/m: cannot be written: is there already and is not empty "
                                      "(it holds a.json); choose another folder");
        QTest::newRow("run folder")
            << QStringLiteral("/r: already holds a run; choose another run folder, go on with "
                              "--resume, or replace it with --force")
            << QStringLiteral("/r: already holds a run; choose another run folder or go on with "
                              "«Resume training»");
        QTest::newRow("foreign") << QStringLiteral("(it lacks the file .pissarro): --force does "
                                                   "not replace it; choose another folder")
                                 << QStringLiteral("(it lacks the file .pissarro): it is not "
                                                   "replaced; choose another folder");
        QTest::newRow("field") << QStringLiteral("is too coarse here: train with --dtype float32.")
                               << QStringLiteral(
                                      "is too coarse here: train with «Precision» float32.");
        QTest::newRow("field of two words")
            << QStringLiteral("leave it out or choose another --grad-accum")
            << QStringLiteral("leave it out or choose another «Accumulation»");
        QTest::newRow("consent") << QStringLiteral("agree to that first (--run-code)")
                                 << QStringLiteral("agree to that first");
        QTest::newRow("command")
            << QStringLiteral("write it with: pissarro-cli export RUN --as merged -o DIR, or "
                              "name its base with --adapter")
            << QStringLiteral("write it with: pissarro-cli export RUN --as merged -o DIR, or "
                              "name its base with adapter");
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
