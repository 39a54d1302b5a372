// SPDX-License-Identifier: GPL-3.0-or-later
// The Evaluate page: on folders whose counts are known, and with a real tiny model from the first click to the scores.
#include "core/file/atomic_file.h"
#include "core/stats/proportion.h"
#include "tests/cli/tiny_model.h"
#include "tests/ui/pages/evaluate/evaluation_folder.h"
#include "tests/ui/pages/page_bench.h"
#include "ui/pages/evaluate/answer_card.h"
#include "ui/pages/evaluate/evaluate_form.h"
#include "ui/pages/evaluate/evaluate_page.h"
#include "ui/pages/evaluate/how_fields.h"
#include "ui/pages/evaluate/judge_card.h"
#include "ui/pages/evaluate/questions_card.h"
#include "ui/pages/evaluate/score_card.h"
#include "ui/pages/evaluate/task_row.h"
#include "ui/pages/evaluate/whom_list.h"

#include <QAbstractButton>
#include <QAbstractItemModelTester>
#include <QAction>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QGuiApplication>
#include <QLabel>
#include <QLineEdit>
#include <QMessageBox>
#include <QScrollBar>
#include <QSettings>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTableView>
#include <QTableWidget>

#include <cmath>

using namespace pissarro;
using namespace pissarro::ui;
using nlohmann::json;
using pissarro::tests::hangMs;

class TestEvaluatePage : public tests::PageBench<EvaluatePage> {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { beginTests("tst_evaluate_page"); }
    void init()
    {
        QSettings().clear();
        beginFolder();
        openPage({1240, 800});
    }
    void cleanup() { endTest(); }

    void withoutAnything_itSaysWhatToDo()
    {
        QVERIFY(!m_page->scores()->isVisible());
        QVERIFY(child<QAbstractButton>("evaluate.empty.button")->isVisible());
        QVERIFY(!child<QAbstractButton>("evaluate.start")->isEnabled());
        QVERIFY(child<QLabel>("evaluate.problem")->text().contains(QLatin1String("Choose whom")));
        // A task whose file is missing is unchecked, with the path looked for.
        QTRY_VERIFY_WITH_TIMEOUT(child<QLabel>("evaluate.about.gsm8k")
                                     ->text()
                                     .contains(EvaluateForm::standardFile(QStringLiteral("gsm8k"))),
                                 hangMs());
        QVERIFY(!child<QCheckBox>("evaluate.task.gsm8k")->isEnabled());
        QCOMPARE(child<QLabel>("evaluate.state.gsm8k")->text(), QStringLiteral("no file"));
        QVERIFY(child<QLabel>("evaluate.whom.none")->isVisible()); // nobody to choose from
        QVERIFY(!child<QCheckBox>("evaluate.task.gsm8k")->isChecked());
    }

    void scores_haveIntervals_andThePairItsSentence()
    {
        open(tests::specOf("gsm8k"), tests::answersOf(6, 2, 16, 8), true);
        const QVector<ScoreGroup>& groups = m_page->scores()->chart()->groups();
        QCOMPARE(groups.size(), qsizetype {1});
        QCOMPARE(groups[0].title, QStringLiteral("GSM8K"));
        QVERIFY2(groups[0].subtitle.contains(QLatin1String("paper")),
                 qPrintable(groups[0].subtitle));
        QCOMPARE(groups[0].marks.size(), qsizetype {2});
        const core::Interval wilson = core::wilsonInterval(22, 32);
        QCOMPARE(groups[0].marks[1].value, 22.0 / 32.0);
        QCOMPARE(groups[0].marks[1].low, wilson.low);
        QCOMPARE(groups[0].marks[1].high, wilson.high);
        QVERIFY(groups[0].marks[0].isWhole);
        QCOMPARE(child<QAbstractButton>("evaluate.both")->text(), QStringLiteral("6"));
        QCOMPARE(child<QAbstractButton>("evaluate.onlyA")->text(), QStringLiteral("2"));
        QCOMPARE(child<QAbstractButton>("evaluate.onlyB")->text(), QStringLiteral("16"));
        QCOMPARE(child<QAbstractButton>("evaluate.none")->text(), QStringLiteral("8"));
        // 2 P[X <= 2] of 18 coins: 172/131072.
        QCOMPARE(m_page->pair()->sentence(),
                 QStringLiteral("pissa is better on these questions: p = 0.001."));
        QVERIFY(child<QLabel>("evaluate.limits")->text().contains(QLatin1String("2 against 16")));
        QVERIFY(!m_page->grab().isNull());
    }

