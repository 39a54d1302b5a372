// SPDX-License-Identifier: GPL-3.0-or-later
// What may be said of runs: which are compared, by what, and never more than the rules allow.
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/compare/run_claims.h"
#include "core/compare/scoreboard.h"
#include "core/history/metric_names.h"
#include "tests/core/file/test_files.h"

#include <QTest>

#include <cmath>
#include <stop_token>

using namespace pissarro;
using namespace pissarro::core;
namespace fs = std::filesystem;

namespace {

ComparedRun runOf(std::string_view method, double rate, std::uint64_t seed, double loss)
{
    ComparedRun one;
    one.name = std::string(method) + "-" + std::to_string(rate) + "-" + std::to_string(seed);
    one.path = "/runs/" + one.name;
    one.run = RunSummary();
    one.run->spec.method = methodNamed(method);
    one.run->spec.learningRate = rate;
    one.run->spec.seed = seed;
    one.run->bestEvalLoss = loss;
    one.history.metrics[std::string(metric::kLoss)] = {{1, 2}, {3.0, loss}};
    return one;
}

// Six seeds of two methods that differ by far more than seeds do.
std::vector<ComparedRun> clearRuns()
{
    std::vector<ComparedRun> runs;
    for (std::uint64_t seed = 0; seed < 6; ++seed) {
        const double noise = 0.001 * static_cast<double>(seed);
        runs.push_back(runOf("pissa", 2e-4, seed, 0.6 + noise));
        runs.push_back(runOf("lora", 2e-4, seed, 0.7 - noise));
    }
    return runs;
}

// Four hundred questions: the first model solves all of them, the second every other one.
void writeEvaluation(const fs::path& folder, const std::string& first, const std::string& second)
{
    fs::create_directories(folder);
    test::writeBytes(folder / "summary.json",
                     R"({"task": "gsm8k", "rule": "paper", "questions": 400, "models": [{"name": ")"
                         + first
                         + R"(", "score": 1.0, "correct": 400, "questions": 400}, {"name": ")"
                         + second + R"(", "score": 0.5, "correct": 200, "questions": 400}]})");
    for (const std::string& name : {first, second}) {
        std::string lines;
        for (int i = 0; i < 400; ++i) {
            const bool correct = name == first || i % 2 == 0;
            lines += R"({"index": )" + std::to_string(i) + R"(, "correct": )"
                + (correct ? "true" : "false") + "}\n";
        }
        test::writeBytes(folder / (name + ".jsonl"), lines + "{\"index\": 7, \"corr"); // torn
    }
}

} // namespace

class RunClaimsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void sixSeeds_show()
    {
        const RunClaims claims = claimsOf(clearRuns(), {});
        QCOMPARE(claims.measure, std::string("held-out loss"));
        QVERIFY(claims.lowerIsBetter);
        QCOMPARE(claims.tried.size(), std::size_t {12});
        QCOMPARE(claims.conclusions.size(), std::size_t {1});
        QCOMPARE(claims.conclusions[0].outcome, Outcome::FirstAhead);
        QCOMPARE(claims.conclusions[0].verdict, Verdict::Shows);
        QVERIFY2(claims.sentence().find("PiSSA") != std::string::npos, claims.sentence().c_str());
        QVERIFY(!claims.basis().empty());
    }

    void twoRuns_neverShow()
    {
        const RunClaims claims =
            claimsOf({runOf("pissa", 2e-4, 0, 0.1), runOf("lora", 2e-4, 0, 9.0)}, {});
        QCOMPARE(claims.conclusions[0].verdict, Verdict::NoDifference);
    }

    void oneMethod_comparesWithNothing()
    {
        const RunClaims claims = claimsOf({runOf("pissa", 2e-4, 0, 0.1)}, {});
        QVERIFY(claims.conclusions.empty());
        QVERIFY(claims.sentence().find("no two methods") != std::string::npos);
    }

    // A setting beside method, rate and seed tells runs apart, but not one that means nothing to the method.
    void settings_areHeldEqual()
    {
        auto runs = clearRuns();
        for (ComparedRun& one : runs) {
            if (one.run->spec.method == methodNamed("pissa")) {
                one.run->spec.svd.fast.niter = 4; // of the fast SVD, which none uses
                one.run->spec.threads = 7; // decides nothing
            }
        }
        QCOMPARE(claimsOf(runs, {}).conclusions.size(), std::size_t {1});
        QVERIFY(claimsOf(runs, {}).conclusions[0].setting.empty());
        for (ComparedRun& one : runs) {
            one.run->spec.rank = one.run->spec.seed < 3 ? 8 : 16;
        }
        const RunClaims claims = claimsOf(runs, {});
        QCOMPARE(claims.conclusions.size(), std::size_t {2});
        QCOMPARE(claims.conclusions[0].setting, std::string("rank 8"));
        QCOMPARE(claims.conclusions[0].verdict, Verdict::Suggests); // three seeds
    }

    void repeatedAndForeignRuns_areSaid()
    {
        auto runs = clearRuns();
        runs.push_back(runs.front());
        ComparedRun foreign;
        foreign.name = "elsewhere";
        runs.push_back(foreign);
        runs.push_back(runOf("lora", 1e-3, 0, std::nan("")));
        runs.back().history.metrics.clear();
        const RunClaims claims = claimsOf(runs, {});
        QCOMPARE(claims.tried.size(), std::size_t {12});
        QCOMPARE(claims.notes.size(),
                 std::size_t {4}); // and that rates were chosen by the same rows
    }

    // Without held-out rows the loss at the end of training; without any nothing.
    void losses_standIn()
    {
        auto runs = clearRuns();
        for (ComparedRun& one : runs) {
            one.run->bestEvalLoss = std::nan("");
        }
        QCOMPARE(claimsOf(runs, {}).measure, std::string("training loss at the end"));
        for (ComparedRun& one : runs) {
            one.history.metrics.clear();
        }
        const RunClaims none = claimsOf(runs, {});
        QVERIFY(none.conclusions.empty() && !none.notes.empty());
    }

    void answers_goBeforeLosses()
    {
        const test::Scratch scratch;
        const std::vector<ComparedRun> runs {runOf("pissa", 2e-4, 0, 0.9),
                                             runOf("lora", 2e-4, 0, 0.8)};
        writeEvaluation(scratch / "eval", runs[0].name, runs[1].name);
        const Scoreboard evaluation = readScoreboard(scratch / "eval");
        QCOMPARE(evaluation.task, std::string("gsm8k"));
        QCOMPARE(evaluation.rule, std::string("paper"));
        QCOMPARE(evaluation.models[1].solved.size(),
                 std::size_t {400}); // what is torn is passed over
        QVERIFY(evaluation.models[1].interval->low < 0.5
                && evaluation.models[1].interval->high > 0.5);
        const RunClaims claims = claimsOf(runs, {evaluation});
        QCOMPARE(claims.measure, std::string("gsm8k"));
        QVERIFY(!claims.lowerIsBetter);
        QCOMPARE(claims.tried[0].solved.size(), std::size_t {200}); // the half that is reported
        QCOMPARE(claims.conclusions[0].outcome, Outcome::FirstAhead);
        QCOMPARE(claims.conclusions[0].verdict, Verdict::Shows); // over questions
    }

    // An evaluation may have a gigabyte of answers: who waits for it is let go within a few megabytes.
    void aLongEvaluation_isLeftWhenStopped()
    {
        const test::Scratch scratch;
        writeEvaluation(scratch / "eval" / "a", "somebody", "else");
        const std::string padding(9U << 20U, ' ');
        test::writeBytes(scratch / "eval" / "a" / "else.jsonl",
                         padding + "\n{\"index\": 0, \"correct\": true}\n" + padding);
        const auto read = [&](int pieces) { // stopped at this one; returns how many were read
            std::stop_source stop;
            int seen = 0;
            const JobContext job(stop.get_token(), [&](double, std::string_view stage) {
                if (stage == "reading answers" && ++seen == pieces) {
                    stop.request_stop();
                }
            });
            try {
                readScoreboards(scratch / "eval", job);
            } catch (const Cancelled&) {
                return seen;
            }
            return -seen;
        };
        QCOMPARE(read(1), 1);
        QCOMPARE(read(3), 3);
        QCOMPARE(read(0), -6); // nobody stopped it: somebody.jsonl, and 18 MB
        const Scoreboard board = readScoreboard(scratch / "eval" / "a");
        QCOMPARE(board.models.size(), std::size_t {2});
        std::stop_source stopped;
        stopped.request_stop();
        QVERIFY_THROWS_EXCEPTION(
            Cancelled, readScoreboard(scratch / "eval" / "a", JobContext(stopped.get_token())));
    }

    void namesOfOthers_areNoRuns()
    {
        const test::Scratch scratch;
        writeEvaluation(scratch / "eval", "somebody", "else");
        QCOMPARE(claimsOf(clearRuns(), {readScoreboard(scratch / "eval")}).measure,
                 std::string("held-out loss"));
    }

    void severalAnswersToAQuestion_areCountedAsTheyAre()
    {
        const test::Scratch scratch;
        test::writeBytes(
            scratch / "summary.json",
            R"({"task": "humaneval", "models": [{"name": "a", "score": 0.5, "correct": 3, "questions": 2,
               "answers": 6, "interval": [0.25, 0.75]}]})");
        test::writeBytes(scratch / "a.jsonl",
                         "{\"index\": 0, \"sample\": 0, \"correct\": true}\n"
                         "{\"index\": 0, \"sample\": 1, \"correct\": false}\n"
                         "{\"index\": 1, \"sample\": 0, \"correct\": false}\n"
                         "{\"index\": 1, \"sample\": 1, \"correct\": true}\n");
        const Scoreboard board = readScoreboard(scratch.path());
        QCOMPARE(board.models[0].answers, 6);
        QCOMPARE(board.models[0].interval->low, 0.25);
        QCOMPARE(board.models[0].solved, std::vector<bool>({true, false})); // the first of each
    }

    void perplexities_areScoresToo_theLowerTheBetter()
    {
        const test::Scratch scratch;
        const std::vector<ComparedRun> runs = clearRuns();
        std::string models;
        for (std::size_t i = 0; i < runs.size(); ++i) {
            models += fmt::format(R"({}{{"name": "{}", "perplexity": {}, "interval": [9, 14]}})",
                                  i == 0 ? "" : ", ", runs[i].name, i % 2 == 0 ? 10.5 : 12.25);
        }
        test::writeBytes(scratch / "summary.json",
                         R"({"task": "perplexity", "models": [)" + models + "]}");
        const Scoreboard board = readScoreboard(scratch.path());
        QVERIFY(board.isPerplexity && board.best() != nullptr);
        QCOMPARE(board.best()->name, runs[0].name);
        QCOMPARE(board.text(*board.best()), std::string("10.5"));
        const RunClaims claims = claimsOf(runs, {board});
        QCOMPARE(claims.measure, std::string("perplexity"));
        QVERIFY(claims.lowerIsBetter);
    }

    void brokenEvaluations_areNamed()
    {
        const test::Scratch scratch;
        QVERIFY(test::errorOf([&] { readScoreboard(scratch / "none"); }));
        for (const char* text : {"", "[]", "{}", R"({"models": 3})", R"({"models": [3]})",
                                 R"({"models": [{"name": "a"}]})",
                                 R"({"models": [{"name": "a", "perplexity": null}]})",
                                 R"({"models": [{"name": "a", "correct": 5, "questions": 3}]})",
                                 R"({"models": [{"name": "a", "correct": -1, "questions": 3}]})"}) {
            test::writeBytes(scratch / "summary.json", text);
            const auto error = test::errorOf([&] { readScoreboard(scratch.path()); });
            QVERIFY2(error && error->kind() == ErrorKind::Format, text);
            QVERIFY(std::string(error->what()).find("summary.json") != std::string::npos);
        }
        // A name that leads out of the folder is read as none.
        test::writeBytes(
            scratch / "summary.json",
            R"({"models": [{"name": "../../etc/passwd", "correct": 0, "questions": 0}]})");
        QVERIFY(readScoreboard(scratch.path()).models[0].solved.empty());
    }
};

QTEST_GUILESS_MAIN(RunClaimsTest)
#include "tst_run_claims.moc"
