// SPDX-License-Identifier: GPL-3.0-or-later
// Twins with a learning rate of their own: the field, the ramp on a tiny model, a run that has it, what earlier runs say.
#include "core/file/atomic_file.h"
#include "core/sweep/rate_finder.h"
#include "core/text/number_text.h"
#include "tests/core/compare/compared_runs.h"
#include "tests/tools/patience.h"
#include "tests/ui/pages/train/train_form_bench.h"
#include "ui/services/rate_advice.h"
#include "ui/services/run_library.h"
#include "ui/services/services.h"
#include "ui/services/training.h"
#include "ui/words/form_words.h"
#include "ui/words/message.h"
#include "ui/words/run_words.h"

#include <QAbstractButton>
#include <QComboBox>
#include <QLineEdit>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <set>

using namespace pissarro;
using namespace pissarro::tests;
using namespace pissarro::ui;

namespace {

core::Method lora()
{
    return core::methodNamed("lora");
}
core::Method pissa()
{
    return core::methodNamed("pissa");
}

core::RunSummary finished(const std::filesystem::path& folder, core::Method method, double rate,
                          double loss)
{
    core::RunSummary run;
    run.directory = folder;
    run.spec.model = "models/m";
    run.spec.data = "rows.jsonl";
    run.spec.method = method;
    run.spec.learningRate = rate;
    run.state = core::RunState::Finished;
    run.bestEvalLoss = loss;
    std::filesystem::create_directories(folder);
    core::writeRun(run);
    core::StepRecord last; // whoever compares reads what was told of the steps
    last.step = 1;
    last.loss = loss;
    last.evalLoss = loss;
    core::writeFileAtomically(folder / "metrics.jsonl", last.toJson() + "\n");
    return run;
}

} // namespace