    void fewerThanTen_areTooFewToTell()
    {
        open(tests::specOf("gsm8k"), tests::answersOf(5, 2, 7, 4), true);
        QCOMPARE(m_page->pair()->sentence(),
                 QStringLiteral("Too few to tell: the two differ on 9 questions."));
        QVERIFY(!child<QLabel>("evaluate.limits")->text().contains(QLatin1String("p =")));
    }

    void whatIsNotFinished_isHollow_andCanGoOn()
    {
        auto answers = tests::answersOf(5, 5, 5, 5);
        answers.pop_back();
        open(tests::specOf("gsm8k"), answers, false);
        QVERIFY(!m_page->scores()->chart()->groups()[0].marks[1].isWhole);
        QCOMPARE(child<QAbstractButton>("evaluate.start")->text(), QStringLiteral("Go on"));
        QVERIFY(child<QAbstractButton>("evaluate.start")->isEnabled());
        QVERIFY(child<QLabel>("evaluate.limits")->text().contains(QLatin1String("Not all")));
        QTest::mouseClick(child<QAbstractButton>("evaluate.new"), Qt::LeftButton);
        QVERIFY(m_bench->evaluations.tasks().empty());
        QCOMPARE(child<QAbstractButton>("evaluate.start")->text(), QStringLiteral("Evaluate"));
    }

    void aCellAndTheKeys_chooseTheQuestions()
    {
        open(tests::specOf("gsm8k"), tests::answersOf(6, 2, 16, 8), true);
        const auto* view = child<QTableView>("evaluate.questions");
        const QAbstractItemModel* model = view->model();
        QCOMPARE(model->rowCount(), 32);
        QTest::mouseClick(child<QAbstractButton>("evaluate.onlyB"), Qt::LeftButton);
        QCOMPARE(model->rowCount(), 16);
        QVERIFY(child<QAbstractButton>("evaluate.filter.2")->isChecked());
        const int counts[] {32, 2, 16, 6, 8};
        for (int i = 0; i < 5; ++i) {
            action(QStringLiteral("evaluate.filter%1").arg(i + 1))->trigger();
            QCOMPARE(model->rowCount(), counts[i]);
            QCOMPARE(action(QStringLiteral("evaluate.filter%1").arg(i + 1))->shortcut(),
                     QKeySequence(Qt::Key_1 + i));
        }
        QVERIFY(child<QAbstractButton>("evaluate.none")->isChecked());
        action(QStringLiteral("evaluate.filter1"))->trigger();
        child<QLineEdit>("evaluate.find")->setText(QStringLiteral("question 31"));
        QCOMPARE(model->rowCount(), 1);
        child<QLineEdit>("evaluate.find")->setText(QStringLiteral("BAKES FOUR")); // in the answers
        QCOMPARE(model->rowCount(), 2 + 8);
        child<QLineEdit>("evaluate.find")->clear();
        action(QStringLiteral("evaluate.findAction"))->trigger();
        QVERIFY(m_page->focusWidget() == child<QLineEdit>("evaluate.find"));
    }

    // Whatever room there is, the table does not scroll sideways by a few pixels: a question is cut.
    void theQuestions_fitTheirCard()
    {
        open(tests::specOf("gsm8k"), tests::answersOf(6, 2, 16, 8), true);
        const auto* view = child<QTableView>("evaluate.questions");
        for (int width = 1356; width >= 1100; width -= 17) { // a window of 1440 has 1356 of them
            m_page->resize(width, 800);
            QCoreApplication::processEvents();
            const int more = view->horizontalScrollBar()->maximum();
            QVERIFY2(more == 0 || more > 40, qPrintable(QString::number(width)));
            QVERIFY(width < 1300 || more == 0);
        }
    }

