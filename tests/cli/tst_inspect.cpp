// SPDX-License-Identifier: GPL-3.0-or-later
// inspect and tokenize: a model by its headers, and its tokens.
#include "core/model/families/family.h"
#include "tests/cli/cli_process.h"
#include "tests/cli/tiny_model.h"

#include <QJsonArray>
#include <QtTest/QtTest>

using namespace pissarro::tests;

class TestInspect : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void tells_whatAFolderHolds();
    void tells_whatAGgufHolds();
    void says_theSameForPeople();
    void helps_withEveryFamily();
    void tokenizes_textAndList();
    void names_whatIsWrongWithAFolder_data();
    void names_whatIsWrongWithAFolder();
};

void TestInspect::tells_whatAFolderHolds()
{
    const QTemporaryDir folder;
    writeTinyModel(folder.path().toStdString());
    const CliResult result = runCli({"inspect", folder.path(), "--json"});
    QCOMPARE(result.exitCode, 0);
    const QJsonObject json = result.json();
    QCOMPARE(json["architecture"].toString(), "LLaMA");
    QCOMPARE(json["layers"].toInt(), int(kTinyLayers));
    QCOMPARE(json["width"].toInt(), int(kTinyWidth));
    QCOMPARE(json["vocabulary"].toInt(), int(kTinyVocabulary));
    QCOMPARE(json["dtype"].toString(), "float32");
    QVERIFY(json["tokenizer"].isNull());
    const QJsonArray modules = json["modules"].toArray();
    QCOMPARE(modules.size(), kTinyModules + 2); // embedding and head
    int parameters = 0;
    QSet<QString> names;
    for (const QJsonValue& module : modules) {
        parameters += module["parameters"].toInt();
        names.insert(module["name"].toString());
        const QJsonArray shape = module["shape"].toArray();
        QCOMPARE(shape[0].toInt() * shape[1].toInt(), module["parameters"].toInt());
        QCOMPARE(module["dtype"].toString(), "F32");
    }
    QVERIFY(names.contains("model.layers.1.mlp.down_proj"));
    const int norms = int((2 * kTinyLayers + 1) * kTinyWidth);
    QCOMPARE(json["parameters"].toInt(), parameters + norms);
}

void TestInspect::tells_whatAGgufHolds()
{
    if (demoModel().isEmpty()) {
        QSKIP("no model below .deps/model: run ./dev setup");
    }
    const QJsonObject json = runCli({"inspect", demoModel(), "--json"}).json();
    QCOMPARE(json["architecture"].toString(), "LLaMA");
    QCOMPARE(json["parameters"].toInt(), 134'515'008);
    QCOMPARE(json["layers"].toInt(), 30);
    QCOMPARE(json["width"].toInt(), 576);
    QCOMPARE(json["vocabulary"].toInt(), 49152);
    QCOMPARE(json["tokenizer"].toString(), "byte-level BPE");
    QCOMPARE(json["modules"].toArray().size(), 211); // 210 of the layers, and the embedding
}

void TestInspect::says_theSameForPeople()
{
    const QTemporaryDir folder;
    writeTinyModel(folder.path().toStdString());
    const CliResult result = runCli({"inspect", folder.path()});
    QCOMPARE(result.exitCode, 0);
    for (const char* part :
         {"LLaMA, 2 layers", "model.layers.*.mlp.down_proj", "32 x 48", "2 matrices", "lm_head"}) {
        QVERIFY2(result.out.contains(part), part);
    }
}

// What an unknown architecture is told to look at.
void TestInspect::helps_withEveryFamily()
{
    const QList<QByteArray> words = runCli({"inspect", "--help"}).out.simplified().split(' ');
    for (const auto* family : pissarro::core::allFamilies()) {
        QVERIFY(words.contains(
            QByteArray(family->modelType.data(), qsizetype(family->modelType.size()))));
    }
}

void TestInspect::tokenizes_textAndList()
{
    if (demoModel().isEmpty()) {
        QSKIP("no model below .deps/model: run ./dev setup");
    }
    // Which ids are right is a matter of core's tests; this is about what the verb makes of them.
    const QString text = QStringLiteral("What is 17 + 25?\n");
    const QJsonObject json = runCli({"tokenize", demoModel(), "--text", text, "--json"}).json();
    QCOMPARE(json["decoded"].toArray(), QJsonArray({text}));
    const QJsonArray ids = json["ids"].toArray()[0].toArray();
    const QJsonArray pieces = json["pieces"].toArray()[0].toArray();
    QCOMPARE(ids.size(), pieces.size());
    QCOMPARE(pieces[0].toString(), QStringLiteral("What"));
    QCOMPARE(pieces[1].toString(), QStringLiteral("Ġis"));
    QVERIFY(pieces.contains(QStringLiteral("1"))
            && pieces.contains(QStringLiteral("7"))); // digits stand alone

    const QTemporaryDir folder;
    QFile list(folder.filePath("list.json"));
    QVERIFY(list.open(QIODevice::WriteOnly));
    list.write("[\"\", \"What is 17 + 25?\\n\", \"[a]\"]");
    list.close();
    const CliResult many =
        runCli({"tokenize", demoModel(), "--file", list.fileName(), "--no-special", "--json"});
    QCOMPARE(many.exitCode, 0);
    QCOMPARE(many.json()["ids"].toArray().size(), 3);
    QCOMPARE(many.json()["ids"].toArray()[1].toArray(), ids);
    QCOMPARE(many.json()["decoded"].toArray()[2].toString(), "[a]");
}

void TestInspect::names_whatIsWrongWithAFolder_data()
{
    QTest::addColumn<QString>("what");
    QTest::addColumn<QString>("part");
    QTest::newRow("no config") << "no config"
                               << "config.json";
    QTest::newRow("unknown architecture") << "unknown"
                                          << "Mamba";
    QTest::newRow("cut weights") << "cut"
                                 << "model.safetensors";
    QTest::newRow("pickle") << "pickle"
                            << "pickle";
}

void TestInspect::names_whatIsWrongWithAFolder()
{
    QFETCH(QString, what);
    QFETCH(QString, part);
    const QTemporaryDir folder;
    writeTinyModel(folder.path().toStdString());
    const QString config = folder.filePath("config.json");
    const QString weights = folder.filePath("model.safetensors");
    if (what == "no config") {
        QVERIFY(QFile::remove(config));
    } else if (what == "unknown") {
        QFile file(config);
        QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
        file.write(R"({"architectures": ["MambaForCausalLM"], "model_type": "mamba"})");
    } else if (what == "cut") {
        QVERIFY(QFile::resize(weights, QFileInfo(weights).size() - 100));
    } else {
        QVERIFY(QFile::rename(weights, folder.filePath("pytorch_model.bin")));
    }
    const CliResult result = runCli({"inspect", folder.path(), "--json"});
    QCOMPARE(result.exitCode, 3);
    QVERIFY(result.hasOneError());
    QVERIFY2(result.err.contains(part.toUtf8())
                 || (what == "unknown" && result.err.contains("mamba")),
             result.err.constData());
    QVERIFY(result.out.isEmpty());
}

QTEST_GUILESS_MAIN(TestInspect)
#include "tst_inspect.moc"
