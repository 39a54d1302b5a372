// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/run/head_labels.h"
#include "core/run/run_spec.h"
#include "tests/core/run/odd_spec.h"

#include <QtTest/QtTest>

#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <string>

using namespace pissarro::core;

namespace {

std::string methodsKnown()
{
    return namesWhere([](Method) { return true; }, "");
}

RunSpec completeSpec()
{
    RunSpec spec;
    spec.model = "models/Smol LM";
    spec.data = "gsm8k.jsonl";
    return spec;
}

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

bool contains(const std::string& text, const char* part)
{
    return text.find(part) != std::string::npos;
}

} // namespace

class TestRunSpec : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void json_keepsEveryField();
    void json_keepsTheEvaluation();
    void json_keepsDoublesToTheLastBit();
    void json_refusesUnknownKeysAndWrongTypes_data();
    void json_refusesUnknownKeysAndWrongTypes();
    void json_acceptsAnOldRunFile();
    void json_neverHoldsNaN();
    void check_findsEveryNumberOutOfRange_data();
    void check_findsEveryNumberOutOfRange();
    void learningRate_isThatOfTransformers_data();
    void learningRate_isThatOfTransformers();
    void totalSteps_roundsUp();
    void command_leavesDefaultsOutAndQuotes();
    void command_namesRankAndAlphaTogether();
    void differences_nameTheKeysThatDiffer();
    void parse_namesWhatItKnows();
    void labels_areTheHeads();
};

void TestRunSpec::json_keepsEveryField()
{
    RunSpec spec = pissarro::tests::oddSpec();
    spec.model = "m";
    spec.batches = "b.safetensors";
    spec.initAdapter = "a";
    spec.promptTemplate = PromptTemplate::Chat;
    spec.epochs = 2.5;
    spec.device = "cuda:1";
    const std::string text = specToJson(spec);
    const RunSpec read = specFromJson(text);
    QCOMPARE(specToJson(read), text);
    QCOMPARE(read.seed, spec.seed);
    QVERIFY(read.method == methodNamed("lora") && read.svd.kind == SvdKind::Fast
            && read.promptTemplate == PromptTemplate::Chat);
    QVERIFY(read.targets == spec.targets);
    QVERIFY(text != specToJson(RunSpec())); // every field above differs from its default ...
    for (const char* key :
         {"\"model\"", "\"init_adapter\"", "\"learning_rate\"", "\"checkpoint_every\""}) {
        QVERIFY2(contains(text, key), key);
    }
}

void TestRunSpec::json_keepsTheEvaluation()
{
    RunSpec spec = completeSpec(); // with data: ready batches hold nothing out
    spec.evalRatio = 0.25;
    spec.evalEvery = 4;
    spec.patience = 3;
    const RunSpec read = specFromJson(specToJson(spec));
    QCOMPARE(read.evalRatio, 0.25);
    QCOMPARE(read.patience, std::int64_t {3});
    QVERIFY(
        contains(specToCommand(spec, {}, "r"), "--eval-ratio 0.25 --eval-every 4 --patience 3"));
}

void TestRunSpec::json_keepsDoublesToTheLastBit()
{
    RunSpec spec = completeSpec();
    for (const double value : {0.1, 2e-5, std::nextafter(2e-5, 1.0), 1.0 / 3.0, 5e-324}) {
        spec.learningRate = value;
        QVERIFY(specFromJson(specToJson(spec)).learningRate == value);
    }
}