    void theAnswers_lieSideBySide_withTheirDifferences()
    {
        open(tests::specOf("gsm8k"), tests::answersOf(1, 0, 12, 1), true);
        auto* view = child<QTableView>("evaluate.questions");
        view->setFocus();
        QTest::keyClick(view, Qt::Key_Down); // the second question: only B right
        QCOMPARE(m_page->questions()->chosen()->index, std::int64_t {1});
        const AnswerView* a = m_page->answer()->view(0);
        const AnswerView* b = m_page->answer()->view(1);
        QCOMPARE(a->toPlainText(), QStringLiteral("He eats four, so 26"));
        QCOMPARE(b->toPlainText(), QStringLiteral("He bakes three, so 18"));
        QCOMPARE(a->marks().tinted.size(), std::size_t {3}); // eats, four, 26
        QVERIFY((a->marks().tinted[0] == core::TextPart {3, 7}));
        QVERIFY((b->marks().framed == core::TextPart {19, 21}));
        QVERIFY(b->frame().width() > 0.0 && b->frame().height() > 0.0);
        QCOMPARE(child<QLabel>("evaluate.answer.0.verdict")->text(),
                 QStringLiteral("✕ 26, gold 18"));
        QCOMPARE(child<QLabel>("evaluate.answer.1.verdict")->text(), QStringLiteral("✓ 18"));
        // Markup is for the dot alone; a name is shown as it is.
        QCOMPARE(child<QLabel>("evaluate.answer.1.name")->textFormat(), Qt::RichText);
        QVERIFY(child<QLabel>("evaluate.answer.1.name")->text().endsWith(QLatin1String(" pissa")));
        QVERIFY(child<QLabel>("evaluate.answer.1.facts")
                    ->text()
                    .startsWith(QStringLiteral("12 tokens · 0.25 s")));
        QTest::mouseClick(child<QAbstractButton>("evaluate.marks.1"), Qt::LeftButton);
        QVERIFY(a->marks().tinted.empty());
        QVERIFY(a->marks().framed.has_value());
        QTest::mouseClick(child<QAbstractButton>("evaluate.next"), Qt::LeftButton);
        QCOMPARE(m_page->questions()->chosen()->index, std::int64_t {2});
        QSignalSpy asked(m_page.get(), &Page::go);
        child<QAbstractButton>("evaluate.chat")->click();
        QCOMPARE(asked.count(), 1);
        QCOMPARE(asked[0][1].toMap().value(QStringLiteral("prompt")).toString(),
                 QStringLiteral("How much is question 2?"));
    }

    void threeModels_haveThreePairs()
    {
        core::EvaluationSpec spec = tests::specOf("gsm8k");
        spec.models.push_back({"lora", "/nowhere/lora"});
        auto answers = tests::answersOf(6, 2, 16, 8);
        for (std::int64_t index = 0; index < 32; ++index) {
            answers.push_back(tests::answerOf("lora", index, "so 18", index < 9));
        }
        open(spec, answers, true);
        auto* pairs = child<QTableWidget>("evaluate.pairs");
        QVERIFY(pairs->isVisible());
        QCOMPARE(pairs->rowCount(), 3);
        QCOMPARE(m_page->pair()->pair(), 2); // the two that are no base
        QVERIFY(child<QLabel>("evaluate.limits")->text().contains(QLatin1String("Holm")));
        pairs->setCurrentCell(0, 0);
        QCOMPARE(m_page->pair()->pair(), 0);
        QCOMPARE(child<QAbstractButton>("evaluate.onlyB")->text(), QStringLiteral("16"));
    }

