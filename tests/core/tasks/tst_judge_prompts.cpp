// SPDX-License-Identifier: GPL-3.0-or-later
// What a judge of MT-Bench is asked, and FastChat's files of pairs.
#include "core/base/error.h"
#include "core/tasks/judge_prompts.h"
#include "tests/core/file/test_files.h"

#include <QTest>

using namespace pissarro;
using namespace pissarro::core;

namespace {

bool holds(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

} // namespace

class TestJudgePrompts : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void eachPrompt_asksForWhatIsRead()
    {
        QCOMPARE(allJudgePrompts().size(), std::size_t {8});
        for (const JudgeMode mode : {JudgeMode::Single, JudgeMode::Pair}) {
            for (const bool beside : {false, true}) {
                for (const int turn : {1, 2}) {
                    const JudgePrompt& prompt = judgePrompt(mode, beside, turn);
                    const std::string name(prompt.name);
                    QCOMPARE(holds(name, "pair"), mode == JudgeMode::Pair);
                    QCOMPARE(holds(name, "reference"), beside);
                    QCOMPARE(name.ends_with("turn-2"), turn == 2);
                    const std::vector<std::vector<std::string>> answers(
                        mode == JudgeMode::Pair ? 2 : 1, {"{one}", "two"});
                    const std::string text = judgeText(prompt, {"q1", "q2"}, answers, {"r1", "r2"});
                    QVERIFY(holds(text, "q1") && holds(text, "{one}"));
                    QCOMPARE(holds(text, "r1"), beside);
                    QCOMPARE(holds(text, "q2"), turn == 2);
                    // The example in it is what the reader of judgments takes.
                    const std::string asks = prompt.system + text;
                    if (mode == JudgeMode::Pair) {
                        QVERIFY(holds(asks, "[[A]]") && holds(asks, "[[B]]")
                                && holds(asks, "[[C]]"));
                    } else {
                        QVERIFY(ratingOf(asks) == 7.0);
                    }
                }
            }
        }
        QVERIFY(needsReference("math") && !needsReference("writing"));
        QCOMPARE(gameWinner("[[A]]", true), std::string("model_2"));
        QCOMPARE(gameWinner("[[C]]", true), std::string("tie"));
        QCOMPARE(gameWinner("neither", false), std::string("error"));
    }

    void pairs_areReadAndWrittenAlike()
    {
        const test::Scratch scratch;
        MtBenchPair pair {81,    "a",     "b",        "model_1", "model_1", "gpt-4",     "pair-v2",
                          "ask", "[[A]]", "ask back", "[[B]]",   2,         1687222275.5};
        QVERIFY(pair.winner() == PairWinner::First);
        const std::string line = mtBenchLine(pair);
        test::writeBytes(scratch / "pair.jsonl", line);
        const auto read = readMtBenchPairs(scratch / "pair.jsonl");
        QCOMPARE(read.size(), std::size_t {1});
        QCOMPARE(mtBenchLine(read[0]), line);
        QVERIFY(holds(
            line, R"("g1_winner":"model_1","g2_winner":"model_1","judge":["gpt-4","pair-v2"])"));
        pair.secondWinner = "model_2"; // by its place alone
        QVERIFY(pair.winner() == PairWinner::Tie);
        pair.secondWinner = "error";
        QVERIFY(!pair.winner());
        for (const char* bad : {"", "{}\n", "[]\n", R"({"model_1": "a"})", "what?\n"}) {
            test::writeBytes(scratch / "bad.jsonl", bad);
            const auto error = test::errorOf([&] { readMtBenchPairs(scratch / "bad.jsonl"); });
            QVERIFY2(error && error->kind() == ErrorKind::Format, bad);
            QVERIFY(holds(error->what(), "bad.jsonl"));
        }
    }
};

QTEST_GUILESS_MAIN(TestJudgePrompts)
#include "tst_judge_prompts.moc"
