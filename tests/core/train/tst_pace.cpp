// SPDX-License-Identifier: GPL-3.0-or-later
// The demo's settings: they end in the time that is given, on any machine, and have steps enough for a curve.
#include "core/train/pace.h"
#include "tests/tools/golden.h"

#include <QTemporaryDir>

using namespace pissarro::core;
using namespace pissarro::tests;

class TestPace : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void fits_theTime_data()
    {
        QTest::addColumn<double>("secondsPerToken");
        QTest::newRow("a fast machine") << 1e-5;
        QTest::newRow("bfloat16 instructions") << 6e-4;
        QTest::newRow("float32") << 2e-3;
        QTest::newRow("a slow one") << 8e-3;
    }

    void fits_theTime()
    {
        QFETCH(double, secondsPerToken);
        const std::vector<std::int32_t> lengths {60, 120, 300, 90}; // 142.5 on the mean, uncut
        RunSpec spec;
        spec.model = "model";
        spec.data = "data.jsonl";
        const Fit fit = fitToTime(spec, {secondsPerToken, 2.0}, 2, lengths, 100.0);
        QVERIFY(fit.spec.steps >= 20 && fit.spec.steps <= 60);
        QCOMPARE(fit.spec.maxLength, spec.maxLength);
        QCOMPARE(fit.spec.gradAccum, 1);
        QVERIFY(fit.seconds <= 100.0);
        QCOMPARE(checkSpec(fit.spec).size(), std::size_t {0});
    }

    void takes_theLargestThatFits()
    {
        QCOMPARE(fitToTime({}, {1e-5, 0.0}, 2, {}, 100.0).spec.batchSize, 4);
        double before = 1e9;
        RunSpec rows;
        rows.maxLength = 100;
        for (const double pace : {1e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2}) { // slower, less
            const RunSpec spec = fitToTime(rows, {pace, 0.0}, 2, {}, 100.0).spec;
            const auto tokens = static_cast<double>(spec.steps * spec.batchSize * spec.maxLength);
            QVERIFY(tokens <= before);
            QVERIFY(tokens * pace * 2 <= 100.0);
            before = tokens;
        }
    }

    // Not even the smallest: it is trained nevertheless, and the time is told as it is.
    void tells_whatTakesLonger()
    {
        RunSpec rows;
        rows.maxLength = 100;
        const Fit fit = fitToTime(rows, {1.0, 5.0}, 2, {}, 100.0);
        QCOMPARE(fit.spec.steps, 20);
        QCOMPARE(fit.spec.batchSize, 1);
        QCOMPARE(fit.seconds, 2 * 5.0 + 20 * 100 * 2 * 1.0);
    }

    void measures_aRealRun()
    {
        PISSARRO_NEEDS(golden() / "peft-llama");
        const QTemporaryDir scratch;
        const bool isSet = qEnvironmentVariableIsSet("TMPDIR");
        const QByteArray before = qgetenv("TMPDIR");
        qputenv("TMPDIR", scratch.path().toUtf8());
        RunSpec spec;
        spec.model = (golden() / "tiny" / "llama").string();
        spec.batches = (golden() / "peft-llama" / "batches.safetensors").string();
        spec.rank = 4;
        spec.device = "cpu";
        const Pace pace = measurePace(spec, JobContext());
        isSet ? qputenv("TMPDIR", before) : qunsetenv("TMPDIR");
        QVERIFY(pace.secondsPerToken > 0.0 && pace.startSeconds > 0.0);
        QVERIFY(QDir(scratch.path()).isEmpty()); // nothing stays
        std::stop_source stop;
        stop.request_stop();
        QVERIFY_THROWS_EXCEPTION(Cancelled, measurePace(spec, JobContext(stop.get_token())));
    }
};

QTEST_GUILESS_MAIN(TestPace)
#include "tst_pace.moc"