    void perplexity_tellsWhatIsForgotten()
    {
        std::vector<core::Transcript> windows;
        for (std::int64_t index = 0; index < 6; ++index) {
            windows.push_back(tests::windowOf("base", index, 200.0 + static_cast<double>(index)));
            windows.push_back(
                tests::windowOf("pissa", index, 205.0 + 1.1 * static_cast<double>(index)));
        }
        open(tests::specOf("perplexity"), windows, true);
        const ScoreGroup& group = m_page->scores()->chart()->groups().at(0);
        QVERIFY(!group.isShare);
        QVERIFY(std::abs(group.marks[0].value - std::exp(2.025)) < 1e-9);
        QVERIFY(group.marks[0].low < group.marks[0].value);
        QVERIFY(group.marks[0].high > group.marks[0].value);
        QVERIFY2(m_page->pair()->sentence().startsWith(
                     QLatin1String("From base to pissa the perplexity changes by +5.4 %")),
                 qPrintable(m_page->pair()->sentence())); // exp(0.0525) - 1
        QVERIFY(!child<QAbstractButton>("evaluate.both")->isVisible());
        // Nothing of it is right or wrong: no filter, no gold, a figure for each window.
        QVERIFY(!child<QAbstractButton>("evaluate.filter.1")->isVisible());
        auto* questions = child<QTableView>("evaluate.questions");
        QVERIFY(questions->isColumnHidden(QuestionsModel::Gold));
        QCOMPARE(questions->model()->index(0, QuestionsModel::FirstModel).data().toString(),
                 QStringLiteral("2"));
        QVERIFY2(m_page->answer()->view(0)->toPlainText().startsWith(
                     QLatin1String("Mean loss 2 nats a token")),
                 qPrintable(m_page->answer()->view(0)->toPlainText()));
        QCOMPARE(child<QTableWidget>("evaluate.pairs")->horizontalHeaderItem(2)->text(),
                 QStringLiteral("perplexity"));
    }

    void choices_areToldWithTheirLikelihoods()
    {
        std::vector<core::Transcript> answers;
        for (const char* model : {"base", "pissa"}) {
            answers.push_back(tests::answerOf(model, 0, "dog", true));
            answers.back().output = {{"loglikelihoods", {-12.5, -3.25}}, {"tokens", {2, 1}}};
            answers.back().gold = {{"choices", {"cat", "dog"}}, {"gold", {1}}};
        }
        open(tests::specOf("choice"), answers, true);
        const AnswerView* view = m_page->answer()->view(0);
        QCOMPARE(view->toPlainText(),
                 QStringLiteral("Log-likelihoods:\n−12.5\tcat\n−3.25\tdog (gold)"));
        QVERIFY(view->marks().framed.has_value() && view->marks().tinted.empty());
        const auto* questions = child<QTableView>("evaluate.questions");
        QCOMPARE(questions->model()->index(0, QuestionsModel::Gold).data().toString(),
                 QStringLiteral("dog"));
    }

    // Evaluations of one folder may be of different models: each is named by its own.
    void tasksOfOtherModels_haveTheirOwnNames()
    {
        const QString set = m_folder->filePath(QStringLiteral("two"));
        tests::writeEvaluationFolder((set + QStringLiteral("/a")).toStdString(),
                                     tests::specOf("gsm8k"), tests::answersOf(3, 1, 4, 2), true);
        core::EvaluationSpec other = tests::specOf("math");
        other.models = {{"lora", "/nowhere/lora"}};
        tests::writeEvaluationFolder((set + QStringLiteral("/b")).toStdString(), other,
                                     {tests::answerOf("lora", 0, "so 18", true)}, true);
        m_page->take(QStringList {set});
        QTRY_COMPARE_WITH_TIMEOUT(m_page->scores()->chart()->groups().size(), qsizetype {2},
                                  hangMs());
        QCOMPARE(m_page->scores()->chart()->groups().at(1).marks.at(0).name,
                 QStringLiteral("lora"));
        m_page->scores()->chart()->setFocus();
        QTest::keyClick(m_page->scores()->chart(), Qt::Key_Down);
        QCOMPARE(m_page->scores()->chart()->groups().at(0).marks.at(1).name,
                 QStringLiteral("pissa"));
    }

