// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/tools/patience.h"
#include "ui/pages/train/progress_card.h"

#include <QApplication>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QScrollArea>
#include <QTableView>
#include <QTest>

#include <initializer_list>

using namespace pissarro;
using namespace pissarro::ui;
using pissarro::tests::hangMs;

class TestProgressCard : public QObject {
    Q_OBJECT

private Q_SLOTS:
    // A run that has ended has most to say: nothing lies over another, nothing is cut to the sides.
    void aLowCard_scrollsWhatItSays()
    {
        ProgressCard card;
        TrainingStatus status;
        for (const char* method : {"pissa", "lora"}) {
            core::RunSummary run;
            run.spec.method = core::methodNamed(method);
            run.spec.model = "models/SmolLM2-135M-Instruct.Q4_1.gguf";
            run.spec.data = "demo_train.jsonl";
            run.state = core::RunState::Finished;
            run.steps = 6;
            status.runs.append(run);
        }
        card.setStatus(status);
        card.setCurves({RunCurve {}, RunCurve {}});
        card.setNextSteps(
            {{"Spectrum of the change", {}, {}}, {"Export…", {}, {}}, {"Compare", {}, {}}});
        card.resize(254, 340);
        card.show();
        QVERIFY(QTest::qWaitForWindowExposed(&card, hangMs()));
        auto* scroll = card.findChild<QScrollArea*>(QStringLiteral("train.runScroll"));
        const QWidget* content = scroll->widget();
        QVERIFY(content->height() > scroll->viewport()->height());
        QCOMPARE(content->width(), scroll->viewport()->width());
        QVector<const QWidget*> parts;
        for (const QWidget* part :
             content->findChildren<QWidget*>(QString(), Qt::FindDirectChildrenOnly)) {
            if (part->isVisibleTo(content) && !part->geometry().isEmpty()) {
                parts.append(part);
            }
        }
        QVERIFY(parts.size() >= 5);
        for (qsizetype i = 0; i < parts.size(); ++i) {
            for (qsizetype j = 0; j < i; ++j) {
                QVERIFY2(!parts[i]->geometry().intersects(parts[j]->geometry()),
                         qPrintable(parts[i]->objectName() + ' ' + parts[j]->objectName()));
            }
        }
        for (const auto* button : content->findChildren<QPushButton*>()) {
            QVERIFY2(!button->isVisible() || button->width() >= button->sizeHint().width(),
                     qPrintable(button->text()));
        }
        card.resize(400, 340);
        const auto* first = card.findChild<QPushButton*>(QStringLiteral("train.next.0"));
        const auto* second = card.findChild<QPushButton*>(QStringLiteral("train.next.1"));
        QTRY_COMPARE(first->mapTo(&card, QPoint()).y(), second->mapTo(&card, QPoint()).y());
    }

