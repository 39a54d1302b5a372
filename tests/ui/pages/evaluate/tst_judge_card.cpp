// SPDX-License-Identifier: GPL-3.0-or-later
// MT-Bench judged by hand: blind, written as it comes, gone on with where it was left.
#include "tests/tools/patience.h"
#include "tests/ui/pages/evaluate/evaluation_folder.h"
#include "tests/ui/warning_trap.h"
#include "ui/pages/evaluate/answer_view.h"
#include "ui/pages/evaluate/judge_card.h"
#include "ui/services/evaluations.h"

#include <QAbstractButton>
#include <QLabel>
#include <QTemporaryDir>
#include <QTest>

#include <memory>

using namespace pissarro;
using namespace pissarro::ui;
using pissarro::tests::hangMs;

class TestJudgeCard : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { tests::WarningTrap::install(); }

    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        std::vector<core::Transcript> answers;
        for (std::int64_t index = 0; index < 4; ++index) {
            const std::string number = std::to_string(index);
            answers.push_back(
                tests::talkOf("base", index, {"plain one " + number, "plain two " + number}));
            answers.push_back(
                tests::talkOf("pissa", index, {"fine one " + number, "fine two " + number}));
        }
        tests::writeEvaluationFolder(path(), tests::specOf("mt-bench"), answers, true);
        open();
    }

    void cleanup()
    {
        m_card.reset();
        m_evaluations.reset();
        m_folder.reset();
        QCOMPARE(tests::WarningTrap::take(), QStringList());
    }

    void theSides_haveNoNames_andAreThoseOfTheCoin()
    {
        for (int i = 0; i < 4; ++i) {
            const std::int64_t id = m_card->questionId();
            QCOMPARE(id, std::int64_t {81 + i});
            const QString left = side(0);
            const QString right = side(1);
            QVERIFY2(!left.contains(QLatin1String("base")), qPrintable(left));
            QVERIFY2(!right.contains(QLatin1String("pissa")), qPrintable(right));
            const bool swapped = core::isSwapped(id, "base", "pissa");
            QVERIFY2(
                left.contains(swapped ? QLatin1String("fine two") : QLatin1String("plain two")),
                qPrintable(left));
            QVERIFY2(
                right.contains(swapped ? QLatin1String("plain one") : QLatin1String("fine one")),
                qPrintable(right));
            QVERIFY(left.startsWith(QLatin1String("Write."))); // the question before the answer
            m_card->walk(1);
        }
        QCOMPARE(m_card->questionId(), std::int64_t {84}); // there is none behind
    }

    void votes_areWrittenAsTheyCome_andGoneOnWith()
    {
        QCOMPARE(text("judge.count"), QStringLiteral("0 of 4 judged"));
        QVERIFY(text("judge.result").isEmpty());
        // As a person does who finds PiSSA's better, whichever side it stands on.
        press(core::isSwapped(81, "base", "pissa") ? "judge.a" : "judge.b");
        QCOMPARE(m_card->questionId(), std::int64_t {82}); // the next one
        QCOMPARE(text("judge.count"), QStringLiteral("1 of 4 judged"));
        press("judge.tie");
        QTRY_COMPARE_WITH_TIMEOUT(core::readVotes(path()).size(), std::size_t {2}, hangMs());
        QVERIFY(text("judge.result").isEmpty()); // blind until all is judged
        m_card->walk(-2);
        QVERIFY(!text("judge.vote").isEmpty());

        open(); // the next day
        QCOMPARE(m_card->questionId(), std::int64_t {83});
        QCOMPARE(text("judge.count"), QStringLiteral("2 of 4 judged"));
        press(core::isSwapped(83, "base", "pissa") ? "judge.b" : "judge.a"); // base
        press("judge.tie");
        QTRY_COMPARE_WITH_TIMEOUT(core::readVotes(path()).size(), std::size_t {4}, hangMs());
        QVERIFY2(text("judge.result")
                     .startsWith(QLatin1String("base better: 1, pissa better: 1, ties: 2.")),
                 qPrintable(text("judge.result")));
        QVERIFY(text("judge.result").contains(QLatin1String("Too few to tell")));
    }

    void aVote_canBeTakenBack_byAnother()
    {
        press("judge.a");
        m_card->walk(-1);
        QCOMPARE(text("judge.vote"), QStringLiteral("Judged: A better"));
        press("judge.b");
        m_card->walk(-1);
        QCOMPARE(text("judge.vote"), QStringLiteral("Judged: B better"));
        const core::VoteTally tally = core::tallyOf(m_evaluations->votes(0), "base", "pissa");
        QCOMPARE(tally.voted(), std::int64_t {1});
        QTest::mouseClick(m_card->findChild<QAbstractButton*>(QStringLiteral("judge.tell")),
                          Qt::LeftButton);
        QVERIFY(text("judge.result")
                    .contains(tally.winsOfA == 1 ? QLatin1String("base better: 1")
                                                 : QLatin1String("pissa better: 1")));
    }

private:
    std::filesystem::path path() const
    {
        return m_folder->filePath(QStringLiteral("eval")).toStdString();
    }

    void open()
    {
        m_card.reset();
        m_evaluations = std::make_unique<Evaluations>();
        m_evaluations->open(QString::fromStdString(path().string()));
        QTRY_VERIFY_WITH_TIMEOUT(!m_evaluations->isRunning(), hangMs());
        QVERIFY(m_evaluations->failure() == nullptr);
        m_card = std::make_unique<JudgeCard>(*m_evaluations);
        m_card->resize(900, 500);
        m_card->setVisible(true);
        m_card->showTask(0, m_evaluations->tasks().at(0), 0);
    }

    QString side(int which) const
    {
        return m_card->findChild<AnswerView*>(QStringLiteral("judge.answer.%1").arg(which))
            ->toPlainText();
    }
    QString text(const char* label) const
    {
        return m_card->findChild<QLabel*>(QLatin1String(label))->text();
    }
    void press(const char* button)
    {
        QTest::mouseClick(m_card->findChild<QAbstractButton*>(QLatin1String(button)),
                          Qt::LeftButton);
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<Evaluations> m_evaluations;
    std::unique_ptr<JudgeCard> m_card;
};

QTEST_MAIN(TestJudgeCard)
#include "tst_judge_card.moc"
