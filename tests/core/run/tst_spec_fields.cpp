// SPDX-License-Identifier: GPL-3.0-or-later
// The table of a run's settings, walked through: JSON, differences, the copied command and what means something where.
#include "core/base/error.h"
#include "core/run/spec_fields.h"
#include "core/run/spec_settings.h"
#include "core/run/spec_values.h"

#include <QtTest/QtTest>

#include <set>
#include <string>
#include <vector>

using namespace pissarro::core;

namespace {

// The message of the Error that `body` throws; empty when it throws none.
template <class Body>
std::string messageOf(Body body)
{
    try {
        body();
    } catch (const Error& error) {
        return error.what();
    }
    return {};
}

// run.json as the writer before the table of fields wrote it: the keys, their order, and how a value stands there.
constexpr const char* kOfData = R"({
  "model": "models/Smol LM",
  "data": "gsm8k.jsonl",
  "batches": "",
  "init_adapter": "adapters/é",
  "prompt_template": "chat",
  "columns": "instruction=q,output=a b",
  "learn": "last",
  "strict": true,
  "labels": "no,yes",
  "method": "lora",
  "rank": 7,
  "alpha": 3.25,
  "rank_pattern": {
    "layers.1.mlp.up_proj": 8,
    "q_proj": 4
  },
  "alpha_pattern": {
    "q_proj": 0.5
  },
  "adapter_kind": "dora",
  "rslora": true,
  "dropout": 0.05,
  "slice": 0.5,
  "svd": "exact",
  "niter": 4,
  "oversampling": 5,
  "iters": 2,
  "quant_type": "fp4",
  "quant_block": 128,
  "double_quant": true,
  "targets": [
    "q_proj",
    "*.layers.{0,1}.*"
  ],
  "learning_rate": 0.00017,
  "schedule": "linear",
  "warmup_ratio": 0.1,
  "optimizer": "adamw8",
  "beta1": 0.8,
  "beta2": 0.95,
  "epsilon": 1e-06,
  "weight_decay": 0.01,
  "clip": 1.5,
  "batch_size": 3,
  "grad_accum": 2,
  "max_length": 77,
  "steps": 11,
  "epochs": 2.0,
  "dtype": "float32",
  "seed": 18446744073709551615,
  "threads": 3,
  "device": "cuda:1",
  "checkpoint_every": 9,
  "checkpoint_minutes": 2.5,
  "keep_checkpoints": 5,
  "eval_ratio": 0.25,
  "eval_every": 4,
  "patience": 3,
  "eval_task": "gsm8k",
  "eval_task_data": "questions.jsonl",
  "eval_task_rows": 7,
  "eval_task_every": 6,
  "best_by": "score",
  "share_base": true,
  "gradient_checkpointing": true
})";
constexpr const char* kOfBatches = R"({
  "model": "m",
  "data": "",
  "batches": "b.safetensors",
  "init_adapter": "",
  "prompt_template": "alpaca",
  "columns": "",
  "learn": "all",
  "strict": false,
  "labels": "",
  "method": "pissa",
  "rank": 16,
  "alpha": 16.0,
  "rank_pattern": {},
  "alpha_pattern": {},
  "adapter_kind": "lora",
  "rslora": false,
  "dropout": 0.0,
  "slice": 0.0,
  "svd": "fast",
  "niter": 16,
  "oversampling": 8,
  "iters": 5,
  "quant_type": "nf4",
  "quant_block": 64,
  "double_quant": false,
  "targets": [],
  "learning_rate": 2e-05,
  "schedule": "cosine",
  "warmup_ratio": 0.03,
  "optimizer": "adamw",
  "beta1": 0.9,
  "beta2": 0.999,
  "epsilon": 1e-08,
  "weight_decay": 0.0,
  "clip": 0.0,
  "batch_size": 8,
  "grad_accum": 1,
  "max_length": 512,
  "steps": 0,
  "epochs": 1.0,
  "dtype": "auto",
  "seed": 0,
  "threads": 0,
  "device": "auto",
  "checkpoint_every": 0,
  "checkpoint_minutes": 15.0,
  "keep_checkpoints": 2,
  "eval_ratio": 0.0,
  "eval_every": 0,
  "patience": 0,
  "eval_task": "none",
  "eval_task_data": "",
  "eval_task_rows": 32,
  "eval_task_every": 0,
  "best_by": "loss",
  "share_base": false,
  "gradient_checkpointing": false
})";

} // namespace

class TestSpecFields : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void keepTheBytesOfRunJson_data();
    void keepTheBytesOfRunJson();
    void areOneToOne();
    void takeWhatTheyGive();
    void standByOneFormOfRates();
    void standInJsonAlone();
    void refuseWhatTheirTypeHasNoRoomFor();
    void sayWhereTheyMeanSomething();
    void makeTheWholeCommand();
    void changeOnlyWhatAResumeMay();
};

void TestSpecFields::keepTheBytesOfRunJson_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("data") << QByteArray(kOfData);
    QTest::newRow("batches") << QByteArray(kOfBatches);
}

