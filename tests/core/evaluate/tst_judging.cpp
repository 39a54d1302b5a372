// SPDX-License-Identifier: GPL-3.0-or-later
// MT-Bench's answers before judges: one that is scripted, a tiny model, and a server.
#include "core/base/error.h"
#include "core/evaluate/judge.h"
#include "core/evaluate/judging.h"
#include "core/http/http_server.h"
#include "tests/core/serve/served_models.h"

#include <QTest>

#include <algorithm>
#include <atomic>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stop_token>

using namespace pissarro;
using namespace pissarro::core;
namespace fs = std::filesystem;
using nlohmann::json;
using test::errorOf;

namespace {

// Says what a function makes of the question.
class ScriptedJudge : public Judge {
public:
    using Script = std::function<std::string(const JudgeQuestion& question)>;
    explicit ScriptedJudge(Script script, std::string called = "scripted/judge")
        : m_script(std::move(script))
        , m_called(std::move(called))
    {
    }
    std::string name() const override { return m_called; }
    void ask(const std::vector<JudgeQuestion>& questions,
             const std::function<void(std::size_t, const std::string&)>& tell,
             const JobContext& job) override
    {
        // From the last: answers come in no order that can be relied on.
        for (std::size_t i = questions.size(); i-- > 0;) {
            job.throwIfCancelled();
            ++asked;
            tell(i, m_script(questions[i]));
        }
    }
    std::size_t asked = 0;

private:
    Script m_script;
    std::string m_called;
};

bool holds(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

// 9 for what "good" said, else 4.
std::string rate(const JudgeQuestion& question)
{
    return holds(question.user, "fine answer") ? "Well done. Rating: [[9]]" : "Rating: [[4]]";
}

std::vector<std::string> linesOf(const fs::path& file)
{
    std::istringstream in(test::readBytes(file));
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) {
        lines.push_back(line);
    }
    return lines;
}

} // namespace

