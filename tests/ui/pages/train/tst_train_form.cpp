// SPDX-License-Identifier: GPL-3.0-or-later
// The training form with a real tiny model: values in and out, what is said under the fields.
#include "core/model/model_files.h"
#include "core/run/spec_fields.h"
#include "tests/tools/patience.h"
#include "tests/ui/warning_trap.h"
#include "ui/look/theme.h"
#include "ui/pages/train/module_chips.h"
#include "ui/pages/train/train_form.h"
#include "ui/views/field_editor.h"
#include "ui/views/twins_model.h"
#include "ui/widgets/segmented_control.h"
#include "ui/words/field_look.h"
#include "ui/words/form_words.h"

#include <QAbstractButton>
#include <QAbstractItemModelTester>
#include <QComboBox>
#include <QDir>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QLineEdit>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTemporaryDir>
#include <QTest>

#include <limits>
#include <memory>
#include <nlohmann/json.hpp>

using namespace pissarro;
using namespace pissarro::ui;
using pissarro::tests::hangMs;

namespace {

const QString kTinyModel = QStringLiteral(PISSARRO_SHARED "/golden/tiny/llama");

template <class Widget>
Widget* child(const QWidget& parent, const char* name)
{
    auto* found = parent.findChild<Widget*>(QLatin1String(name));
    Q_ASSERT_X(found != nullptr, "child", name);
    return found;
}

bool says(const QWidget& form, const QString& part)
{
    const QList<QLabel*> labels = form.findChildren<QLabel*>();
    return std::any_of(labels.begin(), labels.end(), [&](const QLabel* label) {
        return !label->isHidden() && label->text().contains(part);
    });
}

core::DatasetSummary someRows()
{
    core::DatasetSummary summary;
    summary.rows = 100;
    summary.usable = 98;
    summary.truncated = 4;
    summary.tokens = 9800;
    summary.longest = 128;
    return summary;
}

nlohmann::ordered_json jsonOf(const core::RunSpec& spec)
{
    return nlohmann::ordered_json::parse(core::specToJson(spec));
}

// Every key away from its default, at the edge of its range or with digits that a field would like to round.
core::RunSpec oddSpec()
{
    core::RunSpec spec;
    spec.model = "models/odd one";
    spec.data = "some, where/rows {1}.jsonl";
    spec.batches = "ready.safetensors";
    spec.initAdapter = "adapter";
    spec.promptTemplate = core::PromptTemplate::Plain;
    spec.method = core::methodNamed("lora");
    spec.rank = 65'535;
    spec.alpha = 3.3000000000000003;
    spec.patterns.ranks = {{"a.*", 3}};
    spec.patterns.alphas = {{"b", 0.1}};
    spec.rslora = true;
    spec.dropout = 0.0876543210987654;
    spec.slice = 1.0 / 3.0;
    spec.svd.kind = core::SvdKind::Exact;
    spec.svd.fast.niter = 999;
    spec.svd.fast.oversampling = 65'535;
    spec.iters = 999;
    spec.quant.type = core::QuantType::Fp4;
    spec.quant.blockSize = 4096;
    spec.quant.doubleQuant = true;
    spec.targets = {"v_proj", "q_proj", "v_proj"};
    spec.learningRate = 1.2345678901234567e-5;
    spec.schedule = core::Schedule::Linear;
    spec.warmupRatio = 0.0125;
    spec.optimizer = core::allOptimizers().back()->name;
    spec.beta1 = 0.87654321098765432;
    spec.beta2 = 0.98765432109876543;
    spec.epsilon = 1.2345678901234567e-7;
    spec.weightDecay = 0.1 + 0.2;
    spec.clip = 1e9;
    spec.batchSize = 65'535;
    spec.gradAccum = 65'535;
    spec.maxLength = 1'048'575;
    spec.steps = 999'999'999;
    spec.epochs = 0.30000000000000004;
    spec.dtype = core::BaseDType::Float32;
    spec.seed = 18'446'744'073'709'551'615u;
    spec.threads = 1'023;
    spec.device = "cuda:7";
    spec.checkpointEvery = 999'999'999;
    spec.checkpointMinutes = 12.345678901234567;
    spec.shareBase = true;
    spec.keepCheckpoints = 999;
    spec.evalRatio = 0.07777777777777778;
    spec.evalEvery = 999'999'999;
    spec.patience = 999'999'999;
    spec.evalTask = "gsm8k";
    spec.evalTaskData = "questions.jsonl";
    spec.evalTaskRows = 999'999'999;
    spec.evalTaskEvery = 999'999'999;
    spec.bestBy = core::BestBy::Score;
    spec.gradientCheckpointing = true;
    return spec;
}

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

class TestTrainForm : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        tests::WarningTrap::install();
        Theme::instance().setMode(ThemeMode::Light);
        if (!QDir(kTinyModel).exists()) {
            QSKIP("shared/golden is not there");
        }
        m_model = core::ModelFiles::open(kTinyModel.toStdString());
    }
    void cleanup() { QCOMPARE(tests::WarningTrap::take(), QStringList()); }

    void startsWithThePapersRecipe()
    {
        const TrainForm form;
        core::RunSpec expected;
        expected.maxLength = 256;
        QCOMPARE(core::specToJson(form.spec()), core::specToJson(expected));
        QCOMPARE(form.twins(), QVector<core::Method> {core::methodNamed("lora")});
        QVERIFY(form.runDirectory().contains(QStringLiteral("-pissa-r16")));
    }

    void keepsEveryFieldOfASpec()
    {
        TrainForm form;
        core::RunSpec spec;
        spec.data = "somewhere/rows.jsonl";
        spec.promptTemplate = core::PromptTemplate::Plain;
        spec.method = core::methodNamed("lora");
        spec.rank = 7;
        spec.alpha = 3.5;
        spec.svd.kind = core::SvdKind::Fast;
        spec.svd.fast.niter = 4;
        spec.svd.fast.oversampling = 3;
        spec.targets = {"q_proj", "v_proj"};
        spec.learningRate = 1.7e-4;
        spec.schedule = core::Schedule::Linear;
        spec.warmupRatio = 0.1;
        spec.weightDecay = 0.01;
        spec.clip = 1.0;
        spec.batchSize = 3;
        spec.gradAccum = 2;
        spec.maxLength = 64;
        spec.steps = 11;
        spec.dtype = core::BaseDType::Float32;
        spec.seed = 18446744073709551615u;
        spec.threads = 2;
        spec.checkpointEvery = 5;
        spec.iters = 2;
        spec.quant.type = core::QuantType::Fp4;
        spec.quant.blockSize = 128; // has no field
        spec.quant.doubleQuant = true;
        form.setSpec(spec);
        QCOMPARE(core::specToJson(form.spec()), core::specToJson(spec));
        spec.targets = {"*.layers.{0,1}.*", "down_proj"};
        spec.steps = 0;
        spec.epochs = 0.5;
        form.setSpec(spec);
        QCOMPARE(core::specToJson(form.spec()), core::specToJson(spec));
    }

    // Each setting of core's table has an editor that gives back what it took, and says when it changes.
    void anEditorGivesBackWhatItTook()
    {
        int made = 0;
        for (const core::SpecField& field : core::specFields()) {
            const core::FieldValue standard = field.get(core::RunSpec {});
            if (field.flag == "--rank-map" || field.key == "targets") {
                continue; // no editor
            }
            const FieldLook look = fieldLook(field);
            QObject owner;
            FieldEditor* editor = FieldEditor::make(field, look, standard, &owner);
            const std::unique_ptr<QWidget> widget(editor->widget());
            QVERIFY2(!look.label.isEmpty() && !look.title.isEmpty(), field.key.c_str());
            QVERIFY2(widget->objectName().startsWith(QStringLiteral("train.")), field.key.c_str());
            QVERIFY2(core::sameValue(editor->value(), standard), field.key.c_str());
            QVERIFY2(editor->problem().isEmpty(), field.key.c_str());
            core::FieldValue odd = std::string("cuda:1");
            if (!field.choices.empty()) {
                const bool first = standard == core::FieldValue(std::string(field.choices[0]));
                odd = std::string(field.choices[first ? 1 : 0]);
            } else if (std::holds_alternative<bool>(standard)) {
                odd = true;
            } else if (std::holds_alternative<double>(standard)) {
                odd = 0.25;
            } else if (std::holds_alternative<std::int64_t>(standard)) {
                odd = std::int64_t {128};
            } else if (std::holds_alternative<std::uint64_t>(standard)) {
                odd = std::numeric_limits<std::uint64_t>::max();
            }
            QSignalSpy spy(editor, &FieldEditor::changed);
            editor->setValue(odd);
            QVERIFY2(core::sameValue(editor->value(), odd), field.key.c_str());
            QVERIFY2(!spy.isEmpty(), field.key.c_str());
            core::RunSpec spec;
            QVERIFY2(field.set(spec, editor->value()), field.key.c_str());
            ++made;
        }
        QVERIFY(made > 30);
    }

    // Whatever core calls advanced has a row: a setting is added to the form by its row in core's table.
    void everyAdvancedSetting_hasARow()
    {
        TrainForm form;
        for (const core::SpecField& field : core::specFields()) {
            const bool isThere =
                form.findChild<QWidget*>(fieldLook(field).object, Qt::FindChildrenRecursively)
                != nullptr;
            QVERIFY2(isThere || field.level != core::Level::Advanced, field.key.c_str());
        }
    }

    // Spec to form to spec is the identity, key by key at values that no field finds round, then all of them at once.
    void everyKeyOfASpec_comesBackAsItWas_data()
    {
        QTest::addColumn<QByteArray>("json");
        const core::RunSpec odd = oddSpec();
        nlohmann::ordered_json standard = jsonOf(core::RunSpec {});
        standard["data"] = "rows.jsonl";
        nlohmann::ordered_json all = jsonOf(odd);
        all["svd"] = "fast"; // exact with a slice only
        for (const auto& [key, value] : all.items()) {
            QVERIFY2(value != standard[key], (key + " needs an odd value").c_str());
            nlohmann::ordered_json one = standard;
            one[key] = value;
            if (key == "batches") { // not beside data
                one["data"] = "";
            } else if (key == "patience") { // counts evaluations
                one["eval_ratio"] = 0.1;
                one["eval_every"] = 1;
            } else if (key == "eval_task" || key == "best_by") { // asks questions
                one["eval_task"] = "gsm8k";
                one["eval_task_data"] = "questions.jsonl";
            }
            QTest::newRow(key.c_str()) << QByteArray::fromStdString(one.dump());
        }
        core::RunSpec file = odd;
        file.batches.clear();
        QTest::newRow("all, with a data file") << QByteArray::fromStdString(core::specToJson(file));
        core::RunSpec batches = odd;
        batches.data.clear();
        batches.evalRatio = 0.0;
        batches.patience = 0;
        batches.slice = 0.0;
        batches.svd.kind = core::SvdKind::Fast;
        QTest::newRow("all, with batches") << QByteArray::fromStdString(core::specToJson(batches));
        core::RunSpec quantized = file;
        quantized.method = core::methodNamed("loftq");
        quantized.initAdapter.clear();
        QTest::newRow("all, on four bits")
            << QByteArray::fromStdString(core::specToJson(quantized));
    }

    void everyKeyOfASpec_comesBackAsItWas()
    {
        QFETCH(QByteArray, json);
        const core::RunSpec spec = core::specFromJson(json.toStdString());
        TrainForm form;
        form.setSpec(spec);
        QCOMPARE(core::specToJson(form.spec()), core::specToJson(spec));
        form.refresh();
        form.setModel(nullptr);
        QCOMPARE(core::specToJson(form.spec()), core::specToJson(spec));
        form.setSpec(core::RunSpec {}); // nothing of it stays behind
        QCOMPARE(core::specToJson(form.spec()), core::specToJson(core::RunSpec {}));
    }

    // The fields say what is trained: no digit rounded away, no number clamped, both decimal signs read.
    void theFieldsShowAndTakeEveryDigit()
    {
        TrainForm form;
        core::RunSpec spec;
        spec.warmupRatio = 0.0125;
        spec.batchSize = 65'535;
        form.setSpec(spec);
        auto* warmup = child<QDoubleSpinBox>(form, "train.warmup");
        QVERIFY2(warmup->text().startsWith(QStringLiteral("1.25 ")), qPrintable(warmup->text()));
        QCOMPARE(child<QSpinBox>(form, "train.batch")->value(), 65'535);
        warmup->selectAll();
        QTest::keyClicks(warmup, QStringLiteral("2,5"));
        QCOMPARE(form.spec().warmupRatio, 0.025);
        auto* rate = child<QLineEdit>(form, "train.rate");
        rate->clear();
        QTest::keyClicks(rate, QStringLiteral("2,5e-4"));
        QCOMPARE(form.spec().learningRate, 2.5e-4);
        auto* rank = child<QSpinBox>(form, "train.rank");
        rank->selectAll();
        QTest::keyClicks(rank, QStringLiteral("70000"));
        QCOMPARE(form.spec().rank, std::int64_t(70'000)); // and refused, not clamped
        form.setModel(m_model);
        const core::DatasetSummary summary = someRows();
        form.setData(QStringLiteral("rows.jsonl"), &summary, {});
        QVERIFY2(form.problem().contains(QStringLiteral("70000")), qPrintable(form.problem()));
    }

    // A device that this machine lacks is kept and refused by name; nothing is trained in its place.
    void anUnknownDevice_isRefusedByName()
    {
        TrainForm form;
        const core::DatasetSummary summary = someRows();
        form.setModel(m_model);
        core::RunSpec spec = form.spec();
        spec.data = "rows.jsonl";
        spec.device = "cuda:77";
        form.setSpec(spec);
        form.setData(QStringLiteral("rows.jsonl"), &summary, {});
        QCOMPARE(form.spec().device, std::string("cuda:77"));
        QVERIFY2(form.problem().contains(QStringLiteral("cuda:77")), qPrintable(form.problem()));
        spec.device = "cpu";
        form.setSpec(spec);
        QCOMPARE(form.problem(), QString());
    }

    // A rank map whose entries name nothing that trains is refused; one with some such entries says how many.
    void aRankMapThatNamesNothing_isRefused()
    {
        TrainForm form;
        const core::DatasetSummary summary = someRows();
        form.setModel(m_model);
        core::RunSpec spec = form.spec();
        spec.data = "rows.jsonl";
        spec.patterns.ranks = {{"z_proj", 4}};
        form.setSpec(spec);
        form.setData(QStringLiteral("rows.jsonl"), &summary, {});
        QVERIFY2(form.problem().contains(QStringLiteral("names no module")),
                 qPrintable(form.problem()));
        spec.patterns.ranks = {{"z_proj", 4}, {"q_proj", 2}};
        form.setSpec(spec);
        QCOMPARE(form.problem(), QString());
        QVERIFY(says(form, QStringLiteral("1 entry of the rank map names no module")));
    }

    void saysWhenABatchOrARow_isLongerThanThereIs()
    {
        TrainForm form;
        const core::DatasetSummary summary = someRows();
        form.setModel(m_model);
        form.setData(QStringLiteral("rows.jsonl"), &summary, {});
        child<QSpinBox>(form, "train.batch")->setValue(9999);
        QVERIFY(says(form, QStringLiteral("more than the 98 rows")));
        const auto context = static_cast<int>(m_model->config().maxPositions);
        QVERIFY(context > 0);
        child<QSpinBox>(form, "train.maxLength")->setValue(context + 1);
        QVERIFY(says(form, QStringLiteral("the model was made for")));
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

    void saysWhatIsWrongUnderTheField_data()
    {
        QTest::addColumn<QByteArray>("field");
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("part");
        QTest::newRow("rank above the smaller side")
            << QByteArray("train.rank") << QStringLiteral("65") << QStringLiteral("at most 64");
        QTest::newRow("rate no number") << QByteArray("train.rate") << QStringLiteral("fast")
                                        << QStringLiteral("must be a number");
        QTest::newRow("rate too high") << QByteArray("train.rate") << QStringLiteral("2")
                                       << QStringLiteral("above 0 and at most 1, found 2");
        QTest::newRow("alpha") << QByteArray("train.alpha") << QStringLiteral("-1")
                               << QStringLiteral("above 0");
        QTest::newRow("length") << QByteArray("train.length") << QStringLiteral("0")
                                << QStringLiteral("above 0");
        QTest::newRow("an advanced field opens the disclosure")
            << QByteArray("train.clip") << QStringLiteral("-3") << QStringLiteral("at least 0");
        QTest::newRow("seed") << QByteArray("train.seed") << QStringLiteral("-1")
                              << QStringLiteral("from 0 on");
        QTest::newRow("no such module") << QByteArray("train.module.pattern")
                                        << QStringLiteral("z_proj") << QStringLiteral("z_proj");
        QTest::newRow("nothing chosen by a pattern of braces")
            << QByteArray("train.module.pattern") << QStringLiteral("{") << QStringLiteral("{");
    }

    void saysWhatIsWrongUnderTheField()
    {
        QFETCH(QByteArray, field);
        QFETCH(QString, text);
        QFETCH(QString, part);
        TrainForm form;
        const core::DatasetSummary summary = someRows();
        form.setModel(m_model);
        form.setData(QStringLiteral("rows.jsonl"), &summary, {});
        QCOMPARE(form.problem(), QString());
        auto* widget = child<QWidget>(form, field);
        if (auto* spin = qobject_cast<QSpinBox*>(widget)) {
            spin->setValue(text.toInt());
        } else {
            qobject_cast<QLineEdit*>(widget)->setText(text);
        }
        QVERIFY2(form.problem().contains(part), qPrintable(form.problem()));
        QVERIFY(says(form, part));
        const bool advanced = field == "train.clip" || field == "train.seed";
        QVERIFY(!advanced || child<QAbstractButton>(form, "train.advanced")->isChecked());
    }

    // use.md 19, 20: «2,5» became 25 % and a rank of 70000 became 7000, in silence.
    void takesWhatIsTyped()
    {
        TrainForm form;
        form.setModel(m_model);
        auto* warmup = child<QDoubleSpinBox>(form, "train.warmup");
        warmup->selectAll();
        QTest::keyClicks(warmup, QStringLiteral("2,5"));
        QCOMPARE(form.spec().warmupRatio, 0.025);
        auto* rate = child<QLineEdit>(form, "train.rate");
        rate->setText(QStringLiteral("2,5e-4"));
        QCOMPARE(form.spec().learningRate, 2.5e-4);
        rate->setText(QStringLiteral("2,125"));
        QVERIFY(says(form, QStringLiteral("2,125 can be read as 2.125 or as 2125")));
        rate->setText(QStringLiteral("2e-5"));
        auto* rank = child<QSpinBox>(form, "train.rank");
        rank->selectAll();
        QTest::keyClicks(rank, QStringLiteral("70000"));
        QCOMPARE(form.spec().rank, 70'000);
        QVERIFY(says(form, QStringLiteral("65536")) || says(form, QStringLiteral("65,536")));
    }

    void needsModelAndDataAndAFreshFolder()
    {
        QTemporaryDir folder;
        TrainForm form;
        QVERIFY(form.problem().contains(QStringLiteral("model")));
        form.setModel(m_model);
        QVERIFY(form.problem().contains(QStringLiteral("data file")));
        const core::DatasetSummary summary = someRows();
        form.setData(QStringLiteral("rows.jsonl"), &summary, {});
        QCOMPARE(form.problem(), QString());
        form.setData(QStringLiteral("rows.jsonl"), nullptr, QStringLiteral("line 3 is torn"));
        QVERIFY(form.problem().contains(QStringLiteral("could not be read")));
        form.setData(QStringLiteral("rows.jsonl"), &summary, {});

        QDir(folder.path()).mkpath(QStringLiteral("used/lora"));
        QFile file(folder.filePath(QStringLiteral("used/lora/run.json")));
        QVERIFY(file.open(QIODevice::WriteOnly));
        auto* directory = child<QLineEdit>(form, "train.directory");
        directory->setText(folder.filePath(QStringLiteral("used")));
        directory->setModified(true);
        QTest::keyClick(directory, Qt::Key_Return);
        QCOMPARE(form.problem(), QString()); // until the disk has said so
        form.takeLook(lookAtFolder(form.directoryToLookAt()));
        QVERIFY2(form.problem().contains(QStringLiteral("holds a run already")),
                 qPrintable(form.problem()));
        form.proposeRunDirectory();
        QCOMPARE(form.problem(), QString());
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

    // What · Data · How long · Where: once for what every run has its own of, once for the rest.
    void theBasicSettings_areInFourGroups_andFitALowWindow()
    {
        TrainForm form;
        const core::DatasetSummary summary = someRows();
        form.setModel(m_model);
        form.setData(QStringLiteral("rows.jsonl"), &summary, {});
        form.setTight(true);
        // What a window of 1100 × 700 leaves, and the switch, which the page has beside its title.
        const int room = 451 + form.advancedSwitch()->sizeHint().height() + 6;
        form.resize(280, room);
        form.show();
        QVERIFY(QTest::qWaitForWindowExposed(&form, hangMs()));
        int last = -1;
        for (const char* name : {"train.group.what", "train.method", "train.group.data",
                                 "train.data", "train.group.howLong", "train.rate",
                                 "train.group.where", "train.device", "train.directory"}) {
            const auto* widget = child<QWidget>(form, name);
            const int top = widget->mapTo(&form, QPoint(0, 0)).y();
            QVERIFY2(widget->isVisible() && top > last, name);
            QVERIFY2(top + widget->height() <= form.height(), name);
            last = top;
        }
        QVERIFY2(form.minimumSizeHint().height() <= room,
                 qPrintable(QString::number(form.minimumSizeHint().height())));
        QVERIFY(!child<QWidget>(form, "train.clip")->isVisible());
    }

    void theAdvancedSettings_haveAPlaceOfTheirOwn()
    {
        TrainForm form;
        form.setModel(m_model);
        form.show();
        QVERIFY(QTest::qWaitForWindowExposed(&form, hangMs()));
        const auto* basic = child<QWidget>(form, "train.rate");
        const auto* advanced = child<QWidget>(form, "train.clip");
        QVERIFY(basic->isVisible() && !advanced->isVisible());
        form.advancedSwitch()->click();
        QVERIFY(!basic->isVisible() && advanced->isVisible());
        form.advancedSwitch()->click();
        QVERIFY(basic->isVisible() && !advanced->isVisible());
        form.setSideBySide(true);
        QVERIFY(basic->isVisible() && advanced->isVisible() && !form.advancedSwitch()->isVisible());
        QVERIFY(advanced->mapTo(&form, QPoint(0, 0)).x() > basic->mapTo(&form, QPoint(0, 0)).x());
        form.setSideBySide(false);
        // A person who goes back to the others is not sent here again by what was wrong all the time.
        child<QLineEdit>(form, "train.clip")->setText(QStringLiteral("-3"));
        QVERIFY(advanced->isVisible());
        form.advancedSwitch()->click();
        child<QLineEdit>(form, "train.alpha")->setText(QStringLiteral("8"));
        QVERIFY(basic->isVisible());
    }

    void tabOrderFollowsTheEye_data()
    {
        QTest::addColumn<bool>("advanced");
        QTest::newRow("basic") << false;
        QTest::newRow("advanced") << true;
    }

    void tabOrderFollowsTheEye()
    {
        TrainForm form;
        form.resize(300, 1200);
        QFETCH(bool, advanced);
        form.advancedSwitch()->setChecked(advanced);
        form.show();
        QVERIFY(QTest::qWaitForWindowExposed(&form, hangMs()));
        QWidget* first = form.advancedSwitch();
        int lowest = -1;
        int visited = 0;
        QWidget* widget = first;
        do {
            const bool stops = widget->isVisible() && (widget->focusPolicy() & Qt::TabFocus) != 0
                && widget->focusProxy() == nullptr && form.isAncestorOf(widget);
            if (stops) {
                const int top = widget->mapTo(&form, QPoint(0, 0)).y();
                QVERIFY2(top >= lowest - 4, qPrintable(widget->objectName()));
                lowest = std::max(lowest, top);
                ++visited;
            }
            widget = widget->nextInFocusChain();
        } while (widget != first);
        QVERIFY(visited >= (advanced ? 12 : 16));
    }

    void wheelDoesNotChangeWhatIsScrolledPast()
    {
        TrainForm form;
        form.show();
        auto* rank = child<QSpinBox>(form, "train.rank");
        const int before = rank->value();
        QWheelEvent wheel(QPointF(5, 5), rank->mapToGlobal(QPointF(5, 5)), {}, QPoint(0, 120),
                          Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase, false);
        QApplication::sendEvent(rank, &wheel);
        QCOMPARE(rank->value(), before);
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

private:
    std::shared_ptr<const core::ModelFiles> m_model;
};

QTEST_MAIN(TestTrainForm)
#include "tst_train_form.moc"
