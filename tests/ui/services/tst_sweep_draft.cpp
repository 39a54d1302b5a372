// SPDX-License-Identifier: GPL-3.0-or-later
// A sweep before it starts: what is typed, what is proposed, what it comes to, and rates and ranks measured on a tiny model.
#include "core/file/atomic_file.h"
#include "core/sweep/sweep_plan.h"
#include "core/text/number_text.h"
#include "tests/cli/tiny_model.h"
#include "tests/tools/patience.h"
#include "tests/ui/warning_trap.h"
#include "ui/services/sweep_draft.h"
#include "ui/services/sweep_planner.h"

#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace pissarro;
using namespace pissarro::ui;
using pissarro::tests::hangMs;

namespace {

core::RunSpec baseSpec()
{
    core::RunSpec spec;
    spec.model = "models/SmolLM2";
    spec.data = "rows.jsonl";
    spec.method = core::methodNamed("pissa");
    spec.rank = 16;
    spec.learningRate = 2e-4;
    return spec;
}

QString read(const char* key, const char* text)
{
    const core::SpecField& field = core::specField(key);
    const TypedValue typed = readAxisValue(field, QLatin1String(text), baseSpec());
    return typed.value ? axisValueText(field, *typed.value)
                       : QStringLiteral("no: ") + typed.problem;
}

} // namespace

