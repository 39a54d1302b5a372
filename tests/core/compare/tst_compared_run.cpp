// SPDX-License-Identifier: GPL-3.0-or-later
// Which runs a path names, how they are called, and what differs between them.
#include "core/base/error.h"
#include "core/compare/compared_run.h"
#include "core/compare/comparison.h"
#include "core/compare/run_differences.h"
#include "core/history/metric_names.h"
#include "tests/core/compare/compared_runs.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

using namespace pissarro;
using namespace pissarro::core;
using namespace pissarro::tests;

namespace {

const DifferenceRow* rowOf(const std::vector<DifferenceRow>& rows, const std::string& key)
{
    const auto found = std::find_if(rows.begin(), rows.end(),
                                    [&](const DifferenceRow& one) { return one.key == key; });
    return found == rows.end() ? nullptr : &*found;
}

} // namespace

class ComparedRunTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        m_place = std::make_unique<TinyPlace>();
        RunSpec spec = m_place->spec("pissa");
        spec.evalRatio = 0.0;
        m_place->train(spec, "twins", {methodNamed("lora")});
        spec.learningRate = 1e-4;
        spec.rank = 2;
        m_place->train(spec, "sweep/runs/first");
        spec.seed = 3;
        m_place->train(spec, "sweep/runs/second");
        test::writeBytes(
            *m_place / "trainer_state.json",
            R"({"global_step": 2, "max_steps": 4, "log_history": [{"step": 1, "loss": 2.5,
                         "learning_rate": 1e-4}, {"step": 2, "loss": 2.0}]})");
    }

    void paths_nameRuns()
    {
        const auto runs = openCompared({*m_place / "twins", *m_place / "sweep",
                                        *m_place / "twins/lora", *m_place / "trainer_state.json"},
                                       JobContext());
        QCOMPARE(runs.size(), std::size_t {5}); // lora was there before
        const std::vector<std::string> names {"pissa", "lora", "first", "second",
                                              "trainer_state.json"};
        for (std::size_t i = 0; i < names.size(); ++i) {
            QCOMPARE(runs[i].name, names[i]);
            QCOMPARE(runs[i].run.has_value(), i < 4);
            QVERIFY(!std::isnan(endLoss(runs[i])));
            QVERIFY(std::isnan(heldOutLoss(runs[i])));
        }
        QCOMPARE(endLoss(runs[4]), 2.0);
        QCOMPARE(runs[0].title(), std::string("PiSSA r4, 1e-3"));
        QCOMPARE(runs[4].title(), std::string("trainer_state.json"));
        QCOMPARE(runs[0].history.find(metric::kLoss)->values.size(), std::size_t {4});
    }

    void names_areTakenApart()
    {
        std::filesystem::copy(*m_place / "twins", *m_place / "again",
                              std::filesystem::copy_options::recursive);
        const auto runs =
            openCompared({*m_place / "twins/pissa", *m_place / "again/pissa"}, JobContext());
        QCOMPARE(runs[0].name, std::string("twins/pissa"));
        QCOMPARE(runs[1].name, std::string("again/pissa"));
    }

    void whatIsNoRun_isRefused()
    {
        QVERIFY(test::errorOf([] { openCompared({}, JobContext()); }));
        QVERIFY(test::errorOf([&] { openCompared({*m_place / "model"}, JobContext()); }));
        QVERIFY(test::errorOf([&] { openCompared({*m_place / "nowhere"}, JobContext()); }));
    }

    // A run that was started and has told nothing yet.
    void anEmptyRun_isOne()
    {
        std::filesystem::create_directories(*m_place / "empty");
        std::filesystem::copy_file(*m_place / "sweep/runs/first/run.json",
                                   *m_place / "empty/run.json");
        const auto runs = openCompared({*m_place / "empty"}, JobContext());
        QCOMPARE(runs.size(), std::size_t {1});
        QVERIFY(std::isnan(endLoss(runs[0])));
        QVERIFY(runs[0].history.metrics.empty());
    }

    // A run is told by what it was trained with; what run.json says otherwise is named.
    void anEditedRunFile_isNotBelieved()
    {
        const std::filesystem::path edited = *m_place / "edited";
        std::filesystem::copy(*m_place / "sweep/runs/first", edited,
                              std::filesystem::copy_options::recursive);
        auto text = nlohmann::json::parse(test::readBytes(edited / kRunFile));
        text["learning_rate"] = 0.5;
        text["rank"] = 3;
        text["keep_checkpoints"] = 7; // a run may be told that anew
        test::writeBytes(edited / kRunFile, text.dump());
        const auto runs = openCompared({edited, *m_place / "sweep/runs/first"}, JobContext());
        QCOMPARE(runs[0].run->spec.learningRate, 1e-4);
        QCOMPARE(runs[0].run->spec.rank, runs[1].run->spec.rank);
        QCOMPARE(runs[0].title(), runs[1].title());
        QVERIFY(rowOf(differencesOf(runs).settings, "rank") == nullptr);
        const std::string& told = runs[0].edits;
        for (const char* part : {"run.json: was edited", "learning_rate is ", "rank is ",
                                 "the checkpoint of step 4"}) {
            QVERIFY2(told.find(part) != std::string::npos, told.c_str());
        }
        QVERIFY(told.find("keep_checkpoints") == std::string::npos);
        QVERIFY(told.find('\n') == std::string::npos);
        QVERIFY(runs[1].edits.empty());
        CompareOptions options;
        options.spectra = 0;
        const RunComparison found = compareRuns({edited}, options, JobContext());
        QVERIFY(std::find(found.notes.begin(), found.notes.end(), told) != found.notes.end());
        QVERIFY(found.findings[0].update.has_value()); // read by the rank that it has
    }

    void differences_areThoseOfTheTable()
    {
        const auto runs = openCompared({*m_place / "twins", *m_place / "sweep"}, JobContext());
        const RunDifferences found = differencesOf(runs);
        const DifferenceRow* method = rowOf(found.settings, "method");
        QVERIFY(method != nullptr);
        QVERIFY((method->values == std::vector<std::string> {"pissa", "lora", "pissa", "pissa"}));
        QVERIFY(rowOf(found.settings, "learning_rate")->label
                != "learning_rate"); // words for people
        QVERIFY((rowOf(found.settings, "rank")->values
                 == std::vector<std::string> {"4", "4", "2", "2"}));
        QVERIFY((rowOf(found.settings, "seed")->values
                 == std::vector<std::string> {"0", "0", "0", "3"}));
        QVERIFY(rowOf(found.settings, "alpha") == nullptr); // the same in all
        QVERIFY(rowOf(found.stepZero, "base_loss") != nullptr);
        QCOMPARE(rowOf(found.stepZero, "base_loss")->values.size(), std::size_t {4});
        QCOMPARE(found.batches.size(), std::size_t {3});
        QCOMPARE(found.batches[0].common, std::int64_t {4});
        QCOMPARE(found.batches[0].equal, std::int64_t {4}); // twins see the same batches
        QVERIFY(found.inputs.empty());
        QVERIFY(std::find(found.sameInputs.begin(), found.sameInputs.end(), "Weights of the base")
                != found.sameInputs.end());
    }

    void anotherBase_isToldByItsContent()
    {
        TinyPlace other;
        writeTinyBatches(other / "batches.safetensors", 6);
        const RunSummary run = other.train(other.spec("lora"), "run");
        const auto runs = openCompared({*m_place / "twins/lora", run.directory}, JobContext());
        const RunDifferences found = differencesOf(runs);
        QVERIFY(rowOf(found.inputs, "examples") != nullptr); // other batches
        QVERIFY(rowOf(found.inputs, "weights") == nullptr); // the same weights in another folder
        QVERIFY(rowOf(found.settings, "model") != nullptr);
    }

    void ranks_areToldWhereTheyDiffer()
    {
        const auto files = ModelFiles::open(*m_place / "model");
        RunSpec first = m_place->spec("lora");
        RunSpec second = first;
        second.patterns = rankPatternsFromJson(R"({"rank_pattern": {"down_proj": 8}})");
        const auto rows = rankDifferences(files->linearModules(), {first, second});
        QCOMPARE(rows.size(), static_cast<std::size_t>(kTinyLayers));
        QVERIFY((rows[0].values == std::vector<std::string> {"4", "8"}));
        second.method = methodNamed("full");
        QCOMPARE(rankDifferences(files->linearModules(), {first, second}).size(),
                 files->linearModules().size());
    }

private:
    std::unique_ptr<TinyPlace> m_place;
};

QTEST_GUILESS_MAIN(ComparedRunTest)
#include "tst_compared_run.moc"
