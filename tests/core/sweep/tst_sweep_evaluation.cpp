// SPDX-License-Identifier: GPL-3.0-or-later
// What a sweep asks its finished runs: read, refused, and what is made of the answers. `cli.sweep_eval` asks real runs.
#include "core/base/error.h"
#include "core/base/fmt.h"
#include "core/sweep/sweep_evaluation.h"
#include "tests/core/file/test_files.h"
#include "tests/core/sweep/scripted_trainer.h"

#include <QTest>

#include <nlohmann/json.hpp>

using namespace pissarro;
using namespace pissarro::core;
namespace fs = std::filesystem;
using nlohmann::ordered_json;

namespace {

EvaluationSpec asked(const std::string& text, const RunSpec& base = RunSpec())
{
    return sweepEvaluationFrom(ordered_json::parse(text), base);
}

} // namespace

class TestSweepEvaluation : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void takes_whatEvalTakes()
    {
        RunSpec base;
        base.dtype = BaseDType::BFloat16;
        base.device = "cpu";
        const EvaluationSpec spec =
            asked(R"({"task": "gsm8k", "data": "none.jsonl", "rows": 100, "rule": "usual"})", base);
        QVERIFY(spec.models.empty());
        QCOMPARE(spec.rows, 100);
        QCOMPARE(spec.rule, std::string("usual"));
        QVERIFY(spec.dtype == BaseDType::BFloat16 && spec.device == "cpu" && spec.sampling.greedy);
        QCOMPARE(sweepEvaluationJson(asked(sweepEvaluationJson(spec).dump())).dump(),
                 sweepEvaluationJson(spec).dump());
    }

    void aTemperature_draws()
    {
        const EvaluationSpec drawn = asked(
            R"({"task": "gsm8k", "data": "d.jsonl", "temperature": 0.7, "samples": 4, "seed": 3})");
        QVERIFY(!drawn.sampling.greedy);
        QCOMPARE(drawn.sampling.temperature, 0.7);
        const EvaluationSpec still =
            asked(R"({"task": "gsm8k", "data": "d.jsonl", "temperature": 0})");
        QVERIFY(still.sampling.greedy);
    }

    void refuses_whatCannotBeAsked_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("says");
        QTest::newRow("number") << "3"
                                << "no object";
        QTest::newRow("empty") << "{}"
                               << "task is missing";
        QTest::newRow("data") << R"({"task": "gsm8k"})"
                              << "data is missing";
        QTest::newRow("task") << R"({"task": "gsm9k", "data": "d"})"
                              << "gsm9k";
        QTest::newRow("key") << R"({"task": "gsm8k", "data": "d", "row": 3})"
                             << "unknown key";
        QTest::newRow("models") << R"({"task": "gsm8k", "data": "d", "models": []})"
                                << "without models";
        QTest::newRow("rule") << R"({"task": "gsm8k", "data": "d", "rule": "mine"})"
                              << "mine";
        QTest::newRow("kind") << R"({"task": "gsm8k", "data": "d", "rows": "all"})"
                              << "rows";
        QTest::newRow("threads") << R"({"task": "gsm8k", "data": "d", "threads": 2000000000})"
                                 << "threads must be";
        QTest::newRow("window") << R"({"task": "perplexity", "data": "d", "window": 9000000000})"
                                << "window must be";
        QTest::newRow("tokens")
            << R"({"task": "gsm8k", "data": "d", "max_new_tokens": 1000000000000})"
            << "from 1 to 1000000000,";
        QTest::newRow("judge") << R"({"task": "mt-bench", "data": "d"})"
                               << "judged afterwards";
        QTest::newRow("samples") << R"({"task": "gsm8k", "data": "d", "samples": 4})"
                                 << "temperature";
    }
    void refuses_whatCannotBeAsked()
    {
        QFETCH(QString, text);
        QFETCH(QString, says);
        const auto error = test::errorOf([&] { asked(text.toStdString()); });
        QVERIFY(error);
        QVERIFY2(QString(error->what()).contains(says), error->what());
    }

    void withoutAnEvaluation_theLossIsTheScore()
    {
        const test::Scratch scratch;
        const SweepStore store =
            openSweep(scratch / "s", tests::smallSweep("'axes': {'rank': [4, 8]}"), {});
        QVERIFY(!scoredByEvaluation(store).scoreOf);
        // A folder that is no evaluation, or one that was killed before its first line, says nothing.
        fs::create_directories(store.folder() / kEvaluations / "1");
        fs::create_directories(store.folder() / kEvaluations / "notes");
        QVERIFY(!scoredByEvaluation(store).scoreOf);
    }
};

QTEST_GUILESS_MAIN(TestSweepEvaluation)
#include "tst_sweep_evaluation.moc"
