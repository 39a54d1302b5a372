// SPDX-License-Identifier: GPL-3.0-or-later
// The training form with a real tiny model: what it takes of model and data, and what it makes of a choice.
#include "tests/ui/pages/train/train_form_bench.h"
#include "ui/pages/train/module_chips.h"
#include "ui/pages/train/train_form.h"
#include "ui/views/twins_model.h"
#include "ui/widgets/segmented_control.h"
#include "ui/words/form_words.h"

#include <QAbstractButton>
#include <QAbstractItemModelTester>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTest>

using namespace pissarro;
using namespace pissarro::tests;
using namespace pissarro::ui;

namespace {

RunCurve curve(const QString& label, const QVector<double>& losses)
{
    RunCurve result;
    result.label = label;
    result.color = Qt::blue;
    for (qsizetype i = 0; i < losses.size(); ++i) {
        core::StepRecord record;
        record.step = i + 1;
        record.loss = losses[i];
        result.records.append(record);
    }
    return result;
}

} // namespace

class TestTrainForm : public TrainFormBench {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { beginTests(); }
    void cleanup() { endTest(); }

    void startsWithThePapersRecipe()
    {
        const TrainForm form;
        core::RunSpec expected;
        expected.maxLength = 256;
        QCOMPARE(core::specToJson(form.spec()), core::specToJson(expected));
        QCOMPARE(form.twins(), QVector<core::Method> {core::methodNamed("lora")});
        QVERIFY(form.runDirectory().contains(QStringLiteral("-pissa-r16")));
    }

    void theDataNotes_areCounted_andUnfold()
    {
        TrainForm form;
        const core::DatasetSummary summary = someRows();
        form.setModel(m_model);
        form.setData(QStringLiteral("rows.jsonl"), &summary, {});
        auto* notes = child<QPushButton>(form, "train.dataNotes");
        QVERIFY(notes->isHidden());
        form.setDataNotes(QStringLiteral("question, answer"),
                          {QStringLiteral("12 of 40 rows left out"),
                           QStringLiteral("the field <b>why</b> holds text")});
        QVERIFY(says(form, QStringLiteral("columns: question, answer")));
        QVERIFY(!notes->isHidden());
        QVERIFY2(notes->text().contains(QStringLiteral("2 notes")), qPrintable(notes->text()));
        QVERIFY(notes->accessibleDescription().contains(QStringLiteral("12 of 40")));
        auto* text = child<QLabel>(form, "train.dataNotesText");
        QVERIFY(text->isHidden());
        notes->click();
        QVERIFY(!text->isHidden());
        QVERIFY(text->text().contains(QStringLiteral("12 of 40")));
        QCOMPARE(text->textFormat(), Qt::PlainText); // a field's name is the file's
        form.setDataNotes({}, {});
        QVERIFY(notes->isHidden() && text->isHidden());
        QVERIFY(!says(form, QStringLiteral("columns:")));
    }

    void thePrompt_isChosen()
    {
        TrainForm form;
        QSignalSpy told(&form, &TrainForm::promptTemplateEdited);
        core::RunSpec spec = form.spec();
        for (const core::PromptTemplate one :
             {core::PromptTemplate::Chat, core::PromptTemplate::Plain,
              core::PromptTemplate::Alpaca}) {
            spec.promptTemplate = one;
            form.setSpec(spec);
            QCOMPARE(form.spec().promptTemplate, one);
        }
        QVERIFY(told.isEmpty()); // by the program
        child<QAbstractButton>(form, "train.prompt.1")->click();
        QCOMPARE(form.spec().promptTemplate, core::PromptTemplate::Chat);
        QCOMPARE(told.size(), 1);
        QCOMPARE(told[0][0].value<core::PromptTemplate>(), core::PromptTemplate::Chat);
        QVERIFY(commandFor(form.spec(), {}, QStringLiteral("run"))
                    .contains(QStringLiteral("--template chat")));
    }

