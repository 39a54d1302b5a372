// SPDX-License-Identifier: GPL-3.0-or-later
// Runs laid side by side as a whole: the JSON of DESIGN §7, and a report that leaves nothing out unsaid.
#include "core/base/error.h"
#include "core/compare/comparison.h"
#include "core/compare/quant_errors.h"
#include "core/compare/run_report.h"
#include "core/format/safetensors.h"
#include "tests/core/compare/compared_runs.h"

#include <QTest>

#include <nlohmann/json.hpp>

using namespace pissarro;
using namespace pissarro::core;
using namespace pissarro::tests;
using nlohmann::ordered_json;

namespace {

bool has(const std::string& text, std::string_view part)
{
    return text.find(part) != std::string::npos;
}

} // namespace

class RunReportTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        m_place = std::make_unique<TinyPlace>();
        m_place->train(m_place->spec("pissa"), "twins",
                       {methodNamed("lora"), methodNamed("qpissa")});
        RunSpec spec = m_place->spec("pissa");
        for (const std::int64_t rank : {2, 8}) {
            spec.rank = rank;
            spec.alpha = static_cast<double>(rank);
            m_place->train(spec, "rank-" + std::to_string(rank));
        }
        m_found = compareRuns({*m_place / "twins", *m_place / "rank-2", *m_place / "rank-8"}, {},
                              JobContext());
    }

    void json_isTheContract()
    {
        const ordered_json json = comparisonJson(m_found);
        QCOMPARE(json.begin().key(), std::string("generator"));
        QCOMPARE(json["runs"].size(), std::size_t {5});
        for (const char* key : {"runs", "differences", "update", "claims"}) {
            QVERIFY2(json[key].is_array(), key);
        }
        QVERIFY(json["sentence"].is_string());
        QCOMPARE(json["update"].size(), static_cast<std::size_t>(5 * kTinyModules));
        for (const ordered_json& one : json["update"]) {
            QVERIFY(one["run"].is_string() && one["module"].is_string());
            QVERIFY(one["norm"].get<double>() > 0.0);
            QVERIFY(one["relative_norm"].get<double>() > 0.0);
            QVERIFY(one["effective_rank"].get<double>() >= 1.0);
        }
        for (const ordered_json& one : json["differences"]) {
            QCOMPARE(one["values"].size(), std::size_t {5});
        }
        for (const ordered_json& one : json["claims"]) {
            for (const char* key : {"text", "verdict", "p", "p_holm", "seeds", "questions"}) {
                QVERIFY2(one.contains(key), key);
            }
        }
        QCOMPARE(json["rank_maps"].size(), std::size_t {5});
        QVERIFY(json["rank_maps"][0]["rank_pattern"].size() == std::size_t(kTinyModules));
        QCOMPARE(json["checkpoints"][0]["norm"].size(), static_cast<std::size_t>(kTinyModules));
        QVERIFY(!json.dump().empty()); // numbers and UTF-8 alone
    }

    void report_saysEverything()
    {
        const Document document =
            reportOf(m_found, {"", "pissarro-cli compare runs -o a.html", "today"});
        QVERIFY2(has(document.title, "PiSSA, LoRA and QPiSSA on model"), document.title.c_str());
        QCOMPARE(document.verdict, m_found.claims.sentence());
        const std::string text = markdownOf(document);
        for (const char* part :
             {"What was asked", "What differs", "Step 0", "What the sentence stands on", "Scores",
              "No evaluation was named", "Where the update went", "Means over the matrices",
              "Effective rank", "Change over time", "Spectrum before and after",
              "Ranks for the next run", "What four bits took away", "The same rate for all",
              "Each at its best rate", "To repeat it", "What was checked", "pissarro-cli train",
              "pissarro-cli compare runs"}) {
            QVERIFY2(has(text, part), part);
        }
        const std::string html = htmlOf(document);
        QVERIFY(has(html, "<svg") && !has(html, "<script"));
        QVERIFY(pdfOf(document).starts_with("%PDF-1.7"));
    }

    // Five runs have no room beside one another: a row each, the commands but the first at the end, one line for what all pass.
    void manyRuns_haveARowEach()
    {
        const Document document = reportOf(m_found, {"", "pissarro-cli compare runs", ""});
        QVERIFY2(has(document.date, " UTC") && !has(document.date, "Z"), document.date.c_str());
        const Table* differs = nullptr;
        for (const Section& section : document.sections) {
            for (const Block& block : section.blocks) {
                const auto* table = std::get_if<Table>(&block);
                differs = table != nullptr && table->title == "What differs" ? table : differs;
            }
        }
        QVERIFY(differs != nullptr);
        QCOMPARE(differs->rows.size(), std::size_t {5});
        QCOMPARE(differs->columns.front().title, std::string("Run"));
        for (const auto& row : differs->rows) {
            QCOMPARE(row.size(), differs->columns.size());
        }
        const std::string text = markdownOf(document);
        QVERIFY(!has(text, "step 0: Step 0"));
        const auto first = text.find("pissarro-cli train");
        const auto checked = text.find("What was checked");
        const auto second = text.find("pissarro-cli train", first + 1);
        QVERIFY(first < checked && second > checked && second != std::string::npos);
        QVERIFY(has(text, "Every run's command"));
    }

    // One run of another program: what is not known of it is said.
    void aForeignRun_isReported()
    {
        test::writeBytes(*m_place / "trainer_state.json",
                         R"({"global_step": 2, "log_history": [{"step": 1, "loss": 2.5}, {"step": 2,
                         "loss": 2.0}]})");
        const RunComparison found =
            compareRuns({*m_place / "trainer_state.json"}, {}, JobContext());
        const std::string text = markdownOf(reportOf(found, {}));
        for (const char* part : {"There are no two methods to compare here", "It was not looked at",
                                 "No run has figures of step 0", "another program"}) {
            QVERIFY2(has(text, part), part);
        }
        QVERIFY(comparisonJson(found)["update"].empty());
    }

    // The word of a folder, a model or a setting cannot become markup.
    void hostileNames_stayText()
    {
        RunComparison found = m_found;
        found.runs[0].name = "<img src=x onerror=alert(1)>";
        found.runs[0].run->spec.model = "/m/<b>\"bold\"</b>";
        found.runs[0].history.title = "</title><script>";
        const std::string html = htmlOf(reportOf(found, {}));
        QVERIFY(!has(html, "<img") && !has(html, "<script") && !has(html, "<b>\"bold"));
    }

    void papersFigures_standBeside()
    {
        CompareOptions options;
        options.withUpdate = false;
        options.experiment = "table6";
        const RunComparison found = compareRuns({*m_place / "rank-2"}, options, JobContext());
        const std::string text = markdownOf(reportOf(found, {}));
        QVERIFY(has(text, "Beside the paper"));
        QVERIFY(has(text, "0.3269")); // r = 2, exact
        options.experiment = "table99";
        const auto error =
            test::errorOf([&] { compareRuns({*m_place / "rank-2"}, options, JobContext()); });
        QVERIFY(error && has(error->what(), "table2-llama2-7b"));
    }

    void quantErrors_areLaidIn()
    {
        const auto file = *m_place / "quant.json";
        test::writeBytes(file, R"({"rank": 128, "iters": 5, "modules": [], "by_type": {"q_proj":
            {"loftq": 11.5, "qpissa": 12.25}}, "average": {"loftq": 13.5, "qpissa": 14.75}})");
        QCOMPARE(readQuantErrors(file).byType.at("q_proj").at("qpissa"), 12.25);
        CompareOptions options;
        options.withUpdate = false;
        options.quantErrors = {file};
        options.experiment = "table8-llama2-7b";
        const RunComparison found = compareRuns({*m_place / "rank-2"}, options, JobContext());
        const Document document = reportOf(found, {});
        const std::string text = markdownOf(document);
        QVERIFY(has(text, "12.2") && has(text, "14.8")); // three digits
        const Table& beside = std::get<Table>(document.sections.back().blocks[2]);
        int measured = 0;
        for (const auto& row : beside.rows) {
            measured += row[3].text == "–" ? 0 : 1;
        }
        QCOMPARE(measured, 4); // Q and AVG of both methods, at this rank and T
        std::stop_source stop;
        stop.request_stop();
        QVERIFY_THROWS_EXCEPTION(Cancelled, readQuantErrors(file, JobContext(stop.get_token())));
        test::writeBytes(file, "{}");
        QVERIFY(test::errorOf([&] { readQuantErrors(file); }));
    }

    // Whatever was typed: the model that the runs trained on is read.
    void theBase_isNoPlaceForAReport()
    {
        const OutputRule rule = withBases({{}, Overwrite::Ours}, m_found);
        const std::filesystem::path base = m_found.runs.front().run->spec.model;
        QVERIFY(std::filesystem::exists(base / "model.safetensors"));
        const auto error =
            test::errorOf([&] { checkOutputFile(base / "model.safetensors", rule); });
        QVERIFY(error && has(error->what(), "what is read"));
    }

    // A state that cannot be read is a note of the comparison, not its end.
    void aBrokenState_isANote()
    {
        const auto run = *m_place / "rank-8";
        for (const std::int64_t step : checkpointSteps(run, true)) {
            test::writeBytes(checkpointDirectory(run, step) / kStateTensors, "torn");
        }
        std::filesystem::remove_all(run / "adapter"); // else what it holds would be told
        const RunComparison found = compareRuns({run}, {}, JobContext());
        QVERIFY(!found.findings[0].update);
        QCOMPARE(found.notes.size(), std::size_t {1});
    }

private:
    std::unique_ptr<TinyPlace> m_place;
    RunComparison m_found;
};

QTEST_GUILESS_MAIN(RunReportTest)
#include "tst_run_report.moc"