    void severalAnswers_havePassAtK()
    {
        core::EvaluationSpec spec = tests::specOf("humaneval");
        spec.models.pop_back();
        spec.samples = 4;
        std::vector<core::Transcript> answers;
        for (std::int64_t index = 0; index < 5; ++index) {
            for (std::int64_t sample = 0; sample < 4; ++sample) {
                answers.push_back(tests::answerOf("base", index, "code 1", sample < index));
                answers.back().sample = sample;
            }
        }
        open(spec, answers, true);
        const auto& groups = m_page->scores()->chart()->groups();
        QCOMPARE(groups.size(), qsizetype {2});
        QCOMPARE(groups[1].title, QStringLiteral("HumanEval pass@2"));
        QVERIFY(groups[1].marks[0].value > groups[0].marks[0].value);
        QVERIFY(groups[1].marks[0].low < groups[1].marks[0].value);
        QVERIFY(m_page->pair()->sentence().isEmpty()); // one model alone
    }

    void severalTasks_areChosenInTheChart()
    {
        const QString set = m_folder->filePath(QStringLiteral("both"));
        tests::writeEvaluationFolder((set + QStringLiteral("/a")).toStdString(),
                                     tests::specOf("gsm8k"), tests::answersOf(3, 1, 4, 2), true);
        tests::writeEvaluationFolder((set + QStringLiteral("/b")).toStdString(),
                                     tests::specOf("math"), tests::answersOf(1, 9, 2, 2), true);
        m_page->take(QStringList {set});
        QTRY_COMPARE_WITH_TIMEOUT(m_page->scores()->chart()->groups().size(), qsizetype {2},
                                  hangMs());
        QCOMPARE(m_page->task(), 0);
        m_page->scores()->chart()->setFocus();
        QTest::keyClick(m_page->scores()->chart(), Qt::Key_Down);
        QCOMPARE(m_page->task(), 1);
        QCOMPARE(child<QAbstractButton>("evaluate.onlyA")->text(), QStringLiteral("9"));
        QTest::mouseClick(child<QAbstractButton>("evaluate.which.1"), Qt::LeftButton);
        const ScoreGroup& difference = m_page->scores()->chart()->groups().at(1);
        QCOMPARE(difference.marks.at(0).value, -0.5); // 3 of 14 less 10 of 14
        QVERIFY(difference.marks.at(0).low < -0.5 && difference.marks.at(0).high > -0.5);
    }

    void mtBench_isJudgedHere()
    {
        std::vector<core::Transcript> talks;
        for (std::int64_t index = 0; index < 3; ++index) {
            talks.push_back(tests::talkOf("base", index, {"one", "two"}));
            talks.push_back(tests::talkOf("pissa", index, {"uno", "due"}));
        }
        open(tests::specOf("mt-bench"), talks, true);
        QVERIFY(m_page->judge()->isVisible());
        QVERIFY(!child<QAbstractButton>("evaluate.both")->isVisible()); // no rule, no counts
        QVERIFY(m_page->pair()->sentence().contains(QLatin1String("judged afterwards")));
        action(QStringLiteral("evaluate.voteTie"))->trigger();
        QCOMPARE(m_page->judge()->questionId(), std::int64_t {82});
        QCOMPARE(m_bench->evaluations.votes(0).size(), std::size_t {1});
        const std::filesystem::path folder =
            m_folder->filePath(QStringLiteral("eval")).toStdString();
        QTRY_COMPARE_WITH_TIMEOUT(core::readVotes(folder).size(), std::size_t {1}, hangMs());
    }