class TestTwinRate : public TrainFormBench {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        beginTests();
        m_place = std::make_unique<TinyPlace>();
    }
    void cleanup() { endTest(); }

    void itsOwn_isTheDefault()
    {
        TrainForm form;
        QCOMPARE(form.twinRateText(), QStringLiteral("found"));
        QCOMPARE(form.twinRates().found, QVector<core::Method> {lora()});
        QVERIFY(form.twinRates().own.empty());
        QVERIFY(commandFor(form.spec(), form.twins(), QStringLiteral("run"), form.twinRates())
                    .contains(QStringLiteral("--twin-lr lora=find")));
        QVERIFY(says(form, QStringLiteral("found by a ramp")));
        form.setTwins({}); // nothing is left of it
        QCOMPARE(form.twinRates(), TwinRates());
        QVERIFY(!commandFor(form.spec(), {}, QStringLiteral("run"), form.twinRates())
                     .contains(QStringLiteral("--twin-lr")));
    }

    void same_andOwn_areChosen_andKept()
    {
        TrainForm form;
        form.setModel(m_model);
        auto* kind = child<QComboBox>(form, "train.twinRateKind");
        kind->setCurrentIndex(1);
        QCOMPARE(form.twinRates(), TwinRates());
        QCOMPARE(form.twinRateText(), QStringLiteral("same"));
        QVERIFY(says(form, QStringLiteral("at one rate")));
        kind->setCurrentIndex(2);
        child<QLineEdit>(form, "train.twinRate")->setText(QStringLiteral("7e-4"));
        QCOMPARE(form.twinRates().own.at(lora()), 7e-4);
        QVERIFY(commandFor(form.spec(), form.twins(), QStringLiteral("run"), form.twinRates())
                    .contains(QStringLiteral("--twin-lr lora=")
                              + QString::fromStdString(core::numberText(7e-4))));
        TrainForm later;
        later.setTwinRateText(form.twinRateText());
        QCOMPARE(later.twinRates(), form.twinRates());
        child<QLineEdit>(form, "train.twinRate")->setText(QStringLiteral("2"));
        QVERIFY(says(form, QStringLiteral("must be above 0 and at most 1")));
        child<QLineEdit>(form, "train.twinRate")->setText(QStringLiteral("much"));
        QVERIFY(!form.problem().isEmpty());
        form.setTwinRateText(QStringLiteral("same"));
        QVERIFY(!says(form, QStringLiteral("must be above 0 and at most 1")));
    }

    void theButton_asksForARamp_andTakesWhatItFound()
    {
        TrainForm form;
        form.setModel(m_model);
        QSignalSpy wanted(&form, &TrainForm::twinRateWanted);
        child<QAbstractButton>(form, "train.findRate")->click();
        QCOMPARE(wanted.count(), 1);
        form.setRampNote(QStringLiteral("Looking…"), true);
        QCOMPARE(child<QAbstractButton>(form, "train.findRate")->text(), QStringLiteral("Cancel"));
        form.setTwinRate(3e-4);
        form.setRampNote(QStringLiteral("3e-4 is proposed"), false);
        QCOMPARE(form.twinRates().own.at(lora()), 3e-4);
        QVERIFY(says(form, QStringLiteral("3e-4 is proposed")));
        form.setOrderNote(QStringLiteral("the order depends on the rate"));
        QVERIFY(says(form, QStringLiteral("⚠ the order depends on the rate")));
    }

    // The ramp behind the button is core's, on a real model; what it tried is thrown away.
    void theRamp_runsOnAWorker_andIsCancelled()
    {
        RateAdvice advice;
        advice.find(m_place->spec("pissa"), lora());
        QVERIFY(advice.isRunning());
        QTRY_VERIFY_WITH_TIMEOUT(std::holds_alternative<Ready>(advice.state()), hangMs());
        QVERIFY(advice.ramp() != nullptr && advice.ramp()->method == lora());
        QVERIFY(advice.ramp()->points.size() > 5);
        QVERIFY(!messageText(advice.ramp()->proposal.reason).isEmpty());
        const core::RateRamp again =
            core::rateRamp(m_place->spec("pissa"), lora(), {}, core::JobContext());
        QCOMPARE(advice.ramp()->proposal.rate, again.proposal.rate);
        advice.find(m_place->spec("pissa"), lora());
        advice.cancel();
        QTRY_VERIFY_WITH_TIMEOUT(!advice.isRunning(), hangMs());
        core::RunSpec none = m_place->spec("pissa");
        none.model = "/nowhere/model";
        advice.find(none, lora());
        QTRY_VERIFY_WITH_TIMEOUT(advice.failure() != nullptr, hangMs());
        QVERIFY(advice.failure()->why.contains(QStringLiteral("/nowhere/model")));
    }

    // In this window's own process: its run.json has the rate, as the command line's would.
    void aTwin_isTrainedWithItsRate()
    {
        Services bench;
        bench.training.setTrainsInProcess(false);
        const auto train = [&](const std::string& folder, const TwinRates& rates) {
            bench.training.start(m_place->spec("pissa"), {lora()},
                                 QString::fromStdString((*m_place / folder).string()), false,
                                 rates);
            QTRY_VERIFY_WITH_TIMEOUT(!bench.training.isRunning(), hangMs());
            QVERIFY2(bench.training.failure() == nullptr,
                     qPrintable(bench.training.failure() != nullptr ? bench.training.failure()->why
                                                                    : QString()));
        };
        train("own", {{{lora(), 5e-3}}, {}});
        QCOMPARE(core::readRun(*m_place / "own/lora").spec.learningRate, 5e-3);
        QCOMPARE(core::readRun(*m_place / "own/pissa").spec.learningRate, 1e-3);
        QCOMPARE(twinRatesOf(bench.training.runs()).own.at(lora()), 5e-3);
        train("found", {{}, {lora()}});
        const auto proposed =
            core::rateRamp(m_place->spec("pissa"), lora(), {}, core::JobContext()).proposal.rate;
        QCOMPARE(core::readRun(*m_place / "found/lora").spec.learningRate, proposed.value_or(1e-3));
        QVERIFY(!std::filesystem::exists(*m_place / "found/run.json")); // of the ramp nothing stays
    }

    // Earlier runs of this model and data in which the order turns round with the rate.
    void theOrderOfEarlierRuns_isSaid()
    {
        const QVector<core::RunSummary> library {finished(*m_place / "o/a", pissa(), 2e-5, 1.2),
                                                 finished(*m_place / "o/b", lora(), 2e-5, 1.4),
                                                 finished(*m_place / "o/c", pissa(), 2e-2, 0.9),
                                                 finished(*m_place / "o/d", lora(), 2e-2, 0.7)};
        core::RunSpec spec = library[0].spec;
        QCOMPARE(runsToTellBy(library, spec, lora()).size(), qsizetype {4});
        QVERIFY(runsToTellBy(library, m_place->spec("pissa"), lora()).isEmpty()); // other data
        RateAdvice advice;
        QSignalSpy changed(&advice, &RateAdvice::orderChanged);
        advice.lookAtOrder(runsToTellBy(library, spec, lora()), pissa(), lora());
        QTRY_COMPARE_WITH_TIMEOUT(changed.count(), 1, hangMs());
        const QString said = messageText(advice.order()->sentence());
        QVERIFY2(said.contains(QStringLiteral("PiSSA")) && said.contains(QStringLiteral("LoRA"))
                     && said.contains(QStringLiteral("depends on the learning rate")),
                 qPrintable(said));
        advice.lookAtOrder(library.mid(0, 2), pissa(), lora()); // one rate tells of no order
        QCOMPARE(changed.count(), 2);
        QVERIFY(!advice.order());
    }

private:
    std::unique_ptr<TinyPlace> m_place;
};

QTEST_MAIN(TestTwinRate)
#include "tst_twin_rate.moc"
