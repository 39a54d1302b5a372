// SPDX-License-Identifier: GPL-3.0-or-later
// Counts in English, in a program that has loaded no translation by itself.
#include "core/run/step_zero_kind.h"
#include "ui/words/form_words.h"
#include "ui/words/format.h"
#include "ui/words/language.h"
#include "ui/words/message.h"
#include "ui/words/run_words.h"

#include <QTest>

#include <limits>

using namespace pissarro;
using namespace pissarro::ui;

namespace {

core::DatasetSummary rowsOf(std::int64_t usable, std::int64_t tokens)
{
    core::DatasetSummary summary;
    summary.rows = usable;
    summary.usable = usable;
    summary.tokens = tokens;
    return summary;
}

} // namespace

class TestLanguage : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void oneIsNotMany()
    {
        QCOMPARE(dataLine(rowsOf(1, 1), 256), QStringLiteral("1 row · 1 token a row"));
        QCOMPARE(dataLine(rowsOf(7473, 7473 * 168), 256),
                 QStringLiteral("7,473 rows · 168 tokens a row"));
        core::RunSpec spec;
        spec.batchSize = 1;
        spec.epochs = 1.0;
        QCOMPARE(lengthLine(spec, rowsOf(1, 1)), QStringLiteral("1 step"));
        QCOMPARE(lengthLine(spec, rowsOf(2, 2)), QStringLiteral("2 steps"));
        spec.steps = 2;
        QCOMPARE(lengthLine(spec, rowsOf(2, 2)), QStringLiteral("1 epoch"));
        QCOMPARE(lengthLine(spec, rowsOf(4, 4)), QStringLiteral("0.5 epochs"));
        // Two steps of a row of 100 tokens, at half a second a token.
        QCOMPARE(lengthLine(spec, rowsOf(4, 400), 0.5),
                 QStringLiteral("0.5 epochs · about ") + formatDuration(100.0));
        QCOMPARE(lengthLine(spec, rowsOf(4, 400), 0.001), QStringLiteral("0.5 epochs"));
    }

    void aSwitchKeepsThePlurals()
    {
        speak(QStringLiteral("ja"));
        QCOMPARE(dataLine(rowsOf(1, 1), 256), QStringLiteral("1 行 · 平均 1 トークン/行"));
        speak(QStringLiteral("en"));
        QCOMPARE(dataLine(rowsOf(1, 1), 256), QStringLiteral("1 row · 1 token a row"));
    }

    // Qt takes an int; a trillion tokens are many all the same.
    void anyCountHasAForm()
    {
        QCOMPARE(pluralOf(std::numeric_limits<std::int64_t>::max()),
                 std::numeric_limits<int>::max());
        QCOMPARE(pluralOf(-1), 0);
    }

    void coresNotesAreItsOwnWordsInEnglish()
    {
        for (const std::int64_t rows : {1, 2}) {
            const core::Said note {"the field %1 of %2 rows is not used",
                                   "the field %1 of %2 row is not used",
                                   rows,
                                   {"'%2'", std::to_string(rows)}};
            QCOMPARE(messageText(note), QString::fromStdString(note.text()));
        }
        QCOMPARE(stageText(QStringLiteral("Loading weights")), QStringLiteral("Loading weights"));
        QCOMPARE(stageText(QStringLiteral("Initialising PiSSA")),
                 QStringLiteral("Initialising PiSSA"));
    }

    void aLabelIsReadWithoutItsKey()
    {
        QCOMPARE(plainLabel(QStringLiteral("&Look")), QStringLiteral("Look"));
        QCOMPARE(plainLabel(QString::fromUtf8("評価(&A)")), QString::fromUtf8("評価"));
        QCOMPARE(plainLabel(QString::fromUtf8("開く(&O)…")), QString::fromUtf8("開く…"));
        QCOMPARE(plainLabel(QStringLiteral("Rate (of LoRA)")), QStringLiteral("Rate (of LoRA)"));
    }

    void figuresOfCoreHaveATrueMinus()
    {
        const core::Said said {"%1, a difference of %2", {}, 0, {"-x", "-0.016"}};
        QCOMPARE(messageText(said), QStringLiteral("-x, a difference of \u22120.016"));
    }

    void stepZeroIsSaidByItsNumbers()
    {
        core::RunSummary run;
        run.spec.method = core::methodNamed("pissa");
        run.spec.dtype = core::BaseDType::Float32;
        core::StepZero zero;
        zero.passed = true;
        run.stepZero = zero;
        QCOMPARE(stepZeroLine(run), QStringLiteral("Step 0: PiSSA equals the base exactly\u00a0✓"));
        run.stepZero->maxLogitDifference = 0.0012;
        QCOMPARE(stepZeroLine(run),
                 QStringLiteral(
                     "Step 0: PiSSA equals the base: logits differ by 1.2e-3 at most, 2e-3 is "
                     "allowed\u00a0✓"));
        run.stepZero->passed = false;
        run.stepZero->verdict = "Step 0: the model is not the base.";
        QCOMPARE(stepZeroLine(run), QStringLiteral("Step 0: the model is not the base."));
    }

    // Ranges are said here, as core says them in its own messages.
    void rangesReadAsCoreSaysThem()
    {
        core::RunSpec spec;
        spec.rank = 0;
        spec.learningRate = 2.0;
        spec.warmupRatio = 1.5;
        for (const core::SpecProblem& problem : core::checkSpec(spec)) {
            QCOMPARE(problemText(problem, spec), QString::fromStdString(problem.message));
        }
        speak(QStringLiteral("ja"));
        int said = 0;
        for (const core::SpecProblem& problem : core::checkSpec(spec)) {
            said += problemText(problem, spec).contains(QStringLiteral("してください")) ? 1 : 0;
        }
        speak(QStringLiteral("en"));
        QCOMPARE(said, 3);
    }
};

QTEST_GUILESS_MAIN(TestLanguage)
#include "tst_language.moc"
