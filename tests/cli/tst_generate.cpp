// SPDX-License-Identifier: GPL-3.0-or-later
// generate and logits: the model speaks, and its numbers are written.
#include "core/format/safetensors.h"
#include "tests/cli/cli_process.h"
#include "tests/cli/tiny_model.h"

#include <QJsonArray>
#include <QtTest/QtTest>

using namespace pissarro;
using namespace pissarro::tests;

class TestGenerate : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void answers_greedily();
    void repeats_aSampleBySeed();
    void answers_aFileOfPrompts();
    void writes_logits();
    void changes_logitsWithAnAdapter();
    void refuses_badIds_data();
    void refuses_badIds();
};

void TestGenerate::answers_greedily()
{
    if (demoModel().isEmpty()) {
        QSKIP("no model below .deps/model: run ./dev setup");
    }
    const QTemporaryDir folder;
    const QStringList question {"generate",         demoModel(), "--chat",
                                "--greedy",         "--prompt",  "What is the capital of France?",
                                "--max-new-tokens", "24"};
    const CliResult streamed =
        runCli(question + QStringList {"--ids-out", folder.filePath("ids.json")});
    QCOMPARE(streamed.exitCode, 0);
    QCOMPARE(streamed.out, QByteArray("The capital of France is Paris.\n"));
    const QJsonArray ids = QJsonDocument::fromJson(contentOf(folder.filePath("ids.json"))).array();
    const QJsonObject json = runCli(question + QStringList {"--json"}).json();
    QCOMPARE(json["text"].toString(), "The capital of France is Paris.");
    QCOMPARE(json["new_ids"].toArray(), ids);
}

void TestGenerate::repeats_aSampleBySeed()
{
    if (demoModel().isEmpty()) {
        QSKIP("no model below .deps/model: run ./dev setup");
    }
    const auto sample = [](const char* seed) {
        return runCli({"generate", demoModel(), "--prompt", "Once upon a time", "--temperature",
                       "1.2", "--top-p", "0.95", "--max-new-tokens", "12", "--seed", seed})
            .out;
    };
    const QByteArray first = sample("1");
    QVERIFY(!first.trimmed().isEmpty());
    QCOMPARE(sample("1"), first);
    QVERIFY(sample("2") != first);
}

