// SPDX-License-Identifier: GPL-3.0-or-later
// Runs found again by what is told of them: every setting, figures, and what a person says.
#include "core/run/run_filter.h"
#include "core/run/spec_fields.h"
#include "tests/core/file/test_files.h"

#include <QTest>

#include <set>

using namespace pissarro;
using namespace pissarro::core;
using test::errorOf;
namespace fs = std::filesystem;

namespace {

RunSummary someRun()
{
    RunSummary run;
    run.directory = "/runs/2026/Lora-A";
    run.spec.method = methodNamed("lora");
    run.spec.model = "/models/SmolLM2-135M";
    run.spec.data = "/data/gsm8k_train.jsonl";
    run.spec.rank = 16;
    run.spec.learningRate = 2e-4;
    run.spec.targets = {"q_proj", "v_proj"};
    run.step = 120;
    run.startedAt = "2026-11-29T12:00:00Z";
    run.state = RunState::Finished;
    return run;
}

RunMark someMark()
{
    return {"the good one", "Rank is enough", {"paper", "Table 2"}, {}, true, false};
}

bool keeps(const char* words)
{
    return RunFilter(words).keeps(someRun(), someMark());
}

} // namespace

class RunFilterTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theNewestSteps_areFiguresToo()
    {
        RunSummary run = someRun();
        QVERIFY(!RunFilter("loss<1").keeps(run, {})); // not told
        run.end = {0.7, 0.8, 120.0};
        QVERIFY(RunFilter("loss<0.75 mean_loss>=0.8 tokens_per_s=120").keeps(run, {}));
        QVERIFY(!RunFilter("last_loss>0.75").keeps(run, {}));
    }

    // Of another program's run no setting is told: what would stand in a fresh spec is nothing that it was trained with.
    void ofOthersRuns_noSettingIsTold()
    {
        const fs::path run = "/runs/hf/llama-pissa";
        const RunMark mark {"", "", {"paper"}, "", true, false};
        for (const char* yes : {"", "llama", "PISSA", "tag=paper", "pinned=yes", "-archived=yes",
                                "folder:hf", "rank!=16", "-rank=16"}) {
            QVERIFY2(RunFilter(yes).keepsOthers(run, mark), yes);
        }
        for (const char* no : {"lora", "rank=16", "rank>0", "method:pissa", "loss<1", "-llama"}) {
            QVERIFY2(!RunFilter(no).keepsOthers(run, mark), no);
        }
    }

    void columns_areEverySetting_eachOnce()
    {
        std::set<std::string> keys;
        for (const RunColumn& column : runColumns()) {
            QVERIFY2(keys.insert(column.key).second, column.key.c_str());
            QVERIFY2(!column.label.empty(), column.key.c_str());
            column.value(RunSummary(), RunMark()); // of an empty run, too
        }
        for (const SpecField& field : specFields()) {
            QVERIFY(keys.contains(field.key));
            QVERIFY(
                sameValue(runColumn(field.key).value(someRun(), {}), field.get(someRun().spec)));
        }
        QVERIFY(&runColumn("lr") == &runColumn("learning_rate"));
    }

    void words_holdOrNot_data()
    {
        QTest::addColumn<bool>("kept");
        for (const char* words : {"",
                                  "  ",
                                  "good",
                                  "GOOD",
                                  "smollm2",
                                  "gsm8k",
                                  "enough",
                                  "paper",
                                  "lora",
                                  "lora-a",
                                  "rank=16",
                                  "rank>=16 rank<17",
                                  "rank!=8",
                                  "lr=2e-4",
                                  "lr=0.0002",
                                  "learning_rate<1e-3",
                                  "method=LORA",
                                  "method!=pissa",
                                  "model:smol",
                                  "-model:llama",
                                  "tag=paper",
                                  "tag=\"table 2\"",
                                  "\"the good one\"",
                                  "tag:tab",
                                  "pinned=yes",
                                  "-archived=yes",
                                  "archived=no",
                                  "state=finished",
                                  "step>100",
                                  "targets=q_proj",
                                  "targets:proj",
                                  "started>=2026-11",
                                  "best_eval_loss!=1",
                                  "-best_eval_loss<1",
                                  "name=\"the good one\"",
                                  "good rank=16 tag=paper"}) {
            QTest::newRow(words) << true;
        }
        for (const char* words :
             {"bad", "-good", "rank=8", "rank>16", "rank=1", "lr>2e-4", "method=pissa", "tag=table",
              "tag=pap", "pinned=no", "step<120", "targets=k_proj", "best_eval_loss<1",
              "best_eval_loss>=1", "best_eval_loss=1", "good bad", "started<2026-11-29",
              "archived=yes"}) {
            QTest::newRow(words) << false;
        }
    }

    void words_holdOrNot()
    {
        QFETCH(bool, kept);
        QCOMPARE(keeps(QTest::currentDataTag()), kept);
    }

    void whatIsNoWord_isRefused()
    {
        for (const auto& [words, what] :
             {std::pair {"colr=blue", "is told of no run"},
              std::pair {"rank=", "compares with nothing"}, std::pair {"\"open", "a quote is open"},
              std::pair {"x rank>=", "compares with nothing"}}) {
            const auto error = errorOf([&text = words] { RunFilter filter(text); });
            QVERIFY2(error && error->kind() == ErrorKind::InvalidArgument, words);
            QVERIFY2(std::string(error->what()).find(what) != std::string::npos, error->what());
        }
        QVERIFY(RunFilter().keeps(someRun(), {}));
        QVERIFY(!keeps("=16")); // no key: a word like any other
    }
};

QTEST_GUILESS_MAIN(RunFilterTest)
#include "tst_run_filter.moc"