void TestSpecFields::keepTheBytesOfRunJson()
{
    QFETCH(QByteArray, text);
    const RunSpec spec = specFromJson(text.toStdString());
    QCOMPARE(QByteArray::fromStdString(specToJson(spec)), text);
    std::set<std::string> same; // in both texts: this test would not see such a key lost
    for (const char* one : {kOfData, kOfBatches}) {
        std::set<std::string> standard;
        for (const SpecSetting& setting : settingsOf(specFromJson(one))) {
            if (setting.isDefault && (one == kOfData || same.contains(setting.key))) {
                standard.insert(setting.key);
            }
        }
        same = std::move(standard);
    }
    QCOMPARE(same, std::set<std::string> {});
}

// Each key and flag once, a label and a help where a person meets it, and each row a member of its own.
void TestSpecFields::areOneToOne()
{
    std::set<std::string> keys;
    std::set<std::string> flags;
    for (const SpecField& field : specFields()) {
        QVERIFY2(keys.insert(field.key).second, field.key.c_str());
        QVERIFY2(flags.insert(field.flag).second == (field.key != "alpha_pattern"), // one file
                 field.key.c_str());
        QVERIFY2(!field.label.empty(), field.key.c_str());
        QVERIFY2(field.flag.starts_with("--") && !field.help.empty(), field.key.c_str());
        QVERIFY2(!field.applies == field.who.empty(), field.key.c_str());
        QCOMPARE(&specField(field.key), &field);
    }
    QCOMPARE(keys.size(), std::size_t {57});
    QVERIFY_THROWS_EXCEPTION(Error, specField("lr"));
}

// A walk: of a spec that has nothing at its default each setting is put into the standard one, alone.
void TestSpecFields::takeWhatTheyGive()
{
    for (const char* text : {kOfData, kOfBatches}) {
        const RunSpec odd = specFromJson(text);
        for (const SpecField& field : specFields()) {
            RunSpec spec;
            const bool differs = !sameValue(field.get(odd), field.get(spec));
            QVERIFY2(field.set(spec, field.get(odd)), field.key.c_str());
            QVERIFY2(sameValue(field.get(spec), field.get(odd)), field.key.c_str());
            for (const SpecSetting& setting : settingsOf(spec)) {
                QCOMPARE(setting.isDefault, !(differs && setting.key == field.key));
            }
            const std::vector<SpecDifference> all = specDifferences({RunSpec(), spec});
            QCOMPARE(all.size(), std::size_t {differs ? 1U : 0U});
            QVERIFY(!differs || all.front().key == field.key);
        }
    }
}

// 0.02 stands beside 2e-3 nowhere; other numbers keep their shortest text, and so does the command.
void TestSpecFields::standByOneFormOfRates()
{
    RunSpec a;
    a.learningRate = 0.02;
    a.weightDecay = 0.02;
    RunSpec b;
    b.learningRate = 0.002;
    b.weightDecay = 0.002;
    for (const SpecDifference& one : specDifferences({a, b})) {
        const bool rate = isRate(one.key);
        QVERIFY2(rate || one.key == "weight_decay", one.key.c_str());
        QCOMPARE(one.values[0], std::string(rate ? "2e-2" : "0.02"));
        QCOMPARE(one.values[1], std::string(rate ? "2e-3" : "0.002"));
    }
    for (const SpecSetting& setting : settingsOf(a)) {
        QVERIFY2(setting.key != "learning_rate" || setting.value == "2e-2", setting.value.c_str());
        QVERIFY2(setting.key != "weight_decay" || setting.value == "0.02", setting.value.c_str());
    }
    QCOMPARE(settingText("learning_rate", std::string("x")), std::string("x"));
}

// As a sweep's axes have them.
void TestSpecFields::standInJsonAlone()
{
    for (const char* text : {kOfData, kOfBatches}) {
        const RunSpec spec = specFromJson(text);
        for (const SpecField& field : specFields()) {
            const FieldValue value = field.get(spec);
            QVERIFY2(sameValue(valueFromJson(field, valueToJson(field, value)), value),
                     field.key.c_str());
        }
    }
    const auto refusal = [](const char* key, const nlohmann::ordered_json& value) {
        return messageOf([&] { valueFromJson(specField(key), value); });
    };
    QVERIFY(refusal("rank", 0).find("rank must be a whole number from 1") == 0);
    QVERIFY(refusal("rank", "8").find("rank must be a whole number") == 0);
    QVERIFY(refusal("learning_rate", -1.0).find("learning_rate must be") == 0);
    QVERIFY(refusal("method", "pizza").find("pizza") != std::string::npos);
}