    // use.md 57: the button that was pressed goes, the focus stays with the run.
    void theFocus_staysInTheCard()
    {
        ProgressCard card;
        TrainingStatus status;
        core::RunSummary run;
        run.spec.method = core::methodNamed("lora");
        run.state = core::RunState::Running;
        run.steps = 10;
        status.runs = {run};
        status.training = true;
        card.setStatus(status);
        card.show();
        card.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&card, hangMs()));
        auto* table = card.findChild<QTableView*>(QStringLiteral("train.twins"));
        auto* pause = card.findChild<QPushButton*>(QStringLiteral("train.pause"));
        auto* stop = card.findChild<QPushButton*>(QStringLiteral("train.stop"));
        QCOMPARE(pause->accessibleName(), QStringLiteral("Pause the training"));
        pause->setFocus();
        status.paused = true;
        card.setStatus(status);
        QCOMPARE(QApplication::focusWidget(), pause); // it is still there
        QCOMPARE(pause->accessibleName(), QStringLiteral("Resume the training"));
        stop->setFocus();
        status.stopping = true; // it cannot be pressed twice
        card.setStatus(status);
        QCOMPARE(QApplication::focusWidget(), table);

        status = {};
        status.runs = {run};
        status.runs[0].state = core::RunState::Stopped;
        status.checkpoint = 5;
        card.setStatus(status);
        auto* resume = card.findChild<QPushButton*>(QStringLiteral("train.resume"));
        QVERIFY(resume->isVisible());
        resume->setFocus();
        status.training = true;
        card.setStatus(status);
        QCOMPARE(QApplication::focusWidget(), stop);
    }

    // A twin with a rate of its own: both are named, each with its method.
    void theTwinsRate_standsBesideTheRuns()
    {
        ProgressCard card;
        TrainingStatus status = ended(core::RunState::Finished, {"pissa", "lora"});
        card.setStatus(status);
        const auto* facts = card.findChild<QLabel*>(QStringLiteral("train.run"));
        QVERIFY2(facts->text().contains(QStringLiteral("rate 1e-4 cosine")),
                 qPrintable(facts->text()));
        status.runs[1].spec.learningRate = 3e-2;
        card.setStatus(status);
        QVERIFY2(facts->text().contains(QStringLiteral("rate PiSSA 1e-4, LoRA 3e-2 cosine")),
                 qPrintable(facts->text()));
    }

    // Resumed where the records of its first steps are gone: how far it is counts, and what is missing is said.
    void aRunWithoutItsFirstRecords_saysSo()
    {
        ProgressCard card;
        card.setStatus(ended(core::RunState::Finished, {"pissa"}));
        RunCurve curve;
        for (std::int64_t step = 29; step <= 60; ++step) {
            core::StepRecord record;
            record.step = step;
            curve.records.append(record);
        }
        card.setCurves({curve});
        QCOMPARE(card.findChild<QLabel*>(QStringLiteral("train.percent"))->text(),
                 QStringLiteral("100 %"));
        const auto* outcome = card.findChild<QLabel*>(QStringLiteral("train.outcome"));
        QVERIFY2(outcome->text().startsWith(QStringLiteral("Finished at step 60 of 60."))
                     && outcome->text().endsWith(
                         QStringLiteral("Steps before step 29 are missing from the curve: no "
                                        "records of them are here.")),
                 qPrintable(outcome->text()));
    }

    void aRunThatFailedBeforeItsFirstStep_isNotFarAtAll()
    {
        ProgressCard card;
        TrainingStatus status = ended(core::RunState::Failed, {"pissa"});
        status.fraction = 1.0; // of the last stage before
        card.setStatus(status);
        card.setCurves({RunCurve {}});
        const auto* bar = card.findChild<QProgressBar*>(QStringLiteral("train.bar"));
        QCOMPARE(bar->value(), 0);
        status.runs[0].state = core::RunState::Finished; // of no steps at all
        card.setStatus(status);
        QCOMPARE(bar->value(), bar->maximum());
    }

    void theStepOfTheBestEvaluation_isNamed()
    {
        ProgressCard card;
        TrainingStatus status = ended(core::RunState::FinishedEarly, {"pissa", "lora"});
        status.runs[0].adapterStep = status.runs[1].adapterStep = 20;
        card.setStatus(status);
        const auto* outcome = card.findChild<QLabel*>(QStringLiteral("train.outcome"));
        QVERIFY2(outcome->text().contains(QStringLiteral("the best evaluation, step 20.")),
                 qPrintable(outcome->text()));
        status.runs[1].adapterStep = 30;
        card.setStatus(status);
        QVERIFY2(outcome->text().contains(QStringLiteral("step 20 (PiSSA), 30 (LoRA).")),
                 qPrintable(outcome->text()));
    }

private:
    static TrainingStatus ended(core::RunState state, std::initializer_list<const char*> methods)
    {
        TrainingStatus status;
        for (const char* method : methods) {
            core::RunSummary run;
            run.spec.method = core::methodNamed(method);
            run.spec.learningRate = 1e-4;
            run.spec.schedule = core::Schedule::Cosine;
            run.state = state;
            run.steps = 60;
            status.runs.append(run);
        }
        return status;
    }
};

QTEST_MAIN(TestProgressCard)
#include "tst_progress_card.moc"
