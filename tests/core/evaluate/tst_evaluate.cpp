// SPDX-License-Identifier: GPL-3.0-or-later
// An evaluation as its folder: whole, killed and gone on with, refused where it is another; each kind of task on a tiny model.
#include "core/adapter/make_adapter_tensors.h"
#include "core/base/error.h"
#include "core/evaluate/evaluate.h"
#include "core/file/file_lock.h"
#include "core/file/output_marker.h"
#include "core/session/session.h"
#include "core/tasks/mt_bench.h"
#include "tests/cli/tiny_model.h"
#include "tests/core/file/test_files.h"

#include <ATen/ATen.h>

#include <QTest>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <stop_token>

using namespace pissarro;
using namespace pissarro::core;
namespace fs = std::filesystem;
using nlohmann::json;

namespace {

json lineAt(const fs::path& file, std::size_t number)
{
    std::istringstream lines(test::readBytes(file));
    std::string line;
    for (std::size_t i = 0; i <= number; ++i) {
        std::getline(lines, line);
    }
    return json::parse(line);
}

} // namespace

class TestEvaluate : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_scratch = std::make_unique<test::Scratch>();
        tests::writeTinyModel(model());
        tests::writeTinyTokenizer(model());
        const session::Session base = session::open(InferenceModel {model().string()},
                                                    session::Tokens::NotNeeded, JobContext());
        at::manual_seed(3);
        AdapterSet adapters;
        for (const LinearModule& module : base.files->linearModules()) {
            adapters.push_back(loraFactors(module, 2, 1.0, moduleSeed(1, module.name)));
            adapters.back().b_OR = 0.3 * at::randn({module.rows, 2});
        }
        writePeftAdapter(*m_scratch / "tuned", adapters,
                         {model().string(), 2, 2.0, false, base.files.get()});
        std::string questions;
        for (const char* prompt : {"abc", "Where", "to", "xyzabc", "Q1", "zz"}) {
            questions += json {{"prompt", prompt}, {"expected", "a"}}.dump() + "\n";
        }
        test::writeBytes(data(), questions);
    }

    void theFolder_hasAllOfIt()
    {
        const EvaluateOptions options {out()};
        const Evaluation found = runEvaluation(ownSpec(), options, JobContext());
        QVERIFY(found.isWhole);
        QCOMPARE(found.transcripts.size(), 12U);
        QCOMPARE(found.models.size(), 2U);
        QVERIFY(found.models.at("base") != found.models.at("tuned"));
        for (const char* name : {"base.jsonl", "tuned.jsonl", "summary.json", "evaluation.json"}) {
            QVERIFY2(fs::exists(out() / name), name);
        }
        const json first = lineAt(out() / "tuned.jsonl", 0);
        QCOMPARE(first["index"].get<int>(), 0);
        QCOMPARE(first["prompt"].get<std::string>(), std::string("abc"));
        QVERIFY(first["output"].is_string() && first["tokens"].get<int>() >= 1);
        const json summary = json::parse(test::readBytes(out() / "summary.json"));
        QCOMPARE(summary["task"].get<std::string>(), std::string("own"));
        QCOMPARE(summary["questions"].get<int>(), 6);
        QCOMPARE(summary["models"].size(), 2U);
        const json& pair = summary["pairs"][0];
        QCOMPARE(pair["both"].get<int>() + pair["only_a"].get<int>() + pair["only_b"].get<int>()
                     + pair["neither"].get<int>(),
                 6);
        std::set<std::string> outputs;
        for (const Transcript& one : found.transcripts) {
            outputs.insert(one.model + ":" + one.output.dump());
        }
        QVERIFY(outputs.size() > 2); // they answer, and not all alike

        const Evaluation read = readEvaluation(out());
        QVERIFY(read.isWhole && read.transcripts.size() == 12);
        QCOMPARE(toJson(read.summary).dump(), toJson(found.summary).dump());
        const ModelPair beside = compareEvaluations(read, "base", found, "tuned");
        QCOMPARE(beside.answers.both, pair["both"].get<std::int64_t>());
        QVERIFY(
            test::errorOf([&] { compareEvaluations(read, "base", found, "nobody"); }).has_value());
    }

    // Ended after each number of answers: what was answered is kept, and not asked again.
    void killed_itGoesOn()
    {
        const Evaluation whole =
            runEvaluation(ownSpec(), {m_scratch->path() / "whole"}, JobContext());
        for (const std::size_t after : {1U, 5U, 11U}) {
            const fs::path folder = m_scratch->path() / ("killed" + std::to_string(after));
            std::stop_source stop;
            std::size_t answers = 0;
            EvaluateOptions options {folder};
            options.onAnswer = [&](const Transcript&) {
                if (++answers == after) {
                    stop.request_stop();
                }
            };
            EvaluationSpec spec = ownSpec();
            spec.batchSize = 2;
            QVERIFY_EXCEPTION_THROWN(runEvaluation(spec, options, JobContext(stop.get_token())),
                                     Cancelled);
            const std::size_t kept = readTranscripts(folder).size();
            QVERIFY(kept >= after && kept < 12);
            QVERIFY(!fs::exists(folder / "summary.json"));
            QVERIFY(!readEvaluation(folder).isWhole);
            answers = 100; // stops no more
            spec.batchSize = 5; // decides no answer
            options.resume = true;
            const Evaluation again = runEvaluation(spec, options, JobContext());
            QCOMPARE(answers, 100 + 12 - kept);
            QCOMPARE(again.transcripts.size(), 12U);
            QCOMPARE(test::readBytes(folder / "summary.json").empty(), false);
            for (const Transcript& wanted : whole.transcripts) {
                const auto same = [&](const Transcript& one) {
                    return one.model == wanted.model && one.index == wanted.index
                        && one.output == wanted.output;
                };
                QCOMPARE(std::count_if(again.transcripts.begin(), again.transcripts.end(), same),
                         1);
            }
        }
    }

    // Drawn answers too: they depend on the seed, the row and the sample alone.
    void samples_areTheirOwn()
    {
        EvaluationSpec spec = ownSpec();
        spec.samples = 3;
        spec.sampling = {.temperature = 1.2, .seed = 5};
        const Evaluation all = runEvaluation(spec, {out()}, JobContext());
        QCOMPARE(all.transcripts.size(), 36U);
        QVERIFY(all.summary.models.at(0).rules.at(0).passAt.contains(2));
        spec.batchSize = 1;
        const Evaluation other = runEvaluation(spec, {m_scratch->path() / "other"}, JobContext());
        std::set<std::string> texts;
        for (const Transcript& one : all.transcripts) {
            texts.insert(one.output.dump());
            for (const Transcript& two : other.transcripts) {
                if (one.model == two.model && one.index == two.index && one.sample == two.sample) {
                    QVERIFY(one.output == two.output);
                }
            }
        }
        QVERIFY(texts.size() > 12);
    }

    void refuses_anotherEvaluation()
    {
        const auto complaint = [&](const EvaluationSpec& spec, const EvaluateOptions& options) {
            const auto error = test::errorOf([&] { runEvaluation(spec, options, JobContext()); });
            return error ? std::string(error->what()) : std::string();
        };
        EvaluateOptions options {out()};
        options.resume = true;
        QVERIFY(complaint(ownSpec(), options).find("--resume") != std::string::npos);
        options.resume = false;
        QCOMPARE(complaint(ownSpec(), options), std::string());
        const std::string before = test::readBytes(out() / kTranscriptsFile);
        QCOMPARE(complaint(ownSpec(), options), std::string()); // the same: all is answered
        EvaluationSpec other = ownSpec();
        other.maxNewTokens = 3;
        QVERIFY(complaint(other, options).find("max_new_tokens") != std::string::npos);
        test::writeBytes(data(), test::readBytes(data()) + "\n");
        QVERIFY(complaint(ownSpec(), options).find("has changed") != std::string::npos);
        QCOMPARE(test::readBytes(out() / kTranscriptsFile), before); // nothing was touched
        options.overwrite = Overwrite::Ours;
        QCOMPARE(complaint(other, options), std::string());
        QVERIFY(test::readBytes(out() / kTranscriptsFile) != before);

        const fs::path foreign = m_scratch->path() / "foreign";
        fs::create_directories(foreign);
        test::writeBytes(foreign / "letter.txt", "mine");
        QVERIFY(!complaint(ownSpec(), {foreign}).empty());
        QCOMPARE(test::readBytes(foreign / "letter.txt"), std::string("mine"));
    }

    // Nothing is made and nothing goes before the models are open and the questions are read.
    void aStartThatFails_touchesNothing_data()
    {
        QTest::addColumn<QString>("what");
        for (const char* what : {"model", "second model", "adapter", "questions", "no questions"}) {
            QTest::newRow(what) << QString(what);
        }
    }
    void aStartThatFails_touchesNothing()
    {
        QFETCH(QString, what);
        EvaluationSpec spec = ownSpec();
        const fs::path bad = *m_scratch / "bad.jsonl";
        test::writeBytes(bad, "{\"prompt\": 1}\n");
        if (what == "model") {
            spec.models = {{"base", (*m_scratch / "modle").string()}};
        } else if (what == "second model") {
            spec.models[1] = {"tuned", (*m_scratch / "modle").string()};
        } else if (what == "adapter") {
            spec.models[1].adapter = *m_scratch / "tunde";
        } else {
            spec.data = what == "questions" ? bad : *m_scratch / "none.jsonl";
        }
        const auto fails = [&](Overwrite overwrite) {
            EvaluateOptions options {out()};
            options.overwrite = overwrite;
            return test::errorOf([&] { runEvaluation(spec, options, JobContext()); }).has_value();
        };
        QVERIFY(fails(Overwrite::Never));
        QVERIFY(!fs::exists(out()));
        runEvaluation(ownSpec(), {out()}, JobContext());
        const std::string answers = test::readBytes(out() / kTranscriptsFile);
        const std::string asked = test::readBytes(out() / kEvaluationFile);
        QVERIFY(fails(Overwrite::Ours));
        QCOMPARE(test::readBytes(out() / kTranscriptsFile), answers);
        QCOMPARE(test::readBytes(out() / kEvaluationFile), asked);
        QVERIFY(fs::exists(out() / "base.jsonl") && fs::exists(out() / kSummaryFile));
        QVERIFY(!foreignIn(out()));
    }

    // It came to no answer: other settings, and questions that were mended, are taken in its folder.
    void aStartWithoutAnAnswer_isTakenAnew()
    {
        std::stop_source stop;
        const JobContext job(stop.get_token(), [&](double, std::string_view stage) {
            if (stage == "Answering") {
                stop.request_stop();
            }
        });
        QVERIFY_EXCEPTION_THROWN(runEvaluation(ownSpec(), {out()}, job), Cancelled);
        QVERIFY(fs::exists(out() / kEvaluationFile) && readTranscripts(out()).empty());
        test::writeBytes(data(), test::readBytes(data()) + "\n");
        EvaluationSpec other = ownSpec();
        other.maxNewTokens = 3;
        QVERIFY(runEvaluation(other, {out()}, JobContext()).isWhole);
        QVERIFY(!foreignIn(out()));
    }

    // A person's file of the same ending is not this program's; and nobody's folder goes while a program works there.
    void force_keepsWhatIsNotOurs()
    {
        runEvaluation(ownSpec(), {out()}, JobContext());
        const std::string before = test::readBytes(out() / kTranscriptsFile);
        EvaluateOptions force {out()};
        force.overwrite = Overwrite::Ours;
        const auto complaint = [&] {
            const auto error =
                test::errorOf([&] { runEvaluation(ownSpec(), force, JobContext()); });
            return error ? std::string(error->what()) : std::string();
        };
        test::writeBytes(out() / "mine.jsonl", "two years");
        QVERIFY(complaint().find("mine.jsonl") != std::string::npos);
        QCOMPARE(test::readBytes(out() / "mine.jsonl"), std::string("two years"));
        fs::remove(out() / "mine.jsonl");
        {
            const FileLock lock(out() / kEvaluationFile);
            QVERIFY(complaint().find("in use") != std::string::npos);
        }
        QCOMPARE(test::readBytes(out() / kTranscriptsFile), before);
        QCOMPARE(complaint(), std::string());
    }

    // Weights that are others now give other answers than those that are there.
    void aChangedModel_isNoticed()
    {
        runEvaluation(ownSpec(), {out()}, JobContext());
        fs::remove(out() / kSummaryFile);
        tests::writeTinyModel(model(), nullptr, 3);
        const auto error = test::errorOf([&] { runEvaluation(ownSpec(), {out()}, JobContext()); });
        QVERIFY(error.has_value());
    }

    void code_wantsConsent()
    {
        EvaluationSpec spec = ownSpec();
        spec.task = "humaneval";
        spec.rule.clear();
        const auto error = test::errorOf([&] { runEvaluation(spec, {out()}, JobContext()); });
        QVERIFY(error && error->kind() == ErrorKind::InvalidArgument);
        QVERIFY(!fs::exists(out()));
    }

    // What confined earlier answers is still told when it goes on.
    void whatConfinedTheCode_isKept()
    {
        runEvaluation(ownSpec(), {out()}, JobContext());
        QVERIFY(readEvaluation(out()).sandboxes.empty()); // nothing was run
        json file = json::parse(test::readBytes(out() / kEvaluationFile));
        QVERIFY(!file.contains("sandbox"));
        file["sandbox"] = {"Landlock, ABI 3", "namespaces"};
        test::writeBytes(out() / kEvaluationFile, file.dump());
        fs::remove(out() / kSummaryFile);
        runEvaluation(ownSpec(), {out()}, JobContext());
        const std::set<std::string> both {"Landlock, ABI 3", "namespaces"};
        QCOMPARE(readEvaluation(out()).sandboxes, both);
        QCOMPARE(json::parse(test::readBytes(out() / kEvaluationFile)).at("sandbox"),
                 json(std::vector<std::string>(both.begin(), both.end())));
    }

    void choices_areFoundByLikelihood()
    {
        test::writeBytes(data(),
                         R"({"question": "abc", "choices": ["x", "yy", "z1"], "gold": 1})"
                         "\n"
                         R"({"question": "Q", "choices": ["a", "b"], "answer": 0})"
                         "\n");
        EvaluationSpec spec = ownSpec();
        spec.task = "choice";
        spec.rule.clear();
        const Evaluation found = runEvaluation(spec, {out()}, JobContext());
        QCOMPARE(found.transcripts.size(), 4U);
        const Transcript& first = found.transcripts.front();
        QCOMPARE(first.output["loglikelihoods"].size(), 3U);
        QVERIFY(first.output["loglikelihoods"][0].get<double>() < 0.0);
        QCOMPARE(found.summary.rule, std::string("acc"));
        QCOMPARE(found.summary.models.at(0).rules.at(0).questions, 2);
    }

    // The same loss whatever the window, where each token sees all that it saw before.
    void perplexity_isTheDecoders()
    {
        std::string text;
        for (int i = 0; i < 40; ++i) {
            text += static_cast<char>('a' + (7 * i) % 26);
        }
        test::writeBytes(data(), json {{"text", text}}.dump() + "\n");
        EvaluationSpec spec = ownSpec();
        spec.task = "perplexity";
        spec.rule.clear();
        spec.windows = {WindowRule::Windows, 40, 1};
        const Evaluation whole = runEvaluation(spec, {out()}, JobContext());
        QCOMPARE(whole.transcripts.size(), 2U);
        spec.windows = {WindowRule::Stride, 40, 20};
        const Evaluation same = runEvaluation(spec, {m_scratch->path() / "same"}, JobContext());
        spec.windows = {WindowRule::Stride, 16, 8};
        const Evaluation cut = runEvaluation(spec, {m_scratch->path() / "cut"}, JobContext());
        const auto lossOf = [](const Evaluation& one, std::size_t which) {
            return *perplexityOf(*one.summary.models.at(which).loss).meanNll;
        };
        for (const std::size_t which : {0U, 1U}) {
            QVERIFY(std::abs(lossOf(whole, which) - lossOf(same, which)) < 1e-6);
            QVERIFY(std::abs(lossOf(whole, which) - lossOf(cut, which)) > 1e-6);
            QCOMPARE(whole.summary.models.at(which).loss->scored, 39);
            QCOMPARE(cut.summary.models.at(which).loss->scored, 39);
        }
        QVERIFY(cut.transcripts.size() > 4);
        QVERIFY(cut.summary.pairs.at(0).nllDifference.has_value()); // what was forgotten
    }

    // Two turns, the second with the first one's answer; the file is FastChat's.
    void turns_areAConversation()
    {
        test::writeBytes(data(),
                         R"({"question_id": 81, "category": "writing", "turns": ["abc", "Where"]})"
                         "\n"
                         R"({"question_id": 82, "category": "math", "turns": ["to"]})"
                         "\n");
        EvaluationSpec spec = ownSpec();
        spec.task = "mt-bench";
        spec.rule.clear();
        spec.promptTemplate = PromptTemplate::Chat;
        const Evaluation found = runEvaluation(spec, {out()}, JobContext());
        QCOMPARE(found.transcripts.size(), 4U);
        const auto answers = readMtBenchAnswers(out() / "model_answer" / "tuned.jsonl");
        QCOMPARE(answers.size(), 2U);
        QCOMPARE(answers[0].questionId, 81);
        QCOMPARE(answers[0].model, std::string("tuned"));
        QCOMPARE(answers[0].choices.at(0).size(), 2U);
        QCOMPARE(answers[1].choices.at(0).size(), 1U);
        QVERIFY(found.summary.rule.empty());
    }

private:
    fs::path model() const { return *m_scratch / "model"; }
    fs::path data() const { return *m_scratch / "questions.jsonl"; }
    fs::path out() const { return *m_scratch / "out"; }

    EvaluationSpec ownSpec() const
    {
        EvaluationSpec spec;
        spec.task = "own";
        spec.rule = "contains";
        spec.data = data();
        spec.models = {{"base", model().string()},
                       {"tuned", model().string(), *m_scratch / "tuned"}};
        spec.promptTemplate = PromptTemplate::Plain;
        spec.maxNewTokens = 8;
        return spec;
    }

    std::unique_ptr<test::Scratch> m_scratch;
};

QTEST_GUILESS_MAIN(TestEvaluate)
#include "tst_evaluate.moc"