void TestRunSpec::json_refusesUnknownKeysAndWrongTypes_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("part");
    QTest::newRow("no JSON") << QByteArray("{\"rank\": 8")
                             << QByteArray("is not JSON (it ends too early, after byte 10);");
    QTest::newRow("no JSON within")
        << QByteArray("{rank: 8}") << QByteArray("is not JSON (fault at byte 2);");
    QTest::newRow("a list") << QByteArray("[1]") << QByteArray("array");
    QTest::newRow("unknown key") << QByteArray("{\"learningrate\": 1e-4}")
                                 << QByteArray("'learningrate'");
    QTest::newRow("unknown key names near ones")
        << QByteArray("{\"lr\": 1e-4, \"leanring_rate\": 1}")
        << QByteArray(
               "unknown keys 'lr', 'leanring_rate' (expected keys such as learn, learning_rate)");
    QTest::newRow("many unknown keys")
        << QByteArray("{\"x1\": 1, \"x2\": 1, \"x3\": 1, \"x4\": 1}")
        << QByteArray("'x1', 'x2', 'x3', … (expected keys such as model, data, method); remove or "
                      "correct them");
    QTest::newRow("a key of a kilobyte")
        << QByteArray("{\"" + QByteArray(1024, 'k') + "\": 1}") << QByteArray("kkk");
    QTest::newRow("twice") << QByteArray("{\"rank\": 8, \"rank\": 9}")
                           << QByteArray("'rank' stands twice");
    QTest::newRow("twice, further in")
        << QByteArray("{\"rank_pattern\": {\"q_proj\": 4, \"v_proj\": 4, \"q_proj\": 8}}")
        << QByteArray("'rank_pattern.q_proj' stands twice");
    for (const char* key :
         {"model", "data", "batches", "init_adapter", "eval_task_data", "device"}) {
        QTest::addRow("%s with a NUL", key)
            << QByteArray("{\"") + key + "\": \"d.jsonl\\u0000x\"}"
            << QByteArray(key) + " is 'd.jsonl\\x00x', with the character U+0000";
    }
    QTest::newRow("a target with a NUL")
        << QByteArray("{\"targets\": [\"q_proj\", \"v\\u0000\"]}")
        << QByteArray("targets is 'v\\x00', with the character U+0000");
    QTest::newRow("text for a number") << QByteArray("{\"rank\": \"8\"}")
                                       << QByteArray("rank must be a whole number, found \"8\"");
    QTest::newRow("fraction for a whole")
        << QByteArray("{\"rank\": 8.5}") << QByteArray("rank must be a whole number, found 8.5");
    QTest::newRow("negative seed") << QByteArray("{\"seed\": -1}") << QByteArray("seed");
    QTest::newRow("too large") << QByteArray("{\"rank\": 18446744073709551615}")
                               << QByteArray("rank");
    QTest::newRow("out of range") << QByteArray("{\"learning_rate\": -2}")
                                  << QByteArray(
                                         "learning_rate must be above 0 and at most 1, found -2");
    QTest::newRow("unknown method")
        << QByteArray("{\"method\": \"dora\"}") << QByteArray::fromStdString(methodsKnown());
    QTest::newRow("targets no list")
        << QByteArray("{\"targets\": \"q_proj\"}") << QByteArray("targets must be a list");
    QTest::newRow("deep") << "{\"targets\": " + QByteArray(200'000, '[') + QByteArray(200'000, ']')
            + "}" << QByteArray("nested deeper than 64 levels");
    QTest::newRow("device") << QByteArray("{\"device\": \"cuda:x\"}") << QByteArray("device");
}

void TestRunSpec::json_refusesUnknownKeysAndWrongTypes()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, part);
    const std::string message = messageOf([&] { specFromJson(text.toStdString()); });
    QVERIFY2(contains(message, part.constData()), message.c_str());
    QVERIFY(message.size() < 400);
}

void TestRunSpec::json_acceptsAnOldRunFile()
{
    const RunSpec spec =
        specFromJson(R"({"rank": 8, "run": {"state": "finished", "whatever": 1}})");
    QCOMPARE(spec.rank, std::int64_t(8));
    QCOMPARE(spec.learningRate, RunSpec().learningRate);
}

void TestRunSpec::json_neverHoldsNaN()
{
    RunSpec spec = completeSpec();
    spec.alpha = std::numeric_limits<double>::quiet_NaN();
    QVERIFY(contains(messageOf([&] { specToJson(spec); }), "alpha"));
    QVERIFY(!messageOf([] { specFromJson("{\"alpha\": NaN}"); }).empty());
    QVERIFY(!messageOf([] { specFromJson("{\"alpha\": 1e999}"); }).empty());
}

