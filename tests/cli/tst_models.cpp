// SPDX-License-Identifier: GPL-3.0-or-later
// models: the list of what is at hand, as text and as JSON.
#include "tests/cli/cli_process.h"
#include "tests/core/catalog/model_stores.h"

#include <QDir>
#include <QJsonArray>
#include <QTemporaryDir>
#include <QtTest/QtTest>

#include <memory>

using namespace pissarro;
using namespace pissarro::tests;
namespace fs = std::filesystem;

class TestModels : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void lists_whereProgramsPutThem();
    void lists_foldersThatAreNamed();
    void prints_textForPeople();
    void searches_andFits();
    void refuses();

private:
    fs::path path(const char* name) const { return m_folder->path().toStdString() + "/" + name; }
    CliResult run(const QStringList& more) const
    {
        return runCli(QStringList {"models"} + more, m_folder->path());
    }
    static QJsonObject named(const QJsonObject& list, const char* name)
    {
        for (const QJsonValue& one : list["models"].toArray()) {
            if (one["name"].toString() == QLatin1String(name)) {
                return one.toObject();
            }
        }
        return {};
    }

    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestModels::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    for (const char* name : {"HF_HOME", "HUGGINGFACE_HUB_CACHE", "OLLAMA_MODELS"}) {
        qunsetenv(name);
    }
    qputenv("HOME", QByteArray::fromStdString(path("home").string()));
    qputenv("XDG_CACHE_HOME", QByteArray::fromStdString(path("cache").string()));
    qputenv("HF_HUB_CACHE", QByteArray::fromStdString(path("hub").string()));
    writeTinyModel(path("tiny"));
    fs::create_directories(path("hub"));
    test::writeHubRepository(path("hub"), "models--org--tiny", path("tiny"));
    test::writeManifest(path("home") / ".ollama/models", "registry.ollama.ai/library/gone/1b",
                        test::ollamaManifest(test::digestOf('a'), 1));
    fs::create_directories(path("home") / ".lmstudio/models/maker/Strange-GGUF");
    test::writeBytes(path("home") / ".lmstudio/models/maker/Strange-GGUF/x.gguf",
                     test::strangeGguf());
}

void TestModels::lists_whereProgramsPutThem()
{
    const CliResult result = run({"--json"});
    QCOMPARE(result.exitCode, 0);
    const QJsonObject list = result.json();
    QCOMPARE(list["models"].toArray().size(), 3);
    const QJsonObject tiny = named(list, "org/tiny");
    QCOMPARE(tiny["architecture"].toString(), "LLaMA");
    QCOMPARE(tiny["place"].toString(), "hub");
    QCOMPARE(tiny["dtype"].toString(), "F32");
    QCOMPARE(tiny["layers"].toInt(), int {kTinyLayers});
    QCOMPARE(tiny["fits"].toString(), "fits");
    QVERIFY(tiny["problem"].isNull() && tiny["version"].isNull());
    const QJsonObject need = tiny["training_bytes"].toObject();
    for (const char* how : {"adapter", "four_bit", "full"}) {
        const QJsonObject parts = need[how].toObject();
        double sum = 0.0;
        for (const char* part : {"weights", "adapters", "optimizer", "activations", "program"}) {
            sum += parts[part].toDouble();
        }
        QVERIFY(sum > 0.0);
        QCOMPARE(parts["total"].toDouble(), sum);
    }
    // What is listed is what the other verbs open.
    QCOMPARE(runCli({"inspect", tiny["path"].toString(), "--json"}).json()["parameters"],
             tiny["parameters"]);
    QVERIFY(named(list, "gone:1b")["problem"].toString().contains("not there"));
    QVERIFY(named(list, "gone:1b")["training_bytes"].isNull());
    QCOMPARE(named(list, "maker/Strange-GGUF")["architecture"].toString(), "phi9");
    QVERIFY(list["memory_bytes"].toDouble() > 1e8);
    bool isAway = false; // a place that is not there is named, too
    for (const QJsonValue& one : list["places"].toArray()) {
        isAway = isAway || !one["there"].toBool();
    }
    QVERIFY(isAway);
}

void TestModels::lists_foldersThatAreNamed()
{
    const QJsonObject list = run({"tiny", "hub", "--json", "--rescan"}).json();
    QCOMPARE(list["models"].toArray().size(), 2);
    QCOMPARE(named(list, "tiny")["place"].toString(), "folder");
    QCOMPARE(named(list, "org/tiny")["parameters"], named(list, "tiny")["parameters"]);
    fs::create_directory_symlink(path("hub"), path("hub") / "again");
    const CliResult noted = run({"hub"});
    QCOMPARE(noted.exitCode, 0);
    QVERIFY(noted.err.contains("warning: ") && noted.err.contains("is a link to a folder"));
}

void TestModels::prints_textForPeople()
{
    const CliResult result = run({});
    QCOMPARE(result.exitCode, 0);
    const QString text = QString::fromUtf8(result.out);
    QVERIFY(text.contains("org/tiny") && text.contains("LLaMA") && text.contains("F32"));
    QVERIFY(text.contains("architecture 'phi9' is not supported"));
    for (const QString& line : text.split('\n')) {
        QVERIFY(!line.endsWith(' '));
    }
    fs::create_directories(path("empty"));
    const CliResult none = run({"empty"});
    QCOMPARE(none.exitCode, 0);
    QVERIFY(none.out.isEmpty() && none.err.contains("no model was found (looked in "));
}

void TestModels::searches_andFits()
{
    QCOMPARE(run({"--search", "TINY llama", "--json"}).json()["models"].toArray().size(), 1);
    QCOMPARE(run({"--search", "tiny qwen", "--json"}).json()["models"].toArray().size(), 0);
    const QJsonObject fitting = run({"--fits", "--json"}).json();
    QCOMPARE(fitting["models"].toArray().size(), 1);
    QVERIFY(!named(fitting, "org/tiny").isEmpty());
}

void TestModels::refuses()
{
    const CliResult result = run({"nowhere"});
    QCOMPARE(result.exitCode, 3);
    QVERIFY(result.hasOneError({"nowhere", "there is no such folder"}));
    QCOMPARE(run({"--limit"}).exitCode, 2);
}

QTEST_GUILESS_MAIN(TestModels)
#include "tst_models.moc"
