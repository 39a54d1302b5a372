// SPDX-License-Identifier: GPL-3.0-or-later
// What a person is shown: the questions as they are asked, and the part of an answer that was judged.
#include "core/evaluate/shown_answers.h"
#include "tests/core/file/test_files.h"

#include <QTest>

#include <nlohmann/json.hpp>

using namespace pissarro;
using namespace pissarro::core;
using nlohmann::json;

namespace {

std::string framed(std::string_view output, const std::string& extracted)
{
    Score score;
    score.extracted = extracted;
    const auto part = readPart(output, score);
    return part ? std::string(output.substr(part->begin, part->end - part->begin)) + "@"
            + std::to_string(part->begin)
                : std::string("none");
}

} // namespace

class TestShownAnswers : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theQuestions_haveNoTemplateAround()
    {
        const test::Scratch scratch;
        test::writeBytes(scratch / "own.jsonl",
                         json {{"prompt", "one?"}, {"expected", "1"}}.dump() + "\n"
                             + json {{"prompt", "two?"}, {"expected", "2"}}.dump() + "\n");
        QCOMPARE(askedTexts("own", scratch / "own.jsonl").size(), 2U);
        QCOMPARE(askedTexts("own", scratch / "own.jsonl", 1), (std::vector<std::string> {"one?"}));
        test::writeBytes(
            scratch / "mt.jsonl",
            json {{"question_id", 81}, {"category", "writing"}, {"turns", {"a", "b"}}}.dump()
                + "\n");
        QCOMPARE(askedTexts("mt-bench", scratch / "mt.jsonl").at(0), std::string("a\n\nb"));
        test::writeBytes(scratch / "text.txt", "Some text.");
        QCOMPARE(askedTexts("perplexity", scratch / "text.txt").size(), 1U);
        QVERIFY(test::errorOf([&] { askedTexts("own", scratch / "none.jsonl"); }).has_value());

        Evaluation evaluation;
        evaluation.spec.task = "own";
        evaluation.spec.data = scratch / "own.jsonl";
        evaluation.spec.rows = 1;
        QCOMPARE(askedTexts(evaluation, JobContext()).size(), 1U);
        evaluation.data = "of another file";
        QVERIFY(askedTexts(evaluation, JobContext()).empty());
        evaluation.spec.data = scratch / "gone.jsonl";
        QVERIFY(askedTexts(evaluation, JobContext()).empty());
    }

    void theLastWholePlace_isFramed_data()
    {
        QTest::addColumn<QString>("output");
        QTest::addColumn<QString>("extracted");
        QTest::addColumn<QString>("found");
        QTest::newRow("last") << "18 of 18 eggs"
                              << "18"
                              << "18@6";
        QTest::newRow("at the end") << "It is 18."
                                    << "18"
                                    << "18@6";
        QTest::newRow("no part of a number") << "18 is not 183 and not 18.5"
                                             << "18"
                                             << "18@0";
        QTest::newRow("no part of a word") << "a cat, alas"
                                           << "a"
                                           << "a@0";
        QTest::newRow("thousands") << "so $1,001.00 in all"
                                   << "1001"
                                   << "1,001.00@4";
        QTest::newRow("negative") << "that is -4,000 then"
                                  << "-4000"
                                  << "-4,000@8";
        QTest::newRow("text") << "the \\boxed{x + 1}"
                              << "x + 1"
                              << "x + 1@11";
        QTest::newRow("nowhere") << "no number"
                                 << "7"
                                 << "none";
        QTest::newRow("nothing") << "abc"
                                 << ""
                                 << "none";
    }
    void theLastWholePlace_isFramed()
    {
        QFETCH(QString, output);
        QFETCH(QString, extracted);
        QFETCH(QString, found);
        QCOMPARE(QString::fromStdString(framed(output.toStdString(), extracted.toStdString())),
                 found);
        QVERIFY(!readPart(output.toStdString(), Score()).has_value());
    }

    void turns_areListedEach()
    {
        Transcript one;
        one.output = "text";
        QCOMPARE(writtenTurns(one), (std::vector<std::string> {"text"}));
        one.output = json::array({"first", "second"});
        QCOMPARE(writtenTurns(one).size(), 2U);
        one.output = {{"nll", 3.0}};
        QVERIFY(writtenTurns(one).empty());
    }

    void whatIsRight_isToldInShort()
    {
        QCOMPARE(shownGold(nullptr), std::string());
        QCOMPARE(shownGold("Two and two.\n#### 1,018"), std::string("1,018"));
        QCOMPARE(shownGold("x + 1"), std::string("x + 1"));
        QCOMPARE(shownGold(json {{"choices", {"cat", "dog", "cow"}}, {"gold", {1, 2}}}),
                 std::string("dog, cow"));
        QCOMPARE(shownGold(json {{"choices", {"cat"}}, {"gold", {7}}}), std::string());
        QCOMPARE(shownGold(json {{"other", 1}}), std::string("{\"other\":1}"));
    }

    void choices_areToldWithTheirWeights()
    {
        Transcript one;
        one.gold = {{"choices", {"cat", "dog"}}, {"gold", {1}}};
        one.output = {{"loglikelihoods", {-12.5, -3.25}}, {"tokens", {2, 1}}};
        const auto choices = weighedChoices(one);
        QCOMPARE(choices.size(), 2U);
        QCOMPARE(choices[0].text, std::string("cat"));
        QCOMPARE(choices[0].logLikelihood, -12.5);
        QCOMPARE(choices[0].tokens, std::int64_t {2});
        QVERIFY(!choices[0].isRight);
        QVERIFY(choices[1].isRight);
        one.output = {{"loglikelihoods", {-12.5}}}; // of another question
        QVERIFY(weighedChoices(one).empty());
        one.output = "text";
        QVERIFY(weighedChoices(one).empty());
    }
};

QTEST_GUILESS_MAIN(TestShownAnswers)
#include "tst_shown_answers.moc"
