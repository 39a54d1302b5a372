// SPDX-License-Identifier: GPL-3.0-or-later
// What HumanEval's and MBPP's rules make of an answer, and what running it gives: golden/eval (scripts/make_eval_code.py of
// shared/golden, which compared itself with GraphPKU/PiSSA's utils/code_process.py; seed 0, copied whole).
#include "core/stats/proportion.h"
#include "core/tasks/answers.h"
#include "tests/core/file/test_files.h"
#include "tests/tools/golden_folder.h"

#include <QTest>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

using namespace pissarro;
using namespace pissarro::core;
using nlohmann::json;
using test::errorOf;

namespace {

// The rows of the data sets that shared/data has; none in a plain checkout.
std::map<std::string, json> rowsOfDataSets()
{
    std::map<std::string, json> rows;
    for (const char* const name : {"humaneval.jsonl", "mbpp.jsonl"}) {
        std::ifstream file(test::fs::path(PISSARRO_SHARED) / "data" / name);
        for (std::string line; std::getline(file, line);) {
            json row = json::parse(line);
            const json& id = row.at("task_id");
            rows[id.is_string() ? id.get<std::string>() : id.dump()] = row;
        }
    }
    return rows;
}

struct RuleOfPeer {
    const char* rule;
    const char* peer;
};
constexpr RuleOfPeer kRules[] = {{"paper", "pissa"}, {"usual", "plain"}, {"instruct", "instruct"}};

} // namespace

class TestCodeAnswer : public QObject {
    Q_OBJECT

    const json m_golden = json::parse(test::readBytes(tests::golden() / "eval" / "code.json"));
    const std::map<std::string, json> m_rows = rowsOfDataSets();

    // The problem of a completion; null: its data set is not here.
    const json* problemOf(const json& completion) const
    {
        const json& id = completion.at("problem");
        const std::string name = id.is_string() ? id.get<std::string>() : id.dump();
        const auto own = m_golden.at("problems").find(name);
        if (own != m_golden.at("problems").end()) {
            return &*own;
        }
        const auto found = m_rows.find(name);
        return found == m_rows.end() ? nullptr : &found->second;
    }

private Q_SLOTS:
    void code_isTakenAsThePeersDo()
    {
        int seen = 0;
        for (const json& one : m_golden.at("completions")) {
            const json* const problem = problemOf(one);
            if (problem == nullptr) {
                continue;
            }
            const Task& task = taskNamed(one.at("dataset").get<std::string>());
            const std::string gold = task.gold(*problem);
            const auto output = one.at("output").get<std::string>();
            for (const auto& [rule, peer] : kRules) {
                const CodeAnswer found = ruleNamed(task, rule).code(output, gold);
                const json& wanted = one.at(peer).at("extracted");
                QVERIFY2(wanted.is_null() ? !found.extracted : found.extracted == wanted,
                         (std::string(peer) + ": " + one.dump()).c_str());
                ++seen;
            }
        }
        QVERIFY(seen >= 216); // of 72 completions that need no data set
    }

    void code_isJudgedAsThePeersDo()
    {
        const Sandbox sandbox;
        if (!sandbox.missing().empty()) {
            QSKIP(sandbox.missing().c_str());
        }
        SandboxLimits limits;
        limits.time = std::chrono::seconds(20);
        std::map<std::string, SandboxRun> runs; // rules often agree
        int passed = 0;
        for (const json& one : m_golden.at("completions")) {
            const json* const problem = problemOf(one);
            for (const auto& [rule, peer] : kRules) {
                const Task& task = taskNamed(one.at("dataset").get<std::string>());
                const json& wanted = one.at(peer);
                if (problem == nullptr || wanted.at("extracted").is_null()) {
                    continue;
                }
                const std::string program =
                    ruleNamed(task, rule)
                        .code(one.at("output").get<std::string>(), task.gold(*problem))
                        .program;
                auto found = runs.find(program);
                if (found == runs.end()) {
                    found = runs.emplace(program, sandbox.run(program, CodeConsent::Given, limits))
                                .first;
                }
                const std::string verdict = verdictText(found->second.verdict);
                const std::string expected = wanted.at("error").is_null()
                    ? "passed"
                    : "failed: " + wanted.at("error").get<std::string>();
                QVERIFY2(verdict == expected,
                         (std::string(peer) + " " + verdict + ": " + one.dump()).c_str());
                passed += verdict == "passed" ? 1 : 0;
            }
        }
        QVERIFY(passed > 70);
    }

    // Without a yes nothing runs, and nothing is scored as wrong either.
    void withoutConsent_itIsRefused()
    {
        const test::Scratch scratch;
        const auto path = scratch / "answers.jsonl";
        const json row {{"output", "def f():\n    return 1\n"},
                        {"gold", {{"test_list", {"assert f() == 1"}}}}};
        test::writeBytes(path, row.dump() + "\n");
        const Task& task = taskNamed("mbpp");
        const Sandbox sandbox;
        for (const CodeRuns& runs : {CodeRuns {}, CodeRuns {&sandbox, CodeConsent::NotGiven, {}}}) {
            const auto error =
                errorOf([&] { scoreAnswers(task, task.rules.front(), path, JobContext(), runs); });
            QVERIFY(error && error->kind() == ErrorKind::InvalidArgument);
        }
        if (!sandbox.missing().empty()) {
            QSKIP(sandbox.missing().c_str());
        }
        const AnswerScores scores = scoreAnswers(task, task.rules.front(), path, JobContext(),
                                                 {&sandbox, CodeConsent::Given, {}});
        QCOMPARE(scores.correct, std::int64_t {1});
        QCOMPARE(scores.rows[0].verdict, std::string("passed"));
    }

    void gold_isTheRowOfTheDataSet()
    {
        for (const char* const name : {"humaneval", "mbpp"}) {
            for (const json& gold :
                 {json("x"), json(nullptr), json::object(), json {{"test_list", json::array()}},
                  json {{"prompt", "x"}, {"test", 3}, {"entry_point", "f"}},
                  json {{"test_list", {1}}}}) {
                const auto error = errorOf([&] { taskNamed(name).gold(gold); });
                QVERIFY2(error && error->kind() == ErrorKind::Format, gold.dump().c_str());
            }
        }
    }

    void passAtK_isTheEstimatorsOfHumanEval()
    {
        for (const json& row : m_golden.at("pass_at_k")) {
            const auto found = passAtK(row[0], row[1], row[2]);
            QVERIFY2(found && std::abs(*found - row[3].get<double>()) < 1e-12, row.dump().c_str());
        }
        for (const json& group : m_golden.at("pass_at_k_groups")) {
            std::vector<std::pair<std::int64_t, std::int64_t>> problems;
            for (const json& one : group.at("problems")) {
                problems.emplace_back(one[0], one[1]);
            }
            for (const std::int64_t k : {1, 2, 5, 10}) {
                const auto found = meanPassAtK(problems, k);
                const auto wanted = group.at("expected").find("pass@" + std::to_string(k));
                QCOMPARE(found.has_value(), wanted != group.at("expected").end());
                QVERIFY(!found || std::abs(*found - wanted->get<double>()) < 1e-12);
            }
        }
        QVERIFY(!passAtK(5, 5, 6));
        QVERIFY(!meanPassAtK({}, 1));
    }
};

QTEST_GUILESS_MAIN(TestCodeAnswer)
#include "tst_code_answer.moc"