void TestSpecFields::refuseWhatTheirTypeHasNoRoomFor()
{
    for (const SpecField& field : specFields()) {
        RunSpec spec;
        const bool isFlag = std::holds_alternative<bool>(field.get(spec));
        const FieldValue other = isFlag ? FieldValue(std::string("x")) : FieldValue(true);
        QVERIFY2(!field.set(spec, other), field.key.c_str());
        if (!field.choices.empty()) {
            QVERIFY2(!field.set(spec, std::string("x")), field.key.c_str());
        }
        QVERIFY2(sameValue(field.get(spec), field.get(RunSpec())), field.key.c_str());
    }
    QCOMPARE(messageOf([] { specFromJson(R"({"niter": 5000000000})"); }),
             std::string("niter must be a whole number of at most 32 bits, found 5000000000"));
    QCOMPARE(messageOf([] { specFromJson(R"({"svd": "slow"})"); }),
             std::string("svd must be one of exact, fast, found 'slow'"));
    QCOMPARE(messageOf([] { specFromJson(R"({"quant_block": 96})"); }),
             std::string("quant_block must be 64, 128, 256, 512, 1024, 2048 or 4096, found 96"));
    QCOMPARE(messageOf([] { specFromJson(R"({"rank_pattern": {"q_proj": 0}})"); }),
             std::string("rank_pattern must be a whole number from 1 to 65536, found 0"));
    QCOMPARE(messageOf([] { specFromJson("{\"alpha_pattern\": {\"(\": 2}}"); }),
             std::string("alpha_pattern has the key '(', which is no regular expression"));
}

void TestSpecFields::sayWhereTheyMeanSomething()
{
    RunSpec spec;
    const auto applies = [&spec](const char* key, const std::vector<Method>& methods) {
        return specField(key).applies(SpecUse {spec, methods});
    };
    const Method pissa = methodNamed("pissa");
    const Method lora = methodNamed("lora");
    const Method full = methodNamed("full");
    QVERIFY(applies("rank", {full, lora}) && !applies("rank", {full}));
    QVERIFY(applies("svd", {pissa}) && !applies("svd", {lora}));
    QVERIFY(!applies("niter", {pissa}));
    QVERIFY(applies("share_base", {pissa, lora}) && !applies("share_base", {lora}));
    QVERIFY(applies("quant_type", {methodNamed("qlora")}) && !applies("quant_type", {pissa}));
    QVERIFY(applies("batch_size", {pissa}));
    spec.svd.kind = SvdKind::Fast;
    QVERIFY(applies("niter", {pissa}));
    spec.initAdapter = "a";
    spec.batches = "b";
    QVERIFY(!applies("niter", {pissa}) && !applies("slice", {pissa}));
    QVERIFY(!applies("batch_size", {pissa}));
}

// Every flag of the line is one of the table, and each is there for the spec that has nothing at its default.
void TestSpecFields::makeTheWholeCommand()
{
    const std::string command = specToCommand(specFromJson(kOfData), {methodNamed("pissa")}, "r");
    QCOMPARE(
        QString::fromStdString(command).split(QLatin1Char(' ')),
        QString(
            "pissarro-cli train --model 'models/Smol LM' --data gsm8k.jsonl --init-adapter "
            "'adapters/é' --template chat --map 'instruction=q,output=a b' --learn last --strict "
            "--labels no,yes --method lora --twin pissa --rank 7 --alpha 3.25 "
            "--rank-map RANK_MAP.json --adapter-kind dora --rslora --dropout 0.05 --slice 0.5 "
            "--iters 2 --type fp4 "
            "--block 128 "
            "--double-quant --targets q_proj --targets '*.layers.{0,1}.*' --lr 0.00017 "
            "--schedule linear --warmup-ratio 0.1 --optimizer adamw8 --beta1 0.8 --beta2 0.95 "
            "--epsilon 1e-6 --weight-decay 0.01 --clip 1.5 "
            "--batch-size 3 --grad-accum 2 --max-length 77 --steps 11 --dtype float32 "
            "--seed 18446744073709551615 --threads 3 --device cuda:1 --checkpoint-every 9 "
            "--checkpoint-minutes 2.5 --keep-checkpoints 5 --eval-ratio 0.25 "
            "--eval-every 4 --patience 3 --eval-task gsm8k --eval-task-data questions.jsonl "
            "--eval-task-rows 7 --eval-task-every 6 --best-by score --share-base "
            "--gradient-checkpointing -o r")
            .split(QLatin1Char(' ')));
}

// Settings that a run that goes on may be told anew; all others decide its numbers.
void TestSpecFields::changeOnlyWhatAResumeMay()
{
    std::set<std::string> free;
    std::set<std::string> places;
    for (const SpecField& field : specFields()) {
        if (field.resume != Resume::Decides) {
            (field.resume == Resume::Free ? free : places).insert(field.key);
        }
    }
    QCOMPARE(
        free,
        (std::set<std::string> {"steps", "epochs", "patience", "threads", "device",
                                "checkpoint_every", "checkpoint_minutes", "keep_checkpoints"}));
    QCOMPARE(places, (std::set<std::string> {"model", "data", "batches"}));
}

QTEST_GUILESS_MAIN(TestSpecFields)
#include "tst_spec_fields.moc"
