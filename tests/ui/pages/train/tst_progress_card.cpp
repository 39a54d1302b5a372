// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/tools/patience.h"
#include "ui/pages/train/progress_card.h"

#include <QApplication>
#include <QPushButton>
#include <QTableView>
#include <QTest>

using namespace pissarro;
using namespace pissarro::ui;
using pissarro::tests::hangMs;

class TestProgressCard : public QObject {
    Q_OBJECT

private Q_SLOTS:
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
};

QTEST_MAIN(TestProgressCard)
#include "tst_progress_card.moc"
