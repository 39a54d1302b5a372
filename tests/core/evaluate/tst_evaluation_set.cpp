// SPDX-License-Identifier: GPL-3.0-or-later
// Several tasks as one folder: what was asked for is known whole, also where nothing of it had begun.
#include "core/evaluate/evaluate.h"
#include "core/evaluate/evaluation_set.h"
#include "tests/core/file/test_files.h"

#include <QTest>

#include <nlohmann/json.hpp>

using namespace pissarro;
using namespace pissarro::core;
using test::errorOf;

namespace {

EvaluationSpec spec(const test::Scratch& scratch, const std::string& task)
{
    EvaluationSpec one;
    one.task = task;
    one.data = scratch / (task + ".jsonl");
    one.models = {{"base", (scratch / "model").string()}};
    one.rows = 7;
    return one;
}

// With its folder.
void write(const test::fs::path& file, const std::string& text)
{
    test::fs::create_directories(file.parent_path());
    test::writeBytes(file, text);
}

} // namespace

class TestEvaluationSet : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void isReadAsItWasTaken()
    {
        const test::Scratch scratch;
        const auto plan = plannedEvaluations(
            {spec(scratch, "gsm8k"), spec(scratch, "own"), spec(scratch, "own")});
        QCOMPARE(plan.at(2).folder, std::string("own-2"));
        takeEvaluationSet(scratch / "out", plan);
        const auto read = readEvaluationSet(scratch / "out");
        QCOMPARE(read.size(), 3U);
        for (std::size_t i = 0; i < 3; ++i) {
            QCOMPARE(read[i].folder, plan[i].folder);
            QCOMPARE(differenceOf(plan[i].spec, read[i].spec), std::string());
        }
        // What is there is not taken a second time, and nothing of it is touched.
        const std::string before = test::readBytes(scratch / "out" / kEvaluationSetFile);
        QVERIFY(errorOf([&] { takeEvaluationSet(scratch / "out", plan); }).has_value());
        QCOMPARE(test::readBytes(scratch / "out" / kEvaluationSetFile), before);
    }

    void evaluationsOfTheCommandLine_areReadToo()
    {
        const test::Scratch scratch;
        for (const char* name : {"b", "a"}) {
            write(scratch / "evals" / name / kEvaluationFile, toJson(spec(scratch, "own")).dump());
        }
        const auto one = readEvaluationSet(scratch / "evals" / "a");
        QCOMPARE(one.size(), 1U);
        QVERIFY(one[0].folder.empty());
        QCOMPARE(one[0].spec.rows, 7);
        const auto both = readEvaluationSet(scratch / "evals");
        QCOMPARE(both.size(), 2U);
        QCOMPARE(both[0].folder, std::string("a"));
    }

    void whatIsNone_isNamed()
    {
        const test::Scratch scratch;
        write(scratch / "empty" / "other.txt", "x");
        QVERIFY(errorOf([&] { readEvaluationSet(scratch / "empty"); }).has_value());
        QVERIFY(errorOf([&] { readEvaluationSet(scratch / "nowhere"); }).has_value());
        QVERIFY(errorOf([&] { takeEvaluationSet(scratch / "out", {}); }).has_value());
        QVERIFY(!test::fs::exists(scratch / "out"));
        // A folder that leads elsewhere is none of ours.
        for (const char* folder : {"..", "../x", "/etc", ""}) {
            nlohmann::ordered_json task {{"folder", folder}};
            task.update(toJson(spec(scratch, "own")));
            write(scratch / "set" / kEvaluationSetFile,
                  nlohmann::ordered_json {{"tasks", nlohmann::ordered_json::array({task})}}.dump());
            const auto error = errorOf([&] { readEvaluationSet(scratch / "set"); });
            QVERIFY2(error.has_value(), folder);
            QVERIFY2(std::string(error->what()).find(kEvaluationSetFile) != std::string::npos,
                     error->what());
        }
    }
};

QTEST_GUILESS_MAIN(TestEvaluationSet)
#include "tst_evaluation_set.moc"