void TestRunSpec::check_findsEveryNumberOutOfRange_data()
{
    QTest::addColumn<QByteArray>("key");
    for (const char* key : {"model",
                            "data",
                            "batches",
                            "rank",
                            "alpha",
                            "adapter_kind",
                            "dropout",
                            "niter",
                            "oversampling",
                            "targets",
                            "learning_rate",
                            "warmup_ratio",
                            "optimizer",
                            "beta1",
                            "beta2",
                            "epsilon",
                            "weight_decay",
                            "clip",
                            "batch_size",
                            "grad_accum",
                            "max_length",
                            "steps",
                            "epochs",
                            "threads",
                            "device",
                            "checkpoint_every",
                            "keep_checkpoints",
                            "eval_ratio",
                            "eval_every",
                            "patience",
                            "eval_task",
                            "eval_task_rows",
                            "eval_task_every",
                            "best_by"}) {
        QTest::newRow(key) << QByteArray(key);
    }
}

void TestRunSpec::check_findsEveryNumberOutOfRange()
{
    QFETCH(QByteArray, key);
    RunSpec spec = completeSpec();
    QVERIFY(checkSpec(spec).empty());
    const std::map<std::string, std::function<void()>> faults {
        {"model", [&] { spec.model.clear(); }},
        {"data", [&] { spec.data.clear(); }},
        {"batches", [&] { spec.batches = "b"; }},
        {"rank", [&] { spec.rank = 0; }},
        {"alpha", [&] { spec.alpha = 0; }},
        {"adapter_kind", [&] { spec.adapterKind = "vera"; }},
        {"dropout", [&] { spec.dropout = 1.0; }},
        {"niter", [&] { spec.svd.fast.niter = -1; }},
        {"oversampling", [&] { spec.svd.fast.oversampling = -1; }},
        {"targets", [&] { spec.targets = {""}; }},
        {"learning_rate", [&] { spec.learningRate = std::nan(""); }},
        {"warmup_ratio", [&] { spec.warmupRatio = 1.1; }},
        {"optimizer", [&] { spec.optimizer = "sgd"; }},
        {"beta1", [&] { spec.beta1 = 1.0; }},
        {"beta2", [&] { spec.beta2 = -0.1; }},
        {"epsilon", [&] { spec.epsilon = 0.0; }},
        {"weight_decay", [&] { spec.weightDecay = -0.1; }},
        {"clip", [&] { spec.clip = -1; }},
        {"batch_size", [&] { spec.batchSize = 0; }},
        {"grad_accum", [&] { spec.gradAccum = 0; }},
        {"max_length", [&] { spec.maxLength = 1; }},
        {"steps", [&] { spec.steps = -1; }},
        {"epochs", [&] { spec.epochs = 0; }},
        {"threads", [&] { spec.threads = -1; }},
        {"device", [&] { spec.device = "gpu"; }},
        {"checkpoint_every", [&] { spec.checkpointEvery = -5; }},
        {"keep_checkpoints", [&] { spec.keepCheckpoints = 0; }},
        {"eval_ratio", [&] { spec.evalRatio = 0.95; }},
        {"eval_every", [&] { spec.evalEvery = -1; }},
        {"patience", [&] { spec.patience = 2; }},
        {"eval_task", [&] { spec.evalTask = "humaneval"; }}, // what has to be run is not asked
        {"eval_task_rows", [&] { spec.evalTaskRows = 0; }},
        {"eval_task_every", [&] { spec.evalTaskEvery = -1; }},
        {"best_by", [&] { spec.bestBy = BestBy::Score; }},
    };
    faults.at(key.toStdString())();
    const std::vector<SpecProblem> problems = checkSpec(spec);
    QCOMPARE(problems.size(), std::size_t(1));
    QCOMPARE(QByteArray::fromStdString(problems.front().key), key);
    QVERIFY(problems.front().message.size() > 10);
}

