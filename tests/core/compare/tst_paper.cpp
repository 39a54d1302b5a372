// SPDX-License-Identifier: GPL-3.0-or-later
// The paper's experiments: recipes that train would take, figures as printed.
#include "core/base/error.h"
#include "core/compare/paper.h"
#include "core/run/spec_fields.h"
#include "tests/core/file/test_files.h"

#include <QTest>

#include <nlohmann/json.hpp>
#include <set>

using namespace pissarro;
using namespace pissarro::core;
using nlohmann::json;

namespace {

double figureOf(const char* experiment, const std::string& row, const std::string& column)
{
    for (const PaperFigure& one : paperExperiment(experiment).figures) {
        if (one.row == row && one.column == column) {
            return one.value;
        }
    }
    return -1.0;
}

} // namespace

class PaperTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void each_isWhole()
    {
        std::set<std::string> keys;
        for (const PaperExperiment& one : paperExperiments()) {
            QVERIFY2(keys.insert(one.key).second, one.key.c_str());
            for (const std::string* text : {&one.title, &one.about, &one.model, &one.data}) {
                QVERIFY2(!text->empty(), one.key.c_str());
            }
            QVERIFY2(!one.axes.empty() || !one.commands.empty(), one.key.c_str());
            QVERIFY2(one.figures.empty() == one.unit.empty(), one.key.c_str());
            for (const PaperFigure& figure : one.figures) {
                QVERIFY2(!figure.row.empty() && !figure.column.empty() && figure.value > 0.0,
                         figure.row.c_str());
                if (!figure.method.empty()) {
                    methodNamed(figure.method);
                }
            }
            QVERIFY(&paperExperiment(one.key) == &one);
        }
        for (const char* key : {"table2-llama2-7b", "table8-llama3-70b", "table6", "figure4",
                                "figure5", "figure6", "figure7"}) {
            QVERIFY2(keys.contains(key), key);
        }
        QVERIFY(test::errorOf([] { paperExperiment("table99"); }));
    }

    // Recipes are read again as train and sweep read them; each value of an axis fits its setting.
    void recipes_areSpecs()
    {
        for (const PaperExperiment& one : paperExperiments()) {
            const RunSpec spec = specFromJson([&] {
                json text = json::parse(paperSpecJson(one, "m", "d.jsonl"));
                text.erase("generator");
                return text.dump();
            }());
            QCOMPARE(spec.model, std::string("m"));
            QCOMPARE(spec.rank, std::int64_t {128});
            QCOMPARE(spec.alpha, 128.0);
            QCOMPARE(spec.batchSize * spec.gradAccum, std::int64_t {128});
            QCOMPARE(spec.learningRate, 2e-5);
            QVERIFY(checkSpec(spec).empty());
            const json sweep = json::parse(paperSweepJson(one, "m", "d.jsonl"));
            QCOMPARE(sweep["generator"], json("pissarro"));
            QCOMPARE(sweep["base"]["model"], json("m"));
            for (const auto& [key, values] : sweep["axes"].items()) {
                specField(key);
                for (const json& value : values) {
                    json changed = sweep["base"];
                    changed[key] = value;
                    QVERIFY2(checkSpec(specFromJson(changed.dump())).empty(), key.c_str());
                }
            }
        }
    }

    void figures_areThePapers()
    {
        QCOMPARE(figureOf("table2-llama2-7b", "PiSSA", "GSM8K"), 53.22);
        QCOMPARE(figureOf("table2-gemma-7b", "LoRA, Kaiming", "MT-Bench"), 4.97);
        QCOMPARE(figureOf("table8-llama2-7b", "PiSSA, r = 128, T = 5", "AVG"), 19.4);
        QCOMPARE(figureOf("table8-llama3-70b", "PiSSA, r = 128, T = 5", "K"), 49.0);
        QCOMPARE(figureOf("table6", "exact, r = 128", "Final loss"), 0.2264);
        QCOMPARE(figureOf("table6", "niter 1, r = 1", "Final loss"), 0.3629);
        QCOMPARE(paperExperiment("table2-llama2-7b").figures.front().deviation, 0.21);
        const PaperFigure& last = paperExperiment("table8-llama3-8b").figures.back();
        QCOMPARE(last.rank, std::int64_t {128});
        QCOMPARE(last.iters, std::int64_t {5});
        QCOMPARE(last.value, 22.9);
    }
};

QTEST_GUILESS_MAIN(PaperTest)
#include "tst_paper.moc"
