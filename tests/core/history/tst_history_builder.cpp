// SPDX-License-Identifier: GPL-3.0-or-later
// What counts of figures that are told twice, what metrics are called, and numbers as Python writes them.
#include "core/history/history_builder.h"
#include "core/history/json_lines.h"
#include "core/history/json_numbers.h"
#include "core/history/metric_names.h"
#include "tests/core/file/test_files.h"

#include <QTest>

#include <cmath>

using namespace pissarro;
using namespace pissarro::core;
using test::errorOf;

namespace {

using Points = std::vector<std::pair<std::int64_t, double>>;

Points pointsOf(const History& history, std::string_view metric)
{
    Points points;
    if (const MetricSeries* const series = history.find(metric)) {
        for (std::size_t i = 0; i < series->steps.size(); ++i) {
            points.emplace_back(series->steps[i], series->values[i]);
        }
    }
    return points;
}

bool isNoted(const History& history, const std::string& sentence)
{
    return std::any_of(history.notes.begin(), history.notes.end(),
                       [&](const Said& note) { return note.text() == sentence; });
}

} // namespace

class HistoryBuilderTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void inOneSession_theFirstCounts()
    {
        HistoryBuilder builder;
        const Points told {{20, 2.0}, {10, 1.0}, {20, 2.5}, {10, 1.5}, {30, 3.0}};
        for (const auto& [step, value] : told) {
            builder.add("loss", step, value);
            builder.add("epoch", step, 0.5);
        }
        const History history = builder.finish();
        const Points wanted {{10, 1.0}, {20, 2.0}, {30, 3.0}};
        QVERIFY(pointsOf(history, "loss") == wanted);
        QCOMPARE(history.step, 30);
        QCOMPARE(history.notes.size(), 1U); // an axis is told with whatever else is
        QVERIFY(
            isNoted(history, "2 figures were told again for the same step: the first ones count"));
    }

    // Also what the later one has not told yet is of steps that it trains anew.
    void aSessionThatGoesOn_takesBackWhatItTrainsAgain()
    {
        HistoryBuilder builder;
        for (const std::int64_t step : {10, 20, 30, 40}) {
            builder.add("loss", step, 1.0);
            builder.add("epoch", step, 1.0);
        }
        builder.add("eval_loss", 25, 1.0);
        builder.add("eval_loss", 35, 1.0);
        builder.beginSession();
        builder.add("epoch", 30, 2.0);
        builder.add("loss", 30, 2.0);
        const History history = builder.finish();
        const Points wanted {{10, 1.0}, {20, 1.0}, {30, 2.0}};
        QVERIFY(pointsOf(history, "loss") == wanted);
        QVERIFY(pointsOf(history, "epoch") == wanted);
        QVERIFY((pointsOf(history, "eval_loss") == Points {{25, 1.0}}));
    }

    void aSessionThatOnlyEvaluates_takesNothingBack()
    {
        HistoryBuilder builder;
        builder.add("loss", 40, 1.0);
        builder.add("epoch", 40, 1.0);
        builder.add("train_runtime", 40, 9.0);
        builder.beginSession();
        builder.add("epoch", 40, 1.0);
        builder.add("eval_loss", 40, 2.0);
        const History history = builder.finish();
        QVERIFY((pointsOf(history, "loss") == Points {{40, 1.0}}));
        QVERIFY((pointsOf(history, "eval_loss") == Points {{40, 2.0}}));
        QCOMPARE(history.figures.at("train_runtime"), 9.0);
    }

    void aSessionAtAStep_takesBackAllFromThere()
    {
        HistoryBuilder builder;
        for (const std::int64_t step : {1, 2, 3}) {
            builder.add("loss", step, 1.0);
            builder.add("val", step, 1.0);
        }
        builder.beginSessionAt(3);
        builder.add("loss", 3, 2.0);
        builder.beginSessionAt(2);
        const History history = builder.finish();
        QVERIFY((pointsOf(history, "loss") == Points {{1, 1.0}}));
        QVERIFY((pointsOf(history, "val") == Points {{1, 1.0}}));
    }

    void figuresOfTheWholeRun_areNoSeries()
    {
        HistoryBuilder builder;
        builder.add("train_loss", 10, 0.5);
        builder.add("train_runtime", 10, 3.0);
        const History ended = builder.finish();
        QCOMPARE(ended.figures.size(), 2U);
        QVERIFY(ended.metrics.empty());
        HistoryBuilder other; // of a trainer that calls its loss so
        other.add("train_loss", 10, 0.5);
        QCOMPARE(other.finish().metrics.size(), 1U);
    }

    void whatNobodyCounted_orIsNoName_isLeftOut()
    {
        HistoryBuilder builder;
        builder.add("tokens", 1, 0.0);
        builder.add("tokens_per_s", 1, 0.0);
        builder.add("loss", -1, 1.0);
        builder.add("", 1, 1.0);
        builder.add("a\nb", 1, 1.0);
        builder.add("\xFF", 1, 1.0);
        builder.add(std::string(300, 'x'), 1, 1.0);
        builder.noteTorn();
        const History history = builder.finish();
        QVERIFY(history.metrics.empty());
        QVERIFY(isNoted(history, "5 lines, records or names are none and were left out"));
        QVERIFY(isNoted(history, "the end of 1 file is cut off"));
    }

    void tooManyMetrics_areRefused()
    {
        HistoryBuilder builder;
        const auto error = errorOf([&] {
            for (int i = 0; i < 5000; ++i) {
                builder.add("m" + std::to_string(i), 1, 1.0);
            }
        });
        QVERIFY(error && error->kind() == ErrorKind::Format && error->isClause());
    }

    void names_areOneSet()
    {
        QCOMPARE(metricOf("learning_rate"), std::string(metric::kLearningRate));
        QCOMPARE(metricOf("num_tokens"), std::string(metric::kTokens));
        QCOMPARE(metricOf("eval_wer"), std::string("eval_wer"));
        QCOMPARE(metricOfTag("train/learning_rate"), std::string(metric::kLearningRate));
        QCOMPARE(metricOfTag("eval/loss"), std::string(metric::kEvalLoss));
        QCOMPARE(metricOfTag("charts/reward"), std::string("charts/reward"));
        for (const std::string_view name :
             {metric::kLoss, metric::kEvalLoss, metric::kGradNorm, metric::kLearningRate,
              metric::kEpoch, metric::kTokens, metric::kTokensPerS, std::string_view("test_wer")}) {
            QCOMPARE(metricOfTag(trainerTag(name)), std::string(name));
        }
        QCOMPARE(trainerTag(metric::kLearningRate), std::string("train/learning_rate"));
        QCOMPARE(trainerTag(metric::kEvalLoss), std::string("eval/loss"));
        QCOMPARE(trainerTag(metric::kTokens), std::string("train/num_input_tokens_seen"));
        QVERIFY(isAxis(metric::kEpoch) && !isAxis(metric::kLoss));
        QVERIFY(isEvaluation("predict_loss") && !isEvaluation("evaluated"));
        QVERIFY(isOfWholeRun("total_flos") && !isOfWholeRun("loss"));
    }

    void numbers_areAlsoPythons()
    {
        const auto json = parsePythonJson("{\"a\": NaN, \"b\": [Infinity, -Infinity, -1], \"c\": "
                                          "\"NaN \\\" NaN\", \"d\": \"0.00\"}");
        QVERIFY(std::isnan(figureOf(json["a"]).value()));
        QVERIFY(figureOf(json["b"][0]).value() > 1e308 && figureOf(json["b"][1]).value() < -1e308);
        QCOMPARE(figureOf(json["b"][2]).value(), -1.0);
        QCOMPARE(json["c"].get<std::string>(), std::string("NaN \" NaN"));
        QCOMPARE(figureOf(json["d"]).value(), 0.0);
        for (const char* none : {"\"nan\"", "\"1.0x\"", "\"\"", "true", "null", "[1]", "\"inf\""}) {
            QVERIFY2(!figureOf(parsePythonJson(none)), none);
        }
        for (const char* none : {"", "NaNa", "{\"a\": Nan}", "[NaN NaN]"}) {
            QVERIFY2(errorOf([&] { parsePythonJson(none); }).has_value(), none);
        }
    }

    void durations_areReadAsPythonPrintsThem()
    {
        QCOMPARE(secondsOf("0:00:24").value(), 24.0);
        QCOMPARE(secondsOf("1 day, 0:08:23").value(), 86400.0 + 503.0);
        QCOMPARE(secondsOf("12 days, 23:59:59.5").value(), 12 * 86400.0 + 86399.5);
        QCOMPARE(secondsOf("-1 day, 23:59:59").value(), -1.0);
        for (const char* none :
             {"", "24", "0:24", "a:b:c", "1 day", "x day, 0:00:01", "0:00:", "::", "0:0:nan"}) {
            QVERIFY2(!secondsOf(none), none);
        }
    }

    void lines_areTakenOneByOne()
    {
        const test::Scratch scratch;
        const auto file = scratch / "log.jsonl";
        test::writeBytes(file, "{\"a\": NaN}\n\n[1]\nno\n{\"a\": 2}\r\n{\"b\": 3}\n{\"a\": ");
        HistoryBuilder builder;
        std::vector<double> taken;
        readJsonLines(file, builder, {}, [&](const nlohmann::json& record) {
            if (record.contains("a")) {
                taken.push_back(figureOf(record["a"]).value());
            }
            return record.contains("a");
        });
        QCOMPARE(taken.size(), 2U);
        QVERIFY(std::isnan(taken[0]) && taken[1] == 2.0);
        const History history = builder.finish();
        QVERIFY(isNoted(history, "3 lines, records or names are none and were left out"));
        QVERIFY(isNoted(history, "the end of 1 file is cut off"));
    }
};

QTEST_GUILESS_MAIN(HistoryBuilderTest)
#include "tst_history_builder.moc"