void TestRunSpec::learningRate_isThatOfTransformers_data()
{
    // transformers 5.23.0: get_{cosine,linear,constant}_schedule_with_warmup(AdamW(lr=1e-3), w,
    // 10), lr before each step; made by
    //   for _ in range(10): rates.append(scheduler.get_last_lr()[0]); optimizer.step();
    //   scheduler.step()
    QTest::addColumn<int>("schedule");
    QTest::addColumn<double>("ratio");
    QTest::addColumn<QVector<double>>("expected");
    const auto row = [](const char* name, int schedule, double ratio,
                        const QVector<double>& expected) {
        QTest::newRow(name) << schedule << ratio << expected;
    };
    row("constant, warm-up 0.0", 0, 0.0,
        {0.001, 0.001, 0.001, 0.001, 0.001, 0.001, 0.001, 0.001, 0.001, 0.001});
    row("constant, warm-up 0.25", 0, 0.25,
        {0.0, 0.0003333333333333333, 0.0006666666666666666, 0.001, 0.001, 0.001, 0.001, 0.001,
         0.001, 0.001});
    row("linear, warm-up 0.0", 1, 0.0,
        {0.001, 0.0009000000000000001, 0.0008, 0.0007, 0.0006, 0.0005, 0.0004, 0.0003, 0.0002,
         0.0001});
    row("linear, warm-up 0.25", 1, 0.25,
        {0.0, 0.0003333333333333333, 0.0006666666666666666, 0.001, 0.0008571428571428571,
         0.0007142857142857143, 0.0005714285714285714, 0.00042857142857142855,
         0.0002857142857142857, 0.00014285714285714284});
    row("linear, warm-up 1.0", 1, 1.0,
        {0.0, 0.0001, 0.0002, 0.0003, 0.0004, 0.0005, 0.0006, 0.0007, 0.0008,
         0.0009000000000000001});
    row("cosine, warm-up 0.0", 2, 0.0,
        {0.001, 0.0009755282581475768, 0.0009045084971874737, 0.0007938926261462366,
         0.0006545084971874737, 0.0005, 0.00034549150281252633, 0.00020610737385376348,
         9.549150281252633e-05, 2.4471741852423235e-05});
    row("cosine, warm-up 0.25", 2, 0.25,
        {0.0, 0.0003333333333333333, 0.0006666666666666666, 0.001, 0.0009504844339512095,
         0.0008117449009293668, 0.0006112604669781572, 0.00038873953302184284,
         0.00018825509907063325, 4.9515566048790485e-05});
    row("cosine, warm-up 1.0", 2, 1.0,
        {0.0, 0.0001, 0.0002, 0.0003, 0.0004, 0.0005, 0.0006, 0.0007, 0.0008,
         0.0009000000000000001});
}

void TestRunSpec::learningRate_isThatOfTransformers()
{
    QFETCH(int, schedule);
    QFETCH(double, ratio);
    QFETCH(QVector<double>, expected);
    RunSpec spec;
    spec.learningRate = 1e-3;
    spec.schedule = static_cast<Schedule>(schedule);
    spec.warmupRatio = ratio;
    for (int step = 1; step <= 10; ++step) {
        const double rate = learningRateAt(spec, step, 10);
        QVERIFY2(std::abs(rate - expected[step - 1]) <= 1e-18,
                 qPrintable(QString::number(rate, 'g', 17)));
    }
}

void TestRunSpec::totalSteps_roundsUp()
{
    RunSpec spec;
    QCOMPARE(totalSteps(spec, 935), std::int64_t(935));
    spec.gradAccum = 4;
    QCOMPARE(totalSteps(spec, 9), std::int64_t(3));
    spec.epochs = 1.5;
    QCOMPARE(totalSteps(spec, 9), std::int64_t(5));
    QCOMPARE(epochsAfter(spec, 2, 9),
             8.0 / 9.0); // two of four micro-batches, then the one that is left
    QCOMPARE(epochsAfter(spec, 3, 9), 1.0);
    QCOMPARE(epochsAfter(spec, 5, 9), 17.0 / 9.0);
    spec.steps = 20;
    QCOMPARE(totalSteps(spec, 9), std::int64_t(20));
    spec.steps = 0;
    for (const double epochs : {std::nan(""), -1.0, 0.0}) {
        spec.epochs = epochs; // the form asks while a person still types
        QCOMPARE(totalSteps(spec, 9), std::int64_t(0));
    }
    spec.epochs = 1e300;
    QVERIFY(totalSteps(spec, 9) > 0);
    spec.gradAccum =
        0; // as a form holds it while a person types: once a division by it ended the window
    spec.epochs = 1.0;
    QCOMPARE(totalSteps(spec, 9), std::int64_t(9));
}

