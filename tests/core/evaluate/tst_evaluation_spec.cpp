// SPDX-License-Identifier: GPL-3.0-or-later
// What an evaluation is asked: kept, compared, and refused where it makes no sense.
#include "core/base/error.h"
#include "core/evaluate/evaluated_tasks.h"
#include "core/evaluate/evaluation_spec.h"
#include "tests/core/file/test_files.h"

#include <QTest>

#include <functional>
#include <nlohmann/json.hpp>
#include <set>

using namespace pissarro;
using namespace pissarro::core;

namespace {

EvaluationSpec someSpec()
{
    EvaluationSpec spec;
    spec.data = "questions.jsonl";
    spec.models = {{"base", "model"}, {"tuned", "model", "adapter", parseStateChoice("12")}};
    spec.rows = 7;
    spec.samples = 2;
    spec.sampling = {.temperature = 0.7, .topK = 5, .topP = 0.9, .minP = 0.01, .seed = 3};
    spec.sampling.repetitionPenalty = 1.1;
    spec.stops = {"Question:", "\n\n"};
    spec.windows = {WindowRule::Rolling, 64, 32};
    return spec;
}

} // namespace

class TestEvaluationSpec : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void json_readsBack()
    {
        const EvaluationSpec spec = someSpec();
        const auto json = toJson(spec);
        const EvaluationSpec again = evaluationFrom(nlohmann::json::parse(json.dump()));
        QCOMPARE(toJson(again).dump(), json.dump());
        QVERIFY(differenceOf(spec, again).empty());
        QVERIFY(again.sampling == spec.sampling);
    }

    // Each key is missed when it is gone.
    void aKeyThatIsGone_isNamed()
    {
        const auto whole = nlohmann::json::parse(toJson(someSpec()).dump());
        for (const auto& [key, value] : whole.items()) {
            auto json = whole;
            json.erase(key);
            const auto error = test::errorOf([&] { evaluationFrom(json); });
            QVERIFY2(error && error->kind() == ErrorKind::Format, key.c_str());
            QVERIFY2(std::string(error->what()).find(key) != std::string::npos, error->what());
        }
    }

    // What opens such a path reads it up to there.
    void aPathWithNul_isRefused()
    {
        const std::string odd("d\0x", 3);
        const auto refusalOf = [](const nlohmann::json& json) {
            const auto error = test::errorOf([&] { evaluationFrom(json); });
            return error ? std::string(error->what()) : std::string();
        };
        const auto whole = nlohmann::json::parse(toJson(someSpec()).dump());
        for (const char* key : {"data", "model", "adapter"}) {
            auto json = whole;
            (key == std::string("data") ? json : json["models"][1])[key] = odd;
            const std::string refusal = refusalOf(json);
            QVERIFY2(refusal.find(std::string(key) + " is 'd\\x00x'") != std::string::npos,
                     refusal.c_str());
        }
    }

    void whatGivesOtherAnswers_differs()
    {
        const EvaluationSpec spec = someSpec();
        EvaluationSpec other = spec;
        other.batchSize = 3; // answers do not depend on it
        other.threads = 1;
        QVERIFY(differenceOf(spec, other).empty());
        other.maxNewTokens = 9;
        QVERIFY(differenceOf(spec, other).find("max_new_tokens") != std::string::npos);
        other = spec;
        other.sampling.seed = 4;
        QVERIFY(differenceOf(spec, other).find("seed") != std::string::npos);
    }

    void refuses_whatMakesNoSense()
    {
        const auto refused = [](const std::function<void(EvaluationSpec&)>& change) {
            EvaluationSpec spec = someSpec();
            change(spec);
            const auto error = test::errorOf([&] { checkEvaluation(spec); });
            return error && error->kind() == ErrorKind::InvalidArgument;
        };
        QVERIFY(!refused([](EvaluationSpec&) {}));
        QVERIFY(refused([](EvaluationSpec& spec) { spec.task = "chess"; }));
        QVERIFY(refused([](EvaluationSpec& spec) { spec.rule = "chess"; }));
        QVERIFY(refused([](EvaluationSpec& spec) { spec.models.clear(); }));
        QVERIFY(refused([](EvaluationSpec& spec) { spec.models[1].name = "base"; }));
        QVERIFY(refused([](EvaluationSpec& spec) { spec.data.clear(); }));
        QVERIFY(refused([](EvaluationSpec& spec) { spec.rows = -1; }));
        QVERIFY(refused([](EvaluationSpec& spec) { spec.sampling.greedy = true; })); // 2 alike
        QVERIFY(refused([](EvaluationSpec& spec) { spec.sampling.topK = -1; }));
        QVERIFY(refused([](EvaluationSpec& spec) { spec.windows.length = 0; }));
        QVERIFY(refused([](EvaluationSpec& spec) { spec.task = "choice"; })); // asked once
        QVERIFY(refused([](EvaluationSpec& spec) { spec.batchSize = 0; }));
        QVERIFY(refused([](EvaluationSpec& spec) { spec.threads = -5; }));
        QVERIFY(refused([](EvaluationSpec& spec) { spec.threads = 1'000'000; })); // libgomp dies
        QVERIFY(refused([](EvaluationSpec& spec) { spec.device = "gpu"; }));
        QVERIFY(refused([](EvaluationSpec& spec) {
            spec.windows.length = std::int64_t {9'000'000'000'000'000'000};
        }));
        QVERIFY(refused([](EvaluationSpec& spec) { spec.windows = {WindowRule::Stride, 9, 10}; }));
    }

    void names_areThoseOfTheFolders()
    {
        const test::Scratch scratch;
        std::filesystem::create_directories(scratch / "a+b");
        const auto plain = evaluatedModel((scratch / "a+b").string());
        QCOMPARE(plain.model, (scratch / "a+b").string());
        QVERIFY(plain.adapter.empty());
        const auto both = evaluatedModel("models/llama+runs/pissa/adapter/");
        QCOMPARE(both.model, std::string("models/llama"));
        QCOMPARE(both.adapter.string(), std::string("runs/pissa/adapter/"));
        QCOMPARE(both.name, std::string("adapter"));
        std::vector<EvaluatedModel> models {both, both, evaluatedModel("x y/summary"), plain};
        makeNamesUnique(models);
        std::set<std::string> names;
        for (const EvaluatedModel& model : models) {
            names.insert(model.name);
            QVERIFY(model.name.find_first_of("/+ ") == std::string::npos);
        }
        QCOMPARE(names.size(), 4U);
        QVERIFY(names.contains("adapter-2") && !names.contains("summary"));
    }

    // Files are called by it: out of a stranger's evaluation.json it leads nowhere.
    void aName_isOneFile()
    {
        for (const char* name : {"../../../victim", "/etc/x", "a/b", "", ".", "..", "summary",
                                 "transcripts", "evaluation", "a b", "*", "a\nb"}) {
            EvaluationSpec spec = someSpec();
            spec.models.back().name = name;
            const auto asked = test::errorOf([&] { checkEvaluation(spec); });
            QVERIFY2(asked && asked->kind() == ErrorKind::InvalidArgument, name);
            const auto read =
                test::errorOf([&] { evaluationFrom(nlohmann::json::parse(toJson(spec).dump())); });
            QVERIFY2(read && read->kind() == ErrorKind::Format, name);
        }
        std::vector<EvaluatedModel> models(3, {std::string(300, 'x'), "model"});
        makeNamesUnique(models);
        EvaluationSpec spec = someSpec();
        spec.models = models;
        checkEvaluation(spec);
    }

    // Every task can be put to a model, and says how.
    void tasks_areAllThere()
    {
        std::set<std::string_view> names;
        for (const EvaluatedTask& task : evaluatedTasks()) {
            QVERIFY(names.insert(task.name).second);
            QVERIFY(&evaluatedTask(task.name) == &task);
            QVERIFY(task.ask != nullptr && !task.title.empty());
            QVERIFY(task.task == nullptr || task.task->question != nullptr);
        }
        for (const Task* task : allTasks()) {
            QVERIFY(names.contains(task->name));
        }
        QVERIFY(names.contains(kPerplexity) && names.contains(kMtBench));
        QVERIFY(evaluatedTask("humaneval").runsCode && !evaluatedTask("gsm8k").runsCode);
    }
};

QTEST_GUILESS_MAIN(TestEvaluationSpec)
#include "tst_evaluation_spec.moc"
