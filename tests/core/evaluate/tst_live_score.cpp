// SPDX-License-Identifier: GPL-3.0-or-later
// The score of a model that is open, against the evaluation of the same model from its folder.
#include "core/base/error.h"
#include "core/decoder/decoder_tensors.h"
#include "core/evaluate/evaluate.h"
#include "core/evaluate/live_score.h"
#include "tests/cli/tiny_model.h"
#include "tests/core/file/test_files.h"

#include <QTest>

#include <iterator>
#include <nlohmann/json.hpp>
#include <stop_token>

using namespace pissarro;
using namespace pissarro::core;
namespace fs = std::filesystem;

class TestLiveScore : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        tests::writeTinyModel(m_scratch / "model");
        tests::writeTinyTokenizer(m_scratch / "model");
        m_choir = session::choirOf(session::open(InferenceModel {(m_scratch / "model").string()},
                                                 session::Tokens::Needed, JobContext()));
        std::string rows;
        for (const char* prompt : {"abc", "Where", "to", "xyz", "Q1"}) { // of which some are right
            rows += nlohmann::json {{"prompt", prompt}, {"expected", "a"}}.dump() + "\n";
        }
        test::writeBytes(m_scratch / "rows.jsonl", rows);
    }

    void theScore_isThatOfTheEvaluation()
    {
        EvaluationSpec spec = asked();
        const double score = liveScore(spec, m_choir, JobContext());
        const auto files = [&] {
            return std::distance(fs::directory_iterator(m_scratch.path()),
                                 fs::directory_iterator());
        };
        const auto before = files();
        QCOMPARE(liveScore(spec, m_choir, JobContext()), score);
        QCOMPARE(files(), before); // nothing is written
        spec.models = {{"model", (m_scratch / "model").string()}};
        const Evaluation whole = runEvaluation(spec, {m_scratch / "out"}, JobContext());
        QCOMPARE(whole.summary.models.at(0).rules.at(0).score, score);
    }

    void endsWithinAToken()
    {
        std::stop_source stop;
        stop.request_stop();
        QVERIFY_EXCEPTION_THROWN(liveScore(asked(), m_choir, JobContext(stop.get_token())),
                                 Cancelled);
        EvaluationSpec spec = asked();
        spec.data = m_scratch / "none.jsonl";
        QVERIFY(test::errorOf([&] { liveScore(spec, m_choir, JobContext()); }).has_value());
    }

private:
    EvaluationSpec asked() const
    {
        EvaluationSpec spec;
        spec.task = "own";
        spec.rule = "contains";
        spec.data = m_scratch / "rows.jsonl";
        spec.promptTemplate = PromptTemplate::Plain;
        spec.maxNewTokens = 12;
        return spec;
    }

    test::Scratch m_scratch;
    session::Choir m_choir;
};

QTEST_GUILESS_MAIN(TestLiveScore)
#include "tst_live_score.moc"