class TestSweepDraft : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        tests::WarningTrap::install();
        qputenv("OMP_NUM_THREADS", "1");
        qputenv("XDG_CACHE_HOME", QFile::encodeName(m_folder.filePath(QStringLiteral("cache"))));
        tests::writeTinyModel(path("tiny"));
        tests::writeTinyBatches(path("batches.safetensors"), 4);
    }
    void cleanup() { QCOMPARE(tests::WarningTrap::take(), QStringList()); }

    void typedValues_areRead_orSayWhyNot()
    {
        QCOMPARE(read("rank", " 8 "), QStringLiteral("8"));
        QCOMPARE(read("learning_rate", "2e-4"), QString::fromStdString(core::numberText(2e-4)));
        QCOMPARE(read("learning_rate", "0,5"), QStringLiteral("5e-1"));
        QCOMPARE(read("method", "PiSSA"), QStringLiteral("PiSSA"));
        QCOMPARE(read("method", "lora"), QStringLiteral("LoRA"));
        QCOMPARE(read("seed", "18446744073709551615"), QStringLiteral("18446744073709551615"));
        QCOMPARE(read("targets", "q_proj v_proj"), QStringLiteral("q_proj, v_proj"));
        for (const auto& [key, text] :
             {std::pair {"rank", "0"}, std::pair {"rank", "1.5"},
              std::pair {"learning_rate", "fast"}, std::pair {"method", "magic"},
              std::pair {"seed", "-1"}, std::pair {"rslora", "perhaps"}}) {
            QVERIFY2(read(key, text).startsWith(QStringLiteral("no: ")), text);
            QVERIFY2(read(key, text).size() > 8, text);
        }
    }

    // Any setting but the rank maps, and each of its values comes back as it is shown.
    void everySetting_mayBeAnAxis()
    {
        for (const core::SpecField& field : core::specFields()) {
            const bool isMap = field.key == "rank_pattern" || field.key == "alpha_pattern";
            QCOMPARE(mayBeAxis(field), !isMap);
            const core::FieldValue value = field.get(baseSpec());
            const QString text = isMap ? QString() : axisValueText(field, value);
            if (!text.isEmpty()) {
                const TypedValue typed = readAxisValue(field, text, baseSpec());
                QVERIFY2(typed.value && core::sameValue(*typed.value, value),
                         qPrintable(QString::fromStdString(field.key) + typed.problem));
            }
        }
    }

    void proposed_isAGridAroundTheRun_thatCanBePlanned()
    {
        const core::SweepSpec sweep = proposedSweep(baseSpec());
        QCOMPARE(methodsOf(sweep).size(), qsizetype {2});
        QVERIFY(sweep.pairAlphaWithRank);
        QCOMPARE(sweep.base.evalRatio, 0.05);
        const std::vector<core::FieldValue>& rates = axisOf(sweep.axes, "learning_rate")->values;
        QCOMPARE(rates.size(), std::size_t {3});
        QCOMPARE(std::get<double>(rates[0]), 2e-4);
        QCOMPARE(std::get<double>(rates[1]), 6e-4);
        QCOMPARE(std::get<double>(rates[2]), 1.8e-3);
        const core::SweepPlan plan = core::planSweep(sweep);
        QCOMPARE(plan.runs.size(), std::size_t {18});
        QCOMPARE(plan.repeated, std::size_t {0});
        QVERIFY(sweepFolderName(sweep).endsWith(QStringLiteral("-sweep-method-rank-lr")));
        QCOMPARE(core::sweepDifference(*sweepFromKept(sweepText(sweep)), sweep), std::string());
        QVERIFY(!sweepFromKept(QStringLiteral("{}")));
    }

    void ratesOfTheirOwn_goWithTheMethods()
    {
        core::SweepSpec sweep = proposedSweep(baseSpec());
        setOwnRates(sweep, true);
        QVERIFY(hasOwnRates(sweep));
        QVERIFY(axisOf(sweep.axes, "learning_rate") == nullptr);
        QCOMPARE(sweep.twins.size(), std::size_t {2});
        setAxis(sweep.twins[1].own, "learning_rate", {2e-3});
        QCOMPARE(core::planSweep(sweep).runs.size(), std::size_t {12}); // 3 ranks x (3 + 1)
        const core::Method first = methodsOf(sweep).first();
        setAxis(sweep.axes, "method", {core::FieldValue(std::string(core::methodName(first)))});
        settleTwins(sweep, {first});
        QCOMPARE(sweep.twins.size(), std::size_t {1});
        setOwnRates(sweep, false);
        QVERIFY(!hasOwnRates(sweep) && sweep.twins.empty());
        QCOMPARE(axisOf(sweep.axes, "learning_rate")->values.size(), std::size_t {3});
    }

    void files_areSweepsOrSpecs()
    {
        core::writeFileAtomically(path("sweep-file.json"),
                                  sweepText(proposedSweep(baseSpec())).toStdString());
        core::writeFileAtomically(path("spec.json"), core::specToJson(baseSpec()));
        core::writeFileAtomically(path("nothing.json"), "[1, 2]");
        QVERIFY(readDraft(name("sweep-file.json")).sweep);
        QCOMPARE(core::planSweep(*readDraft(name("spec.json")).sweep).runs.size(),
                 std::size_t {18});
        for (const char* bad : {"nothing.json", "missing.json"}) {
            try {
                readDraft(name(bad));
                QFAIL(bad);
            } catch (const core::Error& error) {
                QVERIFY2(QString::fromUtf8(error.what()).contains(QLatin1String(bad)),
                         error.what());
            }
        }
    }

    void isCounted_andForetold()
    {
        SweepPlanner planner;
        planner.setWatched(true);
        planner.setDraft(tinySweep(), name("new"));
        QTRY_VERIFY_WITH_TIMEOUT(planner.outline() != nullptr, hangMs());
        QCOMPARE(planner.outline()->runs, std::size_t {4});
        QVERIFY2(planner.outline()->problem.isEmpty(), qPrintable(planner.outline()->problem));
        QCOMPARE(planner.outline()->folder.fresh, name("new"));
        QTRY_VERIFY_WITH_TIMEOUT(planner.forecast() != nullptr || planner.failure() != nullptr,
                                 hangMs());
        QVERIFY2(planner.forecast() != nullptr,
                 qPrintable(planner.failure() != nullptr ? planner.failure()->why : QString()));
        QCOMPARE(planner.forecast()->steps, std::int64_t {24});
        QVERIFY(planner.forecast()->seconds > 0.0 && planner.forecast()->diskBytes > 0);
        core::SweepSpec bad = tinySweep();
        setAxis(bad.axes, "learning_rate", {core::FieldValue(2.0)}); // above what a run takes
        planner.setDraft(bad, name("new"));
        QTRY_VERIFY_WITH_TIMEOUT(planner.outline() != nullptr, hangMs());
        QVERIFY(!planner.outline()->problem.isEmpty());
        QVERIFY(planner.forecast() == nullptr);
    }

    void ratesAndRanks_areMeasured_orCancelled()
    {
        SweepPlanner planner;
        planner.setDraft(tinySweep(), name("new"));
        planner.findRates();
        QVERIFY(planner.ramping().isRunning());
        QTRY_VERIFY_WITH_TIMEOUT(!planner.ramping().isRunning(), hangMs());
        QVERIFY(std::holds_alternative<Ready>(planner.ramping().state()));
        QCOMPARE(planner.ramps().size(), std::size_t {2}); // a method each
        for (const core::RateRamp& ramp : planner.ramps()) {
            QVERIFY(!ramp.points.empty() && !ramp.proposal.reason.text().empty());
        }
        planner.tryRanks({2, 4}, 6);
        QTRY_VERIFY_WITH_TIMEOUT(!planner.ranking().isRunning(), hangMs());
        QVERIFY(std::holds_alternative<Ready>(planner.ranking().state()));
        QVERIFY(planner.rankProposal().rank);
        QCOMPARE(planner.rankProposal().tried.size(), std::size_t {2});
        planner.tryRanks({2, 4}, 1'000'000);
        planner.cancelRanks();
        QTRY_VERIFY_WITH_TIMEOUT(!planner.ranking().isRunning(), hangMs());
        QVERIFY(std::holds_alternative<Idle>(planner.ranking().state()));
    }

private:
    QString name(const char* file) const { return m_folder.filePath(QLatin1String(file)); }
    std::string path(const char* file) const { return name(file).toStdString(); }
    core::SweepSpec tinySweep() const
    {
        core::RunSpec base;
        base.model = path("tiny");
        base.batches = path("batches.safetensors");
        base.rank = 2;
        base.alpha = 2;
        base.steps = 6;
        base.dtype = core::BaseDType::Float32;
        base.device = "cpu";
        base.threads = 1;
        core::SweepSpec sweep;
        sweep.base = base;
        setAxis(sweep.axes, "method",
                {core::FieldValue(std::string("pissa")), core::FieldValue(std::string("lora"))});
        setAxis(sweep.axes, "rank",
                {core::FieldValue(std::int64_t {2}), core::FieldValue(std::int64_t {4})});
        return sweep;
    }

    const QTemporaryDir m_folder;
};

QTEST_GUILESS_MAIN(TestSweepDraft)
#include "tst_sweep_draft.moc"