    // The field of the data takes a file of ready micro-batches too, as --batches does.
    void readyBatches_areChosenAsData()
    {
        TrainForm form;
        form.setModel(m_model);
        QSignalSpy told(&form, &TrainForm::dataPathEdited);
        auto* edit = child<QLineEdit>(form, "train.data");
        const auto type = [&](const QString& path) {
            edit->setText(path);
            edit->setModified(true);
            Q_EMIT edit->editingFinished();
        };
        type(QStringLiteral("ready.safetensors"));
        QCOMPARE(told.last()[0].toString(), QString()); // no rows to read
        QCOMPARE(form.spec().batches, std::string("ready.safetensors"));
        QCOMPARE(form.spec().data, std::string());
        QVERIFY(child<QWidget>(form, "train.prompt")->parentWidget()->isHidden());
        QVERIFY(says(form, QStringLiteral("ready micro-batches")));
        form.setData({}, nullptr, {}); // what the page says then
        QCOMPARE(form.spec().batches, std::string("ready.safetensors"));
        QCOMPARE(form.problem(), QString());
        type(QStringLiteral("rows.jsonl"));
        QCOMPARE(told.last()[0].toString(), QStringLiteral("rows.jsonl"));
        QCOMPARE(form.spec().batches, std::string());
        QCOMPARE(form.spec().data, std::string("rows.jsonl"));
        core::RunSpec spec = form.spec(); // a spec names them as it likes
        spec.data.clear();
        spec.batches = "ready.bin";
        form.setSpec(spec);
        QCOMPARE(core::specToJson(form.spec()), core::specToJson(spec));
        QVERIFY(edit->text().contains(QStringLiteral("ready.bin")));
        type({});
        QCOMPARE(form.spec().batches, std::string());
    }

    void alphaFollowsTheRankUntilTyped()
    {
        TrainForm form;
        auto* rank = child<QSpinBox>(form, "train.rank");
        auto* alpha = child<QLineEdit>(form, "train.alpha");
        rank->setValue(8);
        QCOMPARE(alpha->text(), QStringLiteral("8"));
        alpha->clear();
        QTest::keyClicks(alpha, QStringLiteral("16"));
        rank->setValue(4);
        QCOMPARE(alpha->text(), QStringLiteral("16"));
        QVERIFY(says(form, QStringLiteral("alpha / rank = 4")));
        alpha->clear();
        QTest::keyClicks(alpha, QStringLiteral("4")); // equal again: it follows again
        rank->setValue(12);
        QCOMPARE(alpha->text(), QStringLiteral("12"));
    }

    void aTwinIsNeverTheMethodItself()
    {
        TrainForm form;
        auto* method = child<QComboBox>(form, "train.method");
        auto* twin = child<QComboBox>(form, "train.twin");
        method->setCurrentIndex(method->findData(QStringLiteral("lora")));
        QCOMPARE(form.twins(), QVector<core::Method> {core::methodNamed("pissa")});
        QCOMPARE(twin->findData(QStringLiteral("lora")), -1);
        twin->setCurrentIndex(0);
        QVERIFY(form.twins().isEmpty());
    }

    // A method on four bits brings its fields, and the other two of its kind as twins.
    void fourBitsHaveTheirFields()
    {
        TrainForm form;
        form.setSideBySide(true);
        form.show();
        auto* method = child<QComboBox>(form, "train.method");
        auto* iters = child<QSpinBox>(form, "train.iters");
        auto* absmax = child<SegmentedControl>(form, "train.absmax");
        QVERIFY(!iters->isVisible() && !absmax->isVisible());
        method->setCurrentIndex(method->findData(QStringLiteral("qlora")));
        QVERIFY(!iters->isVisible() && absmax->isVisible());
        method->setCurrentIndex(method->findData(QStringLiteral("qpissa")));
        QVERIFY(iters->isVisible() && absmax->isVisible());
        const QVector<core::Method> both {core::methodNamed("qlora"), core::methodNamed("loftq")};
        form.setTwins(both);
        QCOMPARE(form.twins(), both);
        absmax->setCurrent(1);
        iters->setValue(3);
        QVERIFY(form.spec().quant.doubleQuant && form.spec().iters == 3);
        // The method itself is no twin of it.
        method->setCurrentIndex(method->findData(QStringLiteral("loftq")));
        QCOMPARE(form.twins(),
                 (QVector<core::Method> {core::methodNamed("qlora"), core::methodNamed("qpissa")}));
        // The baseline that would take its place is a twin already.
        method->setCurrentIndex(method->findData(QStringLiteral("qlora")));
        QCOMPARE(form.twins(), QVector<core::Method> {core::methodNamed("qpissa")});
        const QVector<core::Method> rare {core::methodNamed("full"), core::methodNamed("lora")};
        form.setTwins(rare);
        QCOMPARE(form.twins(), rare);
    }

