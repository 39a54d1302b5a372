// SPDX-License-Identifier: GPL-3.0-or-later
// Specs into the training form and out again, without a digit lost.
#include "core/run/spec_fields.h"
#include "tests/core/run/odd_spec.h"
#include "tests/ui/pages/train/train_form_bench.h"
#include "ui/pages/train/train_form.h"
#include "ui/views/field_editor.h"
#include "ui/words/field_look.h"

#include <QDoubleSpinBox>
#include <QLineEdit>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTest>

#include <limits>
#include <memory>
#include <nlohmann/json.hpp>

using namespace pissarro;
using namespace pissarro::tests;
using namespace pissarro::ui;

namespace {

nlohmann::ordered_json jsonOf(const core::RunSpec& spec)
{
    return nlohmann::ordered_json::parse(core::specToJson(spec));
}

// Every key away from its default, at the edge of its range or with digits that a field would like to round.
core::RunSpec edgySpec()
{
    core::RunSpec spec = oddSpec();
    spec.model = "models/odd one";
    spec.data = "some, where/rows {1}.jsonl";
    spec.batches = "ready.safetensors";
    spec.initAdapter = "adapter";
    spec.rank = 65'535;
    spec.alpha = 3.3000000000000003;
    spec.patterns.ranks = {{"a.*", 3}};
    spec.patterns.alphas = {{"b", 0.1}};
    spec.dropout = 0.0876543210987654;
    spec.slice = 1.0 / 3.0;
    spec.svd.kind = core::SvdKind::Exact;
    spec.svd.fast.niter = 999;
    spec.svd.fast.oversampling = 65'535;
    spec.iters = 999;
    spec.quant.blockSize = 4096;
    spec.targets = {"v_proj", "q_proj", "v_proj"};
    spec.learningRate = 1.2345678901234567e-5;
    spec.warmupRatio = 0.0125;
    spec.beta1 = 0.87654321098765432;
    spec.beta2 = 0.98765432109876543;
    spec.epsilon = 1.2345678901234567e-7;
    spec.weightDecay = 0.1 + 0.2;
    spec.clip = 1e9;
    spec.batchSize = 65'535;
    spec.gradAccum = 65'535;
    spec.labels = "no,yes";
    spec.maxLength = 1'048'575;
    spec.steps = 999'999'999;
    spec.epochs = 0.30000000000000004;
    spec.seed = 18'446'744'073'709'551'615u;
    spec.threads = 1'023;
    spec.device = "cuda:7";
    spec.checkpointEvery = 999'999'999;
    spec.checkpointMinutes = 12.345678901234567;
    spec.keepCheckpoints = 999;
    spec.evalRatio = 0.07777777777777778;
    spec.evalEvery = 999'999'999;
    spec.patience = 999'999'999;
    spec.evalTask = "gsm8k";
    spec.evalTaskData = "questions.jsonl";
    spec.evalTaskRows = 999'999'999;
    spec.evalTaskEvery = 999'999'999;
    spec.bestBy = core::BestBy::Score;
    return spec;
}

} // namespace

class TestTrainFormSpec : public TrainFormBench {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { beginTests(); }
    void cleanup() { endTest(); }

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
        const core::RunSpec odd = edgySpec();
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
};

QTEST_MAIN(TestTrainFormSpec)
#include "tst_train_form_spec.moc"