void TestRunSpec::command_leavesDefaultsOutAndQuotes()
{
    RunSpec spec = completeSpec();
    QCOMPARE(QString::fromStdString(specToCommand(spec, {}, "runs/a")),
             QString("pissarro-cli train --model 'models/Smol LM' --data gsm8k.jsonl --method "
                     "pissa -o runs/a"));
    spec.data = "it's.jsonl";
    spec.targets = {"{q,k}_proj", "down_proj"};
    spec.learningRate = 2e-4;
    spec.svd.kind = SvdKind::Fast;
    spec.svd.fast.niter = 4;
    spec.steps = 20;
    QCOMPARE(QString::fromStdString(
                 specToCommand(spec, {methodNamed("lora"), methodNamed("full")}, "$HOME")),
             QString("pissarro-cli train --model 'models/Smol LM' --data 'it'\\''s.jsonl' --method "
                     "pissa --twin lora --twin full "
                     "--svd fast --niter 4 --targets '{q,k}_proj' --targets down_proj --lr 2e-4 "
                     "--steps 20 -o '$HOME'"));
}

void TestRunSpec::command_namesRankAndAlphaTogether()
{
    RunSpec spec = completeSpec();
    spec.rank = 8; // alpha stays 16: a command line without --alpha might take the rank for it
    const std::string command = specToCommand(spec, {}, "r");
    QVERIFY2(contains(command, "--rank 8 --alpha 16"), command.c_str());
}

void TestRunSpec::differences_nameTheKeysThatDiffer()
{
    RunSpec pissa = completeSpec();
    RunSpec lora = completeSpec();
    lora.method = methodNamed("lora");
    lora.targets = {"q_proj", "v_proj"};
    QVERIFY(specDifferences({pissa}).empty());
    QVERIFY(specDifferences({pissa, pissa}).empty());
    const std::vector<SpecDifference> differences = specDifferences({pissa, lora, pissa});
    QCOMPARE(differences.size(), std::size_t(2));
    QCOMPARE(differences[0].key, std::string("method"));
    QVERIFY((differences[0].values == std::vector<std::string> {"pissa", "lora", "pissa"}));
    QVERIFY((differences[1].values == std::vector<std::string> {"", "q_proj, v_proj", ""}));
}

void TestRunSpec::parse_namesWhatItKnows()
{
    QVERIFY(methodNamed("full")->base == MethodBase::Trained);
    QVERIFY(parseSchedule("linear") == Schedule::Linear);
    QVERIFY(parseBaseDType("float32") == BaseDType::Float32);
    QCOMPARE(messageOf([] { methodNamed("dora"); }),
             "method must be one of " + methodsKnown() + ", found 'dora'");
    QVERIFY(methodsKnown().starts_with("pissa, lora, "));
    QCOMPARE(std::string(methodTitle(methodNamed("pissa"))), std::string("PiSSA"));
}

void TestRunSpec::labels_areTheHeads()
{
    HeadShape head;
    QCOMPARE(labelsOf(head).count, std::int64_t {0});
    head.kind = HeadKind::Sequence;
    head.labels = 2;
    head.labelNames = {"no", "yes"};
    QCOMPARE(labelsOf(head).count, std::int64_t {2});
    QCOMPARE(labelsOf(head).names, head.labelNames);
}

QTEST_GUILESS_MAIN(TestRunSpec)
#include "tst_run_spec.moc"