    void modulesBecomeTargets()
    {
        ModuleChips chips;
        QVERIFY(chips.targets().empty()); // all: the default
        QTest::mouseClick(child<QAbstractButton>(chips, "train.module.gate"), Qt::LeftButton);
        QCOMPARE(chips.targets().size(), std::size_t(6));
        child<QAbstractButton>(chips, "train.module.q")->setFocus();
        QTest::keyClick(child<QAbstractButton>(chips, "train.module.q"), Qt::Key_Space);
        QCOMPARE(chips.targets().front(), std::string("k_proj"));
        QTest::keyClicks(chips.pattern(), QStringLiteral("{q,k}_proj, down_proj"));
        QVERIFY((chips.targets() == std::vector<std::string> {"{q,k}_proj", "down_proj"}));
        QVERIFY(!child<QAbstractButton>(chips, "train.module.q")->isEnabled());
        chips.pattern()->clear();
        chips.setTargets({"v_proj"});
        QVERIFY((chips.targets() == std::vector<std::string> {"v_proj"}));
        QTest::mouseClick(child<QAbstractButton>(chips, "train.module.v"), Qt::LeftButton);
        QVERIFY((chips.targets() == std::vector<std::string> {""})); // none: refused by checkSpec
    }

    void tellsConsequences()
    {
        TrainForm form;
        const core::DatasetSummary summary = someRows();
        form.setModel(m_model);
        form.setData(QStringLiteral("rows.jsonl"), &summary, {});
        QVERIFY(says(form, QStringLiteral("98 rows · 100 tokens a row · 4 % cut at 256")));
        QVERIFY(says(form, QStringLiteral("13 steps"))); // 98 rows in batches of 8
        QVERIFY(says(form, QStringLiteral("21 matrices")));
        form.setTwinRateText(QStringLiteral("same")); // else each has its own
        QVERIFY(says(form, QStringLiteral("LoRA's best rate is 3–10× above")));
        child<QLineEdit>(form, "train.rate")->setText(QStringLiteral("3e-4"));
        QVERIFY(says(form, QStringLiteral("PiSSA's best rate is 3–10× below")));
    }

    void demoDataSuggestsFewSteps()
    {
        TrainForm form;
        const core::DatasetSummary summary = someRows();
        form.setData(QStringLiteral("resources/demo/demo_train.jsonl"), &summary, {});
        QCOMPARE(form.spec().steps, kDemoSteps);
        QVERIFY(says(form, QStringLiteral("enough for the demo data")));
        form.setData(QStringLiteral("rows.jsonl"), &summary, {});
        QCOMPARE(form.spec().steps, std::int64_t(0));
        auto* length = child<QLineEdit>(form, "train.length");
        length->clear();
        QTest::keyClicks(length, QStringLiteral("2")); // chosen: no suggestion any more
        form.setData(QStringLiteral("resources/demo/demo_train.jsonl"), &summary, {});
        QCOMPARE(form.spec().epochs, 2.0);
        QCOMPARE(form.spec().steps, std::int64_t(0));
    }

    void wordsFitTheChoice()
    {
        using core::methodNamed;
        QCOMPARE(startLabel(methodNamed("pissa"), {methodNamed("lora")}),
                 QStringLiteral("Train with LoRA twin"));
        QCOMPARE(startLabel(methodNamed("lora"), {}), QStringLiteral("Train LoRA"));
        QCOMPARE(startLabel(methodNamed("full"), {}), QStringLiteral("Train every weight"));
        QVERIFY(learningRateHint(methodNamed("full"), {}, 2e-5).isEmpty());
        QVERIFY(learningRateHint(methodNamed("lora"), {}, 3e-4).isEmpty());
        QVERIFY(learningRateHint(methodNamed("lora"), {}, 2e-5)
                    .contains(QStringLiteral("low for LoRA")));
        QVERIFY(learningRateHint(methodNamed("pissa"), {}, 2e-5).isEmpty());
        QVERIFY(runDirectoryFor(QStringLiteral("/runs"), core::RunSpec {})
                    .endsWith(QStringLiteral("-pissa-r16")));
    }

    void twinsModelKeepsTheRules()
    {
        TwinsModel model;
        QAbstractItemModelTester tester(&model,
                                        QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setCurves({curve(QStringLiteral("PiSSA r16"), {3, 2, 1}),
                         curve(QStringLiteral("LoRA r16"), {3, 3})});
        QCOMPARE(model.rowCount(), 3);
        const auto text = [&](int row, int column) {
            return model.index(row, column).data().toString();
        };
        QCOMPARE(text(0, TwinsModel::Loss), QStringLiteral("2"));
        QCOMPARE(text(1, TwinsModel::Step), QStringLiteral("step 2"));
        QCOMPARE(text(2, TwinsModel::Loss), QStringLiteral("−0.5")); // over the two steps both made
        model.setCurves({curve(QStringLiteral("PiSSA r16"), {})});
        QCOMPARE(model.rowCount(), 1);
        QCOMPARE(text(0, TwinsModel::Step), QStringLiteral("not yet"));
        model.setCurves({});
        QCOMPARE(model.rowCount(), 0);
    }
};

QTEST_MAIN(TestTrainForm)
#include "tst_train_form.moc"