void TestGenerate::answers_aFileOfPrompts()
{
    if (demoModel().isEmpty()) {
        QSKIP("no model below .deps/model: run ./dev setup");
    }
    const QTemporaryDir folder;
    const QStringList prompts {"The capital of France is", "One, two, three,",
                               "Once upon a time, in a small village by the sea, there lived"};
    QFile file(folder.filePath("prompts.txt"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(prompts.join(u'\n').toUtf8());
    file.close();
    const QStringList how {"--greedy", "--max-new-tokens", "8"};
    const CliResult result =
        runCli(QStringList {"generate", demoModel(), "--prompts", file.fileName(), "--batch-size",
                            "2", "-o", folder.filePath("out.jsonl"), "--json"}
               + how);
    QCOMPARE(result.exitCode, 0);
    QCOMPARE(result.json()["prompts"].toInt(), 3);
    const QList<QByteArray> lines = contentOf(folder.filePath("out.jsonl")).trimmed().split('\n');
    QCOMPARE(lines.size(), 3);
    for (qsizetype i = 0; i < lines.size(); ++i) {
        const QJsonObject found = QJsonDocument::fromJson(lines[i]).object();
        QCOMPARE(found["prompt"].toString(), prompts[i]);
        const QJsonObject alone =
            runCli(QStringList {"generate", demoModel(), "--prompt", prompts[i], "--json"} + how)
                .json();
        QCOMPARE(found["new_ids"].toArray(), alone["new_ids"].toArray());
        QCOMPARE(found["text"].toString(), alone["text"].toString());
    }
    QCOMPARE(runCli({"generate", demoModel(), "--greedy"}).exitCode, 2);
    const CliResult missing =
        runCli({"generate", demoModel(), "--prompts", folder.filePath("none.txt")});
    QCOMPARE(missing.exitCode, 3);
    QVERIFY(missing.hasOneError({"none.txt"}));
}

void TestGenerate::writes_logits()
{
    const QTemporaryDir folder;
    writeTinyModel(folder.filePath("tiny").toStdString());
    QFile ids(folder.filePath("ids.json"));
    QVERIFY(ids.open(QIODevice::WriteOnly));
    ids.write("[[1, 5, 9], [1, 6, 7]]");
    ids.close();
    const QString out = folder.filePath("logits.safetensors");
    QCOMPARE(
        runCli({"logits", folder.filePath("tiny"), "--ids", ids.fileName(), "-o", out}).exitCode,
        0);
    const auto file = core::SafetensorsFile::open(out.toStdString());
    const core::TensorView& logits = file.at("logits");
    QCOMPARE(logits.dtype, core::DType::F32);
    QVERIFY((logits.shape == std::vector<std::int64_t> {2, 3, kTinyVocabulary}));
    // Causal: the first token's logits are the same in both rows.
    const std::size_t row = std::size_t(3 * kTinyVocabulary) * sizeof(float);
    std::vector<float> first(static_cast<std::size_t>(kTinyVocabulary));
    std::vector<float> second(first.size());
    std::memcpy(first.data(), logits.data, first.size() * sizeof(float));
    std::memcpy(second.data(), logits.data + row, second.size() * sizeof(float));
    for (std::size_t i = 0; i < first.size(); ++i) {
        QVERIFY(std::abs(first[i] - second[i]) < 1e-5F);
    }
}

void TestGenerate::changes_logitsWithAnAdapter()
{
    const QTemporaryDir folder;
    const QString model = folder.filePath("tiny");
    writeTinyModel(model.toStdString());
    QFile ids(folder.filePath("ids.json"));
    QVERIFY(ids.open(QIODevice::WriteOnly));
    ids.write("[[1, 5, 9, 33]]");
    ids.close();
    const QString init = folder.filePath("pissa");
    QCOMPARE(runCli({"init", model, "--rank", "4", "--alpha", "4", "-o", init}).exitCode, 0);
    const auto logits = [&](const char* name, const QStringList& more) {
        const QString out = folder.filePath(name);
        const CliResult result = runCli(QStringList {"logits"} + more
                                        + QStringList {"--ids", ids.fileName(), "-o", out});
        if (result.exitCode != 0) {
            qWarning("%s", result.err.constData());
            return std::vector<float>();
        }
        const auto file = core::SafetensorsFile::open(out.toStdString());
        std::vector<float> values(std::size_t(file.at("logits").elements()));
        core::toFloat32(file.at("logits"), 0, qint64(values.size()), values.data());
        return values;
    };
    const std::vector<float> base = logits("base", {model});
    const std::vector<float> residual = logits("residual", {init});
    const std::vector<float> pair = logits("pair", {init, "--adapter", init + "/pissa_init"});
    QVERIFY(base.size() == pair.size() && base.size() == residual.size() && !base.empty());
    float pairDifference = 0.0F;
    float residualDifference = 0.0F;
    for (std::size_t i = 0; i < base.size(); ++i) {
        pairDifference = std::max(pairDifference, std::abs(base[i] - pair[i]));
        residualDifference = std::max(residualDifference, std::abs(base[i] - residual[i]));
    }
    QVERIFY(pairDifference < 1e-4F); // residual and adapter are the base again
    QVERIFY(residualDifference > 1e-2F);
}

void TestGenerate::refuses_badIds_data()
{
    QTest::addColumn<QByteArray>("ids");
    QTest::newRow("outside the vocabulary") << QByteArray("[[1, 64]]");
    QTest::newRow("negative") << QByteArray("[[-1]]");
    QTest::newRow("of different length") << QByteArray("[[1, 2], [3]]");
    QTest::newRow("no lists") << QByteArray("[1, 2]");
    QTest::newRow("none") << QByteArray("[]");
}

void TestGenerate::refuses_badIds()
{
    QFETCH(QByteArray, ids);
    const QTemporaryDir folder;
    writeTinyModel(folder.filePath("tiny").toStdString());
    QFile file(folder.filePath("ids.json"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(ids);
    file.close();
    const QString out = folder.filePath("logits.safetensors");
    const CliResult result =
        runCli({"logits", folder.filePath("tiny"), "--ids", file.fileName(), "-o", out});
    QCOMPARE(result.exitCode, 3);
    QVERIFY(result.hasOneError({"ids.json"}));
    QVERIFY(!QFile::exists(out));
}

QTEST_GUILESS_MAIN(TestGenerate)
#include "tst_generate.moc"
