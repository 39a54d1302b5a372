// SPDX-License-Identifier: GPL-3.0-or-later
// A run in the place of a model, of every verb that takes one: the right model, or one line that says what to name.
#include "tests/cli/cli_process.h"
#include "tests/cli/hostile_cases.h"

#include <QJsonArray>
#include <QtTest/QtTest>

#include <filesystem>

using namespace pissarro;
using namespace pissarro::tests;

class TestRunsAsModels : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        writeRightInputs(m_folder.path().toStdString());
        for (const char* method : {"lora", "qlora", "full"}) {
            QVERIFY(train(method, "model", method).exitCode == 0);
        }
    }

    void inspects_whatTheRunStandsOn()
    {
        const auto pathOf = [this](const char* run) {
            return this->run({"inspect", run, "--json"}).json()["path"].toString();
        };
        QCOMPARE(pathOf("lora"), path("model"));
        QCOMPARE(pathOf("qlora"), path("qlora/base"));
        QCOMPARE(pathOf("full"), path("full/model"));
        const QJsonObject lora = run({"inspect", "lora", "--json"}).json();
        QCOMPARE(lora["adapter"].toString(), QString("lora/adapter"));
        QCOMPARE(lora["run"].toString(), QString("lora"));
        QVERIFY(run({"inspect", "full", "--json"}).json()["adapter"].isNull());
        QVERIFY(!run({"inspect", "model", "--json"}).json().contains("run"));
    }

    void reads_theWeightsThatTheRunWrote_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::newRow("spectrum") << QStringList {"spectrum", "full", "-o", "out/s.json"};
        QTest::newRow("meter") << QStringList {"spectrum", "full", "--meter", "--ranks", "2"};
        QTest::newRow("advise") << QStringList {"advise", "full", "-o", "out/a.json"};
        QTest::newRow("quant-error") << QStringList {"quant-error", "full", "--rank", "2",
                                                     "--iters",     "1",    "-o",     "out/q.json"};
        QTest::newRow("init") << QStringList {"init",   "full", "--method", "pissa",
                                              "--rank", "2",    "-o",       "out/init"};
        QTest::newRow("train") << trainingOf("lora", "full", "out/next");
    }

    void reads_theWeightsThatTheRunWrote()
    {
        QFETCH(QStringList, arguments);
        const CliResult own = run(arguments);
        QVERIFY2(own.exitCode == 0, own.err.constData());
        if (arguments.first() == QLatin1String("train")) {
            QCOMPARE(jsonObjectOf(path("out/next/run.json"))["model"].toString(),
                     path("full/model"));
        } else if (arguments.last().endsWith(".json")) {
            QStringList model = arguments;
            model[1] = "full/model";
            model.last() = "out/model.json";
            QVERIFY(run(model).exitCode == 0);
            QCOMPARE(contentOf(path(arguments.last())), contentOf(path("out/model.json")));
            QVERIFY(QFile::remove(path("out/model.json")));
        }
        QStringList adapters = arguments; // in no one folder
        adapters.replace(adapters.indexOf("full"), "lora");
        if (arguments.contains("-o")) {
            adapters.last().replace("out/", "out/none-");
        }
        const CliResult none = run(adapters);
        QVERIFY2(
            none.exitCode != 0
                && none.hasOneError({"lora: is a run", "export RUN --as merged", path("model")}),
            none.err.constData());
        QVERIFY(!arguments.contains("-o") || !QFile::exists(path(adapters.last())));
    }

    void compares_withARun()
    {
        const auto against = [this](const char* base, const char* tuned) {
            QJsonObject json = run({"spectrum", base, "--against", tuned, "--json"}).json();
            json.remove("tuned"); // as it was named
            return json;
        };
        const QJsonObject lora = against("model", "lora");
        QVERIFY(!lora["modules"].toArray().isEmpty());
        QCOMPARE(lora, against("model", "lora/adapter"));
        QCOMPARE(against("model", "full"), against("model", "full/model"));
        QCOMPARE(against("qlora/base", "qlora"), against("qlora/base", "qlora/adapter"));
        QVERIFY(!against("qlora/base", "qlora").isEmpty());
        const CliResult astray = run({"spectrum", "model", "--against", "qlora"});
        QVERIFY2(astray.hasOneError({"qlora: its adapter belongs to qlora/base", path("model")}),
                 astray.err.constData());
    }

    void namesTheAdapter_whereARunIsNoAdapter()
    {
        const CliResult spoken =
            run({"generate", "model", "--adapter", "lora", "--prompt", "a b", "--greedy"});
        QVERIFY2(spoken.hasOneError({"lora: is a run", "lora/adapter"}), spoken.err.constData());
        const CliResult begun =
            run(trainingOf("lora", "model", "out/begun") + QStringList {"--init-adapter", "lora"});
        QVERIFY2(begun.hasOneError({"lora: is a run", "lora/adapter"}), begun.err.constData());
        QVERIFY(!QFile::exists(path("out/begun")));
    }

    void namesTheRun_inAFolderOfTwins_data()
    {
        QTest::addColumn<QStringList>("arguments");
        const QStringList alone {"generate", "model", "--prompt", "a", "--adapter", "twins"};
        QTest::newRow("export") << QStringList {"export", "twins", "--as", "lora", "-o", "out/e"};
        QTest::newRow("generate") << QStringList {"generate", "twins", "--prompt", "a"};
        QTest::newRow("inspect") << QStringList {"inspect", "twins"};
        QTest::newRow("adapter") << alone;
        QTest::newRow("train") << trainingOf("lora", "twins", "out/t");
        QTest::newRow("train on an adapter")
            << trainingOf("lora", "model", "out/t") + QStringList {"--init-adapter", "twins"};
    }
    void namesTheRun_inAFolderOfTwins()
    {
        for (const char* method : {"lora", "pissa"}) {
            QVERIFY(QDir().mkpath(path(QString("twins/") + method)));
            QFile::copy(path("lora/run.json"), path(QString("twins/%1/run.json").arg(method)));
        }
        QFETCH(QStringList, arguments);
        const CliResult result = run(arguments);
        QCOMPARE(result.exitCode, 3);
        QVERIFY2(result.hasOneError({"holds the runs of several methods", "twins/"}),
                 result.err.constData());
    }

    void takes_theTokenizerOfTheRun()
    {
        QVERIFY(QFile::exists(path("data.jsonl")));
        QFile jinja(path("t.jinja"));
        QVERIFY(jinja.open(QIODevice::WriteOnly));
        jinja.write("{% for m in messages %}{{ m.content }}{% endfor %}");
        jinja.close();
        QFile messages(path("m.json"));
        QVERIFY(messages.open(QIODevice::WriteOnly));
        messages.write(R"([{"role": "user", "content": "a b"}])");
        messages.close();
        for (const char* name : {"lora", "qlora", "full"}) {
            const QStringList text {"--text", "a b", "--json"};
            QCOMPARE(run(QStringList {"tokenize", name} + text).out,
                     run(QStringList {"tokenize", "model"} + text).out);
            const QStringList rendered {"render", "t.jinja", "--messages",
                                        "m.json", "--json",  "--tokenizer"};
            const CliResult result = run(rendered + QStringList {name});
            QVERIFY2(result.exitCode == 0, result.err.constData());
            QCOMPARE(result.out, run(rendered + QStringList {"model"}).out);
        }
    }

    void refuses_aTokenizerThatChanged_data()
    {
        QTest::addColumn<QString>("method");
        QTest::addColumn<QString>("place"); // of the tokenizer that speaks
        QTest::newRow("the model's") << "lora"
                                     << "base";
        QTest::newRow("its four-bit base's") << "qlora"
                                             << "tuned/base";
        QTest::newRow("its own model's") << "full"
                                         << "tuned/model";
    }

    void refuses_aTokenizerThatChanged()
    {
        QFETCH(QString, method);
        QFETCH(QString, place);
        namespace fs = std::filesystem;
        for (const char* old : {"base", "tuned"}) {
            fs::remove_all(path(old).toStdString());
        }
        fs::copy(path("model").toStdString(), path("base").toStdString());
        QVERIFY(train(method, "base", "tuned").exitCode == 0);
        const QList<QStringList> verbs {
            {"generate", "tuned", "--prompt", "a b", "--greedy", "--max-new-tokens", "1"},
            {"logits", "tuned", "--ids", "ids.json", "-o", "out/changed.safetensors", "--force"},
            {"tokenize", "tuned", "--text", "a b"},
            {"inspect", "tuned"},
            {"export", "tuned", "--as", "merged", "-o", "out/changed", "--force"}};
        for (const QStringList& verb : verbs) {
            const CliResult result = run(verb);
            QVERIFY2(result.exitCode == 0, result.err.constData());
        }
        QFile file(path(place + "/tokenizer_config.json"));
        QVERIFY(file.exists() && file.open(QIODevice::Append));
        file.write(" ");
        file.close();
        for (const QStringList& verb : verbs) {
            const CliResult result = run(verb);
            QVERIFY2(result.exitCode == 3, result.err.constData());
            QVERIFY2(result.hasOneError({"tuned: the tokenizer of ",
                                         place + " changed since the run trained on it"}),
                     result.err.constData());
        }
    }

private:
    QString path(const QString& name) const { return m_folder.filePath(name); }
    CliResult run(const QStringList& arguments) const { return runCli(arguments, m_folder.path()); }

    static QStringList trainingOf(const QString& method, const QString& model, const QString& out)
    {
        return {"train",   "--model",      model, "--data",  "data.jsonl", "--method",
                method,    "--rank",       "2",   "--alpha", "2",          "--dtype",
                "float32", "--device",     "cpu", "--lr",    "0.01",       "--steps",
                "2",       "--batch-size", "2",   "-o",      out};
    }

    CliResult train(const QString& method, const QString& model, const QString& out) const
    {
        CliResult result = run(trainingOf(method, model, out));
        if (result.exitCode != 0) {
            qWarning() << result.err;
        }
        return result;
    }

    QTemporaryDir m_folder;
};

QTEST_GUILESS_MAIN(TestRunsAsModels)
#include "tst_runs_as_models.moc"