    void aRealModel_isEvaluatedFromHere_andTheSessionKeepsIt()
    {
        const QString model = writeModel();
        m_page->take(QStringList {model});
        QTRY_COMPARE_WITH_TIMEOUT(m_page->form()->whom()->models().size(), std::size_t {1},
                                  hangMs());
        std::string lines;
        for (const char* prompt : {"abc", "Where", "Q1"}) {
            lines += json {{"prompt", prompt}, {"expected", "a"}}.dump() + "\n";
        }
        const QString file = m_folder->filePath(QStringLiteral("mine.jsonl"));
        core::writeFileAtomically(file.toStdString(), lines);
        m_page->form()->setFile(QStringLiteral("own"), file);
        QTRY_VERIFY_WITH_TIMEOUT(child<QCheckBox>("evaluate.task.own")->isChecked(), hangMs());
        QCOMPARE(child<QLabel>("evaluate.about.own")->text(), QStringLiteral("3"));
        child<QSpinBox>("evaluate.tokens")->setValue(4);
        child<QSpinBox>("evaluate.rows")->setValue(2);
        child<QComboBox>("evaluate.template")->setCurrentIndex(2); // it knows letters alone
        QCOMPARE(m_page->form()->problem(), QString());
        action(QStringLiteral("evaluate.copyCommand"))->trigger();
        const QString command = QGuiApplication::clipboard()->text();
        QVERIFY2(command.contains(QLatin1String("--task own"))
                     && command.contains(QLatin1String("--limit 2")),
                 qPrintable(command));
        QTest::mouseClick(child<QAbstractButton>("evaluate.start"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->evaluations.isWhole(), hangMs());
        QTRY_VERIFY_WITH_TIMEOUT(!m_bench->evaluations.isRunning(), hangMs());
        QCOMPARE(child<QLabel>("evaluate.state.own")->text(), QStringLiteral("done"));
        QCOMPARE(child<QLabel>("evaluate.answers")->text(), QStringLiteral("2 of 2"));
        QCOMPARE(m_page->scores()->chart()->groups().at(0).marks.size(), qsizetype {1});
        QCOMPARE(m_page->questions()->view()->model()->rowCount(), 2);
        QSettings session;
        m_page->saveState(session);
        openPage({1240, 800}); // the next start
        m_page->offerState(session);
        QTRY_VERIFY_WITH_TIMEOUT(m_bench->evaluations.isWhole(), hangMs());
        QCOMPARE(m_page->form()->row(QStringLiteral("own"))->path(), file);
        QCOMPARE(child<QSpinBox>("evaluate.tokens")->value(), 4);
    }

    void programs_wantConsent_askedOnce()
    {
        m_page->take(QStringList {writeModel()});
        QTRY_COMPARE_WITH_TIMEOUT(m_page->form()->whom()->models().size(), std::size_t {1},
                                  hangMs());
        const QString file = m_folder->filePath(QStringLiteral("code.jsonl"));
        core::writeFileAtomically(
            file.toStdString(),
            json {{"task_id", "HumanEval/0"},
                  {"prompt", "abc"},
                  {"entry_point", "f"},
                  {"canonical_solution", "    return 1\n"},
                  {"test", "def check(candidate):\n    assert candidate() == 1\n"}}
                    .dump()
                + "\n");
        m_page->form()->setFile(QStringLiteral("humaneval"), file);
        QTRY_VERIFY_WITH_TIMEOUT(child<QCheckBox>("evaluate.task.humaneval")->isChecked(),
                                 hangMs());
        child<QSpinBox>("evaluate.tokens")->setValue(2);
        child<QComboBox>("evaluate.template")->setCurrentIndex(2); // it knows letters alone
        const auto question = [this] {
            return m_page->findChild<QMessageBox*>(QStringLiteral("evaluate.consent"));
        };
        m_page->form()->startOrGoOn();
        QVERIFY(question() != nullptr);
        question()->reject();
        QTRY_VERIFY_WITH_TIMEOUT(question() == nullptr, hangMs());
        QVERIFY(!m_bench->evaluations.isRunning());
        QVERIFY(!Evaluations::hasConsent(EvaluateForm::project()));
        m_page->form()->startOrGoOn();
        QTest::mouseClick(
            question()->findChild<QAbstractButton*>(QStringLiteral("evaluate.consent.yes")),
            Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(Evaluations::hasConsent(EvaluateForm::project()), hangMs());
        // Where there is no sandbox it is refused, and said so: never run without one.
        QTRY_VERIFY_WITH_TIMEOUT(
            m_bench->evaluations.isWhole() || m_bench->evaluations.failure() != nullptr, hangMs());
        QTRY_VERIFY_WITH_TIMEOUT(!m_bench->evaluations.isRunning(), hangMs());
        m_bench->evaluations.close();
        m_page->form()->startOrGoOn(); // not asked again
        QVERIFY(question() == nullptr);
        QTRY_VERIFY_WITH_TIMEOUT(
            m_bench->evaluations.isWhole() || m_bench->evaluations.failure() != nullptr, hangMs());
    }

    void whatATaskHasNoUseFor_isLeftOut()
    {
        HowFields how;
        core::EvaluationSpec spec;
        how.applyTo(spec);
        QVERIFY(spec.sampling.greedy && spec.samples == 1 && spec.rule.empty());
        how.findChild<QAbstractButton*>(QStringLiteral("evaluate.decoding.1"))->click();
        how.findChild<QSpinBox*>(QStringLiteral("evaluate.samples"))->setValue(3);
        how.findChild<QSpinBox*>(QStringLiteral("evaluate.seed"))->setValue(7);
        auto* rule = how.findChild<QComboBox*>(QStringLiteral("evaluate.rule"));
        rule->setCurrentIndex(rule->findData(QStringLiteral("usual")));
        how.applyTo(spec); // gsm8k
        QVERIFY(!spec.sampling.greedy);
        QCOMPARE(spec.samples, std::int64_t {3});
        QCOMPARE(spec.sampling.seed, std::uint64_t {7});
        QCOMPARE(spec.rule, std::string("usual"));
        spec.task = "perplexity";
        how.applyTo(spec);
        QCOMPARE(spec.samples, std::int64_t {1});
        QCOMPARE(spec.rule, std::string());
    }

    void questions_keepTheRules()
    {
        QuestionsModel model;
        QAbstractItemModelTester tester(&model,
                                        QAbstractItemModelTester::FailureReportingMode::QtTest);
        open(tests::specOf("gsm8k"), tests::answersOf(2, 2, 2, 2), true);
        const TaskPicturePtr task = m_bench->evaluations.tasks().at(0);
        model.showTask(task, looksOf(task, {}), {0, 1});
        model.setFilter(AnswerFilter::OnlyA);
        QCOMPARE(model.rowCount(), 2);
        model.setWords(QStringLiteral("nothing like it"));
        QCOMPARE(model.rowCount(), 0);
        model.showTask(nullptr, {}, {-1, -1});
        QCOMPARE(model.count(AnswerFilter::All), std::int64_t {0});
    }

private:
    QAction* action(const QString& name) const
    {
        auto* found = m_page->findChild<QAction*>(name);
        Q_ASSERT_X(found != nullptr, "action", qPrintable(name));
        return found;
    }

    void open(const core::EvaluationSpec& spec, const std::vector<core::Transcript>& answers,
              bool isWhole)
    {
        const QString folder = m_folder->filePath(QStringLiteral("eval"));
        tests::writeEvaluationFolder(folder.toStdString(), spec, answers, isWhole);
        m_bench->evaluations.open(folder);
        QTRY_VERIFY_WITH_TIMEOUT(!m_bench->evaluations.isRunning(), hangMs());
        QVERIFY(m_bench->evaluations.failure() == nullptr);
        QVERIFY(m_page->scores()->isVisible());
    }

    QString writeModel() const
    {
        const QString model = m_folder->filePath(QStringLiteral("model"));
        tests::writeTinyModel(model.toStdString());
        tests::writeTinyTokenizer(model.toStdString());
        return model;
    }
};

QTEST_MAIN(TestEvaluatePage)
#include "tst_evaluate_page.moc"