class TestJudging : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_scratch = std::make_unique<test::Scratch>();
        test::writeBytes(
            *m_scratch / "question.jsonl",
            R"({"question_id":81,"category":"writing","turns":["Write {answer}.","Again."]})"
            "\n"
            R"({"question_id":111,"category":"math","turns":["1+1?","And 2+2?"],"reference":["2","4"]})"
            "\n"
            R"({"question_id":121,"category":"coding","turns":["Sort."]})"
            "\n");
        writeAnswers("good", "a fine answer");
        writeAnswers("poor", "what?");
    }

    void ratings_areKeptAsFastChatHasThem()
    {
        ScriptedJudge judge(rate);
        std::vector<std::string> warned;
        JudgingOptions how = options();
        how.warn = [&](std::string_view line) { warned.emplace_back(line); };
        const Judging found = judgeAnswers(spec(), judge, how, JobContext());
        QCOMPARE(found.judgments, std::int64_t {10}); // 5 turns of two models
        QCOMPARE(found.models.size(), std::size_t {2});
        QCOMPARE(found.models[0].name, std::string("good"));
        QCOMPARE(found.models[0].all.mean, 9.0);
        QCOMPARE(found.models[0].firstTurn.count, std::int64_t {3});
        QCOMPARE(found.models[1].secondTurn.mean, 4.0);
        QVERIFY(found.unread.empty());
        QCOMPARE(warned.size(), std::size_t {1}); // coding without a reference
        QVERIFY(holds(warned[0], "answer: 1;"));
        QCOMPARE(found.file, out() / "model_judgment" / "scripted_judge_single.jsonl");
        const auto lines = readMtBenchJudgments(found.file);
        QCOMPARE(lines.size(), std::size_t {10});
        const auto math = std::find_if(lines.begin(), lines.end(), [](const auto& one) {
            return one.questionId == 111 && one.turn == 2 && one.model == "good";
        });
        QCOMPARE(math->judgePrompt, std::string("pissarro-single-reference-turn-2"));
        QVERIFY(holds(math->userPrompt, "== Correct answer 2\n4\n"));
        QCOMPARE(math->judge, std::string("scripted/judge"));
        const auto writing = std::find_if(lines.begin(), lines.end(), [](const auto& one) {
            return one.questionId == 81 && one.turn == 1 && one.model == "poor";
        });
        QVERIFY(holds(writing->userPrompt, "== Question\nWrite {answer}.\n\n")); // as it was asked
        const json summary = json::parse(toJson(found).dump());
        QCOMPARE(summary["models"][0]["score"], json(9.0));
        QCOMPARE(summary["models"][0]["ratings"], json(5));
    }

    void pairs_arePlayedTwice()
    {
        JudgingSpec pairs = spec();
        pairs.mode = JudgeMode::Pair;
        ScriptedJudge fair([](const JudgeQuestion& question) {
            return question.user.find("fine answer") < question.user.find("what?") ? "[[A]]"
                                                                                   : "[[B]]";
        });
        const Judging found = judgeAnswers(pairs, fair, options(), JobContext());
        QCOMPARE(fair.asked, std::size_t {10});
        QCOMPARE(found.pairs.size(), std::size_t {1});
        QCOMPARE(found.pairs[0].first, std::string("good"));
        QCOMPARE(found.pairs[0].won, std::int64_t {5});
        QVERIFY(found.pairs[0].lost == 0 && found.pairs[0].tied == 0);
        const auto lines = readMtBenchPairs(found.file);
        QCOMPARE(lines[0].firstWinner, std::string("model_1"));
        QCOMPARE(lines[0].secondWinner, std::string("model_1"));
        QVERIFY(lines[0].firstUserPrompt != lines[0].secondUserPrompt);
        QCOMPARE(mtBenchLine(lines[0]), linesOf(found.file)[0] + "\n");

        // One that likes what it reads first has said nothing: a tie.
        ScriptedJudge biased([](const JudgeQuestion&) { return "[[A]]"; });
        JudgingOptions elsewhere {*m_scratch / "biased"};
        pairs.baseline = "good"; // stands second
        const Judging tied = judgeAnswers(pairs, biased, elsewhere, JobContext());
        QCOMPARE(tied.pairs[0].second, std::string("good"));
        QCOMPARE(tied.pairs[0].tied, std::int64_t {5});
    }

    void nonsense_isCountedAndNamed()
    {
        ScriptedJudge judge([](const JudgeQuestion& question) {
            return holds(question.user, "what?") ? "I would rather not." : "[[7]]";
        });
        const Judging found = judgeAnswers(spec(), judge, options(), JobContext());
        QCOMPARE(found.models[1].unread, std::int64_t {5});
        QCOMPARE(found.models[1].all.count, std::int64_t {0});
        QCOMPARE(found.models[0].all.mean, 7.0);
        QCOMPARE(found.unread.size(), std::size_t {5});
        QVERIFY(std::find(found.unread.begin(), found.unread.end(), "question 81, turn 1, poor")
                != found.unread.end());
        QVERIFY(toJson(found)["models"][1]["score"].is_null());
        JudgingSpec pairs = spec();
        pairs.mode = JudgeMode::Pair;
        ScriptedJudge silent([](const JudgeQuestion&) { return std::string(); });
        const Judging none = judgeAnswers(pairs, silent, {*m_scratch / "silent"}, JobContext());
        QCOMPARE(none.pairs[0].unread, std::int64_t {5});
        QCOMPARE(readMtBenchPairs(none.file)[0].firstWinner, std::string("error"));
    }

    void whatWasKilled_goesOn_data()
    {
        QTest::addColumn<bool>("pairs");
        QTest::newRow("ratings") << false;
        QTest::newRow("pairs") << true;
    }
    void whatWasKilled_goesOn()
    {
        QFETCH(bool, pairs);
        JudgingSpec asked = spec();
        asked.mode = pairs ? JudgeMode::Pair : JudgeMode::Single;
        std::stop_source stop;
        int left = 7;
        ScriptedJudge dying([&](const JudgeQuestion& question) {
            if (--left == 0) {
                stop.request_stop();
            }
            return rate(question) + " [[A]]";
        });
        QVERIFY_THROWS_EXCEPTION(
            Cancelled, judgeAnswers(asked, dying, options(), JobContext(stop.get_token())));
        const fs::path file = out() / "model_judgment"
            / (pairs ? "scripted_judge_pair.jsonl" : "scripted_judge_single.jsonl");
        const std::size_t kept = linesOf(file).size();
        QVERIFY(kept > 0 && kept < 10);
        test::writeBytes(file, test::readBytes(file) + "{\"question_id\": 8"); // torn
        ScriptedJudge next([](const JudgeQuestion& question) { return rate(question) + " [[A]]"; });
        const Judging found = judgeAnswers(asked, next, options(), JobContext());
        QCOMPARE(next.asked, pairs ? 10 - 2 * kept : 10 - kept);
        QCOMPARE(found.judgments, std::int64_t {pairs ? 5 : 10});
        QCOMPARE(linesOf(file).size(), std::size_t {pairs ? 5U : 10U});
        judgeAnswers(asked, next, options(), JobContext()); // nothing is left to ask
        QCOMPARE(next.asked, pairs ? 10 - 2 * kept : 10 - kept);
    }

    void anotherJudging_isRefused()
    {
        ScriptedJudge judge(rate);
        judgeAnswers(spec(), judge, options(), JobContext());
        const auto refusal = [&](const JudgingSpec& other, Judge& by) {
            const auto error = errorOf([&] { judgeAnswers(other, by, options(), JobContext()); });
            return error ? std::string(error->what()) : std::string();
        };
        JudgingSpec pairs = spec();
        pairs.mode = JudgeMode::Pair;
        QVERIFY(holds(refusal(pairs, judge), "(mode differs)"));
        ScriptedJudge second(rate, "second");
        QVERIFY(holds(refusal(spec(), second), "(judge differs)"));
        JudgingSpec fewer = spec();
        fewer.answers.pop_back();
        QVERIFY(holds(refusal(fewer, judge), "answers of poor"));
        writeAnswers("poor", "something else");
        QVERIFY(holds(refusal(spec(), judge), "(answers of poor differs)"));
        JudgingOptions replace = options();
        replace.overwrite = Overwrite::Ours;
        QCOMPARE(judgeAnswers(spec(), judge, replace, JobContext()).judgments, std::int64_t {10});
        fs::create_directories(*m_scratch / "foreign");
        test::writeBytes(*m_scratch / "foreign" / "mine.txt", "mine");
        QVERIFY(errorOf([&] {
            judgeAnswers(spec(), judge, {*m_scratch / "foreign", Overwrite::Ours}, JobContext());
        }));
        QCOMPARE(test::readBytes(*m_scratch / "foreign" / "mine.txt"), std::string("mine"));
    }

    void badInput_isNamed()
    {
        ScriptedJudge judge(rate);
        const auto refusal = [&](const JudgingSpec& bad) {
            const auto error = errorOf([&] { judgeAnswers(bad, judge, options(), JobContext()); });
            return error ? std::string(error->what()) : std::string();
        };
        JudgingSpec bad = spec();
        bad.questions.clear();
        QVERIFY(holds(refusal(bad), "--questions"));
        bad = spec();
        bad.answers = {m_scratch->path()};
        QVERIFY(holds(refusal(bad), "model_answer"));
        bad = spec();
        bad.answers.push_back(bad.answers.front());
        QVERIFY(holds(refusal(bad), "second file of 'good'"));
        bad = spec();
        bad.mode = JudgeMode::Pair;
        bad.baseline = "none";
        QVERIFY(holds(refusal(bad), "'none'"));
        bad.baseline.clear();
        bad.answers.pop_back();
        QVERIFY(holds(refusal(bad), "two models"));
        test::writeBytes(
            *m_scratch / "good.jsonl",
            R"({"question_id":81,"answer_id":"a","model_id":"good","choices":[{"turns":["one"]}]})"
            "\n");
        QVERIFY(holds(refusal(spec()), "question 81"));
        QVERIFY(!fs::exists(out())); // nothing was begun
        QCOMPARE(judge.asked, std::size_t {0});
    }

    // The same model asked here and over HTTP says the same.
    void aModel_judgesHereAndThere()
    {
        const fs::path folder = *m_scratch / "judge";
        tests::writeServedModel(folder, /*endless=*/true);
        const JudgeOptions how {.maxNewTokens = 6, .together = 2};
        const std::vector<JudgeQuestion> questions {{"be", "abc"}, {"be", "xyz"}, {"so", "Q"}};
        const auto saidBy = [&](Judge& judge) {
            std::vector<std::string> said(questions.size());
            judge.ask(
                questions, [&](std::size_t i, const std::string& text) { said[i] = text; },
                JobContext());
            return said;
        };
        const auto here = openJudge({folder.string()}, "here", how, JobContext());
        const std::vector<std::string> expected = saidBy(*here);
        QCOMPARE(here->name(), std::string("here"));
        ServeOptions any;
        any.port = 0;
        const ModelServer server(tests::choirOfFolder(folder), {"tiny"}, any);
        const auto there = callJudge({server.url(), {}, {}}, how, JobContext());
        QCOMPARE(there->name(), std::string("tiny"));
        QVERIFY(saidBy(*there) == expected);

        // A template that refuses system messages gets one text.
        test::writeBytes(
            folder / "tokenizer_config.json",
            R"({"chat_template": "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system') }}{% endif %}{% for m in messages %}Q{{ m['content'] }}A{% endfor %}"})");
        const auto strict = openJudge({folder.string()}, "strict", how, JobContext());
        QCOMPARE(saidBy(*strict).size(), questions.size());
        fs::remove(folder / "tokenizer_config.json");
        QVERIFY(errorOf([&] { openJudge({folder.string()}, "none", how, JobContext()); }));
    }

    void aServer_mayBeBusyOrBroken()
    {
        std::atomic<int> asked = 0;
        std::string body = R"({"choices": [{"message": {"content": "[[5]]"}}]})";
        int status = 200;
        const HttpServer server({}, [&](const HttpRequest& request) {
            HttpReply reply;
            const int time = ++asked;
            if (request.path == "/v1/models") {
                reply.body = R"({"data": [{"id": "first"}, {"id": "second"}]})";
            } else {
                reply.status = time == 2 ? 429 : status; // busy once
                reply.body = body;
            }
            return reply;
        });
        const std::string url = "http://127.0.0.1:" + std::to_string(server.port()) + "/v1";
        const auto judge = callJudge({url, {}, "key"}, {}, JobContext());
        QCOMPARE(judge->name(), std::string("first"));
        const auto say = [&] {
            std::string said;
            judge->ask(
                {{"s", "u"}}, [&](std::size_t, const std::string& text) { said = text; },
                JobContext());
            return said;
        };
        QCOMPARE(say(), std::string("[[5]]"));
        QCOMPARE(asked.load(), 3);
        status = 400;
        QCOMPARE(say(), std::string(kJudgeRefused));
        status = 500;
        body = R"({"error": {"message": "out of memory"}})";
        auto error = errorOf([&] { say(); });
        QVERIFY(error && holds(error->what(), "status 500: 'out of memory'"));
        status = 200;
        for (const char* nonsense :
             {"", "what?", "[]", "{}", R"({"choices": []})", R"({"choices": [{"message": 5}]})",
              R"({"choices": [{"message": {"content": 5}}]})"}) {
            body = nonsense;
            error = errorOf([&] { say(); });
            QVERIFY2(error && error->kind() == ErrorKind::Io, nonsense);
        }
        error = errorOf([] { callJudge({"http://192.0.2.1/v1", "m", {}}, {}, JobContext()); });
        QVERIFY(error && holds(error->what(), "--allow-remote"));
        QVERIFY(callJudge({"http://192.0.2.1/v1", "m", {}, true}, {}, JobContext())->name() == "m");
        QVERIFY(errorOf([] { callJudge({"https://127.0.0.1/v1", "m", {}}, {}, JobContext()); }));
    }

private:
    fs::path out() const { return *m_scratch / "out"; }
    JudgingOptions options() const { return {out()}; }
    JudgingSpec spec() const
    {
        JudgingSpec asked;
        asked.answers = {*m_scratch / "good.jsonl", *m_scratch / "poor.jsonl"};
        asked.questions = *m_scratch / "question.jsonl";
        return asked;
    }
    void writeAnswers(const std::string& model, const std::string& text) const
    {
        std::string lines;
        for (const auto& [id, turns] : {std::pair(81, 2), std::pair(111, 2), std::pair(121, 1)}) {
            MtBenchAnswer answer {id,
                                  "a",
                                  model,
                                  {std::vector<std::string>(static_cast<std::size_t>(turns), text)},
                                  1.0};
            lines += mtBenchLine(answer);
        }
        test::writeBytes(*m_scratch / (model + ".jsonl"), lines);
    }

    std::unique_ptr<test::Scratch> m_scratch;
};

QTEST_GUILESS_MAIN(TestJudging)
#include "tst_judging.moc"
