// SPDX-License-Identifier: GPL-3.0-or-later
// Lines as fastchat/llm_judge of lm-sys/FastChat writes them.
#include "core/tasks/mt_bench.h"
#include "tests/core/file/test_files.h"

#include <QTest>

#include <nlohmann/json.hpp>

using namespace pissarro;
using namespace pissarro::core;
using test::errorOf;

namespace {

constexpr const char* kAnswer =
    R"({"question_id":81,"answer_id":"a1","model_id":"m","choices":[{"index":0,"turns":["one","two"]}],"tstamp":1687222275.5})"
    "\n";
constexpr const char* kJudgment =
    R"({"question_id":81,"model":"m","judge":["gpt-4","single-v1"],"user_prompt":"[Instruction]","judgment":"Good. Rating: [[8.5]]","score":8.5,"turn":1,"tstamp":1687222275.5})"
    "\n";

} // namespace

class TestMtBench : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void lines_areReadAndWrittenAlike()
    {
        const test::Scratch scratch;
        test::writeBytes(scratch / "answer.jsonl", kAnswer);
        test::writeBytes(scratch / "judgment.jsonl", kJudgment);
        const auto answers = readMtBenchAnswers(scratch / "answer.jsonl");
        QCOMPARE(answers.size(), 1U);
        QCOMPARE(answers[0].questionId, std::int64_t {81});
        QCOMPARE(answers[0].choices.at(0).at(1), std::string("two"));
        QCOMPARE(mtBenchLine(answers[0]), std::string(kAnswer));
        const auto judgments = readMtBenchJudgments(scratch / "judgment.jsonl");
        QCOMPARE(judgments.size(), 1U);
        QCOMPARE(judgments[0].judge, std::string("gpt-4"));
        QCOMPARE(mtBenchLine(judgments[0]), std::string(kJudgment));
    }

    void theQuestions_areEighty()
    {
        const auto path = test::fs::path(PISSARRO_SHARED) / "data" / "mt_bench_questions.jsonl";
        if (!test::fs::exists(path)) {
            QSKIP("shared/data is not here");
        }
        const auto questions = readMtBenchQuestions(path);
        QCOMPARE(questions.size(), 80U);
        int withReference = 0;
        for (const MtBenchQuestion& one : questions) {
            QCOMPARE(one.turns.size(), 2U);
            withReference += one.reference.empty() ? 0 : 1;
        }
        QVERIFY(withReference > 0 && withReference < 80);
    }

    void ratings_areReadAsFastChatDoes()
    {
        QVERIFY(ratingOf("Rating: [[7]]") == 7.0);
        QVERIFY(ratingOf("[[7.5]], not [[8]]") == 7.5);
        QVERIFY(ratingOf("[[x]] and [[9.]]") == 9.0);
        QVERIFY(ratingOf("Rating: [6]") == 6.0); // its second try
        QVERIFY(ratingOf("[3] then [[4]]") == 4.0);
        for (const char* const none :
             {"", "7", "[[seven]]", "[[-3]]", "[[7/10]]", "[[7 ]]", "[["}) {
            QVERIFY2(!ratingOf(none), none);
        }
    }

    void winners_areReadAsFastChatDoes()
    {
        QVERIFY(winnerOf("final: [[A]]") == PairWinner::First);
        QVERIFY(winnerOf("[[B]]") == PairWinner::Second);
        QVERIFY(winnerOf("[[C]]") == PairWinner::Tie);
        QVERIFY(winnerOf("[[B]] or [[A]]") == PairWinner::First);
        QVERIFY(!winnerOf("A is better"));
    }

    void score_leavesOutWhatTheJudgeDidNotRate()
    {
        MtBenchJudgment one;
        one.score = 8.0;
        MtBenchJudgment other;
        other.score = 5.0;
        QVERIFY(mtBenchScore({one, MtBenchJudgment(), other}) == 6.5);
        QVERIFY(!mtBenchScore({MtBenchJudgment()}));
    }

    void refuses_whatIsNoLineOfIt()
    {
        const test::Scratch scratch;
        const auto path = scratch / "lines.jsonl";
        for (const char* const line :
             {"[]", "{}", R"({"question_id":1,"answer_id":"a","model_id":"m","choices":[]})",
              R"({"question_id":1,"answer_id":"a","model_id":"m","choices":[{"turns":[]}]})",
              R"({"question_id":"x","category":"c","turns":["t"]})", "\n"}) {
            test::writeBytes(path, line);
            for (const auto& read : std::initializer_list<std::function<void()>> {
                     [&] { readMtBenchQuestions(path); }, [&] { readMtBenchAnswers(path); },
                     [&] { readMtBenchJudgments(path); }}) {
                QCOMPARE(test::complaint(errorOf(read), path, "expected"), QString());
            }
        }
    }
};

QTEST_GUILESS_MAIN(TestMtBench)
#include "tst_mt_bench.moc"
