// SPDX-License-Identifier: GPL-3.0-or-later
// Steps in columns against the records that they were told by, resumed runs among them.
#include "ui/services/run_series.h"

#include <QTest>

#include <cmath>
#include <limits>
#include <random>

using namespace pissarro;
using namespace pissarro::ui;

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

core::StepRecord record(std::int64_t step, double elapsedS)
{
    core::StepRecord result;
    result.step = step;
    result.elapsedS = elapsedS;
    return result;
}

core::StepRecord anyRecord(std::int64_t step, std::mt19937& random)
{
    std::uniform_real_distribution<double> any(0.1, 9.0);
    core::StepRecord result = record(step, static_cast<double>(step) * 0.5);
    result.loss = any(random);
    result.gradNorm = any(random);
    result.learningRate = any(random);
    result.tokens = step * 100;
    result.tokensPerS = random() % 5 == 0 ? kNaN : any(random);
    result.evalLoss = random() % 4 == 0 ? any(random) : core::StepRecord::kNotEvaluated;
    result.batchHash = std::to_string(step);
    return result;
}

// All that the columns say, against the records.
void compare(const RunSeries& series, const std::vector<core::StepRecord>& records)
{
    QCOMPARE(series.size(), static_cast<qsizetype>(records.size()));
    std::vector<std::pair<qsizetype, double>> evaluations;
    double sum = 0.0;
    int taken = 0;
    for (qsizetype i = 0; i < series.size(); ++i) {
        const core::StepRecord& one = records[static_cast<std::size_t>(i)];
        QCOMPARE(series.step(i), one.step);
        QCOMPARE(series.tokens(i), one.tokens);
        QCOMPARE(series.elapsedS(i), one.elapsedS);
        QCOMPARE(series.loss(i), one.loss);
        QCOMPARE(series.gradNorm(i), one.gradNorm);
        QCOMPARE(series.learningRate(i), one.learningRate);
        QVERIFY(series.tokensPerS(i) == one.tokensPerS || std::isnan(one.tokensPerS));
        if (std::isfinite(one.evalLoss)) {
            evaluations.emplace_back(i, one.evalLoss);
        }
        if (std::isfinite(one.tokensPerS)) {
            sum += one.tokensPerS;
            ++taken;
        }
    }
    QVERIFY(series.evaluations() == evaluations);
    if (taken > 0) {
        QCOMPARE(series.meanTokensPerS(), sum / taken);
    }
    if (!records.empty()) {
        QCOMPARE(series.first().batchHash, records.front().batchHash);
        QCOMPARE(series.last().batchHash, records.back().batchHash);
        for (const std::int64_t upTo : {std::int64_t {0}, records[records.size() / 2].step}) {
            QCOMPARE(series.meanLoss(upTo, 5), core::meanLoss(records, upTo, 5));
        }
    }
}

} // namespace

class TestRunSeries : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void columns_sayWhatTheRecordsSaid()
    {
        std::mt19937 random(7);
        RunSeries series;
        std::vector<core::StepRecord> records;
        compare(series, records);
        for (std::int64_t step = 1; step <= 300; ++step) {
            records.push_back(anyRecord(step, random));
            series.append(records.back());
        }
        compare(series, records);
        QCOMPARE(series.rewrites(), quint64 {0});
    }

    void aResumedRun_tellsItsStepsAgain()
    {
        std::mt19937 random(8);
        RunSeries series;
        std::vector<core::StepRecord> records;
        for (const int from : {1, 31, 1, 20}) { // told again from there on
            records.resize(static_cast<std::size_t>(from - 1));
            for (std::int64_t step = from; step <= 40; ++step) {
                records.push_back(anyRecord(step, random));
                series.append(records.back());
            }
            compare(series, records);
        }
        QCOMPARE(series.rewrites(), quint64 {3});
    }

    void aHandle_seesItGrow_aCopyDoesNot()
    {
        RunSeries series {record(1, 1.0)};
        const RunSeries handle = series;
        const RunSeries copy = series.copy();
        series.append(record(2, 2.0));
        QCOMPARE(handle.size(), qsizetype {2});
        QCOMPARE(copy.size(), qsizetype {1});
        QCOMPARE(handle.id(), series.id());
        QVERIFY(copy.id() != series.id());
        QVERIFY(RunSeries().id() != RunSeries().id());
    }

    void nothingIsKnown_ofNoStep()
    {
        const RunSeries none;
        QVERIFY(none.isEmpty() && none.evaluations().empty());
        QVERIFY(std::isnan(none.meanLoss(0, 5)) && std::isnan(none.meanTokensPerS()));
    }

    void twinsHaveTheStepThatBothMade()
    {
        QCOMPARE(commonStep({{record(1, 0), record(2, 0)}, {record(1, 0)}}), std::int64_t(1));
        QCOMPARE(commonStep({{record(1, 0)}, {}}), std::int64_t(0));
        QCOMPARE(commonStep({}), std::int64_t(0));
    }

    // Ten seconds of preparing, then two seconds a step: eight steps are left, 16 seconds.
    void timeLeftGoesByTheStepsAlone()
    {
        QVERIFY(std::isnan(secondsLeft({}, 10)));
        QVERIFY(std::isnan(secondsLeft({record(1, 10.0)}, 10)));
        QCOMPARE(secondsLeft({record(1, 10.0), record(2, 12.0)}, 10), 16.0);
        QCOMPARE(secondsLeft({record(1, 10.0), record(10, 28.0)}, 10), 0.0);
        RunSeries many; // the newest thirty steps tell the pace
        for (int step = 1; step <= 100; ++step) {
            many.append(record(step, step <= 50 ? step * 10.0 : 500.0 + (step - 50) * 1.0));
        }
        QCOMPARE(secondsLeft(many, 200), 100.0);
    }
};

QTEST_GUILESS_MAIN(TestRunSeries)
#include "tst_run_series.moc"
